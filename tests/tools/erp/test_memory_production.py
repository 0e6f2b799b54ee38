"""What the in-memory ERP keeps of production and sales, and how people work on it meanwhile."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from erp_contract import Subject, subject
from production_contract import *

from regisseur.errors import OutcomeUnknown, VendorRefused
from regisseur.tools.erp.memory import MemoryERP, Write
from regisseur.tools.records import ProductionOrder

TODAY = date(2026, 11, 23)


def filled(file: Path | None = None) -> MemoryERP:
    erp = MemoryERP(today=TODAY, file=file)
    saw = erp.work_centre("Saw", group="saws")
    erp.work_centre("Big saw", group="saws")
    welder = erp.work_centre("Welder", group="welders")
    erp.work_centre("Scrapped saw", group="saws", active=False)
    steel = erp.item("STEEL", unit="kg", on_hand=400)
    frame = erp.item("FRAME", sale_price=90)
    way = erp.routing("Frames", ("cutting", "saws"), ("welding", "welders"), "packing")
    erp.bill(frame, [(steel, "2.5")], routing=way)
    erp.produce(frame, 4, start=date(2026, 12, 1), end=date(2026, 12, 2), state="request")
    erp.produce(frame, 3, start=date(2026, 12, 1), end=date(2026, 12, 2), state="draft")
    erp.produce(frame, 10, start=date(2026, 11, 25), end=date(2026, 11, 27))
    running = erp.produce(frame, 6, end=date(2026, 11, 24), state="ready")
    erp.report(erp.start(running, date(2026, 11, 20)), 0, 95, date(2026, 11, 20))
    erp.cycle(frame, 20, way, 0, saw, 210, date(2026, 10, 5))
    erp.cycle(frame, 20, way, 1, welder, 400, date(2026, 10, 6))
    garage = erp.customer("Garage")
    erp.sell(frame, garage, 5, requested=date(2026, 11, 27), confirmed=date(2026, 12, 1))
    return erp


@pytest.fixture
def reading() -> Iterator[Subject]:
    with subject(filled()) as made:
        yield made


@pytest.fixture(params=["memory", "file"])
def writing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    file = tmp_path / "erp.json" if request.param == "file" else None
    with subject(filled(file)) as made:
        yield made


def order_in(erp: MemoryERP, state: str) -> ProductionOrder:
    return next(one for one in erp.records.productions if one.state == state)


def test_people_work_on_an_order_until_its_product_is_in_stock() -> None:
    erp = filled()
    order = order_in(erp, "running")
    steel, frame = (item.id for item in erp.records.items)
    place = erp.records.warehouses[0].id
    assert erp.records.level(steel, place).on_hand == Decimal(400) - 15
    assert [(one.state, int(one.spent)) for one in order.steps[:2]] == [("done", 95), ("to_do", 0)]
    assert order.reported_at == date(2026, 11, 20)
    assert erp.records.cycles[0].minutes == 95
    order = erp.report(order, 1, 30, TODAY, state="running")
    assert (order.steps[1].state, order.reported_at) == ("running", TODAY)
    assert erp.finish(order).state == "done"
    assert erp.records.level(frame, place).on_hand == 6
    assert order.id not in [one.id for one in asyncio.run(erp.open_production())]


def test_what_was_begun_is_neither_moved_nor_reopened() -> None:
    erp = filled()
    order = erp.report(order_in(erp, "waiting"), 0, 5, TODAY, state="running")
    other = erp.records.work_centres[1].id
    with pytest.raises(VendorRefused, match="has started"):
        asyncio.run(erp.move_step(order, order.steps[0].id, other))
    with pytest.raises(VendorRefused, match="has begun"):
        asyncio.run(erp.reopen(order))
    assert list(erp.writes) == []


def test_an_erp_can_let_waiting_orders_be_planned() -> None:
    erp = filled()
    erp.dates_change_in = MemoryERP(today=TODAY, dates_change_in=["waiting"]).dates_change_in
    order = order_in(erp, "waiting")
    asyncio.run(erp.set_planned(order, TODAY, TODAY))
    now = order_in(erp, "waiting")
    assert (now.planned_start, now.steps) == (TODAY, order.steps)
    assert list(erp.writes) == [Write(operation="set_planned", record_id=order.id)]


def test_an_order_whose_group_lost_its_centres_stays_a_draft() -> None:
    erp = filled()
    welder = erp.records.work_centres[2]
    erp.change(welder, active=False)
    with pytest.raises(VendorRefused, match="welders"):
        asyncio.run(erp.release(order_in(erp, "draft")))
    assert order_in(erp, "draft").steps == ()


Call = Callable[[MemoryERP, ProductionOrder], Coroutine[Any, Any, None]]


@pytest.mark.parametrize(
    ("operation", "state", "call"),
    [
        ("set_planned", "draft", lambda erp, order: erp.set_planned(order, TODAY, TODAY)),
        ("reopen", "waiting", lambda erp, order: erp.reopen(order)),
        ("release", "draft", lambda erp, order: erp.release(order)),
        ("move_step", "waiting", lambda erp, order: erp.move_step(order, order.steps[0].id, "2")),
    ],
)
def test_a_lost_answer_is_told_and_the_write_is_logged(
    operation: str, state: str, call: Call
) -> None:
    erp = filled()
    order = order_in(erp, state)
    erp.lose_answer_of(operation)
    with pytest.raises(OutcomeUnknown):
        asyncio.run(call(erp, order))
    assert list(erp.writes) == [Write(operation=operation, record_id=order.id)]


def test_what_is_delivered_is_not_waited_for() -> None:
    erp = filled()
    (line,) = asyncio.run(erp.open_sales())
    assert (line.value, line.customer_name) == (Decimal(450), "Garage")
    place = erp.records.warehouses[0].id
    (need,) = [x for x in asyncio.run(erp.requirements(place)) if x.use == "sale"]
    assert (need.source, need.date) == (line.ref(), date(2026, 12, 1))
    assert need.quantity == 5
    erp.change(line, outstanding=Decimal(0))
    assert list(asyncio.run(erp.open_sales())) == []
    assert [x for x in asyncio.run(erp.requirements(place)) if x.use == "sale"] == []
