"""The in-memory ERP itself: the ports, and the rules that a real ERP keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from regisseur.errors import OutcomeUnknown, VendorRefused
from regisseur.tools.erp.memory.amending import MemoryAmending
from regisseur.tools.erp.memory.billing import Billing
from regisseur.tools.erp.memory.faults import Faults, run
from regisseur.tools.erp.memory.filling import Filling
from regisseur.tools.erp.memory.making import Making
from regisseur.tools.erp.memory.production import MemoryProduction, needs_of_orders
from regisseur.tools.erp.memory.receivables import MemoryReceivables
from regisseur.tools.erp.memory.records import Records, Write, by_id, replaced
from regisseur.tools.erp.ports import Note, Probe
from regisseur.tools.records import (
    Demand,
    DraftOrder,
    Item,
    Offer,
    ProductionState,
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    RecordRef,
    ReorderRule,
    Requirement,
    StockLevel,
    Supplier,
    Warehouse,
)

T = TypeVar("T")
Work = Callable[[Records], T]


class MemoryERP(
    Faults, Filling, Billing, Making, MemoryReceivables, MemoryAmending, MemoryProduction
):
    """Connection and all ports over plain lists of records.

    With ``file`` the records live in that JSON file: it is read again before each request and
    written whole after each change, under a lock, so that several processes can share one ERP.
    Planned faults and the count of requests belong to the one object.
    """

    vendor = "memory"

    def __init__(
        self,
        *,
        today: date | None = None,
        company: str = "Atelier",
        currency: str = "EUR",
        file: Path | None = None,
        draft_is_inert: bool = True,
        dates_change_in: Iterable[ProductionState] = ("request", "draft"),
    ) -> None:
        super().__init__()
        self.requests = 0
        self.draft_is_inert = draft_is_inert
        self.dates_change_in = frozenset(dates_change_in)
        self.identity = f"memory:{file.resolve() if file else hex(id(self))}"
        self._file = file
        self._lock = FileLock(f"{file}.lock") if file else None
        if file is not None and file.exists():
            self._records = Records.read(file)
            return
        if today is None:
            raise ValueError("a new ERP needs its date: MemoryERP(today=...)")
        self._records = Records(today=today, company=company, currency=currency)
        if file is not None:
            self.dump(file)
        self.warehouse("Main warehouse")

    @classmethod
    def load(cls, file: Path) -> MemoryERP:
        """A copy in memory of what ``dump`` wrote; the file is not touched any more."""
        erp = cls(today=date.min)
        erp._records = Records.read(file)
        return erp

    def dump(self, file: Path) -> None:
        """Write all records as JSON."""
        self.records.write(file)

    @property
    def records(self) -> Records:
        """The records as they are now, for looking at; ``editing`` is for changing them."""
        if self._file is not None and self._file.exists():
            self._records = Records.read(self._file)
        return self._records

    @property
    def writes(self) -> Sequence[Write]:
        """Every write through a port that was carried out, oldest first."""
        return self.records.writes

    @contextmanager
    def editing(self) -> Iterator[Records]:
        """The records, to be changed directly; kept (and in the file) when the block ends well."""
        if self._file is None or self._lock is None:
            yield self._records
            return
        with self._lock:
            records = self.records
            yield records
            records.write(self._file)

    async def probe(self) -> Probe:
        """Who answers; never fails."""
        records = self.records
        return Probe(
            vendor=self.vendor,
            version="1",
            user="agent",
            company=records.company,
            currency=records.currency,
            today=records.today,
        )

    async def close(self) -> None:
        """Nothing is held open."""

    async def warehouses(self) -> Sequence[Warehouse]:
        """See ``Inventory``."""
        return await self._read("warehouses", lambda records: list(records.warehouses))

    async def items(self) -> Sequence[Item]:
        """See ``Inventory``."""
        return await self._read("items", lambda records: [i for i in records.items if i.active])

    async def stock(self, warehouse_id: str) -> Sequence[StockLevel]:
        """See ``Inventory``."""
        return await self._read(
            "stock",
            lambda records: [x for x in records.levels if x.warehouse_id == warehouse_id],
        )

    async def demand(self, warehouse_id: str, since: date, until: date) -> Sequence[Demand]:
        """See ``Inventory``."""
        return await self._read(
            "demand",
            lambda records: [
                past.demand
                for past in records.past_use
                if past.warehouse_id == warehouse_id and since <= past.demand.date < until
            ],
        )

    async def requirements(self, warehouse_id: str) -> Sequence[Requirement]:
        """See ``Inventory``."""
        return await self._read(
            "requirements",
            lambda records: [
                *(x for x in records.requirements if x.warehouse_id == warehouse_id),
                *needs_of_orders(records, warehouse_id),
            ],
        )

    async def reorder_rules(self, warehouse_id: str) -> Sequence[ReorderRule]:
        """See ``Inventory``."""
        return await self._read(
            "reorder_rules",
            lambda records: [x for x in records.rules if x.warehouse_id == warehouse_id],
        )

    async def suppliers(self) -> Sequence[Supplier]:
        """See ``Purchasing``."""
        return await self._read("suppliers", lambda records: list(records.suppliers))

    async def offers(self, item_ids: Sequence[str] | None = None) -> Sequence[Offer]:
        """See ``Purchasing``."""
        return await self._read(
            "offers",
            lambda records: [
                offer for offer in records.offers if item_ids is None or offer.item_id in item_ids
            ],
        )

    async def open_orders(self) -> Sequence[PurchaseOrder]:
        """See ``Purchasing``."""
        return await self._read(
            "open_orders",
            lambda records: [x for x in records.orders if x.state not in ("received", "cancelled")],
        )

    async def receipts(self, since: date) -> Sequence[Receipt]:
        """See ``Purchasing``."""
        return await self._read(
            "receipts", lambda records: [x for x in records.receipts if x.received_on >= since]
        )

    async def find_orders(self, key: str) -> Sequence[PurchaseOrder]:
        """See ``Purchasing``."""
        return await self._read(
            "find_orders", lambda records: [order for order in records.orders if order.key == key]
        )

    async def read_order(self, order_id: str) -> PurchaseOrder | None:
        """See ``Purchasing``."""
        return await self._read("read_order", lambda records: by_id(records.orders, order_id))

    async def draft_order(self, key: str, order: DraftOrder) -> str:
        """See ``Purchasing``; refused where the supplier or an item is unknown."""
        return await self._write("draft_order", lambda records: _draft(records, key, order))

    async def discard_draft(self, order: PurchaseOrder) -> None:
        """See ``Purchasing``; refused for anything but a draft."""

        def discard(records: Records) -> None:
            now = _guarded(records, order, "draft")
            records.orders.remove(now)
            _log(records, "discard_draft", now)

        await self._write("discard_draft", discard)

    async def confirm_order(self, order: PurchaseOrder) -> None:
        """See ``Purchasing``; gives the order its number. Refused for an archived supplier."""

        def confirm(records: Records) -> None:
            now = _guarded(records, order, "draft", "quoted")
            supplier = by_id(records.suppliers, now.supplier_id)
            if supplier is None or not supplier.active:
                raise VendorRefused(f"the supplier of order {now.id} is archived")
            number = now.number or records.new_number()
            _put(records, now, "confirm_order", state="confirmed", number=number)

        await self._write("confirm_order", confirm)

    async def change_line(
        self, order: PurchaseOrder, line_id: str, *, quantity: Decimal, expected: date | None
    ) -> None:
        """See ``Purchasing``; ``expected=None`` leaves the date as it is."""

        def change(records: Records) -> None:
            now = _guarded(records, order, "draft")
            if line_id not in {line.id for line in now.lines}:
                raise VendorRefused(f"order {now.id} has no line {line_id}")
            if quantity <= 0:
                raise VendorRefused("a line needs a quantity above zero")
            lines = tuple(
                line
                if line.id != line_id
                else line.model_copy(
                    update={
                        "quantity": quantity,
                        "outstanding": quantity,
                        "expected": expected or line.expected,
                    }
                )
                for line in now.lines
            )
            _put(records, now, "change_line", lines=lines)

        await self._write("change_line", change)

    async def find_notes(self, about: RecordRef, key: str) -> Sequence[Note]:
        """See ``Notes``."""
        return await self._read(
            "find_notes",
            lambda records: [
                note
                for note in records.notes
                if (note.about.model, note.about.id, note.key) == (about.model, about.id, key)
            ],
        )

    async def add_note(self, about: RecordRef, text: str, key: str) -> str:
        """See ``Notes``; refused where there is no such record."""

        def add(records: Records) -> str:
            if (about.model, about.id) not in _places(records):
                raise VendorRefused(f"there is no {about.model} {about.id}")
            note = Note(id=records.new_id(), about=about, text=text, key=key)
            records.notes.append(note)
            records.writes.append(Write(operation="add_note", record_id=note.id, key=key))
            return note.id

        return await self._write("add_note", add)

    async def _read(self, operation: str, work: Work[T]) -> T:
        return await self._request(operation, lambda: work(self.records))

    async def _write(self, operation: str, work: Work[T]) -> T:
        def carried_out() -> T:
            with self.editing() as records:
                return work(records)

        return await self._request(operation, carried_out)

    async def _request(self, operation: str, work: Callable[[], T]) -> T:
        self.requests += 1
        for late in self._due():
            with suppress(VendorRefused):
                late()
        plan = self._plan(operation)
        await run(plan.before)
        if plan.errors:
            raise plan.errors.popleft()
        if plan.late:
            self._late.append((plan.late.popleft(), work))
            raise OutcomeUnknown(f"{operation}: no answer came")
        result = work()
        await run(plan.after)
        if plan.lost_answers:
            plan.lost_answers -= 1
            raise OutcomeUnknown(f"{operation}: no answer came")
        return result


def _draft(records: Records, key: str, order: DraftOrder) -> str:
    if by_id(records.suppliers, order.supplier_id) is None:
        raise VendorRefused(f"there is no supplier {order.supplier_id}")
    if by_id(records.warehouses, order.warehouse_id) is None:
        raise VendorRefused(f"there is no warehouse {order.warehouse_id}")
    for line in order.lines:
        if by_id(records.items, line.item_id) is None:
            raise VendorRefused(f"there is no item {line.item_id}")
    made = PurchaseOrder(
        id=records.new_id(),
        number=None,
        key=key,
        supplier_id=order.supplier_id,
        warehouse_id=order.warehouse_id,
        currency=order.currency,
        state="draft",
        ordered_on=order.on,
        lines=tuple(
            PurchaseOrderLine(
                id=records.new_id(),
                item_id=line.item_id,
                quantity=line.quantity,
                outstanding=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
                expected=line.expected,
            )
            for line in order.lines
        ),
        stamp=records.new_stamp(),
        ours_untouched=True,
    )
    records.orders.append(made)
    _log(records, "draft_order", made)
    return made.id


def _guarded(records: Records, order: PurchaseOrder, *states: str) -> PurchaseOrder:
    now = by_id(records.orders, order.id)
    if now is None:
        raise VendorRefused(f"there is no order {order.id}")
    if now.state not in states:
        raise VendorRefused(f"order {order.id} is {now.state}; this needs {' or '.join(states)}")
    if order.stamp != now.stamp:
        raise VendorRefused(f"order {order.id} was changed by somebody else; read it again")
    return now


def _put(records: Records, order: PurchaseOrder, operation: str, **values: object) -> None:
    changed = order.model_copy(update={"stamp": records.new_stamp(), **values})
    replaced(records.orders, changed)
    _log(records, operation, changed)


def _log(records: Records, operation: str, order: PurchaseOrder) -> None:
    records.writes.append(Write(operation=operation, record_id=order.id, key=order.key))


def _places(records: Records) -> set[tuple[str, str]]:
    return {
        *(("item", item.id) for item in records.items),
        *(("supplier", supplier.id) for supplier in records.suppliers),
        *(("purchase_order", order.id) for order in records.orders),
        *(("customer", customer.id) for customer in records.customers),
        *(("invoice", invoice.id) for invoice in records.invoices),
        *(("production", order.id) for order in records.productions),
        *(("sale", line.sale_id) for line in records.sale_lines),
        *((other.model, other.id) for other in records.others),
    }
