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
    Demand,
    DraftOrder,
    Item,
    Offer,
    PurchaseOrder,
    Receipt,
    Record,
    RecordRef,
    ReorderRule,
    Requirement,
    StockLevel,
    Supplier,
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


PORTS: dict[str, type] = {"inventory": Inventory, "purchasing": Purchasing, "notes": Notes}
"""Port names as people see them in ``doctor`` and in an agent's requirements."""
