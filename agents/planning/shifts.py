"""The hours of the workshop as a company writes them: ``[agents.planning.calendars]``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cached_property
from typing import Annotated, Literal

from holidays import country_holidays
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from regisseur.graphs.agent import Settings

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
LONGEST_SHIFT = 16 * 60
"""Minutes from begin to end, beyond which somebody wrote the hours in a wrong order."""

_ONE_OR_RANGE = rf"(?:{'|'.join(DAY_NAMES)})(?:-(?:{'|'.join(DAY_NAMES)}))?"
Weekdays = Annotated[str, StringConstraints(pattern=rf"^{_ONE_OR_RANGE}(?:, ?{_ONE_OR_RANGE})*$")]
"""``mon-fri``, ``sat``, or ``mon, wed, fri-sat``."""
Hours = Annotated[
    str,
    StringConstraints(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$"),
]
"""``08:00-12:00``; ``22:00-06:00`` ends on the next day."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _on_the_wall(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        raise ValueError("write the time as the company's clocks show it, without a zone")
    return moment


LocalTime = Annotated[datetime, AfterValidator(_on_the_wall)]


class _Worked(Settings):
    """Hours of one day, and who works then."""

    hours: tuple[Hours, ...] = Field(min_length=1)
    """In their order; what lies between them are breaks."""
    people: dict[Name, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """How many of each skill."""

    @model_validator(mode="after")
    def _in_order(self) -> _Worked:
        first, last = self.stretches[0][0], self.stretches[-1][1]
        if last - first > LONGEST_SHIFT:
            raise ValueError(
                f"{', '.join(self.hours)}: from begin to end that is more than"
                f" {LONGEST_SHIFT // 60} hours; write the hours in their order, without overlap,"
                " and a shift for each group of people"
            )
        return self

    @cached_property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """From and to, in minutes since the midnight that begins the day."""
        return _unrolled(self.hours)


class Shift(_Worked):
    """Hours that come back every week; several with one name are one group of people."""

    name: str = Field(max_length=40)
    days: Weekdays = "mon-fri"
    """On which it begins."""
    centres: tuple[Name, ...] = ()
    """Work centres (name or id) or groups of them that keep it. Those that are named keep only
    shifts that name them; all others keep the shifts that name none."""

    @cached_property
    def weekdays(self) -> frozenset[int]:
        """0 for Monday to 6 for Sunday."""
        found: set[int] = set()
        for part in re.split(", ?", self.days):
            begin, _, end = part.partition("-")
            first, last = DAY_NAMES.index(begin), DAY_NAMES.index(end or begin)
            found.update((first + n) % 7 for n in range((last - first) % 7 + 1))
        return frozenset(found)


class Opening(_Worked):
    """Overtime that was granted: one centre works on one day in addition to its shifts."""

    centre: Name
    day: date


class Closing(Settings):
    """A machine is down, or the whole workshop: nothing is worked on from then to then."""

    centre: str = ""
    """Name, id or group; the whole workshop where nothing is written."""
    begins: LocalTime
    ends: LocalTime
    reason: str = ""

    @model_validator(mode="after")
    def _forward(self) -> Closing:
        if self.ends <= self.begins:
            raise ValueError("ends: it ends before it begins")
        return self


class ClosedDays(Settings):
    """Days on which no shift begins, both included."""

    first: date
    last: date
    reason: str = ""

    @model_validator(mode="after")
    def _forward(self) -> ClosedDays:
        if self.last < self.first:
            raise ValueError("the last day comes before the first")
        return self


class CalendarSettings(Settings):
    """When the workshop works."""

    unit_minutes: Literal[5, 10, 15, 20, 30, 60] = 15
    """The plan's grid: work begins on a full unit, openings shrink to it and durations grow."""
    weeks: int = Field(default=16, ge=1, le=104)
    """How far ahead is planned."""
    country: str = "FR"
    """Whose public holidays are kept (ISO 3166 alpha-2)."""
    region: str = ""
    """With holidays of its own: ``6AE`` for Alsace, ``57`` for Moselle, ``974`` for La Réunion …"""
    worked_holidays: tuple[date, ...] = ()
    """Public holidays that are worked all the same, such as the day of solidarity."""
    shifts: tuple[Shift, ...] = ()
    """Without any, Monday to Friday 08:00-12:00 and 13:00-17:00 is assumed and reports say so."""
    closed: tuple[ClosedDays, ...] = ()
    openings: tuple[Opening, ...] = ()
    closings: tuple[Closing, ...] = ()
    outside: dict[Name, Annotated[int, Field(ge=0, le=365)]] = Field(default_factory=dict)
    """Work centres that stand for subcontractors, with the working days that work takes there."""

    @model_validator(mode="after")
    def _known_place(self) -> CalendarSettings:
        try:
            country_holidays(self.country, self.region or None)
        except NotImplementedError as error:
            raise ValueError(
                f"no public holidays are known for {self.country} {self.region}".rstrip()
                + "; write codes such as FR and 57"
            ) from error
        return self


def _unrolled(hours: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Each begins at or after the end of the one before, past midnight if need be."""
    found: list[tuple[int, int]] = []
    earliest = 0
    for text in hours:
        begins, ends = map(_minutes, text.split("-"))
        while begins < earliest:
            begins += DAY_MINUTES
        while ends <= begins:
            ends += DAY_MINUTES
        found.append((begins, ends))
        earliest = ends
    return tuple(found)


def _minutes(text: str) -> int:
    if text == "24:00":
        return DAY_MINUTES
    at = time.fromisoformat(text)
    return at.hour * 60 + at.minute
