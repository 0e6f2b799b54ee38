"""Tryton keeps the contract, and its figures are those of its own tables: the demo company, over
HTTP, with SQL on the same database as the second opinion.
"""

from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from erp_contract import *
from erp_contract import Subject, new_key, subject
from tryton_erp import connection, near, rows
from tryton_server import TrytonServer

from regisseur.errors import Misconfigured, RetryLater, VendorRefused
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.records import Record, Requirement

pytestmark = pytest.mark.tryton

WITHIN = """
    WITH RECURSIVE zone(id) AS (
        SELECT id FROM stock_location WHERE type = 'warehouse'
        UNION SELECT stock_location.id FROM stock_location JOIN zone ON parent = zone.id)
"""


def within(server: TrytonServer, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What Tryton's tables say, ``zone`` being the places of the warehouse."""
    return rows(server, WITHIN + query, *values)


def test_stock_is_what_moved_in_less_what_moved_out(reading: Subject, tryton: TrytonServer) -> None:
    query = """
        SELECT product, sum(quantity) FROM (
            SELECT product, internal_quantity AS quantity FROM stock_move
                WHERE state = 'done' AND to_location IN zone
            UNION ALL SELECT product, -internal_quantity FROM stock_move
                WHERE state = 'done' AND from_location IN zone)
        GROUP BY product
    """
    expected = {str(product): total for product, total in within(tryton, query)}
    levels = reading.ask(reading.erp.stock(reading.warehouse))
    assert levels
    assert all(near(one.on_hand, expected.get(one.item_id, 0)) for one in levels)


def test_demand_is_each_move_out_of_the_warehouse_once(
    reading: Subject, tryton: TrytonServer
) -> None:
    query = """
        SELECT product, other.type, sum(internal_quantity)
        FROM stock_move JOIN stock_location other ON other.id = to_location
        WHERE state = 'done' AND from_location IN zone
            AND other.type IN ('customer', 'production')
            AND effective_date >= ? AND effective_date < ?
        GROUP BY 1, 2
    """
    since, until = date(2026, 1, 1), date(2026, 11, 1)
    words = {"customer": "sale", "production": "production"}
    expected = {
        (str(product), words[kind]): total
        for product, kind, total in within(tryton, query, str(since), str(until))
    }
    totals: Counter[tuple[str, str]] = Counter()
    for one in reading.ask(reading.erp.demand(reading.warehouse, since, until)):
        totals[one.item_id, one.use] += one.quantity  # type: ignore[assignment]
    assert totals.keys() == expected.keys()
    assert all(near(Decimal(totals[key]), expected[key]) for key in expected)


def test_needs_are_open_moves_to_customers_and_productions(
    reading: Subject, tryton: TrytonServer
) -> None:
    query = """
        SELECT product, sum(internal_quantity)
        FROM stock_move JOIN stock_location other ON other.id = to_location
        WHERE state IN ('staging', 'draft', 'assigned') AND from_location IN zone
            AND other.type IN ('customer', 'production')
        GROUP BY 1
    """
    expected = {str(product): total for product, total in within(tryton, query)}
    totals: Counter[str] = Counter()
    needs = reading.ask(reading.erp.requirements(reading.warehouse))
    for need in needs:
        totals[need.item_id] += need.quantity  # type: ignore[assignment]
    assert {need.use for need in needs} == {"sale", "production"}
    assert {need.firm for need in needs} == {True, False}
    assert totals.keys() == expected.keys()
    assert all(near(Decimal(totals[key]), expected[key]) for key in expected)


def test_offers_speak_of_packs_in_the_suppliers_unit(reading: Subject) -> None:
    items = {item.code: item for item in reading.ask(reading.erp.items())}
    screw = items["VIS-M8"]
    offers = reading.ask(reading.erp.offers([screw.id]))
    assert offers
    for offer in offers:
        assert offer.unit.category == screw.unit.category
        assert (offer.unit.factor, screw.unit.factor) == (Decimal(100), Decimal(1))


def test_requests_grow_with_pages_and_not_with_records(tryton: TrytonServer) -> None:
    """With a page for everything each read takes a handful of requests; with pages of 40 it takes
    as many more as there are pages.
    """
    counts: dict[int, Counter[str]] = {}
    answers: dict[int, list[Any]] = {}
    for size in (10_000, 40):
        erp = connection(tryton.url, tryton.user, tryton.password, page_size=size)
        with subject(erp) as made:
            place, today = made.warehouse, made.today
            since = today - timedelta(days=14)
            reads: dict[str, Callable[[], Coroutine[Any, Any, Sequence[Record]]]] = {
                "items": erp.items,
                "stock": partial(erp.stock, place),
                "requirements": partial(erp.requirements, place),
                "demand": partial(erp.demand, place, since, today),
                "suppliers": erp.suppliers,
                "offers": erp.offers,
                "open_orders": erp.open_orders,
                "receipts": partial(erp.receipts, since),
            }
            counts[size], answers[size] = Counter(), []
            for name, read in reads.items():
                before = erp.requests
                answers[size].append(sorted(map(str, made.ask(read()))))
                counts[size][name] = erp.requests - before
    assert answers[10_000] == answers[40]
    assert max(counts[10_000].values()) <= 8
    assert counts[40]["demand"] <= 2 + len(answers[40][3]) // 20
    assert counts[40]["items"] <= 4


def test_a_draft_gets_taxes_terms_and_address_as_in_tryton_itself(
    writing: Subject,
) -> None:
    erp = writing.erp
    assert isinstance(erp, Tryton)
    offer = writing.offer
    assert offer.lead_time is not None
    usual = writing.today + timedelta(days=offer.lead_time)
    fields = [
        "payment_term",
        "invoice_address.party",
        "invoice_method",
        "tax_amount",
        "lines.taxes",
        "lines.product_supplier",
        "lines.delivery_date_edit",
        "lines.delivery_date",
    ]
    for expected, edited in ((usual, False), (usual + timedelta(days=9), True)):
        draft = writing.draft(expected=expected)
        (made,) = writing.ask(
            erp.client.read("model.purchase.purchase.read", [int(draft.id)], fields)
        )
        (line,) = made["lines."]
        assert made["payment_term"]
        assert made["invoice_address."]["party"] == int(draft.supplier_id)
        assert made["tax_amount"] > 0
        assert line["taxes"]
        assert str(line["product_supplier"]) == offer.id
        assert (bool(line["delivery_date_edit"]), line["delivery_date"]) == (edited, expected)


def test_a_delivery_on_its_way_out_is_counted_once_at_every_step(
    writing: Subject, admin: Tryton
) -> None:
    """Assigned, picked and packed goods are reserved; sent ones are demand."""
    erp, place, today = writing.erp, writing.warehouse, writing.today
    assert isinstance(erp, Tryton)
    waiting = ["state", "=", "waiting"]
    model = "stock.shipment.out"
    shipment, *_ = writing.ask(
        erp.client.read_all(
            model, [waiting, ["warehouse", "=", int(place)]], ["outgoing_moves.origin"]
        )
    )
    lines = [int(move["origin"].split(",")[1]) for move in shipment["outgoing_moves."]]
    sale = writing.ask(erp.client.read("model.sale.line.read", lines[:1], ["sale"]))[0]["sale"]

    def needed() -> list[Requirement]:
        needs = writing.ask(erp.requirements(place))
        return [
            need for need in needs if (need.source.model, need.source.id) == ("sale", str(sale))
        ]

    def reserved() -> dict[str, Decimal]:
        return {one.item_id: one.reserved for one in writing.ask(erp.stock(place))}

    def sold() -> Decimal:
        demand = writing.ask(erp.demand(place, today, today + timedelta(days=1)))
        return sum((one.quantity for one in demand if one.use == "sale"), Decimal(0))

    total = sum(need.quantity for need in needed())
    free, sold_before = reserved(), sold()
    assert total > 0
    assert {need.reserved for need in needed()} == {False}
    for button in ("assign_force", "pick", "pack"):
        writing.ask(admin.client.write(f"model.{model}.{button}", [shipment["id"]]))
        assert sum(need.quantity for need in needed()) == total, button
        assert {need.reserved for need in needed()} == {True}, button
        assert sum(reserved().values()) - sum(free.values()) == total, button
        assert sold() == sold_before, button
    writing.ask(admin.client.write(f"model.{model}.do", [shipment["id"]]))
    assert needed() == []
    assert reserved() == free
    assert sold() - sold_before == total


def test_what_a_delivery_fell_short_of_is_still_outstanding(writing: Subject) -> None:
    erp, today = writing.erp, writing.today
    assert isinstance(erp, Tryton)
    draft = writing.draft()
    ordered = draft.lines[0].quantity
    writing.ask(erp.confirm_order(draft))
    (order,) = writing.ask(
        erp.client.read(
            "model.purchase.purchase.read",
            [int(draft.id)],
            ["moves", "party", "warehouse.input_location", "warehouse.storage_location"],
        )
    )
    values = {
        "supplier": order["party"],
        "warehouse": order["warehouse."]["id"],
        "warehouse_input": order["warehouse."]["input_location"],
        "warehouse_storage": order["warehouse."]["storage_location"],
        "incoming_moves": [["add", order["moves"]]],
    }
    (shipment,) = writing.ask(erp.client.write("model.stock.shipment.in.create", [values]))
    part = ordered // 4
    writing.ask(
        erp.client.write("model.stock.move.write", order["moves"], {"quantity": float(part)})
    )
    before = len(writing.ask(erp.receipts(today)))
    for button in ("receive", "do"):
        writing.ask(erp.client.write(f"model.stock.shipment.in.{button}", [shipment]))
    now = writing.read(draft.id)
    assert now.state == "confirmed"
    assert (now.lines[0].quantity, now.lines[0].outstanding) == (ordered, ordered - part)
    assert now in writing.ask(erp.open_orders())
    receipts = writing.ask(erp.receipts(today))
    assert len(receipts) == before + 1
    assert receipts[-1].supplier_id == draft.supplier_id


def test_a_draft_that_somebody_else_wrote_to_is_not_ours_alone(
    writing: Subject, admin: Tryton
) -> None:
    draft = writing.draft()
    assert draft.ours_untouched
    (line,) = draft.lines
    writing.ask(
        admin.client.write("model.purchase.line.write", [int(line.id)], {"note": "Please call."})
    )
    assert not writing.read(draft.id).ours_untouched


def test_a_renamed_or_removed_reference_is_not_found(writing: Subject, admin: Tryton) -> None:
    key = new_key()
    draft = writing.draft(key)
    writing.ask(
        admin.client.write("model.purchase.purchase.write", [int(draft.id)], {"reference": "mine"})
    )
    assert writing.keyed(key) == []
    with pytest.raises(VendorRefused, match="changed"):
        writing.ask(writing.erp.confirm_order(draft))


def test_wrong_credentials_say_what_to_correct(tryton: TrytonServer) -> None:
    for wrong, says in (
        ({"password": "guess"}, "user and password"),
        ({"database": "nowhere"}, "database settings"),
        ({"company": "99"}, "may not work for company 99"),
    ):
        given = {"user": tryton.user, "password": tryton.password} | wrong
        with (
            subject(connection(tryton.url, **given)) as made,
            pytest.raises(Misconfigured, match=says),
        ):
            made.ask(made.erp.items())


def test_a_server_that_is_not_there_is_told_with_its_address(tryton: TrytonServer) -> None:
    http = {"attempts": 2, "first_pause_seconds": 0}
    erp = connection("http://127.0.0.1:9", tryton.user, tryton.password, http=http)
    with subject(erp) as made, pytest.raises(RetryLater, match=r"127\.0\.0\.1:9"):
        made.ask(made.erp.probe())
