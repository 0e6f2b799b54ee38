"""What was known of a payer on a day, for many invoices at once.

Every figure of an invoice's row uses payments dated on its day or before, and nothing later. What
is paid on its own day of issue counts from the next day on: else an invoice would tell of itself.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Floats, Ints

SHRINK = 3.0
"""Weight of the global figure, in invoices, against the payer's own."""
RECENT = 3
"""Payments of the short mean."""
SEASON = 91
"""Days of payments that show how all payers pay at present."""


class Tally:
    """Running counts and sums of dated things by group."""

    def __init__(self, group: Ints, day: Ints, *values: Floats | Ints) -> None:
        order = np.lexsort((*values, day, group))
        self._key = group[order] * (NEVER + 1) + day[order]
        self._sums = [np.concatenate([[0.0], np.cumsum(value[order])]) for value in values]

    def place(self, group: Ints, day: Ints) -> Ints:
        """How many things of this and all earlier groups are dated on the day or before."""
        found: Ints = np.searchsorted(self._key, group * (NEVER + 1) + day, side="right")
        return found

    def count(self, group: Ints, day: Ints) -> Ints:
        """How many of the group are dated on the day or before."""
        many: Ints = self.place(group, day) - self.place(group, np.zeros_like(day))
        return many

    def sum(self, which: int, group: Ints, day: Ints, since: Ints | None = None) -> Floats:
        """Sum of a value over the group's things after ``since``, on the day or before."""
        start = np.zeros_like(day) if since is None else since
        sums = self._sums[which]
        total: Floats = sums[self.place(group, day)] - sums[self.place(group, start)]
        return total

    def latest(self, which: int, group: Ints, day: Ints, count: int) -> Floats:
        """Mean of a value over the group's newest ``count`` things, 0 without any."""
        end, sums = self.place(group, day), self._sums[which]
        many = np.minimum(self.count(group, day), count)
        mean: Floats = (sums[end] - sums[end - many]) / np.maximum(many, 1)
        return mean


@dataclass(frozen=True)
class Facts:
    """One value an invoice; delays in days after the due date."""

    paid: Ints
    """Invoices of the payer settled so far."""
    mean: Floats
    """Own mean delay and three times the global one, over n + 3."""
    late_share: Floats
    """The same of the share paid late."""
    own_mean: Floats
    """Own mean delay alone, 0 without payments."""
    own_late: Ints
    last: Floats
    recent: Floats
    """Mean of the last three."""
    spread: Floats
    """Standard deviation, drawn to the global one."""
    unpaid: Ints
    """Other invoices of the payer open on the day."""
    overdue: Ints
    """Of these, past their due date."""
    open_amount: Floats
    usual: Floats
    """Mean amount of the payer's invoices so far."""
    global_mean: Floats
    global_late: Floats
    season: Floats
    """Mean delay of all payments of the last quarter, drawn to the global one."""


