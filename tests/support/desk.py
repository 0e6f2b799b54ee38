"""A desk for tests: the in-memory ERP, a database, the three kinds, a clock that a test moves, and
a tiny agent. ``Workshop`` says in few words what a night, a person or a worker does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from sqlalchemy.orm import Session

from regisseur.graphs.agent import Agent, Brief, Settings, Tell
from regisseur.graphs.deciding import Decision, decide
from regisseur.graphs.desk import Desk
from regisseur.graphs.filing import Filing, file_judgement
from regisseur.graphs.judgement import Judgement, Proposal
from regisseur.graphs.performing import perform
from regisseur.graphs.policy import Policy
from regisseur.storage import audit, ledger, missions
from regisseur.storage.database import Database
from regisseur.storage.ledger import Who
from regisseur.storage.locks import Lock, Locks, Owner
from regisseur.storage.tables import ActionRow, CompanyRow, EffectRow, MissionRow, RevisionRow
from regisseur.tools.actions import change_draft_order, place_purchase_order, tell_sales
from regisseur.tools.actions.base import AnyKind, Fact
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import (
    Company,
    Item,
    Offer,
    PurchaseOrder,
    Quantity,
    Record,
    RecordRef,
    Speaker,
    Supplier,
)

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ATELIER = Company(id="atelier", name="Atelier Martin", locale="en_GB")
KINDS: dict[str, AnyKind] = {
    one.KIND.name: one.KIND for one in (change_draft_order, place_purchase_order, tell_sales)
}
AGENTS = ("tiny", "other", *(f"agent{number}" for number in range(4)))
REMINDERS = ("send_reminder", "prepare_letter", "prepare_call", "formal_notice", "hand_over")
BUYER, BOSS = Who("buyer@atelier.example"), Who("boss@atelier.example")

say = Speaker("tests")


@dataclass
class Clock:
    """Stands still unless a test moves it."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> datetime:
        """Let time pass."""
        self.moment += timedelta(**by)
        return self.moment


def registered(database: Database, company: Company = ATELIER) -> None:
    """Make a company known to a database."""
    with database.write() as session:
        row = CompanyRow(**company.model_dump(), restored=False, created_at=NOW)
        missions.register_company(session, row)


def opened(
    session: Session,
    /,
    *,
    agent: str = "tiny",
    on: date = ON,
    company: str = ATELIER.id,
    **more: Any,
) -> MissionRow:
    """A new mission, whatever ran before."""
    return missions.open_mission(session, company, agent, on, 1, NOW, again=True, **more)


