"""Tell sales that a customer's goods are expected on another day than was confirmed.

Three dates, never mixed up: asked for by the customer, confirmed by sales, expected by planning.
Only sales changes the confirmed one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints

from regisseur.tools.actions.base import Arguments, Difference
from regisseur.tools.actions.noting import Noted, NoteKind, name_of, say
from regisseur.tools.erp.ports import Sales
from regisseur.tools.records import Day, Message, SaleLine, Value

Cause = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class ExpectedLine(Arguments):
    """A line of the order, with its three dates when the note was worded."""

    line_id: str
    item_label: str
    outstanding: Decimal = Field(gt=0)
    """In ``unit``, the symbol of the item's stock unit."""
    unit: str
    requested: date | None
    confirmed: date | None
    expected: date
    """The day on which planning expects it to be ready."""


class ProposeNewDate(Noted):
    """``about`` is the sale."""

    customer_id: str
    customer_name: str
    cause: Cause
    """In a few words, in the company's language."""
    lines: tuple[ExpectedLine, ...] = Field(min_length=1)

    @property
    def expected(self) -> date:
        """The day on which all lines are expected to be ready."""
        return max(line.expected for line in self.lines)


class ProposeNewDateKind(NoteKind[ProposeNewDate, Sales]):
    """See ``NoteKind``."""

    name: ClassVar[str] = "propose_new_date"
    arguments = ProposeNewDate
    reads: ClassVar[type[Any] | None] = Sales

    def subject(self, arguments: ProposeNewDate) -> str:
        """The sale."""
        return arguments.about.id

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted(
            "{count} new date for a customer", "{count} new dates for customers", count
        )

    def summary(self, arguments: ProposeNewDate) -> Message:
        """Whose order is expected when, and why."""
        return say(
            "{customer}: {sale} is expected on {day} ({cause})",
            customer=arguments.customer_name,
            sale=name_of(arguments.about),
            day=Day(date=arguments.expected),
            cause=arguments.cause,
        )

    def counterparty(self, arguments: ProposeNewDate) -> str:
        """The customer's id."""
        return arguments.customer_id

    def material(self, before: ProposeNewDate, after: ProposeNewDate) -> bool:
        """After a rejection: other days. Other words for the same days are no reason."""
        return _days(before) != _days(after)

    async def still_true(self, records: Sales, arguments: ProposeNewDate) -> list[Difference]:
        """Each line is still open, and confirmed for the same day."""
        return list(_differences(arguments, await records.open_sales()))


def _days(arguments: ProposeNewDate) -> set[tuple[str, date | None, date]]:
    return {(line.line_id, line.confirmed, line.expected) for line in arguments.lines}


def _differences(arguments: ProposeNewDate, there: Sequence[SaleLine]) -> Iterator[Difference]:
    now = {line.id: line for line in there}
    for line in arguments.lines:
        found = now.get(line.line_id)
        if found is None:
            name = say("line {item}", item=line.item_label)
            yield Difference(name=name, was=say("open"), now=say("delivered or cancelled"))
        elif found.confirmed != line.confirmed:
            name = say("confirmed date of {item}", item=line.item_label)
            yield Difference(name=name, was=_day(line.confirmed), now=_day(found.confirmed))


def _day(day: date | None) -> Value:
    return say("no date") if day is None else Day(date=day)


KIND = ProposeNewDateKind()
