"""What is planned by the scheduling benchmark: classic instances and invented small companies.

The layouts of the files are described in ``benchmarks/data/scheduling/README.md``, and so is the
generator of the small companies. The same companies with calendars are made here: the classics and
the plain ones have machines that never close, one machine for each operation, and nobody to run
them.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from random import Random
from typing import Any, Literal

from regisseur.agents.planning.engine.problem import (
    Crew,
    Interval,
    Job,
    Machine,
    Operation,
    Option,
    Problem,
)

ORDERS = (20, 60, 150)
MACHINES, STEPS, FAMILIES = 8, 4, 4

Data = dict[str, Any]
Objective = Literal["makespan", "tardiness"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of the shortest makespan."""

    lower: int
    best: int


@dataclass(frozen=True, slots=True)
class Case:
    """Something to be planned."""

    name: str
    group: str
    problem: Problem
    objective: Objective = "tardiness"
    bounds: Bounds | None = None
    """Of classic instances that the list of bounds has."""
    calendars: bool = False
    seed: int | None = None
    """Of small companies."""


def read_cases(folder: Path) -> Iterator[Case]:
    """Read all that a folder has, small companies also with calendars."""
    bounds = read_bounds(folder / "best_known.csv")
    for file in sorted(folder.glob("job_shop/*.json")):
        data = json.loads(file.read_text())
        yield classic(data, job_shop(data), bounds)
    for file in sorted(folder.glob("flexible_job_shop/*.json")):
        data = json.loads(file.read_text())
        yield classic(data, flexible(data), bounds)
    for file in sorted(folder.glob("sme/*.json")):
        yield from companies(json.loads(file.read_text()))


def invented(seeds: list[int]) -> Iterator[Case]:
    """Small companies of other seeds."""
    for orders in ORDERS:
        for seed in seeds:
            yield from companies(company(orders, seed))


def companies(data: Data) -> Iterator[Case]:
    """A small company, without and with calendars."""
    name, orders = data["name"], len(data["orders"])
    seed = int(name.rpartition("seed")[2])
    yield Case(name, f"sme {orders}", plain(data), seed=seed)
    problem = with_calendars(data)
    yield Case(f"{name}_shifts", f"sme {orders} shifts", problem, calendars=True, seed=seed)


def classic(data: Data, problem: Problem, bounds: dict[str, Bounds]) -> Case:
    """A classic instance, its family as its group."""
    name = str(data["instance"])
    return Case(name, str(data["family"]), problem, "makespan", bounds.get(name))


def read_bounds(file: Path) -> dict[str, Bounds]:
    """Read the list of bounds, if there is one."""
    if not file.exists():
        return {}
    with file.open(newline="") as lines:
        return {
            row["instance"]: Bounds(int(row["lower_bound"]), int(row["best_makespan"]))
            for row in csv.DictReader(lines)
        }


def job_shop(data: Data) -> Problem:
    """One machine for each operation."""
    jobs: dict[int, list[Operation]] = defaultdict(list)
    for row in sorted(data["data"], key=lambda row: (row["job"], row["operation"])):
        jobs[row["job"]].append(Operation((Option(row["machine"], row["duration"]),)))
    return always_open([Job(tuple(steps), due=0) for steps in jobs.values()])


def flexible(data: Data) -> Problem:
    """Several machines for an operation; the operations of a job are a chain."""
    options: dict[int, list[Option]] = defaultdict(list)
    for row in data["operations"]:
        options[row["operation"]].append(Option(row["machine"], row["duration"]))
    after = {row["before"]: row["after"] for row in data["precedences"]}
    jobs = []
    for first in sorted(options.keys() - set(after.values())):
        chain = [first]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        jobs.append(Job(tuple(Operation(tuple(options[number])) for number in chain), due=0))
    return always_open(jobs)


def plain(data: Data) -> Problem:
    """A small company that never closes, in working time."""
    jobs = [
        Job(
            tuple(
                Operation((Option(step["machine"], step["duration"]),), str(order["family"]))
                for step in order["operations"]
            ),
            order["due"],
            order["weight"],
            order["release"],
        )
        for order in data["orders"]
    ]
    return always_open(jobs, setups_of(data))


def setups_of(data: Data) -> dict[tuple[str, str], int]:
    """The matrix by families."""
    return {
        (str(before), str(after)): time
        for before, row in enumerate(data["setup"])
        for after, time in enumerate(row)
        if time
    }


def always_open(jobs: list[Job], setups: dict[tuple[str, str], int] | None = None) -> Problem:
    """Machines that are open for long enough to do everything one after the other."""
    operations = [operation for job in jobs for operation in job.operations]
    options = [option for operation in operations for option in operation.options]
    machines = 1 + max(option.machine for option in options)
    longest = [max(option.duration for option in operation.options) for operation in operations]
    setup = max(setups.values(), default=0) if setups else 0
    end = max(job.release for job in jobs) + sum(longest) + setup * len(operations)
    return Problem(
        tuple(Machine(f"M{number}", ((0, end),), setups or {}) for number in range(machines)),
        tuple(jobs),
    )


