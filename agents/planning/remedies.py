"""What would save late orders, each tried: overtime where there is a queue, purchases that come
earlier. Other work centres of the same group are no way out: the plan has used them already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from regisseur.agents.planning.calendar import DAY, Span
from regisseur.agents.planning.causes import Cause
from regisseur.agents.planning.law_hours import Ruling, overtime
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.shifts import Opening
from regisseur.agents.planning.supplies import Wait
from regisseur.agents.planning.trying import Trial, Trials
from regisseur.tools.records import WorkCentre

EVENING = timedelta(hours=2)
"""Overtime that is asked for after the last shift of a day."""
SATURDAY = timedelta(hours=4)
"""And on a day without any shift."""
MOST_OVERTIME = 4
"""Stretches of overtime that are proposed for one work centre."""
MONTH = timedelta(days=28)
DAYS_AHEAD = 10
"""Days on which overtime is looked for."""


@dataclass(frozen=True)
class Overtime:
    """A work centre open for longer on one day."""

    centre_id: str
    span: Span
    ruling: Ruling
    saves: Mapping[str, int]
    """Days less late, by order, with the stretches proposed before this one; of several that only
    help together, what they save together."""
    heads: int
    skill: str | None
    daily_hours: float
    weekly_hours: float


@dataclass(frozen=True)
class Sooner:
    """A purchase that comes earlier."""

    wait: Wait
    needed: date
    saves: Mapping[str, int]


@dataclass(frozen=True)
class Remedies:
    """All that was found to help."""

    overtime: tuple[Overtime, ...] = ()
    sooner: tuple[Sooner, ...] = ()
    refused: tuple[Ruling, ...] = ()
    """Overtime that would have helped and is not legal."""


def remedies(night: Night, trials: Trials, found: Sequence[Cause]) -> Remedies:
    """Try what each cause suggests."""
    queues: dict[str, list[Cause]] = {}
    for cause in found:
        if cause.centre_id is not None:
            queues.setdefault(cause.centre_id, []).append(cause)
    hours = [_Overtimes(night, trials, centre) for centre in queues]
    return Remedies(
        overtime=tuple(one for centre in hours for one in centre.found()),
        sooner=tuple(_sooner(night, trials, found)),
        refused=tuple(ruling for centre in hours for ruling in centre.refused),
    )


class _Overtimes:
    """Looks for overtime on one work centre, the most helpful hours first."""

    def __init__(self, night: Night, trials: Trials, centre_id: str) -> None:
        self.night, self.trials = night, trials
        self.centre: WorkCentre = night.centres[centre_id]
        self.refused: list[Ruling] = []

    def found(self) -> list[Overtime]:
        """Take the best stretch, then the best one beside it, while that still saves days; several
        together where none does alone.
        """
        openings: list[Opening] = []
        proposed: list[Overtime] = []
        pending: list[tuple[Span, Ruling, list[Opening]]] = []
        now = saved = self.trials.base
        while len(openings) < MOST_OVERTIME:
            tried = [
                (self.trials.with_overtime([*openings, self._opening(span)]), span, ruling)
                for span, ruling in self._candidates(openings)
            ]
            if not tried:
                break
            best, span, ruling = max(tried, key=partial(_worth, now))
            if best.cost >= now.cost:
                break
            pending.append((span, ruling, [*openings]))
            openings.append(self._opening(span))
            now = best
            if saves := saved.earlier(now):
                proposed += [self._proposed(*one, saves) for one in pending]
                pending, saved = [], now
        return proposed

    def _candidates(self, granted: Sequence[Opening]) -> Iterator[tuple[Span, Ruling]]:
        """What the law leaves beside the overtime that is proposed already, one stretch a day."""
        calendar = self.night.calendar.with_openings(granted)
        taken = {one.day for one in granted}
        for on in (self.night.on + count * DAY for count in range(DAYS_AHEAD)):
            span = None if on in taken else self._span(on)
            if span is None:
                continue
            ruling = overtime(calendar, self.centre, span, self.night.settings.hours)
            if ruling is None:
                return
            if ruling.allowed is not None:
                yield ruling.allowed, ruling
            elif not granted and all(one.limit.value for one in ruling.refusals):
                self.refused.append(ruling)  # nobody asks why not on a Sunday

    def _span(self, on: date) -> Span | None:
        """After the last shift of the day, or from when a usual day begins where there is none."""
        turns = self.night.calendar.turns(self.centre, on, on)
        if turns:
            ends = max(turn.ends for turn in turns)
            return Span(ends, ends + EVENING)
        usual = self.night.calendar.turns(self.centre, self.night.on, self.night.on + MONTH)
        if not usual:
            return None
        begins = datetime.combine(on, usual[0].begins.time())
        return Span(begins, begins + SATURDAY)

    def _opening(self, span: Span) -> Opening:
        skill = self._skill()
        return Opening(
            centre=self.centre.id,
            day=span.begins.date(),
            hours=(f"{span.begins:%H:%M}-{span.ends:%H:%M}",),
            people={skill: 1} if skill else {},
        )

    def _skill(self) -> str | None:
        """The skill that the centre's operations need, if there is one whose people are counted."""
        operations = {
            one.operation for one in self.trials.timetable.slots if one.centre_id == self.centre.id
        }
        settings = self.night.settings
        for name, those in sorted(settings.skills.items()):
            if name in settings.counted_skills and operations & {*those}:
                return name
        return None

    def _proposed(
        self, span: Span, ruling: Ruling, before: Sequence[Opening], saves: Mapping[str, int]
    ) -> Overtime:
        monday = span.begins.date() - span.begins.weekday() * DAY
        calendar = self.night.calendar.with_openings(before)
        return Overtime(
            centre_id=self.centre.id,
            span=span,
            ruling=ruling,
            saves=saves,
            heads=1,
            skill=self._skill(),
            daily_hours=_hours(
                calendar.worked(self.centre, span.begins.date(), span.begins.date()), ruling
            ),
            weekly_hours=_hours(calendar.worked(self.centre, monday, monday + 6 * DAY), ruling),
        )


