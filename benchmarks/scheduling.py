"""Compare the product's schedules with those of other planners, at equal budgets.

    python benchmarks/scheduling.py [--data DIR | --seed N ...] [--only GROUP ...]
                                    [--budget 1 5 30] [--quick] [--output FILE]

Without ``--data`` the invented small companies of ``benchmarks/data/scheduling`` are planned, as
they are and with calendars, alternatives and crews (``shifts``); ``--seed`` invents others. A folder
of the same layout may have classic instances too (``job_shop``, ``flexible_job_shop``) and a list of
their bounds (``best_known.csv``): their licence asks for more than is fit for shipping.

Small companies are judged by weighted tardiness in units of a quarter of an hour, classic instances
by how much longer their makespan is than the best known. A budget is seconds by the clock for each
instance, all cores used, the methods in turn on each instance; what is proved best is not searched
again with a larger budget. CP-SAT's hint, the plan of the best ATC, is given for nothing. Cases with
calendars are planned by the rules and the product only; by due date means as entered for classics.
Every plan is checked by ``regisseur.agents.planning.checker``; one that fails counts as none, and as
broken. The classics and the small companies with three budgets take two hours or so.

The results file keeps the groups of earlier runs; each says when and on what it was planned.
``--quick`` plans the first instance of each group and writes nothing unless told where. The load
(``scheduling_load.py``) is measured in processes of its own.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

from scheduling_cases import Case, invented, read_cases
from scheduling_peers import Found, cp_sat, due_date_first, priority_first, pyjobshop

from regisseur.agents.planning.checker import check
from regisseur.agents.planning.engine.problem import (
    Job,
    Machine,
    Operation,
    Option,
    Plan,
    Problem,
    weighted_tardiness,
)
from regisseur.agents.planning.engine.rules import by_index
from regisseur.agents.planning.engine.schedule import schedule
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop

HERE = Path(__file__).parent
SHIPPED = HERE / "data" / "scheduling"
RESULTS = HERE / "results" / "scheduling.json"
BUDGETS = (1.0, 5.0, 30.0)
LOAD = "load"
DUE_DATE, PRIORITY = "due date, gap filling", "priority, due date, gap filling"
OURS = "the product"
SOLVER_SEED = 1


class Search(Protocol):
    """A method that takes the time that it is given."""

    def __call__(self, case: Case, seconds: float, workers: int) -> Found:
        """Plan a case."""


@dataclass(frozen=True, slots=True)
class Run:
    """One method on one instance."""

    value: int | None
    """What its plan costs; ``None``: it has no good plan."""
    proved: bool
    broken: str
    """What the checker said."""
    seconds: float
    """By the clock."""
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """One method on a group of instances, with one budget."""

    method: str
    budget: float | None
    mean: float | None
    """Of the instances that have a plan: weighted tardiness, or gap to the best known in %."""
    without_plan: int
    broken: list[str]
    proved: int
    worse_than_due_date: list[str]
    seconds: float
    """By the clock: the most that an instance took."""
    cpu_seconds: float
    """Mean."""
    values: dict[str, int | None]


def main() -> None:
    """Run, print, and write the results group by group."""
    options = arguments()
    cases = list(invented(options.seed) if options.seed else read_cases(options.data))
    output = options.output or (None if options.quick else RESULTS)
    results = json.loads(output.read_text()) if output and output.exists() else {}
    for name, members in groups(cases, options.quick).items():
        if wanted(name, options.only):
            results[name] = stamped(compared(name, members, options), options)
            write(results, output)
    if wanted(LOAD, options.only):
        results[LOAD] = stamped({"rows": loads(max(options.budget), options)}, options)
        write(results, output)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=SHIPPED, metavar="DIR")
    parser.add_argument("--seed", type=int, nargs="+", help="invent small companies instead")
    parser.add_argument("--only", nargs="+", metavar="GROUP", help="how their names begin")
    parser.add_argument("--budget", type=float, nargs="+", default=BUDGETS, metavar="SECONDS")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    options.budget = sorted(options.budget)
    if installed("pyjobshop") is None:
        print("PyJobShop is not installed: it is skipped")
    return options


def wanted(name: str, only: list[str] | None) -> bool:
    """Is a group asked for?"""
    return not only or any(name.startswith(start) for start in only)


def groups(cases: Iterable[Case], quick: bool) -> dict[str, list[Case]]:
    """Put instances of a kind together; small companies by their seeds too."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.group, []).append(case)
    if quick:
        found = {name: members[:1] for name, members in found.items()}
    return {named(name, members): members for name, members in found.items()}


