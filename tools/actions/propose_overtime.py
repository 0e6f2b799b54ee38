"""Ask for overtime on a work centre: always a person's decision.

Granted, it is a note on the first production order that it saves; the planning of the next nights
reads what was granted as further open hours (``graphs.past.deeds``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field, model_validator

from regisseur.errors import InvalidInput
from regisseur.tools.actions.base import Arguments, Difference
from regisseur.tools.actions.noting import Noted, NoteKind, say
from regisseur.tools.actions.workshop import state_of
from regisseur.tools.erp.ports import Production
from regisseur.tools.records import Day, Message, Money, RecordRef


class SavedOrder(Arguments):
    """A late order that the overtime helps."""

    order: RecordRef
    days: int = Field(gt=0)
    """By how many calendar days it is ready earlier."""


class ProposeOvertime(Noted):
    """``about`` is the production order that gets the note, the first of ``saves`` as a rule.

    Whether the hours are legal was found out by the agent that proposes them.
    """

    work_centre_id: str
    work_centre_name: str
    day: date
    starts: time
    ends: time
    """On the next day where it is not after ``starts``; both by the company's clocks."""
    heads: int = Field(gt=0)
    """How many people work."""
    skill: str | None = None
    """What they must be able to do, where it matters."""
    daily_hours: Decimal = Field(gt=0)
    """What each of them will have worked that day, these hours included."""
    weekly_hours: Decimal = Field(gt=0)
    """The same for the week."""
    hourly_cost: Money | None = None
    """Of one person, with the supplement for overtime; ``None`` where no rate is known."""
    saves: tuple[SavedOrder, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _by_the_wall(self) -> ProposeOvertime:
        if self.starts.tzinfo or self.ends.tzinfo:
            raise ValueError("hours are by the company's clocks, without a time zone")
        return self

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when to when, by the company's clocks."""
        last = self.day if self.ends > self.starts else self.day + timedelta(days=1)
        return datetime.combine(self.day, self.starts), datetime.combine(last, self.ends)

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        begin, end = self.span
        return (end - begin) // timedelta(minutes=1)

    @property
    def cost(self) -> Money | None:
        """Of everybody, to the cent."""
        hours = Decimal(self.minutes * self.heads) / 60
        return None if self.hourly_cost is None else (self.hourly_cost * hours).rounded()


class ProposeOvertimeKind(NoteKind[ProposeOvertime, Production]):
    """See ``NoteKind``."""

    name: ClassVar[str] = "propose_overtime"
    arguments = ProposeOvertime
    reads: ClassVar[type[Any] | None] = Production
    always_asks: ClassVar[bool] = True
    editable: ClassVar[frozenset[str]] = frozenset({"text", "ends"})

    def subject(self, arguments: ProposeOvertime) -> str:
        """The work centre and the day."""
        return f"{arguments.work_centre_id}/{arguments.day.isoformat()}"

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} overtime", "{count} overtimes", count)

    def summary(self, arguments: ProposeOvertime) -> Message:
        """Where, when, how many people, and how many orders it saves."""
        return say.counted(
            "{centre}: overtime on {day} from {starts} to {ends}, people: {heads};"
            " {count} order is ready earlier",
            "{centre}: overtime on {day} from {starts} to {ends}, people: {heads};"
            " {count} orders are ready earlier",
            len(arguments.saves),
            centre=arguments.work_centre_name,
            day=Day(date=arguments.day),
            starts=f"{arguments.starts:%H:%M}",
            ends=f"{arguments.ends:%H:%M}",
            heads=arguments.heads,
        )

    def amount(self, arguments: ProposeOvertime) -> Money | None:
        """What the hours cost."""
        return arguments.cost

    def material(self, before: ProposeOvertime, after: ProposeOvertime) -> bool:
        """After a rejection: other hours, other people or other orders; not other words."""
        return _asked(before) != _asked(after)

    def edit(self, before: ProposeOvertime, changed: Mapping[str, Any]) -> ProposeOvertime:
        """It may end earlier. Later has not been checked against what the law allows."""
        after = super().edit(before, changed)
        if after.minutes > before.minutes:
            raise InvalidInput("later than what was found to be legal", field="ends")
        shorter = (Decimal(before.minutes - after.minutes) / 60).quantize(Decimal("0.01"))
        hours = {
            "daily_hours": before.daily_hours - shorter,
            "weekly_hours": before.weekly_hours - shorter,
        }
        return after.model_copy(update=hours)

    async def still_true(self, records: Production, arguments: ProposeOvertime) -> list[Difference]:
        """The orders that it saves are still to be made."""
        found: list[Difference] = []
        for one in arguments.saves:
            order = await records.read_production(one.order.id)
            if order is None or order.state in ("done", "cancelled"):
                name = say("production order {order}", order=one.order.label or one.order.id)
                now = state_of(order.state if order else None)
                found.append(Difference(name=name, was=say("to be made"), now=now))
        return found


def _asked(arguments: ProposeOvertime) -> tuple[Any, ...]:
    orders = frozenset((one.order.id, one.days) for one in arguments.saves)
    return *arguments.span, arguments.heads, arguments.skill, orders


KIND = ProposeOvertimeKind()
