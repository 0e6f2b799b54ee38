"""Suppliers, what they offer, and orders placed with them."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from regisseur.tools.records.base import Record, RecordRef
from regisseur.tools.records.items import Unit
from regisseur.tools.records.money import Currency

OrderState = Literal["draft", "quoted", "confirmed", "received", "cancelled"]
"""``draft`` binds nobody; ``quoted`` awaits the last yes; ``confirmed`` binds us."""


class Supplier(Record):
    """A party we may buy from."""

    id: str
    name: str
    code: str = ""
    active: bool = True
    email: str | None = None
    language: str | None = None
    url: str | None = None


class PriceBreak(Record):
    """From this quantity on (in the offer's unit), one unit costs this much."""

    minimum: Decimal
    unit_price: Decimal


class Offer(Record):
    """What one supplier asks for one item; all quantities in the offer's own unit."""

    id: str
    item_id: str
    supplier_id: str
    unit: Unit
    currency: Currency
    breaks: tuple[PriceBreak, ...] = ()
    """By ascending minimum; empty where the ERP knows no price."""
    lead_time: int | None = None
    """Days from order to receipt as agreed; ``None`` where nobody entered it."""
    minimum_quantity: Decimal = Decimal(0)
    multiple: Decimal = Decimal(0)
    """Pack size: orders are a multiple of it; 0 where any quantity can be had."""
    code: str = ""
    rank: int = 0
    """The company's own order of preference, lowest first."""
    active: bool = True

    def price_for(self, quantity: Decimal) -> Decimal | None:
        """Unit price at this quantity, or ``None`` where no break applies."""
        reached = [step.unit_price for step in self.breaks if step.minimum <= quantity]
        return reached[-1] if reached else None


class PurchaseOrderLine(Record):
    """One line of an order in the ERP."""

    id: str
    item_id: str | None
    quantity: Decimal
    outstanding: Decimal
    """Not received yet, same unit."""
    unit: Unit
    unit_price: Decimal
    expected: date | None = None
    """When the ERP expects it; in the past means late."""


class PurchaseOrder(Record):
    """An order as the ERP has it now."""

    id: str
    number: str | None
    key: str | None
    """The searchable reference; ours begins with the product's prefix."""
    supplier_id: str
    warehouse_id: str | None
    currency: Currency
    state: OrderState
    ordered_on: date | None
    lines: tuple[PurchaseOrderLine, ...]
    stamp: str | None = None
    """The ERP's optimistic lock, where it has one."""
    ours_untouched: bool = False
    """Made by our own user and written by nobody else since."""
    url: str | None = None

    def ref(self) -> RecordRef:
        """A link to this order."""
        return RecordRef(
            model="purchase_order", id=self.id, label=self.number or self.key or "", url=self.url
        )


class DraftOrderLine(Record):
    """One line to be written."""

    item_id: str
    offer_id: str
    quantity: Decimal = Field(gt=0)
    unit: Unit
    unit_price: Decimal = Field(ge=0)
    expected: date


class DraftOrder(Record):
    """An order to be written as an inert draft, found again by its key."""

    supplier_id: str
    warehouse_id: str
    currency: Currency
    on: date
    lines: tuple[DraftOrderLine, ...] = Field(min_length=1)


class Receipt(Record):
    """A past receipt: how long a supplier really took."""

    supplier_id: str
    item_id: str
    ordered_on: date
    received_on: date
    quantity: Decimal
