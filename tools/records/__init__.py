"""The business vocabulary: plain values that every adapter, agent and report speaks in."""

from regisseur.tools.records.base import Record, RecordRef
from regisseur.tools.records.company import Company
from regisseur.tools.records.items import (
    Demand,
    Item,
    ReorderRule,
    Requirement,
    StockLevel,
    Unit,
    Warehouse,
)
from regisseur.tools.records.message import (
    Day,
    Message,
    Number,
    Percent,
    Quantity,
    Speaker,
    Value,
)
from regisseur.tools.records.money import Money
from regisseur.tools.records.purchasing import (
    DraftOrder,
    DraftOrderLine,
    Offer,
    OrderState,
    PriceBreak,
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    Supplier,
)

__all__ = [
    "Company",
    "Day",
    "Demand",
    "DraftOrder",
    "DraftOrderLine",
    "Item",
    "Message",
    "Money",
    "Number",
    "Offer",
    "OrderState",
    "Percent",
    "PriceBreak",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Quantity",
    "Receipt",
    "Record",
    "RecordRef",
    "ReorderRule",
    "Requirement",
    "Speaker",
    "StockLevel",
    "Supplier",
    "Unit",
    "Value",
    "Warehouse",
]