def named(group: str, members: list[Case]) -> str:
    """Name a group so that other seeds don't take its place in the results."""
    seeds = sorted(case.seed for case in members if case.seed is not None)
    if not seeds:
        return group
    several = f"seeds {seeds[0]}-{seeds[-1]}" if len(seeds) > 1 else f"seed {seeds[0]}"
    return f"{group}, {several}"


def compared(name: str, cases: list[Case], options: argparse.Namespace) -> dict[str, Any]:
    """Plan all instances of a group by all methods, and print the table."""
    runs: dict[tuple[str, float | None], dict[str, Run]] = {}
    for case in cases:
        print(f"{name}: {case.name}", file=sys.stderr, flush=True)
        for key, run in tried(case, options.budget, options.workers).items():
            runs.setdefault(key, {})[case.name] = run
    usual = runs[DUE_DATE, None]
    by_name = {case.name: case for case in cases}
    rows = [row(*key, found, by_name, usual) for key, found in runs.items()]
    print(table(name, cases, rows, options.budget), flush=True)
    return {
        "objective": cases[0].objective,
        "instances": len(cases),
        "workers": options.workers,
        "bounds": {case.name: asdict(case.bounds) for case in cases if case.bounds},
        "rows": [asdict(one) for one in rows],
    }


def tried(
    case: Case, budgets: Iterable[float], workers: int
) -> dict[tuple[str, float | None], Run]:
    """Plan one instance by all methods."""
    runs: dict[tuple[str, float | None], Run] = {}
    for name, method in AT_ONCE.items():
        if name != PRIORITY or case.objective == "tardiness":
            runs[name, None] = judged(case, partial(method, case))
    for name, search in searches(case).items():
        known: Run | None = None
        for budget in budgets:
            if known is None or not settled(case, known):
                known = judged(case, partial(search, case, budget, workers))
            runs[name, budget] = known
    return runs


def settled(case: Case, run: Run) -> bool:
    """Can no budget make it better?"""
    least = case.bounds.lower if case.bounds else 0
    return run.proved or (run.value is not None and run.value <= least)


def judged(case: Case, method: Callable[[], Found]) -> Run:
    """Run a method and check its plan."""
    began, cpu_began = time.perf_counter(), time.process_time()
    plan, proved = method()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    broken = check(case.problem, plan) if plan else ()
    good = value(case, plan) if plan and not broken else None
    words = broken[0].words if broken else ""
    return Run(good, proved, words, round(seconds, 2), round(cpu, 2))


def value(case: Case, plan: Plan) -> int:
    """What the objective makes of a plan."""
    if case.objective == "makespan":
        return max(placed.end for placed_row in plan for placed in placed_row)
    return weighted_tardiness(case.problem, plan)


def best_atc(case: Case) -> Found:
    """The product's rule alone, with its grid."""
    return Found(min(by_index(Shop(case.problem)), key=partial(value, case), default=None))


def ours(case: Case, seconds: float, workers: int) -> Found:
    """The product, which knows no makespan: it is told that a last job waits for all others."""
    makespan = case.objective == "makespan"
    problem = with_last_job(case.problem) if makespan else case.problem
    try:
        found = schedule(problem, seconds, seed=SOLVER_SEED, workers=workers)
    except CannotBePlanned:
        return Found(None)
    return Found(found.plan[:-1] if makespan else found.plan, found.optimal)


def with_last_job(problem: Problem) -> Problem:
    """Let only one job count, that comes after all and was due at the beginning."""
    end = problem.machines[0].open[-1][1]
    nowhere = Machine("Nowhere", ((0, end + 1),))
    step = Operation((Option(len(problem.machines), 1),))
    last = Job((step,), due=0, after=tuple(range(len(problem.jobs))))
    jobs = (*(replace(job, weight=0) for job in problem.jobs), last)
    return replace(problem, machines=(*problem.machines, nowhere), jobs=jobs)


def solver(case: Case, seconds: float, workers: int) -> Found:
    """CP-SAT alone."""
    return cp_sat(case.problem, case.objective, seconds, seed=SOLVER_SEED, workers=workers)


def hinted_solver(case: Case, seconds: float, workers: int) -> Found:
    """CP-SAT from a plan by rule."""
    hint = best_atc(case).plan
    return cp_sat(
        case.problem, case.objective, seconds, seed=SOLVER_SEED, workers=workers, hint=hint
    )


