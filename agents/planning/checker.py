"""Verifies a plan before anybody sees it, by code that shares nothing with the engine but the words.

Each rule is a plain loop over the plan. What is only between operations that are fixed is a fact,
not a choice of the plan, and is not held against it: a machine may well have been started while
its material was late. Whatever the plan did choose must fit with those facts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Literal, NamedTuple

from regisseur.agents.planning.engine.problem import (
    At,
    Crew,
    Interval,
    Machine,
    Operation,
    Placed,
    Plan,
    Problem,
)

Rule = Literal[
    "missing",  # the plan has not the jobs and operations of the problem
    "fixed",  # an operation that must stay is elsewhere, or at another time
    "machine",  # on a machine that is none of its options
    "closed",  # starts while its machine is closed
    "duration",  # ends at another time than its start, duration and calendar make
    "pause",  # interrupted by closing time, though it may not be
    "release",  # before its material, or before its job may begin
    "order",  # before the operation ahead of it in its job has ended
    "after",  # before a job that its own is built from has ended
    "overlap",  # on a machine that still does another one
    "set-up",  # too soon for its machine to be changed to its family
    "crew",  # needs more people than are there
]


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that a plan doesn't keep."""

    rule: Rule
    at: At
    """The operation that is wrong, or the later one of two; jobs and operations count from zero."""
    other: At | None
    """The operation that it is in conflict with."""
    words: str
    """What is wrong, for logs and developers."""


class Step(NamedTuple):
    """An operation and where the plan has it."""

    at: At
    operation: Operation
    placed: Placed

    @property
    def is_fact(self) -> bool:
        """Is it where it must stay?"""
        return self.placed == self.operation.fixed

    def __str__(self) -> str:
        return f"operation {self.at.operation} of job {self.at.job}"


def check(problem: Problem, plan: Plan) -> tuple[Broken, ...]:
    """Find every promise that the plan doesn't keep; none: the plan is good.

    A plan that has not exactly the jobs and operations of the problem, or names a machine that
    doesn't exist, is not looked at further.
    """
    unreadable = tuple(chain(missing(problem, plan), unknown_machines(problem, plan)))
    if unreadable:
        return unreadable
    jobs = steps_of(problem, plan)
    steps = [step for job in jobs for step in job]
    return tuple(
        chain(
            chain.from_iterable(alone(problem, step) for step in steps),
            chain.from_iterable(in_job(problem, number, jobs) for number in range(len(jobs))),
            chain.from_iterable(
                on_machine(machine, number, steps)
                for number, machine in enumerate(problem.machines)
            ),
            chain.from_iterable(
                in_crew(problem, crew, number, steps) for number, crew in enumerate(problem.crews)
            ),
        )
    )


def missing(problem: Problem, plan: Plan) -> Iterator[Broken]:
    """Compare how many jobs and operations there are."""
    if len(plan) != len(problem.jobs):
        words = f"The plan has {len(plan)} jobs, the problem {len(problem.jobs)}."
        yield Broken("missing", At(min(len(plan), len(problem.jobs)), 0), None, words)
    for number, (job, placed) in enumerate(zip(problem.jobs, plan, strict=False)):
        if len(placed) != len(job.operations):
            at = At(number, min(len(placed), len(job.operations)))
            words = f"Job {number} has {len(job.operations)} operations, the plan {len(placed)}."
            yield Broken("missing", at, None, words)


def unknown_machines(problem: Problem, plan: Plan) -> Iterator[Broken]:
    """Find positions that are no machine's."""
    for number, job in enumerate(plan):
        for position, placed in enumerate(job):
            if not 0 <= placed.machine < len(problem.machines):
                words = f"There is no machine {placed.machine}."
                yield Broken("machine", At(number, position), None, words)


def steps_of(problem: Problem, plan: Plan) -> list[list[Step]]:
    """Pair what is to be done with where it is done, job by job."""
    return [
        [
            Step(At(number, position), operation, placed)
            for position, (operation, placed) in enumerate(zip(job.operations, row, strict=True))
        ]
        for number, (job, row) in enumerate(zip(problem.jobs, plan, strict=True))
    ]


def alone(problem: Problem, step: Step) -> Iterator[Broken]:
    """Check what concerns one operation only."""
    operation, placed = step.operation, step.placed
    if operation.fixed is not None:
        if not step.is_fact:
            words = f"{step} has to stay at {operation.fixed}, and is at {placed}."
            yield Broken("fixed", step.at, None, sentence(words))
        return
    yield from in_open_time(problem.machines[placed.machine], step)
    release = max(operation.release, problem.jobs[step.at.job].release)
    if placed.start < release:
        words = f"{step} starts at {placed.start}, before its release at {release}."
        yield Broken("release", step.at, None, sentence(words))


