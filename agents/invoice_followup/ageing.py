"""How old the debts are and how long customers take: ageing buckets and days sales outstanding."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from regisseur.agents.invoice_followup.parts import NOTHING, Part
from regisseur.agents.invoice_followup.words import say
from regisseur.tools.records import Invoice, Message

DAY = timedelta(days=1)
BUCKETS: tuple[tuple[int, Message], ...] = (
    (0, say("not due")),
    (29, say("less than 30 days")),
    (60, say("30 to 60 days")),
    (90, say("61 to 90 days")),
    (10**6, say("more than 90 days")),
)
"""Most days late that belong to a bucket, and what people call it."""
STEP = timedelta(weeks=4)
STEPS = 13
"""Days sales outstanding are shown for tonight and so many times four weeks back: a year."""
LEAST_SALES = timedelta(days=90)
"""Sales known before a day for its days sales outstanding to be shown."""


@dataclass(frozen=True)
class Bucket:
    """Open balances of one age."""

    title: Message
    amount: Decimal
    count: int


def buckets(invoices: Iterable[Invoice], on: date, currency: str) -> list[Bucket]:
    """Every open instalment by its own due date, in one currency; credit notes count as not due."""
    amounts = [Decimal(0)] * len(BUCKETS)
    counts = [0] * len(BUCKETS)
    for invoice in invoices:
        if invoice.currency != currency:
            continue
        for part in invoice.instalments:
            if part.open:
                place = 0 if part.open < 0 else bucket_of((on - part.due).days)
                amounts[place] += part.open
                counts[place] += 1
    titles = (title for _, title in BUCKETS)
    return [Bucket(*one) for one in zip(titles, amounts, counts, strict=True)]


def overdue(found: Iterable[Bucket]) -> Decimal:
    """What is late of all buckets: everything but the first."""
    return sum((one.amount for one in list(found)[1:]), NOTHING)


def bucket_of(days_late: int) -> int:
    """Position of the bucket for so many days late."""
    return next(place for place, (most, _) in enumerate(BUCKETS) if days_late <= most)


@dataclass(frozen=True)
class Speed:
    """How many days of sales are owed at the end of a day."""

    on: date
    outstanding: int
    best_possible: int
    """What it would be if nothing were overdue."""


class Ledger:
    """What was sold, owed and overdue at the end of any day, in one currency."""

    def __init__(self, parts: Iterable[Part]) -> None:
        sales: dict[date, Decimal] = defaultdict(Decimal)
        owed: dict[date, Decimal] = defaultdict(Decimal)
        overdue: dict[date, Decimal] = defaultdict(Decimal)
        for part in parts:
            issued = part.invoice.issued
            sales[issued] += part.amount
            owed[issued] += part.amount
            late = None if part.amount < 0 else max(part.due + DAY, issued)
            if late is not None:
                overdue[late] += part.amount
            for entry in part.entries:
                owed[max(entry.day, issued)] -= entry.amount
                if late is not None:
                    overdue[max(entry.day, late)] -= entry.amount
        self.sales = dict(sorted(sales.items(), reverse=True))
        """By day of issue, newest first."""
        self._owed, self._overdue = _Running(owed), _Running(overdue)

    def balance(self, on: date) -> Decimal:
        """What was open, less credit notes."""
        return self._owed.at(on)

    def overdue(self, on: date) -> Decimal:
        """What was open past its due date."""
        return self._overdue.at(on)

    def speed(self, on: date) -> Speed | None:
        """Days sales outstanding by countback, ``None`` where less was sold than is open."""
        balance = self.balance(on)
        now = self.countback(balance, on)
        best = self.countback(balance - self.overdue(on), on)
        return None if now is None or best is None else Speed(on, now, best)

    def countback(self, balance: Decimal, on: date) -> int | None:
        """How many days of the latest sales a balance amounts to.

        Day by day backwards, the sales of each day are taken off the balance until it is used up;
        nothing is said (``None``) where it is more than all sales that are known.
        """
        if balance <= 0:
            return 0
        for day, sold in self.sales.items():
            if day > on:
                continue
            balance -= sold
            if balance <= 0:
                return (on - day).days + 1
        return None

    def trend(self, on: date) -> list[Speed]:
        """The speeds of the last year every four weeks, oldest first, where enough was read."""
        if not self.sales:
            return []
        first = min(self.sales) + LEAST_SALES
        days = (on - STEP * back for back in range(STEPS, -1, -1))
        found = (self.speed(day) for day in days if day >= first or day == on)
        return [one for one in found if one is not None]


class _Running:
    """Sums up to a day."""

    def __init__(self, changes: Mapping[date, Decimal]) -> None:
        self._days = sorted(changes)
        self._sums = list(accumulate((changes[day] for day in self._days), initial=NOTHING))

    def at(self, day: date) -> Decimal:
        """The sum of all changes up to the end of a day."""
        return self._sums[bisect_right(self._days, day)]
