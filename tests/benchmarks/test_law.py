"""The law benchmark: its own cases agree, a wrong one is found, and nothing is written unasked."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
HEADER = "case_id,regime,amount_ttc,due_date,payments,as_of_date,contract_rate_pct"
CASE = "A,b2b_default,3650,2025-07-31,2025-08-10:1650,2025-08-20,"
RATES = "half_year,ecb_main_refinancing_pct,legal_rate_other_pct"


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The benchmark with options, in this process."""
    monkeypatch.syspath_prepend(FOLDER)
    law = importlib.import_module("law")

    def ran(*options: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["law.py", *map(str, options)])
        capsys.readouterr()
        try:
            code = law.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return ran


def cases(folder: Path, *lines: str) -> Path:
    file = folder / "cases.csv"
    file.write_text("\n".join(lines))
    return file


def test_our_cases_agree_to_the_cent_and_nothing_is_written() -> None:
    results = FOLDER / "results" / "law.json"
    before = results.read_bytes() if results.exists() else None

    done = subprocess.run(
        [sys.executable, str(FOLDER / "law.py")],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "cases 18, compared 18, to the cent 18" in done.stdout
    assert (results.read_bytes() if results.exists() else None) == before


def test_a_cent_too_much_is_told_and_fails(run: Run, tmp_path: Path) -> None:
    # 10 days of 3,650 and 10 of 2,000 at 12.15 %: 12.15 + 6.66
    data = cases(tmp_path, f"{HEADER},expected_penalty,expected_total_due", f"{CASE},18.82,2058.81")

    done = run("--data", data, "--out", tmp_path / "law.json")

    assert done.returncode == 1
    assert "penalty: computed '18.81', expected '18.82'" in done.stdout
    assert "cases 1, compared 1, to the cent 0" in done.stdout
    body = json.loads((tmp_path / "law.json").read_text())
    assert (body["cases"], body["compared"], body["agree"]) == (1, 1, 0)
    assert body["results"][0]["differs"] == {"penalty": "18.82"}


def test_a_sum_where_a_refusal_was_expected_fails(run: Run, tmp_path: Path) -> None:
    data = cases(tmp_path, f"{HEADER},expected_status", f"{CASE},refuse_missing_rate")

    assert run("--data", data).returncode == 1


def test_cases_without_expectations_are_computed(run: Run, tmp_path: Path) -> None:
    done = run("--data", cases(tmp_path, HEADER, CASE))

    assert done.returncode == 0
    assert "cases 1, compared 0, to the cent 0" in done.stdout
    assert "total_due   2058.81" in done.stdout


def test_rates_are_taken_from_a_file_or_from_beside_the_cases(run: Run, tmp_path: Path) -> None:
    data = cases(tmp_path, f"{HEADER},expected_penalty", f"{CASE},23.22")  # at 15 %
    named = tmp_path / "mine.csv"
    named.write_text(f"{RATES}\n2025-H2,5.00,2.00\n2026-H1,,\n")

    assert run("--data", data).returncode == 1
    assert run("--data", data, "--rates", named).returncode == 0
    named.rename(tmp_path / "rates.csv")
    assert run("--data", data).returncode == 0


def test_what_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    bad_date = run("--data", cases(tmp_path, HEADER, CASE.replace("2025-07-31", "31/07/2025")))
    bad_regime = run("--data", cases(tmp_path, HEADER, CASE.replace("b2b_default", "friends")))
    nothing = run("--data", tmp_path / "none.csv")

    assert (bad_date.returncode, bad_regime.returncode, nothing.returncode) == (2, 2, 2)
    assert "A: " in bad_date.stderr
    assert "friends" in bad_regime.stderr
    assert "none.csv" in nothing.stderr