def in_open_time(machine: Machine, step: Step) -> Iterator[Broken]:
    """Check that it is placed on one of its machines, and works there while that is open."""
    _, start, end = step.placed
    durations = {option.machine: option.duration for option in step.operation.options}
    duration = durations.get(step.placed.machine)
    if duration is None:
        yield Broken("machine", step.at, None, sentence(f"{step} can't be done on {machine.name}."))
        return
    if not open_time(machine, start, start + 1):
        words = f"{step} starts at {start}, while {machine.name} is closed."
        yield Broken("closed", step.at, None, sentence(words))
        return
    time = open_time(machine, start, end)
    if time != duration:
        words = f"{step} takes {duration}, and has {time} from {start} to {end}."
        yield Broken("duration", step.at, None, sentence(words))
    elif not open_time(machine, end - 1, end):
        words = f"{step} is said to end at {end}, after {machine.name} has closed."
        yield Broken("duration", step.at, None, sentence(words))
    elif end - start > duration and not step.operation.may_pause:
        words = f"{step} may not pause, and {machine.name} closes between {start} and {end}."
        yield Broken("pause", step.at, None, sentence(words))


def in_job(problem: Problem, number: int, jobs: list[list[Step]]) -> Iterator[Broken]:
    """Check that a job's operations follow each other, and the jobs that it is built from."""
    steps = jobs[number]
    for before, step in pairwise(steps):
        yield from follows("order", before, step)
    for earlier in problem.jobs[number].after:
        yield from follows("after", jobs[earlier][-1], steps[0])


def follows(rule: Rule, before: Step, step: Step) -> Iterator[Broken]:
    """Check that one starts when the other has ended."""
    start, end = step.placed.start, before.placed.end
    if start < end and not (before.is_fact and step.is_fact):
        words = f"{step} starts at {start}, and {before} has to end first, at {end}."
        yield Broken(rule, step.at, before.at, sentence(words))


def on_machine(machine: Machine, number: int, steps: list[Step]) -> Iterator[Broken]:
    """Check that a machine does one operation after the other, with time to change between."""
    if machine.unlimited:
        return
    here = sorted((s for s in steps if s.placed.machine == number), key=lambda s: s.placed[1:])
    if here and machine.family is not None and not here[0].is_fact:
        yield from change(machine, machine.family, 0, None, here[0])
    for place, step in enumerate(here[1:], start=1):
        before = max(here[:place], key=lambda s: s.placed.end)
        if before.is_fact and step.is_fact:
            continue
        if step.placed.start < before.placed.end:
            words = f"{step} and {before} are on {machine.name} at {step.placed.start} both."
            yield Broken("overlap", step.at, before.at, sentence(words))
        else:
            family = before.operation.family
            yield from change(machine, family, before.placed.end, before.at, step)


def change(
    machine: Machine, family: str, since: int, other: At | None, step: Step
) -> Iterator[Broken]:
    """Check that a machine has time to be changed before an operation."""
    setup = machine.setups.get((family, step.operation.family), 0)
    time = open_time(machine, since, step.placed.start)
    if time < setup:
        words = (
            f"{step} starts at {step.placed.start}; changing {machine.name} from {family!r} to "
            f"{step.operation.family!r} takes {setup}, and there are {time} since {since}."
        )
        yield Broken("set-up", step.at, other, sentence(words))


def in_crew(problem: Problem, crew: Crew, number: int, steps: list[Step]) -> Iterator[Broken]:
    """Check that people are there for all that is worked on at once.

    It can become too much only when work begins, or when people leave.
    """
    work = [
        (begin, end, step)
        for step in steps
        if step.operation.crew == number and step.operation.heads
        for begin, end in open_parts(problem.machines[step.placed.machine], *step.placed[1:])
    ]
    begins = {begin for begin, _, _ in work}
    leaves = {end for _, end, _ in crew.heads}
    for moment in sorted(begins | leaves):
        busy = [step for begin, end, step in work if begin <= moment < end]
        needed = sum(step.operation.heads for step in busy)
        there = people(crew, moment)
        chosen = [step for step in busy if not step.is_fact]
        if needed > there and chosen:
            last = max(chosen, key=lambda step: (step.placed.start, step.at))
            other = next((step.at for step in busy if step is not last), None)
            words = f"{last} needs {crew.name} at {moment}: {needed} in all, and {there} are there."
            yield Broken("crew", last.at, other, sentence(words))


def open_time(machine: Machine, start: int, end: int) -> int:
    """How many units a machine works between two times."""
    return sum(to - since for since, to in open_parts(machine, start, end))


def open_parts(machine: Machine, start: int, end: int) -> list[Interval]:
    """When a machine works between two times."""
    first = max(0, bisect_left(machine.open, (start,)) - 1)
    last = bisect_left(machine.open, (end,))
    parts = ((max(start, since), min(end, to)) for since, to in machine.open[first:last])
    return [(since, to) for since, to in parts if since < to]


def people(crew: Crew, moment: int) -> int:
    """How many of a crew are there."""
    place = bisect_left(crew.heads, (moment + 1,)) - 1
    begin, end, many = crew.heads[place] if place >= 0 else (moment, moment, 0)
    return many if begin <= moment < end else 0


def sentence(words: str) -> str:
    """Begin with a capital."""
    return words[:1].upper() + words[1:]
