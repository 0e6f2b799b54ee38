"""How long a supplier really takes, and on which day goods arrive when the supplier is closed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from regisseur.agents.purchasing.settings import Closure, PurchasingSettings
from regisseur.tools.records import Offer, Receipt


@dataclass(frozen=True)
class LeadTime:
    """Days to reckon with, and where they come from."""

    days: int
    agreed: int | None
    learned: int | None
    """Days that cover the set share of past receipts, if there were enough of them."""
    receipts: int
    """Receipts it was learned from."""


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
        for taken in self._taken.values():
            taken.sort()

    def of(self, offer: Offer) -> LeadTime | None:
        """The longer of agreed and learned; ``None`` where neither is known."""
        taken = self._enough(offer)
        learned = _covering(taken, self._settings.lead_time_quantile) if taken else None
        known = [days for days in (offer.lead_time, learned) if days is not None]
        if not known:
            return None
        return LeadTime(max(known), offer.lead_time, learned, len(taken))

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
    if not closures:
        return ordered + timedelta(days=days)
    day, left = ordered - timedelta(days=1), days + 1
    while left:
        day += timedelta(days=1)
        left -= not any(closure.covers(day) for closure in closures)
    return day


def latest_order_day(needed: date, days: int, closures: tuple[Closure, ...]) -> date:
    """Last day to order so that goods arrive by ``needed``."""
    day = needed - timedelta(days=days)
    while arrival(day, days, closures) > needed:
        day -= timedelta(days=1)
    return day


def closed_from(on: date, closures: tuple[Closure, ...], within: int) -> date | None:
    """First closed day of the next ``within`` days, ``None`` if the supplier stays open."""
    ahead = (on + timedelta(days=n) for n in range(within))
    return next((day for day in ahead if any(c.covers(day) for c in closures)), None)
