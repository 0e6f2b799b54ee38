"""The receivables benchmark: its layouts, its measures by hand, and one whole run."""

import gzip
import importlib
import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Entry, Invoice, book_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks"


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that reads layouts."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("receivables_books")


@pytest.fixture
def delays(books: ModuleType) -> ModuleType:
    """The module that measures delays."""
    return importlib.import_module("receivables_delays")


@pytest.fixture
def cash(books: ModuleType) -> ModuleType:
    """The module that measures cash."""
    return importlib.import_module("receivables_cash")


IBM = (
    "\ufeffcountryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,"
    "Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate\n"
    "391,0379-NEVHP,4/6/2013,611365,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,13,0\n"
    "406,8976-AMJEO,3/3/2012,7900770,1/26/2013,2/25/2013,61.74,Yes,3/3/2013,Electronic,36,6\n"
)
CASSANDRA = (
    "Description,Vendor_Name,Created,Invoice_Date,Due_Date,Amount,Settled,Outstanding,"
    "Number_of_Days_until_Payment\n"
    'Printing,One,28-Apr-11,26-Apr-11,26-May-11,"1,234.50","1,234.50",0,40\n'
    "Printing,Two,28-Apr-11,27-Apr-11,27-Apr-11,20,20,0,-3\n"
    "Printing,Two,28-Apr-11,28-Apr-11,28-Apr-11,20,20,0,0\n"
    "Printing,Three,28-Apr-11,28-Apr-11,28-Apr-11,20,0,20,\n"
)


