"""Writing off what is left of an invoice, by Tryton's own wizard that reconciles lines.

The lines of the invoice that nothing settles yet are reconciled with a write-off: one call makes
and posts the entry, with our key at the end of its description, and pays the invoice. Posted lines
never change, so the lines that were checked make exactly the sum that was approved; and a line is
reconciled once, so that the same call sent twice is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from regisseur.errors import Unsupported, VendorRefused
from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.notes import key_line
from regisseur.tools.erp.tryton.rights import allowed
from regisseur.tools.erp.tryton.values import number, numbered
from regisseur.tools.records import NewWriteOff, WriteOff

INVOICE, LINE = "account.invoice", "account.move.line"
METHOD = "account.move.reconcile.write_off"
_WIZARD = "wizard.account.move.reconcile_lines"
_LINES = tuple(
    f"{lines}.{name}"
    for lines in ("lines_to_pay", "payment_lines")
    for name in ("reconciliation", "debit", "credit", "second_currency")
)


class TrytonWriteOffs:
    """The port ``WriteOffs``. The user needs to write lines of the books, and the company a way to
    write off (with several, the setting ``write_off`` says which).
    """

    client: Client

    async def may_write_off(self) -> bool:
        """Both are there."""
        if not await allowed(self.client, LINE, "write"):
            return False
        try:
            await self._method()
        except VendorRefused:
            return False
        return True

    async def find_write_offs(self, invoice_id: str, key: str) -> Sequence[WriteOff]:
        """Entries with our key that settle a part of the invoice."""
        invoice = numbered(invoice_id)
        rows = [] if invoice is None else await self._read(invoice)
        settled = {
            one["reconciliation"]
            for row in rows
            for one in row["lines_to_pay."]
            if one["reconciliation"]
        }
        found = await self.client.read_ids(
            LINE, "reconciliation", [*settled], [], ["debit", "credit", "move_description_used"]
        )
        return [
            WriteOff(
                id=str(one["id"]),
                invoice_id=invoice_id,
                amount=one["credit"] - one["debit"],
                key=key,
            )
            for one in found
            if (one["move_description_used"] or "").endswith(f" {key_line(key)}")
        ]

    async def write_off(self, key: str, write_off: NewWriteOff) -> None:
        """See above. Refused where another sum is left, or in another currency than the company's."""
        if not await allowed(self.client, LINE, "write"):
            raise VendorRefused(
                f"{self.client.settings.user} may not write lines of the books in Tryton "
                f"({LINE}), which writing off takes. Give the user that right, or write it off "
                "there by hand."
            )
        method, lines = await self._method(), await self._left(write_off)
        records = {"active_model": LINE, "active_id": lines[0], "active_ids": lines}
        session, *_ = await self.client.write(f"{_WIZARD}.create", **records)
        data = {
            "writeoff": {
                "writeoff": method,
                "date": write_off.on,
                "description": f"{write_off.text} {key_line(key)}",
            }
        }
        await self.client.write(f"{_WIZARD}.execute", session, data, "reconcile", **records)
        await self.client.write(f"{_WIZARD}.delete", session, **records)

    async def _left(self, write_off: NewWriteOff) -> list[int]:
        """The lines of the invoice that nothing settles, if they make exactly this sum."""
        rows = await self._read(number(write_off.invoice_id))
        if not rows or rows[0]["state"] != "posted":
            raise VendorRefused(f"Tryton has no open invoice {write_off.invoice_id}.")
        (row,) = rows
        lines = [
            one
            for name in ("lines_to_pay.", "payment_lines.")
            for one in row[name]
            if not one["reconciliation"]
        ]
        currency = row["currency."]["code"]
        if currency != write_off.currency or any(one["second_currency"] for one in lines):
            raise Unsupported("Only what is left in the company's own currency is written off.")
        left = sum((one["debit"] - one["credit"] for one in lines), Decimal(0))
        if not lines or not left == row["amount_to_pay"] == write_off.amount:
            raise VendorRefused(
                f"Not {write_off.amount} {currency} but {row['amount_to_pay']} is left of invoice "
                f"{row['number']} in Tryton; nothing was written off."
            )
        return [one["id"] for one in lines]

    async def _read(self, invoice: int) -> list[Row]:
        company = (await self.client.session()).company
        return await self.client.read_ids(
            INVOICE,
            "id",
            [invoice],
            [["company", "=", company], ["type", "=", "out"]],
            ["number", "state", "amount_to_pay", "currency.code", *_LINES],
        )

    async def _method(self) -> int:
        """The one to be used; raises VendorRefused where it isn't clear which."""
        company = (await self.client.session()).company
        wanted = self.client.settings.write_off
        found = await self.client.read_all(METHOD, [["company", "=", company]], ["name"])
        chosen = [one for one in found if wanted is None or one["name"] == wanted]
        if len(chosen) == 1:
            return int(chosen[0]["id"])
        if not chosen:
            raise VendorRefused(
                f"Tryton has no write-off method {wanted or ''}".rstrip() + ". Make one there: "
                "Accounting, Configuration, Write-off methods."
            )
        names = ", ".join(one["name"] for one in chosen)
        raise VendorRefused(
            f"Tryton has several write-off methods: {names}. Name one in the setting write_off."
        )
