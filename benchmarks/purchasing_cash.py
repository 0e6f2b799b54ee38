"""Nights on which cash is short: what each way of choosing lines lets happen.

All nights are lived through without a limit. On each, some lines are kept within the limit and the
others wait a week, which costs what is then missing in the real demand of the week in which they
would have been there. Turnover differs between items (log-normal), and so do lead times.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.random import Generator
from purchasing_records import Order, Terms
from purchasing_shop import (
    WEEK,
    Books,
    Night,
    Shop,
    ordered,
    pass_week,
    start,
)

from regisseur.agents.purchasing.batch import affordable
from regisseur.agents.purchasing.forecast import Floats
from regisseur.agents.purchasing.line import Line

LIMITS = (0.3, 0.6)
LEAD_TIMES = (7, 14, 14, 21)
WORLDS = 6
"""Times that turnover and lead times are drawn anew."""
WARM_UP = 2
"""Nights that are not counted: stock at the start is the same everywhere."""
Gains = Mapping[str, float]
"""Shortage cost that ordering tonight avoids, by item; what really happened."""


def by_product(lines: Sequence[Line], limit: Decimal, gains: Gains) -> Sequence[Line]:
    """As the product: most avoided shortage cost per euro first."""
    return affordable(lines, limit)[0]


def first(key: Callable[[Line, Gains], Any]) -> Callable[..., Sequence[Line]]:
    """In this order, what still fits."""

    def kept(lines: Sequence[Line], limit: Decimal, gains: Gains) -> Sequence[Line]:
        found = []
        for line in sorted(lines, key=lambda line: key(line, gains)):
            if line.amount <= limit:
                limit -= line.amount
                found.append(line)
        return found

    return kept


RULES: dict[str, Callable[..., Sequence[Line]]] = {
    "the product": by_product,
    "by item code": first(lambda line, _: line.case.item.code),
    "soonest out of stock": first(
        lambda line, _: (float("inf") if line.stock_out is None else line.stock_out, line.case.key)
    ),
    "smallest amount": first(lambda line, _: (line.amount, line.case.key)),
    "dearest to wait for": first(lambda line, _: (-line.waiting_review, line.case.key)),
    "hindsight, per euro": first(
        lambda line, gains: (-gains[line.case.item.id] / float(line.amount), line.case.key)
    ),
}


def nights(
    demand: Floats, history: int, random: Generator
) -> tuple[dict[tuple[float, str], Floats], float]:
    """Avoided shortage cost of each counted night by limit and rule, and all that is avoidable."""
    avoided: dict[tuple[float, str], list[float]] = defaultdict(list)
    total = 0.0
    for _ in range(WORLDS):
        for lines, gains in _lived(_shop(demand, history, random)):
            total += sum(gains.values())
            spent = sum((line.amount for line in lines), Decimal(0))
            for limit in LIMITS:
                for name, rule in RULES.items():
                    kept = rule(lines, spent * Decimal(repr(limit)), gains)
                    avoided[limit, name].append(sum(gains[line.case.item.id] for line in kept))
    return {key: np.array(found) for key, found in avoided.items()}, total


def _shop(demand: Floats, history: int, random: Generator) -> Shop:
    days = random.choice(LEAD_TIMES, len(demand))
    terms = tuple(Terms(f"s{lead}", int(lead)) for lead in days)
    return Shop(demand, history, terms, turnover=random.lognormal(0, 1, len(demand)))


def _lived(shop: Shop) -> list[tuple[list[Line], Gains]]:
    """Each counted night with its lines and what ordering each of them avoids."""
    state, books = start(shop), Books(shop)
    last = shop.nights - max(LEAD_TIMES) // WEEK
    found: list[tuple[list[Line], Gains]] = []
    for week in range(last):
        night = Night(shop, state, week)
        lines = night.lines()
        if week >= WARM_UP:
            found.append((lines, {line.case.item.id: _gain(night, line) for line in lines}))
        for item, (units, days) in ordered(lines).items():
            arrives = state.day + shop.terms[item].agreed
            state.orders.append(Order(item, units, state.day, state.day + days, arrives))
            books.order(item, units)
        pass_week(shop, state, week, books)
    return found


def _gain(night: Night, line: Line) -> float:
    """Shortage cost of the week after the delivery without the order, less that with it."""
    shop, state = night.shop, night.state
    item, lead = int(line.case.item.id), line.arrives[0]
    week = shop.history + night.week
    daily = np.repeat(shop.demand[item, week : week + lead // WEEK + 1] / WEEK, WEEK)
    stock = state.net[item] - np.cumsum(daily)
    for order in state.orders:
        if order.item == item:
            stock[order.arrives - state.day :] += order.units
    bare, fed = (np.maximum(-(stock[lead:] + units), 0).sum() for units in (0, line.arrives[1]))
    level = shop.settings.service_level
    worth = np.broadcast_to(shop.turnover, len(shop.mean))[item] / shop.mean[item]
    return float((bare - fed) / WEEK * worth * level / (1 - level))
