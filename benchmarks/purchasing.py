"""Replay reorder policies on real demand and compare what they cost.

    python benchmarks/purchasing.py [--data FILE ...] [--date 2026-01-31] [--output FILE]

Without ``--data`` the products of ``benchmarks/data`` are replayed (54 of 60, the others hardly
sell); any other packed CSV file of the same layout will do. Each set is replayed at the critical
ratios 0.95 and 0.98: p/(p + h), with p the cost of a unit missing and h that of one held. It is not
the share of demand served (*fill*), which is reported beside it. A cost is that of an item and
period, in periods of mean demand held for one period; ``stock`` is in periods of mean demand. ``to
ours`` is the paired difference to the product's own policy with its standard error; below 2 % claim
nothing. ``earlier`` replays the periods before, on which the product's ideas were compared too.

The results file keeps the sets of earlier runs; each says when and on what it was replayed.
Policies with statsforecast are replayed where it is installed. What a night of 10,000 items takes
(``purchasing_load.py``) is measured in a process of its own.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from purchasing_policies import DEFAULT, ERP, OURS, PLAIN, policies
from purchasing_replay import HISTORY, Outcome, Policy, Series, perfect, read_series, replay

from regisseur.agents.purchasing.forecast import Floats

HERE = Path(__file__).parent
SAMPLE = HERE / "data" / "uci_weekly_sample.csv.gz"
RESULTS = HERE / "results" / "purchasing.json"
RATIOS = (0.95, 0.98)
FLOOR = "perfect information"
LOAD = "a night of many items"
FIRST_LOAD = "a first night, half of the items due"
NIGHTS = {LOAD: 25, FIRST_LOAD: 10}
"""Most weeks of use in stock."""
BEST = {
    ("uci_weekly_sales", 390): (8.48, 9.82),
    ("uci_weekly_sales", 750): (8.28, 9.81),
    ("car_parts_monthly", 1056): (13.42, 18.78),
    ("car_parts_monthly", 2123): (13.78, 19.12),
}
"""Lowest cost of any untuned policy in the measurements of November 2026, by set, items and ratio.

Each set by its development half and whole; the column mixes TSB and SES.
"""


class Details(TypedDict):
    """Where the cost of a replayed policy lies; holding costs as much as the stock."""

    stock: float
    backorders: float
    ordering: float
    fill_by_turnover: float
    fill_by_units: float


class Row(TypedDict):
    """One policy at one critical ratio."""

    policy: str
    ratio: float
    cost: float
    to_default_percent: float
    error_percent: float
    to_best_known: float | None
    to_best_erp: float
    details: Details


def main() -> None:
    """Run, print, and write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", default=[SAMPLE], metavar="FILE")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--items", type=int, default=10_000, help="of the night; 0 for no night")
    options = parser.parse_args()
    results = json.loads(options.output.read_text()) if options.output.exists() else {}
    if installed("statsforecast") is None:
        print("statsforecast is not installed: its policies are skipped")
    for file in options.data:
        series = read_series(file)
        results[series.name] = {"date": options.date} | measured(series)
    for name, weeks in NIGHTS.items() if options.items else ():
        figures = night(options.items, weeks)
        results[name] = {"date": options.date, "machine": machine()} | figures
        print(f"\n{name}: {figures}")
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n")


def measured(series: Series) -> dict[str, Any]:
    """Replay one set, also the periods by which ideas were chosen, and print both."""
    began = time.perf_counter()
    early = series.earlier()
    before = compared(early, ERP | PLAIN | OURS)
    print(table(replace(early, name=f"{series.name}, earlier"), before))
    rows = compared(series, dict(policies()))
    print(table(series, rows))
    return {
        "machine": machine(),
        "seconds": round(time.perf_counter() - began, 1),
        "items": len(series.demand),
        "periods": series.demand.shape[1] - series.history,
        "lead_time": series.lead_time,
        "cycle": series.cycle,
        "rows": rows,
        "earlier": before,
    }


def night(items: int, weeks: int) -> dict[str, Any]:
    """Judge a night in a process of its own, so that its greatest memory is its own."""
    load = [str(HERE / "purchasing_load.py"), "--items", str(items), "--weeks", str(weeks)]
    command = [sys.executable, *load]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def compared(series: Series, runs: Mapping[str, Policy]) -> list[Row]:
    """Replay these policies at all critical ratios."""
    return [row for place in range(len(RATIOS)) for row in at_ratio(series, place, runs)]


def at_ratio(series: Series, place: int, runs: Mapping[str, Policy]) -> list[Row]:
    """Replay at one critical ratio, the floor last."""
    ratio = RATIOS[place]
    outcomes = {name: replay(series, policy, ratio) for name, policy in runs.items()}
    outcomes[FLOOR] = perfect(series, ratio)
    usual = outcomes[DEFAULT].cost
    erp = min(float(outcomes[name].cost.mean()) for name in ERP)
    found = BEST.get((series.name, len(usual))) if series.history == HISTORY else None
    best = found[place] if found else None
    return [row(name, ratio, outcome, usual, erp, best) for name, outcome in outcomes.items()]


def row(
    name: str,
    ratio: float,
    outcome: Outcome,
    usual: Floats,
    erp: float,
    best: float | None,
) -> Row:
    """Sum up one policy; the error is that of the mean of paired differences."""
    difference, mean = outcome.cost - usual, float(outcome.cost.mean())
    error = difference.std(ddof=1) / np.sqrt(len(usual))
    return {
        "policy": name,
        "ratio": ratio,
        "cost": round(mean, 4),
        "to_default_percent": round(100 * float(difference.mean() / usual.mean()), 2),
        "error_percent": round(100 * float(error / usual.mean()), 2),
        "to_best_known": round(mean / best, 4) if best else None,
        "to_best_erp": round(mean / erp, 4),
        "details": detailed(outcome),
    }


def detailed(outcome: Outcome) -> Details:
    """Sum up where the cost lies."""
    return {
        "stock": round(float(outcome.holding.mean()), 4),
        "backorders": round(float(outcome.backorders.mean()), 4),
        "ordering": round(float(outcome.ordering.mean()), 4),
        "fill_by_turnover": round(outcome.fill_by_turnover, 4),
        "fill_by_units": round(outcome.fill_by_units, 4),
    }


def table(series: Series, rows: list[Row]) -> str:
    """Lay out the rows of one set."""
    items, columns = series.demand.shape
    terms = f"lead time {series.lead_time}, orders of {series.cycle} periods"
    lines = [f"\n{series.name}: {items} items, {columns - series.history} periods, {terms}"]
    for ratio in RATIOS:
        lines.append(
            f"\n{f'critical ratio {ratio:.0%}':<36} cost  to best  to ERP  to ours       "
            "fill: turnover   units   stock"
        )
        lines += [line(found) for found in rows if found["ratio"] == ratio]
    return "\n".join(lines)


def line(found: Row) -> str:
    """Lay out one row."""
    best, details = found["to_best_known"], found["details"]
    return (
        f"{found['policy']:<34} {found['cost']:6.2f}  {f'{best:.3f}' if best else '-':>7}"
        f"  {found['to_best_erp']:6.3f}"
        f"  {found['to_default_percent']:+5.1f} ± {found['error_percent']:3.1f} %"
        f"{details['fill_by_turnover']:17.1%} {details['fill_by_units']:7.1%} {details['stock']:7.2f}"
    )


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
        "versions": {name: installed(name) for name in ("numpy", "scipy", "statsforecast")},
    }


def installed(name: str) -> str | None:
    """Version of a distribution, if it is there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
