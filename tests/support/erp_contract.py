"""What every adapter promises through its ports, as tests.

An adapter's test module imports everything here and brings two fixtures: ``reading``, an ERP that
is only read, and ``writing``, one of its own to write to (it may keep what earlier tests wrote).
Both have at least one item with an offer at a price, a supplier that is archived, past demand and
a note's place on every purchase order.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count, pairwise
from typing import Any, Protocol, TypeVar

import pytest

from regisseur.errors import VendorRefused
from regisseur.tools.erp.ports import (
    Connection,
    Contacts,
    Disputes,
    Inventory,
    Notes,
    Production,
    Purchasing,
    Receivables,
    Sales,
    WriteOffs,
)
from regisseur.tools.records import (
    DraftOrder,
    DraftOrderLine,
    Offer,
    PurchaseOrder,
    Record,
    RecordRef,
)

T = TypeVar("T")
YEAR = timedelta(days=365)
_numbers = count(1)


class Erp(
    Connection,
    Inventory,
    Purchasing,
    Receivables,
    Disputes,
    WriteOffs,
    Contacts,
    Production,
    Sales,
    Notes,
    Protocol,
):
    """All ports in one object."""

    @property
    def requests(self) -> int: ...


@dataclass(frozen=True)
class Subject:
    """A connection under test, with the loop it lives in."""

    erp: Erp
    runner: asyncio.Runner

    def ask(self, call: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(call)

    @cached_property
    def today(self) -> date:
        return self.ask(self.erp.probe()).today

    @cached_property
    def warehouse(self) -> str:
        return self.ask(self.erp.warehouses())[0].id

    @cached_property
    def offer(self) -> Offer:
        """One that can be ordered from."""
        active = {one.id for one in self.ask(self.erp.suppliers()) if one.active}
        items = {item.id for item in self.ask(self.erp.items()) if item.purchasable}
        return next(
            offer
            for offer in self.ask(self.erp.offers())
            if offer.breaks and offer.supplier_id in active and offer.item_id in items
        )

    def order(self, **line: Any) -> DraftOrder:
        """An order of ten packs from the offer."""
        offer = self.offer
        quantity = 10 * max(offer.multiple, offer.minimum_quantity, Decimal(1))
        price = offer.price_for(quantity)
        assert price is not None
        values = {
            "item_id": offer.item_id,
            "offer_id": offer.id,
            "quantity": quantity,
            "unit": offer.unit,
            "unit_price": price,
            "expected": self.today + timedelta(days=33),
        }
        return DraftOrder(
            supplier_id=offer.supplier_id,
            warehouse_id=self.warehouse,
            currency=offer.currency,
            on=self.today,
            lines=(DraftOrderLine(**(values | line)),),
        )

    def draft(self, key: str | None = None, **line: Any) -> PurchaseOrder:
        order_id = self.ask(self.erp.draft_order(key or new_key(), self.order(**line)))
        return self.read(order_id)

    def read(self, order_id: str) -> PurchaseOrder:
        order = self.ask(self.erp.read_order(order_id))
        assert order is not None
        return order

    def keyed(self, key: str) -> list[str]:
        return [order.id for order in self.ask(self.erp.find_orders(key))]


@contextmanager
def subject(erp: Erp) -> Iterator[Subject]:
    """The connection in a loop of its own, closed at the end."""
    with asyncio.Runner() as runner:
        yield Subject(erp, runner)
        runner.run(erp.close())


def new_key() -> str:
    return f"regisseur:contract:{next(_numbers)}"


def floats_in(values: Sequence[Record]) -> list[str]:
    """Names of fields that hold a float anywhere."""

    def inside(name: str, value: Any) -> Iterator[str]:
        if isinstance(value, float):
            yield name
        elif isinstance(value, dict):
            for key, one in value.items():
                yield from inside(f"{name}.{key}", one)
        elif isinstance(value, (list, tuple)):
            for one in value:
                yield from inside(name, one)

    return [name for value in values for name in inside(type(value).__name__, value.model_dump())]


def test_it_implements_every_port(reading: Subject) -> None:
    for port in (Connection, Inventory, Purchasing, Notes):
        assert isinstance(reading.erp, port)


def test_a_probe_says_who_answers(reading: Subject) -> None:
    probe = reading.ask(reading.erp.probe())
    assert probe.company
    assert len(probe.currency) == 3
    assert reading.erp.identity.startswith(reading.erp.vendor)
    assert probe.user not in reading.erp.identity


def test_quantities_and_money_are_never_floats(reading: Subject) -> None:
    erp, place, today = reading.erp, reading.warehouse, reading.today
    everything: list[Record] = [
        *reading.ask(erp.items()),
        *reading.ask(erp.stock(place)),
        *reading.ask(erp.demand(place, today - YEAR, today)),
        *reading.ask(erp.requirements(place)),
        *reading.ask(erp.reorder_rules(place)),
        *reading.ask(erp.offers()),
        *reading.ask(erp.open_orders()),
        *reading.ask(erp.receipts(today - YEAR)),
    ]
    assert everything
    assert floats_in(everything) == []


def test_ids_are_unique_and_refer_to_what_is_there(reading: Subject) -> None:
    erp = reading.erp
    items, suppliers = reading.ask(erp.items()), reading.ask(erp.suppliers())
    offers, stock = reading.ask(erp.offers()), reading.ask(erp.stock(reading.warehouse))
    for records in (items, suppliers, offers, reading.ask(erp.open_orders())):
        assert max(Counter(record.id for record in records).values()) == 1
    assert {offer.supplier_id for offer in offers} <= {supplier.id for supplier in suppliers}
    assert {level.item_id for level in stock} <= {item.id for item in items}
    assert len({level.item_id for level in stock}) == len(stock)


def test_archived_suppliers_are_listed_and_marked(reading: Subject) -> None:
    suppliers = reading.ask(reading.erp.suppliers())
    assert {supplier.active for supplier in suppliers} == {True, False}


def test_offers_have_rising_minimums_and_can_be_asked_for_by_item(reading: Subject) -> None:
    offers = reading.ask(reading.erp.offers())
    for offer in offers:
        minimums = [step.minimum for step in offer.breaks]
        assert all(one < other for one, other in pairwise(minimums))
    one = offers[0].item_id
    some = reading.ask(reading.erp.offers([one]))
    assert {offer.id for offer in some} == {o.id for o in offers if o.item_id == one}
    assert list(reading.ask(reading.erp.offers([]))) == []


def test_demand_counts_its_first_day_and_not_its_last(reading: Subject) -> None:
    erp, place, today = reading.erp, reading.warehouse, reading.today
    demand = reading.ask(erp.demand(place, today - YEAR, today))
    day = demand[len(demand) // 2].date
    on_the_day = reading.ask(erp.demand(place, day, day + timedelta(days=1)))
    assert {one.date for one in on_the_day} == {day}
    assert list(reading.ask(erp.demand(place, day, day))) == []
    before = reading.ask(erp.demand(place, today - YEAR, day))
    after = reading.ask(erp.demand(place, day, today))
    assert sum(d.quantity for d in [*before, *after]) == sum(d.quantity for d in demand)
    assert len(before) + len(after) == len(demand)


def test_reserved_needs_are_part_of_the_reserved_stock(reading: Subject) -> None:
    place = reading.warehouse
    levels = {level.item_id: level for level in reading.ask(reading.erp.stock(place))}
    needed: Counter[str] = Counter()
    for need in reading.ask(reading.erp.requirements(place)):
        assert need.quantity > 0
        assert need.source.id
        if need.reserved:
            needed[need.item_id] += need.quantity  # type: ignore[assignment]
    for item_id, quantity in needed.items():
        assert quantity <= levels[item_id].reserved


def test_receipts_start_with_the_day_asked_for(reading: Subject) -> None:
    receipts = reading.ask(reading.erp.receipts(reading.today - YEAR))
    day = max(receipt.received_on for receipt in receipts)
    last = reading.ask(reading.erp.receipts(day))
    assert {receipt.received_on for receipt in last} == {day}
    assert all(one.ordered_on <= one.received_on and one.quantity > 0 for one in receipts)


def test_an_order_that_is_not_there_is_none(reading: Subject) -> None:
    for order_id in ("987654321", "no number", ""):
        assert reading.ask(reading.erp.read_order(order_id)) is None
    assert reading.keyed("nobody's key") == []


def test_a_draft_reads_back_as_written(writing: Subject) -> None:
    key, wanted = new_key(), writing.order()
    order = writing.read(writing.ask(writing.erp.draft_order(key, wanted)))
    (line,), (asked,) = order.lines, wanted.lines
    assert (order.key, order.state, order.ordered_on) == (key, "draft", wanted.on)
    assert (order.supplier_id, order.warehouse_id) == (wanted.supplier_id, wanted.warehouse_id)
    assert order.currency == wanted.currency
    assert order.ours_untouched
    assert (line.item_id, line.unit) == (asked.item_id, asked.unit)
    assert line.quantity == line.outstanding == asked.quantity
    assert (line.unit_price, line.expected) == (asked.unit_price, asked.expected)


def test_an_approved_price_is_kept_whatever_the_offer_says(writing: Subject) -> None:
    order = writing.draft(unit_price=Decimal("7.77"))
    assert order.lines[0].unit_price == Decimal("7.77")


@pytest.mark.parametrize("key", ["a:1", "100%", "a_c", 'L\'été « 50 % » "x"', "📦:1"])
def test_an_order_is_found_by_exactly_its_key(writing: Subject, key: str) -> None:
    order = writing.draft(key)
    assert writing.keyed(key) == [order.id]
    for other in (f"{key}0", key[:-1], key.upper() + "X", "%", "_" * len(key), "a%", "abc", "1000"):
        assert order.id not in writing.keyed(other)


def test_two_drafts_with_one_key_come_in_order(writing: Subject) -> None:
    key = new_key()
    first, second = writing.draft(key), writing.draft(key)
    assert writing.keyed(key) == [first.id, second.id]
    writing.ask(writing.erp.discard_draft(second))
    assert writing.keyed(key) == [first.id]
    assert writing.ask(writing.erp.read_order(second.id)) is None


def test_a_draft_is_among_the_open_orders(writing: Subject) -> None:
    order = writing.draft()
    assert order in writing.ask(writing.erp.open_orders())


def test_confirming_binds_gives_a_number_and_is_done_once(writing: Subject) -> None:
    draft = writing.draft()
    writing.ask(writing.erp.confirm_order(draft))
    bound = writing.read(draft.id)
    assert (bound.state, bound.key) == ("confirmed", draft.key)
    assert bound.number
    assert [line.model_dump(exclude={"id"}) for line in bound.lines] == [
        line.model_dump(exclude={"id"}) for line in draft.lines
    ]
    for again in (draft, bound):
        with suppress(VendorRefused):
            writing.ask(writing.erp.confirm_order(again))
    assert writing.read(draft.id) == bound
    assert writing.keyed(draft.key or "") == [draft.id]
    assert bound in writing.ask(writing.erp.open_orders())


def test_a_confirmed_order_is_no_draft_any_more(writing: Subject) -> None:
    draft = writing.draft()
    writing.ask(writing.erp.confirm_order(draft))
    bound = writing.read(draft.id)
    for order in (draft, bound):
        with pytest.raises(VendorRefused):
            writing.ask(writing.erp.discard_draft(order))
        line_id = order.lines[0].id
        change = writing.erp.change_line(order, line_id, quantity=Decimal(1), expected=None)
        with pytest.raises(VendorRefused):
            writing.ask(change)
    assert writing.read(draft.id) == bound


def test_a_line_of_a_draft_changes_and_nothing_else_does(writing: Subject) -> None:
    draft = writing.draft()
    (line,) = draft.lines
    day = draft.lines[0].expected
    assert day is not None
    doubled = 2 * line.quantity
    writing.ask(writing.erp.change_line(draft, line.id, quantity=doubled, expected=None))
    once = writing.read(draft.id).lines[0]
    assert (once.quantity, once.expected, once.unit_price) == (doubled, day, line.unit_price)
    later = day + timedelta(days=5)
    now = writing.read(draft.id)
    writing.ask(writing.erp.change_line(now, line.id, quantity=doubled, expected=later))
    assert writing.read(draft.id).lines[0].expected == later


def test_a_change_that_makes_no_sense_is_refused(writing: Subject) -> None:
    draft = writing.draft()
    for line_id, quantity in ((draft.lines[0].id, Decimal(0)), ("987654321", Decimal(1))):
        with pytest.raises(VendorRefused):
            writing.ask(writing.erp.change_line(draft, line_id, quantity=quantity, expected=None))
    assert writing.read(draft.id) == draft


def test_what_somebody_changed_meanwhile_is_not_touched(writing: Subject) -> None:
    seen = writing.draft()
    line = seen.lines[0]
    writing.ask(writing.erp.change_line(seen, line.id, quantity=3 * line.quantity, expected=None))
    changed = writing.read(seen.id)
    assert changed.stamp != seen.stamp
    for attempt in (
        writing.erp.confirm_order(seen),
        writing.erp.discard_draft(seen),
        writing.erp.change_line(seen, line.id, quantity=line.quantity, expected=None),
    ):
        with pytest.raises(VendorRefused):
            writing.ask(attempt)
    assert writing.read(seen.id) == changed


def test_an_unknown_supplier_or_item_is_refused(writing: Subject) -> None:
    order, key = writing.order(), new_key()
    line = order.lines[0].model_copy(update={"item_id": "987654321"})
    for wrong in ({"supplier_id": "987654321"}, {"warehouse_id": "x"}, {"lines": (line,)}):
        with pytest.raises(VendorRefused):
            writing.ask(writing.erp.draft_order(key, order.model_copy(update=wrong)))
    assert writing.keyed(key) == []


def test_a_note_is_found_by_exactly_its_key_and_keeps_its_text(writing: Subject) -> None:
    text = 'L\'équerre « ÉQ-1 » manque :\n\n\t40 u, "urgent" 🚚 100 %\n[pas une clé]'
    about, other = writing.draft().ref(), writing.draft().ref()
    note_id = writing.ask(writing.erp.add_note(about, text, "k:1"))
    (note,) = writing.ask(writing.erp.find_notes(about, "k:1"))
    assert (note.id, note.text, note.key) == (note_id, text, "k:1")
    assert (note.about.model, note.about.id) == (about.model, about.id)
    for key in ("k:10", "k:", "1", "%", "k_1"):
        assert list(writing.ask(writing.erp.find_notes(about, key))) == []
    assert list(writing.ask(writing.erp.find_notes(other, "k:1"))) == []


def test_a_note_needs_a_record_to_hang_on(writing: Subject) -> None:
    nowhere = RecordRef(model="purchase_order", id="987654321")
    with pytest.raises(VendorRefused):
        writing.ask(writing.erp.add_note(nowhere, "lost", "k:1"))
