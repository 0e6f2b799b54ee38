# SPDX-License-Identifier: GPL-3.0-or-later
"""Eighteen months of movements, written in bulk, and the physical counts among them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from atelier.data import FIRST_DAY, Company, Item
from atelier.erp import Erp
from atelier.masters import Masters
from atelier.plan import Flow, Plan
from atelier.settings import Settings

_CHUNK = 500


def write_past(
    erp: Erp, settings: Settings, company: Company, masters: Masters, plan: Plan
) -> None:
    """Write the movements that no document carries, and the opening inventory."""
    with erp.transaction() as transaction:
        warehouse = erp.model("stock.location")(masters.warehouse)
        places = {
            "storage": warehouse.storage_location.id,
            "production": warehouse.production_location.id,
            "supplier": erp.xml_id("stock", "location_supplier"),
            "customer": erp.xml_id("stock", "location_customer"),
        }
        Product = erp.model("product.product")
        units = {code: Product(i).default_uom.id for code, i in masters.products.items()}
        rows = [
            _row(settings, company.items[flow.item], flow, places)
            | {"product": masters.products[flow.item], "unit": units[flow.item]}
            for flow in plan.flows
            if not flow.documented
        ]
        _insert(erp, transaction, rows)
    erp.today = FIRST_DAY - timedelta(days=1)
    with erp.transaction():
        count(erp, settings, masters, plan.opening)


def _row(settings: Settings, item: Item, flow: Flow, places: dict[str, int]) -> dict[str, Any]:
    place, storage = places[flow.place], places["storage"]
    priced = flow.place in ("supplier", "customer") or flow.quantity > 0
    price = Decimal(str((item.price or 0) if flow.place == "customer" else item.cost))
    written = datetime.combine(flow.day, time(17))
    return {
        "company": settings.company,
        "quantity": abs(flow.quantity),
        "internal_quantity": abs(flow.quantity),
        "from_location": place if flow.quantity > 0 else storage,
        "to_location": storage if flow.quantity > 0 else place,
        "planned_date": flow.day,
        "effective_date": flow.day,
        "state": "done",
        "unit_price": price if priced else None,
        "currency": settings.currency if priced else None,
        "cost_price": Decimal(str(item.cost)),
        "create_date": written,
        "create_uid": 1,
    }


def _insert(erp: Erp, transaction: Any, rows: list[dict[str, Any]]) -> None:
    """``stock.move`` refuses to be created done, and the way through its buttons costs minutes."""
    Move = erp.model("stock.move")
    table, cursor = Move.__table__(), transaction.connection.cursor()
    names = list(rows[0])
    columns = [getattr(table, name) for name in names]
    to_sql = [getattr(Move, name).sql_format for name in names]
    for start in range(0, len(rows), _CHUNK):
        values = [
            [convert(row[name]) for name, convert in zip(names, to_sql, strict=True)]
            for row in rows[start : start + _CHUNK]
        ]
        cursor.execute(*table.insert(columns, values))


def count(erp: Erp, settings: Settings, masters: Masters, found: dict[str, float]) -> None:
    """A physical count of the storage zone, today; what differs becomes movements."""
    Inventory, Line = erp.model("stock.inventory"), erp.model("stock.inventory.line")
    warehouse = erp.model("stock.location")(masters.warehouse)
    inventory = Inventory(
        location=warehouse.storage_location,
        date=erp.today,
        company=settings.company,
        empty_quantity="keep",
    )
    inventory.save()
    erp.save(
        [
            Line(inventory=inventory, product=masters.products[code], quantity=quantity)
            for code, quantity in found.items()
        ]
    )
    Inventory.complete_lines([Inventory(inventory.id)], fill=False)
    Inventory.confirm([Inventory(inventory.id)])
