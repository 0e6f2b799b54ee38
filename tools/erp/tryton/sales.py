"""What customers wait for, from the lines of Tryton's sales.

Tryton's days are those on which goods leave, not on which they arrive. What stands for which:

- requested: the sale's ``shipping_date``, entered with the order ("when the shipping of goods
  should start") and frozen once the sale is processed;
- confirmed: the ``planned_date`` of the deliveries that are still to go out. Tryton works it out
  when it processes the sale, and whoever promises another day enters it on the shipment. Before
  the sale is processed it is the line's own ``shipping_date``, which Tryton computes from the
  requested one and the product's lead time;
- expected: nothing; planning works it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.values import converted, quantity
from regisseur.tools.records import SaleLine

_PENDING = ("staging", "draft", "assigned")
_CENT = Decimal("0.01")
_FIELDS = (
    "sale.number",
    "sale.reference",
    "sale.party.name",
    "sale.shipping_date",
    "sale.currency",
    "sale.company.currency",
    "product.default_uom.rate",
    "product.default_uom.factor",
    "quantity",
    "unit.rate",
    "unit.factor",
    "unit_price",
    "shipping_date",
    "moves.state",
    "moves.internal_quantity",
    "moves.planned_date",
)


class TrytonSales:
    """The port ``Sales`` on Tryton."""

    client: Client

    async def open_sales(self) -> Sequence[SaleLine]:
        """Lines for goods of confirmed sales of which something has not left yet."""
        company = (await self.client.session()).company
        rows = await self.client.read_all(
            "sale.line",
            [
                ["sale.company", "=", company],
                ["sale.state", "in", ["confirmed", "processing"]],
                ["sale.shipment_state", "!=", "sent"],
                ["type", "=", "line"],
                ["product.type", "=", "goods"],
                ["quantity", ">", 0],
            ],
            _FIELDS,
        )
        lines = [self._line(row) for row in rows]
        return [line for line in lines if line.outstanding > 0]

    def _line(self, row: Row) -> SaleLine:
        sale = row["sale."]
        pending = [move for move in row["moves."] if move["state"] in _PENDING]
        days = [move["planned_date"] for move in pending if move["planned_date"]]
        outstanding = _outstanding(row, pending)
        in_line_unit = converted(outstanding, row["product."]["default_uom."], row["unit."])
        foreign = sale["currency"] != sale["company."]["currency"]
        price = None if foreign else row["unit_price"]
        return SaleLine(
            id=str(row["id"]),
            sale_id=str(sale["id"]),
            number=sale["number"] or sale["reference"] or None,
            customer_id=str(sale["party."]["id"]),
            customer_name=sale["party."]["name"],
            item_id=str(row["product."]["id"]),
            outstanding=outstanding,
            requested=sale["shipping_date"],
            confirmed=min(days, default=row["shipping_date"]),
            value=None if price is None else (in_line_unit * price).quantize(_CENT),
            url=self.client.link("sale.sale", sale["id"]),
        )


def _outstanding(row: Row, pending: Sequence[Row]) -> Decimal:
    """In the product's stock unit. Deliveries are made when the sale is processed (or when its
    invoice is paid); from then on those that are pending are what still goes out.
    """
    if row["moves."]:
        return sum((quantity(move["internal_quantity"]) for move in pending), Decimal(0))
    ordered, stock_unit = quantity(row["quantity"]), row["product."]["default_uom."]
    return quantity(converted(ordered, row["unit."], stock_unit))
