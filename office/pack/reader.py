"""Whoever reads a pack: sentences of the first screen that all its forms share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from babel.dates import format_skeleton

from regisseur.graphs.report import ActionLine
from regisseur.office.pack import labels
from regisseur.office.pack.model import Decision, Group, KeyFigure, Pack
from regisseur.office.reports.reader import Reader
from regisseur.tools.records import Day, Message, Value

NEAR = 180
"""Days from the night within which a day needs no year."""
DOT = " · "
PLUS, MINUS = "+", "\N{MINUS SIGN}"
FIRST = 7
"""Decisions on the first screen; the others follow it."""


class PackReader(Reader):
    """A reader of one pack in one locale. Raises InvalidInput where the locale is not known."""

    def __init__(self, pack: Pack, locale: str) -> None:
        super().__init__(pack, locale)
        self.pack = pack

    def value(self, value: Value | None) -> str:
        """A value that may be missing; days near the night without their year."""
        return super().value(None if value is None else self._near(value))

    def _near(self, value: Value) -> Value:
        if isinstance(value, Day) and abs((value.date - self.on).days) <= NEAR:
            return str(format_skeleton("Md", value.date, locale=self.culture))
        if isinstance(value, Message):
            near = {name: self._near(one) for name, one in value.values.items()}
            return value.model_copy(update={"values": near})
        return value

    def moment(self, at: datetime) -> str:
        """An hour at the company; with its day where that is not the night's."""
        local = at.astimezone(self.zone)
        clock = self.value(labels.clock(local.hour, local.minute))
        if local.date() == self.on:
            return clock
        return self.value(labels.on_day(self.day(local.date()), clock))

    def heading_day(self) -> str:
        """The night's day as a heading begins with it."""
        day = self.long_day(self.on)
        return day[:1].upper() + day[1:]

    def local(self, at: datetime) -> date:
        """The day on the company's wall."""
        return at.astimezone(self.zone).date()

    def headline(self) -> str:
        """The night in two sentences."""
        return " ".join(self.value(one) for one in labels.headline(self.pack) if one is not None)

    def ended(self) -> str:
        """When the night was over."""
        at = self.pack.finished_at
        running = at is None or any(one.status == "running" for one in self.pack.agents)
        return self.value(
            labels.NIGHT_RUNNING if running or at is None else labels.finished(self.moment(at))
        )

    def data(self) -> list[str]:
        """How old and how whole the data is."""
        read = self.pack.data_as_of
        erp = labels.NOT_READ if read is None else labels.erp(self.moment(read))
        return [self.value(one) for one in (erp, *self.pack.freshness)]

    def warnings(self) -> list[str]:
        """What went wrong, or could mislead."""
        pack = self.pack
        told = [
            *(labels.failed(one.title) for one in pack.agents if one.status == "failed"),
            *(labels.silent(name) for name in pack.silent),
            *pack.notices,
        ]
        return [self.value(one) for one in told]

    def if_you_wait(self, line: ActionLine) -> str:
        """What happens, and what one more day costs; nothing where neither is known."""
        cost = line.cost_of_waiting
        a_day = self.value(labels.per_day(cost)) if cost and cost.amount else ""
        if line.veto_until is not None:
            return self.value(labels.BY_ITSELF)
        otherwise = self.value(line.otherwise) if line.otherwise is not None else ""
        if otherwise and a_day:
            return self.value(labels.if_waiting(otherwise, a_day))
        return otherwise or a_day

    def by(self, decision: Decision) -> str:
        """Until when: an hour where it lapses or is done by itself, else a day."""
        until, day = decision.until, decision.line.decide_by
        if until is None or (day is not None and self.local(until) > day):
            return self.deadline(day)
        return self.value(labels.before(self.moment(until)))

    def mark(self, decision: Decision) -> str:
        """``late``, ``soon`` or ``calm``: what the deadline is marked with."""
        return self.urgency(decision.last_day(self.pack.company.timezone))

    def notes(self, listed: int = FIRST) -> list[str]:
        """What waits beside the first so many decisions."""
        pack, told = self.pack, []
        left = pack.waiting - min(listed, len(pack.decisions))
        if left:
            told.append(labels.more(left))
        if pack.others:
            told.append(labels.for_others(pack.others))
        if pack.shadow:
            told.append(labels.in_shadow(pack.shadow))
        return [self.value(one) for one in told]

    def done(self) -> list[str]:
        """What was carried out without asking, and what of it is left for a hand."""
        told: list[Value] = [*self.pack.done]
        if self.pack.by_hand:
            told.append(labels.by_hand(self.pack.by_hand))
        return [self.value(one) for one in told]

    def groups(self, groups: Sequence[Group]) -> list[str]:
        """Per agent, how many were left, and for which reasons."""
        return [
            self._of_agent(list(ones)) for _, ones in groupby(groups, key=lambda one: one.agent)
        ]

    def _of_agent(self, groups: list[Group]) -> str:
        reasons = [self.value(labels.reason(one.why, one.count)) for one in groups]
        return self.value(labels.named(groups[0].title, ", ".join(reasons)))

    def figures(self) -> list[str]:
        """Per agent, its figures with their change."""
        found = []
        for _, ones in groupby(self.pack.figures, key=lambda one: one.agent):
            found.append(", ".join(self.figure(one) for one in ones))
        return found

    def figure(self, one: KeyFigure) -> str:
        """Name, value and change."""
        told = self.value(labels.beside(one.figure.name, one.figure.value))
        change = self.change(one)
        return f"{told} ({change})" if change else told

    def change(self, one: KeyFigure) -> str:
        """Over the week where the agent knows that, else since the pack before."""
        week = labels.difference(one.figure.value, one.figure.week_ago)
        if week is not None:
            return self.value(labels.in_a_week(self._signed(*week)))
        night = labels.difference(one.figure.value, one.before.value if one.before else None)
        if one.figure.week_ago is not None or night is None:
            return ""
        return self.value(labels.since_before(self._signed(*night), self.pack))

    def _signed(self, size: Value, sign: int) -> str:
        return f"{PLUS if sign > 0 else MINUS}{self.value(size)}"

    def since(self) -> list[str]:
        """What changed since the pack before."""
        told = []
        if self.pack.new:
            told.append(self.value(labels.new(self.pack.new)))
        for change in self.pack.changes:
            what = labels.counted_list(change.what)
            told.append(
                self.value(labels.named(labels.ENDED.get(change.status, change.status), what))
            )
        return told

    def rates(self) -> list[str]:
        """How people judged what was proposed lately."""
        rates = self.pack.rates
        if rates is None:
            return []
        told = []
        if rates.decided:
            told.append(self.value(labels.unedited(rates)))
        told.append(self.value(labels.errors(rates.failed)))
        return told

    def rest(self) -> Iterator[tuple[str, str, list[str], str]]:
        """What stands below the decisions: a machine name, a title, what is told, and what stands
        between its parts in a line.
        """
        pack = self.pack
        saved = (
            [self.value(labels.saved(self.duration(pack.minutes_saved)))]
            if pack.minutes_saved
            else []
        )
        parts = (
            ("done", labels.DONE, self.done(), ", "),
            ("held", labels.HELD, self.groups(pack.held), DOT),
            ("unjudged", labels.NOT_JUDGED, self.groups(pack.unjudged), DOT),
            ("figures", labels.FIGURES, self.figures(), DOT),
            ("since", labels.since(pack), self.since(), DOT),
            ("rates", labels.RATES, self.rates(), ", "),
            ("saved", labels.SAVED, saved, ""),
        )
        for name, title, told, between in parts:
            if told:
                yield name, self.value(title), told, between
