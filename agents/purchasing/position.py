"""What is there, what is coming, what is asked for, and when it runs out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from regisseur.agents.purchasing.forecast import Floats
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.tools.records import (
    Item,
    PurchaseOrder,
    PurchaseOrderLine,
    Requirement,
    StockLevel,
)

TINY = 1e-9
Ordered = Sequence[tuple[int, float]]
"""What tonight's orders bring: days until they arrive, and stock units."""


@dataclass(frozen=True)
class Incoming:
    """One open order line of the item."""

    order: PurchaseOrder
    line: PurchaseOrderLine
    quantity: float
    """Stock units still to come."""
    day: int
    """Days from tonight on which it is reckoned with."""
    days_late: int = 0

    @property
    def draft(self) -> bool:
        """Binds nobody yet."""
        return self.order.state in ("draft", "quoted")


@dataclass(frozen=True)
class Position:
    """Stock and its future, day by day; index t of a path means "before day t", day 0 tonight."""

    on_hand: float
    reserved: float
    incoming: tuple[Incoming, ...]
    lost: tuple[Incoming, ...]
    """So late that they are no longer reckoned with."""
    arrivals: Floats
    """Received on each day."""
    late_arrivals: Floats
    """The part of it that was expected before tonight."""
    needs: Floats
    """Known needs before day t, added up."""
    demand: Floats
    """The greater of forecast and known needs before day t."""

    @property
    def on_order(self) -> float:
        """All that is coming."""
        return sum(entry.quantity for entry in self.incoming)

    @property
    def overdrawn(self) -> bool:
        """More is reserved than there is."""
        return self.reserved > self.on_hand >= 0

    def supply(self, day: int) -> float:
        """On hand and all arrivals up to this day."""
        return self.on_hand + float(self.arrivals[: day + 1].sum())

    def path(self, *, with_late: bool = True, ordered: Ordered = ()) -> Floats:
        """Expected stock at the end of each day if no more than ``ordered`` is ordered."""
        arrivals = self.arrivals if with_late else self.arrivals - self.late_arrivals
        path: Floats = self.on_hand + np.cumsum(arrivals) - self.demand[1:]
        for day, units in ordered:
            path[day:] += units
        return path

    def stock_out(self, *, with_late: bool = True, ordered: Ordered = ()) -> int | None:
        """First day whose expected demand can't be served, once ``ordered`` is there; ``None``
        beyond the horizon.
        """
        first = max((day for day, _ in ordered), default=0)
        short = np.flatnonzero(self.path(with_late=with_late, ordered=ordered)[first:] < -TINY)
        return first + int(short[0]) if len(short) else None

    @property
    def ever(self) -> bool:
        """Is there stock, now or on any day to come, if nothing is ordered?"""
        return self.on_hand > TINY or float(self.path().max()) > TINY

    def deepest(self, first: int, last: int) -> float:
        """Most units that expected demand lacks on any day from ``first`` to before ``last``;
        negative where some stock is always left.
        """
        days = self.path()[first:last]
        return -float(days.min()) if len(days) else -self.on_hand


def counted(requirement: Requirement, settings: PurchasingSettings) -> bool:
    """Is this need reckoned with?"""
    if requirement.firm or requirement.reserved:
        return requirement.quantity > 0
    planned = (
        settings.planned_production if requirement.use == "production" else (settings.planned_sales)
    )
    return planned and requirement.quantity > 0


@lru_cache(maxsize=1024)
def _nothing(days: int) -> Floats:
    """Zeros that most items share: they have no orders, or no known needs."""
    zeros = np.zeros(days)
    zeros.flags.writeable = False
    return zeros


def needs_path(needs: Sequence[Requirement], reserved: float, on: date, horizon: int) -> Floats:
    """Known needs added up by day; overdue ones and unexplained reservations count at once."""
    if not needs and not reserved:
        return _nothing(horizon + 2)
    daily = np.zeros(horizon + 1)
    explained = 0.0
    for need in needs:
        daily[min(max((need.date - on).days, 0), horizon)] += float(need.quantity)
        explained += float(need.quantity) if need.reserved else 0.0
    daily[0] += max(reserved - explained, 0.0)
    return np.concatenate([[0.0], np.cumsum(daily)])


def greater_of(forecast: Floats, needs: Floats, horizon: int) -> Floats:
    """Demand within the firm horizon is the greater of both, never their sum; the forecast
    goes on from there.
    """
    path = np.maximum(forecast, needs)
    reach = min(horizon, len(path) - 1)
    path[reach:] = path[reach] + forecast[reach:] - forecast[reach]
    return path


def position(
    stock: StockLevel | None,
    incoming: Sequence[Incoming],
    needs: Floats,
    demand: Floats,
    settings: PurchasingSettings,
) -> Position:
    """Put stock, orders and demand side by side."""
    days = len(demand) - 1
    limit = settings.late_order_limit_days
    kept = tuple(entry for entry in incoming if entry.days_late <= limit)
    arrivals = np.zeros(days) if kept else _nothing(days)
    late = np.zeros(days) if any(entry.days_late for entry in kept) else _nothing(days)
    for entry in kept:
        if entry.day < days:
            arrivals[entry.day] += entry.quantity
            if entry.days_late:
                late[entry.day] += entry.quantity
    return Position(
        on_hand=float(stock.on_hand) if stock else 0.0,
        reserved=float(stock.reserved) if stock else 0.0,
        incoming=kept,
        lost=tuple(entry for entry in incoming if entry.days_late > limit),
        arrivals=arrivals,
        late_arrivals=late,
        needs=needs,
        demand=demand,
    )


def coming(
    orders: Iterable[PurchaseOrder],
    item: Item,
    warehouse_id: str,
    on: date,
    earliest: int,
    settings: PurchasingSettings,
) -> list[Incoming]:
    """Open order lines of an item, in all states.

    ``earliest`` days are needed from tonight for what is only a draft, and for what has no date.
    A late line is reckoned with after the set number of days. An order without a warehouse counts
    everywhere: too little is bought rather than twice. Raises ValueError on a unit that doesn't
    convert.
    """
    found = []
    for order in orders:
        if order.state in ("received", "cancelled"):
            continue
        if order.warehouse_id not in (None, warehouse_id):
            continue
        for line in order.lines:
            if line.item_id == item.id and line.outstanding > 0:
                found.append(_incoming(order, line, item, on, earliest, settings))
    return sorted(found, key=lambda entry: (entry.day, entry.order.id, entry.line.id))


def _incoming(
    order: PurchaseOrder,
    line: PurchaseOrderLine,
    item: Item,
    on: date,
    earliest: int,
    settings: PurchasingSettings,
) -> Incoming:
    if line.unit.category != item.unit.category:
        raise ValueError("unit")
    units = float(line.outstanding * line.unit.factor / item.unit.factor)
    days = earliest if line.expected is None else (line.expected - on).days
    late = max(-days, 0)
    if late:
        days = settings.late_order_days
    if order.state in ("draft", "quoted"):
        days = max(days, earliest)
    return Incoming(order, line, units, days, late)
