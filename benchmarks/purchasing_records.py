"""What an ERP would show of the shop of ``purchasing_shop.py``."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from regisseur.agents.purchasing.forecast import Floats
from regisseur.agents.purchasing.observation import Use
from regisseur.tools.records import (
    Company,
    Offer,
    PriceBreak,
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    RecordRef,
    Requirement,
    StockLevel,
    Unit,
    Warehouse,
)

FIRST_NIGHT = date(2026, 1, 5)
COMPANY = Company(id="c", name="Company")
PIECE = Unit(id="u", symbol="u", category="unit", factor=Decimal(1))
MAIN = Warehouse(id="1", name="Main")


@dataclass(frozen=True)
class Terms:
    """On what an item is bought: days agreed, steps of quantity, and prices, the basic one 1."""

    supplier: str
    agreed: int
    minimum: int = 0
    multiple: int = 0
    breaks: tuple[tuple[int, float], ...] = ((0, 1.0),)
    """From so many units on, so much of the basic price."""

    def price(self, units: float) -> float:
        """Share of the basic price that this quantity costs."""
        return next(share for least, share in reversed(self.breaks) if least <= units)


@dataclass(frozen=True)
class Order:
    """One item on its way."""

    item: int
    units: float
    ordered: int
    expected: int
    arrives: int


def exact(value: float) -> Decimal:
    """A figure as the ERP has it."""
    return Decimal(repr(round(float(value), 6)))


def offer(item: int, terms: Terms, price: float) -> Offer:
    """What the supplier asks."""
    return Offer(
        id=f"o{item}",
        item_id=str(item),
        supplier_id=terms.supplier,
        unit=PIECE,
        currency=COMPANY.currency,
        breaks=tuple(
            PriceBreak(minimum=Decimal(least), unit_price=exact(share * price))
            for least, share in terms.breaks
        ),
        lead_time=terms.agreed,
        minimum_quantity=Decimal(terms.minimum),
        multiple=Decimal(terms.multiple),
    )


def open_order(number: int, order: Order) -> PurchaseOrder:
    """An order that is on its way."""
    units = exact(order.units)
    line = PurchaseOrderLine(
        id=f"l{number}",
        item_id=str(order.item),
        quantity=units,
        outstanding=units,
        unit=PIECE,
        unit_price=Decimal(1),
        expected=FIRST_NIGHT + timedelta(days=order.expected),
    )
    return PurchaseOrder(
        id=f"p{number}",
        number=None,
        key=None,
        supplier_id="",
        warehouse_id=MAIN.id,
        currency=COMPANY.currency,
        state="confirmed",
        ordered_on=FIRST_NIGHT + timedelta(days=order.ordered),
        lines=(line,),
    )


def stock_level(item: int, net: float, on: date) -> StockLevel:
    """What lies there; a backorder is none."""
    return StockLevel(
        item_id=str(item),
        warehouse_id=MAIN.id,
        on_hand=Decimal(round(max(net, 0.0))),
        last_counted=on - timedelta(days=30),
    )


def uses(past: Floats, on: date) -> list[Use]:
    """Weeks of use. History begins with the first week kept: all items are known since then."""
    weeks = past.shape[1]
    return [
        Use(
            item_id=str(n),
            first=on - timedelta(weeks=weeks),
            last=on - timedelta(weeks=weeks - int(np.flatnonzero(row)[-1])) + timedelta(days=3),
            sold=tuple(row.tolist()),
        )
        for n, row in enumerate(past)
        if row.any()
    ]


def waiting(net: Floats, on: date) -> list[Requirement]:
    """Backorders, as sales due yesterday."""
    return [
        Requirement(
            item_id=str(n),
            warehouse_id=MAIN.id,
            date=on - timedelta(days=1),
            quantity=exact(-units),
            use="sale",
            firm=True,
            source=RecordRef(model="sale", id=str(n)),
        )
        for n, units in enumerate(net)
        if units < 0
    ]


def receipt(terms: Terms, item: int, day: int, took: int) -> Receipt:
    """Of an order of that day."""
    ordered_on = FIRST_NIGHT + timedelta(days=day)
    return Receipt(
        supplier_id=terms.supplier,
        item_id=str(item),
        ordered_on=ordered_on,
        received_on=ordered_on + timedelta(days=took),
        quantity=Decimal(1),
    )
