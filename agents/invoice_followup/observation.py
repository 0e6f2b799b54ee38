"""What the agent reads before it judges: the books, what was said, what people told, the bank."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Self

from pydantic import Field

from regisseur.agents.invoice_followup.correspondence import Correspondence
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.uncollected import uncollected
from regisseur.agents.invoice_followup.words import say
from regisseur.graphs.agent import Tell
from regisseur.graphs.bank import BankLine
from regisseur.graphs.past import Deed
from regisseur.graphs.told import Told
from regisseur.tools.erp.ports import Connection, Contacts, Disputes, Receivables, WriteOffs
from regisseur.tools.records import (
    Customer,
    Invoice,
    Record,
    Reminder,
    UnappliedPayment,
)

MONTH = timedelta(days=31)


class Books(Record):
    """The ERP's side."""

    customers: tuple[Customer, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    """Open ones, credit notes included."""
    past: tuple[Invoice, ...] = ()
    """Paid ones, for habits of payment."""
    unapplied: tuple[UnappliedPayment, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    last_payment: date | None = None


class Observation(Record):
    """All that one night knows."""

    books: Books = Books()
    told: tuple[Told, ...] = ()
    bank: tuple[BankLine, ...] = ()
    bank_until: date | None = None
    """Day of the newest line of a bank statement; ``None`` where no file was ever read."""
    deeds: tuple[Deed, ...] = ()
    first_night: date | None = None
    """When the agent first ran for the company; debts that were late then are sorted by people."""
    offers: tuple[str, ...] = ()
    """Ports through which the ERP can be changed: ``disputes``, ``write_offs``, ``contacts``."""
    mail: bool = False
    """A mail account is connected."""
    correspondence: Correspondence = Correspondence()
    """What the mailbox had about our mails, beside what became entries."""
    texts: dict[str, str] = Field(default_factory=dict)
    """The company's own texts, by ``language/step``."""

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **how: Any) -> Self:
        """Read it back, without the garbage collector: three times as fast for a large company."""
        with uncollected():
            return super().model_validate_json(json_data, **how)


async def offered(erp: Connection) -> tuple[str, ...]:
    """What the connection and our user's rights let us do in the ERP."""
    found = []
    if isinstance(erp, Disputes) and await erp.may_open_disputes():
        found.append("disputes")
    if isinstance(erp, WriteOffs) and await erp.may_write_off():
        found.append("write_offs")
    if isinstance(erp, Contacts) and await erp.may_change_contacts():
        found.append("contacts")
    return tuple(found)


async def read_books(
    books: Receivables, settings: InvoiceFollowupSettings, on: date, tell: Tell
) -> Books:
    """Read the ERP; the number of requests grows with pages, never with invoices."""
    since = on - settings.history_months * MONTH
    tell(say("Reading customers and what they owe"))
    customers = await books.customers()
    invoices = await books.open_invoices()
    tell(say("Reading paid invoices since {since}", since=since.isoformat()))
    past = await books.past_invoices(since)
    tell(say("Reading what was said to customers"))
    return Books(
        customers=tuple(customers),
        invoices=tuple(invoices),
        past=tuple(past),
        unapplied=tuple(await books.unapplied_payments()),
        reminders=tuple(await books.reminders(since)),
        last_payment=await books.last_payment(),
    )
