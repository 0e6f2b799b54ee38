"""How long a supplier really takes, and on which day goods arrive when the supplier is closed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from regisseur.agents.purchasing.settings import Closure, PurchasingSettings
from regisseur.tools.records import Offer, Receipt

PRIOR = 5
"""Receipts that the supplier's usual time counts for beside those of the item; the agreed time, where
it is the longer one, counts as many.
"""


@dataclass(frozen=True)
class LeadTime:
    """Days to reckon with, and where they come from."""

    days: int
    """Within which goods are promised and expected."""
    agreed: int | None
    learned: int | None
    """Days that cover the set share of past receipts, if there were enough of them."""
    receipts: int
    """Receipts it was learned from."""
    mean: float
    """Days in the mean; the reorder point is made of it and the variance."""
    variance: float
    """Of the days; 0 where they are only agreed."""


class LeadTimes:
    """Learns from receipts: of the item if there are enough, else of the supplier."""

    def __init__(self, receipts: Iterable[Receipt], settings: PurchasingSettings) -> None:
        self._settings = settings
        self._taken: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        for receipt in receipts:
            days = (receipt.received_on - receipt.ordered_on).days
            if days >= 0:
                self._taken[receipt.supplier_id, receipt.item_id].append(days)
                self._taken[receipt.supplier_id, None].append(days)
        self._usual: dict[str, tuple[float, float]] = {}
        for (supplier, item), taken in self._taken.items():
            taken.sort()
            if item is None:
                mean = sum(taken) / len(taken)
                squares = sum((days - mean) ** 2 for days in taken)
                self._usual[supplier] = mean, squares / max(len(taken) - 1, 1)

    def of(self, offer: Offer) -> LeadTime | None:
        """The longer of agreed and learned; ``None`` where neither is known."""
        taken = self._enough(offer)
        learned = _covering(taken, self._settings.lead_time_quantile) if taken else None
        known = [days for days in (offer.lead_time, learned) if days is not None]
        if not known:
            return None
        mean, variance = self._moments(offer, len(taken)) if taken else (float(known[0]), 0.0)
        return LeadTime(max(known), offer.lead_time, learned, len(taken), mean, variance)

    def _moments(self, offer: Offer, count: int) -> tuple[float, float]:
        """Mean and variance of the item's receipts and of ``PRIOR`` usual ones of the supplier."""
        own = self._taken.get((offer.supplier_id, offer.item_id), [])
        usual, spread = self._usual[offer.supplier_id]
        total = len(own) + PRIOR
        mean = (sum(own) + PRIOR * usual) / total
        squares = sum((days - mean) ** 2 for days in own)
        squares += PRIOR * (spread + (usual - mean) ** 2)
        if offer.lead_time is not None and offer.lead_time > mean:
            mean = (count * mean + PRIOR * offer.lead_time) / (count + PRIOR)
        return mean, squares / total

    def _enough(self, offer: Offer) -> list[int]:
        for key in ((offer.supplier_id, offer.item_id), (offer.supplier_id, None)):
            if len(self._taken.get(key, ())) >= self._settings.lead_time_receipts:
                return self._taken[key]
        return []


def _covering(taken: list[int], share: float) -> int:
    """The smallest past number of days that at least ``share`` of the receipts did not exceed;
    ``taken`` ascends.
    """
    return taken[max(math.ceil(share * len(taken) - 1e-9) - 1, 0)]


def arrival(ordered: date, days: int, closures: tuple[Closure, ...]) -> date:
    """Day of receipt: only the supplier's open days count, and goods arrive on one of them."""
    return _arrival(ordered, days, closures) if closures else ordered + timedelta(days=days)


@lru_cache(maxsize=4096)
def _arrival(ordered: date, days: int, closures: tuple[Closure, ...]) -> date:
    """Asked for a few days of each supplier, but once for each of its items."""
    day, left = ordered - timedelta(days=1), days + 1
    while left:
        day += timedelta(days=1)
        left -= not _closed(day, closures)
    return day


@lru_cache(maxsize=4096)
def _closed(day: date, closures: tuple[Closure, ...]) -> bool:
    return any(closure.covers(day) for closure in closures)


def latest_order_day(needed: date, days: int, closures: tuple[Closure, ...]) -> date:
    """Last day to order so that goods arrive by ``needed``."""
    day = needed - timedelta(days=days)
    while arrival(day, days, closures) > needed:
        day -= timedelta(days=1)
    return day


@lru_cache(maxsize=4096)
def closed_from(on: date, closures: tuple[Closure, ...], within: int) -> date | None:
    """First closed day of the next ``within`` days, ``None`` if the supplier stays open."""
    ahead = (on + timedelta(days=n) for n in range(within))
    return next((day for day in ahead if _closed(day, closures)), None)