def company(orders: int, seed: int) -> Data:
    """Invent a small company, as the files have it; draws in the order of the description."""
    random = Random(seed)
    made: list[Data] = []
    for number in range(orders):
        machines = random.sample(range(MACHINES), STEPS)
        steps = [{"machine": machine, "duration": random.randint(2, 16)} for machine in machines]
        family = random.randrange(FAMILIES)
        weight = random.choice([1, 1, 1, 2, 2, 4])
        late = random.randint(0, 64)
        release = random.choice([0, 0, 0, late])
        made.append(
            {
                "order": number,
                "family": family,
                "weight": weight,
                "release": release,
                "due": 0,
                "operations": steps,
            }
        )
    totals = [sum(step["duration"] for step in order["operations"]) for order in made]
    horizon = 1.15 * sum(totals) / MACHINES
    for order, total in zip(made, totals, strict=True):
        order["due"] = int(order["release"] + total + random.uniform(0.1, 0.95) * horizon)
    return {
        "name": f"sme_{orders:03}_seed{seed:04}",
        "time_unit_minutes": 15,
        "machines": MACHINES,
        "families": FAMILIES,
        "setup": [
            [0 if a == b else 2 + (3 * a + b) % 3 for b in range(FAMILIES)] for a in range(FAMILIES)
        ],
        "orders": made,
    }


DAY, WEEK = 96, 7 * 96
"""Units of a quarter of an hour."""
WORKDAYS = range(5)
DAY_SHIFT: tuple[Interval, ...] = ((32, 48), (52, 68))
"""8 to 12 and 13 to 17."""
TWO_SHIFTS: tuple[Interval, ...] = ((24, 40), (42, 72), (74, 88))
"""6 to 22, with a break in each shift."""
TWO_SHIFT_MACHINES = (0, 1)
SHORT_WEEK_MACHINE = 7
"""Closed on Fridays."""
LEAST_WEEK = 4 * 32
"""Units that a machine works in a week at least."""
SLOWER = 1.25
"""How much longer an operation takes on its other machine."""
SETTERS, WELDERS = 0, 1
CREW_OF_MACHINE = (SETTERS, SETTERS, SETTERS, WELDERS, WELDERS, WELDERS, None, None)
SETTERS_THERE = ((24, 32, 1), (32, 68, 2), (68, 88, 1))
WELDERS_THERE = ((32, 68, 2),)
LONGEST_WHOLE = 16
"""An operation that may not pause fits into half a day."""


def with_calendars(data: Data) -> Problem:
    """The same small company by the clock, from a Monday at midnight.

    Two machines work two shifts, the others one; one is closed on Fridays and one on a day of the
    first week. Three operations in ten have another, slower machine, three in ten may not pause,
    and six in ten of those on six machines need one of two people. Machines are set up for a family
    at the start. Releases and due dates are those of the plain case, as working time of one shift.
    """
    random = Random(f"{data['name']} shifts")
    closed_day = random.choice(WORKDAYS)
    families = [str(random.randrange(data["families"])) for _ in range(MACHINES)]
    orders = [(order, operations_of(order, random)) for order in data["orders"]]
    weeks = weeks_for(data, [step for _, steps in orders for step in steps])
    clock = [u for since, to in week_after_week(DAY_SHIFT, weeks) for u in range(since, to)]
    jobs = [
        Job(steps, clock[order["due"] - 1] + 1, order["weight"], clock[order["release"]])
        for order, steps in orders
    ]
    setups = setups_of(data)
    machines = [
        Machine(f"M{number}", opening(number, weeks, closed_day), setups, family)
        for number, family in enumerate(families)
    ]
    there = [("setters", SETTERS_THERE), ("welders", WELDERS_THERE)]
    crews = [Crew(name, people(times, weeks)) for name, times in there]
    return Problem(tuple(machines), tuple(jobs), tuple(crews))


def operations_of(order: Data, random: Random) -> tuple[Operation, ...]:
    """Draw what the plain case doesn't say, always as many numbers for an operation."""
    made = []
    for step in order["operations"]:
        machine, duration = step["machine"], step["duration"]
        other = random.choice([number for number in range(MACHINES) if number != machine])
        choice, whole, manned = (random.random() for _ in range(3))
        options = [Option(machine, duration)]
        if choice < 0.3:
            options.append(Option(other, ceil(SLOWER * duration)))
        crew = CREW_OF_MACHINE[machine] if manned < 0.6 else None
        may_pause = whole >= 0.3 or options[-1].duration > LONGEST_WHOLE
        made.append(
            Operation(
                tuple(options),
                str(order["family"]),
                may_pause=may_pause,
                crew=crew,
                heads=0 if crew is None else 1,
            )
        )
    return tuple(made)


def weeks_for(data: Data, operations: list[Operation]) -> int:
    """How many weeks there must be to do everything one after the other, on the slowest machine."""
    setup: int = max(map(max, data["setup"]))
    work = sum(max(option.duration for option in operation.options) for operation in operations)
    last: int = max(max(order["due"], order["release"]) for order in data["orders"])
    return ceil((last + work + setup * len(operations)) / LEAST_WEEK) + 1


def week_after_week(shifts: tuple[Interval, ...], weeks: int) -> tuple[Interval, ...]:
    """The same shifts on every working day."""
    days = [week * WEEK + day * DAY for week in range(weeks) for day in WORKDAYS]
    return tuple((day + since, day + to) for day in days for since, to in shifts)


def opening(machine: int, weeks: int, closed_day: int) -> tuple[Interval, ...]:
    """When a machine works."""
    shifts = TWO_SHIFTS if machine in TWO_SHIFT_MACHINES else DAY_SHIFT
    open_ = week_after_week(shifts, weeks)
    if machine == SHORT_WEEK_MACHINE:
        return tuple(one for one in open_ if one[0] % WEEK // DAY != WORKDAYS[-1])
    if machine == SHORT_WEEK_MACHINE - 1:
        return tuple(one for one in open_ if one[0] // DAY != closed_day)
    return open_


def people(times: tuple[tuple[int, int, int], ...], weeks: int) -> tuple[tuple[int, int, int], ...]:
    """How many are there, on every working day."""
    days = [week * WEEK + day * DAY for week in range(weeks) for day in WORKDAYS]
    return tuple((day + since, day + to, heads) for day in days for since, to, heads in times)
