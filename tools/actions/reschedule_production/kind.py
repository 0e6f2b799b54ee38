"""The kind itself: one step at a time, from whatever is really there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from regisseur.errors import InvalidInput, NeedsPerson, OutcomeUnknown, RetryLater, VendorRefused
from regisseur.tools.actions.base import Difference, Fact, Found, Kind, Outside
from regisseur.tools.actions.noting import same_text
from regisseur.tools.actions.reschedule_production.arguments import RescheduleProduction
from regisseur.tools.actions.reschedule_production.standing import Standing, Step, dates
from regisseur.tools.actions.workshop import left_as_it_is, say
from regisseur.tools.erp.ports import Connection, Notes, Production
from regisseur.tools.records import Message, ProductionOrder

MOST_BACK = 6
"""Steps after which going back is given up: three calls, and as many that got no answer."""
ONCE = ("tell", "retract", "reopen")
"""After a silence these are looked for again after a while and not at once repeated: a note would be
there twice, and an order that is taken back late may have been released again by then.
"""


@dataclass(frozen=True)
class Workshop:
    """The production orders, and the notes on them."""

    production: Production
    notes: Notes


class RescheduleKind(Kind[RescheduleProduction, Workshop]):
    """Converges by value; see ``standing`` for how a draft of ours is told from a person's."""

    name: ClassVar[str] = "reschedule_production"
    arguments = RescheduleProduction
    port: type[Any] = Production
    editable: ClassVar[frozenset[str]] = frozenset({"start_after", "end_after", "text"})

    def repeats(self, erp: Connection) -> bool:
        """Nearly all is values, and the rest is looked for again after a while (``ONCE``); that has
        nothing to do with the ERP's drafts.
        """
        return True

    def reach(self, outside: Outside) -> Workshop:
        """Through production and notes."""
        return Workshop(outside.port(Production), outside.port(Notes))

    def subject(self, arguments: RescheduleProduction) -> str:
        """The order."""
        return arguments.order_id

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted(
            "{count} production order moved", "{count} production orders moved", count
        )

    def summary(self, arguments: RescheduleProduction) -> Message:
        """What is made when instead of when."""
        return say(
            "{order} ({item}): {after} instead of {before}",
            order=arguments.order_label,
            item=arguments.item_label,
            after=dates(arguments.start_after, arguments.end_after),
            before=dates(arguments.start_before, arguments.end_before),
        )

    def after_edit(self, arguments: RescheduleProduction) -> RescheduleProduction:
        """An edit that leaves all as it is should be a rejection."""
        if not arguments.changes:
            raise InvalidInput("changes nothing", field="start_after")
        return arguments

    def material(self, before: RescheduleProduction, after: RescheduleProduction) -> bool:
        """After a rejection: other dates or places. Other words for the same are no reason."""
        return _asked(before) != _asked(after)

    async def drift(
        self, port: Workshop, key: str, arguments: RescheduleProduction, facts: Sequence[Fact]
    ) -> list[Difference]:
        """It started, is gone, or was changed by somebody else."""
        return list((await _look(port, key, arguments)).differences)

    async def look_up(self, port: Workshop, key: str, arguments: RescheduleProduction) -> Found:
        """How far it has come."""
        standing = await _look(port, key, arguments)
        order = standing.order
        return Found(
            state="done" if standing.done else "partial" if standing.begun else "nothing",
            reference=arguments.order_label,
            record=None if order is None else order.ref(),
            differences=standing.differences,
        )

    async def advance(
        self, port: Workshop, key: str, arguments: RescheduleProduction, found: Found
    ) -> None:
        """Take the next step; refused where something is different now, so that what started or
        was changed between two of our steps is left alone.
        """
        await _go(port, key, arguments, _onward)

    async def abandon(
        self, port: Workshop, key: str, arguments: RescheduleProduction, found: Found
    ) -> None:
        """Release a draft of ours again with its old dates and places, and say so in a note.

        Raises NeedsPerson where that can't be done.
        """
        was_draft = (await _look(port, key, arguments)).reopened
        with suppress(VendorRefused):
            for _ in range(MOST_BACK):
                with suppress(OutcomeUnknown):
                    if await _go(port, key, arguments, Standing.undo) is None:
                        break
        standing = await _look(port, key, arguments)
        if standing.reopened:
            raise _needs_person(arguments, "is a draft and has to be released again")
        if was_draft and standing.dated == "before":
            await _put_back(port, arguments)
        elif standing.dated == "after" and not (standing.done or standing.differences):
            raise _needs_person(arguments, "has its new dates, but not each step its work centre")

    def to_check(self, key: str, arguments: RescheduleProduction) -> Message:
        """What to look at on the order."""
        return say(
            "Look at production order {order}: is it planned from {dates}, released as it was, and"
            " each step on its work centre? Our notes on it carry {key}.",
            order=arguments.order_label,
            dates=dates(arguments.start_after, arguments.end_after),
            key=key,
        )


