"""Every stage, on small problems that have a bit of everything, by the independent checker."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from regisseur.agents.planning.checker import check
from regisseur.agents.planning.engine import pairwise, rules, windows
from regisseur.agents.planning.engine.budget import Budget, Limits
from regisseur.agents.planning.engine.freedom import Window
from regisseur.agents.planning.engine.merging import merged
from regisseur.agents.planning.engine.model import Model
from regisseur.agents.planning.engine.problem import (
    At,
    Crew,
    Interval,
    Job,
    Machine,
    Operation,
    Option,
    Plan,
    Problem,
    cost,
)
from regisseur.agents.planning.engine.schedule import schedule
from regisseur.agents.planning.engine.shop import Shop
from regisseur.agents.planning.engine.timing import steps, timed

DAYS = 60
LITTLE = Limits(None, 0.05, 1, 0)
SEEDS = range(8)


def daily(*shifts: Interval) -> tuple[Interval, ...]:
    return tuple((24 * d + begin, 24 * d + end) for d in range(DAYS) for begin, end in shifts)


def problem_of(seed: int) -> Problem:
    """Four machines with three calendars, a subcontractor, a crew, alternatives, set-ups."""
    random = Random(seed)
    setups = {("a", "b"): 1, ("b", "a"): 2, ("a", "c"): 5, ("b", "c"): 1, ("c", "a"): 3}
    day, late = daily((6, 12), (13, 17)), daily((6, 12), (13, 22))
    machines = (
        Machine("saw", day, setups, family=random.choice([None, "a"])),
        Machine("mill", day, setups),
        Machine("lathe", late),
        Machine("away", ((0, 24 * DAYS),), unlimited=True),
    )

    def operation() -> Operation:
        many = random.choice([1, 1, 2])
        options = [Option(m, random.randint(1, 5)) for m in random.sample(range(4), many)]
        crewed = random.random() < 0.3
        return Operation(
            tuple(options),
            family=random.choice("abc"),
            release=random.choice([0, 0, 9]),
            may_pause=random.random() < 0.7,
            crew=0 if crewed else None,
            heads=random.randint(1, 2) if crewed else 0,
        )

    jobs = tuple(
        Job(
            tuple(operation() for _ in range(random.randint(1, 3))),
            due=random.randint(10, 60),
            weight=random.choice([0, 1, 3]),
            release=random.choice([0, 0, 20]),
            after=(random.randrange(number),) if number and random.random() < 0.3 else (),
        )
        for number in range(8)
    )
    heads = tuple((begin, end, 2) for begin, end in daily((6, 17)))
    return Problem(machines, jobs, (Crew("fitters", heads),))


def next_morning(problem: Problem, plan: Plan, now: int = 16) -> Problem:
    """What has started stays; people know the plan; a rush job has come."""
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                replace(operation, fixed=placed if placed.start < now else None)
                for operation, placed in zip(job.operations, row, strict=True)
            ),
        )
        for job, row in zip(problem.jobs, plan, strict=True)
    )
    known = {At(j, o): placed for j, row in enumerate(plan) for o, placed in enumerate(row)}
    rush = Job((Operation((Option(0, 3), Option(1, 4)), family="c"),), due=30, weight=9)
    return replace(problem, jobs=(*jobs, rush), before=known, move_cost=2)


@pytest.fixture(scope="module", params=SEEDS)
def problem(request: pytest.FixtureRequest) -> Problem:
    today = problem_of(request.param)
    if request.param % 2:
        return next_morning(today, schedule(today, 0).plan)
    return today


def test_every_plan_of_the_rules_is_valid(problem: Problem) -> None:
    shop = Shop(problem)
    plans = [*rules.by_due_date(shop), *rules.by_known(shop), *rules.by_index(shop)]
    assert [broken for plan in plans for broken in check(problem, plan)] == []


def test_placing_a_plan_again_never_costs_more(problem: Problem) -> None:
    shop = Shop(problem)
    for plan in rules.by_due_date(shop):
        again = timed(shop, steps(shop, plan, hold=True))
        assert check(problem, again) == ()
        assert cost(problem, again) <= cost(problem, plan)


def test_the_whole_as_one_model(problem: Problem) -> None:
    shop, plan = Shop(problem), schedule(problem, 0).plan
    found = pairwise.search(shop, plan, Limits(None, 0.1, 1, 0))
    assert found.plan is not None
    assert check(problem, found.plan) == ()
    assert found.bound <= cost(problem, found.plan)


def test_windows_and_what_is_joined_of_them(problem: Problem) -> None:
    shop, plan = Shop(problem), schedule(problem, 0).plan
    everywhere = frozenset(range(len(problem.machines)))
    for window in (Window(everywhere, 0, 30), Window(frozenset({0, 1}), 10, 60)):
        model = Model(shop, plan, window)
        order = model.solve(LITTLE).order
        assert order is not None
        assert check(problem, timed(shop, order)) == ()
        for other in rules.by_due_date(shop):
            joined = merged(shop, other, order, model.free)
            if joined is not None:
                assert check(problem, timed(shop, joined)) == ()


def test_the_search_is_valid_and_never_gets_worse(problem: Problem) -> None:
    shop, plan = Shop(problem), schedule(problem, 0).plan
    costs = [cost(problem, plan)]
    for better in windows.search(shop, plan, Budget(0.08, deterministic=True), 0, workers=2):
        assert check(problem, better) == ()
        costs.append(cost(problem, better))
    assert costs == sorted(set(costs), reverse=True)