def test_ibm_layout(books: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "ibm.csv"
    file.write_text(IBM, encoding="utf-8")
    found = books.read_book(file, "ibm")
    assert found.payers == ("0379-NEVHP", "8976-AMJEO")
    assert found.delay.tolist() == [-17, 6]
    assert found.amount.tolist() == [55.94, 61.74]
    assert found.issued[0] == date(2013, 1, 2).toordinal()
    assert found.on == date(2013, 3, 3).toordinal()


def test_cassandra_layout(books: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "train.csv.gz"
    file.write_bytes(gzip.compress(CASSANDRA.encode()))
    found = books.read_book(file, "cassandra")
    assert [found.payers[n] for n in found.payer] == ["One", "Two"]
    assert found.delay.tolist() == [10, 0]
    assert found.amount.tolist() == [1234.5, 20]


def test_cassandra_takes_a_date_of_settlement(books: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "train.csv"
    file.write_text(CASSANDRA.replace('"1,234.50",0,40', "07-Jun-11,0,40"))
    assert books.read_book(file, "cassandra").delay[0] == 12


def test_separators_and_signs(books: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "ibm.csv"
    file.write_text(IBM.replace(",", ";").replace("55.94", "$ 55.94"), encoding="utf-8")
    assert books.read_book(file, "ibm").amount.tolist() == [55.94, 61.74]
    assert books.read_amount("(1,200.5)") == Decimal("-1200.5")
    with pytest.raises(SystemExit, match="'soon' is not a date"):
        books.read_day("soon")


def test_shipped_sample(books: ModuleType) -> None:
    found = books.read_book(FOLDER / "data" / "receivables", "synthetic")
    assert (len(found), len(found.payers)) == (2501, 40)
    assert found.on == date(2026, 8, 31).toordinal()
    assert len(found.open) > 20


def test_ranking_by_hand(delays: ModuleType) -> None:
    # Late: 0.9 and 0.4; in time: 0.4 and 0.1. Of 4 pairs 3 are in order and one is a tie.
    chance = np.array([0.9, 0.4, 0.4, 0.1])
    late = np.array([True, True, False, False])
    assert delays.ranking(chance, late) == pytest.approx(3.5 / 4)
    assert delays.ranking(np.full(4, 0.5), late) == 0.5
    assert delays.ranking(chance, np.ones(4, dtype=bool)) == 0.5


def steady() -> Book:
    """200 invoices of 20 payers, one a day, paid 35 to 44 days after issue."""
    start = date(2026, 1, 1).toordinal()

    def day(n: int) -> date:
        return date.fromordinal(start + n)

    invoices = [
        Invoice(
            f"F{n:03}",
            f"P{n % 20:02}",
            day(n),
            day(n + 30),
            Decimal(100),
            (Entry(day(n + 35 + n % 10), Decimal(100)),),
        )
        for n in range(200)
    ]
    return book_of(invoices, (), day(300))


def test_split_by_date_learns_from_what_was_paid_before(delays: ModuleType) -> None:
    book = steady()
    cut = delays.cut_day(book)
    parts = delays.split(book, "by date")
    assert cut == book.issued[0] + 150  # the percentile lies between two days, 149 and 150
    assert parts.then.on == cut - 1
    known = parts.then.settled != NEVER
    assert (parts.then.settled[known] < cut).all()
    assert (parts.later.issued[parts.rows] >= cut).all()
    assert len(parts.rows) == 50


def test_unseen_customers_are_new_at_the_cut(delays: ModuleType) -> None:
    book = steady()
    parts = delays.split(book, "unseen")
    new = [sha256(x.encode()).digest()[0] % 10 >= 7 for x in book.payers]
    assert 0 < sum(new) < 20
    assert not any(new[n] for n in parts.then.payer)
    assert all(new[n] for n in parts.later.payer[parts.rows])
    early = parts.later.issued < delays.cut_day(book)
    assert not any(new[n] for n in parts.later.payer[early])


def test_cash_by_hand(cash: ModuleType) -> None:
    # Four invoices open on day 100, due in 10 days, 5 days ago, 40 days ago; past delays 0 7 8 20.
    start = date(2026, 1, 1).toordinal()

    def one(name: str, due: int, delay: int | None) -> Invoice:
        when = date.fromordinal(start + due)
        paid = [] if delay is None else [Entry(date.fromordinal(start + due + delay), Decimal(10))]
        issued = date.fromordinal(start + due - 30)
        return Invoice(name, "P", issued, when, Decimal(10), tuple(paid))

    past = [one(f"A{n}", 40, delay) for n, delay in enumerate((0, 7, 8, 20))]
    now = [one("C", 60, None), one("D", 95, None), one("E", 110, None)]
    book = book_of([*past, *now], (), date.fromordinal(start + 100))
    assert [book.ids[n] for n in book.open] == ["C", "D", "E"]
    assert cash.due_date(book).argmax(axis=1).tolist() == [0, 0, 1]
    shares = cash.all_delays(book)
    assert shares[0] == pytest.approx([0.1, 0.09, 0.081, 0.0729])  # nothing was ever that late
    assert shares[1] == pytest.approx([2 / 3, 0, 1 / 3, 0])  # of 7 8 20: up to 12, 19, 26, 33
    assert shares[2] == pytest.approx([0, 1 / 4, 2 / 4, 0])
    assert cash.own_and_all(book) == pytest.approx(shares)  # one payer: own is all


def test_origins_end_four_weeks_before_what_is_known(cash: ModuleType) -> None:
    found = cash.origins(steady())
    assert found[0] == date(2026, 1, 1).toordinal() + 150
    assert set(np.diff(found)) == {14}
    assert found[-1] <= date(2026, 1, 1).toordinal() + 199


def test_whole_run_on_the_shipped_sample(tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    output.write_text('{"ibm": {"invoices": 1}}')
    command = [sys.executable, str(FOLDER / "receivables.py"), "--date", "2026-01-31", "--no-speed"]
    done = subprocess.run(
        [*command, "--output", str(output)],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(output.read_text())
    assert list(results) == ["ibm", "sample"]
    found = results["sample"]
    assert (found["date"], found["invoices"], found["cut"]) == ("2026-01-31", 2501, "2025-12-01")
    for kind in ("by date", "unseen"):
        rows = {row["method"]: row for row in found[kind]["rows"]}
        assert len(rows) == 7
        assert rows["product"]["mae"] < rows["due date"]["mae"]
        assert kind in done.stdout
    cash = {row["method"]: row for row in found["cash"]}
    assert cash["product"]["weekly"] < 0.6 * cash["due date"]["weekly"]
    assert found["range"]["origins"] == found["origins"]
