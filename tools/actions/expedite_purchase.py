"""Tell the buyer that a line of a purchase order is needed earlier than it is expected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from regisseur.tools.actions.base import Difference
from regisseur.tools.actions.noting import Noted, NoteKind, name_of, say
from regisseur.tools.erp.ports import Purchasing
from regisseur.tools.records import (
    Day,
    Message,
    Money,
    PurchaseOrder,
    Quantity,
    RecordRef,
    Unit,
    Value,
)


class ExpeditePurchase(Noted):
    """``about`` is the purchase order."""

    supplier_id: str
    supplier_name: str
    line_id: str
    item_id: str
    item_label: str
    quantity: Decimal = Field(gt=0)
    """What was outstanding of the line, in ``unit``."""
    unit: Unit
    expected: date | None
    """When the ERP expected it; ``None`` where it had no day."""
    needed: date
    waiting: tuple[RecordRef, ...] = ()
    """Production orders and sales that wait for it."""
    cost_of_waiting: Money | None = None
    """What it costs if it comes on the expected day, where the agent can tell."""


class ExpeditePurchaseKind(NoteKind[ExpeditePurchase, Purchasing]):
    """See ``NoteKind``."""

    name: ClassVar[str] = "expedite_purchase"
    arguments = ExpeditePurchase
    reads: ClassVar[type[Any] | None] = Purchasing

    def subject(self, arguments: ExpeditePurchase) -> str:
        """The line."""
        return f"{arguments.about.id}/{arguments.line_id}"

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} delivery to chase", "{count} deliveries to chase", count)

    def summary(self, arguments: ExpeditePurchase) -> Message:
        """Who is to deliver what earlier."""
        return say(
            "{supplier}: {quantity} of {item} ({order}) needed on {needed}, expected: {expected}",
            supplier=arguments.supplier_name,
            quantity=Quantity(value=arguments.quantity, unit=arguments.unit.symbol),
            item=arguments.item_label,
            order=name_of(arguments.about),
            needed=Day(date=arguments.needed),
            expected=_day(arguments.expected),
        )

    def counterparty(self, arguments: ExpeditePurchase) -> str:
        """The supplier's id."""
        return arguments.supplier_id

    def material(self, before: ExpeditePurchase, after: ExpeditePurchase) -> bool:
        """After a rejection: other days. Another cost of waiting for the same ones is no reason."""
        return (before.needed, before.expected) != (after.needed, after.expected)

    async def still_true(
        self, records: Purchasing, arguments: ExpeditePurchase
    ) -> list[Difference]:
        """Something of the line is still to come, and expected on the same day."""
        return list(_differences(arguments, await records.read_order(arguments.about.id)))


def _differences(arguments: ExpeditePurchase, order: PurchaseOrder | None) -> Iterator[Difference]:
    lines = () if order is None or order.state == "cancelled" else order.lines
    line = next((one for one in lines if one.id == arguments.line_id), None)
    if line is None:
        name = say("line {item}", item=arguments.item_label)
        yield Difference(name=name, was=say("on order"), now=say("no longer on order"))
    elif line.outstanding <= 0:
        name = say("still to come of {item}", item=arguments.item_label)
        now, was = (
            Quantity(value=value, unit=unit.symbol)
            for value, unit in (
                (line.outstanding, line.unit),
                (arguments.quantity, arguments.unit),
            )
        )
        yield Difference(name=name, was=was, now=now)
    elif line.expected != arguments.expected:
        name = say("date of {item}", item=arguments.item_label)
        yield Difference(name=name, was=_day(arguments.expected), now=_day(line.expected))


def _day(day: date | None) -> Value:
    return say("no date") if day is None else Day(date=day)


KIND = ExpeditePurchaseKind()
