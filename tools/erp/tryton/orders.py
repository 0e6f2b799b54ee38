"""Purchase orders as they stand in Tryton, and what was received on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from regisseur.tools.erp.tryton.client import Client, Domain, Row
from regisseur.tools.erp.tryton.values import (
    converted,
    model_and_id,
    quantity,
    unit,
    unit_fields,
)
from regisseur.tools.records import OrderState, PurchaseOrder, PurchaseOrderLine, Receipt

MODEL = "purchase.purchase"
STATES: dict[str, OrderState] = {
    "draft": "draft",
    "quotation": "quoted",
    "confirmed": "confirmed",
    "processing": "confirmed",
    "done": "received",
    "cancelled": "cancelled",
}
_PENDING = ("staging", "draft", "assigned")
_FIELDS = (
    "number",
    "reference",
    "party",
    "warehouse",
    "currency.code",
    "state",
    "shipment_state",
    "purchase_date",
    "create_uid",
    "write_uid",
    "_timestamp",
    "line_lines.create_uid",
    "line_lines.write_uid",
    "line_lines.product",
    "line_lines.product.default_uom.rate",
    "line_lines.product.default_uom.factor",
    "line_lines.quantity",
    "line_lines.unit_price",
    "line_lines.delivery_date",
    *unit_fields("line_lines.unit"),
    "line_lines.moves.state",
    "line_lines.moves.internal_quantity",
    "line_lines.moves.planned_date",
)


class TrytonOrders:
    """The reading part of the port ``Purchasing`` about orders."""

    client: Client

    async def open_orders(self) -> Sequence[PurchaseOrder]:
        """Orders of which something may still come, drafts and quotations included."""
        return await self._orders(
            [
                ["state", "in", ["draft", "quotation", "confirmed", "processing"]],
                ["shipment_state", "!=", "received"],
            ]
        )

    async def find_orders(self, key: str) -> Sequence[PurchaseOrder]:
        """The key is the order's reference, compared exactly."""
        found = await self._orders([["reference", "=", key]])
        return [order for order in found if order.key == key]

    async def read_order(self, order_id: str) -> PurchaseOrder | None:
        """One order as it is now, ``None`` if there is none."""
        if not order_id.isdecimal():
            return None
        found = await self._orders([["id", "=", int(order_id)]])
        return found[0] if found else None

    async def receipts(self, since: date) -> Sequence[Receipt]:
        """Each received move of an order, in the item's stock unit.

        Asked for by move: to find lines by their moves, Tryton compares each with each.
        """
        company = (await self.client.session()).company
        moves = await self.client.read_all(
            "stock.move",
            [
                ["company", "=", company],
                ["state", "=", "done"],
                ["effective_date", ">=", since],
                ["from_location.type", "=", "supplier"],
                ["origin.purchase.company", "=", company, "purchase.line"],
            ],
            ["product", "origin", "effective_date", "internal_quantity"],
        )
        by_line = [(model_and_id(move["origin"])[1], move) for move in moves]
        fields = ["purchase.party", "purchase.purchase_date"]
        lines = await self.client.read_ids(
            "purchase.line", "id", [line for line, _ in by_line], [], fields
        )
        orders = {line["id"]: line["purchase."] for line in lines}
        return [
            _receipt(orders[line], move)
            for line, move in sorted(by_line, key=_line_and_move)
            if orders[line]["purchase_date"] is not None
        ]

    async def _orders(self, domain: Domain) -> list[PurchaseOrder]:
        session = await self.client.session()
        ours = ["company", "=", session.company]
        rows = await self.client.read_all(MODEL, [ours, *domain], _FIELDS)
        return [self._order(row, session.user_id) for row in rows]

    def _order(self, row: Row, user_id: int) -> PurchaseOrder:
        state = STATES[row["state"]]
        if state == "confirmed" and row["shipment_state"] == "received":
            state = "received"
        lines = row["line_lines."]
        return PurchaseOrder(
            id=str(row["id"]),
            number=row["number"] or None,
            key=row["reference"] or None,
            supplier_id=str(row["party"]),
            warehouse_id=str(row["warehouse"]) if row["warehouse"] else None,
            currency=row["currency."]["code"],
            state=state,
            ordered_on=row["purchase_date"],
            lines=tuple(_line(line, row["state"]) for line in sorted(lines, key=_number)),
            stamp=row["_timestamp"],
            ours_untouched=_untouched([row, *lines], user_id),
            url=self.client.link(MODEL, row["id"]),
        )


def _line_and_move(entry: tuple[int, Row]) -> tuple[int, int]:
    line, move = entry
    return line, move["id"]


def _receipt(order: Row, move: Row) -> Receipt:
    return Receipt(
        supplier_id=str(order["party"]),
        item_id=str(move["product"]),
        ordered_on=order["purchase_date"],
        received_on=move["effective_date"],
        quantity=quantity(move["internal_quantity"]),
    )


def _number(row: Row) -> int:
    return int(row["id"])


def _untouched(rows: Iterable[Row], user_id: int) -> bool:
    return all(row["create_uid"] == user_id and row["write_uid"] in (None, user_id) for row in rows)


def _line(line: Row, state: str) -> PurchaseOrderLine:
    ordered = quantity(line["quantity"])
    pending = [move for move in line["moves."] if move["state"] in _PENDING]
    dates = [move["planned_date"] for move in pending if move["planned_date"]]
    return PurchaseOrderLine(
        id=str(line["id"]),
        item_id=str(line["product"]) if line["product"] else None,
        quantity=ordered,
        outstanding=_outstanding(line, ordered, pending, state),
        unit=unit(line["unit."]),
        unit_price=line["unit_price"] or Decimal(0),
        expected=min(dates, default=None) if line["moves."] else line["delivery_date"],
    )


def _outstanding(line: Row, ordered: Decimal, pending: Iterable[Row], state: str) -> Decimal:
    """In the line's unit. Tryton makes the moves when it processes the order and a new one for
    what a delivery fell short of, so from then on the pending moves are what still comes.
    """
    if state in ("draft", "quotation", "confirmed"):
        return ordered
    coming = sum((quantity(move["internal_quantity"]) for move in pending), Decimal(0))
    if not coming:
        return coming
    return converted(coming, line["product."]["default_uom."], line["unit."]).copy_sign(ordered)
