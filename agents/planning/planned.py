"""The night's plan: found by the engine, verified by the checker, written down for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from regisseur.agents.planning.building import Built, built, last_day
from regisseur.agents.planning.checker import check
from regisseur.agents.planning.engine.problem import At, Interval, Placed, Plan
from regisseur.agents.planning.engine.schedule import Outcome, schedule
from regisseur.agents.planning.engine.shop import CannotBePlanned
from regisseur.agents.planning.naming import item_name, order_label
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.steady import steadied
from regisseur.agents.planning.tasks import Doubt, Task
from regisseur.agents.planning.timetable import Centre, Load, Planned, Slot, Timetable
from regisseur.agents.planning.words import quantity
from regisseur.agents.planning.works import Work, sorted_out, without

WEEK = timedelta(days=7)


class NotKept(Exception):
    """A plan breaks one of its promises: a fault of ours, never shown as a plan."""


@dataclass(frozen=True)
class Schedule:
    """What was planned, how, and what was left out."""

    built: Built
    outcome: Outcome
    doubts: tuple[Doubt, ...]
    timetable: Timetable

    @property
    def plan(self) -> Plan:
        """Where and when each operation is done."""
        return self.outcome.plan


def planned(night: Night, budget: float | None = None) -> Schedule:
    """Plan all that can be planned; ``budget`` in place of the settings' own.

    The budget is deterministic, so that the same night gives the same plan. Raises NotKept where
    the checker finds a promise broken.
    """
    works, doubts = sorted_out(night)
    seconds = night.settings.budget if budget is None else budget
    while True:
        made = built(night, works)
        try:
            outcome = schedule(made.problem, seconds, seed=night.settings.seed, deterministic=True)
        except CannotBePlanned as error:
            works, more = without(night, works, *error.at)
            doubts = (*doubts, *more)
            continue
        outcome = replace(outcome, plan=steadied(night, made, outcome.plan))
        broken = check(made.problem, outcome.plan)
        if broken:
            raise NotKept(f"the plan of {night.on} is not kept: {broken[0]}")
        return Schedule(made, outcome, doubts, Writer(night, made, outcome).timetable())


class Writer:
    """Writes a plan of the engine down in dates and names."""

    def __init__(self, night: Night, made: Built, outcome: Outcome) -> None:
        self.night, self.made, self.plan = night, made, outcome.plan
        self.outcome = outcome
        self._setups = _setups(made, outcome.plan)

    def timetable(self) -> Timetable:
        """All of it."""
        orders = [self._order(number, work) for number, work in enumerate(self.made.works)]
        slots = [
            self._slot(At(number, position), task)
            for number, work in enumerate(self.made.works)
            for position, task in enumerate(work.tasks)
        ]
        return Timetable(
            on=self.night.on,
            unit_minutes=self.night.units.minutes,
            orders=tuple(sorted(orders, key=lambda one: (one.start, one.id))),
            slots=tuple(sorted(slots, key=lambda one: (one.centre_id, one.start, one.order_id))),
            centres=tuple(self._centre(number) for number in range(len(self.made.centres))),
            loads=tuple(self._loads()),
            solver=_solver(self.outcome),
        )

    def _order(self, number: int, work: Work) -> Planned:
        order, placed = work.order, self.plan[number]
        end = self.night.units.moment(placed[-1].end)
        due = last_day(self.night, work.due)
        outside = [one for one in work.material.waits if one.source == "purchase" and one.record]
        return Planned(
            id=order.id,
            label=order_label(self.night, order),
            item_id=order.item_id,
            item=item_name(self.night, order.item_id),
            quantity=quantity(order.quantity, order.unit),
            state=order.state,
            start=self.night.units.moment(placed[0].start),
            end=end,
            due=due,
            late_days=0 if due is None else max((ended_on(end) - due).days, 0),
            weight=work.weight,
            erp_start=order.planned_start,
            erp_end=order.planned_end,
            customers=work.due.lines,
            after=work.material.after,
            released=work.material.release,
            waits_for=tuple({one.record.id: one.record for one in outside if one.record}.values()),
            requested=order.state == "request",
            unreported=order.id in self.night.unreported,
            url=order.url,
        )

    def _slot(self, at: At, task: Task) -> Slot:
        placed, units = self.plan[at.job][at.operation], self.night.units
        operation = self.made.problem.jobs[at.job].operations[at.operation]
        option = next(one for one in operation.options if one.machine == placed.machine)
        return Slot(
            order_id=task.order.id,
            sequence=task.sequence,
            operation=task.operation,
            step_id=task.step_id,
            centre_id=self.made.centres[placed.machine],
            erp_centre_id=task.erp_centre,
            family=operation.family.rpartition("/")[2],
            setup_minutes=self._setups.get(at, 0) * units.minutes,
            start=units.moment(placed.start),
            end=units.moment(placed.end),
            minutes=option.duration * units.minutes,
            started=task.started,
            fixed=operation.fixed is not None,
            how_known=task.estimate.source,
        )

    def _centre(self, machine: int) -> Centre:
        one, units = self.made.problem.machines[machine], self.night.units
        shown = units.floor(self._shown_until())
        opened = tuple(
            (units.moment(begin), units.moment(min(end, shown)))
            for begin, end in one.open
            if begin < shown
        )
        return Centre(
            id=self.made.centres[machine],
            name=one.name,
            group=self.night.centres[self.made.centres[machine]].group,
            open=opened,
            outside=one.unlimited,
        )

    def _shown_until(self) -> datetime:
        monday = self.night.on - timedelta(days=self.night.on.weekday())
        last = monday + self.night.settings.shown_weeks * WEEK
        return datetime.combine(last, datetime.min.time())

    def _loads(self) -> list[Load]:
        """For each work centre of our own and each week that is shown."""
        found = []
        monday = self.night.on - timedelta(days=self.night.on.weekday())
        weeks = [monday + n * WEEK for n in range(self.night.settings.shown_weeks)]
        for machine, one in enumerate(self.made.problem.machines):
            if not one.unlimited:
                found += [self._load(machine, week) for week in weeks]
        return found

    def _load(self, machine: int, week: date) -> Load:
        units = self.night.units
        begin = max(units.floor(datetime.combine(week, datetime.min.time())), 0)
        end = units.floor(datetime.combine(week + WEEK, datetime.min.time()))
        opened = self.made.problem.machines[machine].open
        work = setup = 0
        for number, job in enumerate(self.plan):
            for position, placed in enumerate(job):
                if placed.machine == machine:
                    work += _worked(opened, max(placed.start, begin), min(placed.end, end))
                    if begin <= placed.start < end:
                        setup += self._setups.get(At(number, position), 0)
        return Load(
            centre_id=self.made.centres[machine],
            week=week,
            open_minutes=_worked(opened, begin, end) * units.minutes,
            work_minutes=work * units.minutes,
            setup_minutes=setup * units.minutes,
        )


def _solver(outcome: Outcome) -> str:
    """Solver and version, with what to ask again with to get the same plan."""
    asked = ", ".join(f"{name} {value}" for name, value in outcome.parameters.items())
    return f"{outcome.solver} ({asked})" if outcome.solver else ""


def ended_on(end: datetime) -> date:
    """The day on which something that ends at a moment was worked on last."""
    return (end - timedelta.resolution).date()


def _setups(made: Built, plan: Plan) -> dict[At, int]:
    """Units of change-over right before each operation."""
    found: dict[At, int] = {}
    lines: dict[int, list[tuple[Placed, At]]] = {}
    for number, job in enumerate(plan):
        for position, placed in enumerate(job):
            lines.setdefault(placed.machine, []).append((placed, At(number, position)))
    for machine, line in lines.items():
        one = made.problem.machines[machine]
        if one.unlimited:
            continue
        ordered = [at for _, at in sorted(line, key=lambda entry: (entry[0].start, entry[1]))]
        for before, after in pairwise(ordered):
            families = (_family(made, before), _family(made, after))
            if units := one.setups.get(families, 0):
                found[after] = units
    return found


def _family(made: Built, at: At) -> str:
    return made.problem.jobs[at.job].operations[at.operation].family


def _worked(opened: Sequence[Interval], begin: int, end: int) -> int:
    """Open units between two."""
    return sum(max(min(last, end) - max(first, begin), 0) for first, last in opened)
