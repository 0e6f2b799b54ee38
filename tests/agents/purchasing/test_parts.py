"""Settings, lead times, closures, seasons, buckets and the smaller rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from regisseur.agents.purchasing.findings import false_discovery
from regisseur.agents.purchasing.history import outlooks
from regisseur.agents.purchasing.leadtime import LeadTimes, arrival, latest_order_day
from regisseur.agents.purchasing.observation import Use, history_weeks, weekly_use
from regisseur.agents.purchasing.position import greater_of
from regisseur.agents.purchasing.season import find_season, week_months
from regisseur.agents.purchasing.settings import Closure, PurchasingSettings
from regisseur.tools.records import Demand, Offer, Receipt, Unit

ON = date(2026, 11, 23)
UNIT = Unit(id="u", symbol="u", category="unit", factor=Decimal(1))
AUGUST = Closure(first="08-01", last="08-21")
CHRISTMAS = Closure(first="12-24", last="01-02")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("service_level", 1),
        ("service_level", 0.4),
        ("holding_rate", 0),
        ("alpha", 1),
        ("method", "croston"),
        ("coverage_weeks", 0),
        ("review_days", 0),
        ("cash_limit", -5),
        ("lead_time_quantile", 1.2),
        ("lost_sales", 1.1),
        ("surplus_value", -1),
        ("coverage_week", 12),
    ],
)
def test_a_wrong_setting_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        PurchasingSettings.model_validate({field: value})
    assert refused.value.errors()[0]["loc"][0] == field


@pytest.mark.parametrize(
    "closure",
    [
        {"first": "08-01", "last": "2026-08-21"},
        {"first": "2026-08-21", "last": "2026-08-01"},
        {"first": "13-01", "last": "13-02"},
        {"first": "02-30", "last": "03-02"},
        {"first": "August", "last": "September"},
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(closure: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PurchasingSettings.model_validate({"closures": [closure]})


def test_a_supplier_must_be_open_some_day() -> None:
    with pytest.raises(ValidationError, match="mill: closed all year round"):
        PurchasingSettings.model_validate(
            {
                "closures": [{"first": "01-01", "last": "06-30"}],
                "suppliers": {"mill": {"closures": [{"first": "07-01", "last": "12-31"}]}},
            }
        )


def test_terms_are_found_by_id_or_code_with_the_closures_of_all() -> None:
    settings = PurchasingSettings.model_validate(
        {
            "closures": [{"first": "08-01", "last": "08-21"}],
            "suppliers": {"MILL": {"minimum_order": 300}},
        }
    )
    assert settings.terms("7", "MILL").minimum_order == 300
    assert settings.terms("7", "MILL").closures == (AUGUST,)
    assert settings.terms("8", "OTHER").minimum_order == 0


def test_a_yearly_closure_runs_over_new_year() -> None:
    assert CHRISTMAS.covers(date(2026, 12, 31))
    assert CHRISTMAS.covers(date(2027, 1, 2))
    assert not CHRISTMAS.covers(date(2027, 1, 3))


def test_closed_days_do_not_count_towards_the_lead_time() -> None:
    assert arrival(date(2026, 7, 29), 2, (AUGUST,)) == date(2026, 7, 31)
    assert arrival(date(2026, 7, 29), 3, (AUGUST,)) == date(2026, 8, 22)
    assert arrival(date(2026, 8, 10), 3, (AUGUST,)) == date(2026, 8, 25)


def test_the_last_order_day_lies_before_the_closure() -> None:
    assert latest_order_day(date(2026, 8, 23), 5, (AUGUST,)) == date(2026, 7, 28)
    assert latest_order_day(ON + timedelta(days=3), 10, ()) == ON - timedelta(days=7)


days = st.dates(date(2026, 1, 1), date(2028, 1, 1))


@given(start=days, lead=st.integers(0, 60), gap=st.integers(0, 40))
def test_later_orders_never_arrive_earlier(start: date, lead: int, gap: int) -> None:
    closures = (AUGUST, CHRISTMAS)
    first = arrival(start, lead, closures)
    assert first >= start + timedelta(days=lead)
    assert not any(closure.covers(first) for closure in closures)
    assert arrival(start + timedelta(days=gap), lead, closures) >= first


def receipt(item: str, taken: int) -> Receipt:
    return Receipt(
        supplier_id="s",
        item_id=item,
        ordered_on=ON - timedelta(days=100),
        received_on=ON - timedelta(days=100 - taken),
        quantity=Decimal(1),
    )


def offer(item: str, lead: int | None) -> Offer:
    return Offer(id="o", item_id=item, supplier_id="s", unit=UNIT, currency="EUR", lead_time=lead)


def test_lead_times_are_learned_from_enough_receipts() -> None:
    leads = LeadTimes([receipt("a", n) for n in (8, 9, 10, 12, 20)], PurchasingSettings())
    learned = leads.of(offer("a", 7))
    assert learned is not None
    # 80 % of five receipts are four of them: none of these took more than 12 days.
    assert (learned.days, learned.learned, learned.receipts) == (12, 12, 5)
    other = leads.of(offer("b", 30))
    assert other is not None
    assert (other.days, other.agreed, other.learned) == (30, 30, 12)


def test_mean_and_variance_are_of_the_item_s_receipts_and_of_five_usual_ones() -> None:
    # Item a took 10 days twice, b took 20 twice and 15 once: usual is 15, variance 100/4 = 25.
    taken = [("a", 10), ("a", 10), ("b", 20), ("b", 20), ("b", 15)]
    leads = LeadTimes([receipt(item, n) for item, n in taken], PurchasingSettings())
    a = leads.of(offer("a", 7))
    assert a is not None
    mean = (10 + 10 + 5 * 15) / 7
    squares = 2 * (10 - mean) ** 2 + 5 * (25 + (15 - mean) ** 2)
    assert a.mean == pytest.approx(mean)
    assert a.variance == pytest.approx(squares / 7)
    unseen = leads.of(offer("c", None))
    assert unseen is not None
    assert (unseen.mean, unseen.variance) == (15, 25)


def test_a_longer_agreed_time_counts_as_five_receipts() -> None:
    leads = LeadTimes([receipt("a", 10)] * 10, PurchasingSettings())
    longer, shorter = leads.of(offer("a", 25)), leads.of(offer("a", 3))
    assert longer is not None
    assert shorter is not None
    assert longer.days == 25
    assert longer.mean == pytest.approx((10 * 10 + 5 * 25) / 15)
    assert (shorter.days, shorter.mean, shorter.variance) == (10, 10, 0)


def test_few_receipts_teach_nothing() -> None:
    leads = LeadTimes([receipt("a", 20)] * 4, PurchasingSettings())
    assert leads.of(offer("a", None)) is None
    agreed = leads.of(offer("a", 7))
    assert agreed is not None
    assert (agreed.days, agreed.learned, agreed.mean, agreed.variance) == (7, None, 7, 0)


def test_within_the_firm_horizon_demand_is_the_greater_and_never_the_sum() -> None:
    forecast = np.array([0.0, 1, 2, 3, 4, 5])
    needs = np.array([0.0, 0, 5, 5, 5, 9])
    assert list(greater_of(forecast, needs, 3)) == [0, 1, 5, 5, 6, 7]


def test_use_is_summed_by_week_exactly() -> None:
    since = ON - timedelta(weeks=3)
    rows = [
        Demand(item_id="a", date=since, quantity=Decimal("0.1"), use="sale"),
        Demand(item_id="a", date=since + timedelta(days=6), quantity=Decimal("0.2"), use="sale"),
        Demand(item_id="a", date=ON - timedelta(days=1), quantity=Decimal(4), use="production"),
        Demand(item_id="a", date=ON, quantity=Decimal(9), use="sale"),
        Demand(item_id="b", date=since, quantity=Decimal(-3), use="sale"),
    ]
    (use,) = weekly_use(rows, since, ON)
    assert use == Use(
        item_id="a",
        first=since,
        last=ON - timedelta(days=1),
        sold=(0.3, 0, 0),
        consumed=(0, 0, 4),
    )


def history(weekly: list[float]) -> Use:
    weeks = len(weekly)
    used = [n for n, quantity in enumerate(weekly) if quantity]
    start = ON - timedelta(weeks=weeks)
    return Use(
        item_id="a",
        first=start + timedelta(weeks=used[0]),
        last=start + timedelta(weeks=used[-1]),
        sold=tuple(weekly),
    )


def test_sparse_items_are_forecast_by_four_weeks() -> None:
    weekly = [0.0] * 78
    weekly[1::10] = [6.0] * 8
    seen = outlooks([history(weekly)], {}, 78, ON, PurchasingSettings())["a"]
    assert seen.period_days == 28
    assert seen.rate == pytest.approx(8 * 6 / (77 * 7), rel=0.35)
    dense = outlooks([history([3.0] * 78)], {}, 78, ON, PurchasingSettings())["a"]
    assert dense.period_days == 7
    assert dense.rate == pytest.approx(3 / 7)
    assert dense.spread == 0


def test_an_item_known_for_longer_has_seen_weeks_without_use() -> None:
    weekly = [0.0] * 58 + [5.0] * 20
    settings = PurchasingSettings()
    new = outlooks([history(weekly)], {}, 78, ON, settings)["a"]
    old = outlooks([history(weekly)], {"a": ON - timedelta(weeks=78)}, 78, ON, settings)["a"]
    assert (new.weeks, old.weeks) == (20, 78)
    assert old.rate < new.rate == pytest.approx(5 / 7)


def summer(weeks: int, high: float = 40.0, low: float = 10.0) -> np.ndarray:
    months = week_months(ON, weeks)
    wave = np.where((months >= 4) & (months <= 8), high, low)
    return np.asarray(wave + np.arange(weeks) % 3)


def test_a_clear_season_is_found_and_drawn_towards_one() -> None:
    weekly = summer(78)
    season = find_season(weekly, 0, week_months(ON, 78), ON)
    assert season is not None
    assert np.mean(season.factors) == pytest.approx(1)
    july, february = season.factors[6], season.factors[1]
    assert 1.1 < july < 40 / weekly.mean()
    assert 10 / weekly.mean() < february < 0.95


@pytest.mark.parametrize(
    "weekly",
    [
        np.array([10.0, 12.0, 8.0] * 26),
        summer(55),
        np.concatenate([np.full(39, 60.0), np.full(39, 5.0)]) + np.arange(78) % 3,
    ],
    ids=["even", "too short", "a fall is no season"],
)
def test_no_season_where_there_is_none(weekly: np.ndarray) -> None:
    assert find_season(weekly, 0, week_months(ON, len(weekly)), ON) is None


def test_chance_rarely_looks_like_a_season() -> None:
    random = np.random.default_rng(7)
    months = week_months(ON, 78)
    noise = random.negative_binomial(3, 0.2, size=(400, 78)).astype(np.float64)
    found = sum(find_season(row, 0, months, ON) is not None for row in noise)
    assert found <= 8


def test_a_season_moves_the_forecast_of_the_next_weeks() -> None:
    use = history(list(summer(78)))
    settings = PurchasingSettings()
    with_season = outlooks([use], {}, 78, ON, settings)["a"]
    without = outlooks([use], {}, 78, ON, PurchasingSettings(seasonality=False))["a"]
    assert with_season.season is not None
    assert without.season is None
    winter = with_season.mean(28)
    assert with_season.path(28)[-1] == pytest.approx(winter)
    summer_month = with_season.mean(270) - with_season.mean(242)
    assert summer_month > 1.3 * winter


def test_false_discoveries_are_limited() -> None:
    chance = np.array([0.001, 0.2, 0.012, 0.9])
    assert list(false_discovery(chance)) == [True, False, True, False]


def test_eighteen_months_are_78_weeks() -> None:
    assert history_weeks(PurchasingSettings()) == 78
