"""A real Tryton as the far side of the crash matrix, with a proxy in front that lets things fail.

One server serves all sites of a test worker. Each site starts from the same database, which is
poured back into the live file (SQLite's online backup, about 40 ms); each kind has one of its own,
in which the stage for its example is set already. What is there afterwards is read from Tryton's
tables: whichever rows are new, changed or gone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from faulty_proxy import FaultyProxy
from matrix_child import ON
from matrix_examples import Shelf, example_of, packs
from tryton_erp import connection
from tryton_rights import let_write_off
from tryton_server import TrytonServer

from regisseur.graphs.judgement import Proposal
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.erp.tryton.client import MODELS
from regisseur.tools.records import (
    Customer,
    DraftOrder,
    DraftOrderLine,
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

T = TypeVar("T")
SETTINGS = """\
[company.erp]
vendor = "tryton"
url = "{url}"
database = "{database}"
user = "{user}"
password = "{password}"
[company.erp.http]
attempts = 2
first_pause_seconds = 0
longest_pause_seconds = 0
requests_per_second = 1000
"""
OF_NO_ACCOUNT = {"ir_session", "ir_session_wizard", "ir_cache", "res_user_login_attempt"}
"""Tables in which Tryton keeps its own house."""
LEFT_OUT = {"ir_model_log": "event = 'delete'"}
"""Rows that are no difference: Tryton's diary of a surplus draft that came late and was removed."""
NOT_COMPARED = ("INTEGER", "BIGINT", "TIMESTAMP")
"""Ids and moments, by SQLite's type of their columns: another draft may have come between."""

Rows = tuple[tuple[str, int, tuple[tuple[Any, ...], ...]], ...]
"""Of each table in which anything changed: how many rows more it has, and those that are new or
changed.
"""


