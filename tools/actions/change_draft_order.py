"""Change quantities or dates on a draft order that is in the ERP already.

There is no field for a key here: what was approved are values before and after, and looking at the
lines tells which of them are changed. Writing the same values twice changes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field, model_validator

from regisseur.errors import InvalidInput
from regisseur.tools.actions.base import Arguments, Difference, Fact, Found, Kind
from regisseur.tools.erp.ports import Purchasing
from regisseur.tools.records import (
    Day,
    Message,
    PurchaseOrder,
    PurchaseOrderLine,
    Quantity,
    Speaker,
    Unit,
    Value,
)

say = Speaker("regisseur.tools.actions")


class ChangedLine(Arguments):
    """One line, as it was when proposed and as it shall be, in the line's unit."""

    line_id: str
    item_label: str
    unit: Unit
    quantity_before: Decimal
    quantity_after: Decimal = Field(gt=0)
    expected_before: date | None = None
    expected_after: date | None = None
    """``None`` leaves the date alone."""

    @property
    def changes(self) -> bool:
        """Does it ask for anything at all?"""
        return self.quantity_after != self.quantity_before or self.expected_after not in (
            None,
            self.expected_before,
        )

    def is_after(self, line: PurchaseOrderLine) -> bool:
        """Has the line the approved values?"""
        return self._is(line, self.quantity_after, self.expected_after)

    def is_before(self, line: PurchaseOrderLine) -> bool:
        """Is the line as it was when the change was proposed?"""
        return self._is(line, self.quantity_before, self.expected_before)

    def _is(self, line: PurchaseOrderLine, quantity: Decimal, expected: date | None) -> bool:
        dated = self.expected_after is None or line.expected == expected
        return dated and (line.quantity, line.unit.id) == (quantity, self.unit.id)


class ChangeDraftOrder(Arguments):
    """Changes to one draft; each line once."""

    order_id: str
    order_label: str
    """Number or reference that people know the order by."""
    supplier_id: str
    supplier_name: str
    lines: tuple[ChangedLine, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_line_once(self) -> ChangeDraftOrder:
        if len({line.line_id for line in self.lines}) < len(self.lines):
            raise ValueError("a line may be changed once only")
        return self


class ChangeDraftKind(Kind[ChangeDraftOrder, Purchasing]):
    """Converges by value, one line a step."""

    name: ClassVar[str] = "change_draft_order"
    arguments = ChangeDraftOrder
    port: type[Any] = Purchasing
    editable: ClassVar[frozenset[str]] = frozenset(
        {"lines.*.quantity_after", "lines.*.expected_after"}
    )

    def subject(self, arguments: ChangeDraftOrder) -> str:
        """The order."""
        return arguments.order_id

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} draft order changed", "{count} draft orders changed", count)

    def summary(self, arguments: ChangeDraftOrder) -> Message:
        """Supplier, order, number of lines."""
        return say.counted(
            "{supplier}: change {count} line of draft {order}",
            "{supplier}: change {count} lines of draft {order}",
            len(arguments.lines),
            supplier=arguments.supplier_name,
            order=arguments.order_label,
        )

    def counterparty(self, arguments: ChangeDraftOrder) -> str:
        """The supplier's id."""
        return arguments.supplier_id

    def after_edit(self, arguments: ChangeDraftOrder) -> ChangeDraftOrder:
        """An edit that leaves a line as it is should be a rejection."""
        for position, line in enumerate(arguments.lines):
            if not line.changes:
                raise InvalidInput("changes nothing", field=f"lines.{position}.quantity_after")
        return arguments

    async def drift(
        self, port: Purchasing, key: str, arguments: ChangeDraftOrder, facts: Sequence[Fact]
    ) -> list[Difference]:
        """The order is gone, is no draft any more, or a line was changed by somebody else."""
        return list(_differences(arguments, await port.read_order(arguments.order_id)))

    async def look_up(self, port: Purchasing, key: str, arguments: ChangeDraftOrder) -> Found:
        """Which lines have the approved values."""
        return _found(arguments, await port.read_order(arguments.order_id))

    async def advance(
        self, port: Purchasing, key: str, arguments: ChangeDraftOrder, found: Found
    ) -> None:
        """Change the first line that is not yet changed; nothing where the order differs."""
        order = await port.read_order(arguments.order_id)
        if order is None or _found(arguments, order).state not in ("nothing", "partial"):
            return
        there = _by_id(order)
        for line in arguments.lines:
            if not line.is_after(there[line.line_id]):
                await port.change_line(
                    order, line.line_id, quantity=line.quantity_after, expected=line.expected_after
                )
                return

    def to_check(self, key: str, arguments: ChangeDraftOrder) -> Message:
        """Which order to look at."""
        return say(
            "Look at order {order} to {supplier}: does each line have its new quantity and date?",
            order=arguments.order_label,
            supplier=arguments.supplier_name,
        )


def _by_id(order: PurchaseOrder) -> dict[str, PurchaseOrderLine]:
    return {line.id: line for line in order.lines}


def _found(arguments: ChangeDraftOrder, order: PurchaseOrder | None) -> Found:
    there = {} if order is None else _by_id(order)
    changed = [
        line.line_id in there and line.is_after(there[line.line_id]) for line in arguments.lines
    ]
    if order is not None and order.state != "cancelled" and all(changed):
        return Found(state="done", reference=arguments.order_label, record=order.ref())
    return Found.model_validate(
        {
            "state": "partial" if any(changed) else "nothing",
            "reference": arguments.order_label,
            "record": None if order is None else order.ref(),
        }
        | _conflict(tuple(_differences(arguments, order)))
    )


def _conflict(differences: tuple[Difference, ...]) -> dict[str, object]:
    return {"state": "conflict", "differences": differences} if differences else {}


def _differences(arguments: ChangeDraftOrder, order: PurchaseOrder | None) -> Iterator[Difference]:
    name = say("order {order}", order=arguments.order_label)
    if order is None:
        yield Difference(name=name, was=say("draft"), now=say("no longer in the ERP"))
        return
    if order.state != "draft":
        yield Difference(name=name, was=say("draft"), now=_state(order))
    there = _by_id(order)
    for line in arguments.lines:
        yield from _line_differences(line, there.get(line.line_id))


def _line_differences(line: ChangedLine, there: PurchaseOrderLine | None) -> Iterator[Difference]:
    was = _shown(line.quantity_before, line.unit, line.expected_before)
    name = say("line {item}", item=line.item_label)
    if there is None:
        yield Difference(name=name, was=was, now=say("no longer on the order"))
    elif not (line.is_before(there) or line.is_after(there)):
        yield Difference(name=name, was=was, now=_shown(there.quantity, there.unit, there.expected))


def _shown(value: Decimal, unit: Unit, expected: date | None) -> Value:
    quantity = Quantity(value=value, unit=unit.symbol)
    if expected is None:
        return quantity
    return say("{quantity} on {day}", quantity=quantity, day=Day(date=expected))


def _state(order: PurchaseOrder) -> Message:
    return {
        "draft": say("draft"),
        "quoted": say("quoted"),
        "confirmed": say("confirmed"),
        "received": say("received"),
        "cancelled": say("cancelled"),
    }[order.state]


KIND = ChangeDraftKind()
