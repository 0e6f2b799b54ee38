"""The reorder policies that ``benchmarks/purchasing.py`` compares; none is tuned on what is replayed.

``OURS`` holds the product's own and what it is made of or was tried instead, so that each idea's
worth can be seen: leave one out, or add one.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from purchasing_replay import Policy, View
from scipy.special import ndtri

from regisseur.agents.purchasing.forecast import (
    ALPHA,
    ERROR_WEIGHT,
    FIRST_ERRORS,
    Floats,
    Method,
    drift,
    forecast,
    pooled,
    quantile,
)
from regisseur.agents.purchasing.reorder import Ahead, reorder_points

Moments = Callable[[View], tuple[Floats, Floats]]
"""Mean and error variance of the demand of one period."""


def erp_minimum(times: float) -> Policy:
    """Reorder below a multiple of mean demand, set once."""
    return lambda view: times * view.cover * view.known[:, : view.history].mean(axis=1)


def erp_maximum(view: View) -> Floats:
    """Reorder below the greatest demand ever seen at the start, in each period to cover."""
    point: Floats = view.cover * view.known[:, : view.history].max(axis=1)
    return point


def smoothed(method: Method, alpha: float = ALPHA) -> Moments:
    """Forecast with a method of the product."""

    def moments(view: View) -> tuple[Floats, Floats]:
        found = forecast(view.known, method=method, alpha=alpha)
        return found.level[:, -1], found.variance[:, -1]

    return moments


def rolling(view: View) -> tuple[Floats, Floats]:
    """Take mean and variance of all that is known."""
    return view.known.mean(axis=1), view.known.var(axis=1, ddof=1)


def combined(*methods: Method) -> Moments:
    """Take the mean of several forecasts, and the smoothed error of that mean."""

    def moments(view: View) -> tuple[Floats, Floats]:
        several = [forecast(view.known, method=method).level for method in methods]
        level: Floats = np.mean(several, axis=0)
        variance: Floats = view.known[:, :FIRST_ERRORS].var(axis=1)
        for t in range(view.known.shape[1]):
            variance += ERROR_WEIGHT * ((view.known[:, t] - level[:, t]) ** 2 - variance)
        return level[:, -1], variance

    return moments


def normal(moments: Moments) -> Policy:
    """Cover demand with the critical ratio's probability, were it normal."""

    def point(view: View) -> Floats:
        mean, variance = moments(view)
        found: Floats = view.cover * mean + ndtri(view.ratio) * np.sqrt(view.cover * variance)
        return found

    return point


def binomial(moments: Moments) -> Policy:
    """Cover demand with the critical ratio's probability, errors being independent."""

    def point(view: View) -> Floats:
        mean, variance = moments(view)
        return quantile(view.cover * mean, view.cover * variance, view.ratio)

    return point


def over_lot(moments: Moments, *, pool: bool = True, wander: bool = True) -> Policy:
    """Cover demand as the product does; or without pooled variances, or without a drifting level."""

    def point(view: View) -> Floats:
        mean, variance = moments(view)
        if pool:
            variance = pooled(mean, variance)
        times = view.cover * (drift(np.array(float(view.cover)), ALPHA) if wander else 1.0)
        ahead = Ahead(view.cover * mean, times * variance, mean, variance)
        return reorder_points(ahead, view.lot, view.ratio)

    return point


LOOKED_BACK = 12
"""Past decisions by which a policy is chosen for an item."""
PRIOR = 12
"""Decisions that the mean of all items counts for beside them."""
BETTER = 0.1
"""Share by which another policy must have been cheaper than the first."""


