"""When the workshop works: shifts, holidays, closings and granted overtime, as the engine needs them.

Times are those of the clock on the wall, without a zone. A shift belongs to the day on which it
begins: a night shift of a Sunday is worked whole though Monday is a holiday.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from holidays import country_holidays

from regisseur.agents.planning.engine.problem import Crew, Interval
from regisseur.agents.planning.shifts import (
    CalendarSettings,
    Closing,
    Opening,
    Shift,
)
from regisseur.agents.planning.words import clock, day, say
from regisseur.tools.records import Message, Value, WorkCentre

DAY = timedelta(days=1)
MIDNIGHT = datetime.min.time()
AWAY = -10_000
"""Outweighs any number of people and of shifts that are there at the same time."""
ASSUMED = Shift(name="", days="mon-fri", hours=("08:00-12:00", "13:00-17:00"))
"""The shift of a company that has written none; reports say so."""

T = TypeVar("T", int, datetime)


class Span(NamedTuple):
    """From a moment (included) to a moment (excluded)."""

    begins: datetime
    ends: datetime

    @property
    def hours(self) -> float:
        """Its length."""
        return (self.ends - self.begins) / timedelta(hours=1)

    def there(self, count: int) -> tuple[datetime, datetime, int]:
        """So many all the time, for ``stacked``."""
        return self.begins, self.ends, count


@dataclass(frozen=True)
class Turn:
    """A shift on one day, or overtime that was granted."""

    name: str
    """As the company calls it; empty for the assumed shift."""
    stretches: tuple[Span, ...]
    """What lies between them are breaks."""
    people: tuple[tuple[str, int], ...] = ()
    overtime: bool = False

    @property
    def begins(self) -> datetime:
        """When its first stretch begins."""
        return self.stretches[0].begins

    @property
    def ends(self) -> datetime:
        """When its last stretch ends."""
        return self.stretches[-1].ends

    def title(self) -> Value:
        """What people call it."""
        if self.overtime:
            return say("Overtime")
        return self.name or say("Day shift")

    def told(self) -> Message:
        """For a work list: which shift, of which day, from when to when."""
        return say(
            "{shift}, {day}, {begins} to {ends}",
            shift=self.title(),
            day=day(self.begins.date()),
            begins=clock(self.begins),
            ends=clock(self.ends),
        )


@dataclass(frozen=True)
class Units:
    """Whole units since the midnight that begins the night's date, and back."""

    night: date
    minutes: int = 15
    """Of one unit."""

    @property
    def start(self) -> datetime:
        """Unit 0."""
        return datetime.combine(self.night, MIDNIGHT)

    def moment(self, unit: int) -> datetime:
        """When a unit begins."""
        return self.start + unit * timedelta(minutes=self.minutes)

    def floor(self, moment: datetime) -> int:
        """The unit in which a moment lies."""
        return (moment - self.start) // timedelta(minutes=self.minutes)

    def ceil(self, moment: datetime) -> int:
        """The first unit that does not begin before a moment."""
        return -((self.start - moment) // timedelta(minutes=self.minutes))

    def duration(self, minutes: float) -> int:
        """Units that work of so many minutes takes, at least one."""
        return max(math.ceil(minutes / self.minutes - 1e-9), 1)


class WorkshopCalendar:
    """The hours of the work centres and of the people, from the night's date on."""

    def __init__(
        self,
        settings: CalendarSettings,
        night: date,
        *,
        openings: Iterable[Opening] = (),
        closings: Iterable[Closing] = (),
    ) -> None:
        """Openings and closings that people told are added to those of the settings."""
        self.units = Units(night, settings.unit_minutes)
        self.horizon = settings.weeks * 7 * 24 * 60 // settings.unit_minutes
        """Units after which nothing is known."""
        self.assumed = not settings.shifts
        self._settings = settings
        self._shifts = settings.shifts or (ASSUMED,)
        self._told = (tuple(openings), tuple(closings))
        self._openings = (*settings.openings, *self._told[0])
        self._closings = (*settings.closings, *self._told[1])

    def with_openings(self, more: Iterable[Opening]) -> WorkshopCalendar:
        """The same, with overtime added."""
        openings, closings = self._told
        return WorkshopCalendar(
            self._settings, self.units.night, openings=(*openings, *more), closings=closings
        )

    def holiday(self, on: date) -> bool:
        """Is this a public holiday on which nobody works here?"""
        return self._festive(on) and on not in self._settings.worked_holidays

    def closed(self, on: date) -> bool:
        """Does no shift begin on this day, whatever the weekday?"""
        return self.holiday(on) or any(one.first <= on <= one.last for one in self._settings.closed)

    def assumption(self) -> Message | None:
        """To be said wherever a plan rests on it."""
        if not self.assumed:
            return None
        return say(
            "No shifts are written in the settings: Monday to Friday, 08:00 to 12:00 and 13:00 to"
            " 17:00, is assumed for every work centre."
        )

    def without_hours(self, centres: Iterable[WorkCentre]) -> list[WorkCentre]:
        """Those that no shift names while every shift names its own: nothing can be planned there."""
        return [one for one in centres if self.lead_days(one) is None and not self._shifts_of(one)]

    def unknown(self, centres: Sequence[WorkCentre]) -> list[str]:
        """Names in the settings that no work centre of the ERP bears."""
        written = [name for shift in self._settings.shifts for name in shift.centres]
        written += [one.centre for one in self._openings]
        written += [one.centre for one in self._closings if one.centre]
        written += self._settings.outside
        bare = (name for name in dict.fromkeys(written) if not any(_is(c, name) for c in centres))
        return sorted(bare)

    def lead_days(self, centre: WorkCentre) -> int | None:
        """Working days that work takes there, ``None`` for a centre of our own."""
        outside = self._settings.outside
        return next((days for name, days in outside.items() if _is(centre, name)), None)

    def lead_units(self, centre: WorkCentre) -> int | None:
        """The same as working time of ``open``, round the clock on working days."""
        days = self.lead_days(centre)
        return None if days is None else self.units.duration(days * 24 * 60)

    def open(self, centre: WorkCentre) -> tuple[Interval, ...]:
        """When a centre works, in whole units: what is open in part of a unit only is closed."""
        if self.lead_days(centre) is not None:
            return self._in_units(one.there(1) for one in self._working_days())
        present = [one.there(1) for turn in self._coming(centre) for one in turn.stretches]
        closed = [(one.begins, one.ends, AWAY) for one in self._closings if _at(centre, one)]
        return self._in_units([*present, *closed])

    def crews(self) -> tuple[Crew, ...]:
        """The people of each skill, over all work centres; none where no shift names people."""
        present: dict[str, list[tuple[datetime, datetime, int]]] = defaultdict(list)
        for turn in self._coming(None):
            for skill, heads in turn.people:
                present[skill] += [one.there(heads) for one in turn.stretches]
        away = [(one.begins, one.ends, AWAY) for one in self._closings if not one.centre]
        return tuple(
            Crew(skill, self._heads([*parts, *away])) for skill, parts in sorted(present.items())
        )

    def turns(self, centre: WorkCentre, first: date, last: date) -> list[Turn]:
        """Shifts and overtime that begin on these days, both included, in order; closings of the
        centre are not taken out of them.
        """
        turns = self._turns(self._shifts_of(centre), first, last)
        granted = self._overtime(centre, first, last)
        return sorted([*turns, *granted], key=lambda turn: (turn.begins, turn.ends))

    def shift_at(self, centre: WorkCentre, moment: datetime) -> Turn | None:
        """The shift that a moment belongs to, breaks included; of two the one that began first."""
        near = self.turns(centre, moment.date() - DAY, moment.date())
        return next((turn for turn in near if turn.begins <= moment < turn.ends), None)

    def worked(self, centre: WorkCentre, first: date, last: date) -> dict[str, list[Span]]:
        """Hours of the people of each shift name, for ``law_hours``. Overtime counts for all of
        them, as nobody has written who came.
        """
        granted = [one for turn in self._overtime(centre, first, last) for one in turn.stretches]
        hours: dict[str, list[Span]] = {}
        for shift in self._shifts_of(centre):
            turns = self._turns((shift,), first, last)
            own = hours.setdefault(shift.name, [*granted])
            own += [one for turn in turns for one in turn.stretches]
        return {name: sorted(spans) for name, spans in hours.items()}

    def _shifts_of(self, centre: WorkCentre | None) -> tuple[Shift, ...]:
        """Those that name the centre, else those that name none; of no centre in particular all."""
        if centre is None:
            return self._shifts
        own = tuple(one for one in self._shifts if any(_is(centre, name) for name in one.centres))
        return own or tuple(one for one in self._shifts if not one.centres)

    def _coming(self, centre: WorkCentre | None) -> Iterator[Turn]:
        """From the evening before the night's date to the end of the horizon."""
        first, last = self.units.night - DAY, self.units.moment(self.horizon).date()
        yield from self._turns(self._shifts_of(centre), first, last)
        yield from self._overtime(centre, first, last)

    def _turns(self, shifts: Iterable[Shift], first: date, last: date) -> Iterator[Turn]:
        for shift in shifts:
            people = tuple(shift.people.items())
            for on in _days(first, last):
                if on.weekday() in shift.weekdays and not self.closed(on):
                    yield Turn(shift.name, _placed(on, shift.stretches), people)

    def _overtime(self, centre: WorkCentre | None, first: date, last: date) -> Iterator[Turn]:
        """Granted on purpose, so neither a holiday nor a closed period takes it away."""
        for one in self._openings:
            if first <= one.day <= last and (centre is None or _is(centre, one.centre)):
                placed = _placed(one.day, one.stretches)
                yield Turn("", placed, tuple(one.people.items()), overtime=True)

    def _festive(self, on: date) -> bool:
        return on in _holidays(self._settings.country, self._settings.region, on.year)

    def _working_days(self) -> Iterator[Span]:
        last = self.units.moment(self.horizon).date()
        for on in _days(self.units.night, last):
            if on.weekday() < 5 and not self._festive(on):
                begins = datetime.combine(on, MIDNIGHT)
                yield Span(begins, begins + DAY)

    def _in_units(
        self, present: Iterable[tuple[datetime, datetime, int]], least: int = 1
    ) -> tuple[Interval, ...]:
        """Whole units, inside the horizon, during which at least so many are there."""
        shrunk = (
            (max(self.units.ceil(begins), 0), min(self.units.floor(ends), self.horizon))
            for begins, ends in at_least(least, present)
        )
        return tuple((first, end) for first, end in shrunk if first < end)

    def _heads(
        self, present: list[tuple[datetime, datetime, int]]
    ) -> tuple[tuple[int, int, int], ...]:
        """How many are there in each unit: the fewest of any moment in it."""
        most = max((heads for _, _, heads in stacked(present)), default=0)
        levels = (self._in_units(present, level) for level in range(1, most + 1))
        return tuple(stacked((*interval, 1) for level in levels for interval in level))


def stacked(parts: Iterable[tuple[T, T, int]]) -> list[tuple[T, T, int]]:
    """Sums of what overlaps: disjoint parts in order, those of sums below 1 left out."""
    change: dict[T, int] = defaultdict(int)
    for begins, ends, count in parts:
        change[begins] += count
        change[ends] -= count
    found: list[tuple[T, T, int]] = []
    total, turning = 0, sorted(at for at, by in change.items() if by)
    for begins, ends in pairwise(turning):
        total += change[begins]
        if total > 0:
            found.append((begins, ends, total))
    return found


def at_least(least: int, parts: Iterable[tuple[T, T, int]]) -> list[tuple[T, T]]:
    """When the sum is at least so much; none touches the next."""
    found: list[tuple[T, T]] = []
    for begins, ends, count in stacked(parts):
        if count < least:
            continue
        if found and found[-1][1] == begins:
            found[-1] = found[-1][0], ends
        else:
            found.append((begins, ends))
    return found


def _placed(on: date, stretches: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Minutes since midnight, on a day."""
    midnight = datetime.combine(on, MIDNIGHT)
    return tuple(
        Span(midnight + timedelta(minutes=begins), midnight + timedelta(minutes=ends))
        for begins, ends in stretches
    )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * DAY for n in range((last - first).days + 1))


def _at(centre: WorkCentre, closing: Closing) -> bool:
    return not closing.centre or _is(centre, closing.centre)


def _is(centre: WorkCentre, name: str) -> bool:
    """Does this id or name mean the centre, or the group that it is in?"""
    known = (centre.id, centre.name, centre.group or "")
    return name.casefold() in (text.casefold() for text in known)


@lru_cache(maxsize=256)
def _holidays(country: str, region: str, year: int) -> frozenset[date]:
    """Frozen, as the library's own object works years out while it is asked, from any thread."""
    return frozenset(country_holidays(country, region or None, years=year))