@dataclass
class Workshop:
    """One worker at one desk."""

    database: Database
    erp: MemoryERP
    clock: Clock = field(default_factory=Clock)
    policy: Policy = field(default_factory=Policy)
    company: Company = ATELIER
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.locks = Locks.for_database(self.database)
        self.owner = Owner.new()
        self.alive: Lock = self.locks.announce(self.owner)
        self.desk = Desk(
            company=self.company,
            erp=self.erp,
            database=self.database,
            locks=self.locks,
            kinds=KINDS,
            policy=self.policy,
            owner=str(self.owner),
            now=self.clock,
            titles={name: say("Tiny agent") for name in ("tiny", "other")},
            proposes=dict.fromkeys(AGENTS, (*KINDS, *REMINDERS)),
        )

    def ruled_by(self, **policy: Any) -> None:
        """Another policy from now on."""
        self.desk = replace(self.desk, policy=Policy.model_validate(policy))

    def colleague(self, database: Database | None = None) -> Workshop:
        """Another worker on the same company, ERP and database (or its own connection to it)."""
        return Workshop(database or self.database, self.erp, self.clock, self.desk.policy)

    async def night(
        self, *proposals: Proposal, on: date = ON, agent: str = "tiny"
    ) -> tuple[MissionRow, Filing]:
        """A mission that files these."""
        mission = await self.database.in_write(opened, agent=agent, on=on, company=self.company.id)
        judgement = Judgement(headline=say("A night"), proposals=proposals)
        return mission, await file_judgement(self.desk, mission, judgement)

    async def proposed(self, *proposals: Proposal) -> ActionRow:
        """The first action of a night that files these."""
        _, filing = await self.night(*proposals)
        return self.action(filing.actions[0])

    async def approved(self, *proposals: Proposal) -> ActionRow:
        """The same, approved by the buyer; nothing is performed yet."""
        return await self.decide((await self.proposed(*proposals)).id, "approve")

    async def decide(
        self, action_id: str, verdict: ledger.Verdict, who: Who = BUYER, **more: Any
    ) -> ActionRow:
        """A person decides on what stands now."""
        if verdict == "reject":
            more.setdefault("reason", "not_needed")
        return await decide(self.desk, Decision(action_id, verdict, who, **more))

    async def perform(self, action_id: str) -> ActionRow:
        """Carry it out, if it may be."""
        return await perform(self.desk, action_id)

    def action(self, action_id: str) -> ActionRow:
        """As the ledger has it."""
        with self.database.read() as session:
            return ledger.get(session, action_id)

    def actions(self) -> list[ActionRow]:
        """Everything in the ledger, oldest first."""
        with self.database.read() as session:
            return list(session.query(ActionRow).order_by(ActionRow.created_at, ActionRow.key))

    def effect(self, action_id: str) -> EffectRow:
        """What became of carrying it out."""
        with self.database.read() as session:
            effect = ledger.effect_of(session, action_id)
            assert effect is not None
            return effect

    def revisions(self, action_id: str) -> list[RevisionRow]:
        """All its versions."""
        with self.database.read() as session:
            query = session.query(RevisionRow).filter_by(action_id=action_id)
            return list(query.order_by(RevisionRow.revision))

    def verdict(self) -> audit.Verdict:
        """Is the audit chain whole?"""
        with self.database.read() as session:
            return audit.verify(session, self.company.id)

    def stop(self, agent: str = "") -> None:
        """Pull the brake."""
        with self.database.write() as session:
            ledger.stop(session, self.company.id, agent, BOSS, "stock-taking", self.clock())

    def go(self, agent: str = "") -> None:
        """Release it."""
        with self.database.write() as session:
            ledger.go(session, self.company.id, agent, BOSS, self.clock())

    # --- what can be proposed ---

    def shelf(self, code: str = "STEEL", *, price: str = "2.50", **offer: Any) -> Offer:
        """An item, a supplier of its own, and what that one asks."""
        item = self.erp.item(code, unit="kg", on_hand=4)
        supplier = self.erp.supplier(f"{code.capitalize()} mill")
        return self.erp.offer(item, supplier, price=price, lead_time=14, **offer)

    def order(self, offer: Offer, quantity: int = 100, **changed: Any) -> Proposal:
        """Buy this much of it."""
        records = self.erp.records
        item = next(one for one in records.items if one.id == offer.item_id)
        supplier = next(one for one in records.suppliers if one.id == offer.supplier_id)
        arguments = order_arguments(
            item, supplier, offer, quantity, warehouse=records.warehouses[0].id
        )
        on_hand = Fact(name=f"on_hand:{item.id}", value=Quantity(value=Decimal(4), unit="kg"))
        return Proposal(
            kind="place_purchase_order",
            arguments=arguments | changed,
            reason=say("{n} kg are left.", n=4),
            facts=(on_hand,),
            evidence=(RecordRef(model="item", id=item.id),),
        )

    def note(self, about: RecordRef, text: str = "Delayed by a week") -> Proposal:
        """Tell sales something about a record."""
        note = {"about": about.model_dump(), "topic": "delay", "text": text}
        return Proposal(kind="tell_sales", arguments=note, reason=say("They should know."))

    def change(self, order: PurchaseOrder, quantity: int) -> Proposal:
        """Another quantity on every line of somebody's draft."""
        lines = [
            {
                "line_id": line.id,
                "item_label": line.item_id or "",
                "unit": line.unit.model_dump(mode="json"),
                "quantity_before": str(line.quantity),
                "quantity_after": str(quantity),
            }
            for line in order.lines
        ]
        arguments = {
            "order_id": order.id,
            "order_label": f"draft {order.id}",
            "supplier_id": order.supplier_id,
            "supplier_name": "Mill",
            "lines": lines,
        }
        return Proposal(kind="change_draft_order", arguments=arguments, reason=say("Too little."))

    @property
    def confirmed(self) -> list[PurchaseOrder]:
        """Orders that bind us."""
        return [one for one in self.erp.records.orders if one.state == "confirmed"]

    @property
    def drafts(self) -> list[PurchaseOrder]:
        """Orders that don't."""
        return [one for one in self.erp.records.orders if one.state == "draft"]


