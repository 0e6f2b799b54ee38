"""What the in-memory ERP holds: plain lists of records, and their JSON."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from regisseur.errors import Misconfigured
from regisseur.tools.erp.ports import Note
from regisseur.tools.records import (
    BillOfMaterials,
    Customer,
    Cycle,
    Demand,
    Dispute,
    Document,
    Invoice,
    Item,
    Offer,
    ProductionOrder,
    ProductionStep,
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
    Unit,
    Warehouse,
    WorkCentre,
    WriteOff,
)

UNITS = {
    unit.symbol: unit
    for unit in (
        Unit(id="u", symbol="u", category="unit", factor=Decimal(1)),
        Unit(id="kg", symbol="kg", category="weight", factor=Decimal(1), digits=3),
        Unit(id="g", symbol="g", category="weight", factor=Decimal("0.001")),
        Unit(id="m", symbol="m", category="length", factor=Decimal(1), digits=3),
        Unit(id="mm", symbol="mm", category="length", factor=Decimal("0.001")),
        Unit(id="l", symbol="l", category="volume", factor=Decimal(1), digits=3),
    )
}
"""The units that a builder knows by their symbol; any other ``Unit`` can be given itself."""


class Write(Record):
    """One write that was carried out."""

    operation: str
    """Name of the port's method, for example ``confirm_order``."""
    record_id: str
    key: str | None = None


class PastUse(Record):
    """A day's demand, with the warehouse it was taken from."""

    warehouse_id: str
    demand: Demand


class KeptDocument(Document):
    """A file of an invoice, in a form that JSON can hold."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class Records(BaseModel):
    """Everything the ERP knows. Ids are unique over all kinds of record, so that a mixed-up id is
    never found by accident.
    """

    model_config = ConfigDict(extra="forbid")

    today: date
    company: str
    currency: str
    warehouses: list[Warehouse] = Field(default_factory=list)
    items: list[Item] = Field(default_factory=list)
    levels: list[StockLevel] = Field(default_factory=list)
    past_use: list[PastUse] = Field(default_factory=list)
    requirements: list[Requirement] = Field(default_factory=list)
    rules: list[ReorderRule] = Field(default_factory=list)
    suppliers: list[Supplier] = Field(default_factory=list)
    offers: list[Offer] = Field(default_factory=list)
    orders: list[PurchaseOrder] = Field(default_factory=list)
    receipts: list[Receipt] = Field(default_factory=list)
    customers: list[Customer] = Field(default_factory=list)
    invoices: list[Invoice] = Field(default_factory=list)
    unapplied: list[UnappliedPayment] = Field(default_factory=list)
    last_payment: date | None = None
    reminders: list[Reminder] = Field(default_factory=list)
    disputes: list[Dispute] = Field(default_factory=list)
    """Those that were opened through the port; invoices say themselves that they are disputed."""
    write_offs: list[WriteOff] = Field(default_factory=list)
    may_amend: bool = True
    """May our user open disputes, write off and change contacts?"""
    documents: dict[str, KeptDocument] = Field(default_factory=dict)
    """By invoice."""
    work_centres: list[WorkCentre] = Field(default_factory=list)
    routings: list[Routing] = Field(default_factory=list)
    bills: list[BillOfMaterials] = Field(default_factory=list)
    productions: list[ProductionOrder] = Field(default_factory=list)
    cycles: list[Cycle] = Field(default_factory=list)
    sale_lines: list[SaleLine] = Field(default_factory=list)
    others: list[RecordRef] = Field(default_factory=list)
    """Records that only notes and needs point at."""
    notes: list[Note] = Field(default_factory=list)
    writes: list[Write] = Field(default_factory=list)
    last_id: int = 0
    last_number: int = 0
    last_stamp: int = 0

    def new_id(self) -> str:
        """The next id, ascending."""
        self.last_id += 1
        return str(self.last_id)

    def new_number(self, series: str = "PO") -> str:
        """The next number of a document: an order's, unless another series is named."""
        self.last_number += 1
        return f"{series}-{self.last_number}"

    def new_stamp(self) -> str:
        """The next optimistic stamp."""
        self.last_stamp += 1
        return f"s{self.last_stamp}"

    def level(self, item_id: str, warehouse_id: str) -> StockLevel:
        """Stock of an item in a warehouse, zero where it was never moved."""
        for level in self.levels:
            if (level.item_id, level.warehouse_id) == (item_id, warehouse_id):
                return level
        return StockLevel(item_id=item_id, warehouse_id=warehouse_id, on_hand=Decimal(0))

    def set_level(self, level: StockLevel) -> None:
        """Replace an item's stock in a warehouse."""
        place = (level.item_id, level.warehouse_id)
        others = [old for old in self.levels if (old.item_id, old.warehouse_id) != place]
        self.levels = [*others, level]

    def move(self, item_id: str, warehouse_id: str, quantity: Decimal) -> None:
        """Add to the stock, or take from it; it may become negative, as in real ERPs."""
        level = self.level(item_id, warehouse_id)
        self.set_level(level.model_copy(update={"on_hand": level.on_hand + quantity}))

    @classmethod
    def read(cls, file: Path) -> Records:
        """From a JSON file; raises Misconfigured where it isn't one of ours."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise Misconfigured(f"{file} can't be read as records: {error}") from error

    def write(self, file: Path) -> None:
        """To a JSON file, all or nothing, even if the machine stops in between."""
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as output:
                output.write(self.model_dump_json(indent=1))
                output.flush()
                os.fsync(output.fileno())
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)


Kept = TypeVar(
    "Kept",
    Item,
    Supplier,
    Offer,
    PurchaseOrder,
    Warehouse,
    RecordRef,
    Customer,
    Invoice,
    WorkCentre,
    Routing,
    ProductionOrder,
    ProductionStep,
    SaleLine,
)


def by_id(records: Iterable[Kept], record_id: str) -> Kept | None:
    """The record with this id, if there is one."""
    return next((record for record in records if record.id == record_id), None)


def replaced(records: list[Kept], record: Kept) -> None:
    """Put a new version in the place of the old one."""
    position = next(place for place, old in enumerate(records) if old.id == record.id)
    records[position] = record
