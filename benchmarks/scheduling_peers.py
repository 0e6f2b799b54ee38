"""What the product's schedules are compared with, written without its engine.

- ``due_date_first``: what the planner of an ERP does (frePPLe and its like): order after order, the
  first to be due first, each operation in the first gap that takes it. ``priority_first`` asks for
  the weight before the due date, as such planners do when priorities are kept.
- ``cp_sat``: OR-tools' CP-SAT called directly, with the plain textbook model.
- ``pyjobshop``: the PyJobShop library, which calls the same solver.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from ortools.sat.python import cp_model
from scheduling_cases import Objective

from regisseur.agents.planning.engine.problem import (
    Job,
    Machine,
    Operation,
    Option,
    Placed,
    Plan,
    Problem,
)


class Found(NamedTuple):
    """What a method has found."""

    plan: Plan | None
    proved: bool = False
    """There is no better one."""


class Line:
    """A machine as the gap filling planner sees it: what is on it, in order."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.units = [unit for since, to in machine.open for unit in range(since, to)]
        self.placed: list[tuple[int, int, str]] = []

    def work(self, start: int, duration: int) -> list[int]:
        """The units that an operation would be worked on from the first open one; [] if none."""
        first = bisect_left(self.units, start)
        return self.units[first : first + duration] if first + duration <= len(self.units) else []

    def ready(self, free: int, before: str | None, after: str) -> int:
        """When the machine is ready for a family that follows another."""
        setup = 0 if before is None else self.machine.setups.get((before, after), 0)
        return self.work(free, setup)[-1] + 1 if setup else free

    def gaps(self, family: str) -> list[tuple[int, int | None]]:
        """From when something of this family may begin, until when it must have ended."""
        found: list[tuple[int, int | None]] = []
        free, before = 0, self.machine.family
        for start, end, next_family in self.placed:
            ready = self.ready(free, before, family)
            setup = self.machine.setups.get((family, next_family), 0)
            last = bisect_left(self.units, start) - setup
            if ready < start and last >= 0:
                found.append((ready, self.units[last] if setup else start))
            free, before = end, next_family
        return [*found, (self.ready(free, before, family), None)]


class GapFiller:
    """Puts operations where they first fit, and moves none."""

    def __init__(self, problem: Problem) -> None:
        self.lines = [Line(machine) for machine in problem.machines]
        self.there = [
            {unit: heads for since, to, heads in crew.heads for unit in range(since, to)}
            for crew in problem.crews
        ]

    def place(self, job: Job) -> tuple[Placed, ...]:
        """One job, operation after operation."""
        ready, placed = job.release, []
        for operation in job.operations:
            tries = [self.first_fit(operation, option, ready) for option in operation.options]
            where, work = min(tries, key=lambda one: one[0].end)
            self.take(operation, where, work)
            placed.append(where)
            ready = where.end
        return tuple(placed)

    def first_fit(
        self, operation: Operation, option: Option, ready: int
    ) -> tuple[Placed, list[int]]:
        """Where an operation first fits on a machine, and the units worked on."""
        line = self.lines[option.machine]
        for since, until in line.gaps(operation.family):
            work = self.fit(operation, line.work(max(since, ready), option.duration), line)
            if work and (until is None or work[-1] < until):
                return Placed(option.machine, work[0], work[-1] + 1), work
        raise ValueError("The calendars are too short for everything.")

    def fit(self, operation: Operation, work: list[int], line: Line) -> list[int]:
        """Later until no pause is in the way, and the people are there."""
        while work:
            short = [unit for unit in work if self.free(operation, unit) < operation.heads]
            paused = not operation.may_pause and work[-1] - work[0] >= len(work)
            if not short and not paused:
                return work
            gap = (late for early, late in pairwise(work) if late > early + 1)
            work = line.work(short[-1] + 1 if short else next(gap), len(work))
        return work

    def free(self, operation: Operation, unit: int) -> int:
        """People who are free."""
        return 0 if operation.crew is None else self.there[operation.crew].get(unit, 0)

    def take(self, operation: Operation, where: Placed, work: list[int]) -> None:
        """Put an operation there."""
        line = self.lines[where.machine]
        line.placed.append((where.start, where.end, operation.family))
        line.placed.sort()
        if operation.crew is not None:
            for unit in work:
                self.there[operation.crew][unit] -= operation.heads


