"""The scheduling benchmark: its cases, its peers by hand, and one whole run."""

import importlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from regisseur.agents.planning.checker import check
from regisseur.agents.planning.engine.problem import (
    Crew,
    Job,
    Machine,
    Operation,
    Option,
    Placed,
    Problem,
    weighted_tardiness,
)

FOLDER = Path(__file__).parents[2] / "benchmarks"
SME = FOLDER / "data" / "scheduling" / "sme"

JOB_SHOP = {
    "instance": "two",
    "family": "own",
    "data": [
        {"job": 0, "operation": 0, "machine": 0, "duration": 3},
        {"job": 0, "operation": 1, "machine": 1, "duration": 2},
        {"job": 1, "operation": 1, "machine": 0, "duration": 4},
        {"job": 1, "operation": 0, "machine": 1, "duration": 2},
    ],
}
FLEXIBLE = {
    "instance": "three",
    "family": "own",
    "operations": [
        {"operation": 0, "option": 0, "machine": 0, "duration": 4},
        {"operation": 0, "option": 1, "machine": 1, "duration": 3},
        {"operation": 1, "option": 0, "machine": 1, "duration": 3},
        {"operation": 2, "option": 0, "machine": 0, "duration": 2},
        {"operation": 2, "option": 1, "machine": 1, "duration": 9},
    ],
    "precedences": [{"before": 1, "after": 2, "job": 1}],
}
BOUNDS = "instance,lower_bound,best_makespan\ntwo,7,7\nthree,5,6\n"


