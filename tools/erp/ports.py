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
    Address,
    BillOfMaterials,
    ContactWay,
    Customer,
    Cycle,
    Demand,
    Dispute,
    Document,
    DraftOrder,
    Invoice,
    Item,
    NewDispute,
    NewReminder,
    NewWriteOff,
    Offer,
    ProductionOrder,
    ProductionState,
    PurchaseOrder,
    Receipt,
    Record,
    RecordRef,
    Reminder,
    ReorderRule,
    Requirement,
    Routing,
    SaleLine,
    StockLevel,
    Supplier,
    UnappliedPayment,
    Warehouse,
    WorkCentre,
    WriteOff,
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
        """Notes on this record that carry exactly this key, oldest first."""
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


@runtime_checkable
class Disputes(Protocol):
    """The ERP's own records of what customers contest."""

    async def may_open_disputes(self) -> bool:
        """Can it be done here: what it takes is installed, and our user may?"""
        ...

    async def find_disputes(self, invoice_id: str, key: str) -> Sequence[Dispute]:
        """Disputes about this invoice that carry exactly this key, settled ones too."""
        ...

    async def open_dispute(self, key: str, dispute: NewDispute) -> str:
        """Open one that carries the key; returns its id. Refused where the invoice is not this
        customer's, or not there.
        """
        ...


@runtime_checkable
class WriteOffs(Protocol):
    """Giving up what is left of an invoice."""

    async def may_write_off(self) -> bool:
        """Can it be done here: what it takes is set up, and our user may?"""
        ...

    async def find_write_offs(self, invoice_id: str, key: str) -> Sequence[WriteOff]:
        """What was written off of this invoice under exactly this key."""
        ...

    async def write_off(self, key: str, write_off: NewWriteOff) -> None:
        """Write off all that is left of an invoice, under the key, in one step of the ERP's own.

        Refused unless exactly this much is left: sent twice, it is carried out once.
        """
        ...


@runtime_checkable
class Contacts(Protocol):
    """Changing how customers are reached. What is there must be what the caller saw."""

    async def may_change_contacts(self) -> bool:
        """Can it be done here: may our user?"""
        ...

    async def add_contact(self, customer_id: str, way: ContactWay, value: str) -> str:
        """Add a contact for invoices; returns its id."""
        ...

    async def change_contact(
        self, customer_id: str, contact_id: str, way: ContactWay, *, before: str, after: str
    ) -> None:
        """Change an e-mail address or a number; refused where it is not ``before`` any more."""
        ...

    async def change_address(
        self, customer_id: str, *, before: Address | None, after: Address
    ) -> None:
        """Change the postal address that letters go to, or write the first one; refused where it is
        not ``before`` any more.
        """
        ...


@runtime_checkable
class Production(Protocol):
    """What is being made, how, where, and how long it took in the past."""

    dates_change_in: frozenset[ProductionState]
    """States in which an order's planned dates can be written as they stand; in the others the
    order has to be taken back to one of these first (``reopen``), which remakes its steps."""

    async def work_centres(self) -> Sequence[WorkCentre]:
        """All active places of work that do steps (no mere groups of others)."""
        ...

    async def routings(self) -> Sequence[Routing]:
        """All ways of making things."""
        ...

    async def bills(self) -> Sequence[BillOfMaterials]:
        """All active bills of materials, one for each item that it makes."""
        ...

    async def open_production(self) -> Sequence[ProductionOrder]:
        """Orders that are neither done nor cancelled, requests and drafts included."""
        ...

    async def cycles(self, since: date) -> Sequence[Cycle]:
        """Timed work that was finished since a day, oldest first."""
        ...

    async def read_production(self, order_id: str) -> ProductionOrder | None:
        """One order as it is now, in any state, ``None`` if there is none."""
        ...

    async def set_planned(self, order: ProductionOrder, start: date, end: date) -> None:
        """Write both planned dates of an order in one of ``dates_change_in``, guarded by its stamp
        where there is one.
        """
        ...

    async def reopen(self, order: ProductionOrder) -> None:
        """Take a waiting order back to draft, guarded by its state; refused where work on any of
        its steps has begun.
        """
        ...

    async def release(self, order: ProductionOrder) -> None:
        """Take a draft to waiting again, guarded by its state. Steps that were lost are remade: with
        new ids, and on work centres of their groups that the ERP picks.
        """
        ...

    async def move_step(self, order: ProductionOrder, step_id: str, work_centre_id: str) -> None:
        """Put a step that has not started on another work centre of its group; a step without a
        group stays where it is.
        """
        ...


@runtime_checkable
class Sales(Protocol):
    """What customers wait for."""

    async def open_sales(self) -> Sequence[SaleLine]:
        """Lines of confirmed orders of which something is not delivered yet."""
        ...


PORTS: dict[str, type] = {
    "inventory": Inventory,
    "purchasing": Purchasing,
    "receivables": Receivables,
    "disputes": Disputes,
    "write_offs": WriteOffs,
    "contacts": Contacts,
    "production": Production,
    "sales": Sales,
    "notes": Notes,
}
"""Port names as people see them in ``doctor`` and in an agent's requirements."""
