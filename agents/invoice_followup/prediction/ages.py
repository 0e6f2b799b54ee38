"""Tables of payment by age: of the invoices still unpaid at an age, the share paid that day.

Ages are days after the due date, negative before it. An invoice counts on every day on which it
was seen unpaid: those still open count as well, so the table does not favour fast payers (the
life table of Kaplan and Meier, "Nonparametric estimation from incomplete observations", Journal of
the American Statistical Association 53 (1958), with late entry: an invoice is seen from its issue).
"""

import numpy as np

from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Floats, Ints

EARLY, PROMPT, WEEKLY_FALLBACK = 0.05, 0.30, 0.10
"""Share paid each week without any past to go by: before the due date, in the two months after it,
and later. Conventions; only the last was ever measured, and it was not far off."""
PROMPT_DAYS = 60
LIMIT = 4000
"""Ages beyond are taken as this many days."""
_WIDTH = 3 * LIMIT
"""Room for the ages of one group; they may run past the limit while looking ahead."""


def fallback(age: Ints) -> Floats:
    """Daily share paid at an age where nothing is known."""
    weekly = np.where(age <= PROMPT_DAYS, np.where(age < 0, EARLY, PROMPT), WEEKLY_FALLBACK)
    daily: Floats = 1 - (1 - weekly) ** (1 / 7)
    return daily


class Table:
    """The ages from which and to which each past invoice was seen unpaid, by group."""

    def __init__(self, group: Ints, first: Ints, last: Ints, paid: Ints) -> None:
        last = np.clip(last, -LIMIT, LIMIT)
        base = group * _WIDTH + LIMIT
        self._first = np.sort(base + np.minimum(np.clip(first, -LIMIT, LIMIT), last))
        self._last = np.sort(base + last)
        self._paid = np.sort((base + last)[paid.astype(np.bool_)])

    def counts(self, group: Ints, age: Ints, days: int) -> tuple[Floats, Floats]:
        """Paid, and seen unpaid, at each of the ``days`` ages after ``age``: a row an invoice."""
        start = group * _WIDTH + np.clip(age, -LIMIT, LIMIT) + LIMIT
        key = start[:, None] + np.arange(days + 1)
        paid = np.diff(np.searchsorted(self._paid, key, side="right"))
        begun = np.searchsorted(self._first, key[:, 1:], side="right")
        ended = np.searchsorted(self._last, key[:, :-1], side="right")
        return paid.astype(np.float64), (begun - ended).astype(np.float64)

    def general(self, age: Ints, days: int) -> Floats:
        """Daily shares paid at the ages after ``age`` in group 0.

        One invoice that pays by the fallback is added: it decides where no other was seen.
        """
        unique, place = np.unique(age, return_inverse=True)
        paid, seen = self.counts(np.zeros_like(unique), unique, days)
        prior = fallback(unique[:, None] + 1 + np.arange(days))
        share: Floats = ((paid + prior) / (seen + 1))[place]
        return share

    def drawn(self, group: Ints, age: Ints, prior: Floats, weight: float) -> Floats:
        """The group's daily shares, drawn to ``prior`` as by ``weight`` invoices of it."""
        paid, seen = self.counts(group, age, prior.shape[1])
        share: Floats = (paid + weight * prior) / (seen + weight)
        return share


def table(
    book: Book, *, group: Ints | None = None, shift: Ints | None = None, since: int = 0
) -> Table:
    """What the book saw of each invoice after day ``since``; ages counted from due + ``shift``."""
    seen = np.minimum(book.closed, book.on)
    rows = seen > since
    base = book.due if shift is None else book.due + shift
    groups = np.zeros_like(book.payer) if group is None else group
    first = np.maximum(book.issued, since + 1) - base
    paid = (book.settled != NEVER).astype(np.int64)
    return Table(groups[rows], first[rows], (seen - base)[rows], paid[rows])


def unpaid(daily: Floats) -> Floats:
    """Share still unpaid after each day, from daily shares of what was unpaid before it."""
    left = np.cumprod(1 - np.clip(daily, 0, 1), axis=1)
    return left.astype(np.float64, copy=False)
