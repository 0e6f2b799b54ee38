"""Disputes, write-offs and corrected contacts, as the in-memory ERP takes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from regisseur.errors import VendorRefused
from regisseur.tools.erp.memory.records import Records, Write, by_id, replaced
from regisseur.tools.records import (
    Address,
    Contact,
    ContactWay,
    Customer,
    Dispute,
    Invoice,
    NewDispute,
    NewWriteOff,
    WriteOff,
)

T = TypeVar("T")


class MemoryAmending(ABC):
    """The ports ``Disputes``, ``WriteOffs`` and ``Contacts``."""

    @abstractmethod
    async def _read(self, operation: str, work: Callable[[Records], T]) -> T:
        """Carry out a read."""

    @abstractmethod
    async def _write(self, operation: str, work: Callable[[Records], T]) -> T:
        """Carry out a write."""

    async def may_open_disputes(self) -> bool:
        """See ``Disputes``."""
        return await self._read("may_open_disputes", lambda records: records.may_amend)

    async def find_disputes(self, invoice_id: str, key: str) -> Sequence[Dispute]:
        """See ``Disputes``."""
        return await self._read(
            "find_disputes",
            lambda records: [
                one for one in records.disputes if (one.invoice_id, one.key) == (invoice_id, key)
            ],
        )

    async def open_dispute(self, key: str, dispute: NewDispute) -> str:
        """See ``Disputes``."""

        def open_(records: Records) -> str:
            _allowed(records)
            invoice = by_id(records.invoices, dispute.invoice_id)
            if invoice is None or invoice.customer_id != dispute.customer_id:
                raise VendorRefused(
                    f"customer {dispute.customer_id} has no invoice {dispute.invoice_id}"
                )
            kept = Dispute(id=records.new_id(), key=key, **dict(dispute))
            records.disputes.append(kept)
            _put(records, invoice, dispute=dispute.text)
            records.writes.append(Write(operation="open_dispute", record_id=kept.id, key=key))
            return kept.id

        return await self._write("open_dispute", open_)

    async def may_write_off(self) -> bool:
        """See ``WriteOffs``."""
        return await self._read("may_write_off", lambda records: records.may_amend)

    async def find_write_offs(self, invoice_id: str, key: str) -> Sequence[WriteOff]:
        """See ``WriteOffs``."""
        return await self._read(
            "find_write_offs",
            lambda records: [
                one for one in records.write_offs if (one.invoice_id, one.key) == (invoice_id, key)
            ],
        )

    async def write_off(self, key: str, write_off: NewWriteOff) -> None:
        """See ``WriteOffs``."""

        def write(records: Records) -> None:
            _allowed(records)
            invoice = by_id(records.invoices, write_off.invoice_id)
            left = None if invoice is None else (invoice.open, invoice.currency)
            if invoice is None or left != (write_off.amount, write_off.currency):
                raise VendorRefused(f"that is not what is left of invoice {write_off.invoice_id}")
            parts = tuple(
                one.model_copy(update={"open": Decimal(0)}) for one in invoice.instalments
            )
            _put(records, invoice, open=Decimal(0), state="paid", instalments=parts)
            kept = WriteOff(
                id=records.new_id(), invoice_id=invoice.id, amount=write_off.amount, key=key
            )
            records.write_offs.append(kept)
            records.writes.append(Write(operation="write_off", record_id=kept.id, key=key))

        await self._write("write_off", write)

    async def may_change_contacts(self) -> bool:
        """See ``Contacts``."""
        return await self._read("may_change_contacts", lambda records: records.may_amend)

    async def add_contact(self, customer_id: str, way: ContactWay, value: str) -> str:
        """See ``Contacts``."""

        def add(records: Records) -> str:
            customer = _customer(records, customer_id)
            new = Contact.model_validate({"id": records.new_id(), "payables": True, way: value})
            _changed(records, customer, "add_contact", contacts=(*customer.contacts, new))
            return new.id

        return await self._write("add_contact", add)

    async def change_contact(
        self, customer_id: str, contact_id: str, way: ContactWay, *, before: str, after: str
    ) -> None:
        """See ``Contacts``."""

        def change(records: Records) -> None:
            customer = _customer(records, customer_id)
            there = {one.id: getattr(one, way) for one in customer.contacts}
            if there.get(contact_id) != before:
                raise VendorRefused(f"{before} is not what contact {contact_id} has")
            contacts = tuple(
                one if one.id != contact_id else one.model_copy(update={way: after})
                for one in customer.contacts
            )
            _changed(records, customer, "change_contact", contacts=contacts)

        await self._write("change_contact", change)

    async def change_address(
        self, customer_id: str, *, before: Address | None, after: Address
    ) -> None:
        """See ``Contacts``."""

        def change(records: Records) -> None:
            customer = _customer(records, customer_id)
            if customer.address != before:
                raise VendorRefused(f"customer {customer_id} has another address by now")
            _changed(records, customer, "change_address", address=after)

        await self._write("change_address", change)


def _allowed(records: Records) -> None:
    if not records.may_amend:
        raise VendorRefused("our user may not do this here")


def _customer(records: Records, customer_id: str) -> Customer:
    _allowed(records)
    found = by_id(records.customers, customer_id)
    if found is None:
        raise VendorRefused(f"there is no customer {customer_id}")
    return found


def _changed(records: Records, customer: Customer, operation: str, **values: object) -> None:
    replaced(records.customers, customer.model_copy(update=values))
    records.writes.append(Write(operation=operation, record_id=customer.id))


def _put(records: Records, invoice: Invoice, **values: object) -> None:
    stamp = {"stamp": records.new_stamp()}
    replaced(records.invoices, invoice.model_copy(update=values | stamp))
