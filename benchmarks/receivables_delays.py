"""Predict the delay of each invoice as on its day of issue, and compare with what came.

Methods learn from what was paid before the cut, the 75th percentile of the days of issue; invoices
issued from it on are predicted, each with the payments received up to its day. ``by date`` predicts
all of them. ``unseen`` learns without three customers in ten (by the SHA-256 of their id) and
predicts these alone, who are new to the company at the cut.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Flags, Floats, Ints
from regisseur.agents.invoice_followup.prediction.delays import Choice, Delays
from regisseur.agents.invoice_followup.prediction.features import Past
from regisseur.agents.invoice_followup.prediction.methods import Answer, Method

Split = Literal["by date", "unseen"]
CUT = 0.75
SEEN = 7
"""Customers whose first digest byte modulo 10 is below this are seen."""


@dataclass(frozen=True)
class Score:
    """Errors of one method on the invoices predicted."""

    method: str
    mae: float
    """Mean absolute error in days."""
    auc: float
    """Probability that a late invoice is ranked above one paid in time."""
    brier: float
    """Mean squared error of the probability of being late."""


@dataclass(frozen=True)
class Parts:
    """What is learned from and what is predicted."""

    then: Book
    later: Book
    rows: Ints
    """Rows of ``later`` to predict."""


def cut_day(book: Book) -> int:
    """The 75th percentile of the days of issue."""
    return int(np.ceil(np.quantile(book.issued, CUT)))


def unseen(book: Book) -> Flags:
    """One flag a payer."""
    return np.array([sha256(x.encode()).digest()[0] % 10 >= SEEN for x in book.payers])


def split(book: Book, kind: Split) -> Parts:
    """Cut the book in two."""
    cut = cut_day(book)
    then, later = book.known_on(cut - 1), book
    if kind == "unseen":
        new = unseen(book)
        then = then.of_payers(~new)
        later = book.only((book.issued >= cut) | ~new[book.payer])
        wanted = new[later.payer]
    else:
        wanted = np.ones(len(later), dtype=np.bool_)
    rows = np.flatnonzero(wanted & (later.issued >= cut) & (later.settled != NEVER))
    return Parts(then, later, rows)


def scores(book: Book, kind: Split) -> tuple[list[Score], Choice, int]:
    """Errors of all methods, what the product chose, and how many invoices were predicted."""
    parts = split(book, kind)
    past, days = Past(parts.later), parts.later.issued[parts.rows]
    known = Past(parts.then)
    product = Delays(known)
    answers = _simple(parts.then, len(parts.rows))
    names: dict[str, Method] = {
        "customer mean": "mean",
        "Huber + logistic": "linear",
        "boosted trees": "trees",
        "linear and trees": "both",
    }
    for name, method in names.items():
        fitted = Delays(known, replace(product.choice, days=method, late=method))
        answers[name] = fitted.predict(past, parts.rows, days)
    answers["product"] = product.predict(past, parts.rows, days)
    delay = parts.later.delay[parts.rows]
    found = [score(name, answer, delay) for name, answer in answers.items()]
    return found, product.choice, len(parts.rows)


def _simple(then: Book, count: int) -> dict[str, Answer]:
    known = then.delay[then.settled != NEVER]
    chance = np.full(count, float((known > 0).mean()))
    middle = float(np.median(known))
    return {
        "due date": (np.zeros(count), chance),
        "global median": (np.full(count, middle), chance),
    }


def score(name: str, answer: Answer, delay: Ints) -> Score:
    """Errors of one method."""
    days, chance = answer
    late = delay > 0
    return Score(
        method=name,
        mae=round(float(np.abs(days - delay).mean()), 3),
        auc=round(ranking(chance, late), 4),
        brier=round(float(((chance - late) ** 2).mean()), 4),
    )


def ranking(chance: Floats, late: Flags) -> float:
    """Area under the ROC curve, ties counted half (Mann and Whitney); 0.5 if all are alike."""
    some, others = int(late.sum()), int((~late).sum())
    if not some or not others:
        return 0.5
    ranks = rankdata(chance)[late].sum()
    return float((ranks - some * (some + 1) / 2) / (some * others))
