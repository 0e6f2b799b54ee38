"""How far the change of an order has come, what is different, and which step comes next.

An order that was released (waiting) is taken back to draft, gets its dates, and is released again:
three calls that are not atomic. A note that carries our key comes first. While the newest note
under the key is that one, a draft is ours and has to be released again; without it somebody took
the order back to draft for reasons of their own.

A draft of ours whose dates or quantity somebody changed is theirs from then on, and told.

One gap remains: if our worker dies after the note and before its first call, whoever takes the order
back to draft just then finds it released with the new dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from regisseur.tools.actions.base import Difference
from regisseur.tools.actions.reschedule_production.arguments import RescheduleProduction
from regisseur.tools.actions.workshop import say, state_of
from regisseur.tools.records import Day, Message, ProductionOrder, ProductionState, Quantity, Value

Does = Literal["tell", "reopen", "date", "release", "place", "date back", "retract"]


@dataclass(frozen=True)
class Step:
    """One call."""

    does: Does
    sequence: int | None = None
    """Which step of the order is placed."""


@dataclass(frozen=True)
class Standing:
    """One look at the order and its notes."""

    arguments: RescheduleProduction
    order: ProductionOrder | None
    told: bool
    """The newest note under our key says that the order is being moved."""
    as_it_stands: bool
    """The ERP takes new dates in the state that the order had: nothing has to be reopened."""

    @cached_property
    def dated(self) -> Literal["before", "after", "otherwise"]:
        """Which dates the order has."""
        wanted, order = self.arguments, self.order
        dates = (None, None) if order is None else (order.planned_start, order.planned_end)
        if dates == (wanted.start_after, wanted.end_after):
            return "after"
        return "before" if dates == (wanted.start_before, wanted.end_before) else "otherwise"

    @property
    def reopened(self) -> bool:
        """Is it a draft of ours, on which nobody else has worked?"""
        order = self.order
        if order is None or order.state != "draft" or self.as_it_stands or not self.told:
            return False
        return self.dated != "otherwise" and self._same_quantity(order)

    @property
    def done(self) -> bool:
        """Is all as it shall be, whoever did it?"""
        return self._work() is None and not self.differences

    @property
    def begun(self) -> bool:
        """Is there anything of the change?"""
        return self.told or (self.arguments.moves_dates and self.dated == "after")

    def next(self) -> Step | None:
        """The next step towards done; whoever takes it has made sure that nothing is different."""
        work = self._work()
        return Step("tell") if work is not None and not self.told else work

    def undo(self) -> Step | None:
        """The next step back, ``None`` where nothing half made is left that is ours."""
        if self.reopened:
            wanted = self.arguments
            had_dates = wanted.start_before is not None and wanted.end_before is not None
            return Step("date back" if had_dates and self.dated == "after" else "release")
        if self.order is not None and self.told and self.dated != "after":
            return None if self._taken_over else Step("retract")
        return None

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What is not as it was, nor as it shall be, nor as we left it on the way."""
        return tuple(self._differences())

    @property
    def _taken_over(self) -> bool:
        """A draft of ours on which somebody works now: it stays theirs, with our note."""
        return self.order is not None and self.order.state == "draft" and not self.as_it_stands

    @property
    def _released_anew(self) -> bool:
        """Were its steps remade, on work centres that nobody chose?"""
        anew = self.told and not self.as_it_stands and self.arguments.moves_dates
        return anew and self.dated == "after"

    def _same_quantity(self, order: ProductionOrder) -> bool:
        wanted = self.arguments
        return (order.quantity, order.unit.id) == (wanted.quantity, wanted.unit.id)

    def _work(self) -> Step | None:
        """What is to be done to the order itself."""
        if self.order is None:
            return None
        if self.reopened:
            return Step("release" if self.dated == "after" else "date")
        if self.dated != "after":
            return Step("date" if self.as_it_stands else "reopen")
        for step in self.arguments.steps:
            if not step.is_placed(self.order):
                return Step("place", step.sequence)
        return None

    def _differences(self) -> Iterator[Difference]:
        wanted, order = self.arguments, self.order
        yield from self._state_differences(order)
        if order is None:
            return
        if not self._same_quantity(order):
            was, now = (
                Quantity(value=value, unit=unit.symbol)
                for value, unit in ((wanted.quantity, wanted.unit), (order.quantity, order.unit))
            )
            name = say("quantity of {item}", item=wanted.item_label)
            yield Difference(name=name, was=was, now=now)
        if self.dated == "otherwise":
            yield Difference(
                name=say("planned dates of {order}", order=wanted.order_label),
                was=dates(wanted.start_before, wanted.end_before),
                now=dates(order.planned_start, order.planned_end),
            )
        if order.state in self._states() and not self.reopened:
            started = order.state in ("running", "done")
            for step in wanted.steps:
                yield from step.differences(order, anywhere=self._released_anew, closed=started)

    def _state_differences(self, order: ProductionOrder | None) -> Iterator[Difference]:
        name = say("production order {order}", order=self.arguments.order_label)
        was = state_of(self.arguments.state_before)
        if order is None or order.state not in self._states():
            yield Difference(name=name, was=was, now=state_of(order.state if order else None))
        elif self.dated != "after" and any(step.state != "to_do" for step in order.steps):
            yield Difference(name=name, was=was, now=state_of("running"))
        elif order.state == "ready" and self.dated != "after" and not self.as_it_stands:
            yield Difference(name=name, was=say("can be moved"), now=state_of(order.state))

    def _states(self) -> set[ProductionState]:
        """In which the order may be: as it was, on our way, and later once it has its dates."""
        states: set[ProductionState] = {self.arguments.state_before}
        if self.reopened:
            states.add("draft")
        if self.dated == "after":
            states |= {"ready", "running", "done"}
            if self.as_it_stands:
                states |= {"draft", "waiting"}
        return states


def dates(start: date | None, end: date | None) -> Message:
    """From when to when."""
    return say("{start} to {end}", start=_day(start), end=_day(end))


def _day(day: date | None) -> Value:
    return say("no date") if day is None else Day(date=day)
