"""Who can deliver an item, on which terms, and why some can't be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from regisseur.agents.purchasing.leadtime import LeadTime, LeadTimes, arrival
from regisseur.agents.purchasing.settings import PurchasingSettings, Terms
from regisseur.tools.records import Item, Offer, Supplier

Refusal = Literal[
    "no_supplier",
    "inactive_supplier",
    "unit_mismatch",
    "unknown_rate",
    "no_price",
    "no_lead_time",
]


@dataclass(frozen=True)
class Candidate:
    """An offer that can be judged, with quantities also in the item's stock unit."""

    offer: Offer
    supplier: Supplier
    terms: Terms
    lead: LeadTime
    per_unit: Decimal
    """Stock units in one unit of the offer."""
    arrival: int
    """Days from tonight until goods ordered tonight are there."""
    cover: int
    """Days from tonight until goods ordered at the next review are there."""
    usual_cover: int
    """The same in the mean of lead times; the reorder point adds their variance."""

    @property
    def minimum(self) -> Decimal:
        """Least quantity that can be had and has a price, in the offer's unit."""
        return max(self.offer.minimum_quantity, self.offer.breaks[0].minimum)

    @property
    def step(self) -> Decimal:
        """Pack size, or the smallest amount that the unit can express."""
        return self.offer.multiple or Decimal(1).scaleb(-self.offer.unit.digits)

    def rounded_up(self, units: float) -> Decimal:
        """Smallest orderable quantity that holds so many stock units."""
        wanted = Decimal(repr(round(units, 6))) / self.per_unit
        return self._packs(max(wanted, self.minimum), ROUND_CEILING)

    def rounded_down(self, units: float) -> Decimal:
        """Largest orderable quantity within so many stock units, but at least the minimum."""
        wanted = self._packs(Decimal(repr(round(units, 6))) / self.per_unit, ROUND_FLOOR)
        return max(wanted, self._packs(self.minimum, ROUND_CEILING))

    def _packs(self, wanted: Decimal, rounding: str) -> Decimal:
        packs = (wanted / self.step).to_integral_value(rounding=rounding)
        return max(packs, Decimal(1)) * self.step

    def raised(self, quantity: Decimal) -> Iterator[Decimal]:
        """Quantities that just reach a price break beyond this one."""
        for step in self.offer.breaks:
            if step.minimum > quantity:
                yield self._packs(step.minimum, ROUND_CEILING)

    def price(self, quantity: Decimal) -> Decimal:
        """Price of one unit of the offer at this quantity, which is at least the minimum."""
        price = self.offer.price_for(quantity)
        assert price is not None, "quantities are never below the first break"
        return price

    def stock_price(self, quantity: Decimal) -> float:
        """Price of one stock unit at this quantity of the offer."""
        return float(self.price(quantity) / self.per_unit)

    def units(self, quantity: Decimal) -> float:
        """Stock units in this quantity of the offer."""
        return float(quantity * self.per_unit)


@dataclass(frozen=True)
class Refused:
    """An offer that can't be judged."""

    offer: Offer
    reason: Refusal


class Market:
    """All offers of the night."""

    def __init__(
        self,
        offers: Iterable[Offer],
        suppliers: Mapping[str, Supplier],
        leads: LeadTimes,
        settings: PurchasingSettings,
        on: date,
        currency: str,
    ) -> None:
        self._suppliers, self._leads, self._settings = suppliers, leads, settings
        self._on, self._currency = on, currency
        self._offers: dict[str, list[Offer]] = {}
        for offer in sorted(offers, key=lambda o: (o.item_id, o.rank, o.supplier_id, o.id)):
            self._offers.setdefault(offer.item_id, []).append(_sorted_breaks(offer))
        self._terms = {s.id: settings.terms(s.id, s.code) for s in suppliers.values()}

    def known(self, item: Item) -> bool:
        """Does anybody offer it?"""
        return item.id in self._offers

    def of(self, item: Item) -> tuple[list[Candidate], list[Refused]]:
        """Offers that can be judged, and the others with the reason, both in order of rank."""
        good: list[Candidate] = []
        bad: list[Refused] = []
        for offer in self._offers.get(item.id, ()):
            lead = self._leads.of(offer)
            reason = self._refusal(offer, item, lead)
            if reason is not None or lead is None:
                bad.append(Refused(offer, reason or "no_lead_time"))
            else:
                good.append(self._candidate(offer, item, lead))
        return good, bad

    def _refusal(self, offer: Offer, item: Item, lead: LeadTime | None) -> Refusal | None:
        supplier = self._suppliers.get(offer.supplier_id)
        if not offer.active or supplier is None or not supplier.active:
            return "inactive_supplier"
        if offer.unit.category != item.unit.category or offer.unit.factor <= 0:
            return "unit_mismatch"
        if offer.currency != self._currency:
            return "unknown_rate"
        if not offer.breaks or min(step.unit_price for step in offer.breaks) <= 0:
            return "no_price"
        return "no_lead_time" if lead is None else None

    def _candidate(self, offer: Offer, item: Item, lead: LeadTime) -> Candidate:
        terms = self._terms[offer.supplier_id]
        later = self._on + timedelta(days=self._settings.review_days)
        usual = round(lead.mean)
        return Candidate(
            offer=offer,
            supplier=self._suppliers[offer.supplier_id],
            terms=terms,
            lead=lead,
            per_unit=offer.unit.factor / item.unit.factor,
            arrival=(arrival(self._on, lead.days, terms.closures) - self._on).days,
            cover=(arrival(later, lead.days, terms.closures) - self._on).days,
            usual_cover=(arrival(later, usual, terms.closures) - self._on).days,
        )


def _sorted_breaks(offer: Offer) -> Offer:
    breaks = tuple(sorted(offer.breaks, key=lambda step: (step.minimum, step.unit_price)))
    return offer.model_copy(update={"breaks": breaks})
