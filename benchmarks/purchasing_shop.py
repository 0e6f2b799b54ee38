"""A company that buys as the product says, week after week, on real demand.

Unlike ``purchasing_replay.py``, which compares reorder points alone, this lets the product's own code
decide: each week a night is made up of what an ERP would show (stock, use, backorders as overdue
needs, open orders, past receipts, offers), and what is due is ordered. Days count: demand of a week
is spread evenly over its days, goods arrive on their day.

Every item has the turnover at which orders of four weeks are economic; prices follow from it. Costs
are means of a week, in weeks of mean demand held, as in the other figures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from purchasing_records import (
    COMPANY,
    FIRST_NIGHT,
    MAIN,
    PIECE,
    Order,
    Terms,
    exact,
    offer,
    open_order,
    receipt,
    stock_level,
    uses,
    waiting,
)

from regisseur.agents.purchasing.case import Case, levels
from regisseur.agents.purchasing.forecast import Floats
from regisseur.agents.purchasing.line import Buyer, Line
from regisseur.agents.purchasing.observation import Observation, Site, history_weeks
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.supply import Candidate
from regisseur.agents.purchasing.survey import Surveyor
from regisseur.graphs.agent import Brief
from regisseur.tools.records import (
    Item,
    Receipt,
    Supplier,
)

WEEK = 7
CYCLE = 4
"""Weeks of mean demand in an economic order."""
START_COVER = 1.5
"""Stock at the start, in demand of agreed lead time and review period."""

Believe = Callable[[int, Candidate], Candidate]
"""Another view of an item's only supplier."""


@dataclass(frozen=True)
class Shop:
    """What is sold and on which terms, before anything is decided."""

    demand: Floats
    """One row an item, one column a week, whole units."""
    history: int
    """Weeks known before the first night."""
    terms: tuple[Terms, ...]
    settings: PurchasingSettings = field(default_factory=PurchasingSettings)
    receipts: tuple[tuple[int, int, int], ...] = ()
    """Item, day of the order (the first night is 0) and days it took, of what came before."""
    turnover: Floats | float = 1.0
    """Of each item, as a multiple of that at which orders of four weeks are economic."""

    @property
    def nights(self) -> int:
        """Weeks that are lived through."""
        nights: int = self.demand.shape[1] - self.history
        return nights

    @property
    def mean(self) -> Floats:
        """Mean weekly demand of the history."""
        mean: Floats = self.demand[:, : self.history].mean(axis=1)
        return mean

    @property
    def price(self) -> Floats:
        """Basic price."""
        weekly_turnover = 2 * self.settings.order_cost / CYCLE**2 / self.held_a_week
        price: Floats = weekly_turnover * self.turnover / self.mean
        return price

    @property
    def held_a_week(self) -> float:
        """Cost of holding a value of 1 for a week."""
        return self.settings.holding_rate * WEEK / 365


@dataclass
class State:
    """Stock less backorders, and what is on its way, on a day."""

    net: Floats
    day: int = 0
    orders: list[Order] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What a way of buying cost, one value an item; costs are means of a week."""

    holding: Floats
    backorders: Floats
    ordering: Floats
    paid: Floats
    """What the goods sold cost above the basic price (below, if negative)."""
    served: Floats
    asked: Floats

    @property
    def cost(self) -> Floats:
        """All of it."""
        return self.holding + self.backorders + self.ordering + self.paid

    @property
    def fill(self) -> float:
        """Share of demand served at once, items weighted by their usual turnover."""
        return float(self.served.sum() / self.asked.sum())


@dataclass(frozen=True)
class Night:
    """What can be known when it is decided."""

    shop: Shop
    state: State
    week: int

    @property
    def on(self) -> date:
        """The night's date."""
        return FIRST_NIGHT + timedelta(weeks=self.week)

    @property
    def brief(self) -> Brief[PurchasingSettings]:
        """The agent's."""
        return Brief(company=COMPANY, on=self.on, settings=self.shop.settings)

    def seen(self) -> Observation:
        """What the agent would read in the ERP."""
        shop, known = self.shop, self.shop.history + self.week
        weeks = min(known, history_weeks(shop.settings))
        past = shop.demand[:, known - weeks : known]
        return Observation(
            on=self.on,
            weeks=weeks,
            items=tuple(
                Item(id=str(n), code=f"{n:05}", name="", unit=PIECE, cost=exact(price))
                for n, price in enumerate(shop.price)
            ),
            suppliers=tuple(
                Supplier(id=name, name=name) for name in sorted({t.supplier for t in shop.terms})
            ),
            offers=tuple(offer(n, t, shop.price[n]) for n, t in enumerate(shop.terms)),
            orders=tuple(open_order(n, order) for n, order in enumerate(self.state.orders)),
            receipts=tuple(self.state.receipts),
            sites=(
                Site(
                    warehouse=MAIN,
                    stock=tuple(
                        stock_level(n, net, self.on) for n, net in enumerate(self.state.net)
                    ),
                    uses=tuple(uses(past, self.on)),
                    requirements=tuple(waiting(self.state.net, self.on)),
                ),
            ),
        )

    def lines(self, believe: Believe | None = None) -> list[Line]:
        """What the agent would order tonight, without its words."""
        seen, brief = self.seen(), self.brief
        (site,) = seen.sites
        cases: Sequence[Case] = Surveyor(seen, brief).survey(site).cases
        if believe is not None:
            cases = [_believed(case, believe) for case in cases]
        buyer = Buyer(brief.on, brief.settings)
        return [
            line
            for case, own in zip(cases, levels(cases, brief.settings), strict=True)
            if buyer.due(case, buyer.usual(case, own))
            for line in buyer.lines(case, own)
        ]


