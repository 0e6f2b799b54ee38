"""Forecast the receipts of the next four weeks on past days, and compare with what came.

From the cut on, every two weeks: the invoices open that day, and what came for them in the next 28
days. Errors are sums of absolute errors over what came: of the four weeks together, and of each.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from receivables_delays import cut_day

from regisseur.agents.invoice_followup.prediction.ages import WEEKLY_FALLBACK
from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Floats, Ints
from regisseur.agents.invoice_followup.prediction.cash import (
    SHORT,
    WEEK,
    cash_to_come,
    receipts,
    weekly,
)
from regisseur.agents.invoice_followup.prediction.coming import OWN_WEIGHT, coming
from regisseur.agents.invoice_followup.prediction.features import Past

EVERY = 14
DAYS = SHORT * WEEK
LONG = 91


@dataclass(frozen=True)
class CashScore:
    """Errors of one method, as shares of what came."""

    method: str
    total: float
    """Of the four weeks together."""
    weekly: float


@dataclass(frozen=True)
class Cover:
    """How often what came was within the product's range (80 % are meant to be)."""

    origins: int
    total: float
    weekly: float


def origins(book: Book) -> list[int]:
    """Every two weeks from the cut on, while invoices are issued and four weeks can be seen."""
    end = min(int(book.issued.max()), book.on - DAYS)
    return list(range(cut_day(book), end + 1, EVERY))


def due_date(then: Book) -> Floats:
    """Paid on the due date; overdue invoices next week."""
    return _one_week(then.on - then.due[then.open], np.zeros(len(then.open)))


def due_and_mean(then: Book) -> Floats:
    """Paid the payer's shrunk mean delay after the due date."""
    rows = then.open
    mean = Past(then).mean(rows, np.full(len(rows), then.on))
    return _one_week(then.on - then.due[rows], np.rint(mean))


def _one_week(age: Ints, delay: Floats) -> Floats:
    week = (np.maximum(delay - age, 1) - 1) // WEEK
    flags: Floats = (week[:, None] == np.arange(SHORT)).astype(np.float64)
    return flags


def all_delays(then: Book) -> Floats:
    """Shares of the past delays longer than the age; 10 % a week where none is."""
    rows, delays = then.open, then.delay[then.settled != NEVER]
    age = then.on - then.due[rows]
    found, longer = _shares(np.sort(delays), np.zeros_like(age), age)
    fallback = WEEKLY_FALLBACK * (1 - WEEKLY_FALLBACK) ** np.arange(SHORT)
    share: Floats = np.where(longer[:, None] > 0, found / np.maximum(longer, 1)[:, None], fallback)
    return share


def own_and_all(then: Book) -> Floats:
    """The payer's own shares and those of all, mixed (n x own + 5 x all) / (n + 5)."""
    rows, paid = then.open, np.flatnonzero(then.settled != NEVER)
    base = then.payer * WIDE
    keys = np.sort(base[paid] + np.clip(then.delay[paid], -NARROW, NARROW))
    age = np.clip(then.on - then.due[rows], -NARROW, NARROW)
    found, longer = _shares(keys, base[rows], age)
    mixed: Floats = (found + OWN_WEIGHT * all_delays(then)) / (longer + OWN_WEIGHT)[:, None]
    return mixed


NARROW, WIDE = 10_000, 30_000
"""Longest delay, and room for the delays of one payer."""


def _shares(keys: Ints, base: Ints, age: Ints) -> tuple[Ints, Ints]:
    """Past delays that end in each of the weeks after ``age``, and all that are longer."""
    ends = (base + age)[:, None] + WEEK * np.arange(SHORT + 1)
    upto = np.searchsorted(keys, ends, side="right")
    return np.diff(upto, axis=1), np.searchsorted(keys, base + NARROW, side="right") - upto[:, 0]


def product(then: Book) -> Floats:
    """What the agent tells."""
    return weekly(coming(then, then.open, DAYS).left)


FORECASTS: dict[str, Callable[[Book], Floats]] = {
    "due date": due_date,
    "due date + customer mean": due_and_mean,
    "all delays, given age": all_delays,
    "own and all delays, given age": own_and_all,
    "product": product,
}


def cash_scores(book: Book) -> list[CashScore]:
    """Errors of all methods over all origins."""
    misses = {name: np.zeros(2) for name in FORECASTS}
    total = 0.0
    for origin in origins(book):
        then = book.known_on(origin)
        came = _came(book, then, origin)
        total += came.sum()
        for name, forecast in FORECASTS.items():
            expected = then.balance[then.open] @ forecast(then)
            misses[name] += abs(expected.sum() - came.sum()), np.abs(expected - came).sum()
    total = max(total, 0.01)
    return [
        CashScore(name, round(float(miss[0] / total), 4), round(float(miss[1] / total), 4))
        for name, miss in misses.items()
    ]


def _came(book: Book, then: Book, origin: int) -> Floats:
    rows = np.flatnonzero(book.issued <= origin)[then.open]
    return receipts(book, rows, origin, SHORT)


def cover(book: Book) -> Cover:
    """Try the ranges on all origins."""
    total, weeks = [], []
    for origin in origins(book):
        then = book.known_on(origin)
        came = _came(book, then, origin)
        told = cash_to_come(then, coming(then, then.open, LONG))
        total.append(float(told.four_weeks.low) <= came.sum() <= float(told.four_weeks.high))
        weeks += [
            float(week.low) <= sum_ <= float(week.high)
            for week, sum_ in zip(told.weeks, came, strict=False)
        ]
    return Cover(len(total), round(float(np.mean(total)), 3), round(float(np.mean(weeks)), 3))
