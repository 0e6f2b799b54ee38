"""Items, stock, past use and needs, as Tryton knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.needs import needs
from regisseur.tools.erp.tryton.values import number, quantity, unit, unit_fields
from regisseur.tools.records import (
    Demand,
    Item,
    ReorderRule,
    Requirement,
    StockLevel,
    Warehouse,
)

_GOODS = [["template.type", "=", "goods"]]


class TrytonInventory:
    """The port ``Inventory`` on Tryton."""

    client: Client

    async def warehouses(self) -> Sequence[Warehouse]:
        """All active warehouses."""
        rows = await self.client.read_all(
            "stock.location", [["type", "=", "warehouse"]], ["name", "code"]
        )
        return [
            Warehouse(id=str(row["id"]), name=row["name"] or row["code"] or str(row["id"]))
            for row in rows
        ]

    async def items(self) -> Sequence[Item]:
        """All active goods; services and assets are not kept in stock."""
        optional = await self.client.known(
            "product.product", "purchasable", "producible", "salable"
        )
        fields = ["code", "name", "cost_price", "list_price_used", *unit_fields("default_uom")]
        rows = await self.client.read_all("product.product", _GOODS, [*fields, *optional])
        return [self._item(row) for row in rows]

    def _item(self, row: Row) -> Item:
        return Item(
            id=str(row["id"]),
            code=row["code"] or "",
            name=row["name"],
            unit=unit(row["default_uom."]),
            purchasable=bool(row.get("purchasable")),
            producible=bool(row.get("producible")),
            cost=row["cost_price"],
            sale_price=row["list_price_used"] if row.get("salable") else None,
            url=self.client.link("product.product", row["id"]),
        )

    async def stock(self, warehouse_id: str) -> Sequence[StockLevel]:
        """Levels of every active item as of the ERP's own today, in the item's stock unit.

        All zones of the warehouse count; what is picked but not sent yet is reserved.
        """
        rows = await self.client.read_all(
            "product.product",
            _GOODS,
            ["quantity"],
            locations=[number(warehouse_id)],
            stock_date_end=await self._today(),
            with_childs=True,
        )
        reserved: defaultdict[str, Decimal] = defaultdict(Decimal)
        for need in await needs(self.client, number(warehouse_id)):
            reserved[need.item_id] += need.reserved
        counted = await self._last_counts(warehouse_id)
        return [
            StockLevel(
                item_id=str(row["id"]),
                warehouse_id=warehouse_id,
                on_hand=quantity(row["quantity"]),
                reserved=reserved[str(row["id"])],
                last_counted=counted.get(row["id"]),
            )
            for row in rows
        ]

    async def _last_counts(self, warehouse_id: str) -> dict[int, date]:
        """The day of each item's last finished inventory; lines left empty were not counted."""
        session = await self.client.session()
        rows = await self.client.read_all(
            "stock.inventory.line",
            [
                ["inventory.company", "=", session.company],
                ["inventory.state", "=", "done"],
                ["inventory.location", "child_of", [number(warehouse_id)], "parent"],
                ["quantity", "!=", None],
            ],
            ["product", "inventory.date"],
        )
        last: dict[int, date] = {}
        for row in rows:
            day = row["inventory."]["date"]
            last[row["product"]] = max(day, last.get(row["product"], day))
        return last

    async def demand(self, warehouse_id: str, since: date, until: date) -> Sequence[Demand]:
        """Use per item and day, returns by customers subtracted on the day they came back.

        Moves between the warehouse's own zones are no use.
        """
        session = await self.client.session()
        types = ["customer", "production"]
        users = await self.client.read_all(
            "stock.location", [["type", "in", types], ["active", "in", [True, False]]], ["type"]
        )
        use_of = {row["id"]: row["type"] for row in users}
        zones = ["child_of", [number(warehouse_id)], "parent"]
        out = [
            ["from_location.type", "=", "storage"],
            ["from_location", *zones],
            ["to_location.type", "in", types],
        ]
        back = [
            ["from_location.type", "=", "customer"],
            ["to_location.type", "=", "storage"],
            ["to_location", *zones],
        ]
        moves = await self.client.read_all(
            "stock.move",
            [
                ["company", "=", session.company],
                ["state", "=", "done"],
                ["effective_date", ">=", since],
                ["effective_date", "<", until],
                ["OR", out, back],
            ],
            ["product", "internal_quantity", "effective_date", "from_location", "to_location"],
        )
        return _by_day(moves, use_of)

    async def requirements(self, warehouse_id: str) -> Sequence[Requirement]:
        """Open deliveries and production inputs; past dates are overdue, undated means today."""
        found = await needs(self.client, number(warehouse_id))
        today = await self._today()
        return [part for need in found for part in need.requirements(warehouse_id, today)]

    async def reorder_rules(self, warehouse_id: str) -> Sequence[ReorderRule]:
        """Tryton's order points of this warehouse; raises Unsupported without stock_supply."""
        session = await self.client.session()
        rows = await self.client.read_all(
            "stock.order_point",
            [
                ["company", "=", session.company],
                ["location", "=", number(warehouse_id)],
                ["type", "!=", "internal"],
                ["min_quantity", "!=", None],
            ],
            ["product", "min_quantity", "target_quantity"],
        )
        return [
            ReorderRule(
                item_id=str(row["product"]),
                warehouse_id=warehouse_id,
                minimum=quantity(row["min_quantity"]),
                target=quantity(row["target_quantity"]),
            )
            for row in rows
        ]

    async def _today(self) -> date:
        today: date = await self.client.read("model.ir.date.today")
        return today


def _by_day(moves: Sequence[Row], use_of: dict[int, str]) -> list[Demand]:
    totals: defaultdict[tuple[int, date, Literal["sale", "production"]], Decimal]
    totals = defaultdict(Decimal)
    for move in moves:
        amount = quantity(move["internal_quantity"])
        returned = move["to_location"] not in use_of
        use: Literal["sale", "production"] = (
            "production" if use_of.get(move["to_location"]) == "production" else "sale"
        )
        totals[move["product"], move["effective_date"], use] += -amount if returned else amount
    return [
        Demand(item_id=str(product), date=day, quantity=total, use=use)
        for (product, day, use), total in sorted(totals.items())
    ]
