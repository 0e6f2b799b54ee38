"""A cautious seasonal factor by calendar month.

A year and a half of weeks is little to learn a season from, so an item has one only if all of
this holds, and even then its factors are drawn halfway or more towards 1:

* at least 60 weeks since the first use, 24 of them with use, every calendar month seen;
* months differ more than chance explains (analysis of variance, F test at 1 %);
* between the two visits of the months seen twice the level did not more than double or halve,
  and both visits point the same way.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from regisseur.agents.purchasing.forecast import Floats

LEAST_WEEKS = 60
LEAST_USED = 24
CHANCE = 0.01
"""Largest probability of such differences without any season."""
SHRINK = 2.0
"""A month seen n times keeps n / (n + 2) of its deviation from 1."""
LOWEST, HIGHEST = 0.5, 2.0
AHEAD = 1100
"""Days ahead for which factors are laid out."""


class Season:
    """Twelve factors with mean 1, January first, and their running sums from a day on."""

    def __init__(self, factors: Sequence[float], on: date) -> None:
        self.factors = tuple(factors)
        daily = np.asarray(self.factors)[_months_ahead(on)]
        self.sum = np.concatenate([[0.0], np.cumsum(daily)])
        self.sum_of_squares = np.concatenate([[0.0], np.cumsum(daily**2)])


@lru_cache(maxsize=4)
def _months_ahead(on: date) -> NDArray[np.int64]:
    return np.array([(on + timedelta(days=n)).month - 1 for n in range(AHEAD)], dtype=np.int64)


def week_months(on: date, weeks: int) -> NDArray[np.int64]:
    """Calendar month (0 to 11) of the middle day of each week of history, oldest first."""
    middles = (on - timedelta(days=7 * (weeks - week) - 3) for week in range(weeks))
    return np.array([day.month - 1 for day in middles], dtype=np.int64)


def find_season(weekly: Floats, first: int, months: NDArray[np.int64], on: date) -> Season | None:
    """The season of one item whose history begins in week ``first``, or ``None``."""
    use, month = weekly[first:], months[first:]
    if len(use) < LEAST_WEEKS or np.count_nonzero(use) < LEAST_USED or len(set(month)) < 12:
        return None
    if _chance(use, month) > CHANCE or not _repeats(use, month):
        return None
    return Season(_factors(use, month), on)


def _chance(use: Floats, month: NDArray[np.int64]) -> float:
    """Probability of month means that far apart when all months are alike (F test)."""
    counts = np.bincount(month, minlength=12)
    means = np.bincount(month, weights=use, minlength=12) / counts
    between = float((counts * (means - use.mean()) ** 2).sum()) / 11
    within = float(((use - means[month]) ** 2).sum()) / (len(use) - 12)
    return float(fdtrc(11, len(use) - 12, between / within)) if within > 0 else 1.0


def _visits(month: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many times each week's month had been left and entered again before."""
    entered = np.concatenate([[True], np.diff(month) != 0])
    seen = np.zeros(12, dtype=np.int64)
    visits = np.zeros(len(month), dtype=np.int64)
    for week, (number, new) in enumerate(zip(month, entered, strict=True)):
        seen[number] += bool(new)
        visits[week] = seen[number] - 1
    return visits


def _repeats(use: Floats, month: NDArray[np.int64]) -> bool:
    visits = _visits(month)
    twice = sorted(set(month[visits == 0]) & set(month[visits == 1]))
    pairs = [[use[(month == m) & (visits == v)].mean() for m in twice] for v in (0, 1)]
    before, after = np.array(pairs)
    if before.mean() <= 0 or not 0.5 <= after.mean() / before.mean() <= 2:
        return False
    return bool(((before / before.mean() - 1) * (after / after.mean() - 1)).sum() > 0)


def _factors(use: Floats, month: NDArray[np.int64]) -> list[float]:
    counts = np.bincount(month, minlength=12)
    means = np.bincount(month, weights=use, minlength=12) / counts
    times = np.array([_visits(month)[month == m].max() + 1 for m in range(12)])
    raw = 1 + times / (times + SHRINK) * (means / means.mean() - 1)
    clipped = np.clip(raw, LOWEST, HIGHEST)
    return [float(factor) for factor in clipped / clipped.mean()]
