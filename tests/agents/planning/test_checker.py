"""The checker: a good plan passes, and each promise that is broken is named."""

from dataclasses import dataclass, replace

import pytest

from regisseur.agents.planning.checker import check
from regisseur.agents.planning.engine.problem import (
    At,
    Crew,
    Job,
    Machine,
    Operation,
    Option,
    Placed,
    Plan,
    Problem,
)

SAW = Machine("Saw", ((0, 8), (10, 18)))
PRESS = Machine("Press", ((0, 18),))
DIPPING = Machine("Dipping", ((0, 18),), {("red", "blue"): 9}, "red", unlimited=True)
PAINTING = Machine("Painting", ((0, 8), (10, 18)), {("red", "blue"): 3}, "red")
FIRST = At(0, 0)
FITTERS = Crew("Fitters", ((0, 6, 2), (6, 18, 1)))


def work(duration: int, machine: int = 0, family: str = "", heads: int = 0) -> Operation:
    options = (Option(machine, duration),)
    return Operation(options, family, crew=0 if heads else None, heads=heads)


def job(*operations: Operation, release: int = 0, after: tuple[int, ...] = ()) -> Job:
    return Job(operations, due=9, release=release, after=after)


def alone(operation: Operation, machine: Machine = SAW) -> Problem:
    return Problem((machine, PRESS), (job(operation),))


def row(*placed: tuple[int, int, int]) -> tuple[Placed, ...]:
    return tuple(Placed(*one) for one in placed)


@dataclass(frozen=True)
class Case:
    """A good plan, and one that breaks one rule."""

    name: str
    problem: Problem
    good: Plan
    bad: Plan
    at: At = FIRST
    other: At | None = None
    words: str = ""

    @property
    def rule(self) -> str:
        return self.name.partition(":")[0]


TWICE = Problem((SAW, PRESS), (job(work(2), work(3, 1)),))
BUILT = Problem((SAW, PRESS), (job(work(3, 1), after=(1,)), job(work(3))))
PAIR = Problem((SAW,), (job(work(3)), job(work(3))))
COLOURS = Problem((PAINTING,), (job(work(2, 0, "red")), job(work(2, 0, "blue"))))
BLUE = Problem((PAINTING,), (job(work(2, 0, "blue")),))
CREW = Problem((SAW, PRESS), (job(work(3, 0, heads=1)), job(work(3, 1, heads=1))), (FITTERS,))
ABSENT = Crew("Absent", ((3, 6, 1), (9, 12, 1)))
LONELY = Problem((PRESS,), (job(work(3, heads=1)),), (ABSENT,))
PAUSED = Problem((SAW, PRESS), (job(work(3, 0, heads=1)), job(work(2, 1, heads=1))), (FITTERS,))
STARTED = Problem(
    (PRESS,),
    (
        *(job(replace(work(5), fixed=Placed(0, start, 5 + start))) for start in (0, 1)),
        job(replace(work(1), fixed=Placed(0, 2, 3))),
        job(work(1)),
    ),
)
FACTS = (row((0, 0, 5)), row((0, 1, 6)), row((0, 2, 3)))

