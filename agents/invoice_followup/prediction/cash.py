"""Cash to come from open invoices, by week, with a range.

Sums of open balance x probability of payment in the week. Ranges hold about four times in five:
they come from what the same forecast missed by on past days of the company's own books. Future
sales are not in it, nor what is disputed, refused or owed by an insolvent payer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Floats, Held, Ints
from regisseur.agents.invoice_followup.prediction.coming import Coming, coming

WEEK = 7
WEEKS = 13
SHORT = 4
"""Weeks of the short total."""
COVERED = 0.8
"""Share of the past misses that a range covers."""
SPREADS = 1.2816
"""Standard deviations either side that hold 80 % of a normal distribution."""
LEAST_REPLAYS = 8
"""Past days below which ranges are the defaults."""
DEFAULT_WEEK = 1.0
DEFAULT_TOTAL = 0.5
"""Half-width of a range, as share of what is expected, without enough past days."""
EVERY = 14
"""Days between the past days that are replayed."""
MOST_REPLAYS = 26
LEAST_PAID = 50
"""Paid invoices known on a past day for it to be replayed."""
SAMPLE = 1000
"""Open invoices that are replayed at most: whole payers are left out. It errs on the wide side."""


@dataclass(frozen=True)
class Receipts:
    """Money expected from ``first`` to ``last``, in company currency."""

    first: date
    last: date
    expected: Decimal
    low: Decimal
    high: Decimal
    by_due_date: Decimal
    """What due dates alone would say, overdue invoices counted in the first week."""


@dataclass(frozen=True)
class CashForecast:
    """Cash to come from the invoices open today."""

    weeks: tuple[Receipts, ...]
    four_weeks: Receipts
    thirteen_weeks: Receipts
    later: Decimal
    """Open balance not expected within 13 weeks."""
    thin: Decimal
    """Open balance, part of the above, that rests on a stated fallback: few were ever so old."""
    excluded: Mapping[Held, Decimal]
    """Open balance not counted on, by reason."""
    replays: int
    """Past days the range of the four weeks comes from."""
    long_replays: int
    """The same of the weeks after."""


@dataclass(frozen=True)
class Misses:
    """What past forecasts missed by, as share of what they expected: one list a week or total."""

    weeks: tuple[Sequence[float], ...]
    four_weeks: Sequence[float]
    thirteen_weeks: Sequence[float]


def counted_on(book: Book) -> Ints:
    """Open rows that are neither disputed, refused nor of an insolvent payer."""
    held = np.fromiter(book.held, dtype=np.int64)
    rows: Ints = np.setdiff1d(book.open, held)
    return rows


def cash_to_come(book: Book, expected: Coming) -> CashForecast:
    """Forecast from what is expected of ``counted_on(book)`` for 13 weeks."""
    balance = book.balance[expected.rows]
    shares = weekly(expected.left)
    misses = replay(book)
    by_due = balance @ _due_weeks(book, expected.rows)
    spans = [(week, week + 1) for week in range(WEEKS)] + [(0, SHORT), (0, WEEKS)]
    found = [
        _receipts(book.on, span, balance, shares, by_due, width)
        for span, width in zip(spans, _widths(misses), strict=True)
    ]
    left = float(balance @ expected.left[:, -1])
    return CashForecast(
        weeks=tuple(found[:WEEKS]),
        four_weeks=found[-2],
        thirteen_weeks=found[-1],
        later=_money(left),
        thin=_money(float(balance[expected.thin].sum())),
        excluded=_excluded(book),
        replays=len(misses.four_weeks),
        long_replays=len(misses.thirteen_weeks),
    )


def weekly(left: Floats) -> Floats:
    """Probability of payment in each whole week, from being unpaid after each day."""
    ends = left[:, WEEK - 1 :: WEEK]
    shares: Floats = -np.diff(ends, axis=1, prepend=1.0)
    return shares


def _due_weeks(book: Book, rows: Ints) -> Floats:
    week = (np.maximum(book.due[rows], book.on + 1) - book.on - 1) // WEEK
    flags: Floats = (week[:, None] == np.arange(WEEKS)).astype(np.float64)
    return flags


def _receipts(
    on: int,
    span: tuple[int, int],
    balance: Floats,
    shares: Floats,
    by_due: Floats,
    width: float,
) -> Receipts:
    """Sum the weeks of ``span``; the range is never narrower than chance alone makes it."""
    first, end = span
    share = shares[:, first:end].sum(axis=1)
    expected = float(balance @ share)
    chance = float(np.sqrt(balance**2 @ (share * (1 - share))))
    half = max(width * expected, SPREADS * chance)
    return Receipts(
        first=date.fromordinal(on + WEEK * first + 1),
        last=date.fromordinal(on + WEEK * end),
        expected=_money(expected),
        low=_money(max(expected - half, 0.0)),
        high=_money(min(expected + half, float(balance.sum()))),
        by_due_date=_money(float(by_due[first:end].sum())),
    )


def _widths(misses: Misses) -> list[float]:
    weeks = [range_width(found, DEFAULT_WEEK) for found in misses.weeks]
    totals = (misses.four_weeks, misses.thirteen_weeks)
    return weeks + [range_width(found, DEFAULT_TOTAL) for found in totals]


def range_width(misses: Sequence[float], default: float) -> float:
    """The miss that four in five stay within, counted as if one more were to come."""
    n = len(misses)
    if n < LEAST_REPLAYS:
        return default
    return sorted(misses)[min(int(np.ceil((n + 1) * COVERED)), n) - 1]


def _excluded(book: Book) -> dict[Held, Decimal]:
    found: dict[Held, Decimal] = {}
    for row in book.open:
        reason = book.held.get(int(row))
        if reason is not None:
            found[reason] = found.get(reason, Decimal(0)) + _money(float(book.balance[row]))
    return dict(sorted(found.items()))


def replay(book: Book) -> Misses:
    """Forecast past days from what was known then, and compare with what came."""
    sample = _sampled(book)
    origins = range(book.on - SHORT * WEEK, 0, -EVERY)[:MOST_REPLAYS]
    weeks: list[list[float]] = [[] for _ in range(WEEKS)]
    four, thirteen = [], []
    for origin in origins:
        then = sample.known_on(origin)
        if (then.settled != NEVER).sum() < LEAST_PAID:
            break
        if not len(then.open):
            continue
        whole = origin + WEEKS * WEEK <= book.on
        ahead = WEEKS if whole else SHORT
        expected = then.balance[then.open] @ weekly(coming(then, then.open, WEEK * ahead).left)
        came = receipts(sample, np.flatnonzero(sample.issued <= origin)[then.open], origin, ahead)
        for week in range(ahead):
            weeks[week].append(_miss(came[week], expected[week]))
        four.append(_miss(came[:SHORT].sum(), expected[:SHORT].sum()))
        if whole:
            thirteen.append(_miss(came.sum(), expected.sum()))
    return Misses(tuple(weeks), four, thirteen)


def _miss(came: float, expected: float) -> float:
    return float(abs(came - expected) / max(expected, 0.01))


def _sampled(book: Book) -> Book:
    step = -(-len(book.open) // SAMPLE)
    return book.of_payers(np.arange(len(book.payers)) % step == 0) if step > 1 else book


def receipts(book: Book, rows: Ints, after: int, weeks: int) -> Floats:
    """Money that came for ``rows`` in each of the weeks after a day."""
    chosen = np.zeros(len(book), dtype=np.bool_)
    chosen[rows] = True
    week = (book.entry_day - after - 1) // WEEK
    money = chosen[book.entry_row] & ~book.entry_credit & (week >= 0) & (week < weeks)
    came = np.bincount(week[money], book.entry_amount[money], minlength=weeks)
    return came.astype(np.float64)


def _money(amount: float) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))
