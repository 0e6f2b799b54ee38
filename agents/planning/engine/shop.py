"""A problem made ready for planning: what every stage looks up again and again."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import product

from regisseur.agents.planning.engine.problem import At, Job, Machine, Operation, Placed, Problem
from regisseur.agents.planning.engine.working import WorkingTime, union

Setups = Mapping[str, Mapping[str, int]]
"""Working time to change from one family to another; none where it is missing."""


class CannotBePlanned(Exception):
    """No time can be found for an operation: leave its job out, or give it another calendar."""

    def __init__(self, at: At, why: str) -> None:
        super().__init__(f"operation {at.operation} of job {at.job} {why}")
        self.at = at
        self.why = why


class Shop:
    """A problem, with its calendars and set-ups indexed, and what its jobs owe to each other.

    Raises CannotBePlanned if jobs wait for each other in a circle, or an operation that has
    started waits for one that has not.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        calendars = {machine.open: WorkingTime(machine.open) for machine in problem.machines}
        self.calendars = [calendars[machine.open] for machine in problem.machines]
        self.setups = [by_family(machine) for machine in problem.machines]
        self.order = in_order(problem)
        self.due, self.weight = owed(problem, self.order)
        self._unions: dict[frozenset[WorkingTime], WorkingTime] = {}
        for at in self.operations:
            self._check(at)

    @cached_property
    def operations(self) -> list[At]:
        """All of them, job by job."""
        return [
            At(number, position)
            for number, job in enumerate(self.problem.jobs)
            for position in range(len(job.operations))
        ]

    @cached_property
    def fixed(self) -> dict[At, Placed]:
        """Those that stay where they are."""
        found = ((at, self.operation(at).fixed) for at in self.operations)
        return {at: placed for at, placed in found if placed is not None}

    @cached_property
    def built_into(self) -> list[list[int]]:
        """For each job, those that wait for it."""
        later: list[list[int]] = [[] for _ in self.problem.jobs]
        for number, job in enumerate(self.problem.jobs):
            for earlier in job.after:
                later[earlier].append(number)
        return later

    def operation(self, at: At) -> Operation:
        """Look one up."""
        return self.problem.jobs[at.job].operations[at.operation]

    def predecessors(self, at: At) -> list[At]:
        """The operations that have to end before one may start."""
        if at.operation:
            return [At(at.job, at.operation - 1)]
        jobs = self.problem.jobs
        return [At(job, len(jobs[job].operations) - 1) for job in jobs[at.job].after]

    def release(self, at: At) -> int:
        """The earliest start of an operation on its own."""
        return max(0, self.operation(at).release, self.problem.jobs[at.job].release)

    def setup(self, machine: int, before: str, after: str) -> int:
        """Working time to change a machine from a family to another."""
        return self.setups[machine].get(before, {}).get(after, 0)

    @cached_property
    def least_setups(self) -> list[Setups]:
        """Set-ups as cheap as any detour over other families: what a pair of operations that may
        have others between them can be sure of. Equal to the real ones where these are sensible.
        """
        return [shortest(setups) for setups in self.setups]

    def union(self, calendars: AbstractSet[WorkingTime]) -> WorkingTime:
        """The time in which at least one of several calendars is open."""
        if len(calendars) == 1:
            return next(iter(calendars))
        key = frozenset(calendars)
        if key not in self._unions:
            self._unions[key] = union(key)
        return self._unions[key]

    @cached_property
    def clock(self) -> WorkingTime:
        """The calendar that never closes."""
        return WorkingTime([(0, max((c.ends[-1] for c in self.calendars if c.ends), default=0))])

    def _check(self, at: At) -> None:
        operation = self.operation(at)
        late = operation.fixed is not None and any(
            self.operation(earlier).fixed is None for earlier in self.predecessors(at)
        )
        if late:
            raise CannotBePlanned(at, "is fixed, and what has to end before it is not")


def by_family(machine: Machine) -> Setups:
    """Index the set-ups of a machine by the family before, then the family after."""
    rows: dict[str, dict[str, int]] = {}
    if not machine.unlimited:
        for (before, after), time in machine.setups.items():
            rows.setdefault(before, {})[after] = time
    return rows


def shortest(setups: Setups) -> Setups:
    """Replace each set-up by the shortest way through other families (Floyd and Warshall)."""
    families = sorted({*setups, *(after for row in setups.values() for after in row)})
    rows = {a: {b: setups.get(a, {}).get(b, 0) for b in families} for a in families}
    for between, a, b in product(families, repeat=3):
        rows[a][b] = min(rows[a][b], rows[a][between] + rows[between][b])
    return rows


def in_order(problem: Problem) -> list[int]:
    """Jobs so that each comes after those that it is built from."""
    try:
        return list(
            TopologicalSorter(dict(enumerate(j.after for j in problem.jobs))).static_order()
        )
    except CycleError as circle:
        raise CannotBePlanned(At(circle.args[1][0], 0), "waits for itself") from None


def owed(problem: Problem, order: list[int]) -> tuple[list[int], list[int]]:
    """When each job is due and how much it weighs, with the jobs that are built from it in mind.

    Their due time less their work; the heaviest of their weights.
    """
    due = [job.due for job in problem.jobs]
    weight = [job.weight for job in problem.jobs]
    for number in reversed(order):
        job = problem.jobs[number]
        for earlier in job.after:
            due[earlier] = min(due[earlier], due[number] - least_work(job))
            weight[earlier] = max(weight[earlier], weight[number])
    return due, weight


def least_work(job: Job, since: int = 0) -> int:
    """Working time of a job from one of its operations on, on the fastest machines."""
    return sum(min(o.duration for o in step.options) for step in job.operations[since:])
