"""An example of every kind of action, for the crash matrix: what it finds, and a proposal.

A new kind of action enters the matrix by existing; all it needs is one line in ``EXAMPLES``. An
example asks a ``Stage`` for what it needs, so that the same one is played on every ERP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

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
    ProductionOrder,
    ProductionStep,
    PurchaseOrder,
    Quantity,
    RecordRef,
    SaleLine,
    Supplier,
    WorkCentre,
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

    def rest(self) -> tuple[Customer, Invoice]:
        """A customer, and what is left of an invoice of its, which may be written off here."""
        ...

    @property
    def picks_by_rule(self) -> bool:
        """Does a released order always get the same work centres? Else moving its steps takes more
        calls in one night than in another.
        """
        ...

    def job(self) -> tuple[ProductionOrder, ProductionStep, Sequence[WorkCentre]]:
        """A dated order that waits, a step of it, and two work centres: where the step is, and
        another one that can do it.
        """
        ...

    def promise(self) -> SaleLine:
        """What a customer waits for."""
        ...

    def delivery(self) -> PurchaseOrder:
        """A confirmed order of which something is still to come."""
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


def a_dispute(stage: Stage) -> Proposal:
    """One write, with no inert step before it."""
    customer, (invoice, *_) = stage.debtor()
    arguments = {
        "customer_id": customer.id,
        "customer_name": customer.name,
        "invoice_id": invoice.id,
        "invoice_number": invoice.number,
        "on": str(ON),
        "text": "Two are scratched.\nThey wait.",
    }
    return Proposal(kind="open_dispute", arguments=arguments, reason=say("They contest it."))


def a_rest(stage: Stage) -> Proposal:
    """An entry in the books that is refused the second time."""
    customer, invoice = stage.rest()
    arguments = {
        "customer_id": customer.id,
        "customer_name": customer.name,
        "invoice_id": invoice.id,
        "invoice_number": invoice.number,
        "on": str(ON),
        "amount": str(invoice.open),
        "currency": invoice.currency,
        "text": f"Balance of {invoice.number} written off",
    }
    return Proposal(kind="write_off", arguments=arguments, reason=say("It is little."))


def a_new_contact(stage: Stage) -> Proposal:
    """One that is added, which sent twice would be there twice; two people approve it."""
    customer, _ = stage.debtor()
    arguments = {
        "customer_id": customer.id,
        "customer_name": customer.name,
        "way": "email",
        "after": "accounts@new.example",
    }
    return Proposal(kind="correct_contact", arguments=arguments, reason=say("They said so."))


def _placed(job: tuple[ProductionOrder, ProductionStep, Sequence[WorkCentre]]) -> dict[str, Any]:
    _, step, centres = job
    before, after = ({"id": one.id, "name": one.name} for one in centres)
    step_of = {"sequence": step.sequence, "operation": step.operation}
    return {**step_of, "before": before, "after": after}


def a_later_order(stage: Stage) -> Proposal:
    """Three calls and two more: a note before them, and a step to be put in its place again."""
    job = stage.job()
    order = job[0]
    week = timedelta(days=7)
    assert order.planned_start is not None
    assert order.planned_end is not None
    arguments = {
        "order_id": order.id,
        "order_label": order.number or order.id,
        "item_label": order.item_label,
        "quantity": str(order.quantity),
        "unit": order.unit.model_dump(mode="json"),
        "state_before": order.state,
        "start_before": str(order.planned_start),
        "end_before": str(order.planned_end),
        "start_after": str(max(order.planned_start, ON) + week),
        "end_after": str(max(order.planned_end, ON) + 2 * week),
        "steps": [_placed(job)] if stage.picks_by_rule else [],
        "text": "Steel comes a week late.",
        "retraction": "It stays where it was after all.",
    }
    return Proposal(kind="reschedule_production", arguments=arguments, reason=say("It is late."))


def a_move(stage: Stage) -> Proposal:
    """One write, of a value."""
    job = stage.job()
    order = job[0]
    arguments = {
        "order_id": order.id,
        "order_label": order.number or order.id,
        "item_label": order.item_label,
        "step": _placed(job),
    }
    return Proposal(kind="move_operation", arguments=arguments, reason=say("It is free."))


def some_overtime(stage: Stage) -> Proposal:
    """A note on a production order."""
    order, _, (centre, _) = stage.job()
    made = order.ref().model_dump()
    arguments = {
        "about": made,
        "text": "Two hours more, please.",
        "work_centre_id": centre.id,
        "work_centre_name": centre.name,
        "day": str(ON),
        "starts": "17:00",
        "ends": "19:00",
        "heads": 1,
        "daily_hours": "9",
        "weekly_hours": "41",
        "saves": [{"order": made, "days": 2}],
    }
    return Proposal(kind="propose_overtime", arguments=arguments, reason=say("It is late."))


def a_new_date(stage: Stage) -> Proposal:
    """A note on a sale."""
    line = stage.promise()
    arguments = {
        "about": line.ref().model_dump(),
        "text": "Expected three weeks later.",
        "customer_id": line.customer_id,
        "customer_name": line.customer_name,
        "cause": "steel comes late",
        "lines": [
            {
                "line_id": line.id,
                "item_label": line.item_id,
                "outstanding": str(line.outstanding),
                "unit": "",
                "requested": line.requested and str(line.requested),
                "confirmed": line.confirmed and str(line.confirmed),
                "expected": str((line.confirmed or ON) + timedelta(days=21)),
            }
        ],
    }
    return Proposal(kind="propose_new_date", arguments=arguments, reason=say("It is late."))


def a_delivery(stage: Stage) -> Proposal:
    """A note on a purchase order."""
    order = stage.delivery()
    line = next(one for one in order.lines if one.outstanding > 0)
    arguments = {
        "about": order.ref().model_dump(),
        "text": "It is needed tomorrow.",
        "supplier_id": order.supplier_id,
        "supplier_name": "Steel mill",
        "line_id": line.id,
        "item_id": line.item_id,
        "item_label": line.item_id,
        "quantity": str(line.outstanding),
        "unit": line.unit.model_dump(mode="json"),
        "expected": line.expected and str(line.expected),
        "needed": str(ON + timedelta(days=1)),
    }
    return Proposal(kind="expedite_purchase", arguments=arguments, reason=say("It is needed."))


EXAMPLES: dict[str, Example] = {
    "change_draft_order": a_change,
    "place_purchase_order": an_order,
    "tell_sales": a_note,
    "open_dispute": a_dispute,
    "write_off": a_rest,
    "correct_contact": a_new_contact,
    "reschedule_production": a_later_order,
    "move_operation": a_move,
    "propose_overtime": some_overtime,
    "propose_new_date": a_new_date,
    "expedite_purchase": a_delivery,
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
