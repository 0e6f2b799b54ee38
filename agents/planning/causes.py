"""Why an order is late: found by trying what it would be without each thing that holds it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from regisseur.agents.planning.naming import centre_name, item_name
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.supplies import Wait
from regisseur.agents.planning.timetable import Planned
from regisseur.agents.planning.trying import Trial, Trials, built_from
from regisseur.agents.planning.words import day, days, say
from regisseur.tools.records import Message


@dataclass(frozen=True)
class Cause:
    """What makes an order late."""

    order: Planned
    why: Literal["capacity", "material", "time"]
    message: Message
    centre_id: str | None = None
    """Of ``capacity``: the work centre without whose limit it would be least late. Of ``time``: the
    one on which it takes longest."""
    wait: Wait | None = None
    """Of ``material``: what comes last."""
    gained: int = 0
    """Days less late without it."""
    feeds: tuple[str, ...] = ()
    """The order itself, last, and those that it is built from."""


def causes(night: Night, trials: Trials) -> tuple[Cause, ...]:
    """One for each late order, dearest first, as many as the settings allow."""
    late = trials.timetable.late()[: night.settings.most_remedies]
    return tuple(_cause(night, trials, one) for one in late)


def _cause(night: Night, trials: Trials, order: Planned) -> Cause:
    family = built_from(trials.made, order.id)
    return (
        _material(night, trials, order, family)
        or _capacity(night, trials, order, family)
        or _time(night, trials, order, family)
    )


def _material(night: Night, trials: Trials, order: Planned, family: list[str]) -> Cause | None:
    """Even in an empty workshop it would be late, and less so if its material were there at once."""
    works = {work.order.id: work for work in trials.made.works}
    waits = [
        wait
        for one in family
        for wait in works[one].material.waits
        if wait.source != "production" and works[one].order.state != "running"
    ]
    if not waits:
        return None
    gained = trials.alone(family) - trials.alone(family, waiting=False)
    last = max(waits, key=lambda wait: wait.day)
    if gained <= 0:
        return None
    message = _comes(night, last)
    return Cause(order, "material", message, wait=last, gained=gained, feeds=tuple(family))


def _comes(night: Night, wait: Wait) -> Message:
    """When what an order waits for is there."""
    number = wait.record.label if wait.record else ""
    if wait.sequence is not None:
        return say(
            "what a subcontractor does comes back with purchase order {number} on {day}",
            number=number,
            day=day(wait.day),
        )
    item = item_name(night, wait.item_id)
    if wait.source == "to_order":
        return say(
            "{item} is not there and not ordered; ordered today it comes on {day}",
            item=item,
            day=day(wait.day),
        )
    return say(
        "{item} of purchase order {number} comes on {day}",
        item=item,
        number=number,
        day=day(wait.day),
    )


def _capacity(night: Night, trials: Trials, order: Planned, family: list[str]) -> Cause | None:
    """Which work centre, if it did everything at once, would make it least late?"""
    used = sorted({x.centre_id for x in trials.timetable.slots if x.order_id in family})
    gains = {one: _gained(trials.without_limit(one, family), order) for one in used}
    best = max(used, key=lambda one: (gains[one], one), default=None)
    if best is None or gains[best] <= 0:
        return None
    message = say(
        "{centre} has more to do than it can: without the queue there it would be {days} earlier",
        centre=centre_name(night, best),
        days=days(gains[best]),
    )
    feeds = tuple(family)
    return Cause(order, "capacity", message, centre_id=best, gained=gains[best], feeds=feeds)


def _time(night: Night, trials: Trials, order: Planned, family: list[str]) -> Cause:
    """Nothing but its own work stands between today and its day."""
    alone = trials.alone(family)
    if order.due is not None and order.due < night.on:
        message = say("its day, {day}, is past", day=day(order.due))
    elif alone > 0 and (back := _back(trials, family)) is not None:
        message = _comes(night, back)
    elif alone > 0:
        message = say(
            "even in an empty workshop its work and the closed days would make it {days} late",
            days=days(alone),
        )
    else:
        message = say("several work centres together; no single one explains it")
    longest = _longest(trials, family)
    return Cause(order, "time", message, centre_id=longest, feeds=tuple(family))


def _back(trials: Trials, family: list[str]) -> Wait | None:
    """The last that a subcontractor sends back of what is with him already."""
    works = {work.order.id: work for work in trials.made.works}
    waits = [x for one in family for x in works[one].material.waits if x.sequence is not None]
    return max(waits, key=lambda wait: wait.day, default=None)


def _longest(trials: Trials, family: list[str]) -> str | None:
    """The work centre of ours that has most to do for these orders."""
    outside = {centre.id for centre in trials.timetable.centres if centre.outside}
    minutes: dict[str, int] = {}
    for slot in trials.timetable.slots:
        if slot.order_id in family and slot.centre_id not in outside:
            minutes[slot.centre_id] = minutes.get(slot.centre_id, 0) + slot.minutes
    return max(minutes, key=lambda one: (minutes[one], one), default=None)


def _gained(trial: Trial, order: Planned) -> int:
    return order.late_days - trial.late.get(order.id, 0)
