"""Books to try predictions on: readers of three layouts, and an invented large book.

A book read here knows how everything ended. What is tried on it sees ``book.known_on(day)`` only.
"""

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from regisseur.agents.invoice_followup.prediction.book import Book, Entry, Invoice, book_of

Row = dict[str, str]
DATES = ("%m/%d/%Y", "%m/%d/%y", "%d-%b-%y", "%d-%b-%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
"""Tried in this order; day/month/year with slashes is in none of the sets."""


def read_book(path: Path, layout: str) -> Book:
    """Read a file, or a folder of the synthetic layout."""
    return LAYOUTS[layout](path)


def read_rows(path: Path) -> list[Row]:
    """Rows of a CSV file, packed or not; column names in small letters and digits only."""
    packed = path.suffix == ".gz"
    data = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    names = ["".join(filter(str.isalnum, name)).lower() for name in next(lines)]
    return [dict(zip(names, row, strict=False)) for row in lines if any(row)]


def read_day(text: str) -> date:
    """Read a date in any of ``DATES``; raises ``SystemExit`` naming one it can't read."""
    day = try_day(text)
    if day is None:
        raise SystemExit(f"{text!r} is not a date like {', '.join(DATES)}")
    return day


def try_day(text: str) -> date | None:
    """Read a date in any of ``DATES``, ``None`` if it is none."""
    for form in DATES:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def read_amount(text: str) -> Decimal:
    """Read an amount with or without thousands commas and currency sign, (1) for minus 1."""
    kept = "".join(sign for sign in text if sign.isdigit() or sign in ".-")
    try:
        amount = Decimal(kept)
    except InvalidOperation:
        raise SystemExit(f"{text!r} is not an amount") from None
    return -amount if text.strip().startswith("(") else amount


def read_ibm(path: Path) -> Book:
    """IBM sample: ``SettledDate`` is the payment; disputes, known afterwards, are not read."""
    return _book(
        Invoice(
            id=row["invoicenumber"],
            payer=row["customerid"],
            issued=read_day(row["invoicedate"]),
            due=read_day(row["duedate"]),
            amount=read_amount(row["invoiceamount"]),
            entries=(Entry(read_day(row["settleddate"]), read_amount(row["invoiceamount"])),),
        )
        for row in read_rows(path)
    )


def read_cassandra(path: Path) -> Book:
    """Cassandra: rows without a number of days, or with a negative one, are dropped.

    Payment is the invoice date and the number of days, or ``Settled`` where that is a date.
    """
    invoices = []
    for number, row in enumerate(read_rows(path)):
        days = row.get("numberofdaysuntilpayment", "").strip()
        if not days or float(days) < 0:
            continue
        issued, amount = read_day(row["invoicedate"]), read_amount(row["amount"])
        settled = try_day(row.get("settled", "")) or issued + timedelta(days=round(float(days)))
        invoices.append(
            Invoice(
                id=f"{number:06}",
                payer=row["vendorname"],
                issued=issued,
                due=read_day(row["duedate"]),
                amount=amount,
                entries=(Entry(settled, amount),),
            )
        )
    return _book(invoices)


def read_synthetic(path: Path) -> Book:
    """Synthetic set: a folder (or one of its files) with invoices, payments and events."""
    folder = path if path.is_dir() else path.parent
    found = {
        name: read_rows(folder / f"synthetic_{name}.csv.gz")
        for name in ("invoices", "payments", "events")
    }
    entries = defaultdict(list)
    for row in found["payments"]:
        entry = Entry(read_day(row["paymentdate"]), read_amount(row["amount"]))
        entries[row["invoiceid"]].append(entry)
    for row in found["events"]:
        if row["event"] == "credit_note":
            entry = Entry(read_day(row["eventdate"]), read_amount(row["amount"]), credit=True)
            entries[row["invoiceid"]].append(entry)
    return _book(
        Invoice(
            id=row["invoiceid"],
            payer=row["customerid"],
            issued=read_day(row["invoicedate"]),
            due=read_day(row["duedate"]),
            amount=read_amount(row["amountttc"]),
            entries=tuple(entries[row["invoiceid"]]),
        )
        for row in found["invoices"]
    )


def _book(invoices: Iterable[Invoice]) -> Book:
    every = list(invoices)
    if not every:
        raise SystemExit("no invoice was found: is the layout the right one?")
    return book_of(every, (), max(e.day for x in every for e in x.entries))


LAYOUTS: dict[str, Callable[[Path], Book]] = {
    "ibm": read_ibm,
    "cassandra": read_cassandra,
    "synthetic": read_synthetic,
}


def large_book(payers: int = 5_000, invoices: int = 215_000, days: int = 730) -> Book:
    """Two years of an invented company with about 20,000 invoices open on the last day."""
    chance = np.random.default_rng(1)
    payer = np.sort(chance.integers(0, payers, invoices))
    issued = 739_000 + chance.integers(0, days, invoices)
    term = chance.choice([30, 45, 60], payers)[payer]
    habit = chance.normal(8, 12, payers)[payer]
    due = issued + term
    settled = np.maximum(due + np.rint(habit + chance.gamma(2, 8, invoices)), issued + 1)
    amount = np.round(np.exp(chance.normal(6, 1, invoices)), 2)
    everything = Book(
        on=739_000 + days,
        ids=tuple(f"F{n:06}" for n in range(invoices)),
        payer=payer,
        issued=issued,
        due=due,
        amount=amount,
        entry_row=np.arange(invoices),
        entry_day=settled.astype(np.int64),
        entry_amount=amount,
        entry_credit=np.zeros(invoices, dtype=np.bool_),
        payers=tuple(f"C{n:04}" for n in range(payers)),
        person=np.zeros(payers, dtype=np.bool_),
    )
    return everything.known_on(everything.on)
