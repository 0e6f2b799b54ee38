"""Demand forecasts for many items at once, and how much stock covers them.

Arrays hold one row per item and one column per period of equal length. Sources:

* TSB: Teunter, Syntetos, Babai, "Intermittent demand: linking forecasting to inventory
  obsolescence", European Journal of Operational Research 214 (2011).
* SBA: Syntetos, Boylan, "The accuracy of intermittent demand estimates", International Journal
  of Forecasting 21 (2005); after Croston, Operational Research Quarterly 23 (1972).
* Error of several periods while the level drifts: Graves, "A single-item inventory model for a
  nonstationary demand process", Manufacturing & Service Operations Management 1 (1999).
* Economic order quantity: Harris, "How many parts to make at once" (1913).

Start values, smoothing of the error variance and the variance floor of 1.02 x mean are those
with which the figures of ``docs/agents/purchasing.md`` were measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, nbdtrik

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Method = Literal["tsb", "ses", "sba"]

ALPHA = 0.1
"""Weight of the newest period in level and probability."""
ERROR_WEIGHT = 0.05
"""Weight of the newest squared error."""
FIRST_LEVEL = 6
"""Periods whose mean starts SES."""
FIRST_ERRORS = 12
"""Periods whose variance starts the error variance."""
DISPERSION_FLOOR = 1.02
"""Variance is never below this times the mean: the negative binomial needs more than 1."""
LEAST_POOLED = 20
"""Items below which there is no telling what variance is usual."""
MOST_POOLED = 0.5
"""How far, at most, a variance is drawn to the usual one, on a log scale."""
CHANCE = 0.2
"""Variance by chance of the logarithm of an error variance: (kurtosis - 1)/39 for a kurtosis of 9,
39 being the periods that a weight of 0.05 amounts to."""


@dataclass(frozen=True)
class Forecast:
    """What is known before each period: column t uses periods before t only, the last one all."""

    level: Floats
    """Expected demand of one period."""
    variance: Floats
    """Smoothed squared error of the forecast one period ahead."""


Recursion = Callable[[Floats, Flags, int, float], Floats]


def forecast(
    demand: Floats,
    *,
    method: Method = "tsb",
    alpha: float = ALPHA,
    start: NDArray[np.int64] | None = None,
    history: int | None = None,
) -> Forecast:
    """Forecast every item; ``start`` is each item's first known period (0 by default).

    ``history`` limits the periods that set the start values of TSB and SBA (all by default).
    """
    periods = demand.shape[1]
    first = np.zeros(len(demand), dtype=np.int64) if start is None else start
    live = np.arange(periods)[None, :] >= first[:, None]
    level = _METHODS[method](demand, live, periods if history is None else history, alpha)
    return Forecast(level=level, variance=_error_variance(demand, live, level))


def _tsb(demand: Floats, live: Flags, history: int, alpha: float) -> Floats:
    share, size = _sizes(demand, live, history)
    level = np.empty((len(demand), demand.shape[1] + 1))
    for t in range(demand.shape[1]):
        level[:, t] = share * size
        used, on = demand[:, t] > 0, live[:, t]
        share = np.where(on, share + alpha * (used - share), share)
        size = np.where(on & used, size + alpha * (demand[:, t] - size), size)
    level[:, -1] = share * size
    return level


def _ses(demand: Floats, live: Flags, history: int, alpha: float) -> Floats:
    level = np.empty((len(demand), demand.shape[1] + 1))
    level[:, 0] = _mean(demand, _first(live, FIRST_LEVEL))
    for t in range(demand.shape[1]):
        step = alpha * (demand[:, t] - level[:, t])
        level[:, t + 1] = level[:, t] + np.where(live[:, t], step, 0)
    return level


def _sba(demand: Floats, live: Flags, history: int, alpha: float) -> Floats:
    share, size = _sizes(demand, live, history)
    interval = np.where(share > 0, 1 / np.where(share > 0, share, 1), np.inf)
    waited = np.ones(len(demand))
    level = np.empty((len(demand), demand.shape[1] + 1))
    for t in range(demand.shape[1]):
        level[:, t] = (1 - alpha / 2) * size / interval
        used = (demand[:, t] > 0) & live[:, t]
        size = np.where(used, size + alpha * (demand[:, t] - size), size)
        finite = np.where(np.isinf(interval), waited, interval)
        interval = np.where(used, finite + alpha * (waited - finite), interval)
        waited = np.where(used | ~live[:, t], 1.0, waited + 1)
    level[:, -1] = (1 - alpha / 2) * size / interval
    return level


_METHODS: dict[Method, Recursion] = {"tsb": _tsb, "ses": _ses, "sba": _sba}


def _first(live: Flags, count: int) -> Flags:
    known: Flags = live & (np.cumsum(live, axis=1) <= count)
    return known


def _mean(values: Floats, where: Flags) -> Floats:
    mean: Floats = np.where(where, values, 0).sum(axis=1) / np.maximum(where.sum(axis=1), 1)
    return mean


def _sizes(demand: Floats, live: Flags, history: int) -> tuple[Floats, Floats]:
    """Share of periods with demand, and mean demand of those, in the starting history."""
    early = _first(live, history)
    share = _mean((demand > 0).astype(np.float64), early)
    return share, _mean(demand, early & (demand > 0))


def _error_variance(demand: Floats, live: Flags, level: Floats) -> Floats:
    early = _first(live, FIRST_ERRORS)
    mean = _mean(demand, early)
    variance = np.empty_like(level)
    variance[:, 0] = _mean((demand - mean[:, None]) ** 2, early)
    for t in range(demand.shape[1]):
        error = (demand[:, t] - level[:, t]) ** 2
        step = ERROR_WEIGHT * (error - variance[:, t])
        variance[:, t + 1] = variance[:, t] + np.where(live[:, t], step, 0)
    return variance


def pooled(level: Floats, variance: Floats) -> Floats:
    """Draw each error variance to what is usual at its level: a line in logarithms through all items.

    Half way, or less where items differ from the line by more than chance explains. Which of two
    items of a like level errs more is mostly luck while errors are few. Too few items are left as
    they are.
    """
    some = level > 0
    if np.count_nonzero(some) < LEAST_POOLED:
        return variance
    x = np.log(level[some])
    own = np.log(np.maximum(variance, DISPERSION_FLOOR * level)[some])
    slope = float(((x - x.mean()) * own).mean() / max(float(x.var()), 1e-9))
    usual = own.mean() + slope * (x - x.mean())
    weight = min(MOST_POOLED, CHANCE / max(float((own - usual).var()), CHANCE))
    found = variance.copy()
    found[some] = np.exp(own + weight * (usual - own))
    return found


def drift(periods: Floats, alpha: float) -> Floats:
    """How many times the error variance of so many periods is that of independent errors.

    The mean of (1 + j alpha)^2 over the periods j = 0, 1 ...: an error of today moves the level of
    all periods after it by alpha.
    """
    later = np.maximum(periods - 1, 0)
    found: Floats = 1 + alpha * later + alpha**2 * later * (2 * periods - 1) / 6
    return found


def _shape(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Size and success probability of the negative binomial with these moments (mean > 0)."""
    spread = np.maximum(variance, DISPERSION_FLOOR * mean)
    size = mean**2 / (spread - mean)
    return size, size / (size + mean)


