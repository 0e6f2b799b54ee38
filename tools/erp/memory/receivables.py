"""What customers owe and what was said to them, as the in-memory ERP answers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from regisseur.errors import VendorRefused
from regisseur.tools.erp.memory.records import Records, Write, by_id
from regisseur.tools.records import (
    Customer,
    Document,
    Invoice,
    NewReminder,
    Reminder,
    UnappliedPayment,
)

T = TypeVar("T")


class MemoryReceivables(ABC):
    """The port ``Receivables``; requests are counted, logged and spoilt where they are carried
    out.
    """

    @abstractmethod
    async def _read(self, operation: str, work: Callable[[Records], T]) -> T:
        """Carry out a read."""

    @abstractmethod
    async def _write(self, operation: str, work: Callable[[Records], T]) -> T:
        """Carry out a write."""

    async def customers(self) -> Sequence[Customer]:
        """See ``Receivables``."""
        return await self._read("customers", lambda records: list(records.customers))

    async def open_invoices(self) -> Sequence[Invoice]:
        """See ``Receivables``."""
        return await self._read(
            "open_invoices",
            lambda records: sorted((x for x in records.invoices if x.open), key=_age),
        )

    async def past_invoices(self, since: date) -> Sequence[Invoice]:
        """See ``Receivables``."""
        return await self._read(
            "past_invoices",
            lambda records: [
                invoice
                for invoice in records.invoices
                if invoice.state == "paid" and invoice.issued >= since and not invoice.credit_note
            ],
        )

    async def unapplied_payments(self) -> Sequence[UnappliedPayment]:
        """See ``Receivables``."""
        return await self._read("unapplied_payments", lambda records: list(records.unapplied))

    async def last_payment(self) -> date | None:
        """See ``Receivables``."""
        return await self._read("last_payment", lambda records: records.last_payment)

    async def reminders(self, since: date, customer_id: str | None = None) -> Sequence[Reminder]:
        """See ``Receivables``."""
        return await self._read(
            "reminders",
            lambda records: sorted(
                (
                    one
                    for one in records.reminders
                    if one.on >= since and customer_id in (None, one.customer_id)
                ),
                key=_day,
            ),
        )

    async def read_customer(self, customer_id: str) -> Customer | None:
        """See ``Receivables``."""
        return await self._read(
            "read_customer", lambda records: by_id(records.customers, customer_id)
        )

    async def read_invoices(self, invoice_ids: Sequence[str]) -> Sequence[Invoice]:
        """See ``Receivables``."""
        return await self._read(
            "read_invoices",
            lambda records: [x for x in records.invoices if x.id in invoice_ids],
        )

    async def invoice_document(self, invoice_id: str) -> Document | None:
        """See ``Receivables``."""

        def find(records: Records) -> Document | None:
            kept = records.documents.get(invoice_id)
            return None if kept is None else Document.model_validate(dict(kept))

        return await self._read("invoice_document", find)

    async def find_reminders(self, customer_id: str, key: str) -> Sequence[Reminder]:
        """See ``Receivables``."""
        return await self._read(
            "find_reminders",
            lambda records: [
                one for one in records.reminders if (one.customer_id, one.key) == (customer_id, key)
            ],
        )

    async def log_reminder(self, key: str, reminder: NewReminder) -> str:
        """See ``Receivables``; refused for an unknown customer and for invoices of another."""

        def log(records: Records) -> str:
            if by_id(records.customers, reminder.customer_id) is None:
                raise VendorRefused(f"there is no customer {reminder.customer_id}")
            for invoice_id in reminder.invoice_ids:
                invoice = by_id(records.invoices, invoice_id)
                if invoice is None or invoice.customer_id != reminder.customer_id:
                    raise VendorRefused(
                        f"customer {reminder.customer_id} has no invoice {invoice_id}"
                    )
            kept = Reminder(id=records.new_id(), key=key, **dict(reminder))
            records.reminders.append(kept)
            records.writes.append(Write(operation="log_reminder", record_id=kept.id, key=key))
            return kept.id

        return await self._write("log_reminder", log)


def _age(invoice: Invoice) -> tuple[date, int]:
    return invoice.issued, int(invoice.id)


def _day(reminder: Reminder) -> tuple[date, int]:
    return reminder.on, int(reminder.id)
