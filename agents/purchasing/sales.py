"""Customer deliveries and production orders that the shortage endangers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from regisseur.agents.purchasing.case import Case
from regisseur.agents.purchasing.position import TINY, Ordered
from regisseur.tools.records import RecordRef, Requirement


@dataclass(frozen=True)
class Endangered:
    """A sale or production order that will lack an item on its day."""

    case: Case
    need: Requirement
    missing: float
    """Stock units missing on the day."""
    available: date | None
    """When they should be there, tonight's proposals included; ``None`` if nothing is coming."""

    @property
    def source(self) -> RecordRef:
        """The sale or production order."""
        return self.need.source

    @property
    def stake(self) -> Decimal | None:
        """Sales value of what is missing, ``None`` where no price is known."""
        price = self.case.item.sale_price
        if price is None:
            return None
        return (price * Decimal(repr(round(self.missing, 6)))).quantize(Decimal("0.01"))


def endangered(case: Case, ordered: Ordered, on: date, horizon: int) -> list[Endangered]:
    """Sales and production orders that come too early for stock and arrivals, served by date,
    reservations first; ``ordered`` is what tonight's proposals bring.

    Only those count that an order of tonight can't serve in time any more: those due before its
    goods are there, or within ``horizon`` days where nobody delivers.
    """
    soonest = [day for day, _ in ordered] or [c.arrival for c in case.candidates]
    reach = min(soonest, default=horizon)
    found = []
    asked = 0.0
    for need in sorted(case.needs, key=lambda n: (not n.reserved, n.date, n.source.id)):
        asked += float(need.quantity)
        day = max((need.date - on).days, 0)
        missing = min(asked - case.position.supply(day), float(need.quantity))
        if missing <= TINY or day >= reach or (need.use == "sale" and not need.firm):
            continue
        found.append(Endangered(case, need, missing, _available(case, ordered, asked, on)))
    return found


def _available(case: Case, ordered: Ordered, asked: float, on: date) -> date | None:
    """First day on which stock, arrivals and tonight's orders have what was asked for so far."""
    for day in range(case.horizon):
        extra = sum(units for arrival, units in ordered if arrival <= day)
        if case.position.supply(day) + extra >= asked - TINY:
            return on + timedelta(days=day)
    return None


def by_source(
    found: Iterable[Endangered], use: Literal["sale", "production"]
) -> list[list[Endangered]]:
    """What each sale (or production order) lacks, the one that is due first first."""
    sources: dict[str, list[Endangered]] = defaultdict(list)
    for entry in sorted(found, key=lambda e: (e.need.date, e.source.id, e.case.item.code)):
        if entry.need.use == use:
            sources[f"{entry.source.model}/{entry.source.id}"].append(entry)
    return list(sources.values())
