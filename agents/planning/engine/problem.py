"""What is to be scheduled, and what a plan of it is.

A flexible job shop with set-ups by family, calendars, crews and due dates. Times are whole units
since the start of the plan, by the clock (nights and Sundays count); a duration is working time of
the machine it is spent on. The caller says how many minutes a unit has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Interval = tuple[int, int]
"""From a unit (included) to a unit (excluded)."""


class At(NamedTuple):
    """Names an operation: the position of its job, and its own position in that job."""

    job: int
    operation: int


class Placed(NamedTuple):
    """Where and when an operation is done; ``end`` is excluded and comes after any pause."""

    machine: int
    start: int
    end: int


class Option(NamedTuple):
    """One way of doing an operation."""

    machine: int
    duration: int
    """Working time, at least 1."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Does one operation at a time, while it is open."""

    name: str
    open: tuple[Interval, ...]
    """When it works: disjoint, in order, none touching the next."""
    setups: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Working time to change from one family to another; pairs that are missing take none. It may
    begin as soon as the operation before has ended, and may pause."""
    family: str | None = None
    """What it is set up for at the start; ``None``: the first operation needs no set-up."""
    unlimited: bool = False
    """Does any number of operations at once, without set-ups (a subcontractor)."""


@dataclass(frozen=True, slots=True)
class Crew:
    """People of one skill: how many operations that need them can be worked on at once."""

    name: str
    heads: tuple[tuple[int, int, int], ...]
    """(from, to, how many), disjoint and in order; nobody at other times."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A step of a job."""

    options: tuple[Option, ...]
    """At least one; each machine once."""
    family: str = ""
    """What its machine must be set up for."""
    release: int = 0
    """Not before: the material comes then."""
    may_pause: bool = True
    """May it be interrupted by closing time and go on when its machine opens again? If not, it has
    to fit into one interval."""
    crew: int | None = None
    """Position of the crew that it needs while it is worked on (not while it pauses)."""
    heads: int = 0
    """How many of that crew."""
    fixed: Placed | None = None
    """Has started or starts so soon that it stays where it is."""


@dataclass(frozen=True, slots=True)
class Job:
    """Operations one after the other, to be done by a day."""

    operations: tuple[Operation, ...]
    due: int
    weight: int = 1
    """Cost of one unit of lateness; zero where nobody waits for it."""
    release: int = 0
    after: tuple[int, ...] = ()
    """Positions of jobs that must have ended before this one starts (what it is built from)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """All of it. Times beyond the last open interval don't exist: who makes a problem gives its
    calendars enough length for everything to be done one after the other.
    """

    machines: tuple[Machine, ...]
    jobs: tuple[Job, ...]
    crews: tuple[Crew, ...] = ()
    before: Mapping[At, Placed] = field(default_factory=dict)
    """The plan that people know, for the operations that it has."""
    move_cost: int = 0
    """Cost of each operation that starts at another time or on another machine than ``before``
    says: people stop trusting a plan that changes for little."""


Plan = tuple[tuple[Placed, ...], ...]
"""For each job, for each of its operations, in their order."""


def lateness(job: Job, placed: tuple[Placed, ...]) -> int:
    """Units after the due time at which a job ends, zero if it is in time."""
    return max(0, placed[-1].end - job.due)


def weighted_tardiness(problem: Problem, plan: Plan) -> int:
    """Sum over the jobs of weight times lateness."""
    pairs = zip(problem.jobs, plan, strict=True)
    return sum(job.weight * lateness(job, placed) for job, placed in pairs)


def moved(problem: Problem, plan: Plan) -> list[At]:
    """Operations that are elsewhere, or at another time, than in the plan that people know."""
    return [
        at
        for at, was in sorted(problem.before.items())
        if plan[at.job][at.operation][:2] != was[:2]
    ]


def cost(problem: Problem, plan: Plan) -> int:
    """What a plan is judged by; smaller is better."""
    tardiness = weighted_tardiness(problem, plan)
    return tardiness + problem.move_cost * len(moved(problem, plan))
