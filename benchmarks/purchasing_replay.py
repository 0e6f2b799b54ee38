"""Demand series, and the replay of a reorder policy on them.

The rules are those with which the figures of ``docs/agents/purchasing.md`` were measured. The first
36 periods of a series are history, the rest is replayed; ``Series.earlier`` replays the 12 periods
before, with 24 for history. Every item has the same turnover: its unit value is 1 over the mean demand
of its history, which is also the cost of holding one unit for one period. Costs are therefore in periods
of mean demand held for one period.
"""

import csv
import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regisseur.agents.purchasing.forecast import Floats

HISTORY = 36
"""Periods known before the first decision."""
EARLIER_HISTORY = 24
"""The same where the periods before are replayed, up to ``HISTORY``."""
LEAST_USED = 3
"""Periods of the history with demand below which an item is left out."""
START_COVER = 1.5
"""Stock at the start, in demand of the periods to cover."""
MONTH = re.compile(r"\d{4}-\d{2}")
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Series:
    """Demand of one row an item and one column a period, and the terms on which it is bought."""

    name: str
    demand: Floats
    lead_time: int
    """Periods from a decision to the receipt."""
    cycle: int
    """Periods of mean demand in an order: the order cost is such that this is economic."""
    history: int = HISTORY
    """Periods known before the first decision."""

    def earlier(self) -> "Series":
        """The periods before those that are replayed otherwise."""
        early = self.demand[:, : self.history]
        least = LEAST_USED * EARLIER_HISTORY / self.history
        used = (early[:, :EARLIER_HISTORY] > 0).sum(axis=1) >= least
        return replace(self, demand=early[used], history=EARLIER_HISTORY)

    @property
    def cover(self) -> int:
        """Periods that the stock position must last: lead time and one review period."""
        return self.lead_time + 1

    @property
    def mean(self) -> Floats:
        """Mean demand of the history; 1 over it is the holding cost of a unit and period."""
        mean: Floats = self.demand[:, : self.history].mean(axis=1)
        return mean

    @property
    def lot(self) -> Floats:
        """Economic quantity, the same for every policy."""
        lot: Floats = np.maximum(1, np.round(self.cycle * self.mean))
        return lot

    @property
    def order_cost(self) -> float:
        """Cost of an order for which the lot is the economic quantity of Harris."""
        return self.cycle**2 / 2

    @property
    def start_stock(self) -> Floats:
        """Stock before the first period replayed, nothing being on order."""
        stock: Floats = np.ceil(START_COVER * self.cover * self.mean)
        return stock


@dataclass(frozen=True)
class View:
    """What a policy knows when it decides: the demand so far, and nothing after."""

    known: Floats
    cover: int
    ratio: float
    """Critical ratio p/(p + h)."""
    lot: Floats
    history: int
    """Periods that were known before the first decision."""


Policy = Callable[[View], Floats]
"""Gives the reorder point of every item."""


@dataclass(frozen=True)
class Outcome:
    """What a policy cost, one value an item; costs are means of a period."""

    holding: Floats
    """Equals the mean stock at the end of a period, in periods of mean demand."""
    backorders: Floats
    ordering: Floats
    served: Floats
    """Units delivered from stock in the period in which they were asked for."""
    asked: Floats
    unit_value: Floats

    @property
    def cost(self) -> Floats:
        """Holding, backorder and order cost of a period."""
        return self.holding + self.backorders + self.ordering

    @property
    def fill_by_turnover(self) -> float:
        """Share of demand served at once, each item weighted by the value of its demand."""
        return float((self.served @ self.unit_value) / (self.asked @ self.unit_value))

    @property
    def fill_by_units(self) -> float:
        """Share of all units served at once."""
        return float(self.served.sum() / self.asked.sum())


def read_series(file: Path) -> Series:
    """Read ``item_id``, perhaps ``has_gap``, and one column a period from a packed CSV file.

    Columns named like 2001-12 are months (lead time 1, orders of 3 months), all others weeks (lead
    time 2, orders of 4 weeks). Items with a gap or hardly any demand are left out.
    """
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    periods = [name for name in (rows[0] if rows else ()) if name not in ("item_id", "has_gap")]
    if len(periods) <= HISTORY:
        raise SystemExit(
            f"{file}: {len(periods)} periods; more than {HISTORY} are needed, one column each"
        )
    whole = [[row[name] for name in periods] for row in rows if row.get("has_gap", "0") != "1"]
    demand = np.array([row for row in whole if all(row)], dtype=np.float64)
    demand = demand.reshape(-1, len(periods))
    demand = demand[(demand[:, :HISTORY] > 0).sum(axis=1) >= LEAST_USED]
    if len(demand) < 2:
        raise SystemExit(
            f"{file}: fewer than two items without gaps and in use; nothing to compare"
        )
    lead_time, cycle = (1, 3) if MONTH.fullmatch(periods[0]) else (2, 4)
    return Series(file.name.removesuffix(".csv.gz"), demand, lead_time, cycle)