def library(case: Case, seconds: float, workers: int) -> Found:
    """PyJobShop."""
    return pyjobshop(case.problem, case.objective, seconds, seed=SOLVER_SEED, workers=workers)


AT_ONCE: dict[str, Callable[[Case], Found]] = {
    DUE_DATE: lambda case: due_date_first(case.problem),
    PRIORITY: lambda case: priority_first(case.problem),
    "best ATC": best_atc,
}


def searches(case: Case) -> dict[str, Search]:
    """What can plan a case in a given time."""
    if case.calendars:
        return {OURS: ours}
    peers: dict[str, Search] = {"CP-SAT, cold": solver, "CP-SAT, hinted": hinted_solver}
    if installed("pyjobshop"):
        peers["PyJobShop"] = library
    return {**peers, OURS: ours}


def row(
    method: str,
    budget: float | None,
    runs: Mapping[str, Run],
    cases: Mapping[str, Case],
    usual: Mapping[str, Run],
) -> Row:
    """Sum up a method on a group."""
    values = {name: run.value for name, run in runs.items()}
    planned = {name: found for name, found in values.items() if found is not None}
    scores = [score(cases[name], found) for name, found in planned.items()]
    return Row(
        method,
        budget,
        round(fmean(scores), 3) if scores else None,
        len(values) - len(planned),
        [f"{name}: {run.broken}" for name, run in runs.items() if run.broken],
        sum(run.proved for run in runs.values()),
        [name for name, found in planned.items() if found > (usual[name].value or 0)],
        max(run.seconds for run in runs.values()),
        round(fmean(run.cpu_seconds for run in runs.values()), 2),
        values,
    )


def score(case: Case, found: int) -> float:
    """The gap to the best known in %, or the value itself where nothing is known."""
    return 100 * (found / case.bounds.best - 1) if case.bounds else found


def table(name: str, cases: list[Case], rows: list[Row], budgets: Iterable[float]) -> str:
    """Lay out the rows of a group."""
    tardiness = cases[0].objective == "tardiness"
    what = "weighted tardiness" if tardiness else "makespan"
    unit = "gap to the best known in %" if any(case.bounds for case in cases) else "mean"
    heads = ["at once", *(f"{budget:g} s" for budget in budgets)]
    lines = [
        f"\n{name}: {len(cases)} instances, {what}, {unit}",
        f"{'':<32}{''.join(f'{head:>10}' for head in heads)}   to due date  proved  no plan  broken",
    ]
    usual = next(one.mean for one in rows if one.method == DUE_DATE)
    for method in dict.fromkeys(one.method for one in rows):
        mine = {one.budget: one for one in rows if one.method == method}
        cells = [cell(mine.get(budget)) for budget in (None, *budgets)]
        last = list(mine.values())[-1]
        ratio = f"{last.mean / usual:.2f}" if tardiness and usual and last.mean is not None else "-"
        lines.append(
            f"{method:<32}{''.join(cells)}{ratio:>14}{last.proved:8}"
            f"{sum(one.without_plan for one in mine.values()):9}"
            f"{sum(len(one.broken) for one in mine.values()):8}"
        )
    return "\n".join(lines)


def cell(found: Row | None) -> str:
    """Lay out one mean."""
    if found is None:
        return f"{'':>10}"
    return f"{'none' if found.mean is None else f'{found.mean:.1f}':>10}"


def loads(budget: float, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure 150 orders in processes of their own, so that the greatest memory is their own."""
    found = []
    for kind in ("plain", "shifts"):
        asked = ["--kind", kind, "--budget", str(budget), "--workers", str(options.workers)]
        command = [sys.executable, str(HERE / "scheduling_load.py"), *asked]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(done.stdout))
        print(
            "\n150 orders, {kind}: rules {rule_cpu_seconds} CPU s; {budget:g} s of search with "
            "{peak_megabytes} MB at most".format(**found[-1])
        )
    return found


def stamped(found: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Add when and on what it was made."""
    return {"date": options.date, "machine": machine(), **found}


def write(results: dict[str, Any], output: Path | None) -> None:
    """Keep what has been found so far."""
    if output:
        output.parent.mkdir(exist_ok=True)
        output.write_text(json.dumps(results, indent=1) + "\n")


def machine() -> dict[str, Any]:
    """Say on what the figures were made."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [text.partition(": ")[2] for text in lines if text.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: installed(name) for name in ("ortools", "pyjobshop")},
    }


def installed(name: str) -> str | None:
    """Version of a distribution, if it is there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