def by_item(*choices: Policy) -> Policy:
    """For each item the policy that would have cost least lately, shrunk to all items' mean; the
    first unless another was clearly better.

    Cost is that of the demand of the periods to cover, met from the reorder point plus half a lot.
    """
    kept: dict[tuple[int, ...], Floats] = {}

    def points(view: View, now: int) -> Floats:
        key = (now, view.cover, round(1e6 * view.ratio), *view.known.shape[:1])
        if key not in kept:
            then = View(view.known[:, :now], view.cover, view.ratio, view.lot, view.history)
            kept[key] = np.array([choice(then) for choice in choices])
        return kept[key]

    def point(view: View) -> Floats:
        items, periods = view.known.shape
        costs = np.zeros((len(choices), items))
        for now in range(periods - view.cover - LOOKED_BACK + 1, periods - view.cover + 1):
            left = points(view, now) + view.lot / 2
            left = left - view.known[:, now : now + view.cover].sum(axis=1)
            costs += np.where(left > 0, left, -left * view.ratio / (1 - view.ratio))
        costs /= np.maximum(view.known.mean(axis=1), 1e-9)
        mean = costs.mean(axis=1, keepdims=True)
        shrunk = (LOOKED_BACK * costs + PRIOR * mean) / (LOOKED_BACK + PRIOR)
        best = shrunk.argmin(axis=0)
        best = np.where(shrunk.min(axis=0) < (1 - BETTER) * shrunk[0], best, 0)
        found: Floats = points(view, periods)[best, np.arange(items)]
        return found

    return point


def by_statsforecast(model: Any) -> Moments:
    """Forecast item by item with a statsforecast model; variance is that of its fitted errors.

    What is found for a number of periods is kept for the next critical ratio, since some models are
    slow: use it for one series only.
    """
    kept: dict[int, tuple[Floats, Floats]] = {}

    def moments(view: View) -> tuple[Floats, Floats]:
        items, periods = view.known.shape
        if periods not in kept:
            mean, variance = np.empty((2, items))
            for n, row in enumerate(view.known):
                found = model.forecast(row, h=view.cover, fitted=True)
                mean[n] = max(found["mean"].mean(), 0.0)
                variance[n] = np.nanmean((row - found["fitted"]) ** 2)
            kept[periods] = mean, variance
        return kept[periods]

    return moments


ERP: dict[str, Policy] = {
    "ERP minimum, 1 x": erp_minimum(1),
    "ERP minimum, 1.5 x": erp_minimum(1.5),
    "ERP minimum, 2 x": erp_minimum(2),
    "ERP minimum, greatest": erp_maximum,
}
PLAIN: dict[str, Policy] = {
    "normal (s,S), rolling": normal(rolling),
    "SES + normal": normal(smoothed("ses")),
    "SBA + neg. binomial": binomial(smoothed("sba")),
    "SES + neg. binomial": binomial(smoothed("ses")),
    "TSB + neg. binomial": binomial(smoothed("tsb")),
}
"""Known methods, each at the nominal quantile."""
DEFAULT = "the product"
OURS: dict[str, Policy] = {
    DEFAULT: over_lot(smoothed("tsb")),
    "... with SES": over_lot(smoothed("ses")),
    "... without pooling": over_lot(smoothed("tsb"), pool=False),
    "... without drift": over_lot(smoothed("tsb"), wander=False),
    "... (TSB + SES)/2": over_lot(combined("tsb", "ses")),
    "... (TSB + SES + SBA)/3": over_lot(combined("tsb", "ses", "sba")),
    "... method by item": by_item(
        over_lot(smoothed("tsb")),
        over_lot(smoothed("tsb", 0.05)),
        over_lot(smoothed("tsb", 0.2)),
        over_lot(smoothed("ses")),
        over_lot(smoothed("sba")),
    ),
}
"""The product's, and the same but for one idea."""


def policies() -> Iterator[tuple[str, Policy]]:
    """All policies for one series; those of statsforecast only where it is installed."""
    yield from ERP.items()
    yield from PLAIN.items()
    yield from OURS.items()
    if find_spec("statsforecast") is None:
        return
    models = import_module("statsforecast.models")
    for model in (
        models.AutoETS(),
        models.CrostonSBA(),
        models.TSB(alpha_d=ALPHA, alpha_p=ALPHA),
        models.IMAPA(),
        models.SimpleExponentialSmoothingOptimized(),
    ):
        found = by_statsforecast(model)
        yield f"statsforecast {model}", binomial(found)
        if isinstance(model, models.IMAPA):
            yield f"statsforecast {model}, our point", over_lot(found)