def filled(problem: Problem, urgency: Callable[[Job], tuple[int, ...]]) -> Found:
    """Plan job after job."""
    planner = GapFiller(problem)
    turn = sorted(range(len(problem.jobs)), key=lambda number: urgency(problem.jobs[number]))
    rows = {number: planner.place(problem.jobs[number]) for number in turn}
    return Found(tuple(rows[number] for number in range(len(problem.jobs))))


def due_date_first(problem: Problem) -> Found:
    """The first to be due first."""
    return filled(problem, lambda job: (job.due,))


def priority_first(problem: Problem) -> Found:
    """The heaviest first, of those the first to be due."""
    return filled(problem, lambda job: (-job.weight, job.due))


class Choice(NamedTuple):
    """An operation on one of its machines, in the plain model."""

    job: int
    operation: int
    option: Option
    family: str
    start: Any
    chosen: Any
    """Literal; ``None`` where there is no choice."""
    interval: Any


def cp_sat(
    problem: Problem,
    objective: Objective,
    seconds: float,
    *,
    seed: int,
    workers: int,
    hint: Plan | None = None,
) -> Found:
    """Solve the plain model of a problem without calendars, cold or from a plan.

    Set-ups are one boolean for each pair of operations on a machine, alternatives are optional
    intervals. A plan given is also the horizon, with a margin.
    """
    model, ends, choices = plain_model(problem, hint)
    ways = [way for row in choices for steps in row for way in steps]
    for number in range(len(problem.machines)):
        here = [way for way in ways if way.option.machine == number]
        one_at_a_time(model, problem.machines[number], here, hint)
    minimise(model, problem, objective, ends)
    if hint:
        give(model, hint, choices)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found(None)
    plan = tuple(tuple(where(solver, steps) for steps in row) for row in choices)
    return Found(plan, status == cp_model.OPTIMAL)


Choices = list[list[list[Choice]]]


def plain_model(problem: Problem, hint: Plan | None) -> tuple[Any, list[Any], Choices]:
    """Starts, intervals and the order in each job; also the end of each job."""
    model = cp_model.CpModel()
    last = max(machine.open[-1][1] for machine in problem.machines)
    if hint:
        last = min(last, max(placed.end for row in hint for placed in row) + 100)
    choices: Choices = []
    ends = []
    for number, job in enumerate(problem.jobs):
        ready: Any = job.release
        rows = []
        for place, operation in enumerate(job.operations):
            start = model.new_int_var(job.release, last, "")
            model.add(start >= ready)
            rows.append(
                [
                    option_of(model, (number, place), operation, option, start)
                    for option in operation.options
                ]
            )
            if len(rows[-1]) > 1:
                model.add_exactly_one(way.chosen for way in rows[-1])
                ready = model.new_int_var(job.release, last, "")
                for way in rows[-1]:
                    model.add(ready >= start + way.option.duration).only_enforce_if(way.chosen)
            else:
                ready = start + operation.options[0].duration
        choices.append(rows)
        ends.append(ready)
    return model, ends, choices


def option_of(
    model: Any, at: tuple[int, int], operation: Operation, option: Option, start: Any
) -> Choice:
    """An interval for one way of doing an operation."""
    if len(operation.options) == 1:
        interval = model.new_fixed_size_interval_var(start, option.duration, "")
        return Choice(*at, option, operation.family, start, None, interval)
    chosen = model.new_bool_var("")
    interval = model.new_optional_fixed_size_interval_var(start, option.duration, chosen, "")
    return Choice(*at, option, operation.family, start, chosen, interval)


