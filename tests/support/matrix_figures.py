"""The figures of the full crash matrix: ``benchmarks/results/matrix.json``."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

PROPERTY = "endings"
FILE = Path(__file__).parents[2] / "benchmarks" / "results" / "matrix.json"
ENDS = ("done", "unknown, told", "unknown, untold", "lost", "doubled")


class Figures:
    """A plug-in of pytest that adds up what the tests report."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str], Counter[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The ends of one test's companies travel with its last report."""
        if report.when == "teardown":
            for name, endings in report.user_properties:
                if name == PROPERTY:
                    for one in endings:  # type: ignore[attr-defined]
                        self.add(one)

    def add(self, one: dict[str, Any]) -> None:
        """One more company that was crashed in (see ``matrix.Ending``)."""
        key = (one["side"], one["database"], one["kind"])
        counts = self._counts.setdefault(key, Counter())
        counts.update({"companies": 1, "kills": one["kills"], "faults": one["faults"]})
        counts[one["ended"]] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write them, one row for each ERP, database and kind; first of all, so that a run that was
        cut off leaves what it has.
        """
        if self._counts:
            FILE.write_text(json.dumps(self.table(), indent=2) + "\n")

    def table(self) -> dict[str, Any]:
        """All that goes into the file."""
        names = ("companies", "kills", "faults", *ENDS)
        rows = [
            {"erp": erp, "database": database, "kind": kind}
            | {name: counts[name] for name in names}
            for (erp, database, kind), counts in sorted(self._counts.items())
        ]
        total = {name: sum(int(row[name]) for row in rows) for name in names}
        return {
            "selection": os.environ.get("CRASH_MATRIX", "every day's"),
            "date": datetime.now(UTC).date().isoformat(),
            "machine": {
                "system": platform.platform(),
                "processors": os.cpu_count(),
                "python": platform.python_version(),
                "sqlite": sqlite3.sqlite_version,
            },
            "total": total,
            "rows": rows,
        }
