"""From the workshop's orders to a problem for the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from regisseur.agents.planning.engine.problem import (
    At,
    Job,
    Machine,
    Operation,
    Option,
    Placed,
    Problem,
)
from regisseur.agents.planning.engine.working import TooShort, WorkingTime
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.supplies import Due
from regisseur.agents.planning.tasks import Task
from regisseur.agents.planning.works import WHOLE, Work
from regisseur.tools.records import ProductionOrder

LONG_PAST, FAR_OFF = date(1990, 1, 1), date(2200, 1, 1)
"""Days beyond which an ERP means that there is none; no calendar is asked for them."""


@dataclass(frozen=True)
class Built:
    """A problem whose job n is ``works[n]`` and whose machine m is the work centre ``centres[m]``."""

    works: tuple[Work, ...]
    centres: tuple[str, ...]
    problem: Problem

    def number(self, order_id: str) -> int:
        """Which job an order is."""
        return next(n for n, work in enumerate(self.works) if work.order.id == order_id)

    def task(self, at: At) -> Task:
        """The task of an operation."""
        return self.works[at.job].tasks[at.operation]


def built(night: Night, works: Sequence[Work]) -> Built:
    """The problem for the engine."""
    centres = tuple(sorted({one for work in works for task in work.tasks for one in task.centres}))
    return Builder(night, tuple(works), centres).built()


class Builder:
    """Makes one problem."""

    def __init__(self, night: Night, works: tuple[Work, ...], centres: tuple[str, ...]) -> None:
        self.night, self.works, self.centres = night, works, centres
        self._machine = {one: number for number, one in enumerate(centres)}
        self._job = {work.order.id: number for number, work in enumerate(works)}
        self._crews = night.calendar.crews()
        self._families = self._known_families()
        known = night.before.slots if night.before is not None else ()
        self._slots = {(slot.order_id, slot.sequence): slot for slot in known}

    def built(self) -> Built:
        """See ``built``."""
        machines = tuple(self._machine_of(one) for one in self.centres)
        jobs = tuple(self._job_of(work) for work in self.works)
        problem = Problem(machines, jobs, self._crews)
        known = self._before(problem)
        settings = self.night.settings
        problem = replace(problem, before=known, move_cost=settings.move_cost * WHOLE)
        fixed = Freezer(self.night, self.works, problem).fixed()
        return Built(self.works, self.centres, _with_fixed(problem, fixed))

    def _machine_of(self, centre_id: str) -> Machine:
        centre, calendar = self.night.centres[centre_id], self.night.calendar
        return Machine(
            name=centre.name,
            open=calendar.open(centre),
            setups=self._setups(centre_id),
            unlimited=calendar.lead_days(centre) is not None,
        )

    def _job_of(self, work: Work) -> Job:
        return Job(
            operations=tuple(self._operation(work, task) for task in work.tasks),
            due=self._due(work),
            weight=work.weight,
            release=self._released(work),
            after=self._after(work),
        )

    def _after(self, work: Work) -> tuple[int, ...]:
        """What has started waits for nothing, whatever the figures of the ERP say."""
        if work.tasks[0].started:
            return ()
        return tuple(sorted(self._job[one] for one in work.material.after if one in self._job))

    def _operation(self, work: Work, task: Task) -> Operation:
        crew = self._crew(task.operation)
        return Operation(
            options=tuple(self._option(one, work, task) for one in task.centres),
            family=self.family(work.order, task),
            release=self._sent(work, task),
            may_pause=task.operation not in self.night.settings.not_pausing,
            crew=crew,
            heads=0 if crew is None else 1,
        )

    def _sent(self, work: Work, task: Task) -> int:
        """When a step goes to a subcontractor, so that it is back when its purchase comes, and not
        before: its lead time of working days earlier. At once where it is tied to none.
        """
        centre = self.night.centres[task.centres[0]]
        lead, back = self.night.calendar.lead_units(centre), work.material.back(task.sequence)
        if lead is None or back is None or task.started:
            return 0
        opened = WorkingTime(self.night.calendar.open(centre))
        return opened.clock(max(opened.done(self._begin(back)) - lead, 0))

    def _option(self, centre_id: str, work: Work, task: Task) -> Option:
        calendar = self.night.calendar
        units = calendar.lead_units(self.night.centres[centre_id])
        if units is None:
            units = calendar.units.duration(task.remaining[centre_id])
        elif task.started:
            units = self._still_outside(centre_id, work, task, units)
        return Option(self._machine[centre_id], units)

    def _still_outside(self, centre_id: str, work: Work, task: Task, units: int) -> int:
        """What is at a subcontractor's comes back with its purchase; tied to none, when the last plan
        had it back: it does not begin anew each night.
        """
        opened = WorkingTime(self.night.calendar.open(self.night.centres[centre_id]))
        tied = work.material.back(task.sequence)
        slot = self._slots.get((task.order.id, task.sequence))
        if not opened.total:
            return units
        if tied is not None:
            return max(opened.done(self._begin(tied)), 1)
        if slot is None or slot.centre_id != centre_id:
            return units
        return min(max(opened.done(max(self.night.units.floor(slot.end), 0)), 1), units)

    def _crew(self, operation: str) -> int | None:
        settings = self.night.settings
        for number, crew in enumerate(self._crews):
            counted = crew.name in settings.counted_skills
            if counted and operation in settings.skills.get(crew.name, ()):
                return number
        return None

    def _due(self, work: Work) -> int:
        """The end of the day on which it has to be ready; far off where nobody waits for it."""
        day = last_day(self.night, work.due)
        if day is None or day >= FAR_OFF:
            return self.night.calendar.horizon
        return self.night.units.floor(
            datetime.combine(day + timedelta(days=1), datetime.min.time())
        )

    def _released(self, work: Work) -> int:
        release = work.material.release
        if release is None:
            return 0
        return self._begin(release)

    def _begin(self, day: date) -> int:
        """The unit in which a day begins; the first for one that is past."""
        return max(self.night.units.floor(datetime.combine(day, datetime.min.time())), 0)

    def family(self, order: ProductionOrder, task: Task) -> str:
        """What a work centre is set up for: by the company's families, or by item where its table of
        times has a set-up.
        """
        setup = self.night.settings.setups.get(task.operation)
        if setup is not None:
            codes = self.night.codes(order.item_id)
            family = next((setup.families[one] for one in codes if one in setup.families), "")
            return f"{task.operation}/{family}" if family else ""
        return f"{task.operation}//{order.item_id}" if task.estimate.setup else ""

    def _known_families(self) -> dict[str, dict[str, Task]]:
        """By work centre: the families of the tasks that may be done there, with one of each."""
        found: dict[str, dict[str, Task]] = {}
        for work in self.works:
            for task in work.tasks:
                family = self.family(work.order, task)
                for centre in task.centres:
                    if family:
                        found.setdefault(centre, {})[family] = task
        return found

    def _setups(self, centre_id: str) -> dict[tuple[str, str], int]:
        families = self._families.get(centre_id, {})
        return {
            (before, after): self.night.units.duration(minutes)
            for after, task in families.items()
            for before in ("", *families)
            if (minutes := self._minutes(before, after, task)) > 0
        }

    def _minutes(self, before: str, after: str, task: Task) -> float:
        if before == after:
            return 0
        setup = self.night.settings.setups.get(task.operation)
        if setup is None:
            return task.estimate.setup
        own = task.operation + "/"
        return setup.between(before.removeprefix(own), after.removeprefix(own)) if before else 0

    def _before(self, problem: Problem) -> dict[At, Placed]:
        """Where people know the operations to be, in today's units; what lies behind is left out."""
        units, found = self.night.units, {}
        for number, work in enumerate(self.works):
            for position, task in enumerate(work.tasks):
                slot = self._slots.get((work.order.id, task.sequence))
                if slot is None or slot.centre_id not in self._machine:
                    continue
                start, end = units.floor(slot.start), units.floor(slot.end)
                if start >= 0:
                    found[At(number, position)] = Placed(self._machine[slot.centre_id], start, end)
        return found


