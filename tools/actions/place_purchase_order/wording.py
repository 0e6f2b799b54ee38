"""Words that comparing and guarding share."""

from __future__ import annotations

from decimal import Decimal

from regisseur.tools.actions.base import Difference
from regisseur.tools.actions.place_purchase_order.arguments import OrderedItem, PlacePurchaseOrder
from regisseur.tools.records import Message, Number, Quantity, Speaker, Unit

say = Speaker("regisseur.tools.actions")


def about(line: OrderedItem) -> Message:
    """How people know the item."""
    return say("{code} {name}", code=line.item_code, name=line.item_name)


def quantity(value: Decimal, unit: Unit) -> Quantity:
    """A number of units, for people."""
    return Quantity(value=value, unit=unit.symbol)


def unit_price_of(price: Decimal, currency: str, unit: Unit) -> Message:
    """Unit prices have more decimals than amounts: 0.0125 EUR/u is not 1 cent."""
    figure = Number(value=price, digits=6)
    return say("{price} {currency}/{unit}", price=figure, currency=currency, unit=unit.symbol)


def price_changed(arguments: PlacePurchaseOrder, line: OrderedItem, now: Decimal) -> Difference:
    """The approved unit price and the one found."""
    return Difference(
        name=say("price of {item}", item=about(line)),
        was=unit_price_of(line.unit_price, arguments.currency, line.unit),
        now=unit_price_of(now, arguments.currency, line.unit),
    )
