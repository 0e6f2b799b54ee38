"""What to expect of every open invoice, and of the coming weeks: the door of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np

from regisseur.agents.invoice_followup.prediction.ages import table, unpaid
from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Floats, Ints
from regisseur.agents.invoice_followup.prediction.cash import (
    WEEK,
    WEEKS,
    CashForecast,
    cash_to_come,
    counted_on,
)
from regisseur.agents.invoice_followup.prediction.coming import Coming, coming, usual_days
from regisseur.agents.invoice_followup.prediction.delays import Choice, Delays
from regisseur.agents.invoice_followup.prediction.features import Facts, Past

AHEAD = WEEK * WEEKS
"""Days looked ahead."""
SOON = 15
"""Days for which the probability of being still unpaid is told."""


@dataclass(frozen=True)
class Habit:
    """How a company has paid so far; delays in days after the due date."""

    paid: int
    mean_delay: float
    late: int
    """Of those paid, how many after their due date."""
    last_delay: float
    unpaid: int
    """Other invoices open today."""
    overdue: int
    usual_amount: float
    """Mean of its other invoices."""


@dataclass(frozen=True)
class Expectation:
    """What to expect of one open invoice."""

    on: date | None
    """Day by which it is as likely paid as not; ``None`` if later than 13 weeks."""
    late: float
    """Probability of payment after the due date, 1 once that has passed."""
    unpaid_in_15_days: float
    age: int
    """Days after its due date, negative before it."""
    amount: float
    balance: float
    habit: Habit | None
    """``None`` for natural persons: theirs are the figures of all payers, not a score."""
    thin: bool
    """Few past invoices were ever seen so old: figures rest on a stated fallback."""


@dataclass(frozen=True)
class Prediction:
    """Everything expected on a day."""

    invoices: Mapping[str, Expectation]
    cash: CashForecast
    choice: Choice
    """The methods in use, their errors on the company's own past, and why they were taken."""
    mean_delay: float
    """Of all payers so far."""
    late_share: float


def predict(book: Book) -> Prediction:
    """Expect the payment of all open invoices of the book."""
    past, rows = Past(book), book.open
    today = np.full(len(rows), book.on)
    delays = Delays(past)
    days, late = delays.predict(past, rows, today)
    facts = past.facts(rows, today)
    expected = coming(book, rows, AHEAD, past)
    middle = _middle(past, rows, days)
    late = _still_late(book, rows, late)
    counted = np.isin(rows, counted_on(book))
    cash = cash_to_come(book, Coming(rows[counted], expected.left[counted], expected.thin[counted]))
    everyone = past.everyone(book.on)
    return Prediction(
        invoices=MappingProxyType(_by_id(book, expected, facts, middle, late)),
        cash=cash,
        choice=delays.choice,
        mean_delay=everyone[0],
        late_share=everyone[1],
    )


def _middle(past: Past, rows: Ints, days: Floats) -> Ints:
    """Days from today until the invoice is as likely paid as not; more than ``AHEAD`` if later.

    What is left to wait follows from past invoices that were as long past the day on which they
    were expected.
    """
    book = past.book
    usual = usual_days(past)
    settled = book.settled != NEVER
    centre = np.median((book.delay - usual)[settled]) if settled.any() else 0.0
    shift = np.rint(usual + centre).astype(np.int64)
    age = book.on - book.due[rows] - np.rint(days).astype(np.int64)
    left = unpaid(table(book, shift=shift).general(age, AHEAD))
    found: Ints = (left > 0.5).sum(axis=1) + 1
    return found


def _still_late(book: Book, rows: Ints, late: Floats) -> Floats:
    """Probability of being late given that it is unpaid today (Bayes).

    Of the invoices paid in time, some would have been paid by this age.
    """
    early = np.sort(book.delay[book.delay <= 0])
    age = book.on - book.due[rows]
    after = len(early) - np.searchsorted(early, age, side="right")
    in_time = np.where(age < 0, (after + 1) / (len(early) + 1), 0.0)
    chance = np.clip(late, 0.0, 1.0)
    found: Floats = np.where(age < 0, chance / np.maximum(chance + (1 - chance) * in_time, 1e-9), 1)
    return found


def _by_id(
    book: Book, expected: Coming, facts: Facts, middle: Ints, late: Floats
) -> dict[str, Expectation]:
    found = {}
    for n, row in enumerate(expected.rows):
        wait, person = int(middle[n]), bool(book.person[book.payer[row]])
        found[book.ids[row]] = Expectation(
            on=date.fromordinal(book.on + wait) if wait <= AHEAD else None,
            late=float(late[n]),
            unpaid_in_15_days=float(expected.left[n, SOON - 1]),
            age=int(book.on - book.due[row]),
            amount=float(book.amount[row]),
            balance=float(book.balance[row]),
            habit=None if person else _habit(facts, n),
            thin=bool(expected.thin[n]),
        )
    return found


def _habit(facts: Facts, n: int) -> Habit:
    return Habit(
        paid=int(facts.paid[n]),
        mean_delay=float(facts.own_mean[n]),
        late=int(facts.own_late[n]),
        last_delay=float(facts.last[n]),
        unpaid=int(facts.unpaid[n]),
        overdue=int(facts.overdue[n]),
        usual_amount=float(facts.usual[n]),
    )
