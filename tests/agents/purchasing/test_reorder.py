"""Reorder points over an order's lot, against the sum over all positions, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regisseur.agents.purchasing.forecast import (
    drift,
    expected_short,
    pooled,
    quantile,
)
from regisseur.agents.purchasing.reorder import LEAST_SERVICE, Ahead, reorder_points

means = st.floats(0.01, 200)
ratios = st.floats(0.5, 20)
services = st.floats(0.55, 0.99)
lots = st.floats(0, 500)


def ahead(mean: float, ratio: float, periods: float = 3) -> Ahead:
    m, v = np.array([mean]), np.array([mean * ratio])
    return Ahead(m, v, m / periods, v / periods)


@pytest.mark.parametrize(("lot", "service"), [(1, 0.95), (8, 0.95), (8, 0.9), (4, 0.98)])
def test_it_is_the_cheapest_sum_over_all_positions(lot: int, service: float) -> None:
    demand = ahead(6, 2.5)
    # one review period: mean 2, variance 5, so the top weighs (5/2 + 2 + 1)/2
    weights = np.array([1.0] * lot + [2.75])

    def cost(position: int) -> float:
        short = expected_short(demand.mean, demand.variance, np.array([float(position)]))[0]
        return float(position + short / (1 - service))

    sums = [weights @ [cost(y) for y in range(s, s + lot + 1)] for s in range(40)]
    least = quantile(demand.mean, demand.variance, LEAST_SERVICE)[0]
    found = reorder_points(demand, np.array([float(lot)]), service)[0]
    assert found == max(np.argmin(sums), least)
    assert lot == 1 or found < quantile(demand.mean, demand.variance, service)[0]


@given(mean=means, ratio=ratios, lot=lots, service=services)
def test_it_lies_between_the_least_service_and_the_set_one(
    mean: float, ratio: float, lot: float, service: float
) -> None:
    demand = ahead(mean, ratio)
    found = reorder_points(demand, np.array([lot]), service)[0]
    bounds = (quantile(demand.mean, demand.variance, q)[0] for q in (LEAST_SERVICE, service))
    least, most = bounds
    assert min(least, most) <= found <= most


@given(mean=means, ratio=ratios, lot=lots, more=st.floats(0, 500), service=services)
def test_a_larger_lot_never_needs_a_higher_reorder_point(
    mean: float, ratio: float, lot: float, more: float, service: float
) -> None:
    demand = ahead(mean, ratio)
    small, large = (reorder_points(demand, np.array([q]), service)[0] for q in (lot, lot + more))
    assert large <= small


def test_without_demand_nothing_is_ordered() -> None:
    none = np.zeros(2)
    assert (reorder_points(Ahead(none, none, none, none), np.ones(2), 0.95) == 0).all()


def test_items_do_not_influence_each_other() -> None:
    mean = np.array([0.2, 3.0, 80.0])
    demand = Ahead(3 * mean, 9 * mean, mean, 3 * mean)
    lot = np.array([1.0, 12.0, 200.0])
    apart = [
        reorder_points(
            Ahead(*(x[[n]] for x in (3 * mean, 9 * mean, mean, 3 * mean))), lot[[n]], 0.95
        )[0]
        for n in range(3)
    ]
    assert reorder_points(demand, lot, 0.95).tolist() == apart


@pytest.mark.parametrize("periods", [1, 2, 3, 9])
def test_errors_drift_with_the_level(periods: int) -> None:
    sum_of_squares = sum((1 + 0.1 * j) ** 2 for j in range(periods))
    assert drift(np.array([float(periods)]), 0.1)[0] == pytest.approx(sum_of_squares / periods)


def test_part_of_a_period_errs_like_a_whole_one() -> None:
    assert drift(np.array([0.0, 0.25, 1.0]), 0.1).tolist() == [1, 1, 1]


def test_variances_are_drawn_half_way_to_the_usual_one() -> None:
    # v = 4 x f but for one item, too little to bend the line among two hundred
    level = np.linspace(1, 20, 200)
    variance = 4 * level
    variance[100] *= np.e
    found = pooled(level, variance)
    assert np.log(found[100] / (4 * level[100])) == pytest.approx(0.5, abs=0.02)
    assert found[[0, 50, 150, 199]] == pytest.approx(variance[[0, 50, 150, 199]], rel=0.02)


def test_the_more_items_differ_the_more_each_is_believed() -> None:
    level = np.full(200, 5.0)
    logs = np.where(np.arange(200) % 2, 1.0, -1.0) + np.log(50)  # a variance of 1 about the line
    found = np.log(pooled(level, np.exp(logs)))
    assert found == pytest.approx(np.log(50) + 0.8 * (logs - np.log(50)))


def test_a_few_items_are_left_as_they_are() -> None:
    level, variance = np.linspace(1, 5, 19), np.linspace(9, 3, 19)
    assert pooled(level, variance) is variance


@given(
    st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e8)), min_size=20, max_size=40),
)
def test_pooled_variances_are_finite_whatever_the_items(pairs: list[tuple[float, float]]) -> None:
    level, variance = np.array(pairs).T
    found = pooled(level, variance)
    assert np.isfinite(found).all()
    assert (found[level == 0] == variance[level == 0]).all()
    assert (found >= 0).all()