class Past:
    """The payments of a book, ready to be asked what was known on any day."""

    def __init__(self, book: Book) -> None:
        self.book = book

    @cached_property
    def _settled(self) -> tuple[Ints, Ints, tuple[Ints, ...]]:
        rows = np.flatnonzero(self.book.settled != NEVER)
        delay = self.book.delay[rows]
        seen = np.maximum(self.book.settled[rows], self.book.issued[rows] + 1)
        return rows, seen, (delay, (delay > 0).astype(np.int64), delay**2)

    @cached_property
    def _own(self) -> Tally:
        """Delay, late or not, and squared delay of paid invoices, by payer."""
        rows, seen, values = self._settled
        return Tally(self.book.payer[rows], seen, *values)

    @cached_property
    def _all(self) -> Tally:
        """The same in one group."""
        _, seen, values = self._settled
        return Tally(np.zeros_like(seen), seen, *values)

    @cached_property
    def _issued(self) -> Tally:
        return Tally(self.book.payer, self.book.issued, self.book.amount)

    @cached_property
    def _due(self) -> Tally:
        """Invoices by the day on which they would be overdue."""
        return Tally(self.book.payer, np.maximum(self.book.due + 1, self.book.issued))

    @cached_property
    def _gone(self) -> Ints:
        """Day from which an invoice is known to be closed."""
        gone: Ints = np.maximum(self.book.closed, self.book.issued + 1)
        return gone

    @cached_property
    def _closed(self) -> Tally:
        return Tally(self.book.payer, self._gone)

    @cached_property
    def _missed(self) -> Tally:
        """Invoices by the day from which they are both due and closed."""
        return Tally(self.book.payer, np.maximum(self.book.due + 1, self._gone))

    @cached_property
    def _entries(self) -> Tally:
        return Tally(self.book.payer[self.book.entry_row], *self._entered)

    @cached_property
    def _entries_by_row(self) -> Tally:
        return Tally(self.book.entry_row, *self._entered)

    @cached_property
    def _entered(self) -> tuple[Ints, Floats]:
        first = self.book.issued[self.book.entry_row] + 1
        return np.maximum(self.book.entry_day, first), self.book.entry_amount

    def mean(self, rows: Ints, days: Ints) -> Floats:
        """Mean delay of the payers of ``rows`` as known on ``days``, drawn to that of all."""
        payer = self.book.payer[rows]
        n, total = self._own.count(payer, days), self._own.sum(0, payer, days)
        everyone = np.zeros_like(payer)
        many = self._all.count(everyone, days)
        general = self._all.sum(0, everyone, days) / np.maximum(many, 1)
        shrunk: Floats = (total + SHRINK * general) / (n + SHRINK)
        return shrunk

    def facts(self, rows: Ints, days: Ints) -> Facts:
        """What was known on ``days`` about the payers of ``rows``, those invoices left out.

        No day is earlier than the invoice's issue.
        """
        payer, everyone = self.book.payer[rows], np.zeros_like(rows)
        mean, share, variance = self._global(everyone, days)
        n, total = self._own.count(payer, days), self._own.sum(0, payer, days)
        late = self._own.sum(1, payer, days)
        own = total / np.maximum(n, 1)
        squares = np.maximum(self._own.sum(2, payer, days) - n * own**2, 0)
        mine = self._gone[rows] > days
        missed = mine & (self.book.due[rows] < days)
        invoiced, amount = self._issued.sum(0, payer, days), self.book.amount[rows]
        others = self._issued.count(payer, days) - 1
        own_rest = amount - self._entries_by_row.sum(0, rows, days)
        return Facts(
            paid=n,
            mean=self.mean(rows, days),
            late_share=(late + SHRINK * share) / (n + SHRINK),
            own_mean=own,
            own_late=late.astype(np.int64),
            last=np.where(n > 0, self._own.latest(0, payer, days, 1), mean),
            recent=np.where(n > 0, self._own.latest(0, payer, days, RECENT), mean),
            spread=np.sqrt((squares + SHRINK * variance) / (n + SHRINK)),
            unpaid=self._issued.count(payer, days) - self._closed.count(payer, days) - mine,
            overdue=self._due.count(payer, days) - self._missed.count(payer, days) - missed,
            open_amount=invoiced - self._entries.sum(0, payer, days) - own_rest,
            usual=np.where(others > 0, (invoiced - amount) / np.maximum(others, 1), amount),
            global_mean=mean,
            global_late=share,
            season=self._season(everyone, days, mean),
        )

    def everyone(self, day: int) -> tuple[float, float]:
        """Mean delay and late share of all payers on a day."""
        mean, share, _ = self._global(np.zeros(1, dtype=np.int64), np.array([day]))
        return float(mean[0]), float(share[0])

    def _global(self, everyone: Ints, days: Ints) -> tuple[Floats, Floats, Floats]:
        """Mean delay, late share (1/3 before any payment) and variance of all payers."""
        n, total = self._all.count(everyone, days), self._all.sum(0, everyone, days)
        mean = total / np.maximum(n, 1)
        share = (self._all.sum(1, everyone, days) + 1) / (n + 3)
        squares = self._all.sum(2, everyone, days) / np.maximum(n, 1)
        return mean, share, np.maximum(squares - mean**2, 0)

    def _season(self, everyone: Ints, days: Ints, mean: Floats) -> Floats:
        since = days - SEASON
        n = self._all.count(everyone, days) - self._all.count(everyone, since)
        drawn: Floats = (self._all.sum(0, everyone, days, since) + 30 * mean) / (n + 30)
        return drawn


NAMES = (
    "mean",
    "late_share",
    "last",
    "recent",
    "spread",
    "paid",
    "unpaid",
    "overdue",
    "open_amount",
    "amount",
    "relative",
    "season",
    "term",
    "issue_month",
    "due_month",
    "due_weekday",
    "due_day",
    "issue_weekday",
    "issue_day",
    "overdue_share",
)
"""Columns of ``features``; how many were paid counts as n / (n + 3)."""
TWO_YEARS = 730


def usable(issued: Ints) -> Floats:
    """1 for each column that can be learned from invoices of these days of issue, else 0.

    Months need two years: before, each was seen once, and season and trend are one.
    """
    short = not len(issued) or issued.max() - issued.min() < TWO_YEARS
    return np.array([0.0 if short and name.endswith("_month") else 1.0 for name in NAMES])


def features(past: Past, rows: Ints, facts: Facts) -> Floats:
    """One row an invoice, one column a name of ``NAMES``."""
    book = past.book
    issued, due = _calendar(book.issued[rows]), _calendar(book.due[rows])
    columns = (
        facts.mean,
        facts.late_share,
        facts.last,
        facts.recent,
        facts.spread,
        facts.paid / (facts.paid + SHRINK),
        np.log1p(np.maximum(facts.unpaid, 0)),
        np.log1p(np.maximum(facts.overdue, 0)),
        np.log1p(np.maximum(facts.open_amount, 0)),
        np.log1p(np.abs(book.amount[rows])),
        np.log1p(np.abs(book.amount[rows])) - np.log1p(np.abs(facts.usual)),
        facts.season,
        book.due[rows] - book.issued[rows],
        issued[0],
        due[0],
        due[1],
        due[2],
        issued[1],
        issued[2],
        facts.overdue / np.maximum(facts.unpaid, 1),
    )
    table: Floats = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    return table


def _calendar(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Month, weekday (Monday 0) and day of the month."""
    unique, place = np.unique(days, return_inverse=True)
    dates = [date.fromordinal(int(day)) for day in unique]
    month = np.array([day.month for day in dates], dtype=np.int64)[place]
    number = np.array([day.day for day in dates], dtype=np.int64)[place]
    weekday: Ints = (days - 1) % 7
    return month, weekday, number
