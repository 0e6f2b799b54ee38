"""Try the predictions of the invoice follow-up on books whose end is known.

    python benchmarks/receivables.py [--data FILE|DIR --layout synthetic|ibm|cassandra]
                                     [--date 2026-01-31] [--output FILE] [--no-speed]

Without ``--data`` the sample of ``benchmarks/data/receivables`` is used. It is invented: what is
measured on it says that the code runs, and nothing about accuracy. The layouts ``ibm`` and
``cassandra`` are those of two public sets that may not be shipped; the best figure known for each
measure is printed beside the product's. ``speed`` predicts 20,000 open invoices of 5,000 customers.

The results file keeps the sets of earlier runs; each says when and on what it was made.
"""

import argparse
import json
import os
import platform
import time
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from receivables_books import LAYOUTS, large_book, read_book
from receivables_cash import CashScore, cash_scores, cover, origins
from receivables_delays import Score, Split, cut_day, scores

from regisseur.agents.invoice_followup.prediction.book import Book
from regisseur.agents.invoice_followup.prediction.outlook import predict

HERE = Path(__file__).parent
SAMPLE = HERE / "data" / "receivables"
RESULTS = HERE / "results" / "receivables.json"
SPLITS: tuple[Split, ...] = ("by date", "unseen")
BEST = {
    "ibm": {"mae": 5.70, "auc": 0.877, "brier": 0.127, "total": 0.040, "weekly": 0.171},
    "cassandra": {"mae": 17.37, "auc": 0.810, "brier": 0.147, "total": 0.218, "weekly": 0.547},
}
"""Best of any method in the measurements of November 2026, split by date; each of another one."""


def main() -> None:
    """Run, print, and write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=SAMPLE, metavar="FILE|DIR")
    parser.add_argument("--layout", choices=sorted(LAYOUTS), default="synthetic")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--no-speed", action="store_true", help="leave the large book out")
    options = parser.parse_args()
    results = json.loads(options.output.read_text()) if options.output.exists() else {}
    name = "sample" if options.data == SAMPLE else options.layout
    results[name] = stamped(tried(read_book(options.data, options.layout), options.layout), options)
    print(text(name, results[name], BEST.get(options.layout)))
    if not options.no_speed:
        results["speed"] = stamped(speed(), options)
        print("\nspeed: {open} open invoices, {cpu_seconds} CPU s".format(**results["speed"]))
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n")


def stamped(found: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Add when and on what it was made."""
    return {"date": options.date, "machine": machine(), **found}


def tried(book: Book, layout: str) -> dict[str, Any]:
    """Measure everything on one book."""
    began = time.perf_counter()
    found: dict[str, Any] = {
        "layout": layout,
        "invoices": len(book),
        "customers": len(book.payers),
        "cut": date.fromordinal(cut_day(book)).isoformat(),
        "origins": len(origins(book)),
    }
    for kind in SPLITS:
        rows, choice, predicted = scores(book, kind)
        found[kind] = {
            "predicted": predicted,
            "chosen": {"days": choice.days, "late": choice.late, "reason": choice.reason},
            "rows": [asdict(row) for row in rows],
        }
    found["cash"] = [asdict(row) for row in cash_scores(book)]
    found["range"] = asdict(cover(book))
    found["seconds"] = round(time.perf_counter() - began, 1)
    return found


def speed() -> dict[str, Any]:
    """Predict a large book, scikit-learn's import included if it comes first."""
    book = large_book()
    began = time.process_time()
    found = predict(book)
    return {
        "cpu_seconds": round(time.process_time() - began, 1),
        "open": len(found.invoices),
        "customers": len(book.payers),
        "invoices": len(book),
    }


def text(name: str, found: dict[str, Any], best: dict[str, float] | None) -> str:
    """Lay out what was found on one book."""
    size = f"{found['invoices']} invoices of {found['customers']} customers"
    lines = [f"\n{name}: {size}, cut {found['cut']}, {found['origins']} origins"]
    for kind in SPLITS:
        part = found[kind]
        lines.append(
            f"\n{kind}: {part['predicted']} predicted, chosen: {part['chosen']['days']} for days,"
            f" {part['chosen']['late']} for probability ({part['chosen']['reason']})"
        )
        lines.append(f"{'':<32}  MAE days    AUC   Brier")
        lines += [delay_line(Score(**row)) for row in part["rows"]]
        if best and kind == "by date":
            lines.append(delay_line(Score("best known", best["mae"], best["auc"], best["brier"])))
    lines.append(f"\n{'cash':<32}   4 weeks  weekly")
    lines += [cash_line(CashScore(**row)) for row in found["cash"]]
    if best:
        lines.append(cash_line(CashScore("best known", best["total"], best["weekly"])))
    lines.append(
        "ranges of 80 % held what came in {total:.0%} of the 4-week totals and {weekly:.0%} of the "
        "weeks".format(**found["range"])
    )
    return "\n".join(lines)


def delay_line(row: Score) -> str:
    """Lay out one method."""
    return f"{row.method:<32} {row.mae:9.2f}  {row.auc:5.3f}  {row.brier:6.3f}"


def cash_line(row: CashScore) -> str:
    """Lay out one method."""
    return f"{row.method:<32} {row.total:9.1%} {row.weekly:7.1%}"


def machine() -> dict[str, Any]:
    """Say on what the figures were made."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "scikit-learn", "scipy")},
    }


if __name__ == "__main__":
    main()
