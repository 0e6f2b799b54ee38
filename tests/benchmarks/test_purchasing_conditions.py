"""The conditions benchmark: its shop against cases worked by hand and the agent, and one whole run."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from regisseur.agents.purchasing import AGENT

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks"
Wanted = Mapping[int, tuple[float, int]]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that lives through weeks."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("purchasing_shop")


@pytest.fixture
def bench(shop: ModuleType) -> ModuleType:
    """The module of the conditions."""
    return importlib.import_module("purchasing_conditions")


@pytest.fixture
def cash(shop: ModuleType) -> ModuleType:
    """The module of the nights short of cash."""
    return importlib.import_module("purchasing_cash")


def lived(shop: ModuleType, orders: Mapping[int, float], takes: int) -> SimpleNamespace:
    """One item used by 7 a week, 14 agreed; week 2 asks 14. Stock at the start is 1.5 x 21."""
    demand = np.array([[7.0] * 36 + [7.0, 7.0, 14.0, 7.0]])
    terms = (shop.Terms("s", 14, breaks=((0, 1.0), (20, 0.9))),)
    place = shop.Shop(demand, 36, terms)

    def decide(night: SimpleNamespace) -> Wanted:
        return {0: (orders[night.week], 14)} if night.week in orders else {}

    found: SimpleNamespace = shop.live(place, decide, lambda item, week: takes)
    return found


def test_the_shop_agrees_with_a_case_worked_by_hand(shop: ModuleType) -> None:
    # 32 on the first day. Nothing ordered: at the ends of the days 31 ... 25, 24 ... 18, then two a
    # day: 16, 14 ... 4, then 3, 2, 1, 0, -1, -2, -3.
    found = lived(shop, {}, 14)
    held = sum(range(18, 32)) + sum(range(4, 18, 2)) + 3 + 2 + 1
    assert found.holding == pytest.approx(held / 7 / 7 / 4)
    assert found.backorders == pytest.approx((1 + 2 + 3) * 19 / 7 / 7 / 4)
    assert found.fill == pytest.approx(32 / 35)
    assert found.ordering == pytest.approx(0)


def test_goods_come_on_their_day(shop: ModuleType) -> None:
    # 10 ordered in week 2 (day 14) come after 12 days, on day 26, when one is missing; stock then
    # ends the days 26 and 27 with 8 and 7.
    found = lived(shop, {2: 10}, 12)
    held = sum(range(18, 32)) + sum(range(4, 18, 2)) + 3 + 2 + 1 + 8 + 7
    assert found.holding == pytest.approx(held / 7 / 7 / 4)
    assert found.backorders == pytest.approx(1 * 19 / 7 / 7 / 4)
    assert found.ordering == pytest.approx(16 / 2 / 4)


def test_what_is_sold_costs_the_mean_of_what_is_there(shop: ModuleType) -> None:
    # 8 more at the start at nine tenths of the price are no break; 32 more make the mean 0.95.
    assert lived(shop, {0: 8}, 14).paid == pytest.approx(0)
    week = 0.2 * 7 / 365
    assert lived(shop, {0: 32}, 14).paid == pytest.approx(-0.05 * 35 / 7 / 4 / week)


def test_the_shop_orders_what_the_agent_proposes(shop: ModuleType) -> None:
    random = np.random.default_rng(4)
    demand = random.poisson(random.uniform(1, 20, (12, 1)), (12, 60)).astype(np.float64)
    receipts = tuple(
        (n, -30 * k, int(random.integers(5, 25))) for n in range(12) for k in (1, 2, 3)
    )
    terms = tuple(shop.Terms(f"s{n % 2}", 14, 5, 5) for n in range(12))
    place = shop.Shop(demand, 52, terms, receipts=receipts)
    state = shop.start(place)
    state.net = np.round(state.net * random.uniform(-0.1, 1, 12))
    state.orders.append(shop.Order(3, 10, -7, 7, 7))
    night = shop.Night(place, state, 2)
    wanted = {
        int(line["item_id"]): float(line["quantity"])
        for proposal in AGENT.judge(night.seen(), night.brief).proposals
        if proposal.kind == "place_purchase_order"
        for line in proposal.arguments["lines"]
    }
    assert {item: units for item, (units, _) in shop.product(night).items()} == wanted
    assert 0 < len(wanted) <= 12


def test_months_are_spread_over_four_weeks(shop: ModuleType, bench: ModuleType) -> None:
    replays = importlib.import_module("purchasing_replay")
    months = np.array([[8.0] * 40, [0.0] * 39 + [5.0]])
    weeks, history = bench.weekly(replays.Series("parts", months, lead_time=1, cycle=3))
    assert history == 144
    assert (weeks.reshape(2, 40, 4).sum(axis=2) == months).all()


def test_a_season_keeps_the_mean(shop: ModuleType, bench: ModuleType) -> None:
    flat = np.full((40, 130), 10.0)
    assert (bench.swung(flat, 0.0, np.random.default_rng(1)) == flat).all()
    swung = bench.swung(flat, 0.6, np.random.default_rng(1))
    assert swung.mean() == pytest.approx(10, rel=0.05)
    assert (swung.min(), swung.max()) == (4, 16)


def test_orders_are_raised_to_a_break_in_whole_packs(bench: ModuleType, shop: ModuleType) -> None:
    terms = shop.Terms("s", 14, multiple=8, breaks=((0, 1.0), (20, 0.9)))
    assert (bench.packed(terms, 20), bench.packed(terms, 24)) == (24, 24)
    assert (terms.price(19), terms.price(20)) == (1.0, 0.9)


def test_hindsight_is_best_and_everything_fits_without_a_limit(
    cash: ModuleType, bench: ModuleType
) -> None:
    random = np.random.default_rng(2)
    demand = random.poisson(random.uniform(1, 10, (10, 1)) * random.gamma(1, 1, (10, 52)))
    avoided, total = cash.nights(demand.astype(np.float64), 36, random)
    for limit in cash.LIMITS:
        best = avoided[limit, "hindsight, per euro"].sum()
        assert 0 < best <= total * (1 + 1e-9)
        assert best >= max(avoided[limit, name].sum() for name in cash.RULES) * 0.9


def test_whole_run_on_a_few_products(tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    command = [sys.executable, str(FOLDER / "purchasing_conditions.py"), "--date", "2026-01-31"]
    done = subprocess.run(
        [*command, "--items", "4", "--output", str(output)],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(output.read_text())["uci_weekly_sample"]
    assert (found["date"], found["items"]) == ("2026-01-31", 4)
    rows = found["rows"]
    assert {row["condition"] for row in rows} == {"lead times", "quantities", "season", "cash"}
    assert all(row["difference"] == 0 for row in rows if row["policy"] == "the product")
    assert len(rows) == done.stdout.count("\n")
