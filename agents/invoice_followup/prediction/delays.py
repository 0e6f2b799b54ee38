"""The delay of each invoice, by the method that did best on the company's own past.

The last fifth of the invoices, and the one before it, are predicted by methods that know only what
was paid before: the same test as a night will put them to. Regressions are taken where one of them
beats the payer's mean over both errors together; among them, for days and for the probability
apart, the simplest whose error is within half a per cent of the least. They are then fitted again
on all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from regisseur.agents.invoice_followup.prediction.book import NEVER, Book, Floats, Ints
from regisseur.agents.invoice_followup.prediction.features import Facts, Past, features, usable
from regisseur.agents.invoice_followup.prediction.methods import (
    Answer,
    Fitted,
    Method,
    linear,
    single_thread,
    trees,
)

LEAST_HISTORY = 200
"""Paid invoices of companies below which the payer's mean is used: nothing else was measured."""
LEAST_TRIAL = 50
"""Invoices to be predicted for the trial to count."""
MOST = 8_000
"""Newest paid invoices that methods are fitted on."""
MOST_TRIED = 5_000
"""The same in the trial, which fits twice as often."""
PARTS = (0.6, 0.8)
"""The trial predicts the invoices issued from one of these quantiles to the next."""
AS_GOOD = 1.005
"""Errors within this factor of the least are as good."""
HEAVIEST = 10.0
"""Largest weight of a slowly paid invoice."""
REGRESSIONS: tuple[Method, ...] = ("linear", "both", "trees")
"""Simplest first."""
METHODS: tuple[Method, ...] = ("mean", *REGRESSIONS)


@dataclass(frozen=True)
class Trial:
    """Errors of the methods on the newest part of the company's own paid invoices."""

    since: int
    """Day of issue of the first invoice predicted."""
    predicted: int
    days: Mapping[Method, float]
    """Mean absolute error in days."""
    late: Mapping[Method, float]
    """Brier score: mean squared error of the probability of being late."""

    def against_mean(self, method: Method) -> float:
        """Errors as shares of those of the payer's mean, averaged over days and probability."""
        shares = (errors[method] / max(errors["mean"], 1e-9) for errors in (self.days, self.late))
        return sum(shares) / 2


@dataclass(frozen=True)
class Choice:
    """The methods in use and why."""

    days: Method
    late: Method
    reason: Literal["short", "trial"]
    """Too short a history for anything but the mean, or the trial."""
    history: int
    """Paid invoices of companies."""
    trial: Trial | None = None


def teachable(book: Book, most: int = MOST) -> Ints:
    """Paid invoices of companies, the newest last and not too many."""
    rows = np.flatnonzero((book.settled != NEVER) & ~book.person[book.payer])
    return rows[-most:]


def weights(book: Book, rows: Ints) -> Floats:
    """Weights that make up for invoices still open: these are mostly the slow ones.

    An invoice paid after d days stands for all those of which d days could be seen by now (inverse
    probability of censoring: Robins, Rotnitzky, "Recovery of information and adjustment for
    dependent censoring", in AIDS Epidemiology (1992)).
    """
    seen = np.sort(book.on - book.issued[rows[0] :])
    needed = np.maximum(book.settled[rows] - book.issued[rows], 0)
    could = len(seen) - np.searchsorted(seen, needed, side="left")
    weight: Floats = np.minimum(len(seen) / np.maximum(could, 1), HEAVIEST)
    return weight


class Delays:
    """Predicts delays on a book: chosen once, asked for any rows of any later book."""

    def __init__(self, past: Past, choice: Choice | None = None) -> None:
        book = past.book
        self.choice = choice or choose(past)
        rows = teachable(book)
        wanted: set[Method] = {self.choice.days, self.choice.late}
        self._fitted = _fit(past, rows, wanted, weights(book, rows) if len(rows) else np.zeros(0))

    def predict(self, past: Past, rows: Ints, days: Ints) -> Answer:
        """Days after due and probability of being late, by what was known on ``days``.

        Natural persons get the figures of all payers together.
        """
        facts = past.facts(rows, days)
        found = _answers(self._fitted, past, rows, facts)
        person = past.book.person[past.book.payer[rows]]
        return (
            np.where(person, facts.global_mean, found[self.choice.days][0]),
            np.where(person, facts.global_late, found[self.choice.late][1]),
        )


