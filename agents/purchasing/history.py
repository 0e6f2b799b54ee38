"""From weekly use to the demand expected of each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from regisseur.agents.purchasing.forecast import ALPHA, Floats, drift, forecast, pooled
from regisseur.agents.purchasing.observation import Use
from regisseur.agents.purchasing.season import AHEAD, Season, find_season, week_months
from regisseur.agents.purchasing.settings import PurchasingSettings

WEEK, FOUR_WEEKS = 7, 28
RECENT = 13
"""Weeks that are compared with those before to see a break."""


@dataclass(frozen=True)
class Outlook:
    """What is expected of one item: per day, before its season."""

    rate: float
    """Mean use a day."""
    spread: float
    """Variance of the error of one period's forecast, divided by the days of the period."""
    period_days: int
    """Length of the periods it was forecast by: 7, or 28 where use is sparse."""
    weeks: int
    """Weeks since the item is known."""
    used_weeks: int
    """Weeks of these with use."""
    last_use: date
    production_share: float
    """Share of all use that went into production orders."""
    season: Season | None = None
    recent: float = 0.0
    """Use of the last 13 weeks."""
    earlier: tuple[float, float] | None = None
    """Mean and variance of a week before those, where at least 26 such weeks are known."""
    alpha: float = ALPHA
    """Weight with which an error moved the level."""

    def mean(self, days: int) -> float:
        """Expected use of the next ``days`` days."""
        spread = days if self.season is None else self.season.sum[min(days, AHEAD)]
        return float(self.rate * spread)

    def variances(self, days: NDArray[np.int64]) -> Floats:
        """Error variance of the use of the next so many days."""
        season = self.season
        squares = days if season is None else season.sum_of_squares[np.minimum(days, AHEAD)]
        found: Floats = self.spread * squares * drift(days / self.period_days, self.alpha)
        return found

    def path(self, days: int) -> Floats:
        """Expected use of the next 0, 1 … ``days`` days."""
        if self.season is None:
            return self.rate * np.arange(days + 1, dtype=np.float64)
        path: Floats = self.rate * self.season.sum[np.minimum(np.arange(days + 1), AHEAD)]
        return path


def outlooks(
    uses: Sequence[Use],
    known_since: Mapping[str, date],
    weeks: int,
    on: date,
    settings: PurchasingSettings,
) -> dict[str, Outlook]:
    """Expected demand of every item that was ever used in the history read.

    ``known_since`` holds days of earlier receipts or counts: an item known for longer than it is
    used has seen weeks without use, which count.
    """
    ordered = sorted(uses, key=lambda use: use.item_id)
    if not ordered:
        return {}
    total = np.array([np.add(_weekly(u.sold, weeks), _weekly(u.consumed, weeks)) for u in ordered])
    first = np.array([_first_week(use, known_since, weeks, on) for use in ordered])
    months = week_months(on, weeks)
    used = (total > 0).sum(axis=1)
    sparse = used < settings.sparse_share * (weeks - first)
    seasons = [
        find_season(row, begin, months, on) if settings.seasonality and not thin else None
        for row, begin, thin in zip(total, first, sparse, strict=True)
    ]
    level, variance = _levels(total, first, sparse, seasons, months, settings)
    found = {}
    for n, use in enumerate(ordered):
        days = FOUR_WEEKS if sparse[n] else WEEK
        found[use.item_id] = Outlook(
            rate=float(level[n]) / days,
            spread=float(variance[n]) / days,
            period_days=days,
            weeks=int(weeks - first[n]),
            used_weeks=int(used[n]),
            last_use=use.last,
            production_share=sum(use.consumed) / max(float(total[n].sum()), 1e-9),
            season=seasons[n],
            recent=float(total[n, -RECENT:].sum()),
            earlier=_earlier(total[n, first[n] : -RECENT]),
            alpha=settings.alpha,
        )
    return found


def _earlier(weekly: Floats) -> tuple[float, float] | None:
    return (float(weekly.mean()), float(weekly.var())) if len(weekly) >= 2 * RECENT else None


def _weekly(series: tuple[float, ...], weeks: int) -> Floats:
    return np.array(series) if series else np.zeros(weeks)


def _first_week(use: Use, known_since: Mapping[str, date], weeks: int, on: date) -> int:
    day = min(use.first, known_since.get(use.item_id, use.first))
    return max(0, weeks - 1 - ((on - day).days - 1) // 7)


def _levels(
    total: Floats,
    first: NDArray[np.int64],
    sparse: NDArray[np.bool_],
    seasons: Sequence[Season | None],
    months: NDArray[np.int64],
    settings: PurchasingSettings,
) -> tuple[Floats, Floats]:
    """Newest level and error variance per period, by weeks or by four weeks; what variance is usual
    is learned from all items with periods of that length.
    """
    factor = np.ones_like(total)
    for n, season in enumerate(seasons):
        if season is not None:
            factor[n] = np.asarray(season.factors)[months]
    level, variance = np.zeros(len(total)), np.zeros(len(total))
    for rows, width in ((~sparse, 1), (sparse, 4)):
        series, begin = _by_periods((total / factor)[rows], first[rows], width)
        result = forecast(series, method=settings.method, alpha=settings.alpha, start=begin)
        level[rows] = result.level[:, -1]
        variance[rows] = pooled(level[rows], result.variance[:, -1])
    return level, variance


def _by_periods(
    weekly: Floats, first: NDArray[np.int64], width: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Sum ``width`` weeks, counted back from the newest; a week too old to fill one is dropped."""
    count, spare = divmod(weekly.shape[1], width)
    kept = weekly[:, spare:].reshape(len(weekly), count, width).sum(axis=2)
    begin = np.minimum(np.maximum(first - spare, 0) // width, kept.shape[1] - 1)
    return kept, begin
