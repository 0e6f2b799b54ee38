"""Place a purchase order: a keyed draft first, then the confirmation that binds us."""

from regisseur.tools.actions.place_purchase_order.arguments import OrderedItem, PlacePurchaseOrder
from regisseur.tools.actions.place_purchase_order.guards import (
    MORE_ON_ORDER,
    MORE_TO_HAND,
    PRICE_RISE,
    Ordering,
    known_on_hand,
    known_outstanding,
)
from regisseur.tools.actions.place_purchase_order.kind import PlaceOrderKind

__all__ = [
    "KIND",
    "MORE_ON_ORDER",
    "MORE_TO_HAND",
    "PRICE_RISE",
    "OrderedItem",
    "Ordering",
    "PlaceOrderKind",
    "PlacePurchaseOrder",
    "known_on_hand",
    "known_outstanding",
]

KIND = PlaceOrderKind()
