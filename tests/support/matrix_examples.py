"""An example of every kind of action, for the crash matrix: what is in the ERP, and a proposal.

A new kind of action enters the matrix by existing; all it needs is one line in ``EXAMPLES``.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from desk import ON, order_arguments, say

from regisseur.graphs.judgement import Proposal
from regisseur.tools.actions.base import Fact
from regisseur.tools.actions.place_purchase_order.guards import known_on_hand, known_outstanding
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import Quantity

Example = Callable[[MemoryERP], Proposal]


def an_order(erp: MemoryERP) -> Proposal:
    """A draft and its confirmation, guarded against what was ordered meanwhile."""
    item = erp.item("STEEL", unit="kg", on_hand=4)
    mill = erp.supplier("Steel mill")
    offer = erp.offer(item, mill, price="2.50", lead_time=14)
    place = erp.records.warehouses[0].id
    figures = ((known_on_hand, "4"), (known_outstanding, "0"))
    return Proposal(
        kind="place_purchase_order",
        arguments=order_arguments(item, mill, offer, 100, warehouse=place),
        reason=say("{n} kg are left.", n=4),
        facts=tuple(
            Fact(name=name(item.id), value=Quantity(value=Decimal(value), unit="kg"))
            for name, value in figures
        ),
    )


def a_change(erp: MemoryERP) -> Proposal:
    """Two lines, so that it can stop half-way."""
    items = [erp.item(code, unit="kg") for code in ("OAK", "ASH")]
    order = erp.order(erp.supplier("Sawmill"), [(one, 10) for one in items], state="draft")
    lines = [
        {
            "line_id": line.id,
            "item_label": line.item_id or "",
            "unit": line.unit.model_dump(mode="json"),
            "quantity_before": "10",
            "quantity_after": "25",
        }
        for line in order.lines
    ]
    arguments = {
        "order_id": order.id,
        "order_label": f"draft {order.id}",
        "supplier_id": order.supplier_id,
        "supplier_name": "Sawmill",
        "lines": lines,
    }
    return Proposal(kind="change_draft_order", arguments=arguments, reason=say("Too little."))


def a_note(erp: MemoryERP) -> Proposal:
    """One write, with no inert step before it."""
    about = erp.record("sale")
    note = {"about": about.model_dump(), "topic": "delay", "text": f"Delayed, {ON:%d/%m}"}
    return Proposal(kind="tell_sales", arguments=note, reason=say("They should know."))


EXAMPLES: dict[str, Example] = {
    "change_draft_order": a_change,
    "place_purchase_order": an_order,
    "tell_sales": a_note,
}
"""By the name of the kind."""


def example_of(kind: str) -> Example:
    """The example of a kind; fails the test, saying what to do, where there is none."""
    assert kind in EXAMPLES, (
        f"the crash matrix has no example of the kind {kind!r}: write one, a function from a "
        f"MemoryERP to a Proposal, and add it to EXAMPLES in tests/support/matrix_examples.py"
    )
    return EXAMPLES[kind]
