"""The purchasing benchmark: its simulator against cases worked by hand, and one whole run."""

import gzip
import importlib
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that replays."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("purchasing_replay")


@pytest.fixture
def policies(shop: ModuleType) -> ModuleType:
    """The module of the policies."""
    return importlib.import_module("purchasing_policies")


TAIL = [6.0, 3.0, 0.0, 4.0]
"""Demand of the four periods replayed, after 36 of 2 each."""


def one_item(shop: ModuleType, tail: list[float], lead_time: int = 1) -> object:
    demand = np.array([[2.0] * 36 + tail])
    return shop.Series("one", demand, lead_time=lead_time, cycle=3)


def test_replay_agrees_with_a_case_worked_by_hand(shop: ModuleType) -> None:
    # Mean 2, so a unit held costs 0.5 and a unit missing 0.5 x 19; lot 6; an order costs 4.5.
    # Start: 1.5 x 2 periods x 2 = 6. Reorder below 7.
    #   0: position 6 < 7, order max(6, 7 + 6 - 6) = 7 for period 1. Serves 6 of 6, 0 left.
    #   1: 7 come; position 7 is not below 7, no order. Serves 3, 4 left.
    #   2: position 4 < 7, order 9 for period 3. Nothing asked, 4 left.
    #   3: 9 come, 13; no order. Serves 4, 9 left.
    found = shop.replay(one_item(shop, TAIL), lambda view: np.array([7.0]), 0.95)
    assert found.holding == pytest.approx((0 + 4 + 4 + 9) * 0.5 / 4)
    assert found.backorders == pytest.approx(0)
    assert found.ordering == pytest.approx(2 * 4.5 / 4)
    assert (found.fill_by_turnover, found.fill_by_units) == (1, 1)


def test_replay_counts_what_is_on_order(shop: ModuleType) -> None:
    # Start: 1.5 x 3 periods x 2 = 9, reorder below 7.
    #   0: position 9, no order. Serves 4, 5 left.
    #   1: position 5 < 7, order 8 for period 3. Serves 4, 1 left.
    #   2: position 1 + 8, no order. Serves 1, 3 wait.
    #   3: 8 come, 5 after those that waited; position 5 < 7, order 8. Serves 4, 1 left.
    series = one_item(shop, [4.0] * 4, lead_time=2)
    found = shop.replay(series, lambda view: np.array([7.0]), 0.95)
    assert found.holding == pytest.approx((5 + 1 + 1) * 0.5 / 4)
    assert found.backorders == pytest.approx(3 * 0.5 * 19 / 4)
    assert found.ordering == pytest.approx(2 * 4.5 / 4)
    assert found.fill_by_units == pytest.approx(13 / 16)


def test_replay_counts_what_waits_as_missing_each_period(shop: ModuleType) -> None:
    # Never order: 6, then 0, -3, -3, -7; of 13 asked only the first 6 are served at once.
    found = shop.replay(one_item(shop, TAIL), lambda view: np.array([-99.0]), 0.95)
    assert found.holding == pytest.approx(0)
    assert found.backorders == pytest.approx((3 + 3 + 7) * 0.5 * 19 / 4)
    assert found.ordering == pytest.approx(0)
    assert found.fill_by_units == pytest.approx(6 / 13)


def test_fill_by_turnover_gives_each_item_its_value(shop: ModuleType) -> None:
    # 100 of the cheap item asked, 30 served at once; 2 of the dear one, both served.
    demand = np.array([[10.0] * 36 + [100.0], [1.0] * 36 + [2.0]])
    series = shop.Series("two", demand, lead_time=1, cycle=3)
    found = shop.replay(series, lambda view: np.zeros(2), 0.95)
    assert found.fill_by_units == pytest.approx(32 / 102)
    assert found.fill_by_turnover == pytest.approx((3 + 2) / (10 + 2))


def test_a_policy_sees_only_the_past(shop: ModuleType) -> None:
    seen: list[int] = []

    def watching(view: object) -> object:
        seen.append(view.known.shape[1])  # type: ignore[attr-defined]
        return np.array([0.0])

    shop.replay(one_item(shop, TAIL), watching, 0.95)
    assert seen == [36, 37, 38, 39]


@pytest.mark.parametrize("tail", [TAIL, [0.0, 9.0, 9.0, 1.0], [0.0, 0.0, 0.0, 0.0], [7.0] * 4])
def test_floor_is_the_cheapest_of_all_plans(shop: ModuleType, tail: list[float]) -> None:
    series = one_item(shop, tail)

    def cost(plan: tuple[int, ...]) -> float:
        nets = 6 + np.cumsum((0, *plan)) - np.cumsum(tail)
        held = np.where(nets > 0, nets, -19 * nets).sum() * 0.5
        return float(held + 4.5 * np.count_nonzero(plan)) / 4

    best = min(cost(plan) for plan in itertools.product(range(25), repeat=3))
    assert shop.perfect(series, 0.95).cost == pytest.approx(best)


