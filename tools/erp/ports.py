"""What agents may ask of an ERP, by business function, in our own words.

An adapter implements the ports its vendor can serve; what a vendor can't say raises
``Unsupported``. Reads return everything asked for in a number of requests that grows with pages,
never with records. Reads are retried by the adapter, writes never: a write that got no answer
raises ``OutcomeUnknown``, a definite no raises ``VendorRefused``.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

from regisseur.tools.records import (
    Customer,
    Demand,
    Document,
    DraftOrder,
    Invoice,
    Item,
    NewReminder,
    Offer,
    PurchaseOrder,
    Receipt,
    Record,
    RecordRef,
    Reminder,
    ReorderRule,
    Requirement,
    StockLevel,
    Supplier,
    UnappliedPayment,
    Warehouse,
)


class Probe(Record):
    """What a connection answers when asked who it is."""

    vendor: str
    version: str
    user: str
    company: str
    currency: str
    today: date
    """The ERP's own date, to be compared with the night's."""


class Note(Record):
    """A remark attached to a record of the ERP."""

    id: str
    about: RecordRef
    text: str
    key: str


@runtime_checkable
class Connection(Protocol):
    """Every adapter: one company's account in one ERP."""

    vendor: str
    """Short name of the adapter, for example ``tryton``."""
    identity: str
    """Names the connection in locks and audit (vendor, address, database); holds no secret."""
    draft_is_inert: bool
    """An order is first written as a draft that binds nobody and can be removed again."""

    async def probe(self) -> Probe:
        """Sign in and say who answers; raises ``Misconfigured`` or ``RetryLater``."""
        ...

    async def close(self) -> None:
        """Release sockets."""
        ...


@runtime_checkable
class Inventory(Protocol):
    """Items, stock, past use and known needs."""

    async def warehouses(self) -> Sequence[Warehouse]:
        """All active warehouses."""
        ...

    async def items(self) -> Sequence[Item]:
        """All active items kept in stock."""
        ...

    async def stock(self, warehouse_id: str) -> Sequence[StockLevel]:
        """Levels as the ERP has them now; items never moved may be missing."""
        ...

    async def demand(self, warehouse_id: str, since: date, until: date) -> Sequence[Demand]:
        """Use by customers and production from ``since`` (included) to ``until`` (excluded)."""
        ...

    async def requirements(self, warehouse_id: str) -> Sequence[Requirement]:
        """Every known need that is not yet taken from stock."""
        ...

    async def reorder_rules(self, warehouse_id: str) -> Sequence[ReorderRule]:
        """The ERP's own minimum and target per item."""
        ...


@runtime_checkable
class Purchasing(Protocol):
    """Suppliers, offers and orders."""

    async def suppliers(self) -> Sequence[Supplier]:
        """Every supplier, archived ones included and marked."""
        ...

    async def offers(self, item_ids: Sequence[str] | None = None) -> Sequence[Offer]:
        """Current offers, all or of these items."""
        ...

    async def open_orders(self) -> Sequence[PurchaseOrder]:
        """Orders not fully received or cancelled, in any state, drafts included."""
        ...

    async def receipts(self, since: date) -> Sequence[Receipt]:
        """Past receipts since a day, for learning lead times."""
        ...

    async def find_orders(self, key: str) -> Sequence[PurchaseOrder]:
        """Orders in any state that carry exactly this key, by ascending id."""
        ...

    async def read_order(self, order_id: str) -> PurchaseOrder | None:
        """One order as it is now, ``None`` if there is none."""
        ...

    async def draft_order(self, key: str, order: DraftOrder) -> str:
        """Write an inert draft that carries the key; returns its id."""
        ...

    async def discard_draft(self, order: PurchaseOrder) -> None:
        """Remove a draft of ours, guarded by its stamp where there is one."""
        ...

    async def confirm_order(self, order: PurchaseOrder) -> None:
        """Bind us: take a draft or quoted order to confirmed, guarded by its state."""
        ...

    async def change_line(
        self, order: PurchaseOrder, line_id: str, *, quantity: Decimal, expected: date | None
    ) -> None:
        """Change a line of a draft, guarded by the order's stamp where there is one."""
        ...


@runtime_checkable
class Notes(Protocol):
    """Remarks on records, for telling colleagues something where they work."""

    async def find_notes(self, about: RecordRef, key: str) -> Sequence[Note]:
        """Notes on this record that carry exactly this key."""
        ...

    async def add_note(self, about: RecordRef, text: str, key: str) -> str:
        """Attach a note that carries the key; returns its id."""
        ...


@runtime_checkable
class Receivables(Protocol):
    """What customers owe, what they paid, and what was said to them about it."""

    async def customers(self) -> Sequence[Customer]:
        """Every customer with its contacts, archived ones included and marked."""
        ...

    async def open_invoices(self) -> Sequence[Invoice]:
        """Posted invoices and credit notes with a balance, oldest first."""
        ...

    async def past_invoices(self, since: date) -> Sequence[Invoice]:
        """Posted invoices issued since a day that are paid, with the days of their payments."""
        ...

    async def unapplied_payments(self) -> Sequence[UnappliedPayment]:
        """Money from customers that is on no invoice yet."""
        ...

    async def last_payment(self) -> date | None:
        """Day of the newest payment of a customer that was recorded, ``None`` if there is none."""
        ...

    async def reminders(self, since: date, customer_id: str | None = None) -> Sequence[Reminder]:
        """What was said to customers, or to one of them, since a day, oldest first: by us, by hand
        and by the ERP's own reminders.
        """
        ...

    async def read_customer(self, customer_id: str) -> Customer | None:
        """One customer as it is now, ``None`` if there is none."""
        ...

    async def read_invoices(self, invoice_ids: Sequence[str]) -> Sequence[Invoice]:
        """These invoices as they are now, in any state; missing ones are left out."""
        ...

    async def invoice_document(self, invoice_id: str) -> Document | None:
        """The invoice as the customer got it, ``None`` where the ERP keeps no file of it."""
        ...

    async def find_reminders(self, customer_id: str, key: str) -> Sequence[Reminder]:
        """Reminders to this customer that carry exactly this key."""
        ...

    async def log_reminder(self, key: str, reminder: NewReminder) -> str:
        """Keep what was said, under a key; returns its id."""
        ...


PORTS: dict[str, type] = {
    "inventory": Inventory,
    "purchasing": Purchasing,
    "receivables": Receivables,
    "notes": Notes,
}
"""Port names as people see them in ``doctor`` and in an agent's requirements."""
