"""Who gets what: stock, receipts and output, each handed out once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from workshop import ON, Shop, shop

from regisseur.agents.planning.observation import Workshop
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.supplies import Due, Material, Supplies
from regisseur.agents.purchasing.planned import starts

FRIDAY = date(2026, 11, 27)
FIRM = ("draft", "waiting", "ready", "running")


def handed_out(
    made: Shop, *, wishes: bool = True, buys: bool = True
) -> tuple[dict[str, Due], dict[str, Material]]:
    """What the orders of the workshop are due for, and what they wait for."""
    records = made.erp.records
    seen = Workshop(
        orders=tuple(records.productions),
        items=tuple(records.items),
        sales=tuple(records.sale_lines),
        purchases=tuple(records.orders),
        stock=tuple(records.levels),
        offers=tuple(records.offers),
        buys=buys,
    )
    planned = [one for one in seen.orders if wishes or one.state in FIRM]
    supplies = Supplies(ON, seen, PlanningSettings(), planned)
    dues = supplies.dues()
    return dues, supplies.materials(dues)


def test_a_customer_gets_what_lies_in_another_warehouse_before_what_is_still_made() -> None:
    made = shop()
    elsewhere = made.erp.warehouse("Showroom")
    made.erp.move(made.bench, 5, ON, warehouse=elsewhere)
    order = made.erp.produce(made.bench, 5, end=FRIDAY)
    customer = made.erp.customer("Garage Bellecour", email="compta@garage.example")
    made.erp.sell(made.bench, customer, 5, confirmed=ON)
    assert handed_out(made)[0][order.id] == Due(FRIDAY)


def test_what_the_erp_only_wishes_for_takes_what_people_have_left() -> None:
    made = shop()
    made.erp.move(made.steel, -380, ON)
    wish = made.erp.produce(made.frame, 10, end=ON, state="request")
    firm = made.erp.produce(made.frame, 10, end=FRIDAY)
    materials = handed_out(made)[1]
    assert materials[firm.id] == Material()
    assert [item for item, _ in materials[wish.id].missing] == [made.steel.id]


def test_nobody_waits_for_an_order_that_is_not_planned() -> None:
    made = shop()
    made.erp.produce(made.frame, 10, end=ON, state="request")
    bench = made.erp.produce(made.bench, 10, end=FRIDAY)
    assert handed_out(made)[1][bench.id].after
    assert not handed_out(made, wishes=False)[1][bench.id].after
    assert handed_out(made, wishes=False)[1][bench.id].missing


@pytest.mark.parametrize(
    ("leads", "buys", "days"), [((None,), True, 10), ((None, 4, 9), True, 4), ((), False, 10)]
)
def test_what_nobody_has_ordered_comes_after_its_lead_time_or_a_usual_one(
    leads: tuple[int | None, ...], buys: bool, days: int
) -> None:
    made = shop()
    made.erp.move(made.steel, -400, ON)
    order = made.erp.produce(made.frame, 10, end=FRIDAY)
    for number, lead in enumerate(leads):
        mill = made.erp.supplier(f"Mill {number}")
        made.erp.offer(made.steel, mill, price=2, lead_time=lead)
    material = handed_out(made, buys=buys)[1][order.id]
    assert material.release == ON + timedelta(days=days)


def test_a_line_without_a_day_leaves_an_order_the_day_that_the_erp_has() -> None:
    made = shop()
    order = made.erp.produce(made.bench, 5, end=FRIDAY)
    customer = made.erp.customer("Garage Bellecour", email="compta@garage.example")
    made.erp.sell(made.bench, customer, 5)
    due = handed_out(made)[0][order.id]
    assert (due.day, len(due.lines), due.promised) == (FRIDAY, 1, False)


@pytest.mark.parametrize(
    "needs", [None, 7, "soon", [7], [None], [{"order_id": "1"}], [{"order_id": "1", "on": 3}]]
)
def test_purchasing_leaves_out_what_it_can_t_read_of_the_plan(needs: Any) -> None:
    good = {"order_id": "1", "item_id": "2", "on": "2026-11-27"}
    assert starts({"material_needs": needs}) == {}
    assert starts({"material_needs": [good, {**good, "item_id": "3", "on": "soon"}]}) == {
        ("1", "2"): FRIDAY
    }