def cumulative(mean: Floats, variance: Floats, stock: Floats) -> Floats:
    """Probability that demand is at most ``stock``."""
    size, success = _shape(mean, variance)
    return np.asarray(betainc(size, np.floor(stock) + 1, success), dtype=np.float64)


def quantile(mean: Floats, variance: Floats, service: float) -> Floats:
    """Smallest whole number that demand does not exceed with probability ``service``."""
    some = mean > 0
    m, v = np.where(some, mean, 1.0), np.where(some, variance, 1.0)
    size, success = _shape(m, v)
    guess = np.maximum(np.ceil(nbdtrik(service, size, success)), 0)
    guess = np.where(cumulative(m, v, guess) < service, guess + 1, guess)
    lower = np.maximum(guess - 1, 0)
    guess = np.where(cumulative(m, v, lower) >= service, lower, guess)
    found: Floats = np.where(some, guess, 0.0)
    return found


def expected_short(mean: Floats, variance: Floats, stock: Floats) -> Floats:
    """Mean of the demand that ``stock`` does not cover: E[max(demand - stock, 0)].

    For the negative binomial, E[D; D > k] = mean x P(D' >= k) with D' of size + 1.
    """
    some = mean > 0
    m, v = np.where(some, mean, 1.0), np.where(some, variance, 1.0)
    size, success = _shape(m, v)
    k = np.floor(np.maximum(stock, 0))
    at_least = np.where(k >= 1, 1 - betainc(size + 1, np.maximum(k, 1), success), 1.0)
    above = 1 - betainc(size, k + 1, success)
    short = np.where(stock < 0, m - stock, m * at_least - np.maximum(stock, 0) * above)
    found: Floats = np.where(some, np.maximum(short, 0), np.maximum(-stock, 0))
    return found


def economic_quantity(demand: float, order_cost: float, holding_cost: float) -> float:
    """sqrt(2 x demand x order cost / holding cost of one unit), demand and cost per year."""
    return float(np.sqrt(2 * demand * order_cost / holding_cost)) if holding_cost > 0 else 0.0
