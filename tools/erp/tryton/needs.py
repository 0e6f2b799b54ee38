"""Known needs of a warehouse, from moves that have not left it yet.

A delivery has two moves for the same goods: storage to output (the picking, whose origin is the
other move) and output to customer. Only the second is a need; the first says how much of it is
already assigned. Production inputs are needs of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.values import converted, model_and_id, quantity
from regisseur.tools.records import RecordRef, Requirement

_FIELDS = (
    "product",
    "internal_quantity",
    "planned_date",
    "state",
    "origin",
    "shipment",
    "shipment.state",
    "shipment.number",
    "to_location.type",
)
_PRODUCTION_FIELDS = (
    "production_input",
    "production_input.state",
    "production_input.number",
    "production_input.planned_start_date",
)
_FIRM_PRODUCTION = ("waiting", "assigned", "running")
_FIRM_SALE = ("confirmed", "processing", "done")
_PICKED = ("picked", "packed")


@dataclass(frozen=True)
class Need:
    """Goods that will leave a warehouse, in the item's stock unit."""

    item_id: str
    quantity: Decimal
    reserved: Decimal
    """The part of it that is already assigned or picked."""
    day: date | None
    use: Literal["sale", "production"]
    firm: bool
    source: RecordRef

    def requirements(self, warehouse_id: str, today: date) -> list[Requirement]:
        """One record for the reserved part and one for the rest; undated means now."""
        parts = ((self.reserved, True), (self.quantity - self.reserved, False))
        return [
            Requirement(
                item_id=self.item_id,
                warehouse_id=warehouse_id,
                date=self.day or today,
                quantity=part,
                use=self.use,
                firm=self.firm,
                reserved=reserved,
                source=self.source,
            )
            for part, reserved in parts
            if part > 0
        ]


async def needs(client: Client, warehouse: int) -> list[Need]:
    """Every open delivery and production input of the warehouse."""
    company = (await client.session()).company
    produces = "production_input" in await client.known("stock.move", "production_input")
    moves = await client.read_all(
        "stock.move",
        [
            ["company", "=", company],
            ["state", "in", ["staging", "draft", "assigned"]],
            ["from_location.type", "=", "storage"],
            ["from_location", "child_of", [warehouse], "parent"],
        ],
        [*_FIELDS, *(_PRODUCTION_FIELDS if produces else ())],
    )
    picked = _picked(moves)
    sales = await _sales(client, moves)
    found = [
        _delivery(client, move, picked, sales)
        for move in moves
        if move["to_location."]["type"] == "customer"
    ]
    found += [_input(client, move) for move in moves if move.get("production_input")]
    return found + await _not_yet_moved(client, warehouse)


def _picked(moves: Iterable[Row]) -> Mapping[int, Decimal]:
    """Quantity assigned in picking moves, by the id of the delivery move they serve."""
    found: defaultdict[int, Decimal] = defaultdict(Decimal)
    for move in moves:
        model, move_id = model_and_id(move["origin"])
        if model == "stock.move" and move["state"] == "assigned":
            found[move_id] += quantity(move["internal_quantity"])
    return found


async def _sales(client: Client, moves: Iterable[Row]) -> dict[int, Row]:
    """The sale of each sale line that the moves come from, by the line's id."""
    origins = [model_and_id(move["origin"]) for move in moves]
    lines = [line_id for model, line_id in origins if model == "sale.line"]
    rows = await client.read_ids(
        "sale.line", "id", lines, [], ["sale.number", "sale.reference", "sale.state"]
    )
    return {row["id"]: row["sale."] for row in rows}


def _delivery(
    client: Client, move: Row, picked: Mapping[int, Decimal], sales: Mapping[int, Row]
) -> Need:
    amount = quantity(move["internal_quantity"])
    shipment = move.get("shipment.") or {}
    ready = move["state"] == "assigned" or shipment.get("state") in _PICKED
    sale = sales.get(model_and_id(move["origin"])[1])
    if sale:
        firm = sale["state"] in _FIRM_SALE
        source = client.ref("sale", sale["id"], sale["number"] or sale["reference"])
    else:
        firm = shipment.get("state", "draft") != "draft"
        source = client.ref("delivery", shipment.get("id", ""), shipment.get("number"))
    return Need(
        item_id=str(move["product"]),
        quantity=amount,
        reserved=amount if ready else min(amount, picked.get(move["id"], Decimal(0))),
        day=move["planned_date"],
        use="sale",
        firm=firm,
        source=source,
    )


def _input(client: Client, move: Row) -> Need:
    production: dict[str, Any] = move["production_input."]
    amount = quantity(move["internal_quantity"])
    return Need(
        item_id=str(move["product"]),
        quantity=amount,
        reserved=amount if move["state"] == "assigned" else Decimal(0),
        day=move["planned_date"] or production["planned_start_date"],
        use="production",
        firm=production["state"] in _FIRM_PRODUCTION,
        source=client.ref("production", production["id"], production["number"]),
    )


async def _not_yet_moved(client: Client, warehouse: int) -> list[Need]:
    """Lines of confirmed sales whose moves are still to be made (where Tryton waits with them)."""
    if not await client.known("sale.line", "moves"):
        return []
    company = (await client.session()).company
    rows = await client.read_all(
        "sale.line",
        [
            ["sale.company", "=", company],
            ["sale.state", "=", "confirmed"],
            ["sale.warehouse", "=", warehouse],
            ["type", "=", "line"],
            ["product.type", "=", "goods"],
            ["quantity", ">", 0],
        ],
        [
            "product",
            "quantity",
            "shipping_date",
            "moves",
            "unit.rate",
            "unit.factor",
            "product.default_uom.rate",
            "product.default_uom.factor",
            "sale.number",
            "sale.reference",
        ],
    )
    return [_ordered(client, row) for row in rows if not row["moves"]]


def _ordered(client: Client, line: Row) -> Need:
    sale = line["sale."]
    return Need(
        item_id=str(line["product"]),
        quantity=converted(
            quantity(line["quantity"]), line["unit."], line["product."]["default_uom."]
        ),
        reserved=Decimal(0),
        day=line["shipping_date"],
        use="sale",
        firm=True,
        source=client.ref("sale", sale["id"], sale["number"] or sale["reference"]),
    )
