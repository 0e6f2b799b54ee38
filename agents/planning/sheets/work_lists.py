"""Work lists: what a work centre does in a shift, in its order, with room to write how it went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_datetime

from regisseur.agents.planning.calendar import AWAY, DAY, MIDNIGHT, Span, WorkshopCalendar, at_least
from regisseur.agents.planning.sheets.printing import about, pdf
from regisseur.agents.planning.timetable import Centre, Planned, Slot, Timetable
from regisseur.agents.planning.words import clock, day, joined, say
from regisseur.tools.records import Message, WorkCentre
from regisseur.tools.texts import word

DAYS = 2
"""Working days that are printed: the night's day and the next one."""
LOOKED_AT = 15
"""Days among which working days are looked for."""


@dataclass(frozen=True)
class Duty:
    """A shift of one work centre, and what is done in it."""

    centre: Centre
    title: Message
    spans: tuple[Span, ...]
    slots: tuple[Slot, ...]

    @property
    def begins(self) -> datetime:
        """When its first hour begins."""
        return self.spans[0].begins

    @property
    def ends(self) -> datetime:
        """When its last hour ends."""
        return self.spans[-1].ends


def work_lists(table: Timetable, calendar: WorkshopCalendar, locale: str) -> bytes:
    """A page, or as many as it takes, for each shift and work centre that has anything to do."""
    orders = {one.id: one for one in table.orders}
    firsts: dict[str, int] = {}
    for slot in table.slots:
        firsts[slot.order_id] = min(firsts.get(slot.order_id, slot.sequence), slot.sequence)
    pages = [
        {
            "heading": one.centre.name,
            "told": word(one.title, locale),
            "rows": [
                _row(table, one, slot, orders[slot.order_id], locale)
                | {"material": _material(table, slot, orders[slot.order_id], firsts, locale)}
                for slot in one.slots
            ],
        }
        for one in duties(table, calendar)
    ]
    return pdf(table, locale, kind="work_lists", title=say("Work lists"), pages=pages)


def duties(table: Timetable, calendar: WorkshopCalendar) -> list[Duty]:
    """What the next working days hold, by shift, then by work centre."""
    days = working_days(table, calendar)
    found = [
        duty
        for centre in table.centres
        for title, spans in _shifts(table, centre, calendar, days)
        if (duty := Duty(centre, title, spans, _during(table, centre, spans))).slots
    ]
    return sorted(found, key=lambda one: (one.begins, one.ends, one.centre.name, one.centre.id))


def working_days(table: Timetable, calendar: WorkshopCalendar) -> list[date]:
    """The next days on which a shift of any work centre begins."""
    coming = [table.on + n * DAY for n in range(LOOKED_AT)]
    own = [_record(one) for one in table.centres if not one.outside]
    worked = (on for on in coming if any(calendar.turns(one, on, on) for one in own))
    return [on for on, _ in zip(worked, range(DAYS), strict=False)]


def _shifts(
    table: Timetable, centre: Centre, calendar: WorkshopCalendar, days: Sequence[date]
) -> Iterator[tuple[Message, tuple[Span, ...]]]:
    """The shifts that begin on these days or reach into them; then hours that no shift covers, such
    as overtime that was granted since. Where two overlap, work belongs to the one that began first.
    """
    if not days:
        return
    begin, end = datetime.combine(table.on, MIDNIGHT), datetime.combine(days[-1] + DAY, MIDNIGHT)
    if centre.outside:
        yield _days_told(days), (Span(begin, end),)
        return
    edge, taken = begin, []
    for turn in calendar.turns(_record(centre), table.on - DAY, days[-1]):
        spans = tuple(Span(max(a, edge), b) for a, b in turn.stretches if b > edge)
        if spans:
            yield turn.told(), spans
            edge = turn.ends
            taken += [one.there(AWAY) for one in turn.stretches]
    opened = [Span(max(a, begin), min(b, end)).there(1) for a, b in centre.open if a < end]
    for a, b in at_least(1, [*opened, *taken]):
        hours = say(
            "Hours outside the shifts, {day}, {begins} to {ends}",
            day=day(a.date()),
            begins=clock(a),
            ends=clock(b),
        )
        yield hours, (Span(a, b),)


def _days_told(days: Sequence[date]) -> Message:
    return say("{first} to {last}", first=day(days[0]), last=day(days[-1]))


def _during(table: Timetable, centre: Centre, spans: Sequence[Span]) -> tuple[Slot, ...]:
    """Steps that are worked on in these hours; a change-over that ends with them says nothing."""
    return tuple(
        slot
        for slot in sorted(table.slots, key=lambda one: (one.start, one.order_id))
        if slot.centre_id == centre.id and any(slot.start < b and a < slot.end for a, b in spans)
    )


def _row(table: Timetable, duty: Duty, slot: Slot, order: Planned, locale: str) -> dict[str, Any]:
    """One step as the list has it."""
    goes_on = slot.start < duty.begins or (slot.started and slot.start == duty.begins)
    ends = slot.end <= duty.ends
    setup = slot.family
    if slot.setup_minutes and not goes_on:
        setup = word(say("{family}: {n} min", family=slot.family, n=slot.setup_minutes), locale)
    return about(table, order, locale) | {
        "from": word(say("goes on"), locale) if goes_on else _at(slot.start, duty, locale),
        "to": word(say("until {time}", time=_at(slot.end, duty, locale)), locale),
        "ends": ends,
        "operation": slot.operation,
        "step": word(say("step {n}", n=slot.sequence + 1), locale),
        "setup": setup,
        "changed": bool(slot.setup_minutes and not goes_on),
    }


def _at(moment: datetime, duty: Duty, locale: str) -> str:
    """With its day where that is another than the shift's."""
    if moment.date() == duty.begins.date():
        return clock(moment)
    return format_datetime(moment, "EEE d, HH:mm", locale=locale)


def _material(
    table: Timetable, slot: Slot, order: Planned, firsts: dict[str, int], locale: str
) -> str:
    """What the first step of an order waits for: purchases, and other orders."""
    if slot.sequence != firsts[slot.order_id] or slot.started:
        return ""
    known = {one.id: one.label for one in table.orders}
    parts: list[Message | str] = [one.label or one.id for one in order.waits_for]
    parts += [say("order {number}", number=known[one]) for one in order.after if one in known]
    if not parts and order.released is None:
        return ""
    if order.released is None:
        return word(say("waits for {list}", list=joined(parts)), locale)
    if not parts:
        return word(say("waits for material until {day}", day=day(order.released)), locale)
    waits = say("waits for {list}, until {day}", list=joined(parts), day=day(order.released))
    return word(waits, locale)


def _record(centre: Centre) -> WorkCentre:
    return WorkCentre(id=centre.id, name=centre.name, group=centre.group)
