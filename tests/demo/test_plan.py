"""The past of the demo company, worked out without any ERP."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from datetime import date
from itertools import groupby
from typing import Any

import pytest
from tryton_server import DEMO, demo_module

from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.purchasing.settings import PurchasingSettings

data, planning = demo_module("atelier.data"), demo_module("atelier.plan")
masters, production = demo_module("atelier.masters"), demo_module("atelier.production")


@pytest.fixture(scope="module")
def company() -> Any:
    return data.load()


@pytest.fixture(scope="module")
def plan(company: Any) -> Any:
    return planning.make_plan(company)


def balances(plan: Any, item: str) -> list[tuple[date, float]]:
    """Stock at the end of each day that moved the item."""
    level, days = plan.opening.get(item, 0.0), []
    flows = sorted((f for f in plan.flows if f.item == item), key=lambda f: f.day)
    for day, same_day in groupby(flows, key=lambda f: f.day):
        level += sum(f.quantity for f in same_day)
        days.append((day, round(level, 2)))
    return days


def test_the_same_seed_gives_the_same_past(company: Any, plan: Any) -> None:
    again = planning.make_plan(data.load())
    assert again == plan
    assert planning.make_plan(company, seed=data.SEED + 1) != plan


def test_every_item_ends_at_its_stock(company: Any, plan: Any) -> None:
    for code, item in company.items.items():
        moved = balances(plan, code)
        if moved:
            assert moved[-1][1] == pytest.approx(plan.on_hand[code])
        if item.stock is not None:
            assert plan.on_hand[code] == item.stock


def test_only_the_two_storied_items_were_ever_negative(company: Any, plan: Any) -> None:
    negative = {c for c in company.items if any(level < 0 for _, level in balances(plan, c))}
    assert negative == {"SER-BAT", "CHA-PIA"}


def test_history_covers_eighteen_months_and_stops_before_the_anchor(plan: Any) -> None:
    days = [flow.day for flow in plan.flows]
    assert min(days) >= data.FIRST_DAY == date(2025, 5, 26)
    assert max(days) < data.ANCHOR
    assert all(day.weekday() < 5 for day in days)


def test_the_heater_sells_by_season(plan: Any) -> None:
    by_month: dict[tuple[int, int], float] = defaultdict(float)
    for flow in plan.flows:
        if flow.item == "CHF-3KW" and flow.place == "customer":
            by_month[flow.day.year, flow.day.month] -= flow.quantity
    assert by_month[2025, 11] + by_month[2025, 12] > 8 * (
        by_month[2026, 5] + by_month[2026, 6] + by_month[2026, 7]
    )


def test_about_a_hundred_and_fifty_documents(company: Any, plan: Any) -> None:
    documents = len(company.purchases) + len(company.sales) + len(company.old_invoices)
    documents += len(company.productions) + len(plan.orders) + len(plan.receipts)
    assert 130 <= documents <= 160


def test_done_orders_tell_of_lots_that_were_made_anyway(company: Any, plan: Any) -> None:
    """So that no story of the purchases hangs on how many there are."""
    made = {(f.item, f.day, f.quantity) for f in plan.flows if f.documented and f.quantity > 0}
    items = {order.product for order in plan.orders}
    assert len(plan.orders) == sum(item.orders for item in company.items.values()) == 30
    assert {company.boms[item].routing for item in items} == {*production.MINUTES}
    for order in plan.orders:
        assert (order.product, order.end, order.quantity) in made
        assert planning.monday_of(order.start) == planning.monday_of(order.end)


def test_the_only_press_that_works_has_a_tenth_too_much_to_do(company: Any) -> None:
    fixed, each = production.MINUTES["sheet"]["Pliage"]
    minutes = 0
    for order in company.productions:
        bent = order.state == "done" or any(one.operation == "Pliage" for one in order.cycles)
        due = order.end <= date(2026, 12, 4)
        if due and not bent and company.boms[order.product].routing == "sheet":
            minutes += fixed + each * order.quantity
    shift = 8 * 60 - 30
    assert 1.05 < minutes / (10 * shift) < 1.15


def test_the_planning_file_names_every_machine_and_gives_the_time_nobody_learns() -> None:
    text = (DEMO / "planning.toml").read_text(encoding="utf-8")
    settings = PlanningSettings.model_validate(tomllib.loads(text)["agents"]["planning"])
    machines = {name for _, names, _ in masters.WORK_CENTRES for name in names}
    assert {name for one in settings.calendars.shifts for name in one.centres} == machines
    known = {name for times in production.MINUTES.values() for name in times}
    operations = {name for _, names in masters.ROUTINGS.values() for name in names}
    assert {one.operation for one in settings.times.table} == operations - known


def test_lead_times_vary(plan: Any) -> None:
    lateness = {(receipt.received - receipt.promised).days for receipt in plan.receipts}
    assert min(lateness) < 0 < max(lateness)
    assert len(lateness) > 5


def test_the_terms_file_is_current_and_the_agent_takes_it(company: Any) -> None:
    text = (DEMO / "purchasing.toml").read_text(encoding="utf-8")
    assert text == demo_module("atelier.facts").terms(company)
    table = tomllib.loads(text)["agents"]["purchasing"]
    settings = PurchasingSettings.model_validate(table)
    assert settings.terms("", "ACR").minimum_order == 500
    assert settings.terms("", "ACR").closures[0].covers(date(2026, 12, 28))
