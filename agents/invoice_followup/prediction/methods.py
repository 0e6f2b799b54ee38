"""Three ways to expect the delay of an invoice, each fitted on paid ones.

A method learns from rows of ``features`` and answers days after the due date and the probability
of being late. scikit-learn is imported when one is first fitted: it takes seconds. It works in one
thread: threads that wait for each other cost more than they save, and several times more where
processors are shared.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Literal

import numpy as np

from regisseur.agents.invoice_followup.prediction.book import Floats, Ints
from regisseur.agents.invoice_followup.prediction.features import NAMES

Method = Literal["mean", "linear", "trees", "both"]
"""Payer's shrunk mean; Huber and logistic regression; boosted trees; the mean of the last two."""
Answer = tuple[Floats, Floats]
"""Days after the due date, and probability of being late."""
Fitted = Callable[[Floats], Answer]

MEAN = NAMES.index("mean")
FARTHEST = 5.0
"""Standard deviations beyond which a feature counts no further."""
PENALTY = 1.0
"""Of Huber's coefficients and, as inverse, of the logistic ones."""
TREES = {
    "learning_rate": 0.05,
    "max_iter": 100,
    "max_leaf_nodes": 7,
    "min_samples_leaf": 20,
    "l2_regularization": 5.0,
    "max_features": 0.4,
    "early_stopping": False,
    "random_state": 0,
}
"""Many small trees, each split on some of the features: not tuned to any book."""


Chance = Callable[[Floats], Floats]


def single_thread() -> AbstractContextManager[object]:
    """Keep OpenMP and BLAS to one thread inside a ``with``.

    scikit-learn comes first: what is loaded only inside would not be kept.
    """
    import sklearn.ensemble  # type: ignore[import-untyped]
    import sklearn.linear_model  # type: ignore[import-untyped]  # noqa: F401
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


def linear(table: Floats, delay: Ints, weight: Floats) -> Fitted:
    """Huber regression of the delay, logistic regression of being late."""
    from sklearn.linear_model import (
        HuberRegressor,
        LogisticRegression,
    )

    centre, scale = table.mean(axis=0), table.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)

    def scaled(rows: Floats) -> Floats:
        near: Floats = np.clip((rows - centre) / scale, -FARTHEST, FARTHEST)
        return near

    known = scaled(table)
    middle, unit = float(np.median(delay)), max(float(delay.std()), 1.0)
    days = HuberRegressor(alpha=PENALTY, max_iter=2000)
    days.fit(known, (delay - middle) / unit, sample_weight=weight)
    late = LogisticRegression(C=1 / PENALTY, max_iter=2000)
    chance = _chance(late, known, delay, weight)
    return lambda rows: (middle + unit * days.predict(scaled(rows)), chance(scaled(rows)))


def trees(table: Floats, delay: Ints, weight: Floats) -> Fitted:
    """Gradient boosting of the delay beyond the payer's mean (its median), and of being late."""
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    days = HistGradientBoostingRegressor(loss="absolute_error", **TREES)
    days.fit(table, delay - table[:, MEAN])
    chance = _chance(HistGradientBoostingClassifier(**TREES), table, delay, weight)
    return lambda rows: (rows[:, MEAN] + days.predict(rows), chance(rows))


def _chance(classifier: Any, table: Floats, delay: Ints, weight: Floats) -> Chance:
    """Fit a classifier of being late; a constant where all or none were."""
    late = delay > 0
    if late.all() or not late.any():
        share = (late.sum() + 1) / (len(late) + 2)
        return lambda rows: np.full(len(rows), share)
    classifier.fit(table, late, sample_weight=weight)
    return lambda rows: np.asarray(classifier.predict_proba(rows)[:, 1], dtype=np.float64)
