"""The books as they were known on a day.

Days are ordinals (``date.toordinal``), amounts floats in company currency: they serve statistics
only, never a sum that is claimed. Nothing dated after the day of the book is in it.
"""

import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Held = Literal["disputed", "refused", "insolvent", "doubtful", "factored", "received"]
"""Why an open invoice is not counted on: no money will come, or not to us, or it came already."""

NEVER = 4_000_000
"""A day after all days: not paid so far."""
CENT = 0.005
"""Balances below this are settled."""


@dataclass(frozen=True)
class Entry:
    """Something that lowered what an invoice leaves to pay."""

    day: date
    amount: Decimal
    """Negative for a payment that was taken back."""
    credit: bool = False
    """A credit note, not money."""


@dataclass(frozen=True)
class Invoice:
    """One invoice with all its payments and credits; amounts with VAT, in company currency."""

    id: str
    payer: str
    """Who pays: the legal entity, not the contact."""
    issued: date
    due: date
    amount: Decimal
    entries: tuple[Entry, ...] = ()
    held: Held | None = None
    """As it stands today; the past knows nothing of it."""


@dataclass(frozen=True)
class Book:
    """Invoices one a row, entries (payments, credits) in arrays of their own."""

    on: int
    """Payments dated on this day or before are known, no others."""
    ids: tuple[str, ...]
    payer: Ints
    """Place in ``payers``."""
    issued: Ints
    due: Ints
    amount: Floats
    entry_row: Ints
    entry_day: Ints
    entry_amount: Floats
    entry_credit: Flags
    payers: tuple[str, ...]
    person: Flags
    """Payers who are natural persons, sole traders included: never scored."""
    held: dict[int, Held] = field(default_factory=dict)
    """Reasons by row."""

    def __len__(self) -> int:
        return len(self.payer)

    @cached_property
    def balance(self) -> Floats:
        """What is left to pay."""
        paid = np.bincount(self.entry_row, self.entry_amount, minlength=len(self))
        left = self.amount - paid
        rest: Floats = np.where(np.abs(left) < CENT, 0.0, left)
        return rest

    @cached_property
    def closed(self) -> Ints:
        """Day since which nothing is left to pay, ``NEVER`` for open invoices."""
        sign = np.where(self.amount < 0, -1.0, 1.0)
        order = np.lexsort((self.entry_day, self.entry_row))
        row, day = self.entry_row[order], self.entry_day[order]
        sums = np.cumsum(self.entry_amount[order])
        counts = np.bincount(row, minlength=len(self))
        ends = np.cumsum(counts)
        before = np.concatenate([[0.0], sums])[(ends - counts)[row]]
        short = sign[row] * (sums - before) < np.abs(self.amount[row]) - CENT
        place = np.where(short, np.arange(len(row)) + 1, 0)
        settling = ends - counts
        np.maximum.at(settling, row, place)
        found = np.full(len(self), NEVER, dtype=np.int64)
        done = settling < ends
        found[done] = day[settling[done]]
        return found

    @cached_property
    def settled(self) -> Ints:
        """Day of full payment; ``NEVER`` where open or closed by credit for more than half.

        What is credited after full payment makes it no less paid.
        """
        counted = self.entry_credit & (self.entry_day <= self.closed[self.entry_row])
        credit = np.bincount(self.entry_row, self.entry_amount * counted, minlength=len(self))
        cancelled = np.abs(credit) > np.abs(self.amount) / 2
        day: Ints = np.where(cancelled, NEVER, self.closed)
        return day

    @cached_property
    def open(self) -> Ints:
        """Rows with something left for the payer to pay."""
        return np.flatnonzero((self.closed == NEVER) & (self.balance > 0))

    @property
    def delay(self) -> Ints:
        """Days from the due date to full payment, negative if early; only where settled."""
        days: Ints = self.settled - self.due
        return days

    def known_on(self, day: int) -> "Book":
        """The same book on an earlier day: without what was not known then, nothing held."""
        return self._kept(self.issued <= day, day)

    def of_payers(self, wanted: Flags) -> "Book":
        """The invoices of some payers only, one flag a payer; nothing held."""
        return self.only(wanted[self.payer])

    def only(self, rows: Flags) -> "Book":
        """Some of the invoices, one flag a row; nothing held."""
        return self._kept(rows, self.on)

    def _kept(self, rows: Flags, day: int) -> "Book":
        entries = rows[self.entry_row] & (self.entry_day <= day)
        return Book(
            on=day,
            ids=tuple(itertools.compress(self.ids, rows)),
            payer=self.payer[rows],
            issued=self.issued[rows],
            due=self.due[rows],
            amount=self.amount[rows],
            entry_row=(np.cumsum(rows) - 1)[self.entry_row[entries]],
            entry_day=self.entry_day[entries],
            entry_amount=self.entry_amount[entries],
            entry_credit=self.entry_credit[entries],
            payers=self.payers,
            person=self.person,
        )


def book_of(invoices: Iterable[Invoice], persons: Collection[str], on: date) -> Book:
    """The book of a day; invoices issued and entries dated later are left out.

    Rows are ordered by issue and id, so that the order of reading changes nothing.
    """
    known = sorted((x for x in invoices if x.issued <= on), key=lambda x: (x.issued, x.id))
    payers = sorted({x.payer for x in known})
    place = {name: n for n, name in enumerate(payers)}
    entries = [
        (n, e.day.toordinal(), float(e.amount), e.credit)
        for n, x in enumerate(known)
        for e in x.entries
        if e.day <= on
    ]
    row, day, amount, credit = zip(*entries, strict=True) if entries else ((), (), (), ())
    return Book(
        on=on.toordinal(),
        ids=tuple(x.id for x in known),
        payer=np.array([place[x.payer] for x in known], dtype=np.int64),
        issued=_days(x.issued for x in known),
        due=_days(x.due for x in known),
        amount=np.array([float(x.amount) for x in known]),
        entry_row=np.array(row, dtype=np.int64),
        entry_day=np.array(day, dtype=np.int64),
        entry_amount=np.array(amount, dtype=np.float64),
        entry_credit=np.array(credit, dtype=np.bool_),
        payers=tuple(payers),
        person=np.array([name in persons for name in payers], dtype=np.bool_),
        held={n: x.held for n, x in enumerate(known) if x.held is not None},
    )


def _days(days: Iterable[date]) -> Ints:
    return np.array([day.toordinal() for day in days], dtype=np.int64)
