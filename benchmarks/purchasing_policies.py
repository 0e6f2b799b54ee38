"""The reorder policies that ``benchmarks/purchasing.py`` compares; none is tuned.

Sources beyond those of the product's own forecast:

* Reorder point for a given lot: Federgruen, Zheng, "An efficient algorithm for computing an optimal
  (r, Q) policy in continuous review stochastic inventory systems", Operations Research 40 (1992).
* What lumpy demand adds to it: the renewal approximation of Roberts, "Approximations to optimal
  policies for dynamic inventory models" (1962), in Arrow, Karlin, Scarf, *Studies in Applied
  Probability and Management Science*.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from purchasing_replay import HISTORY, Policy, View
from scipy.special import ndtri

from regisseur.agents.purchasing.forecast import (
    DISPERSION_FLOOR,
    ERROR_WEIGHT,
    FIRST_ERRORS,
    Floats,
    Method,
    expected_short,
    forecast,
    quantile,
)

Moments = Callable[[View], tuple[Floats, Floats]]
"""Mean and variance of the demand of the periods to cover."""


def erp_minimum(times: float) -> Policy:
    """Reorder below a multiple of mean demand, set once."""
    return lambda view: times * view.cover * view.known[:, :HISTORY].mean(axis=1)


def erp_maximum(view: View) -> Floats:
    """Reorder below the greatest demand ever seen at the start, in each period to cover."""
    point: Floats = view.cover * view.known[:, :HISTORY].max(axis=1)
    return point


def smoothed(method: Method) -> Moments:
    """Forecast with a method of the product, errors of several periods taken as independent."""

    def moments(view: View) -> tuple[Floats, Floats]:
        found = forecast(view.known, method=method)
        return view.cover * found.level[:, -1], view.cover * found.variance[:, -1]

    return moments


def rolling(view: View) -> tuple[Floats, Floats]:
    """Take mean and variance of all that is known."""
    known = view.known
    return view.cover * known.mean(axis=1), view.cover * known.var(axis=1, ddof=1)


def combined(view: View) -> tuple[Floats, Floats]:
    """Take the mean of TSB and SES, and the smoothed error of that mean."""
    both = (forecast(view.known, method=method).level for method in ("tsb", "ses"))
    level: Floats = np.mean(list(both), axis=0)
    variance: Floats = view.known[:, :FIRST_ERRORS].var(axis=1)
    for t in range(view.known.shape[1]):
        variance += ERROR_WEIGHT * ((view.known[:, t] - level[:, t]) ** 2 - variance)
    return view.cover * level[:, -1], view.cover * variance


def pooled(moments: Moments) -> Moments:
    """Draw each variance half way, on a log scale, to that of all items of a like mean."""

    def shrunk(view: View) -> tuple[Floats, Floats]:
        mean, variance = moments(view)
        some = mean > 0
        x, y = np.log(mean[some]), np.log(np.maximum(variance, DISPERSION_FLOOR * mean)[some])
        terms = np.column_stack([np.ones_like(x), x])
        line = terms @ np.linalg.lstsq(terms, y)[0]
        variance = variance.copy()
        variance[some] = np.exp((y + line) / 2)
        return mean, variance

    return shrunk


def normal(moments: Moments) -> Policy:
    """Cover demand with the critical ratio's probability, were it normal."""

    def point(view: View) -> Floats:
        mean, variance = moments(view)
        found: Floats = mean + ndtri(view.ratio) * np.sqrt(variance)
        return found

    return point


def binomial(moments: Moments) -> Policy:
    """Cover demand with the critical ratio's probability, as the product does."""
    return lambda view: quantile(*moments(view), view.ratio)


def over_lot(moments: Moments, *, lumpy: bool = False) -> Policy:
    """Cost least over all stock positions that the lot leads through, from s to s + Q.

    With G(y) the cost of a period that begins at position y, the sum of G over s ... s + Q - 1 is
    least at the smallest s with G(s + Q) >= G(s). ``lumpy`` adds that the highest position, to which
    every order returns, weighs more than the others by (variance + mean²)/(2 mean) of the demand of
    one period.
    """

    def point(view: View) -> Floats:
        mean, variance = moments(view)
        period = np.maximum(mean / view.cover, 1e-9)
        excess = np.maximum(variance / view.cover, DISPERSION_FLOOR * period) + period**2
        top = excess / (2 * period) if lumpy else np.zeros_like(mean)

        def rises(s: Floats) -> Floats:
            below, above, next_above = (
                expected_short(mean, variance, y) for y in (s, s + view.lot, s + view.lot + 1)
            )
            saved: Floats = (below - above + top * (above - next_above)) / (1 - view.ratio)
            return view.lot + top - saved

        low, high = np.full_like(mean, -1.0), quantile(mean, variance, view.ratio)
        while (high - low > 1).any():
            middle = np.floor((low + high) / 2)
            enough = rises(middle) >= 0
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return high

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
                mean[n] = max(found["mean"].sum(), 0.0)
                variance[n] = view.cover * np.nanmean((row - found["fitted"]) ** 2)
            kept[periods] = mean, variance
        return kept[periods]

    return moments


ERP: dict[str, Policy] = {
    "ERP minimum, 1 x": erp_minimum(1),
    "ERP minimum, 1.5 x": erp_minimum(1.5),
    "ERP minimum, 2 x": erp_minimum(2),
    "ERP minimum, greatest": erp_maximum,
}
DEFAULT = "TSB + neg. binomial"
"""The product's."""
OURS: dict[str, Policy] = {
    "normal (s,S), rolling": normal(rolling),
    "SES + normal": normal(smoothed("ses")),
    "SBA + neg. binomial": binomial(smoothed("sba")),
    "SES + neg. binomial": binomial(smoothed("ses")),
    DEFAULT: binomial(smoothed("tsb")),
    "(TSB + SES)/2": binomial(combined),
    "TSB, pooled": binomial(pooled(smoothed("tsb"))),
    "TSB, over lot": over_lot(smoothed("tsb")),
    "TSB, over lot, lumpy": over_lot(smoothed("tsb"), lumpy=True),
    "TSB, over lot, lumpy, pooled": over_lot(pooled(smoothed("tsb")), lumpy=True),
}


def policies() -> Iterator[tuple[str, Policy]]:
    """All policies for one series; those of statsforecast only where it is installed."""
    yield from ERP.items()
    yield from OURS.items()
    if find_spec("statsforecast") is None:
        return
    models = import_module("statsforecast.models")
    for model in (models.AutoETS(), models.IMAPA(), models.SimpleExponentialSmoothingOptimized()):
        yield f"statsforecast {model}", binomial(by_statsforecast(model))
