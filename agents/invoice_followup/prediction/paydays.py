"""Days of the month on which a payer pays more or less than the age of its invoices explains.

The month has six bands around the usual days of payment runs (5th, 10th, 15th, 20th, 25th, end).
A band's factor is payments made over payments expected by age, drawn to 1 for all payers together
and to that for one payer. Factors shift payments within the month, they do not add any.
"""

from datetime import date

import numpy as np

from regisseur.agents.invoice_followup.prediction.ages import Table
from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Floats, Ints

BANDS = 6
"""Days 28 to 2 (the month's end) first, then 3-7, 8-12 … 23-27."""
WINDOW = 365
"""Days of the past that are compared."""
AROUND = 60
"""Days before and after the due date that are compared."""
ALL_WEIGHT = 30.0
"""Expected payments that draw the factors of all payers to 1."""
PAYER_WEIGHT = 5.0
"""Expected payments that draw a payer's factors to those of all."""


def bands(days: Ints) -> Ints:
    """Band of the month of each day."""
    first = int(days.min()) if days.size else 1
    last = int(days.max()) if days.size else 1
    numbers = [date.fromordinal(day).day for day in range(first, last + 1)]
    known = np.array([0 if n < 3 or n > 27 else (n + 2) // 5 for n in numbers], dtype=np.int64)
    found: Ints = known[days - first]
    return found


def factors(book: Book, general: Table, own: Table, weight: float) -> tuple[Floats, Floats]:
    """Factors of all payers (one a band), and of each payer (a row each)."""
    paid, due = _paid_and_expected(book, general, own, weight)
    level = paid.sum() / max(due.sum(), 1e-9)
    everyone = (paid.sum(axis=0) + ALL_WEIGHT) / (due.sum(axis=0) * level + ALL_WEIGHT)
    mine = (paid.sum(axis=1) + PAYER_WEIGHT) / (due.sum(axis=1) + PAYER_WEIGHT)
    payers: Floats = (paid + PAYER_WEIGHT * everyone) / (due * mine[:, None] + PAYER_WEIGHT)
    return everyone, payers


def _paid_and_expected(
    book: Book, general: Table, own: Table, weight: float
) -> tuple[Floats, Floats]:
    """Payments by payer and band, and those expected by the payer's own table of ages."""
    count = len(book.payers)
    everyone = np.arange(count)
    start = np.full(count, -AROUND - 1)
    prior = general.general(start, 2 * AROUND + 1)
    daily = own.drawn(everyone, start, prior, weight)
    end = np.minimum(np.minimum(book.closed, book.on), book.due + AROUND)
    begin = np.maximum(np.maximum(book.issued, book.on - WINDOW), book.due - AROUND - 1)
    rows = np.flatnonzero(end > begin)
    length = (end - begin)[rows]
    row = np.repeat(rows, length)
    day = begin[row] + 1 + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    cell = book.payer[row] * BANDS + bands(day)
    expected = np.bincount(
        cell, daily[book.payer[row], day - book.due[row] + AROUND], minlength=count * BANDS
    )
    on_day = (day == book.settled[row]) & (book.settled[row] != NEVER)
    paid = np.bincount(cell[on_day], minlength=count * BANDS).astype(np.float64)
    return paid.reshape(-1, BANDS), expected.astype(np.float64).reshape(-1, BANDS)