def _believed(case: Case, believe: Believe) -> Case:
    (candidate,) = case.candidates
    return replace(case, candidates=(believe(int(case.item.id), candidate),))


Decide = Callable[[Night], Mapping[int, tuple[float, int]]]
"""Units to order of each item, and days in which they are expected."""
Takes = Callable[[int, int], int]
"""Days that an order takes, by item and week."""


def product(night: Night) -> dict[int, tuple[float, int]]:
    """Order what the agent would."""
    return ordered(night.lines())


def ordered(lines: Sequence[Line]) -> dict[int, tuple[float, int]]:
    """What these lines order."""
    return {int(line.case.item.id): (line.option.units, line.arrives[0]) for line in lines}


def live(shop: Shop, decide: Decide, takes: Takes | None = None) -> Outcome:
    """Decide each week, receive and sell each day; orders take the agreed days unless told."""
    books = Books(shop)
    state = start(shop)
    for week in range(shop.nights):
        night = Night(shop, state, week)
        for item, (units, days) in decide(night).items():
            taken = shop.terms[item].agreed if takes is None else takes(item, week)
            order = Order(item, units, state.day, state.day + days, state.day + taken)
            state.orders.append(order)
            books.order(item, units)
        pass_week(shop, state, week, books)
    return books.outcome()


def start(shop: Shop) -> State:
    """Stock, nothing on order, and the receipts of the history."""
    agreed = np.array([terms.agreed for terms in shop.terms])
    state = State(np.ceil(START_COVER * (agreed / WEEK + 1) * shop.mean))
    state.receipts = [receipt(shop.terms[one[0]], *one) for one in shop.receipts]
    return state


def pass_week(shop: Shop, state: State, week: int, books: "Books") -> None:
    """Receive what arrives, sell a seventh of the week's demand a day."""
    daily = shop.demand[:, shop.history + week] / WEEK
    for _ in range(WEEK):
        for order in [order for order in state.orders if order.arrives <= state.day]:
            state.net[order.item] += order.units
            state.orders.remove(order)
            took = order.arrives - order.ordered
            state.receipts.append(receipt(shop.terms[order.item], order.item, order.ordered, took))
        before = state.net
        state.net = before - daily
        books.sell(before, state.net, daily)
        state.day += 1
    state.net = np.round(state.net, 6)


class Books:
    """Adds up what the weeks cost."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        items = len(shop.demand)
        self._held, self._short, self._orders, self._served, self._paid = np.zeros((5, items))
        self._units = start(shop).net.copy()
        self._share = np.ones(items)

    def order(self, item: int, units: float) -> None:
        """Pay for an order; goods are valued at the mean price of all that is there and coming."""
        there = max(float(self._units[item]), 0.0)
        price = self._shop.terms[item].price(units)
        self._share[item] = (there * self._share[item] + units * price) / (there + units)
        self._units[item] += units
        self._orders[item] += 1

    def sell(self, before: Floats, after: Floats, asked: Floats) -> None:
        """A day on which stock less backorders went from ``before`` to ``after``."""
        self._served += np.minimum(asked, np.maximum(before, 0))
        self._held += np.maximum(after, 0)
        self._short += np.maximum(-after, 0)
        self._paid += asked * (self._share - 1)
        self._units -= asked

    def outcome(self) -> Outcome:
        """Means of a week, in weeks of mean demand held."""
        shop = self._shop
        weeks, level = shop.nights, shop.settings.service_level
        asked = shop.demand[:, shop.history :].sum(axis=1)
        return Outcome(
            holding=self._held / WEEK / shop.mean / weeks,
            backorders=self._short / WEEK / shop.mean * level / (1 - level) / weeks,
            ordering=self._orders * CYCLE**2 / 2 / shop.turnover / weeks,
            paid=self._paid / shop.mean / shop.held_a_week / weeks,
            served=self._served / shop.mean,
            asked=asked / shop.mean,
        )