class TrytonStage:
    """The demo company: an example takes what is there."""

    def __init__(
        self, erp: Tryton, admin: Tryton, ask: Callable[[Coroutine[Any, Any, Any]], Any]
    ) -> None:
        self.erp, self._admin, self._ask = erp, admin, ask

    @property
    def warehouse(self) -> str:
        """The first."""
        return str(self._ask(self.erp.warehouses())[0].id)

    @cached_property
    def _on_order(self) -> set[str | None]:
        return {line.item_id for one in self._ask(self.erp.open_orders()) for line in one.lines}

    def shelf(self, goods: int) -> Shelf:
        """Of the first supplier who has so many priced goods that are not on order."""
        suppliers: list[Supplier] = [one for one in self._ask(self.erp.suppliers()) if one.active]
        items: dict[str, Item] = {one.id: one for one in self._ask(self.erp.items())}
        found: dict[str, dict[str, tuple[Item, Offer]]] = {}
        for offer in self._ask(self.erp.offers()):
            item = items.get(offer.item_id)
            if item and item.purchasable and offer.breaks and item.id not in self._on_order:
                found.setdefault(offer.supplier_id, {}).setdefault(item.id, (item, offer))
        for supplier in suppliers:
            priced = list(found.get(supplier.id, {}).values())[:goods]
            if len(priced) == goods:
                return Shelf(supplier, priced)
        raise AssertionError(f"no supplier of the demo company has {goods} goods to be ordered")

    def on_hand(self, item: Item) -> Decimal:
        """As it is."""
        levels = self._ask(self.erp.stock(self.warehouse))
        return sum((one.on_hand for one in levels if one.item_id == item.id), Decimal(0))

    def draft(self, supplier: Supplier, lines: Iterable[tuple[Offer, int]]) -> PurchaseOrder:
        """Written with a reference that is nobody's key."""
        wanted = list(lines)
        order = DraftOrder(
            supplier_id=supplier.id,
            warehouse_id=self.warehouse,
            currency=wanted[0][0].currency,
            on=ON,
            lines=tuple(_line(offer, packs(offer, number)) for offer, number in wanted),
        )
        made = self._ask(self.erp.draft_order("by hand", order))
        read: PurchaseOrder = self._ask(self.erp.read_order(made))
        return read

    def record(self, word: str) -> RecordRef:
        """The oldest."""
        search = self.erp.client.read(f"model.{MODELS[word]}.search", [], 0, 1, [["id", "ASC"]])
        return self.erp.client.ref(word, self._ask(search)[0])

    def debtor(self) -> tuple[Customer, Sequence[Invoice]]:
        """The first who has all contacts, and nothing that keeps it from being asked."""
        owed: dict[str, list[Invoice]] = {}
        for one in self._ask(self.erp.open_invoices()):
            if not (one.credit_note or one.dispute or any(p.blocked for p in one.instalments)):
                owed.setdefault(one.customer_id, []).append(one)
        said = {one.customer_id for one in self._ask(self.erp.reminders(ON - timedelta(days=30)))}
        for customer in self._ask(self.erp.customers()):
            by_mail = any(one.email for one in customer.contacts) and customer.address
            by_phone = any(one.phone for one in customer.contacts)
            if by_mail and by_phone and customer.id in owed and customer.id not in said:
                return customer, owed[customer.id][:2]
        raise AssertionError("nobody in the demo company can be reached in every way and owes")

    def rest(self) -> tuple[Customer, Invoice]:
        """The first that is paid in part; the agent may write in the books from now on."""
        self._ask(let_write_off(self._admin))
        for one in self._ask(self.erp.open_invoices()):
            if one.settlements and one.open > 0 and not one.dispute:
                customer: Customer = self._ask(self.erp.read_customer(one.customer_id))
                return customer, one
        raise AssertionError("no invoice of the demo company is paid in part")

    picks_by_rule = False

    def job(self) -> tuple[ProductionOrder, ProductionStep, Sequence[WorkCentre]]:
        """The first on which nobody works yet and that has such a step."""
        centres: list[WorkCentre] = self._ask(self.erp.work_centres())
        by_id = {one.id: one for one in centres}
        for order in self._ask(self.erp.open_production()):
            untouched = all(step.state == "to_do" for step in order.steps)
            if order.state == "waiting" and untouched and order.planned_start and order.planned_end:
                for step in order.steps:
                    others = [one for one in centres if one.group == step.group is not None]
                    here = by_id.get(step.work_centre_id or "")
                    if here and len(others) > 1:
                        return order, step, [here, next(one for one in others if one != here)]
        raise AssertionError("no order of the demo company waits and can be done elsewhere")

    def promise(self) -> SaleLine:
        """The first that is confirmed for some day."""
        lines: list[SaleLine] = self._ask(self.erp.open_sales())
        return next(one for one in lines if one.confirmed)

    def delivery(self) -> PurchaseOrder:
        """The first."""
        orders: list[PurchaseOrder] = self._ask(self.erp.open_orders())
        return next(
            one
            for one in orders
            if one.state == "confirmed" and any(line.outstanding for line in one.lines)
        )


def _line(offer: Offer, quantity: Decimal) -> DraftOrderLine:
    price = offer.price_for(quantity)
    assert price is not None
    return DraftOrderLine(
        item_id=offer.item_id,
        offer_id=offer.id,
        quantity=quantity,
        unit=offer.unit,
        unit_price=price,
        expected=ON + timedelta(days=30),
    )


@dataclass(frozen=True)
class _Start:
    """A database in which the stage is set for one kind."""

    file: Path
    proposal: Proposal
    sizes: dict[str, int]
    since: str
    """The moment of its last change."""


