"""How people call the things of a night."""

from __future__ import annotations

from regisseur.agents.planning.night import Night
from regisseur.agents.planning.words import item_title
from regisseur.tools.records import ProductionOrder


def item_name(night: Night, item_id: str) -> str:
    """Code and name of an item as the ERP has them, its id where it has none."""
    item = night.items.get(item_id)
    return item_title(item) if item else item_id


def order_label(night: Night, order: ProductionOrder) -> str:
    """Its number; a draft has none and is known by what it makes and how much of it."""
    item = night.items.get(order.item_id)
    code = item.code if item and item.code else order.item_label
    return order.number or f"{code} × {order.quantity.normalize():f}"


def centre_name(night: Night, centre_id: str) -> str:
    """Name of a work centre, in use or not."""
    known = (one.name for one in night.workshop.centres if one.id == centre_id)
    return next(known, centre_id)
