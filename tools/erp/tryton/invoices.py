"""Customer invoices as they stand in Tryton: what is open on them, since when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from regisseur.tools.erp.together import together
from regisseur.tools.erp.tryton.client import Client, Domain, Row
from regisseur.tools.erp.tryton.complaints import Complaints, complaints
from regisseur.tools.erp.tryton.values import numbered
from regisseur.tools.records import Instalment, Invoice, Settlement

MODEL = "account.invoice"
STATES: dict[str, Literal["open", "paid", "cancelled"]] = {
    "posted": "open",
    "paid": "paid",
    "cancelled": "cancelled",
}
"""Drafts are no invoices yet."""
_AMOUNT = ("debit", "credit", "second_currency", "amount_second_currency")
_FIELDS = (
    "number",
    "party",
    "currency.code",
    "invoice_date",
    "state",
    "total_amount",
    "amount_to_pay",
    "reference",
    "_timestamp",
    "lines_to_pay.maturity_date",
    "lines_to_pay.reconciliation",
    *(f"lines_to_pay.{name}" for name in _AMOUNT),
    *(
        f"{lines}.{name}"
        for lines in ("payment_lines", "reconciliation_lines")
        for name in ("date", *_AMOUNT)
    ),
)
_UNSENT = ("waiting", "partially shipped", "exception")


class TrytonInvoices:
    """The part of the port ``Receivables`` about invoices."""

    client: Client

    async def open_invoices(self) -> Sequence[Invoice]:
        """Posted ones with an amount to pay, oldest first. A debt that was handed on to another
        line of the books (delegated) has none left on its invoice.
        """
        found = await self._invoices([["state", "=", "posted"]])
        return sorted((one for one in found if one.open), key=_age)

    async def past_invoices(self, since: date) -> Sequence[Invoice]:
        """Paid ones by their date; Tryton calls one paid once all of it is reconciled."""
        found = await self._invoices([["state", "=", "paid"], ["invoice_date", ">=", since]])
        return sorted((one for one in found if not one.credit_note), key=_age)

    async def read_invoices(self, invoice_ids: Sequence[str]) -> Sequence[Invoice]:
        """Those of these that were ever posted."""
        ids = sorted({one for one in map(numbered, invoice_ids) if one is not None})
        size = self.client.settings.page_size
        found: list[Invoice] = []
        for start in range(0, len(ids), size):
            found += await self._invoices([["id", "in", ids[start : start + size]]])
        return found

    async def _invoices(self, domain: Domain) -> list[Invoice]:
        session = await self.client.session()
        ours = [["company", "=", session.company], ["type", "=", "out"]]
        known = [["state", "in", list(STATES)], ["invoice_date", "!=", None]]
        async with together() as reads:
            disputed = reads.create_task(complaints(self.client))
            fields = reads.create_task(self._fields())
        rows = await self.client.read_all(MODEL, [*ours, *known, *domain], fields.result())
        return [self._invoice(row, disputed.result()) for row in rows]

    async def _fields(self) -> list[str]:
        """Modules bring some of them; who may not read a field that is there is refused."""
        async with together() as reads:
            line = reads.create_task(
                self.client.known("account.move.line", "dunnings", "payment_direct_debit")
            )
            invoice = reads.create_task(self.client.known(MODEL, "sales"))
        fields = list(_FIELDS)
        if "dunnings" in line.result():
            fields.append("lines_to_pay.dunnings.blocked")
        if "payment_direct_debit" in line.result():
            fields.append("lines_to_pay.payment_direct_debit")
        if "sales" in invoice.result():
            fields += ["sales.invoice_method", "sales.shipment_state", "sales.reference"]
        return fields

    def _invoice(self, row: Row, disputed: Complaints) -> Invoice:
        total, still_open = row["total_amount"], row["amount_to_pay"] or Decimal(0)
        sales = row.get("sales.") or ()
        return Invoice(
            id=str(row["id"]),
            number=row["number"] or "",
            customer_id=str(row["party"]),
            currency=row["currency."]["code"],
            issued=row["invoice_date"],
            credit_note=total < 0,
            state=STATES[row["state"]],
            total=total,
            open=still_open,
            instalments=tuple(_instalments(row, still_open)),
            settlements=tuple(_settlements(row, total - still_open)),
            dispute=disputed.about(row["id"], [sale["id"] for sale in sales]),
            undelivered=any(map(_billed_unsent, sales)),
            reference=row["reference"] or ", ".join(filter(None, map(_reference, sales))),
            stamp=row["_timestamp"],
            url=self.client.link(MODEL, row["id"]),
        )


def _age(invoice: Invoice) -> tuple[date, int]:
    return invoice.issued, int(invoice.id)


def _billed_unsent(sale: Row) -> bool:
    """Sales invoiced as they are delivered never bill what is still here."""
    return sale["invoice_method"] == "order" and sale["shipment_state"] in _UNSENT


def _reference(sale: Row) -> str | None:
    """What the customer calls its order; Tryton doesn't copy it to the invoice."""
    reference: str | None = sale["reference"]
    return reference


