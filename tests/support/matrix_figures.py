"""The figures of the full crash matrix: ``benchmarks/results/matrix.json``.

It takes hours: a run that was cut off is gone on with, as long as no line of code has changed.
"""

from __future__ import annotations

import hashlib
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
ROOT = Path(__file__).parents[2]
FILE = ROOT / "benchmarks" / "results" / "matrix.json"
PROGRESS = ROOT / ".cache" / "matrix"
ROOMS = ("src", "tools", "storage", "graphs", "agents", "office", "tests", "demo")
ENDS = ("done", "unknown, told", "unknown, untold", "lost", "doubled")


class Progress:
    """The tests of the full matrix that passed, and the ends of their companies, one line each: kept
    for exactly this code.
    """

    def __init__(self, folder: Path = PROGRESS) -> None:
        self._file = folder / f"{_code()}.jsonl"
        folder.mkdir(parents=True, exist_ok=True)

    def passed(self) -> dict[str, list[dict[str, Any]]]:
        """By test, what became of its companies; a line that was cut off does not count."""
        text = self._file.read_text() if self._file.exists() else ""
        lines = [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return {one["test"]: one["endings"] for one in map(json.loads, lines)}

    def note(self, test: str, endings: list[dict[str, Any]]) -> None:
        """It passed."""
        with self._file.open("a") as file:
            file.write(json.dumps({"test": test, "endings": endings}) + "\n")


def _code() -> str:
    """What names all the code that has a say in it."""
    files = sorted(one for room in ROOMS for one in (ROOT / room).rglob("*.py"))
    texts = b"\0".join(one.read_bytes() for one in files)
    return hashlib.sha256(texts).hexdigest()[:16]


class Figures:
    """A plug-in of pytest that adds up what the tests report; with ``progress`` it leaves out the
    tests that passed before, and counts what they said then.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._counts: dict[tuple[str, str, str], Counter[str]] = {}
        self._progress = progress
        self._failed: set[str] = set()
        self.passed = progress.passed() if progress else {}
        for endings in self.passed.values():
            self._add_all(endings)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """What a worker of xdist leaves out: the same as all others, whenever it starts."""
        node.workerinput[PROPERTY] = sorted(self.passed)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The ends of one test's companies travel with its last report."""
        if report.failed:
            self._failed.add(report.nodeid)
        if report.when != "teardown":
            return
        for name, endings in report.user_properties:
            if name == PROPERTY:
                self._add_all(endings)  # type: ignore[arg-type]
                if self._progress and report.nodeid not in self._failed:
                    self._progress.note(report.nodeid, endings)  # type: ignore[arg-type]

    def _add_all(self, endings: list[dict[str, Any]]) -> None:
        for one in endings:
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