def _worth(before: Trial, tried: tuple[Trial, Span, Ruling]) -> tuple[float, float]:
    """Weighted lateness saved by an hour; the sooner of two equals."""
    after, span, _ = tried
    return (before.cost - after.cost) / span.hours, -span.begins.toordinal()


def _hours(worked: Mapping[str, Iterable[Span]], ruling: Ruling) -> float:
    """Hours of the people who may do it, with these."""
    return sum(span.hours for span in worked.get(ruling.people or "", ())) + ruling.hours


def _sooner(night: Night, trials: Trials, found: Sequence[Cause]) -> Iterator[Sooner]:
    """By when each purchase would have to come for the orders that wait for it to be in time."""
    seen: set[tuple[str, str]] = set()
    for cause in found:
        wait = cause.wait
        if wait is None or wait.record is None or (wait.record.id, wait.line_id) in seen:
            continue
        seen.add((wait.record.id, wait.line_id))
        needed = max(wait.day - timedelta(days=cause.gained), night.on)
        unit = max(night.units.floor(datetime.combine(needed, datetime.min.time())), 0)
        waiting = _waiting_for(trials, wait)
        saves = trials.base.earlier(trials.released(dict.fromkeys(waiting, unit)))
        if saves:
            yield Sooner(wait, needed, saves)


def _waiting_for(trials: Trials, wait: Wait) -> list[str]:
    """Orders whose last material from outside is that of this line."""
    return [
        work.order.id
        for work in trials.made.works
        for one in work.material.waits
        if (one.line_id, one.source, one.sequence) == (wait.line_id, wait.source, None)
        and one.day == work.material.release
    ]