@pytest.fixture
def cases(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that reads and invents."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("scheduling_cases")


@pytest.fixture
def peers(cases: ModuleType) -> ModuleType:
    """The module of the other planners."""
    return importlib.import_module("scheduling_peers")


@pytest.fixture
def bench(peers: ModuleType) -> ModuleType:
    """The benchmark itself."""
    return importlib.import_module("scheduling")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classic instances and one small company."""
    for place, data in (("job_shop", JOB_SHOP), ("flexible_job_shop", FLEXIBLE)):
        (tmp_path / place).mkdir()
        (tmp_path / place / "one.json").write_text(json.dumps(data))
    (tmp_path / "best_known.csv").write_text(BOUNDS)
    (tmp_path / "sme").mkdir()
    small = SME / "sme_020_seed0002.json"
    (tmp_path / "sme" / small.name).write_bytes(small.read_bytes())
    return tmp_path


def test_the_files_are_invented_again_byte_for_byte(cases: ModuleType) -> None:
    files = sorted(SME.glob("*.json"))
    assert len(files) == 15
    for file in files:
        orders, seed = int(file.stem[4:7]), int(file.stem[-4:])
        made = json.dumps(cases.company(orders, seed), separators=(",", ":"))
        assert made == file.read_text().strip()


@pytest.mark.parametrize(
    ("name", "known"),
    [("sme_020_seed0001", 708), ("sme_060_seed0004", 4620), ("sme_150_seed0005", 10891)],
)
def test_gap_filling_agrees_with_what_was_measured_elsewhere(
    cases: ModuleType, peers: ModuleType, name: str, known: int
) -> None:
    problem = cases.plain(json.loads((SME / f"{name}.json").read_text()))
    plan = peers.due_date_first(problem).plan
    assert check(problem, plan) == ()
    assert weighted_tardiness(problem, plan) == known


def test_companies_with_calendars_can_be_planned(cases: ModuleType, peers: ModuleType) -> None:
    problem = cases.with_calendars(cases.company(20, 1))
    operations = [operation for job in problem.jobs for operation in job.operations]
    assert 0 < sum(len(operation.options) > 1 for operation in operations) < len(operations)
    assert 0 < sum(operation.may_pause for operation in operations) < len(operations)
    assert {operation.crew for operation in operations} == {None, 0, 1}
    fridays = range(4 * cases.DAY, 5 * cases.DAY)
    assert not any(since % cases.WEEK in fridays for since, _ in problem.machines[7].open)
    assert any(since % cases.WEEK in fridays for since, _ in problem.machines[6].open)
    assert len(problem.machines[6].open) == len(problem.machines[5].open) - 2
    for found in (peers.due_date_first(problem), peers.priority_first(problem)):
        assert check(problem, found.plan) == ()


def test_gap_filling_by_hand(peers: ModuleType) -> None:
    """A gap that is just wide enough with its set-ups, one that a pause or people spoil."""
    machine = Machine("M", ((0, 8), (10, 40)), {("a", "b"): 2, ("b", "a"): 1}, "a")
    crew = Crew("C", ((0, 3, 0), (3, 40, 1)))

    def job(duration: int, family: str, due: int, release: int = 0, **more: Any) -> Job:
        return Job((Operation((Option(0, duration),), family, **more),), due, 1, release)

    first = job(4, "a", 1, 12)
    problem = Problem((machine,), (first, job(7, "b", 2)), (crew,))
    assert peers.due_date_first(problem).plan[1] == (Placed(0, 2, 11),)
    longer = replace(problem, jobs=(first, job(8, "b", 2)))
    assert peers.due_date_first(longer).plan[1] == (Placed(0, 18, 26),)
    whole = replace(problem, jobs=(first, job(7, "b", 2, may_pause=False)))
    assert peers.due_date_first(whole).plan[1] == (Placed(0, 18, 25),)
    manned = replace(problem, jobs=(first, job(6, "b", 2, crew=0, heads=1)))
    assert peers.due_date_first(manned).plan[1] == (Placed(0, 3, 11),)
    heavy = replace(problem, jobs=(first, replace(job(7, "b", 2), weight=2)))
    assert peers.priority_first(heavy).plan == ((Placed(0, 12, 16),), (Placed(0, 2, 11),))


@pytest.mark.parametrize("method", ["cp_sat", "pyjobshop"])
def test_solvers_find_the_shortest_makespan(
    cases: ModuleType, peers: ModuleType, bench: ModuleType, folder: Path, method: str
) -> None:
    if method == "pyjobshop":
        pytest.importorskip("pyjobshop")
    two, three = (case for case in cases.read_cases(folder) if case.objective == "makespan")
    for case, best in ((two, 7), (three, 6)):
        found = getattr(peers, method)(case.problem, "makespan", 20, seed=1, workers=1)
        assert found.proved
        assert check(case.problem, found.plan) == ()
        assert bench.value(case, found.plan) == best
    assert bench.score(two, 14) == 100


def test_the_plain_model_knows_set_ups_and_takes_a_hint(peers: ModuleType) -> None:
    machine = Machine("M", ((0, 30),), {("a", "b"): 2, ("b", "a"): 5})
    jobs = [Job((Operation((Option(0, 3),), family),), 3, 1) for family in "aba"]
    problem = Problem((machine,), tuple(jobs))
    hint = peers.due_date_first(problem).plan
    found = peers.cp_sat(problem, "tardiness", 20, seed=1, workers=1, hint=hint)
    assert found.proved
    assert check(problem, found.plan) == ()
    assert weighted_tardiness(problem, found.plan) == 0 + 3 + 8  # a, a, then b


def test_a_plan_that_breaks_a_promise_counts_as_none(
    bench: ModuleType, cases: ModuleType, peers: ModuleType
) -> None:
    case = next(iter(cases.companies(cases.company(20, 1))))
    plan = peers.due_date_first(case.problem).plan
    broken = (plan[0], (plan[1][0]._replace(end=1), *plan[1][1:]), *plan[2:])
    good = bench.judged(case, lambda: peers.Found(plan))
    bad = bench.judged(case, lambda: peers.Found(broken))
    none = bench.judged(case, lambda: peers.Found(None))
    row = bench.row("m", 1.0, {"x": good, "y": bad, "z": none}, {"x": case}, {"x": good})
    assert (row.mean, row.without_plan) == (708, 2)
    assert row.broken == [f"y: {bad.broken}"]
    assert row.worse_than_due_date == []


def run(name: str, *options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(FOLDER / name), *map(str, options)],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_whole_run(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.json"

    done = run(
        "scheduling.py", "--data", folder, "--only", "own", "sme", "--budget", 0.3, "--workers", 1,
        "--date", "2026-01-31", "--output", output,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(output.read_text())
    assert list(results) == ["own", "sme 20, seed 2", "sme 20 shifts, seed 2"]
    for name, found in results.items():
        assert name in done.stdout
        assert (found["date"], found["workers"]) == ("2026-01-31", 1)
        assert not [row for row in found["rows"] if row["broken"]]
        ours = next(row for row in found["rows"] if row["method"] == "the product")
        assert ours["without_plan"] == 0
        assert ours["worse_than_due_date"] == []
    (first,) = (row for row in results["own"]["rows"] if row["method"].startswith("due date"))
    assert first["values"] == {"two": 7, "three": 8}
    assert first["mean"] == pytest.approx((0 + 100 / 3) / 2, abs=0.001)


def test_the_load_is_measured(cases: ModuleType) -> None:
    done = run("scheduling_load.py", "--kind", "shifts", "--orders", 20, "--budget", 0.2)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rule_cpu_seconds"] > 0
    assert 0 < found["rules_megabytes"] <= found["peak_megabytes"]
