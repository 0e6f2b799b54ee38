"""Customers who owe: their invoices, what was received for them, and what was said about them.

Amounts are exact decimals in the invoice's own currency.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from regisseur.tools.records.base import Record, RecordRef
from regisseur.tools.records.money import Currency

PayerKind = Literal["business", "public", "consumer", "unknown"]
"""Which law of late payment applies; ``unknown`` where the ERP doesn't say."""

PaymentMeans = Literal["transfer", "direct_debit", "bill_of_exchange", "card", "cheque", "unknown"]

Channel = Literal["email", "letter", "call"]

ContactWay = Literal["email", "phone"]
"""How a contact is reached."""


class Contact(Record):
    """A person or an office to be reached, as the ERP's master data has it."""

    id: str
    name: str = ""
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    payables: bool = False
    """Whom the customer named for invoices."""


class Address(Record):
    """Where letters go; ``lines`` are street and complements as they are printed."""

    lines: tuple[str, ...] = ()
    postcode: str = ""
    city: str = ""
    country: str | None = None
    """ISO 3166 alpha-2."""


class Customer(Record):
    """A billing account: who is asked to pay."""

    id: str
    name: str
    code: str = ""
    active: bool = True
    kind: PayerKind = "unknown"
    registration: str | None = None
    """Number of the legal person in its country's register (SIREN in France): groups risk."""
    language: str | None = None
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    salesperson: Contact | None = None
    """Ours, who looks after this customer."""
    do_not_contact: bool = False
    url: str | None = None

    def ref(self) -> RecordRef:
        """A link to this customer."""
        return RecordRef(model="customer", id=self.id, label=self.name, url=self.url)


class Instalment(Record):
    """A part of an invoice that has a due date of its own; most invoices have one."""

    id: str
    due: date
    amount: Decimal
    open: Decimal
    """Still to be paid; negative on credit notes."""
    means: PaymentMeans = "unknown"
    blocked: bool = False
    """The ERP says that it must not be chased."""


class Settlement(Record):
    """Money received, or a credit applied, for an invoice."""

    on: date
    amount: Decimal


class Invoice(Record):
    """A posted customer invoice or credit note as the ERP has it now."""

    id: str
    number: str
    customer_id: str
    currency: Currency
    issued: date
    credit_note: bool = False
    state: Literal["open", "paid", "cancelled"] = "open"
    total: Decimal
    """With taxes; negative on credit notes."""
    open: Decimal
    """Still to be paid of ``total``."""
    instalments: tuple[Instalment, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    """By ascending day."""
    dispute: str | None = None
    """What the ERP has written about an open dispute; data, ``None`` where there is none."""
    factored: bool = False
    """Sold to a factor, who is paid instead of us."""
    status: int | None = None
    """Code of the electronic invoice's life cycle (France: 207 disputed, 210 refused …)."""
    undelivered: bool = False
    """Part of what it bills has not left our house."""
    reference: str = ""
    """The customer's own order number."""
    stamp: str | None = None
    url: str | None = None

    def ref(self) -> RecordRef:
        """A link to this invoice."""
        return RecordRef(model="invoice", id=self.id, label=self.number, url=self.url)


class UnappliedPayment(Record):
    """Money from a customer that nobody has put on an invoice yet."""

    id: str
    customer_id: str
    on: date
    amount: Decimal
    """What is left of it, positive."""
    currency: Currency
    text: str = ""


class NewReminder(Record):
    """What was said to a customer, to be kept in the ERP and found again by its key."""

    customer_id: str
    on: date
    step: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """The step of our procedure: ``reminder_1``, ``formal_notice`` …"""
    channel: Channel
    invoice_ids: tuple[str, ...] = Field(min_length=1)
    text: str
    """What people read there: to whom it went and what it asked for."""


class Reminder(NewReminder):
    """What was said to a customer, as the ERP keeps it."""

    id: str
    key: str | None = None
    """Of the action that said it; ``None`` where it was not ours."""


class NewDispute(Record):
    """What a customer contests on one invoice, to be kept in the ERP and found again by its key."""

    customer_id: str
    invoice_id: str
    on: date
    text: str
    """What people read there."""


class Dispute(NewDispute):
    """A dispute of ours as the ERP keeps it, open or settled."""

    id: str
    key: str


class NewWriteOff(Record):
    """All that is left of an invoice, given up: it is expected to be exactly this much."""

    invoice_id: str
    amount: Decimal = Field(gt=0)
    currency: Currency
    on: date
    """Day of the entry in the books."""
    text: str
    """What accountants read there; one line."""


class WriteOff(Record):
    """What was given up under a key of ours."""

    id: str
    invoice_id: str
    amount: Decimal
    key: str


class Document(Record):
    """A file of the ERP, for example an invoice as PDF."""

    name: str
    media_type: str
    content: bytes
