"""Items, stock, past use and needs, as Tryton knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, overload

from regisseur.tools.erp.together import together
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

_Use = tuple[int, date, Literal["sale", "production"]]
_Totals = defaultdict[_Use, Decimal]
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
        async with together() as reads:
            on_hand = reads.create_task(self._on_hand(number(warehouse_id)))
            known_needs = reads.create_task(needs(self.client, number(warehouse_id)))
            counted = reads.create_task(self._last_counts(warehouse_id))
        reserved: defaultdict[str, Decimal] = defaultdict(Decimal)
        for need in known_needs.result():
            reserved[need.item_id] += need.reserved
        return [
            StockLevel(
                item_id=str(row["id"]),
                warehouse_id=warehouse_id,
                on_hand=quantity(row["quantity"]),
                reserved=reserved[str(row["id"])],
                last_counted=counted.result().get(row["id"]),
            )
            for row in on_hand.result()
        ]

    async def _on_hand(self, warehouse: int) -> list[Row]:
        return await self.client.read_all(
            "product.product",
            _GOODS,
            ["quantity"],
            locations=[warehouse],
            stock_date_end=await self._today(),
            with_childs=True,
        )

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
        pages = self.client.pages(
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
        totals: _Totals = defaultdict(Decimal)
        async for moves in pages:
            _add(moves, use_of, totals)
        return _ByDay(totals)

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


def _add(moves: Sequence[Row], use_of: Mapping[int, str], totals: _Totals) -> None:
    for move in moves:
        amount = quantity(move["internal_quantity"])
        returned = move["to_location"] not in use_of
        use: Literal["sale", "production"] = (
            "production" if use_of.get(move["to_location"]) == "production" else "sale"
        )
        totals[move["product"], move["effective_date"], use] += -amount if returned else amount


class _ByDay(Sequence[Demand]):
    """Daily use, by item. Each record is made when it is asked for: they are as many as all other
    records of a night together, and are summed up at once.
    """

    def __init__(self, totals: _Totals) -> None:
        self._totals = sorted(totals.items())

    def __len__(self) -> int:
        return len(self._totals)

    @overload
    def __getitem__(self, place: int) -> Demand: ...

    @overload
    def __getitem__(self, place: slice) -> list[Demand]: ...

    def __getitem__(self, place: int | slice) -> Demand | list[Demand]:
        found = self._totals[place]
        return [_demand(one) for one in found] if isinstance(found, list) else _demand(found)


def _demand(total: tuple[_Use, Decimal]) -> Demand:
    (product, day, use), amount = total
    return Demand(item_id=str(product), date=day, quantity=amount, use=use)