def test_the_floor_says_what_it_holds_and_serves(shop: ModuleType) -> None:
    # 6 at the start serve the first; 7 ordered for period 1 serve the rest: 4 are left twice. A
    # second order instead would cost 4.5 to save 4 held for two periods, which cost 4.
    found = shop.perfect(one_item(shop, TAIL), 0.95)
    assert found.holding == pytest.approx((0 + 4 + 4 + 0) * 0.5 / 4)
    assert found.ordering == pytest.approx(4.5 / 4)
    assert found.fill_by_units == pytest.approx(1)


def test_the_earlier_periods_end_where_the_others_begin(shop: ModuleType) -> None:
    demand = np.array([[2.0] * 36 + TAIL, [0.0] * 23 + [1.0] * 13 + TAIL])
    early = shop.Series("two", demand, lead_time=1, cycle=3).earlier()
    assert (early.demand.shape, early.history) == ((1, 36), 24)


def test_the_product_s_policy_is_made_of_the_product_s_parts(
    shop: ModuleType, policies: ModuleType
) -> None:
    known = np.random.default_rng(1).poisson(3.0, (25, 40)).astype(np.float64)
    view = shop.View(known, 3, 0.95, np.full(25, 12.0), 36)
    points = {name: policy(view) for name, policy in policies.OURS.items()}
    plain = policies.PLAIN["TSB + neg. binomial"](view)
    assert (points["... without drift"] <= points[policies.DEFAULT]).all()
    assert (points["... without drift"] < plain).any()
    assert (points["... without pooling"] != points[policies.DEFAULT]).any()


def test_a_method_is_chosen_by_item_where_it_was_clearly_cheaper(
    shop: ModuleType, policies: ModuleType
) -> None:
    # 10 every period, two to cover: 20 costs least, 60 is held for nothing, 0 is short
    view = shop.View(np.full((3, 40), 10.0), 2, 0.95, np.zeros(3), 36)
    fixed = [lambda view, s=s: np.full(3, s) for s in (60.0, 20.0, 0.0)]
    assert (policies.by_item(*fixed)(view) == 20).all()
    near = [lambda view, s=s: np.full(3, s) for s in (41.0, 40.0)]
    assert (policies.by_item(*near)(view) == 41).all()


def test_gaps_and_idle_items_are_left_out(shop: ModuleType, tmp_path: Path) -> None:
    periods = [f"{2000 + n // 12}-{n % 12 + 1:02}" for n in range(40)]
    rows = [
        ["good", "0", *["1"] * 40],
        ["better", "0", *["2"] * 40],
        ["marked", "1", *["1"] * 40],
        ["empty", "0", "", *["1"] * 39],
        ["idle", "0", "1", "1", *["0"] * 34, *["1"] * 4],
    ]
    file = tmp_path / "parts.csv.gz"
    lines = [",".join(row) for row in (["item_id", "has_gap", *periods], *rows)]
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    series = shop.read_series(file)
    assert (series.name, series.demand.shape) == ("parts", (2, 40))
    assert (series.lead_time, series.cycle) == (1, 3)


def test_too_short_a_set_is_refused(shop: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "short.csv.gz"
    lines = [",".join(["item_id", *(f"W{n}" for n in range(36))]), ",".join(["a", *["1"] * 36])]
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    with pytest.raises(SystemExit, match="36 periods; more than 36 are needed"):
        shop.read_series(file)


def test_whole_run_on_the_shipped_products(tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    output.write_text('{"earlier": {"rows": []}}')
    command = [sys.executable, str(FOLDER / "purchasing.py"), "--date", "2026-01-31"]
    done = subprocess.run(
        [*command, "--output", str(output), "--items", "60"],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(output.read_text())
    nights = ["a night of many items", "a first night, half of the items due"]
    assert list(results) == ["earlier", "uci_weekly_sample", *nights]
    found = results["uci_weekly_sample"]
    assert (found["date"], found["lead_time"], found["cycle"]) == ("2026-01-31", 2, 4)
    for ratio in (0.95, 0.98):
        cost = {row["policy"]: row["cost"] for row in found["rows"] if row["ratio"] == ratio}
        assert f"critical ratio {ratio:.0%}" in done.stdout
        floor, ours = cost["perfect information"], cost["the product"]
        best_erp = min(value for name, value in cost.items() if name.startswith("ERP"))
        assert floor < ours < best_erp
        assert all(floor < value for name, value in cost.items() if name != "perfect information")
    assert {row["policy"] for row in found["earlier"]} > {"the product", "perfect information"}
    usual, busy = (results[name] for name in nights)
    assert usual["items"] == busy["items"] == 60
    assert 0 < usual["lines"] < busy["lines"]
    assert usual["cpu_seconds"] > 0
    assert 50 < usual["peak_megabytes"] < 500
