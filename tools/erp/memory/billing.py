"""How a test fills the in-memory ERP with customers who owe, and lets them pay."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from regisseur.tools.erp.memory.records import KeptDocument, Records, by_id, replaced
from regisseur.tools.records import (
    Channel,
    Contact,
    Customer,
    Document,
    Instalment,
    Invoice,
    PaymentMeans,
    Reminder,
    Settlement,
    UnappliedPayment,
)

Figure = Decimal | int | str
TERM = timedelta(days=30)


class Billing(ABC):
    """Builders: each adds one record, or changes one, and returns it as it is then."""

    @abstractmethod
    def editing(self) -> AbstractContextManager[Records]:
        """The records, to be changed directly; not to be nested."""

    def customer(
        self, name: str, *, email: str | None = None, phone: str | None = None, **more: Any
    ) -> Customer:
        """A billing account, with one payables contact if it can be reached.

        ``more`` are further fields of ``Customer``: ``kind``, ``address``, ``contacts`` …
        """
        with self.editing() as records:
            given: dict[str, Any] = {"id": records.new_id(), "name": name}
            if email or phone:
                contact_id = records.new_id()
                contact = Contact(id=contact_id, email=email, phone=phone, payables=True)
                given["contacts"] = (contact,)
            records.customers.append(Customer(**given | more))
            return records.customers[-1]

    def invoice(
        self,
        customer: Customer,
        amount: Figure,
        *,
        due: date,
        issued: date | None = None,
        number: str | None = None,
        parts: Iterable[tuple[date, Figure]] = (),
        means: PaymentMeans = "unknown",
        currency: str | None = None,
        **more: Any,
    ) -> Invoice:
        """A posted invoice, by default of 30 days before its ``due`` day.

        ``parts`` are instalments as due day and amount, which make up ``amount`` together with
        what falls due last, on ``due``. ``more`` are further fields of ``Invoice``.
        """
        total = Decimal(amount)
        dated = [(day, Decimal(part)) for day, part in parts]
        dated.append((due, total - sum((part for _, part in dated), Decimal(0))))
        with self.editing() as records:
            invoice = Invoice(
                id=records.new_id(),
                number=number or records.new_number("CN" if total < 0 else "INV"),
                customer_id=customer.id,
                currency=currency or records.currency,
                issued=issued or due - TERM,
                credit_note=total < 0,
                total=total,
                open=total,
                instalments=tuple(
                    Instalment(id=records.new_id(), due=day, amount=part, open=part, means=means)
                    for day, part in sorted(dated)
                    if part
                ),
                stamp=records.new_stamp(),
                **more,
            )
            records.invoices.append(invoice)
            return invoice

    def credit_note(
        self, customer: Customer, amount: Figure, *, issued: date, **more: Any
    ) -> Invoice:
        """A posted credit note over a positive ``amount``, applied to nothing yet."""
        return self.invoice(customer, -Decimal(amount), due=issued, issued=issued, **more)

    def pay(self, invoice: Invoice, amount: Figure | None, on: date) -> Invoice:
        """Money comes in for an invoice, by default all that is open; the oldest part is paid
        first.
        """
        with self.editing() as records:
            now = _now(records, invoice)
            paid = _settle(records, now, now.open if amount is None else Decimal(amount), on)
            _recorded(records, on)
            return paid

    def apply(self, credit_note: Invoice, invoice: Invoice, on: date) -> Invoice:
        """Set a credit note off against an invoice as far as both reach; returns the invoice."""
        with self.editing() as records:
            credit, owed = _now(records, credit_note), _now(records, invoice)
            amount = min(-credit.open, owed.open)
            _settle(records, credit, -amount, on)
            return _settle(records, owed, amount, on)

    def cancel(self, invoice: Invoice) -> Invoice:
        """Nothing of it is owed any more."""
        with self.editing() as records:
            now = _now(records, invoice)
            return _put(records, now, Decimal(0), state="cancelled")

    def payment(
        self, customer: Customer, amount: Figure, on: date, *, text: str = ""
    ) -> UnappliedPayment:
        """Money comes in that nobody puts on an invoice."""
        with self.editing() as records:
            _recorded(records, on)
            records.unapplied.append(
                UnappliedPayment(
                    id=records.new_id(),
                    customer_id=customer.id,
                    on=on,
                    amount=Decimal(amount),
                    currency=records.currency,
                    text=text,
                )
            )
            return records.unapplied[-1]

    def reminder(
        self,
        customer: Customer,
        invoices: Sequence[Invoice],
        on: date,
        *,
        step: str = "level_1",
        channel: Channel = "email",
        key: str | None = None,
        text: str = "",
    ) -> Reminder:
        """What somebody else, or the ERP itself, has said to a customer."""
        with self.editing() as records:
            records.reminders.append(
                Reminder(
                    id=records.new_id(),
                    customer_id=customer.id,
                    on=on,
                    step=step,
                    channel=channel,
                    invoice_ids=tuple(invoice.id for invoice in invoices),
                    text=text,
                    key=key,
                )
            )
            return records.reminders[-1]

    def document(self, invoice: Invoice, content: bytes) -> Document:
        """The PDF of an invoice as the customer got it."""
        file = {"name": f"{invoice.number}.pdf", "media_type": "application/pdf"}
        with self.editing() as records:
            records.documents[invoice.id] = KeptDocument.model_validate(file | {"content": content})
        return Document.model_validate(file | {"content": content})


def _recorded(records: Records, on: date) -> None:
    records.last_payment = max(records.last_payment or on, on)


def _now(records: Records, invoice: Invoice) -> Invoice:
    now = by_id(records.invoices, invoice.id)
    if now is None:
        raise LookupError(f"there is no invoice {invoice.id}")
    return now


def _settle(records: Records, invoice: Invoice, amount: Decimal, on: date) -> Invoice:
    if abs(amount) > abs(invoice.open) or amount * invoice.total < 0:
        raise ValueError(f"{invoice.number} has {invoice.open} open, which {amount} does not fit")
    rest = invoice.open - amount
    settlements = sorted(
        [*invoice.settlements, Settlement(on=on, amount=amount)], key=lambda one: one.on
    )
    state = invoice.state if rest else "paid"
    return _put(records, invoice, rest, state=state, settlements=tuple(settlements))


def _put(records: Records, invoice: Invoice, still_open: Decimal, **values: Any) -> Invoice:
    """The invoice with so much open, which is what falls due last."""
    parts, left = [], still_open
    for part in reversed(invoice.instalments):
        kept = max(left, part.open) if part.open < 0 else min(left, part.open)
        parts.append(part.model_copy(update={"open": kept}))
        left -= kept
    changed = invoice.model_copy(
        update={
            "open": still_open,
            "instalments": tuple(reversed(parts)),
            "stamp": records.new_stamp(),
            **values,
        }
    )
    replaced(records.invoices, changed)
    return changed
