"""An example of every kind of action, for the crash matrix: what it finds, and a proposal.

A new kind of action enters the matrix by existing; all it needs is one line in ``EXAMPLES``. An
example asks a ``Stage`` for what it needs, so that the same one is played on every ERP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from desk import ON, order_arguments, say
from reminding import reminder

from regisseur.graphs.judgement import Proposal
from regisseur.tools.actions.base import Fact
from regisseur.tools.actions.place_purchase_order.guards import known_on_hand, known_outstanding
from regisseur.tools.records import (
    Customer,
    Invoice,
    Item,
    Offer,
    PurchaseOrder,
    Quantity,
    RecordRef,
    Supplier,
)


@dataclass(frozen=True)
class Shelf:
    """What one supplier sells us; nothing of it is on order."""

    supplier: Supplier
    goods: Sequence[tuple[Item, Offer]]


class Stage(Protocol):
    """What an example finds in the ERP, whichever that is."""

    @property
    def warehouse(self) -> str:
        """Where goods are kept; its id."""
        ...

    def shelf(self, goods: int) -> Shelf:
        """So many goods of one supplier."""
        ...

    def on_hand(self, item: Item) -> Decimal:
        """In the item's stock unit."""
        ...

    def draft(self, supplier: Supplier, lines: Iterable[tuple[Offer, int]]) -> PurchaseOrder:
        """A draft that somebody wrote by hand: quantities in packs."""
        ...

    def record(self, word: str) -> RecordRef:
        """Some record, by our word for its kind: ``sale``, ``invoice`` …"""
        ...

    def debtor(self) -> tuple[Customer, Sequence[Invoice]]:
        """A customer who can be reached in every way, and two invoices that may be chased."""
        ...


Example = Callable[[Stage], Proposal]


def packs(offer: Offer, number: int) -> Decimal:
    """A quantity that the supplier accepts."""
    return number * max(offer.multiple, offer.minimum_quantity, Decimal(1))


def an_order(stage: Stage) -> Proposal:
    """A draft and its confirmation, guarded against what was ordered meanwhile."""
    shelf = stage.shelf(1)
    ((item, offer),) = shelf.goods
    figures = ((known_on_hand, stage.on_hand(item)), (known_outstanding, Decimal(0)))
    return Proposal(
        kind="place_purchase_order",
        arguments=order_arguments(
            item, shelf.supplier, offer, int(packs(offer, 100)), warehouse=stage.warehouse
        ),
        reason=say("{n} kg are left.", n=4),
        facts=tuple(
            Fact(name=name(item.id), value=Quantity(value=value, unit=item.unit.symbol))
            for name, value in figures
        ),
    )


def a_change(stage: Stage) -> Proposal:
    """Two lines, so that it can stop half-way."""
    shelf = stage.shelf(2)
    order = stage.draft(shelf.supplier, [(offer, 10) for _, offer in shelf.goods])
    lines = [
        {
            "line_id": line.id,
            "item_label": line.item_id or "",
            "unit": line.unit.model_dump(mode="json"),
            "quantity_before": str(line.quantity),
            "quantity_after": str(line.quantity * 2),
        }
        for line in order.lines
    ]
    arguments = {
        "order_id": order.id,
        "order_label": f"draft {order.id}",
        "supplier_id": order.supplier_id,
        "supplier_name": shelf.supplier.name,
        "lines": lines,
    }
    return Proposal(kind="change_draft_order", arguments=arguments, reason=say("Too little."))


def a_note(stage: Stage) -> Proposal:
    """One write, with no inert step before it."""
    about = stage.record("sale")
    note = {"about": about.model_dump(), "topic": "delay", "text": f"Delayed, {ON:%d/%m}"}
    return Proposal(kind="tell_sales", arguments=note, reason=say("They should know."))


def a_reminder(kind: str) -> Example:
    """A message to a customer, which leaves before it is kept in the ERP."""

    def proposed(stage: Stage) -> Proposal:
        customer, invoices = stage.debtor()
        return reminder(kind, customer, invoices)

    return proposed


EXAMPLES: dict[str, Example] = {
    "change_draft_order": a_change,
    "place_purchase_order": an_order,
    "tell_sales": a_note,
    **{
        kind: a_reminder(kind)
        for kind in (
            "send_reminder",
            "prepare_letter",
            "prepare_call",
            "formal_notice",
            "hand_over",
        )
    },
}
"""By the name of the kind."""


def example_of(kind: str) -> Example:
    """The example of a kind; fails the test, saying what to do, where there is none."""
    assert kind in EXAMPLES, (
        f"the crash matrix has no example of the kind {kind!r}: write one, a function from a "
        f"Stage to a Proposal, and add it to EXAMPLES in tests/support/matrix_examples.py"
    )
    return EXAMPLES[kind]
