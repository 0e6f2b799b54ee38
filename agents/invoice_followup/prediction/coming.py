"""When open invoices are paid: a share for each coming day, never one date.

Three tables of payment by age are averaged, for none of them is best on every book (an equal
average of forecasts is hard to beat: Clemen, "Combining forecasts", International Journal of
Forecasting 5 (1989)):

1. invoices alike: same third of terms and of amounts, drawn to all invoices;
2. the payer's own, drawn to 1;
3. all invoices of the last year by days after the date on which their payer usually pays.

Each is bent by the days of the month on which the payer pays. Natural persons get the table of all
invoices and the days of all payers.
"""

from dataclasses import dataclass

import numpy as np

from regisseur.agents.invoice_followup.prediction.ages import table, unpaid
from regisseur.agents.invoice_followup.prediction.book import Book, Flags, Floats, Ints
from regisseur.agents.invoice_followup.prediction.features import Past
from regisseur.agents.invoice_followup.prediction.paydays import bands, factors

OWN_WEIGHT = 5.0
"""Weight of table 1 in a payer's own table, in invoices."""
ALIKE_WEIGHT = 30.0
"""Weight of all invoices in the tables of invoices alike, and of all years in the last one's."""
YEAR = 365
FEW = 5
"""With fewer invoices ever seen older, the table says little."""
LARGEST_SHARE = 0.95
"""Of one day, after bending."""


@dataclass(frozen=True)
class Coming:
    """What is expected of the rows of a book."""

    rows: Ints
    left: Floats
    """Probability of being unpaid after 1, 2 … days: a row an invoice."""
    thin: Flags
    """Fewer than five past invoices were ever seen older: a stated fallback stands in."""


def coming(book: Book, rows: Ints, days: int, past: Past | None = None) -> Coming:
    """Expect the payment of open ``rows`` over the next ``days`` days."""
    if not len(rows):
        return Coming(rows, np.zeros((0, days)), np.zeros(0, dtype=np.bool_))
    age, payer = book.on - book.due[rows], book.payer[rows]
    everyone, mine = table(book), table(book, group=book.payer)
    general = everyone.general(age, days)
    all_days, own_days = factors(book, everyone, mine, OWN_WEIGHT)
    band = bands(book.on + 1 + np.arange(days))
    person = book.person[payer]
    tables = _tables(book, rows, general, past or Past(book))
    bend = np.where(person[:, None], all_days, own_days[payer])[:, band]
    left = np.zeros_like(general)
    for daily in tables:
        daily[person] = general[person]
        left += unpaid(np.minimum(daily * bend, np.maximum(daily, LARGEST_SHARE))) / len(tables)
    seen = everyone.counts(np.zeros_like(age), age, 1)[1][:, 0]
    return Coming(rows, left, seen < FEW)


def _tables(book: Book, rows: Ints, general: Floats, past: Past) -> list[Floats]:
    age, payer, days = book.on - book.due[rows], book.payer[rows], general.shape[1]
    kind = _thirds(book.due - book.issued) * 3 + _thirds(np.abs(book.amount))
    alike = table(book, group=kind).drawn(kind[rows], age, general, ALIKE_WEIGHT)
    own = table(book, group=book.payer).drawn(payer, age, alike, OWN_WEIGHT)
    usual, now = usual_days(past), usual_days(past, rows)
    years = table(book, shift=usual).general(age - now, days)
    recent = table(book, shift=usual, since=book.on - YEAR)
    return [alike, own, recent.drawn(np.zeros_like(age), age - now, years, ALIKE_WEIGHT)]


def usual_days(past: Past, rows: Ints | None = None) -> Ints:
    """Shrunk mean delay of the payer, on the day of issue or, for ``rows``, of the book."""
    if rows is None:
        everything = np.arange(len(past.book))
        return np.rint(past.mean(everything, past.book.issued)).astype(np.int64)
    days = np.full(len(rows), past.book.on)
    return np.rint(past.mean(rows, days)).astype(np.int64)


def _thirds(values: Floats | Ints) -> Ints:
    """0, 1 or 2 by size."""
    return np.searchsorted(np.quantile(values, [1 / 3, 2 / 3]), values).astype(np.int64)