def _fit(past: Past, rows: Ints, wanted: set[Method], weight: Floats) -> dict[Method, Fitted]:
    """The regressions wanted, fitted on ``rows`` as each looked on its day of issue."""
    if wanted <= {"mean"}:
        return {}
    facts = past.facts(rows, past.book.issued[rows])
    use = usable(past.book.issued[rows])
    table, delay = features(past, rows, facts) * use, past.book.delay[rows]
    found: dict[Method, Fitted] = {}
    with single_thread():
        if wanted & {"linear", "both"}:
            found["linear"] = _using(use, linear(table, delay, weight))
        if wanted & {"trees", "both"}:
            found["trees"] = _using(use, trees(table, delay, weight))
    return found


def _using(use: Floats, method: Fitted) -> Fitted:
    return lambda table: method(table * use)


def _answers(
    fitted: Mapping[Method, Fitted], past: Past, rows: Ints, facts: Facts
) -> dict[Method, Answer]:
    found: dict[Method, Answer] = {"mean": (facts.mean, facts.late_share)}
    if fitted and len(rows):
        table = features(past, rows, facts)
        with single_thread():
            found |= {name: method(table) for name, method in fitted.items()}
    elif fitted:
        found |= dict.fromkeys(fitted, found["mean"])
    if len(fitted) == 2:
        one, other = found["linear"], found["trees"]
        found["both"] = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    return found


def choose(past: Past) -> Choice:
    """Try the methods on the newest part of the book."""
    book = past.book
    rows = teachable(book)
    history = int(((book.settled != NEVER) & ~book.person[book.payer]).sum())
    trial = try_methods(past, rows) if history >= LEAST_HISTORY else None
    if trial is None:
        return Choice("mean", "mean", "short", history)
    if min(trial.against_mean(method) for method in REGRESSIONS) * AS_GOOD >= 1:
        return Choice("mean", "mean", "trial", history, trial)
    return Choice(_simplest(trial.days), _simplest(trial.late), "trial", history, trial)


def _simplest(errors: Mapping[Method, float]) -> Method:
    least = min(errors[method] for method in REGRESSIONS) * AS_GOOD
    return next(method for method in REGRESSIONS if errors[method] <= least)


def try_methods(past: Past, rows: Ints) -> Trial | None:
    """Errors on the newest parts of ``rows``, ``None`` where there is too little of them."""
    book = past.book
    cuts = np.quantile(book.issued[rows], PARTS, method="lower").astype(np.int64)
    ends = (*cuts[1:], NEVER)
    parts = [_part(past, rows, since, until) for since, until in zip(cuts, ends, strict=True)]
    done = [part for part in parts if part is not None]
    if not done:
        return None
    weight = np.concatenate([weights(book, part.rows) for part in done])
    delay = book.delay[np.concatenate([part.rows for part in done])]
    days = {x: np.concatenate([part.answers[x][0] for part in done]) for x in METHODS}
    late = {x: np.concatenate([part.answers[x][1] for part in done]) for x in METHODS}
    return Trial(
        since=int(book.issued[done[0].rows[0]]),
        predicted=len(delay),
        days={x: _mean(abs(days[x] - delay), weight) for x in METHODS},
        late={x: _mean((late[x] - (delay > 0)) ** 2, weight) for x in METHODS},
    )


@dataclass(frozen=True)
class _Part:
    rows: Ints
    answers: dict[Method, Answer]


def _part(past: Past, rows: Ints, since: int, until: int) -> _Part | None:
    """Predict the rows issued in a time by what was paid before it."""
    book = past.book
    then = book.known_on(since - 1)
    known = teachable(then, MOST_TRIED)
    tested = rows[(book.issued[rows] >= since) & (book.issued[rows] < until)]
    if len(known) < LEAST_TRIAL or len(tested) < LEAST_TRIAL:
        return None
    fitted = _fit(Past(then), known, {"both"}, weights(then, known))
    facts = past.facts(tested, book.issued[tested])
    return _Part(tested, _answers(fitted, past, tested, facts))


def _mean(errors: Floats, weight: Floats) -> float:
    return float(errors @ weight / weight.sum())
