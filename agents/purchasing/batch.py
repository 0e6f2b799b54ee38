"""Lines become orders: by supplier, within the cash limit, above the supplier's minimum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from regisseur.agents.purchasing.line import Line
from regisseur.agents.purchasing.settings import PurchasingSettings, Terms

Spares = Callable[[str, str], Sequence[tuple[float, Line]]]
"""By supplier and warehouse: days until due, and the line that could be ordered already."""
HeldReason = Literal["below_minimum", "cash_limit"]


@dataclass(frozen=True)
class Order:
    """Lines for one supplier and one warehouse."""

    lines: tuple[Line, ...]
    terms: Terms

    @property
    def total(self) -> Decimal:
        """Before tax and carriage."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def below_minimum(self) -> Decimal:
        """What is missing to the supplier's minimum."""
        return max(self.terms.minimum_order - self.total, Decimal(0))

    @property
    def carriage(self) -> Decimal:
        """Carriage that will be charged."""
        return self.terms.carriage if self.total < self.terms.free_carriage else Decimal(0)


@dataclass(frozen=True)
class HeldLine:
    """A line that was due and is not proposed."""

    line: Line
    reason: HeldReason
    missing: Decimal
    """To the supplier's minimum, or of cash for this line."""


def affordable(
    lines: Sequence[Line], limit: Decimal | None
) -> tuple[list[Line], list[HeldLine], Decimal | None]:
    """Lines within the cash limit: the most avoided shortage cost per euro first.

    Returns what is left of the cash as well, ``None`` without a limit.
    """
    if limit is None:
        return list(lines), [], None
    kept: list[Line] = []
    held: list[HeldLine] = []
    for line in sorted(lines, key=_per_euro):
        if line.amount <= limit:
            kept.append(line)
            limit -= line.amount
        else:
            held.append(HeldLine(line, "cash_limit", line.amount - limit))
    return kept, held, limit


def _per_euro(line: Line) -> tuple[float, tuple[float, float, str, str]]:
    return -round(line.waiting_review / max(float(line.amount), 0.01), 9), line.sort_key()


def batched(
    lines: Sequence[Line], spares: Spares, cash: Decimal | None, settings: PurchasingSettings
) -> tuple[list[Order], list[HeldLine]]:
    """Group by supplier and warehouse; each group is completed, ordered as it is, or held."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in sorted(lines, key=Line.sort_key):
        groups[line.supplier.id, line.case.warehouse.id].append(line)
    orders, held = [], []
    for (supplier, warehouse), group in sorted(groups.items()):
        order = Order(tuple(group), group[0].option.candidate.terms)
        order = _completed(order, spares(supplier, warehouse), cash, settings)
        if order.below_minimum and not any(line.urgent for line in order.lines):
            held += [HeldLine(x, "below_minimum", order.below_minimum) for x in order.lines]
            continue
        if cash is not None:
            cash -= sum((line.amount for line in order.lines if line.top_up), Decimal(0))
        orders.append(order)
    return orders, held


def _completed(
    order: Order,
    spares: Sequence[tuple[float, Line]],
    cash: Decimal | None,
    settings: PurchasingSettings,
) -> Order:
    """Fill up to the minimum, or to free carriage where that is cheaper than paying it."""
    filled = order
    if order.below_minimum:
        filled = _filled(order, spares, order.terms.minimum_order, cash)
    if filled.carriage and not filled.below_minimum:
        free = _filled(filled, spares, order.terms.free_carriage, cash)
        if not free.carriage and _early_cost(free, spares, settings) < order.terms.carriage:
            filled = free
    return filled


def _filled(
    order: Order, spares: Sequence[tuple[float, Line]], wanted: Decimal, cash: Decimal | None
) -> Order:
    """With the items next due until the total is reached; as it was if it can't be."""
    lines = list(order.lines)
    total, there = order.total, {line.case.item.id for line in lines}
    for _, line in spares:
        spent = total - order.total
        if total >= wanted:
            break
        if line.case.item.id in there or (cash is not None and spent + line.amount > cash):
            continue
        lines.append(line)
        total += line.amount
    return Order(tuple(lines), order.terms) if total >= wanted else order


def _early_cost(
    order: Order, spares: Sequence[tuple[float, Line]], settings: PurchasingSettings
) -> Decimal:
    """Cost of holding what is bought before it is due."""
    early = {line.case.item.id: days for days, line in spares}
    cost = sum(
        float(line.amount) * settings.holding_rate * early.get(line.case.item.id, 0.0) / 365
        for line in order.lines
        if line.top_up
    )
    return Decimal(repr(cost))
