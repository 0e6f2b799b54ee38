"""From whom and how much: the option with the lowest total cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from regisseur.agents.purchasing.case import YEAR, Case, Level
from regisseur.agents.purchasing.position import TINY
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.supply import Candidate

Named = tuple[str, str, Decimal]
TIE = 0.01
"""Costs this close count as equal: the company's own order of preference decides."""


@dataclass(frozen=True)
class Option:
    """One quantity from one supplier."""

    level: Level
    quantity: Decimal
    """In the offer's unit."""
    wanted: float
    """Stock units wanted before rounding."""
    limit: float
    """Stock units beyond which the coverage cap is exceeded."""
    capped: bool
    """The cap cut what was wanted."""
    at_break: bool
    """The quantity was raised to a price break."""
    bridge: Candidate | None = None
    """Only what is needed until this slower supplier delivers."""

    @property
    def candidate(self) -> Candidate:
        """Whose offer it is."""
        return self.level.candidate

    @property
    def units(self) -> float:
        """Stock units bought."""
        return self.candidate.units(self.quantity)

    @cached_property
    def unit_price(self) -> Decimal:
        """Price of one unit of the offer."""
        return self.candidate.price(self.quantity)

    @property
    def amount(self) -> Decimal:
        """What it costs, before tax."""
        return self.quantity * self.unit_price

    @property
    def excess(self) -> float:
        """Stock units beyond the coverage cap, forced by minimum or pack."""
        excess = self.units - self.limit
        return excess if excess > TINY else 0.0


@dataclass(frozen=True)
class Plan:
    """What is bought of one item tonight."""

    main: Option
    bridge: Option | None = None
    """From a faster supplier, until the main one delivers."""

    @property
    def options(self) -> tuple[Option, ...]:
        """All that is bought, soonest there first."""
        return (self.main,) if self.bridge is None else (self.bridge, self.main)

    @property
    def units(self) -> float:
        """Stock units bought."""
        return sum(option.units for option in self.options)


class Costs:
    """Prices stock, shortage and orders by the settings."""

    def __init__(self, settings: PurchasingSettings) -> None:
        self._settings = settings

    def shortage(self, case: Case) -> float:
        """Cost of one unit short for one day: p = h q / (1 - q), h the cost of holding it, or of
        holding all that waits for it where it goes into production.
        """
        level = self._settings.service_level
        waits = 1 + (self._settings.stopped_production - 1) * case.production_share
        holding = self._settings.holding_rate * case.value * waits / YEAR
        return holding * level / (1 - level)

    def running(self, case: Case, level: Level, quantity: Decimal) -> float:
        """Cost of one stock unit bought so: price, share of the order, holding until used."""
        candidate = level.candidate
        price, units = candidate.stock_price(quantity), candidate.units(quantity)
        yearly = max(case.rate * YEAR, TINY)
        holding = self._settings.holding_rate * price * (units / 2 + level.safety) / yearly
        return price + self._settings.order_cost / units + holding

    def usual(self, case: Case, options: tuple[Level, ...]) -> Level:
        """The candidate that is cheapest when nothing is short: it sets the reorder point."""
        if len(options) == 1:
            return options[0]

        def cost(level: Level) -> tuple[float, int, str, str]:
            offer = level.candidate.offer
            running = round(self.running(case, level, self.usual_quantity(case, level)), 6)
            return running, offer.rank, offer.supplier_id, offer.id

        return min(options, key=cost)

    def usual_quantity(self, case: Case, level: Level) -> Decimal:
        """The cheapest quantity in the long run as this supplier sells it: the economic one, or a
        price break within the weeks for which one may be taken.
        """
        candidate = level.candidate
        economic = candidate.rounded_up(max(case.lot(candidate, self._settings), TINY))
        most = case.rate * 7 * max(self._settings.break_weeks, self._settings.coverage_weeks)
        raised = [q for q in candidate.raised(economic) if candidate.units(q) <= most]
        return min((economic, *raised), key=lambda q: (self.running(case, level, q), q))

    def waiting(self, case: Case, first: int, last: int, extra: float = 0.0) -> float:
        """Shortage cost of the days from ``first`` to before ``last`` if ``extra`` units are there
        and nothing else is ordered: every unit costs for each day that it is missing, and the
        margin of the sales lost.
        """
        short = case.short(first, last + 1, extra)
        lost = self._settings.lost_sales * case.margin * float(short[-1] - short[0])
        return float(short[:-1].sum()) * self.shortage(case) + max(lost, 0.0)