class CrashTryton:
    """One served Tryton, its proxy, and the databases that sites start from."""

    def __init__(self, server: TrytonServer, proxy: FaultyProxy, folder: Path) -> None:
        self.server, self.proxy, self._folder = server, proxy, folder
        self._live = server.folder / "tryton.sqlite"
        self._starts: dict[str, _Start] = {}
        self._empty = folder / "empty.sqlite"
        _pour(self._live, self._empty)

    def start_of(self, kind: str) -> _Start:
        """Where a kind starts, made when it is first asked for."""
        if kind not in self._starts:
            _pour(self._empty, self._live)
            proposal = asyncio.run(self._set_stage(kind))
            file = self._folder / f"{kind}.sqlite"
            _pour(self._live, file)
            with closing(sqlite3.connect(file)) as database:
                self._starts[kind] = _Start(file, proposal, _sizes(database), _last(database))
        return self._starts[kind]

    def reset(self, kind: str) -> Proposal:
        """Everything as it was at the start, and nothing goes wrong any more."""
        start = self.start_of(kind)
        self.proxy.plan(None)
        self.proxy.lift()
        _pour(start.file, self._live)
        return start.proposal

    def changed(self, kind: str) -> Rows:
        """What is different from the start."""
        start = self.start_of(kind)
        with closing(sqlite3.connect(f"file:{self._live}?mode=ro", uri=True)) as database:
            found = [
                (table, size - start.sizes.get(table, 0), _new(database, table, start.since))
                for table, size in _sizes(database).items()
            ]
        return tuple(one for one in found if one[1] or one[2])

    async def _set_stage(self, kind: str) -> Proposal:
        """Examples are written for people, one question after the other: in a thread."""
        server = self.server
        erp = connection(server.url, server.user, server.password)
        admin = connection(server.url, "admin", server.admin_password)
        loop = asyncio.get_running_loop()

        def ask(question: Coroutine[Any, Any, Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(question, loop).result()

        try:
            stage = TrytonStage(erp, admin, ask)
            return await asyncio.to_thread(lambda: example_of(kind)(stage))
        finally:
            await erp.close()
            await admin.close()


class TrytonSide:
    """The far side of one site; there is one at a time."""

    name = "tryton"

    def __init__(self, tryton: CrashTryton) -> None:
        self.tryton, self._kind = tryton, ""

    @property
    def settings(self) -> str:
        """Through the proxy."""
        server = self.tryton.server
        return SETTINGS.format(
            url=self.tryton.proxy.url,
            database=server.database,
            user=server.user,
            password=server.password,
        )

    def begin(self, kind: str) -> Proposal:
        """As at the start."""
        self._kind = kind
        return self.tryton.reset(kind)

    def world(self) -> Rows:
        """What is different from the start."""
        return self.tryton.changed(self._kind)

    def size(self, world: Rows) -> int:
        """Rows more."""
        return sum(more for _, more, _ in world)

    def told(self, world: Rows) -> str:
        """As it is."""
        return "\n".join(map(str, world)) or "nothing"


def _pour(source: Path, into: Path) -> None:
    """One database over another, which may be served meanwhile."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(into)) as new:
        new.execute("PRAGMA synchronous = OFF")
        old.backup(new)


def _tables(database: sqlite3.Connection) -> Iterator[str]:
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        if name not in OF_NO_ACCOUNT and not name.startswith("sqlite_"):
            yield name


def _sizes(database: sqlite3.Connection) -> dict[str, int]:
    return {
        table: database.execute(
            f'SELECT count(*) FROM "{table}" WHERE NOT ({LEFT_OUT.get(table, "0")})'
        ).fetchone()[0]
        for table in _tables(database)
    }


def _columns(database: sqlite3.Connection, table: str) -> dict[str, str]:
    return {
        name: kind.upper()
        for _, name, kind, *_ in database.execute(f'PRAGMA table_info("{table}")')
    }


def _last(database: sqlite3.Connection) -> str:
    moments: list[str | None] = []
    for table in _tables(database):
        if {"create_date", "write_date"} <= _columns(database, table).keys():
            query = f'SELECT max(create_date), max(write_date) FROM "{table}"'
            moments += database.execute(query).fetchone()
    return max(filter(None, moments))


def _new(database: sqlite3.Connection, table: str, since: str) -> tuple[tuple[Any, ...], ...]:
    columns = _columns(database, table)
    if not {"create_date", "write_date"} <= columns.keys():
        return ()
    named = [f'"{one}"' for one, kind in columns.items() if kind not in NOT_COMPARED]
    query = f"""SELECT {", ".join(named) or "0"} FROM "{table}"
        WHERE (create_date > ? OR write_date > ?) AND NOT ({LEFT_OUT.get(table, "0")})"""
    return tuple(sorted(database.execute(query, (since, since)).fetchall(), key=repr))
