"""A line to order: the chosen option with the figures that explain it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from regisseur.agents.purchasing.case import Case, Level
from regisseur.agents.purchasing.choice import Costs, Option, Plan, bridged, ranked, sized
from regisseur.agents.purchasing.leadtime import latest_order_day
from regisseur.agents.purchasing.position import TINY, Incoming
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.words import decimal
from regisseur.tools.records import Supplier


@dataclass(frozen=True)
class Line:
    """One item to buy."""

    case: Case
    option: Option
    alternative: Option | None
    """Best option of another supplier."""
    lacking: float
    """Units below the reorder point; negative while there are enough."""
    stock_out: int | None
    """Days until expected demand can't be served, late orders and the bridge taken to come."""
    stock_out_without_late: int | None
    order_by: date | None
    """Last day to order so that goods arrive before the stock-out; may have passed."""
    waiting_day: float
    """Expected shortage cost of one more day without the order."""
    waiting_review: float
    """The same until the next review."""
    top_up: bool = False
    """Not due yet: fills up an order that would be too small."""
    bridge: Option | None = None
    """What a faster supplier delivers until then, ordered tonight as well."""

    @property
    def level(self) -> Level:
        """Reorder point with the chosen supplier."""
        return self.option.level

    @property
    def supplier(self) -> Supplier:
        """Who delivers."""
        return self.option.candidate.supplier

    @cached_property
    def amount(self) -> Decimal:
        """Before tax, company currency, rounded as on the order."""
        return decimal(self.option.amount, 2)

    @property
    def arrives(self) -> tuple[int, float]:
        """Days until it is there, and stock units."""
        return self.option.candidate.arrival, self.option.units

    @property
    def urgent(self) -> bool:
        """Out of stock before goods of the next review would be there."""
        return self.stock_out is not None and self.stock_out < self.option.candidate.cover

    @property
    def drafts(self) -> tuple[Incoming, ...]:
        """What is counted as coming though nobody is bound yet."""
        return tuple(entry for entry in self.case.position.incoming if entry.draft)

    @property
    def late(self) -> tuple[Incoming, ...]:
        """What is counted as coming though it should be here."""
        return tuple(entry for entry in self.case.position.incoming if entry.days_late)

    def sort_key(self) -> tuple[float, float, str, str]:
        """Dearest to wait for first."""
        return (
            -round(self.waiting_review, 6),
            -float(self.amount),
            self.case.item.code,
            self.case.key,
        )


class Buyer:
    """Decides cases by the night's date and settings."""

    def __init__(self, on: date, settings: PurchasingSettings) -> None:
        self.on, self.settings, self.costs = on, settings, Costs(settings)

    def usual(self, case: Case, levels: Sequence[Level]) -> Level:
        """The level that decides whether an item is due."""
        return self.costs.usual(case, tuple(levels))

    @staticmethod
    def lacking(case: Case, level: Level) -> float:
        """Units below the reorder point; negative while there are enough."""
        cover = min(level.candidate.cover, case.horizon)
        return level.point - case.position.supply(cover)

    def due(self, case: Case, level: Level) -> bool:
        """Must it be ordered tonight?"""
        return self.lacking(case, level) > TINY

    def lines(self, case: Case, levels: Sequence[Level]) -> list[Line]:
        """The best order for a case, soonest there first: one line, or two where a faster supplier
        bridges the time to a slower one; none where nothing sensible can be ordered.
        """
        plans = [Plan(o) for lv in levels for o in sized(case, lv, self.costs, self.settings)]
        if len(levels) > 1:
            plans += bridged(case, levels, self.costs, self.settings)
        if not plans:
            return []
        usual = self.usual(case, levels)
        order = [plan for _, plan in ranked(case, plans, usual, self.costs)]
        best = order[0]
        lines = []
        for option in best.options:
            others = (
                p.main for p in order if p.main.candidate.supplier != option.candidate.supplier
            )
            bridge = best.bridge if option is best.main else None
            lines.append(self._explained(case, option, next(others, None), bridge))
        return lines

    def spare(self, case: Case, level: Level) -> Line | None:
        """An item that is not due yet, as it could fill up an order."""
        option = next(sized(case, level, self.costs, self.settings), None)
        if option is None:
            return None
        return dataclasses.replace(self._explained(case, option, None, None), top_up=True)

    def _explained(
        self, case: Case, option: Option, other: Option | None, bridge: Option | None
    ) -> Line:
        candidate = option.candidate
        ordered = () if bridge is None else ((bridge.candidate.arrival, bridge.units),)
        extra = sum(units for _, units in ordered)
        out = case.position.stock_out(ordered=ordered)
        first, last = candidate.arrival, max(candidate.cover, candidate.arrival + 1)
        return Line(
            case=case,
            option=option,
            alternative=other,
            lacking=self.lacking(case, option.level) - extra,
            stock_out=out,
            stock_out_without_late=case.position.stock_out(with_late=False, ordered=ordered),
            order_by=None
            if out is None
            else latest_order_day(
                self.on + timedelta(days=out), candidate.lead.days, candidate.terms.closures
            ),
            waiting_day=self.costs.waiting(case, first, first + 1, extra),
            waiting_review=self.costs.waiting(case, first, last, extra),
            bridge=bridge,
        )

    def slack(self, case: Case, level: Level) -> float:
        """Days until an item that is not due falls to its reorder point."""
        rate = case.rate
        return max(-self.lacking(case, level), 0.0) / rate if rate > TINY else float("inf")