def sized(
    case: Case, level: Level, costs: Costs, settings: PurchasingSettings, ordered: float = 0.0
) -> Iterator[Option]:
    """Quantities worth comparing from one supplier, besides the units ``ordered`` from another;
    none where the cap leaves no room.
    """
    candidate, position = level.candidate, case.position
    cover = min(candidate.cover, case.horizon)
    reach = min(candidate.arrival + 7 * settings.coverage_weeks, case.horizon)
    lacking = level.point - position.supply(cover) - ordered
    later = position.on_hand + position.on_order - position.supply(cover) > TINY
    lot = 0.0 if later and lacking > TINY else case.lot(candidate, settings)
    if case.regime == "needs":
        lot = min(lot, float(position.demand[reach] - position.demand[cover]))
    limit = max(lacking, _room(case, candidate, settings) - ordered)
    wanted = min(lacking + lot, limit)
    if wanted <= TINY:
        return
    quantity = candidate.rounded_up(wanted)
    smaller = candidate.rounded_down(limit)
    if candidate.units(quantity) > limit and candidate.units(smaller) >= lacking - TINY:
        quantity = smaller
    capped = lacking + lot > limit + TINY
    yield Option(level, quantity, wanted, limit, capped, at_break=False)
    most = limit + _further(case, candidate, settings)
    for raised in candidate.raised(quantity):
        if candidate.units(raised) <= most + TINY:
            yield Option(level, raised, wanted, limit, capped, at_break=True)


def bridged(
    case: Case, levels: Sequence[Level], costs: Costs, settings: PurchasingSettings
) -> Iterator[Plan]:
    """A faster supplier for what is expected to be missing until a slower one delivers, the slower
    one for the rest.

    With and without the safety stock of the faster one: what pays is left to the costs.
    """
    for slow in levels:
        for fast in levels:
            first, last = fast.candidate.arrival, slow.candidate.arrival
            if first >= last or fast.candidate.supplier.id == slow.candidate.supplier.id:
                continue
            missing = case.position.deepest(first, last)
            if missing <= TINY:
                continue
            cover = min(slow.candidate.cover, case.horizon)
            lacking = slow.point - case.position.supply(cover)
            for wanted in (missing, missing + max(fast.safety, 0.0)):
                bridge = _bridge(case, fast, slow.candidate, wanted, settings)
                if lacking - bridge.units <= TINY:
                    yield Plan(bridge)
                    continue
                for main in sized(case, slow, costs, settings, ordered=bridge.units):
                    yield Plan(main, bridge)


def _bridge(
    case: Case, fast: Level, until: Candidate, wanted: float, settings: PurchasingSettings
) -> Option:
    quantity = fast.candidate.rounded_up(wanted)
    limit = max(wanted, _room(case, fast.candidate, settings))
    return Option(fast, quantity, wanted, limit, capped=False, at_break=False, bridge=until)


def _room(case: Case, candidate: Candidate, settings: PurchasingSettings) -> float:
    """Units within the coverage cap: what is there, on order and bought lasts no longer."""
    reach = min(candidate.arrival + 7 * settings.coverage_weeks, case.horizon)
    return float(case.position.demand[reach]) - case.position.on_hand - case.position.on_order


def _further(case: Case, candidate: Candidate, settings: PurchasingSettings) -> float:
    """Units beyond the coverage cap that a price break may bring."""
    cap, most = (candidate.arrival + 7 * n for n in (settings.coverage_weeks, settings.break_weeks))
    return max(case.expected(most) - case.expected(cap), 0.0)


def ranked(
    case: Case, plans: Sequence[Plan], usual: Level, costs: Costs
) -> list[tuple[float, Plan]]:
    """Plans with their extra cost, the chosen one first.

    Extra is what the units cost above the usual supplier's running cost, from whom they could be
    had later, plus the shortage expected until the goods are there.
    """
    plain = costs.running(case, usual, costs.usual_quantity(case, usual))
    late = {c.offer.id: costs.waiting(case, 0, c.arrival) for c in case.candidates}

    def extra(plan: Plan) -> float:
        above = sum(
            option.units * (costs.running(case, option.level, option.quantity) - plain)
            for option in plan.options
        )
        first = plan.options[0]
        short = late[first.candidate.offer.id]
        if plan.bridge is not None:
            arrival = plan.main.candidate.arrival
            short += costs.waiting(case, first.candidate.arrival, arrival, first.units)
        return above + short

    priced = [(extra(plan), plan) for plan in plans]
    equal = min(cost for cost, _ in priced) + TIE * plain * min(plan.units for plan in plans)

    def preference(entry: tuple[float, Plan]) -> tuple[bool, int, float, tuple[Named, ...]]:
        cost, plan = entry
        rank = plan.main.candidate.offer.rank if cost <= equal else 0
        names = tuple(
            (o.candidate.offer.supplier_id, o.candidate.offer.id, o.quantity) for o in plan.options
        )
        return cost > equal, rank, round(cost, 6), names

    return sorted(priced, key=preference)