class Freezer:
    """What stays where it is: steps that run, and those of the known plan that start soon.

    A step of the known plan is only held where its material, the steps before it and its work
    centre still allow it; otherwise it is planned anew.
    """

    def __init__(self, night: Night, works: Sequence[Work], problem: Problem) -> None:
        self.night, self.works, self.problem = night, works, problem
        self._calendars = [WorkingTime(machine.open) for machine in problem.machines]
        self._taken: dict[int, list[tuple[Placed, str]]] = {}
        self._fixed: dict[At, Placed] = {}

    def fixed(self) -> Mapping[At, Placed]:
        """Where each of them is, running ones first; of two that run on one work centre, one after
        the other.
        """
        for number, work in enumerate(self.works):
            if work.tasks[0].started:
                machine = self.problem.jobs[number].operations[0].options[0].machine
                taken = [placed.end for placed, _ in self._taken.get(machine, ())]
                free = 0 if self.problem.machines[machine].unlimited else max(taken, default=0)
                self._try(At(number, 0), free)
        soon = self.night.settings.frozen_hours * 60 // self.night.units.minutes
        known = sorted(self.problem.before.items(), key=lambda item: (item[1].start, item[0]))
        for at, placed in known:
            if placed.start < soon and at not in self._fixed and self._held(at, placed):
                self._try(at, placed.start, exactly=placed)
        return self._fixed

    def _held(self, at: At, placed: Placed) -> bool:
        """Do the steps before it, its material and its work centre still allow it?"""
        job = self.problem.jobs[at.job]
        release = max(job.release, job.operations[at.operation].release)
        if job.after or placed.start < release:
            return False
        if placed.machine not in {one.machine for one in job.operations[at.operation].options}:
            return False
        earlier = self._fixed.get(At(at.job, at.operation - 1))
        return at.operation == 0 or (earlier is not None and earlier.end <= placed.start)

    def _try(self, at: At, start: int, exactly: Placed | None = None) -> None:
        """Hold it, from the first open unit on, unless its work centre is taken by then."""
        operation = self.problem.jobs[at.job].operations[at.operation]
        machine = exactly.machine if exactly else operation.options[0].machine
        option = next(one for one in operation.options if one.machine == machine)
        calendar = self._calendars[machine]
        try:
            work = calendar.done(start)
            placed = Placed(machine, calendar.start(work), calendar.end(work + option.duration))
        except TooShort:
            return
        if exactly is not None and placed.start != exactly.start:
            return
        if not operation.may_pause and placed.end - placed.start != option.duration:
            return
        started = exactly is None
        if started or self.problem.machines[machine].unlimited or self._free(placed, operation):
            self._taken.setdefault(machine, []).append((placed, operation.family))
            self._fixed[at] = placed

    def _free(self, placed: Placed, operation: Operation) -> bool:
        """Is its work centre free by then, with time to change over before and after?"""
        calendar = self._calendars[placed.machine]
        setups = self.problem.machines[placed.machine].setups

        def fits(before: Placed, after: Placed, families: tuple[str, str]) -> bool:
            between = calendar.done(after.start) - calendar.done(before.end)
            return before.end <= after.start and between >= setups.get(families, 0)

        return all(
            fits(other, placed, (family, operation.family))
            or fits(placed, other, (operation.family, family))
            for other, family in self._taken.get(placed.machine, ())
        )


def last_day(night: Night, due: Due) -> date | None:
    """The last day on which an order's end is in time."""
    if due.day is None or not due.promised or not LONG_PAST < due.day < FAR_OFF:
        return due.day
    return night.working_days(due.day, -night.settings.days_to_ship)


def _with_fixed(problem: Problem, fixed: Mapping[At, Placed]) -> Problem:
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                replace(operation, fixed=fixed.get(At(number, position)))
                for position, operation in enumerate(job.operations)
            ),
        )
        for number, job in enumerate(problem.jobs)
    )
    return replace(problem, jobs=jobs)