CASES = [
    Case("missing: an operation", TWICE, (row((0, 0, 2), (1, 2, 5)),), (row((0, 0, 2)),), At(0, 1)),
    Case("missing: a job", PAIR, (row((0, 0, 3)), row((0, 3, 6))), (row((0, 0, 3)),), At(1, 0)),
    Case(
        "missing: one too many",
        alone(work(2)),
        (row((0, 0, 2)),),
        (row((0, 0, 2), (0, 2, 4)),),
        At(0, 1),
    ),
    Case(
        "fixed",
        alone(replace(work(2), fixed=Placed(0, 2, 4))),
        (row((0, 2, 4)),),
        (row((0, 3, 5)),),
        words="Operation 0 of job 0 has to stay at",
    ),
    Case("machine: no option", alone(work(2)), (row((0, 0, 2)),), (row((1, 0, 2)),)),
    Case("machine: below", alone(work(2)), (row((0, 0, 2)),), (row((-1, 0, 2)),)),
    Case("machine: beyond", alone(work(2)), (row((0, 0, 2)),), (row((2, 0, 2)),)),
    Case("closed", alone(work(2)), (row((0, 10, 12)),), (row((0, 8, 12)),), words="Saw is closed"),
    Case("closed: at the end", alone(work(2)), (row((0, 16, 18)),), (row((0, 18, 20)),)),
    Case("duration: too short", alone(work(3)), (row((0, 6, 11)),), (row((0, 6, 10)),)),
    Case("duration: too long", alone(work(3)), (row((0, 1, 4)),), (row((0, 1, 5)),)),
    Case("duration: pause afterwards", alone(work(2)), (row((0, 6, 8)),), (row((0, 6, 10)),)),
    Case("duration: backwards", alone(work(2)), (row((0, 6, 8)),), (row((0, 6, 4)),)),
    Case("duration: no more time", alone(work(2)), (row((0, 16, 18)),), (row((0, 17, 19)),)),
    Case("pause", alone(replace(work(3), may_pause=False)), (row((0, 5, 8)),), (row((0, 6, 11)),)),
    Case(
        "release: of the operation",
        alone(replace(work(2), release=3)),
        (row((0, 3, 5)),),
        (row((0, 2, 4)),),
    ),
    Case(
        "release: of the job",
        Problem((SAW,), (job(work(2), release=3),)),
        (row((0, 3, 5)),),
        (row((0, 2, 4)),),
    ),
    Case(
        "order",
        TWICE,
        (row((0, 0, 2), (1, 2, 5)),),
        (row((0, 0, 2), (1, 1, 4)),),
        At(0, 1),
        At(0, 0),
    ),
    Case(
        "after",
        BUILT,
        (row((1, 3, 6)), row((0, 0, 3))),
        (row((1, 2, 5)), row((0, 0, 3))),
        At(0, 0),
        At(1, 0),
    ),
    Case(
        "overlap",
        PAIR,
        (row((0, 6, 11)), row((0, 3, 6))),
        (row((0, 6, 11)), row((0, 5, 8))),
        At(0, 0),
        At(1, 0),
    ),
    Case(
        "overlap: within a pause",
        Problem((SAW,), (job(work(5)), job(work(1)))),
        (row((0, 6, 13)), row((0, 13, 14))),
        (row((0, 6, 13)), row((0, 10, 11))),
        At(1, 0),
        At(0, 0),
    ),
    Case(
        "overlap: with what has started",
        STARTED,
        (*FACTS, row((0, 6, 7))),
        (*FACTS, row((0, 5, 6))),
        At(3, 0),
        At(1, 0),
    ),
    Case(
        "set-up",
        COLOURS,
        (row((0, 5, 7)), row((0, 12, 14))),
        (row((0, 5, 7)), row((0, 11, 13))),
        At(1, 0),
        At(0, 0),
        "changing Painting from 'red' to 'blue' takes 3, and there are 2 since 7",
    ),
    Case("set-up: the first", BLUE, (row((0, 3, 5)),), (row((0, 2, 4)),)),
    Case(
        "crew",
        CREW,
        (row((0, 5, 8)), row((1, 8, 11))),
        (row((0, 5, 8)), row((1, 7, 10))),
        At(1, 0),
        At(0, 0),
        "Operation 0 of job 1 needs Fitters at 7: 2 in all, and 1 are there.",
    ),
    Case(
        "crew: people leave",
        CREW,
        (row((0, 3, 6)), row((1, 3, 6))),
        (row((0, 4, 7)), row((1, 4, 7))),
        At(1, 0),
        At(0, 0),
    ),
    Case("crew: nobody yet", LONELY, (row((0, 3, 6)),), (row((0, 2, 5)),)),
    Case("crew: nobody in between", LONELY, (row((0, 9, 12)),), (row((0, 4, 7)),)),
    Case(
        "crew: free in a pause",
        PAUSED,
        (row((0, 6, 11)), row((1, 8, 10))),
        (row((0, 6, 11)), row((1, 9, 11))),
        At(1, 0),
        At(0, 0),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_good_plan_passes_and_one_bad_is_caught_by_its_rule(case: Case) -> None:
    assert check(case.problem, case.good) == ()
    (broken,) = check(case.problem, case.bad)
    assert (broken.rule, broken.at, broken.other) == (case.rule, case.at, case.other)
    assert case.words in broken.words


def test_where_any_number_fits_nothing_overlaps_and_nothing_is_changed() -> None:
    problem = Problem((DIPPING,), (job(work(4, 0, "red")), job(work(4, 0, "blue"))))
    assert check(problem, (row((0, 0, 4)), row((0, 1, 5)))) == ()


def test_what_cannot_be_changed_is_not_held_against_a_plan() -> None:
    late = replace(work(3, 0, "blue", heads=1), release=5, fixed=Placed(0, -1, 7))
    problem = Problem((PAINTING,), (job(late, release=6), job(late)), (Crew("Nobody", ()),))
    assert check(problem, (row((0, -1, 7)), row((0, -1, 7)))) == ()


def test_all_that_is_wrong_is_told() -> None:
    plan = (row((0, 0, 2), (1, 1, 4)), row((0, 1, 3)))
    problem = replace(TWICE, jobs=(*TWICE.jobs, job(work(2), release=2)))
    assert [broken.rule for broken in check(problem, plan)] == ["release", "order", "overlap"]
