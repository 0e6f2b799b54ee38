"""Small cases whose best plan is known by hand, and what the facade promises."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from regisseur.agents.planning.checker import check
from regisseur.agents.planning.engine import rules
from regisseur.agents.planning.engine.problem import (
    At,
    Crew,
    Interval,
    Job,
    Machine,
    Operation,
    Option,
    Placed,
    Problem,
    cost,
)
from regisseur.agents.planning.engine.schedule import Outcome, Stage, schedule
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop

ALWAYS: tuple[Interval, ...] = ((0, 200),)
DAYS: tuple[Interval, ...] = tuple((24 * day + 8, 24 * day + 16) for day in range(9))


def step(machine: int, duration: int, family: str = "", **more: object) -> Operation:
    return replace(Operation((Option(machine, duration),), family=family), **more)  # type: ignore[arg-type]


def machines(*calendars: tuple[Interval, ...]) -> tuple[Machine, ...]:
    return tuple(Machine(f"M{number}", opens) for number, opens in enumerate(calendars))


def solved(problem: Problem, budget: float = 1.0) -> Outcome:
    outcome = schedule(problem, budget, deterministic=True)
    assert check(problem, outcome.plan) == ()
    assert outcome.cost == cost(problem, outcome.plan)
    return outcome


def test_a_heavy_job_goes_first_though_it_is_due_later() -> None:
    light, heavy = Job((step(0, 10),), due=5), Job((step(0, 4),), due=6, weight=9)
    outcome = solved(Problem(machines(ALWAYS), (light, heavy)))
    assert outcome.plan == ((Placed(0, 4, 14),), (Placed(0, 0, 4),))
    assert (outcome.cost, outcome.optimal, outcome.bound) == (9, True, 9)


def test_families_are_grouped_to_save_set_ups() -> None:
    setups = {("a", "b"): 10, ("b", "a"): 10}
    saw = Machine("saw", ALWAYS, setups, family="b")
    jobs = tuple(Job((step(0, 2, family),), due=2) for family in "abab")
    assert solved(Problem((saw,), jobs)).cost == 0 + 2 + (16 - 2) + (18 - 2)


def test_work_pauses_at_night_unless_it_may_not() -> None:
    jobs = (Job((step(0, 6),), due=14), Job((step(0, 4),), due=36))
    outcome = solved(Problem(machines(DAYS), jobs))
    assert outcome.plan == ((Placed(0, 8, 14),), (Placed(0, 14, 34),))
    whole = Job((step(0, 4, may_pause=False),), due=36)
    outcome = solved(Problem(machines(DAYS), (jobs[0], whole)))
    assert outcome.plan == ((Placed(0, 8, 14),), (Placed(0, 32, 36),))


def test_calendars_that_differ_meet_by_the_clock() -> None:
    night = tuple((24 * day, 24 * day + 6) for day in range(9))
    job = Job((step(0, 10), step(1, 2), step(0, 1)), due=60)
    outcome = solved(Problem(machines(DAYS, night), (job,)))
    assert outcome.plan == ((Placed(0, 8, 34), Placed(1, 48, 50), Placed(0, 56, 57)),)


def test_a_fixed_operation_stays_and_work_goes_around_it() -> None:
    started = Job((step(0, 5, fixed=Placed(0, 3, 8)),), due=0)
    small, large = Job((step(0, 3),), due=3), Job((step(0, 4),), due=4)
    outcome = solved(Problem(machines(ALWAYS), (started, large, small)))
    assert outcome.plan == ((Placed(0, 3, 8),), (Placed(0, 8, 12),), (Placed(0, 0, 3),))


def test_a_crew_does_what_it_has_heads_for() -> None:
    jobs = tuple(Job((step(m, 4, crew=0, heads=h),), due=4) for m, h in enumerate((1, 1, 2)))
    problem = Problem(machines(ALWAYS, ALWAYS, ALWAYS), jobs, (Crew("fitters", ((0, 50, 2),)),))
    outcome = solved(problem)
    assert outcome.cost == 4
    assert outcome.plan[2] == (Placed(2, 4, 8),)


def test_a_crew_is_free_while_its_work_pauses() -> None:
    evening = tuple((24 * day + 16, 24 * day + 20) for day in range(9))
    crew = Crew("fitters", tuple((24 * d + 8, 24 * d + 20, 1) for d in range(9)))
    jobs = (
        Job((step(0, 10, crew=0, heads=1),), due=34, weight=5),
        Job((step(1, 4, crew=0, heads=1),), due=20, weight=5),
    )
    assert solved(Problem(machines(DAYS, evening), jobs, (crew,))).cost == 0


def test_a_subcontractor_takes_all_at_once() -> None:
    away = Machine("away", ALWAYS, {("a", "b"): 9}, unlimited=True)
    jobs = tuple(Job((step(0, 7, family),), due=7) for family in "abab")
    assert solved(Problem((away,), jobs)).cost == 0


def test_an_alternative_machine_is_used_where_it_pays() -> None:
    either = Operation((Option(0, 4), Option(1, 6)))
    outcome = solved(Problem(machines(ALWAYS, ALWAYS), tuple(Job((either,), 4) for _ in range(3))))
    assert outcome.cost == 2 + 4
    assert sorted(row[0].machine for row in outcome.plan) == [0, 0, 1]


def test_a_job_waits_for_what_it_is_built_from() -> None:
    part = Job((step(0, 5),), due=100, weight=0)
    other = Job((step(0, 5),), due=9)
    whole = Job((step(1, 1),), due=6, after=(0,))
    outcome = solved(Problem(machines(ALWAYS, ALWAYS), (part, other, whole)))
    assert outcome.plan == ((Placed(0, 0, 5),), (Placed(0, 5, 10),), (Placed(1, 5, 6),))


def test_a_known_plan_is_left_where_moving_costs_more() -> None:
    jobs = (Job((step(0, 2),), due=50), Job((step(0, 3),), due=50), Job((step(0, 1),), due=0))
    known = {At(0, 0): Placed(0, 1, 3), At(1, 0): Placed(0, 9, 12)}
    problem = Problem(machines(ALWAYS), jobs, before=known, move_cost=3)
    outcome = solved(problem)
    assert outcome.plan == ((Placed(0, 1, 3),), (Placed(0, 9, 12),), (Placed(0, 0, 1),))
    longer = Job((step(0, 2),), due=0, weight=2)
    outcome = solved(replace(problem, jobs=(*jobs[:2], longer)))
    assert (outcome.cost, outcome.plan[2]) == (4 + 3, (Placed(0, 0, 2),))


def workshop() -> Problem:
    """Nine jobs on three machines: too many for a proof within a small budget."""
    setups = {("a", "b"): 3, ("b", "a"): 2}
    calendars = (Machine("saw", DAYS, setups), Machine("mill", DAYS), Machine("lathe", DAYS))
    jobs = tuple(
        Job(
            tuple(step((n * k + k) % 3, 1 + (5 * n + k) % 4, "ab"[n % 2]) for k in range(3)),
            due=10 + n * 5 % 17,
            weight=1 + n % 3,
        )
        for n in range(9)
    )
    return Problem(calendars, jobs)


def test_the_same_seed_and_deterministic_budget_give_the_same_plan() -> None:
    told: list[Stage] = []
    first = schedule(workshop(), 0.15, seed=7, deterministic=True, tell=told.append)
    assert schedule(workshop(), 0.15, seed=7, deterministic=True).plan == first.plan
    costs = [stage.cost for stage in told]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == first.cost == first.stages[-1].cost
    assert first.cost <= min(cost(workshop(), p) for p in rules.by_due_date(Shop(workshop())))
    assert first.solver.startswith("OR-tools CP-SAT 9.")
    assert first.parameters["seed"] == 7


def test_a_budget_by_the_clock_gives_a_valid_plan() -> None:
    outcome = schedule(workshop(), 0.3)
    assert check(workshop(), outcome.plan) == ()


def test_without_a_budget_the_solver_is_not_even_loaded() -> None:
    code = (
        "import sys; from regisseur.agents.planning.engine.problem import *;"
        "from regisseur.agents.planning.engine.schedule import schedule;"
        "job = Job((Operation((Option(0, 2),)),), 1);"
        "assert schedule(Problem((Machine('M', ((0, 9),)),), (job,)), 0).cost == 1;"
        "assert 'ortools' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_to_plan_is_a_plan() -> None:
    assert schedule(Problem(machines(ALWAYS), ()), 1).plan == ()


@pytest.mark.parametrize(
    ("jobs", "at"),
    [
        ((Job((step(0, 2),), 9), Job((step(0, 2), step(0, 80)), 9)), At(1, 1)),
        ((Job((step(0, 9, may_pause=False),), 9),), At(0, 0)),
        ((Job((step(0, 2, crew=0, heads=3),), 9),), At(0, 0)),
        ((Job((step(0, 2),), 9, after=(0,)),), At(0, 0)),
        ((Job((step(0, 2), step(0, 2, fixed=Placed(0, 8, 10))), 9),), At(0, 1)),
    ],
    ids=["calendar too short", "fits in no shift", "crew too small", "circle", "fixed too soon"],
)
def test_what_cannot_be_planned_is_named(jobs: tuple[Job, ...], at: At) -> None:
    problem = Problem(machines(DAYS), jobs, (Crew("fitters", ((0, 200, 2),)),))
    with pytest.raises(CannotBePlanned) as caught:
        schedule(problem, 0)
    assert caught.value.at == at
