"""Forecasts and quantiles against values worked by hand, SciPy, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import nbinom

from regisseur.agents.purchasing.forecast import (
    Method,
    cumulative,
    economic_quantity,
    expected_short,
    forecast,
    quantile,
)

METHODS: tuple[Method, ...] = ("tsb", "ses", "sba")

series = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 30)),
    elements=st.integers(0, 500).map(float),
)
means = st.floats(0.01, 500)
ratios = st.floats(0.1, 50)
services = st.floats(0.5, 0.999)


def one(*values: float) -> np.ndarray:
    return np.array([values], dtype=np.float64)


def test_tsb_by_hand() -> None:
    # history 0 2 0 4: half of the periods have demand (b = 1/2), of 3 on average (z = 3).
    # b: .45, .505, .4545, .50905   z: 3, 2.9, 2.9, 3.01 (alpha 0.1)
    level = forecast(one(0, 2, 0, 4)).level
    assert level[0] == pytest.approx([1.5, 1.35, 1.4645, 1.31805, 1.5322405])


def test_ses_by_hand() -> None:
    # start: mean of 10 20 30 = 20, then 20 - 1, 19 + .1, 19.1 + 1.09
    level = forecast(one(10, 20, 30), method="ses").level
    assert level[0] == pytest.approx([20, 19, 19.1, 20.19])


def test_sba_by_hand() -> None:
    # interval 2, size 3; after 0: unchanged; after 2 (waited 2): size 2.9, interval 2; ...
    level = forecast(one(0, 2, 0, 4), method="sba").level
    assert level[0] == pytest.approx([0.95 * x for x in (1.5, 1.5, 1.45, 1.45, 3.01 / 2)])


def test_error_variance_by_hand() -> None:
    # start: population variance of 10 20 30; then 5 % of (10-20)^2, (20-19)^2, (30-19.1)^2
    variance = forecast(one(10, 20, 30), method="ses").variance
    first = 200 / 3
    second = 0.95 * first + 0.05 * 100
    third = 0.95 * second + 0.05
    assert variance[0] == pytest.approx([first, second, third, 0.95 * third + 0.05 * 10.9**2])


def test_a_later_start_forgets_the_weeks_before() -> None:
    late = forecast(one(7, 7, 1, 2, 3), start=np.array([2]))
    alone = forecast(one(1, 2, 3))
    assert late.level[0, -1] == pytest.approx(alone.level[0, -1])
    assert late.variance[0, -1] == pytest.approx(alone.variance[0, -1])


def test_economic_quantity_of_the_textbook() -> None:
    # Heizer and Render, Operations Management: D = 1000, S = 10, H = 0.50 gives 200.
    assert economic_quantity(1000, 10, 0.5) == pytest.approx(200)


@pytest.mark.parametrize("method", METHODS)
@given(demand=series)
def test_forecasts_are_never_negative(method: Method, demand: np.ndarray) -> None:
    result = forecast(demand, method=method)
    assert np.all(result.level >= 0)
    assert np.all(result.variance >= 0)
    assert np.all(np.isfinite(result.level))


@pytest.mark.parametrize("method", METHODS)
def test_no_demand_means_no_forecast_and_no_stock(method: Method) -> None:
    result = forecast(np.zeros((1, 20)), method=method)
    assert result.level[0, -1] == 0
    assert quantile(result.level[:, -1], result.variance[:, -1], 0.95)[0] == 0


@pytest.mark.parametrize("method", METHODS)
@given(demand=series)
def test_items_do_not_influence_each_other(method: Method, demand: np.ndarray) -> None:
    together = forecast(demand, method=method).level
    apart = np.vstack([forecast(row[None, :], method=method).level for row in demand])
    assert np.array_equal(together, apart)


@pytest.mark.parametrize("method", METHODS)
def test_tsb_lets_a_dying_item_die_and_sba_does_not(method: Method) -> None:
    dying = np.array([[5.0] * 20 + [0.0] * 40])
    level = forecast(dying, method=method, history=20).level[0, -1]
    assert (level > 4) == (method == "sba")


@given(mean=means, ratio=st.floats(1.1, 50), service=services)
def test_the_quantile_is_that_of_scipy(mean: float, ratio: float, service: float) -> None:
    m, v = np.array([mean]), np.array([mean * ratio])
    size = mean**2 / (mean * ratio - mean)
    expected = nbinom.ppf(service, size, size / (size + mean))
    found = quantile(m, v, service)[0]
    if found != expected:  # a step of the distribution within rounding of the service level
        edge = float(cumulative(m, v, np.array([min(found, expected)]))[0])
        assert edge == pytest.approx(service, abs=1e-9)


@given(mean=means, ratio=ratios, service=services)
def test_the_quantile_is_the_smallest_that_is_enough(
    mean: float, ratio: float, service: float
) -> None:
    m, v = np.array([mean]), np.array([mean * ratio])
    found = quantile(m, v, service)
    assert cumulative(m, v, found)[0] >= service
    assert found[0] == 0 or cumulative(m, v, found - 1)[0] < service


@given(mean=means, ratio=ratios, service=services, more=st.floats(0.0, 0.4))
def test_more_service_never_needs_less_stock(
    mean: float, ratio: float, service: float, more: float
) -> None:
    m, v = np.array([mean]), np.array([mean * ratio])
    higher = service + more * (0.9995 - service)
    assert quantile(m, v, higher)[0] >= quantile(m, v, service)[0]


@given(mean=means, ratio=ratios, periods=st.floats(0.1, 20), more=st.floats(0.1, 20))
def test_a_longer_time_to_cover_never_needs_less_stock(
    mean: float, ratio: float, periods: float, more: float
) -> None:
    m, v = np.array([mean]), np.array([mean * ratio])
    longer = periods + more
    short = quantile(periods * m, periods * v, 0.95)
    assert quantile(longer * m, longer * v, 0.95)[0] >= short[0]


@settings(deadline=None)
@given(mean=st.floats(0.05, 60), ratio=st.floats(1.05, 8), stock=st.integers(-5, 80))
def test_expected_shortage_is_the_sum_over_all_demands(
    mean: float, ratio: float, stock: int
) -> None:
    size = mean**2 / (mean * ratio - mean)
    demand = np.arange(0, 6000)
    weight = nbinom.pmf(demand, size, size / (size + mean))
    expected = float((np.maximum(demand - stock, 0) * weight).sum())
    found = expected_short(np.array([mean]), np.array([mean * ratio]), np.array([float(stock)]))
    assert found[0] == pytest.approx(expected, rel=1e-4, abs=1e-6)


@given(mean=means, ratio=ratios, stock=st.floats(-10, 600), more=st.floats(0, 50))
def test_more_stock_never_leaves_more_short(
    mean: float, ratio: float, stock: float, more: float
) -> None:
    m, v = np.array([mean]), np.array([mean * ratio])
    less = expected_short(m, v, np.array([stock + more]))[0]
    assert 0 <= less <= expected_short(m, v, np.array([stock]))[0] + 1e-6
