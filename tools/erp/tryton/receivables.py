"""The port ``Receivables`` on Tryton's accounts.

The user needs to read customer invoices and their lines, lines of the books, complaints and
dunnings where these modules are there, and parties with addresses and contacts; a note on a party
can only be written by who may write the party.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from regisseur.tools.erp.together import together
from regisseur.tools.erp.tryton.client import Domain, Row
from regisseur.tools.erp.tryton.customers import TrytonCustomers
from regisseur.tools.erp.tryton.invoices import MODEL, TrytonInvoices
from regisseur.tools.erp.tryton.reminders import TrytonReminders
from regisseur.tools.erp.tryton.values import model_and_id, numbered
from regisseur.tools.records import Customer, Document, UnappliedPayment

_MONEY_JOURNALS = ("cash", "statement")
_PDF = "application/pdf"


class TrytonReceivables(TrytonCustomers, TrytonInvoices, TrytonReminders):
    """What customers owe, what they paid, and what was said to them about it."""

    async def customers(self) -> Sequence[Customer]:
        """Every party that was ever invoiced or paid something that is on no invoice.

        Tryton marks no party as a customer, so these two are what makes one.
        """
        company = (await self.client.session()).company
        ours = [["company", "=", company], ["type", "=", "out"]]
        async with together() as reads:
            invoiced = reads.create_task(self.client.read_all(MODEL, ours, ["party"]))
            paying = reads.create_task(self._unapplied())
        return await self._parties({row["party"] for row in invoiced.result() + paying.result()})

    async def unapplied_payments(self) -> Sequence[UnappliedPayment]:
        """Credits on customers' accounts that are reconciled with nothing."""
        return [_unapplied(row) for row in await self._unapplied()]

    async def last_payment(self) -> date | None:
        """The newest credit on a customer's account from a journal of money (cash, statement)."""
        newest = await self.client.read(
            "model.account.move.line.search_read",
            [*await self._credits(), ["journal.type", "in", list(_MONEY_JOURNALS)]],
            0,
            1,
            [["date", "DESC"], ["id", "DESC"]],
            ["date"],
        )
        return newest[0]["date"] if newest else None

    async def invoice_document(self, invoice_id: str) -> Document | None:
        """The report that Tryton has kept of the invoice if it is a PDF, else an attached PDF
        whose name contains the invoice's number; any other paper is none of the customer's.
        """
        invoice_number = numbered(invoice_id)
        if invoice_number is None:
            return None
        rows = await self.client.read_all(
            MODEL,
            [["id", "=", invoice_number], ["type", "=", "out"]],
            ["number", "invoice_report_cache", "invoice_report_format"],
        )
        if not rows or not rows[0]["number"]:
            return None
        (invoice,) = rows
        if invoice["invoice_report_format"] == "pdf" and invoice["invoice_report_cache"]:
            return _pdf(f"{invoice['number']}.pdf", invoice["invoice_report_cache"])
        attached = await self.client.read_all(
            "ir.attachment",
            [["resource", "=", f"{MODEL},{invoice_id}"], ["type", "=", "data"]],
            ["name", "data"],
        )
        found = [row for row in attached if _shows(row, invoice["number"])]
        return _pdf(found[-1]["name"], found[-1]["data"]) if found else None

    async def _credits(self) -> list[Domain]:
        company = (await self.client.session()).company
        return [
            ["account.company", "=", company],
            ["account.type.receivable", "=", True],
            ["party", "!=", None],
            ["move_state", "=", "posted"],
            ["OR", ["credit", ">", 0], ["debit", "<", 0]],
        ]

    async def _unapplied(self) -> list[Row]:
        rows = await self.client.read_all(
            "account.move.line",
            [
                *await self._credits(),
                ["reconciliation", "=", None],
                ["invoice_payments", "=", None],
            ],
            [
                "party",
                "date",
                "debit",
                "credit",
                "currency.code",
                "second_currency.code",
                "amount_second_currency",
                "description_used",
                "move_description_used",
                "move",
                "move_origin",
            ],
        )
        billed = await self._moves_of_invoices(rows)
        return [row for row in rows if row["move"] not in billed]

    async def _moves_of_invoices(self, rows: Sequence[Row]) -> set[int]:
        """Moves that are a credit note, and no payment for an invoice, which has the same origin."""
        origins = [model_and_id(row["move_origin"]) for row in rows]
        ids = [number for model, number in origins if model == MODEL]
        fields = ["move", "cancel_move", "additional_moves"]
        found = await self.client.read_ids(MODEL, "id", ids, [], fields)
        return {
            move
            for row in found
            for move in (row["move"], row["cancel_move"], *row["additional_moves"])
            if move
        }


def _unapplied(row: Row) -> UnappliedPayment:
    foreign = row["second_currency."]
    amount = row["amount_second_currency"] if foreign else row["credit"] - row["debit"]
    return UnappliedPayment(
        id=str(row["id"]),
        customer_id=str(row["party"]),
        on=row["date"],
        amount=Decimal(abs(amount)),
        currency=(foreign or row["currency."])["code"],
        text=row["description_used"] or row["move_description_used"] or "",
    )


def _shows(attachment: Row, number: str) -> bool:
    """Whether it is a PDF named by the number, however that is punctuated, and by no longer one."""
    parts = r"[\W_]*".join(map(re.escape, re.findall(r"[^\W_]+", number)))
    named = re.search(rf"(?<![^\W_]){parts}(?![^\W_])", attachment["name"] or "", re.IGNORECASE)
    return named is not None and (attachment["data"] or b"").startswith(b"%PDF-")


def _pdf(name: str, content: bytes) -> Document:
    return Document(name=name.replace("/", "-"), media_type=_PDF, content=content)
