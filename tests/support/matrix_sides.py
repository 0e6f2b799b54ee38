"""The far sides of the crash matrix: where actions are carried out, as the test sees them.

A far side sets the stage for a kind, and afterwards tells all that is there. Another one (a mail
server, say) is a further class here, and a worker that counts its boundaries in ``matrix_child``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from desk import ON
from matrix_examples import Shelf, example_of, packs

from regisseur.graphs.judgement import Proposal
from regisseur.tools.erp.memory import MemoryERP, Records
from regisseur.tools.records import (
    Address,
    Customer,
    Invoice,
    Item,
    Offer,
    ProductionOrder,
    ProductionStep,
    PurchaseOrder,
    RecordRef,
    SaleLine,
    Supplier,
    WorkCentre,
)


class FarSide(Protocol):
    """Where one company's actions are carried out."""

    name: str

    @property
    def settings(self) -> str:
        """What ``regisseur.toml`` says of it; empty where the worker knows."""
        ...

    def begin(self, kind: str) -> Proposal:
        """Start afresh, and what to propose."""
        ...

    def world(self) -> Any:
        """All that matters there; two worlds are equal if nothing is different."""
        ...

    def size(self, world: Any) -> int:
        """How many things are in a world: more of them is doubled, fewer is lost."""
        ...

    def told(self, world: Any) -> str:
        """A world, for the message of a failed test."""
        ...


class MemoryStage:
    """The in-memory ERP, on which everything is made as it is asked for."""

    def __init__(self, erp: MemoryERP) -> None:
        self.erp = erp

    @property
    def warehouse(self) -> str:
        """The only one."""
        return self.erp.records.warehouses[0].id

    def shelf(self, goods: int) -> Shelf:
        """New goods of a new supplier."""
        mill = self.erp.supplier("Steel mill")
        items = [self.erp.item(f"STEEL-{n}", unit="kg", on_hand=4) for n in range(goods)]
        priced = [(one, self.erp.offer(one, mill, price="2.50", lead_time=14)) for one in items]
        return Shelf(mill, priced)

    def on_hand(self, item: Item) -> Decimal:
        """As it was put there."""
        return sum(
            (one.on_hand for one in self.erp.records.levels if one.item_id == item.id), Decimal(0)
        )

    def draft(self, supplier: Supplier, lines: Iterable[tuple[Offer, int]]) -> PurchaseOrder:
        """Written into the records."""
        items = {one.id: one for one in self.erp.records.items}
        wanted = [(items[offer.item_id], packs(offer, number)) for offer, number in lines]
        return self.erp.order(supplier, wanted, state="draft")

    def record(self, word: str) -> RecordRef:
        """A new one."""
        return self.erp.record(word)

    def debtor(self) -> tuple[Customer, Sequence[Invoice]]:
        """Made here."""
        address = Address(lines=("1 rue Basse",), postcode="69001", city="Lyon", country="FR")
        customer = self.erp.customer(
            "Leroy", email="pay@leroy.example", phone="+33 4", kind="business", address=address
        )
        due = ON - timedelta(days=20)
        return customer, [self.erp.invoice(customer, amount, due=due) for amount in (1000, 234)]

    def rest(self) -> tuple[Customer, Invoice]:
        """Of the first invoice."""
        customer, (invoice, *_) = self.debtor()
        return customer, self.erp.pay(invoice, 998, ON - timedelta(days=10))

    picks_by_rule = True

    def job(self) -> tuple[ProductionOrder, ProductionStep, Sequence[WorkCentre]]:
        """Made here."""
        saws = [self.erp.work_centre(f"Saw {n}", group="saws") for n in (1, 2)]
        way = self.erp.routing("Frame", ("sawing", "saws"))
        order = self.erp.produce(self.erp.item("FRAME"), 10, start=ON, end=ON, routing=way)
        return order, order.steps[0], saws

    def promise(self) -> SaleLine:
        """Made here."""
        customer = self.erp.customer("Leroy")
        return self.erp.sell(self.erp.item("FRAME"), customer, 10, confirmed=ON)

    def delivery(self) -> PurchaseOrder:
        """Made here."""
        mill, steel = self.erp.supplier("Steel mill"), self.erp.item("STEEL", unit="kg")
        return self.erp.order(mill, [(steel, 100)], state="confirmed", expected=ON)


class MemorySide:
    """An in-memory ERP in a file of its own."""

    name = "memory"
    settings = ""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "erp.json"

    def begin(self, kind: str) -> Proposal:
        """A new file."""
        erp = MemoryERP(today=ON, company="Atelier Martin", file=self._file)
        return example_of(kind)(MemoryStage(erp))

    def world(self) -> Records:
        """All records, with the log of writes."""
        return Records.read(self._file)

    def size(self, world: Records) -> int:
        """Orders, notes and whatever else; and writes, where they stay."""
        return sum(len(one) for _, one in world if isinstance(one, list))

    def told(self, world: Records) -> str:
        """Its writes."""
        return str([one.operation for one in world.writes])


def handed_over(folder: Path) -> list[str]:
    """Mails that were sent and letters that lie ready, whatever the ERP is."""
    names = [*folder.glob("mail/*.json"), *folder.glob("post/*.pdf")]
    return sorted(f"{one.parent.name}: {one.stem}" for one in names)