def order_arguments(
    item: Item, supplier: Supplier, offer: Offer, quantity: int, *, warehouse: str
) -> dict[str, Any]:
    """JSON of an order of one line."""
    line = {
        "item_id": item.id,
        "item_code": item.code,
        "item_name": item.name,
        "offer_id": offer.id,
        "unit": offer.unit.model_dump(mode="json"),
        "quantity": str(quantity),
        "unit_price": str(offer.price_for(Decimal(quantity))),
        "breaks": [one.model_dump(mode="json") for one in offer.breaks],
        "minimum_quantity": str(offer.minimum_quantity),
        "multiple": str(offer.multiple),
        "expected": str(ON + timedelta(days=14)),
    }
    return {
        "supplier_id": supplier.id,
        "supplier_name": supplier.name,
        "warehouse_id": warehouse,
        "currency": offer.currency,
        "on": str(ON),
        "lines": [line],
    }


def edited(row: ActionRow, **line: Any) -> Mapping[str, Any]:
    """The arguments of an order with its first line changed."""
    first, *others = row.arguments["lines"]
    return {"lines": [first | line, *others]}


class Sales(Record):
    """What the tiny agent sees."""

    late: tuple[RecordRef, ...]


class TinySettings(Settings):
    """How it behaves."""

    text: str = "Delayed by a week"


class Tiny(Agent[Sales, TinySettings]):
    """Proposes one note for every sale that the ERP knows."""

    name: ClassVar[str] = "tiny"
    title = say("Tiny agent")
    requires: ClassVar[tuple[str, ...]] = ("notes",)
    kinds: ClassVar[tuple[str, ...]] = ("tell_sales",)
    settings, observation = TinySettings, Sales

    async def observe(self, erp: Any, brief: Brief[TinySettings], tell: Tell) -> Sales:
        await erp.items()
        return Sales(late=tuple(erp.records.others))

    def judge(self, observation: Sales, brief: Brief[TinySettings]) -> Judgement:
        notes = [
            {"about": one.model_dump(), "topic": "delay", "text": brief.settings.text}
            for one in observation.late
        ]
        return Judgement(
            headline=say("{n} sales are late.", n=len(notes)),
            proposals=tuple(
                Proposal(kind="tell_sales", arguments=note, reason=say("They should know."))
                for note in notes
            ),
        )


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the product does."""
    return "asyncio"


def _workshop(database: Database) -> Iterator[Workshop]:
    registered(database)
    made = Workshop(database, MemoryERP(today=ON, company=ATELIER.name))
    yield made
    made.alive.release()


@pytest.fixture
def workshop(memory_database: Database) -> Iterator[Workshop]:
    """On a database in memory, for what doesn't depend on which database it is."""
    yield from _workshop(memory_database)


@pytest.fixture
def real_workshop(database: Database) -> Iterator[Workshop]:
    """On SQLite in a file, then on PostgreSQL."""
    yield from _workshop(database)