def replay(series: Series, policy: Policy, ratio: float) -> Outcome:
    """Decide before each period, receive, sell; what is not served waits.

    An item whose stock on hand and on order, less backorders, is below its reorder point is
    ordered: one lot, or up to reorder point plus lot if that is more. An order decided before
    period k is received at the start of period k + lead time.
    """
    periods = series.demand.shape[1] - series.history
    lot = series.lot
    net = series.start_stock  # on hand less backorders
    arriving = np.zeros((len(net), periods + series.lead_time))
    ledger = _Ledger(series, ratio)
    for k in range(periods):
        now = series.history + k
        view = View(series.demand[:, :now], series.cover, ratio, lot, series.history)
        point = policy(view)
        net = net + arriving[:, k]
        position = net + arriving[:, k + 1 :].sum(axis=1)
        due = position < point
        arriving[:, k + series.lead_time] = np.where(
            due, np.maximum(lot, np.ceil(point + lot - position)), 0
        )
        ledger.add(k, net, due)
        net = net - series.demand[:, now]
    return ledger.outcome()


class _Ledger:
    """Adds up what the periods cost."""

    def __init__(self, series: Series, ratio: float) -> None:
        self._series, self._ratio = series, ratio
        self._holding, self._short, self._orders, self._served = np.zeros((4, len(series.demand)))

    def add(self, k: int, net: Floats, ordered: NDArray[np.bool_]) -> None:
        """A period that begins, after the receipt, with so much on hand less backorders."""
        asked = self._series.demand[:, self._series.history + k]
        self._served += np.minimum(asked, np.maximum(net, 0))
        self._holding += np.maximum(net - asked, 0)
        self._short += np.maximum(asked - net, 0)
        self._orders += ordered

    def outcome(self) -> Outcome:
        """Means of a period."""
        series, value = self._series, 1 / self._series.mean
        tested = series.demand[:, series.history :]
        periods = tested.shape[1]
        return Outcome(
            holding=self._holding * value / periods,
            backorders=self._short * value * self._ratio / (1 - self._ratio) / periods,
            ordering=self._orders * series.order_cost / periods,
            served=self._served,
            asked=tested.sum(axis=1),
            unit_value=value,
        )


def perfect(series: Series, ratio: float) -> Outcome:
    """Perfect foresight: the floor that no policy can pass.

    After Wagner and Whitin, "Dynamic version of the economic lot size model", Management Science 5
    (1958), with backorders. Costs are linear between cumulated demands, so what was ever supplied
    is best the start stock or a demand cumulated to some period: these are the states, each raised
    at the price of an order from period ``lead_time`` on.
    """
    wanted = np.cumsum(series.demand[:, series.history :], axis=1)
    value = (1 / series.mean)[:, None]
    levels = np.sort(np.column_stack([series.start_stock, wanted]), axis=1)
    cost = np.where(levels == series.start_stock[:, None], 0.0, np.inf)
    kept = np.broadcast_to(np.arange(levels.shape[1]), levels.shape)
    came_from = []
    for k in range(wanted.shape[1]):
        before = kept
        if k >= series.lead_time:
            lowest = np.minimum.accumulate(cost, axis=1)
            cheapest = np.maximum.accumulate(np.where(cost == lowest, kept, 0), axis=1)
            raised = lowest + series.order_cost < cost
            before = np.where(raised, cheapest, kept)
            cost = np.where(raised, lowest + series.order_cost, cost)
        came_from.append(before)
        net = levels - wanted[:, [k]]
        cost = cost + value * np.where(net > 0, net, -net * ratio / (1 - ratio))
    return _traced(series, ratio, levels, came_from, cost.argmin(axis=1))


def _traced(
    series: Series, ratio: float, levels: Floats, came_from: list[Places], last: Places
) -> Outcome:
    """Follow the best plan back from its last state."""
    ledger, state, items = _Ledger(series, ratio), last, np.arange(len(last))
    wanted = np.cumsum(series.demand[:, series.history :], axis=1)
    for k in reversed(range(len(came_from))):
        before = came_from[k][items, state]
        used = wanted[:, k - 1] if k else 0
        ledger.add(k, levels[items, state] - used, before != state)
        state = before
    return ledger.outcome()