def one_at_a_time(model: Any, machine: Machine, ways: list[Choice], hint: Plan | None) -> None:
    """No two at once; one boolean for the order of each pair that may need a set-up."""
    model.add_no_overlap([way.interval for way in ways])
    if not machine.setups:
        return
    for one, two in combinations(ways, 2):
        first = model.new_bool_var("")
        if hint:
            begins = [hint[way.job][way.operation].start for way in (one, two)]
            model.add_hint(first, begins[0] < begins[1])
        for before, after, order in ((one, two, first), (two, one, first.negated())):
            setup = machine.setups.get((before.family, after.family), 0)
            late = before.start + before.option.duration + setup
            literals = [x for x in (order, before.chosen, after.chosen) if x is not None]
            model.add(after.start >= late).only_enforce_if(literals)


def minimise(model: Any, problem: Problem, objective: Objective, ends: list[Any]) -> None:
    """The makespan, or the weighted tardiness."""
    last = max(machine.open[-1][1] for machine in problem.machines)
    if objective == "makespan":
        makespan = model.new_int_var(0, 2 * last, "")
        for end in ends:
            model.add(makespan >= end)
        model.minimize(makespan)
        return
    late = []
    for job, end in zip(problem.jobs, ends, strict=True):
        late.append(model.new_int_var(0, 2 * last, ""))
        model.add(late[-1] >= end - job.due)
    model.minimize(sum(j.weight * units for j, units in zip(problem.jobs, late, strict=True)))


def give(model: Any, hint: Plan, choices: Choices) -> None:
    """Hint every start and machine; the order of pairs has its hint already."""
    for row, placed_row in zip(choices, hint, strict=True):
        for steps, placed in zip(row, placed_row, strict=True):
            model.add_hint(steps[0].start, placed.start)
            for way in steps:
                if way.chosen is not None:
                    model.add_hint(way.chosen, way.option.machine == placed.machine)


def where(solver: Any, steps: list[Choice]) -> Placed:
    """Read where an operation is."""
    for way in steps:
        if way.chosen is None or solver.boolean_value(way.chosen):
            start = solver.value(way.start)
            return Placed(way.option.machine, start, start + way.option.duration)
    raise AssertionError("no machine is chosen")


def pyjobshop(
    problem: Problem, objective: Objective, seconds: float, *, seed: int, workers: int
) -> Found:
    """Let PyJobShop solve a problem without calendars, cold."""
    from pyjobshop import Model, SolveStatus

    model = Model()
    machines = [model.add_machine() for _ in problem.machines]
    tasks: list[list[Any]] = [[] for _ in machines]
    for job in problem.jobs:
        made = model.add_job(weight=job.weight, release_date=job.release, due_date=job.due)
        row = [model.add_task(job=made) for _ in job.operations]
        for task, operation in zip(row, job.operations, strict=True):
            for option in operation.options:
                model.add_mode(task, machines[option.machine], option.duration)
                tasks[option.machine].append((task, operation.family))
        for before, after in pairwise(row):
            model.add_end_before_start(before, after)
    for number, machine in enumerate(problem.machines):
        for one, family in tasks[number] if machine.setups else ():
            for two, other in tasks[number]:
                if one is not two and (setup := machine.setups.get((family, other), 0)):
                    model.add_setup_time(machines[number], one, two, setup)
    if objective == "makespan":
        model.set_objective(weight_makespan=1)
    else:
        model.set_objective(weight_total_tardiness=1)
    result = model.solve(time_limit=seconds, display=False, num_workers=workers, random_seed=seed)
    done = iter(result.best.tasks)
    if not result.best.tasks:
        return Found(None)
    plan = tuple(tuple(placed_by(next(done)) for _ in job.operations) for job in problem.jobs)
    return Found(plan, result.status == SolveStatus.OPTIMAL)


def placed_by(task: Any) -> Placed:
    """Read where PyJobShop has an operation; its machines are its only resources."""
    return Placed(task.resources[0], task.start, task.end)
