"""Items, where they lie, what is asked of them and how much was used.

Quantities are decimals in the item's own stock unit unless said otherwise.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from regisseur.tools.records.base import Record, RecordRef


class Unit(Record):
    """A unit of measure. Two units convert only within one ``category`` (weight, length, unit …)."""

    id: str
    symbol: str
    category: str
    factor: Decimal
    """How many reference units of the category one of this unit holds (kg 1, g 0.001)."""
    digits: int = 0
    """Decimals that make sense in this unit."""


class Item(Record):
    """Something kept in stock."""

    id: str
    code: str
    name: str
    unit: Unit
    active: bool = True
    purchasable: bool = True
    producible: bool = False
    cost: Decimal | None = None
    """Cost of one stock unit, company currency."""
    sale_price: Decimal | None = None
    """Usual selling price of one stock unit, company currency; ``None`` where it isn't sold."""
    url: str | None = None


class Warehouse(Record):
    """A place that is replenished as a whole."""

    id: str
    name: str


class StockLevel(Record):
    """What the ERP believes to lie in a warehouse; it may be wrong, even negative."""

    item_id: str
    warehouse_id: str
    on_hand: Decimal
    reserved: Decimal = Decimal(0)
    """Assigned to deliveries or production orders, part of ``on_hand``."""
    last_counted: date | None = None
    """Day of the last inventory count, ``None`` if none is known."""


class Demand(Record):
    """Use of an item on a day (or in a period no longer than a week that starts that day)."""

    item_id: str
    date: date
    quantity: Decimal
    use: Literal["sale", "production"]


class Requirement(Record):
    """A need known in advance: an open customer delivery or the input of a production order."""

    item_id: str
    warehouse_id: str
    date: date
    quantity: Decimal
    """Still to be taken from stock, in the item's stock unit."""
    use: Literal["sale", "production"]
    firm: bool
    """Confirmed, or only planned (a draft or a request)."""
    reserved: bool = False
    """Already counted in the ``reserved`` part of the stock level."""
    source: RecordRef


class ReorderRule(Record):
    """The ERP's own minimum and target, kept as the figure to compare with."""

    item_id: str
    warehouse_id: str
    minimum: Decimal
    target: Decimal
