"""Writing purchase orders: an inert keyed draft, then the confirmation that binds.

A plain ``create`` runs no ``on_change``, and Tryton then accepts an order without taxes, payment
term or invoice address. So the questions that Tryton's own client asks are asked first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton.catalogue import offer_number
from regisseur.tools.erp.tryton.client import Row, Session
from regisseur.tools.erp.tryton.errors import Warned
from regisseur.tools.erp.tryton.orders import MODEL, TrytonOrders
from regisseur.tools.erp.tryton.values import number
from regisseur.tools.records import DraftOrder, DraftOrderLine, PurchaseOrder

_FROM_PARTY = ("invoice_party", "invoice_address", "payment_term", "invoice_method")
HARMLESS_WARNINGS: frozenset[str] = frozenset()
"""Ends of the names of warnings that are confirmed without asking a person.

None so far: the modules known to us raise no warning while quoting or confirming, and what others
warn of is for a person to weigh.
"""


class TrytonOrdering(TrytonOrders):
    """The writing part of the port ``Purchasing``."""

    async def draft_order(self, key: str, order: DraftOrder) -> str:
        """Write a draft with taxes, terms and addresses as Tryton's client would.

        Price, unit and date are those of the order. A date is only written where it differs from
        Tryton's own, which stays out of its statistics of lead times otherwise.
        """
        session = await self.client.session()
        currency = await self._currency(order.currency)
        offers = await self._offers(order)
        header = await self._header(session, order, currency)
        lines = [
            await self._line_values(session, order, line, header, offers[line.offer_id])
            for line in order.lines
        ]
        values = {
            "company": session.company,
            "party": number(order.supplier_id),
            "reference": key,
            "purchase_date": order.on,
            "warehouse": number(order.warehouse_id),
            "currency": currency,
            **header,
            "lines": [["create", lines]],
        }
        created = await self.client.write(f"model.{MODEL}.create", [values])
        return str(created[0])

    async def discard_draft(self, order: PurchaseOrder) -> None:
        """Delete the draft unless somebody changed it since it was read."""
        _need_state(order, "draft")
        await self.client.write(f"model.{MODEL}.delete", [number(order.id)], **_stamp(order))

    async def confirm_order(self, order: PurchaseOrder) -> None:
        """Quote and confirm, skipping what is done already.

        Refused where the order was changed since it was read, or cancelled. Once confirmed the
        order is processed by Tryton itself, at once or when its settings say so.
        """
        now = await self.read_order(order.id)
        if now is None:
            raise VendorRefused(f"There is no purchase order {order.id} in Tryton any more.")
        if now.state in ("confirmed", "received"):
            return
        if now.state == "cancelled":
            raise VendorRefused(f"Purchase order {order.id} was cancelled in Tryton.")
        if now.state == order.state and now.stamp != order.stamp:
            raise VendorRefused(
                f"Somebody changed purchase order {order.id} since it was read; nothing was done."
            )
        if now.state == "draft":
            await self._press("quote", order.id, _stamp(now))
        await self._press("confirm", order.id, {})

    async def change_line(
        self, order: PurchaseOrder, line_id: str, *, quantity: Decimal, expected: date | None
    ) -> None:
        """Change one line of a draft; the unit price stays, ``expected=None`` keeps the date."""
        _need_state(order, "draft")
        line = next((one for one in order.lines if one.id == line_id), None)
        if line is None:
            raise VendorRefused(f"Purchase order {order.id} has no line {line_id}.")
        if quantity <= 0:
            raise VendorRefused("A line needs a quantity above zero.")
        values: Row = {"quantity": float(quantity)}
        if expected is not None and expected != line.expected:
            values |= _fixed_date(expected)
        change = {"lines": [["write", [number(line_id)], values]]}
        await self.client.write(f"model.{MODEL}.write", [number(order.id)], change, **_stamp(order))

    async def _press(self, button: str, order_id: str, context: Mapping[str, Any]) -> None:
        """Call a button; only warnings known to be harmless are confirmed on the way."""
        for _ in range(1 + len(HARMLESS_WARNINGS)):
            try:
                await self.client.write(f"model.{MODEL}.{button}", [number(order_id)], **context)
                return
            except Warned as warning:
                if warning.name.rpartition(".")[2] not in HARMLESS_WARNINGS:
                    raise
                await self.client.write("model.res.user.warning.skip", warning.name, False)

    async def _currency(self, code: str) -> int:
        rows = await self.client.read_all("currency.currency", [["code", "=", code]], ["code"])
        if not rows:
            raise VendorRefused(f"Tryton has no active currency {code}.")
        return int(rows[0]["id"])

    async def _offers(self, order: DraftOrder) -> dict[str, Row]:
        """Tryton's supplier price behind each line, which must be this supplier's."""
        numbers = {line.offer_id: offer_number(line.offer_id) for line in order.lines}
        rows = await self.client.read_ids(
            "purchase.product_supplier",
            "id",
            list(numbers.values()),
            [["party", "=", number(order.supplier_id)]],
            ["lead_time_used"],
        )
        found = {row["id"]: row for row in rows}
        for offer_id, priced in numbers.items():
            if priced not in found:
                raise VendorRefused(
                    f"Supplier {order.supplier_id} has no offer {offer_id} in Tryton any more."
                )
        return {offer_id: found[priced] for offer_id, priced in numbers.items()}

    async def _header(self, session: Session, order: DraftOrder, currency: int) -> Row:
        known = {
            "party": number(order.supplier_id),
            "company": session.company,
            "currency": currency,
            "lines": [],
        }
        asked = await self._depends(MODEL, "party")
        values = {name: known.get(name) for name in asked}
        answer = await self.client.read(f"model.{MODEL}.on_change", {**values, **known}, ["party"])
        return {name: answer[name] for name in _FROM_PARTY if name in answer}

    async def _line_values(
        self, session: Session, order: DraftOrder, line: DraftOrderLine, header: Row, offer: Row
    ) -> Row:
        values: Row = {
            "type": "line",
            "product": number(line.item_id),
            "product_supplier": offer["id"],
            "quantity": float(line.quantity),
            "unit": number(line.unit.id),
            "unit_price": line.unit_price,
        }
        known = {
            **values,
            "id": -1,
            "company": session.company,
            "taxes": [],
            "_parent_purchase.company": session.company,
            "_parent_purchase.party": number(order.supplier_id),
            "_parent_purchase.invoice_party": header.get("invoice_party"),
            "_parent_purchase.purchase_date": order.on,
        }
        asked = await self._depends("purchase.line", "product")
        question = {name: known.get(name) for name in {*asked, "id", "taxes"}}
        answer = await self.client.read("model.purchase.line.on_change", question, ["product"])
        if taxes := [tax["id"] for _, tax in (answer.get("taxes") or {}).get("add", [])]:
            values["taxes"] = [["add", taxes]]
        if line.expected != order.on + (offer["lead_time_used"] or timedelta()):
            values |= _fixed_date(line.expected)
        return values

    async def _depends(self, model: str, name: str) -> list[str]:
        """What Tryton wants to know before it says what a change of the field entails."""
        definition = (await self.client.known(model, name))[name]
        return list(definition.get("on_change") or [])


def _need_state(order: PurchaseOrder, state: str) -> None:
    if order.state != state:
        raise VendorRefused(f"Purchase order {order.id} is {order.state}; this needs a {state}.")


def _stamp(order: PurchaseOrder) -> dict[str, Any]:
    """Tryton's optimistic lock, as context: refused if the record was written since."""
    return {"_timestamp": {f"{MODEL},{order.id}": order.stamp}} if order.stamp else {}


def _fixed_date(day: date) -> Row:
    return {"delivery_date_edit": True, "delivery_date_store": day}
