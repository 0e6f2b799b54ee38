"""The reorder point that costs least over all stock positions that an order leads through.

Between two orders the stock position falls from the reorder point plus the lot to the reorder point.
It is short of demand, if at all, near the lower end only: the larger the lot, the lower the reorder
point that keeps the same share of time without shortage. Sources:

* Federgruen, Zheng, "An efficient algorithm for computing an optimal (r, Q) policy in continuous
  review stochastic inventory systems", Operations Research 40 (1992).
* Weight of the highest position, to which every order returns: the renewal approximation of Roberts,
  "Approximations to optimal policies for dynamic inventory models" (1962), in Arrow, Karlin, Scarf,
  *Studies in Applied Probability and Management Science*.
"""

from dataclasses import dataclass

import numpy as np

from regisseur.agents.purchasing.forecast import (
    DISPERSION_FLOOR,
    Floats,
    cumulative,
    expected_short,
    quantile,
)

LEAST_SERVICE = 0.8
"""However large the lot, this share of deliveries finds stock left: a stock-out also does harm that
is not in the costs.
"""


@dataclass(frozen=True)
class Ahead:
    """Demand of the time that stock must cover, and of one review period; one value an item."""

    mean: Floats
    variance: Floats
    review_mean: Floats
    review_variance: Floats


def reorder_points(ahead: Ahead, lot: Floats, service: float) -> Floats:
    """Whole numbers s that make holding and shortage least together.

    A review period that begins at position y costs G(y) = y + E[max(demand - y, 0)]/(1 - service),
    in holding costs of a unit and up to a constant. All positions count alike, G(s) + ... +
    G(s + lot - 1), but for the highest, s + lot, which has a weight of its own. Without a lot this
    is the quantile; it is never below that of ``LEAST_SERVICE``.
    """
    top = _weight_of_top(ahead)
    low = quantile(ahead.mean, ahead.variance, min(LEAST_SERVICE, service)) - 1
    high = quantile(ahead.mean, ahead.variance, service)
    open_rows = np.flatnonzero(high - low > 1)
    while len(open_rows):
        middle = np.floor((low[open_rows] + high[open_rows]) / 2)
        mean, variance = ahead.mean[open_rows], ahead.variance[open_rows]
        rises = _rise(mean, variance, middle, lot[open_rows], top[open_rows], service) >= 0
        high[open_rows] = np.where(rises, middle, high[open_rows])
        low[open_rows] = np.where(rises, low[open_rows], middle)
        open_rows = open_rows[high[open_rows] - low[open_rows] > 1]
    return high


def _weight_of_top(ahead: Ahead) -> Floats:
    """Periods spent at the highest position, in those spent at any other one."""
    mean = np.where(ahead.review_mean > 0, ahead.review_mean, 1.0)
    variance = np.maximum(ahead.review_variance, DISPERSION_FLOOR * mean)
    weight: Floats = (variance / mean + mean + 1) / 2
    return weight


def _rise(
    mean: Floats, variance: Floats, point: Floats, lot: Floats, top: Floats, service: float
) -> Floats:
    """How much more the whole costs with a reorder point of one unit more."""
    below, above = (expected_short(mean, variance, y) for y in (point, point + lot))
    missed = 1 - cumulative(mean, variance, point + lot)
    rise: Floats = lot + top - (below - above + top * missed) / (1 - service)
    return rise
