"""How Tryton's bills, orders, cycles and sales are understood, whatever somebody entered."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fake_tryton import Answer, FakeTryton, settings

from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.erp.tryton.workshop import reported_on
from regisseur.tools.records import BillOfMaterials, ProductionOrder, SaleLine

TODAY = date(2026, 11, 23)
PIECE = {"id": 1, "rate": Decimal(1), "factor": Decimal(1)}
DOZEN = {"id": 2, "rate": Decimal("0.083333333333"), "factor": Decimal(12)}


def tryton(**answers: Answer) -> Tryton:
    fake = FakeTryton(model__ir__date__today=TODAY, **answers)
    return Tryton(settings(), httpx.MockTransport(fake))


def line(product: int | None, quantity: str, unit: Any = PIECE, **more: Any) -> dict[str, Any]:
    known = None if product is None else {"id": product, "default_uom.": PIECE}
    values = {"id": 1, "product.": known, "quantity": Decimal(quantity), "unit.": unit}
    return {"phantom_bom": None} | values | more


def bill(number: int, **values: Any) -> dict[str, Any]:
    usual = {"id": number, "phantom": 0, "phantom_quantity": None, "phantom_unit.": None}
    return usual | {"routings": [], "inputs.": [], "outputs.": []} | values


def read_bills(*bills: Any, usual: list[Any] | None = None) -> list[BillOfMaterials]:
    erp = tryton(
        model__production__bom__search_read=list(bills),
        **{"model__product__product-production__bom__search_read": usual or []},
    )
    return list(asyncio.run(erp.bills()))


def test_a_bill_is_counted_in_stock_units_for_one_piece_each_product() -> None:
    row = bill(
        3,
        **{
            "inputs.": [line(7, "1", DOZEN), line(8, "0"), line(7, "3")],
            "outputs.": [line(1, "2"), line(1, "1"), line(2, "0.5", DOZEN), line(None, "1")],
        },
    )
    first, second = read_bills(row)
    assert (first.id, first.item_id, second.item_id) == ("3", "1", "2")
    assert [(one.item_id, str(one.quantity)) for one in first.components] == [("7", "5")]
    assert str(second.components[0].quantity) == "2.5"


def test_phantoms_are_replaced_by_what_they_hold() -> None:
    screws = {"phantom": 1, "phantom_quantity": Decimal(1), "phantom_unit.": DOZEN}
    rows = [
        bill(3, **{"inputs.": [line(None, "6", phantom_bom=9)], "outputs.": [line(1, "1")]}),
        bill(9, **screws, **{"inputs.": [line(5, "24"), line(None, "1", DOZEN, phantom_bom=9)]}),
    ]
    (read,) = read_bills(*rows)
    assert [(one.item_id, str(one.quantity)) for one in read.components] == [("5", "12")]


def test_the_usual_bill_of_a_product_comes_first_and_names_its_routing() -> None:
    makes = {"outputs.": [line(1, "1")]}
    rows = [bill(3, **makes, routings=[40]), bill(4, **makes, routings=[41, 42]), bill(5, **makes)]
    usual = [
        {"id": 1, "product": 1, "bom": 5, "sequence": 2, "routing": None},
        {"id": 2, "product": 1, "bom": 4, "sequence": 1, "routing": 42},
    ]
    found = read_bills(*rows, usual=usual)
    assert [(one.id, one.routing_id) for one in found] == [("4", "42"), ("5", None), ("3", "40")]


@pytest.mark.parametrize(
    ("entered", "started", "ended", "day"),
    [
        (20, 18, None, 20),
        (30, 18, 22, 22),
        (30, 18, None, 23),
        (10, 18, None, 18),
        (10, None, None, 10),
    ],
)
def test_work_was_done_while_its_order_was_made(
    entered: int, started: int | None, ended: int | None, day: int
) -> None:
    production = {
        "effective_start_date": started and date(2026, 11, started),
        "effective_date": ended and date(2026, 11, ended),
    }
    changed = datetime(2026, 11, entered, 14, 30, tzinfo=UTC)
    for cycle in (
        {"create_date": datetime(2026, 1, 1, tzinfo=UTC), "write_date": changed},
        {"create_date": changed, "write_date": None},
    ):
        assert reported_on(cycle, production, TODAY) == date(2026, 11, day)


def cycle(state: str, minutes: int | None = None) -> dict[str, Any]:
    entered = datetime(2026, 11, 20, 9, tzinfo=UTC)
    span = None if minutes is None else {"__class__": "timedelta", "seconds": minutes * 60.0}
    return {"state": state, "duration": span, "create_date": entered, "write_date": None}


def work(number: int, state: str, *cycles: Any, **more: Any) -> dict[str, Any]:
    cutting = {"id": 1, "name": "Cutting", "work_center_category.": {"id": 1, "name": "Saws"}}
    place = {"id": 2, "children": []}
    usual = {"id": number, "sequence": None, "state": state, "operation.": cutting}
    return usual | {"work_center.": place, "cycles.": list(cycles)} | more


def read_order(**values: Any) -> ProductionOrder:
    row: dict[str, Any] = dict.fromkeys(
        ("number", "unit.", "warehouse", "planned_start_date", "planned_date", "bom", "routing.")
    )
    row |= {
        "id": 12,
        "state": "running",
        "product.": {"id": 7, "code": None, "name": "Frame"},
        "quantity": Decimal("10.0"),
        "effective_start_date": date(2026, 11, 18),
        "effective_date": None,
        "origin": None,
        "_timestamp": "1.5",
        "inputs.": [],
        "works.": [],
    }
    sale = {"id": 21, "number": None, "reference": "UD-1"}
    erp = tryton(
        model__production__search_read=[row | values],
        model__sale__line__search_read=[{"id": 30, "sale.": sale}],
    )
    found = asyncio.run(erp.read_production("12"))
    assert found is not None
    return found


def test_the_state_of_a_step_is_that_of_its_cycles() -> None:
    order = read_order(
        **{
            "works.": [
                work(5, "draft", sequence=2),
                work(4, "waiting", cycle("draft"), sequence=1),
                work(3, "waiting", cycle("done", 30), cycle("draft")),
                work(2, "running", cycle("done", 30), cycle("running")),
                work(1, "finished", cycle("done", 30), cycle("done", 15), cycle("cancelled")),
            ]
        }
    )
    assert [(one.id, one.state, int(one.spent)) for one in order.steps] == [
        ("1", "done", 45),
        ("2", "running", 30),
        ("3", "running", 30),
        ("4", "to_do", 0),
        ("5", "to_do", 0),
    ]
    assert order.reported_at == date(2026, 11, 20)


def test_an_operation_that_nobody_gave_a_category_has_no_place_yet() -> None:
    packing = {"id": 9, "name": "Packing", "work_center_category.": None}
    hall = {"id": 1, "children": [2, 3]}
    row = {"works.": [work(1, "draft", **{"operation.": packing, "work_center.": hall})]}
    (step,) = read_order(**row).steps
    assert (step.operation, step.group, step.work_centre_id) == ("Packing", None, None)


def test_an_order_names_the_sale_that_it_is_made_for() -> None:
    made_for = read_order(origin="sale.line,30").origin
    assert made_for is not None
    assert (made_for.model, made_for.id, made_for.label) == ("sale", "21", "UD-1")
    assert read_order(origin="stock.order_point,30").origin is None
    assert read_order(origin="stock.order_point,-1").origin is None
    assert read_order().origin is None


def test_what_was_used_or_cancelled_is_no_input() -> None:
    states = ["draft", "assigned", "done", "cancelled"]
    row = [
        {"id": n, "product": n, "internal_quantity": Decimal("2.0"), "state": state}
        for n, state in enumerate(states)
    ]
    found = read_order(**{"inputs.": row}).inputs
    assert [(one.item_id, str(one.quantity), one.assigned) for one in found] == [
        ("0", "2", False),
        ("1", "2", True),
    ]


def move(quantity: int, state: str, day: int | None) -> dict[str, Any]:
    planned = day and date(2026, 12, day)
    return {"id": 1, "state": state, "internal_quantity": quantity, "planned_date": planned}


def read_sale(*moves: Any, currency: int = 1, **values: Any) -> SaleLine | None:
    sale = {
        "id": 21,
        "number": "21",
        "reference": None,
        "party.": {"id": 30, "name": "Garage"},
        "shipping_date": date(2026, 12, 1),
        "currency": currency,
        "company.": {"id": 1, "currency": 1},
    }
    row = line(7, "2", DOZEN) | {"sale.": sale, "unit_price": Decimal("120.00")}
    row |= {"shipping_date": date(2026, 12, 4), "moves.": list(moves)}
    erp = tryton(model__sale__line__search_read=[row | values])
    return next(iter(asyncio.run(erp.open_sales())), None)


def test_what_still_goes_out_is_outstanding_on_the_day_that_was_promised() -> None:
    for moves, outstanding, confirmed, value in (
        ([], "24", 4, "240.00"),
        ([move(24, "draft", 9)], "24", 9, "240.00"),
        ([move(18, "done", 2), move(6, "assigned", 11), move(4, "cancelled", 1)], "6", 11, "60.00"),
        ([move(12, "draft", None)], "12", 4, "120.00"),
    ):
        found = read_sale(*moves)
        assert found is not None
        assert (str(found.outstanding), str(found.value)) == (outstanding, value)
        assert (found.requested, found.confirmed) == (
            date(2026, 12, 1),
            date(2026, 12, confirmed),
        )
    assert read_sale(move(24, "done", 2)) is None


def test_a_sale_in_foreign_money_has_no_value_in_ours() -> None:
    found = read_sale(currency=2)
    assert found is not None
    assert found.value is None
