"""Disputes of ours as complaints in Tryton (module ``sale_complaint``), found by their reference.

A complaint is opened as a draft: in this state alone Tryton lets people write down what is to be
done about it (a credit note, a return) before they submit it. As long as it is open, the invoice
reads as disputed.
"""

from __future__ import annotations

from collections.abc import Sequence

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.complaints import MODEL
from regisseur.tools.erp.tryton.rights import allowed
from regisseur.tools.erp.tryton.values import model_and_id, number, numbered
from regisseur.tools.records import Dispute, NewDispute

INVOICE = "account.invoice"


class TrytonDisputes:
    """The port ``Disputes``. The user needs to create complaints (Tryton's group for sales may)."""

    client: Client

    async def may_open_disputes(self) -> bool:
        """The module is there, with a type of complaint about invoices."""
        if not await self.client.known(MODEL, "origin"):
            return False
        return await allowed(self.client, MODEL, "create") and bool(await self._types())

    async def find_disputes(self, invoice_id: str, key: str) -> Sequence[Dispute]:
        """Complaints in any state whose reference is the key."""
        invoice = numbered(invoice_id)
        if invoice is None:
            return []
        rows = await self.client.read_all(
            MODEL,
            [["reference", "=", key], ["origin", "=", f"{INVOICE},{invoice}"]],
            ["reference", "origin", "customer", "date", "description", "create_date"],
        )
        return [_dispute(row) for row in rows if row["reference"] == key]

    async def open_dispute(self, key: str, dispute: NewDispute) -> str:
        """A draft of the first type of complaint that is about invoices."""
        invoice = number(dispute.invoice_id)
        company = (await self.client.session()).company
        theirs = [["party", "=", number(dispute.customer_id)], ["company", "=", company]]
        if not await self.client.read_ids(INVOICE, "id", [invoice], theirs, ["number"]):
            raise VendorRefused(
                f"Tryton has no invoice {dispute.invoice_id} of customer {dispute.customer_id}."
            )
        types = await self._types()
        if not types:
            raise VendorRefused(
                "Tryton has no type of complaint about invoices. Make one there: Sales, "
                "Configuration, Complaint types, with the origin Invoice."
            )
        values = {
            "customer": number(dispute.customer_id),
            "company": company,
            "type": types[0]["id"],
            "origin": f"{INVOICE},{invoice}",
            "date": dispute.on,
            "reference": key,
            "description": dispute.text,
        }
        created = await self.client.write(f"model.{MODEL}.create", [values])
        return str(created[0])

    async def _types(self) -> list[Row]:
        about = [["origin.name", "=", INVOICE], ["active", "=", True]]
        return await self.client.read_all(f"{MODEL}.type", about, ["name"])


def _dispute(row: Row) -> Dispute:
    return Dispute(
        id=str(row["id"]),
        key=row["reference"],
        customer_id=str(row["customer"]),
        invoice_id=str(model_and_id(row["origin"])[1]),
        on=row["date"] or row["create_date"].date(),
        text=row["description"] or "",
    )
