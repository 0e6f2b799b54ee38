"""Within which limits overtime may be proposed: French working-time law as dated lines with their
source, each replaced by a company's own line where an agreement says otherwise.

Looked at are the hours of one group of people (those of one shift), as the calendar has them: who
was away, fell ill or changed shifts is not known here. A proposal is no permission; people decide.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from regisseur.agents.planning.calendar import DAY, MIDNIGHT, Span, WorkshopCalendar, at_least
from regisseur.agents.planning.words import day, hours, moment, say
from regisseur.graphs.agent import Settings
from regisseur.tools.records import Message, Value, WorkCentre

LimitName = Literal[
    "day_hours",
    "week_hours",
    "average_hours",
    "average_weeks",
    "daily_rest_hours",
    "weekly_rest_hours",
    "sunday_hours",
    "holiday_hours",
    "yearly_overtime_hours",
]
"""Most hours of work from midnight to midnight; from Monday to Sunday; a week in the mean; the weeks
of that mean; least hours of rest within 24 hours; at a stretch each week; most hours on a Sunday; on
a public holiday; of overtime in a year and for each person (only told)."""

WEEK = 7 * DAY
HOUR = timedelta(hours=1)
STEP = timedelta(minutes=15)
"""By which overtime is shortened until it is allowed."""
REST_INSIDE = 24
"""Hours of the weekly rest that lie in the week itself; the daily rest next to them need not."""


class Limit(Settings):
    """One line: a limit, from when on it holds, and where it was read."""

    name: LimitName
    value: Annotated[Decimal, Field(ge=0)]
    """Hours, or weeks for ``average_weeks``."""
    since: date
    """First day on which it holds, until a newer line."""
    source: str = Field(min_length=1)
    """The article, or the company agreement with its date."""
    status: Literal["certain", "to verify"] = "to verify"
    """``certain`` once a person has read it in the official source."""

    def cited(self) -> Value:
        """The source, and that nobody has verified it yet."""
        if self.status == "certain":
            return self.source
        return say("{source}, to verify", source=self.source)


def _line(name: LimitName, value: int, article: str) -> Limit:
    """As the Labour Code has it in its numbering since the laws of 2016; none is verified yet."""
    source = f"Code du travail, art. {article}"
    return Limit(name=name, value=Decimal(value), since=date(2017, 1, 1), source=source)


FRENCH = (
    _line("day_hours", 10, "L3121-18"),
    _line("week_hours", 48, "L3121-20"),
    _line("average_hours", 44, "L3121-22"),
    _line("average_weeks", 12, "L3121-22"),
    _line("daily_rest_hours", 11, "L3131-1"),
    _line("weekly_rest_hours", 35, "L3132-2"),
    _line("sunday_hours", 0, "L3132-3"),
    _line("holiday_hours", 0, "L3133-4"),
    _line("yearly_overtime_hours", 220, "D3121-24"),
)
"""In force in 2026. The article on holidays forbids work on 1 May only; that no overtime is proposed
on the others either is this product's caution."""


class HourLimits(Settings):
    """The limits within which overtime may be proposed: the table ``[agents.planning.hours]``."""

    limits: tuple[Limit, ...] = ()
    """The company's own lines; they replace the law's of the same name from their day on."""

    def on(self, name: LimitName, when: date) -> Limit:
        """The line that holds on a day. Raises LookupError for days before any."""
        for lines in (self.limits, FRENCH):
            held = [one for one in lines if one.name == name and one.since <= when]
            if held:
                return max(held, key=lambda one: one.since)
        raise LookupError(f"no limit {name} is known for {when}")


@dataclass(frozen=True)
class Refusal:
    """A limit that what was asked for would go beyond."""

    limit: Limit
    reason: Message

    def told(self) -> Message:
        """The reason, with the source of the limit."""
        return say("{reason} ({source})", reason=self.reason, source=self.limit.cited())


