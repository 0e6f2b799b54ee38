"""How long the rules take for 150 orders, and how much memory a search of them.

    python benchmarks/scheduling_load.py [--kind plain|shifts] [--orders 150] [--budget 30]

The first small company of that size is planned by the rules, then searched for the budget. Prints
CPU seconds of the rules alone, and the greatest memory of the process, imports included, as one
line of JSON. ``benchmarks/scheduling.py`` starts it in a process of its own.
"""

import argparse
import json
import os
import resource
import sys
import time

from scheduling_cases import company, plain, with_calendars

from regisseur.agents.planning.engine.problem import Problem, weighted_tardiness
from regisseur.agents.planning.engine.schedule import schedule

SEED = 1
KINDS = {"plain": plain, "shifts": with_calendars}


def main() -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=sorted(KINDS), default="plain")
    parser.add_argument("--orders", type=int, default=150)
    parser.add_argument("--budget", type=float, default=30)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    problem = KINDS[options.kind](company(options.orders, SEED))
    rules, before = ruled(problem), peak()
    began = time.perf_counter()
    found = schedule(problem, options.budget, seed=SEED, workers=options.workers)
    figures = {
        "kind": options.kind,
        "orders": options.orders,
        "rule_cpu_seconds": rules,
        "budget": options.budget,
        "seconds": round(time.perf_counter() - began, 2),
        "weighted_tardiness": weighted_tardiness(problem, found.plan),
        "rules_megabytes": before,
        "peak_megabytes": peak(),
    }
    print(json.dumps(figures))


def ruled(problem: Problem) -> float:
    """CPU seconds of a plan by the rules alone."""
    began = time.process_time()
    schedule(problem, 0)
    return round(time.process_time() - began, 2)


def peak() -> int:
    """Greatest memory so far, in MB; Linux counts in kilobytes, macOS in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e6 if sys.platform == "darwin" else 1e3))


if __name__ == "__main__":
    main()
