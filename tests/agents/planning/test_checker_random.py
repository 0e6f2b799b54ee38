"""The checker on random plans: it agrees with another one that looks at every unit of time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from regisseur.agents.planning.checker import check
from regisseur.agents.planning.engine.problem import (
    At,
    Crew,
    Interval,
    Job,
    Machine,
    Operation,
    Option,
    Placed,
    Plan,
    Problem,
)

HORIZON = 90
FAMILIES = st.sampled_from(["red", "blue"])


def hours(breaks: list[int]) -> tuple[Interval, ...]:
    """Open but for two units at each of these times."""
    opens = [0, *(at + 2 for at in breaks)]
    return tuple(zip(opens, [*breaks, HORIZON], strict=True))


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    breaks = sorted(draw(st.sets(st.sampled_from([4, 8, 12, 16, 20]), max_size=3)))
    setups = {("red", "blue"): draw(st.integers(0, 3)), ("blue", "red"): draw(st.integers(0, 3))}
    family = draw(st.none() | FAMILIES)
    return Machine("M", hours(breaks), setups, family, draw(st.integers(0, 5)) == 0)


@st.composite
def operations(draw: st.DrawFn, many: int) -> Operation:
    wide = st.dictionaries(st.integers(0, many - 1), st.integers(1, 4), min_size=1, max_size=2)
    options = tuple(Option(*one) for one in draw(wide).items())
    heads = draw(st.integers(0, 2))
    return Operation(
        options,
        draw(FAMILIES),
        release=draw(st.integers(0, 6)),
        may_pause=draw(st.booleans()) or any(option.duration > 2 for option in options),
        crew=0 if heads else None,
        heads=heads,
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    made = draw(st.lists(machines(), min_size=1, max_size=2))
    steps = st.lists(operations(len(made)), min_size=1, max_size=3)
    jobs = tuple(
        Job(tuple(draw(steps)), 9, 1, draw(st.integers(0, 4)), after)
        for after in draw(st.sampled_from([((), ()), ((), (0,)), ((), (), (0, 1))]))
    )
    crew = Crew("C", ((0, 10, draw(st.integers(2, 3))), (10, HORIZON, 2)))
    return Problem(tuple(made), jobs, (crew,))


def is_open(machine: Machine, unit: int) -> bool:
    return any(since <= unit < to for since, to in machine.open)


def done_on(machine: Machine, start: int, duration: int) -> list[int]:
    """The units in which it is worked on, from the first that is open."""
    later = (unit for unit in range(start, HORIZON) if is_open(machine, unit))
    return list(islice(later, duration))


def steps(problem: Problem, plan: Plan) -> Iterator[tuple[At, Operation, Placed]]:
    for number, (one, placed) in enumerate(zip(problem.jobs, plan, strict=True)):
        for position, (operation, where) in enumerate(zip(one.operations, placed, strict=True)):
            yield At(number, position), operation, where


def worked_well(problem: Problem, operation: Operation, placed: Placed) -> bool:
    duration = dict(operation.options).get(placed.machine, 0)
    work = done_on(problem.machines[placed.machine], placed.start, duration)
    return (
        len(work) == duration > 0
        and (work[0], work[-1] + 1) == placed[1:]
        and (operation.may_pause or work[-1] - work[0] + 1 == duration)
        and operation.fixed in (None, placed)
        and operation.release <= placed.start
    )


def changed_in_time(problem: Problem, plan: Plan, number: int) -> bool:
    """Walk along a machine, unit by unit."""
    machine = problem.machines[number]
    todo = {at: p for at, _, p in steps(problem, plan) if p.machine == number}
    family, idle, until = machine.family, 0, 0
    for unit in range(HORIZON):
        begun = [at for at, placed in todo.items() if placed.start == unit]
        if len(begun) > 1 or (begun and unit < until):
            return False
        for at in begun:
            new = problem.jobs[at.job].operations[at.operation].family
            if family is not None and machine.setups.get((family, new), 0) > idle:
                return False
            family, idle, until = new, 0, todo[at].end
        if unit >= until and is_open(machine, unit):
            idle += 1
    return True


def enough_people(problem: Problem, plan: Plan) -> bool:
    busy: Counter[int] = Counter()
    for _, operation, placed in steps(problem, plan):
        for unit in range(placed.start, placed.end):
            if is_open(problem.machines[placed.machine], unit):
                busy[unit] += operation.heads
    there = {u: many for since, to, many in problem.crews[0].heads for u in range(since, to)}
    return all(busy[unit] <= there[unit] for unit in busy)


def really_good(problem: Problem, plan: Plan) -> bool:
    """What the checker should find, found in another way: unit by unit."""
    in_order = all(
        earlier.end <= later.start for placed in plan for earlier, later in pairwise(placed)
    )
    in_turn = all(
        one.release <= placed[0].start
        and all(plan[a][-1].end <= placed[0].start for a in one.after)
        for one, placed in zip(problem.jobs, plan, strict=True)
    )
    return (
        in_order
        and in_turn
        and all(worked_well(problem, operation, p) for _, operation, p in steps(problem, plan))
        and all(
            machine.unlimited or changed_in_time(problem, plan, number)
            for number, machine in enumerate(problem.machines)
        )
        and enough_people(problem, plan)
    )


def at_once(problem: Problem) -> Plan:
    """A good plan: one operation after the other, each as soon as it fits."""
    jobs: list[Job] = []
    plan: list[tuple[Placed, ...]] = []
    for whole in problem.jobs:
        jobs.append(replace(whole, operations=()))
        plan.append(())
        for operation in whole.operations:
            jobs[-1] = replace(jobs[-1], operations=(*jobs[-1].operations, operation))
            plan[-1] = next(
                row
                for start in range(HORIZON)
                for row in [(*plan[-1], placed(problem, operation.options[0], start))]
                if really_good(replace(problem, jobs=tuple(jobs)), (*plan[:-1], row))
            )
    return tuple(plan)


def placed(problem: Problem, option: Option, start: int) -> Placed:
    """Where it would be done from then on."""
    work = done_on(problem.machines[option.machine], start, option.duration)
    return Placed(option.machine, start, work[-1] + 1 if work else start)


@st.composite
def changed(draw: st.DrawFn) -> tuple[Problem, Plan]:
    """A good plan of which one operation is put elsewhere, while others have to stay."""
    problem = draw(problems())
    plan = at_once(problem)
    jobs = tuple(
        replace(
            one,
            operations=tuple(
                replace(operation, fixed=where if draw(st.integers(0, 5)) == 0 else None)
                for operation, where in zip(one.operations, row, strict=True)
            ),
        )
        for one, row in zip(problem.jobs, plan, strict=True)
    )
    number = draw(st.integers(0, len(plan) - 1))
    position = draw(st.integers(0, len(plan[number]) - 1))
    option = draw(st.sampled_from(jobs[number].operations[position].options))
    start = max(0, plan[number][position].start + draw(st.integers(-3, 6)))
    where = placed(problem, option, start)
    where = where._replace(end=where.end + draw(st.sampled_from([0, 0, 0, 0, 1, -1])))
    row = (*plan[number][:position], where, *plan[number][position + 1 :])
    return replace(problem, jobs=jobs), (*plan[:number], row, *plan[number + 1 :])


@given(problems())
@settings(max_examples=40)
def test_a_plan_that_is_good_unit_by_unit_passes(problem: Problem) -> None:
    assert check(problem, at_once(problem)) == ()


@given(changed())
@settings(max_examples=150)
def test_a_change_is_caught_unless_the_plan_is_still_good(case: tuple[Problem, Plan]) -> None:
    problem, plan = case
    assert (check(problem, plan) == ()) == really_good(problem, plan)