@dataclass(frozen=True)
class Ruling:
    """What of the hours asked for may be proposed."""

    asked: Span
    allowed: Span | None
    """The longest part from its begin or to its end; ``None`` where nothing is left."""
    refusals: tuple[Refusal, ...] = ()
    """Why the rest may not; empty where all of it may."""
    quota: Limit | None = None
    """What the allowed hours count towards."""
    people: str | None = None
    """The shift whose people may work them; ``None`` where that was not asked."""

    @property
    def hours(self) -> float:
        """Hours that are allowed."""
        return self.allowed.hours if self.allowed else 0.0

    def told(self) -> list[Message]:
        """Why not all of it, and what the allowed hours count towards."""
        sentences = [one.told() for one in self.refusals]
        if self.allowed and self.quota:
            sentences.append(
                say(
                    "counts towards the {most} of overtime a year for each person ({source}); how"
                    " much of them is used is not known here",
                    most=hours(self.quota.value),
                    source=self.quota.cited(),
                )
            )
        return sentences


def may_work(
    asked: Span,
    worked: Sequence[Span],
    limits: HourLimits,
    holiday: Callable[[date], bool],
) -> Ruling:
    """May people who have the hours ``worked`` work ``asked`` too?

    ``worked`` covers the weeks of ``weeks_around``. A shorter time is never worse, so the longest
    allowed one is found by halving.
    """

    def broken(span: Span) -> list[Refusal]:
        merged = [Span(*one) for one in at_least(1, (one.there(1) for one in (*worked, span)))]
        return list(_refusals(span, merged, limits, holiday))

    quota = limits.on("yearly_overtime_hours", asked.begins.date())
    refusals = tuple(broken(asked))
    if not refusals:
        return Ruling(asked, asked, quota=quota)
    steps = range(1, -((asked.begins - asked.ends) // STEP))
    first = bisect_left(steps, True, key=lambda n: bool(broken(_first(asked, n))))
    last = bisect_left(steps, True, key=lambda n: bool(broken(_last(asked, n))))
    allowed = _first(asked, first) if first >= last else _last(asked, last)
    return Ruling(asked, allowed if allowed.hours else None, refusals, quota)


def overtime(
    calendar: WorkshopCalendar, centre: WorkCentre, asked: Span, limits: HourLimits
) -> Ruling | None:
    """May people of any of the centre's shifts work these hours in addition? The answer for those
    who may do most of them; ``None`` where no shift of ours works there.
    """
    if calendar.lead_days(centre) is not None:
        return None
    groups = calendar.worked(centre, *weeks_around(asked, limits))
    rulings = [
        replace(may_work(asked, worked, limits, calendar.holiday), people=name)
        for name, worked in sorted(groups.items())
    ]
    return max(rulings, key=lambda one: one.hours, default=None)


def weeks_around(asked: Span, limits: HourLimits) -> tuple[date, date]:
    """First and last day of the hours that a ruling looks at."""
    weeks = int(limits.on("average_weeks", asked.begins.date()).value)
    return (
        _monday(asked.begins.date()) - (weeks - 1) * WEEK,
        _monday(asked.ends.date()) + weeks * WEEK - DAY,
    )


def _first(asked: Span, steps: int) -> Span:
    return Span(asked.begins, asked.begins + steps * STEP)


def _last(asked: Span, steps: int) -> Span:
    return Span(asked.ends - steps * STEP, asked.ends)


def _refusals(
    asked: Span, worked: Sequence[Span], limits: HourLimits, holiday: Callable[[date], bool]
) -> Iterator[Refusal]:
    """Each limit that is broken near ``asked``; ``worked`` contains it, merged and in order."""
    last = (asked.ends - timedelta.resolution).date()
    first = asked.begins.date()
    for when in [first + n * DAY for n in range((last - first).days + 1)]:
        yield from _day(when, asked, worked, limits, holiday)
    yield from _daily_rest(asked, worked, limits)
    by_week = _by_week(worked)
    for monday in sorted({_monday(first), _monday(last)}):
        yield from _week(monday, by_week, limits)
        yield from _weekly_rest(monday, worked, limits)


def _day(
    when: date,
    asked: Span,
    worked: Sequence[Span],
    limits: HourLimits,
    holiday: Callable[[date], bool],
) -> Iterator[Refusal]:
    begins = datetime.combine(when, MIDNIGHT)
    total = sum(_common(one, begins, begins + DAY) for one in worked)
    added = _common(asked, begins, begins + DAY)
    most = limits.on("day_hours", when)
    values: dict[str, Value] = {"day": day(when), "hours": hours(total), "most": hours(most.value)}
    if total > most.value:
        yield Refusal(most, say("{day}: {hours} of work, {most} a day at most", **values))
    most = limits.on("sunday_hours", when)
    values = {"day": day(when), "most": hours(most.value)}
    if when.weekday() == 6 and added > most.value:
        yield Refusal(most, say("{day}: {most} at most on a Sunday", **values))
    most = limits.on("holiday_hours", when)
    values = {"day": day(when), "most": hours(most.value)}
    if holiday(when) and added > most.value:
        yield Refusal(most, say("{day}: {most} at most on a public holiday", **values))


def _daily_rest(asked: Span, worked: Sequence[Span], limits: HourLimits) -> Iterator[Refusal]:
    """Work that no daily rest interrupts must fit into what that rest leaves of 24 hours."""
    least = limits.on("daily_rest_hours", asked.begins.date())
    rest = float(least.value) * HOUR
    begins, ends = asked
    for one in reversed([one for one in worked if one.begins < asked.begins]):
        if begins - one.ends >= rest:
            break
        begins = min(begins, one.begins)
    for one in (one for one in worked if one.ends > asked.ends):
        if one.begins - ends >= rest:
            break
        ends = max(ends, one.ends)
    if ends - begins > DAY - rest:
        reason = say(
            "less than {rest} of rest within 24 hours from {moment}",
            rest=hours(least.value),
            moment=moment(begins),
        )
        yield Refusal(least, reason)


def _week(monday: date, by_week: dict[date, float], limits: HourLimits) -> Iterator[Refusal]:
    most, total = limits.on("week_hours", monday), by_week[monday]
    if total > most.value:
        reason = say(
            "week of {day}: {hours} of work, {most} at most",
            day=day(monday),
            hours=hours(total),
            most=hours(most.value),
        )
        yield Refusal(most, reason)
    most = limits.on("average_hours", monday)
    count = int(limits.on("average_weeks", monday).value)
    firsts = [monday - n * WEEK for n in range(count)]
    means = {one: sum(by_week[one + n * WEEK] for n in range(count)) / count for one in firsts}
    first = max(firsts, key=lambda one: means[one])
    if means[first] > most.value:
        reason = say.counted(
            "{count} week from {day}: {hours} a week in the mean, {most} at most",
            "{count} weeks from {day}: {hours} a week in the mean, {most} at most",
            count,
            day=day(first),
            hours=hours(means[first]),
            most=hours(most.value),
        )
        yield Refusal(most, reason)


def _weekly_rest(monday: date, worked: Sequence[Span], limits: HourLimits) -> Iterator[Refusal]:
    least = limits.on("weekly_rest_hours", monday)
    begins = datetime.combine(monday, MIDNIGHT)
    ends = begins + WEEK
    edges = [Span(begins - WEEK, begins - WEEK), *worked, Span(ends + WEEK, ends + WEEK)]
    rests = [Span(before.ends, after.begins) for before, after in pairwise(edges)]
    stretch = float(least.value)
    inside = min(REST_INSIDE, stretch)
    if not any(one.hours >= stretch and _common(one, begins, ends) >= inside for one in rests):
        reason = say(
            "week of {day}: less than {rest} of rest at a stretch",
            day=day(monday),
            rest=hours(least.value),
        )
        yield Refusal(least, reason)


def _by_week(worked: Iterable[Span]) -> dict[date, float]:
    """Hours of work from each Monday to Sunday."""
    found: dict[date, float] = defaultdict(float)
    for one in worked:
        monday = _monday(one.begins.date())
        while (begins := datetime.combine(monday, MIDNIGHT)) < one.ends:
            found[monday] += _common(one, begins, begins + WEEK)
            monday += WEEK
    return found


def _common(span: Span, begins: datetime, ends: datetime) -> float:
    """Hours of a span that lie between two moments."""
    return max((min(span.ends, ends) - max(span.begins, begins)) / HOUR, 0.0)


def _monday(when: date) -> date:
    return when - when.weekday() * DAY