def _in_currency(line: Row, currency: int) -> Decimal:
    """What the line adds to the debt, in the invoice's currency; Tryton signs it itself."""
    if line["second_currency"] == currency:
        return Decimal(line["amount_second_currency"])
    return Decimal(line["debit"] - line["credit"])


def _instalments(row: Row, still_open: Decimal) -> Iterable[Instalment]:
    """Each line to pay with its part of what is open.

    A line keeps its full amount until it is reconciled as a whole, so what has been paid on
    account is taken from the oldest ones, and what is left of the difference from the last.
    """
    currency = row["currency."]["id"]
    lines = [(line, _in_currency(line, currency)) for line in _owed(row, currency)]
    lines.sort(key=lambda entry: (_due(entry[0], row), entry[0]["id"]))
    pending = [line["id"] for line, _ in lines if not line["reconciliation"]]
    paid = sum((amount for line, amount in lines if line["id"] in pending), -still_open)
    for line, amount in lines:
        left = Decimal(0)
        if line["id"] in pending:
            taken = paid if line["id"] == pending[-1] else _smaller(paid, amount)
            left, paid = amount - taken, paid - taken
        yield Instalment(
            id=str(line["id"]),
            due=_due(line, row),
            amount=amount,
            open=left,
            means="direct_debit" if line.get("payment_direct_debit") else "unknown",
            blocked=any(dunning["blocked"] for dunning in line.get("dunnings.") or ()),
        )


def _owed(row: Row, currency: int) -> list[Row]:
    """The lines to pay without those that a new schedule has replaced: they cancel out."""
    by_reconciliation: dict[int, Decimal] = {}
    for line in row["lines_to_pay."]:
        if line["reconciliation"]:
            total = by_reconciliation.get(line["reconciliation"], Decimal(0))
            by_reconciliation[line["reconciliation"]] = total + _in_currency(line, currency)
    return [
        line for line in row["lines_to_pay."] if by_reconciliation.get(line["reconciliation"], 1)
    ]


def _smaller(paid: Decimal, amount: Decimal) -> Decimal:
    """The part of what was paid that this line can take."""
    if paid * amount <= 0:
        return Decimal(0)
    return min(paid, amount, key=abs)


def _due(line: Row, row: Row) -> date:
    due: date = line["maturity_date"] or row["invoice_date"]
    return due


def _settlements(row: Row, paid: Decimal) -> Iterable[Settlement]:
    """What was put on this invoice, then what else it was reconciled with, as far as it was paid:
    one payment may settle several invoices, and then Tryton keeps no share of each.
    """
    if row["state"] == "cancelled":
        return
    currency = row["currency."]["id"]
    lines: dict[int, Row] = {}
    for line in [*row["payment_lines."], *row["reconciliation_lines."]]:
        lines.setdefault(line["id"], line)
    found: list[Settlement] = []
    for line in lines.values():
        amount = _smaller(paid, -_in_currency(line, currency))
        if amount:
            found.append(Settlement(on=line["date"], amount=amount))
            paid -= amount
    yield from sorted(found, key=lambda one: one.on)