def _asked(arguments: RescheduleProduction) -> tuple[Any, ...]:
    places = frozenset((step.sequence, step.after.id) for step in arguments.steps)
    return arguments.start_after, arguments.end_after, places


def _needs_person(arguments: RescheduleProduction, what: str) -> NeedsPerson:
    return NeedsPerson(f"production order {arguments.order_label} {what}: do it in the ERP by hand")


async def _look(port: Workshop, key: str, arguments: RescheduleProduction) -> Standing:
    notes = await port.notes.find_notes(arguments.record, key)
    return Standing(
        arguments,
        await port.production.read_production(arguments.order_id),
        told=bool(notes) and same_text(notes[-1].text, arguments.text),
        as_it_stands=arguments.state_before in port.production.dates_change_in,
    )


def _onward(standing: Standing) -> Step | None:
    if standing.differences:
        raise left_as_it_is(standing.arguments.order_label)
    return standing.next()


async def _go(
    port: Workshop,
    key: str,
    arguments: RescheduleProduction,
    course: Callable[[Standing], Step | None],
) -> Step | None:
    """Take the next step of a course, unless there is none.

    A refusal counts only if it is still the next one then: a silent earlier call may have been
    carried out late, which is why this one was refused. Raises RetryLater after a silence where a
    second call would do harm if the first were carried out late.
    """
    standing = await _look(port, key, arguments)
    step = course(standing)
    if step is None or standing.order is None:
        return None
    try:
        await _take(port, key, arguments, standing.order, step)
    except VendorRefused:
        if course(await _look(port, key, arguments)) == step:
            raise
    except OutcomeUnknown as error:
        if step.does not in ONCE:
            raise
        if course(await _look(port, key, arguments)) == step:
            told = f"whether {arguments.order_label} was changed ({step.does}) is not known yet"
            raise RetryLater(told) from error
    return step


async def _take(
    port: Workshop,
    key: str,
    arguments: RescheduleProduction,
    order: ProductionOrder,
    step: Step,
) -> None:
    production = port.production
    match step.does:
        case "tell":
            await port.notes.add_note(arguments.record, arguments.text, key)
        case "retract":
            await port.notes.add_note(arguments.record, arguments.retraction, key)
        case "reopen":
            await production.reopen(order)
        case "date":
            await production.set_planned(order, arguments.start_after, arguments.end_after)
        case "date back" if arguments.start_before and arguments.end_before:
            await production.set_planned(order, arguments.start_before, arguments.end_before)
        case "release":
            await production.release(order)
        case "place":
            await _place(port, arguments, order, step.sequence)


async def _place(
    port: Workshop,
    arguments: RescheduleProduction,
    order: ProductionOrder,
    sequence: int | None,
) -> None:
    for placed in arguments.steps:
        if placed.sequence == sequence and (step := placed.find(order)) is not None:
            await port.production.move_step(order, step.id, placed.after.id)


async def _put_back(port: Workshop, arguments: RescheduleProduction) -> None:
    """Each step of an order that was just released again where it was before, if the ERP lets it."""
    order = await port.production.read_production(arguments.order_id)
    for placed in arguments.steps:
        step = None if order is None else placed.find(order)
        if order and step and placed.before and step.work_centre_id != placed.before.id:
            with suppress(VendorRefused, OutcomeUnknown):
                await port.production.move_step(order, step.id, placed.before.id)
