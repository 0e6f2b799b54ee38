"""The composition root: the one place where settings become open connections and live parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import anyio
from langgraph.graph.state import CompiledStateGraph
from sqlalchemy.orm import Session

from regisseur.errors import Misconfigured, NotFound
from regisseur.graphs.agent import AnyAgent
from regisseur.graphs.desk import Desk
from regisseur.graphs.ruling import settings_differ, take_note
from regisseur.office.settings import CompanySettings, OfficeSettings, parse_part
from regisseur.office.watermark import Watermark
from regisseur.storage import audit, missions
from regisseur.storage.checkpoint import SqlAlchemySaver
from regisseur.storage.database import Database
from regisseur.storage.locks import Locks, Owner
from regisseur.storage.tables import CompanyRow
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.bank import CsvLayout
from regisseur.tools.erp.ports import Connection
from regisseur.tools.plugins import Discovery, Problem, discover
from regisseur.tools.records import Message

Clock = Callable[[], datetime]

ROLES = ("mail", "mailbox", "post")
"""Connections beside the ERP: tables of a company's settings, packages of tools with adapters."""


def wall_clock() -> datetime:
    """The present moment; only the office looks at it."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Parts:
    """What a caller hands in instead of, or beside, what is installed and configured."""

    agents: Sequence[AnyAgent] = ()
    actions: Sequence[AnyKind] = ()
    erp: Connection | Mapping[str, Connection] | None = None
    """An open connection for the only company, or one per company id."""
    others: Sequence[Any] = ()
    """Open connections beside the ERP (a mail account, a mailbox, a post room), for every company."""
    clock: Clock = wall_clock


@dataclass(frozen=True)
class House:
    """Everything that is open while the office is."""

    database: Database
    locks: Locks
    saver: SqlAlchemySaver
    agents: Mapping[str, AnyAgent]
    graphs: Mapping[str, CompiledStateGraph[Any, Desk, Any, Any]]
    desks: Mapping[str, Desk]
    enabled: Mapping[str, tuple[str, ...]]
    """Names of the agents that run for each company."""
    banks: Mapping[str, Mapping[str, CsvLayout]]
    """How the banks of each company write their CSV files."""
    problems: Sequence[Problem]
    """Plug-ins that are left out, and why."""
    clock: Clock
    watermark: Watermark
    settings: OfficeSettings

    def desk(self, company: str | None) -> Desk:
        """The desk of a company; which one need not be said where there is only one."""
        if company is None:
            if len(self.desks) != 1:
                raise NotFound(f"say which company: {', '.join(self.desks)}")
            return next(iter(self.desks.values()))
        if company not in self.desks:
            raise NotFound(f"there is no company {company!r}, only {', '.join(self.desks)}")
        return self.desks[company]

    def bank_layout(self, company_id: str, name: str | None) -> CsvLayout | None:
        """The CSV layout of that name in a company's settings."""
        layouts = self.banks[company_id]
        if name is None:
            return None
        if name not in layouts:
            known = ", ".join(sorted(layouts)) or "none"
            raise NotFound(f"[company.banks.{name}] is not set up; those are: {known}")
        return layouts[name]

    def agent(self, name: str) -> AnyAgent:
        """The agent of that name."""
        if name not in self.agents:
            raise NotFound(f"there is no agent {name!r}, only {', '.join(sorted(self.agents))}")
        return self.agents[name]


async def furnish(settings: OfficeSettings, parts: Parts, stack: AsyncExitStack) -> House:
    """Open everything; what is open is closed by ``stack``, also when opening fails half-way.

    Raises Misconfigured naming the setting, and storage errors for the database.
    """
    if not settings.all():
        raise Misconfigured(
            "no company is set up; write regisseur.toml with `regisseur init`, or name one"
        )
    agents, kinds, adapters = _plugins(parts)
    database = await anyio.to_thread.run_sync(_open_database, settings.database)
    stack.callback(database.close)
    locks = Locks.for_database(database)
    owner = await anyio.to_thread.run_sync(Owner.new)
    stack.enter_context(locks.announce(owner))
    saver = SqlAlchemySaver.on(database)
    watermark = Watermark(_watermark_path(database, settings))
    blank = _BlankDesk(
        database, locks, kinds.found, str(owner), parts.clock, agents.found, settings.folder
    )
    desks: dict[str, Desk] = {}
    for one in settings.all():
        found = {role: discovery.found for role, discovery in adapters.items()}
        desks[one.id] = _desk(one, blank, parts, found, stack)
        await database.in_write(missions.register_company, _row(one, parts.clock()))
        await database.in_write(_notice_restore, watermark, one.id, parts.clock())
        if await database.in_read(settings_differ, desks[one.id]):
            await database.in_write(take_note, desks[one.id])
    return House(
        database=database,
        locks=locks,
        saver=saver,
        agents=agents.found,
        graphs={
            name: agent.graph().compile(checkpointer=saver) for name, agent in agents.found.items()
        },
        desks=desks,
        banks={one.id: one.banks for one in settings.all()},
        enabled={one.id: _enabled(one, agents.found) for one in settings.all()},
        problems=[
            problem
            for found in (agents.problems, kinds.problems, *(x.problems for x in adapters.values()))
            for problem in found
        ],
        clock=parts.clock,
        watermark=watermark,
        settings=settings,
    )


def _plugins(
    parts: Parts,
) -> tuple[Discovery[AnyAgent], Discovery[AnyKind], dict[str, Discovery[Any]]]:
    """Agents, kinds of action, and the adapters of each role."""
    agents = discover("regisseur.agents", "AGENT", "regisseur.agents", parts.agents, name_of=_name)
    kinds = discover(
        "regisseur.tools.actions", "KIND", "regisseur.actions", parts.actions, name_of=_name
    )
    adapters: dict[str, Discovery[Any]] = {
        role: discover(f"regisseur.tools.{role}", "ADAPTER", f"regisseur.{role}", name_of=_name)
        for role in ("erp", *ROLES)
    }
    return agents, kinds, adapters


def _desk(
    one: CompanySettings,
    blank: _BlankDesk,
    parts: Parts,
    adapters: Mapping[str, Mapping[str, Any]],
    stack: AsyncExitStack,
) -> Desk:
    """A company's desk with all its connections."""
    erp = _erp(one, parts, adapters["erp"], stack, blank.folder)
    others = [
        _connect(one, role, written, adapters[role], stack, blank.folder)
        for role in ROLES
        if (written := getattr(one, role))
    ]
    return blank.desk(one, erp, (*parts.others, *others))


def _notice_restore(session: Session, watermark: Watermark, company_id: str, now: datetime) -> None:
    mark = watermark.of(company_id)  # first: another process may be adding to the chain
    if audit.length_of(session, company_id) < mark:
        missions.mark_restored(session, company_id, restored=True, now=now)


def _watermark_path(database: Database, settings: OfficeSettings) -> Path | None:
    """Beside the SQLite file; for a database on a server, beside the settings and by its name."""
    if database.dialect == "postgresql":
        which = hashlib.sha256(str(database).encode()).hexdigest()[:12]
        return settings.folder / f"regisseur-{which}.watermark"
    return (
        None
        if database.path is None
        else database.path.with_name(f"{database.path.name}.watermark")
    )


def _name(plugin: Any) -> str:
    name = plugin.name
    if not isinstance(name, str):
        raise Misconfigured(f"{plugin!r} has no name")
    return name


def _open_database(url: str) -> Database:
    database = Database.open(url)
    try:
        database.upgrade()
    except BaseException:
        database.close()
        raise
    return database


def _row(one: CompanySettings, now: datetime) -> CompanyRow:
    return CompanyRow(**one.company().model_dump(), restored=False, created_at=now)


def _erp(
    one: CompanySettings,
    parts: Parts,
    adapters: Mapping[str, Any],
    stack: AsyncExitStack,
    folder: Path,
) -> Connection:
    handed = parts.erp.get(one.id) if isinstance(parts.erp, Mapping) else parts.erp
    if handed is not None:
        return handed
    erp: Connection = _connect(one, "erp", one.erp, adapters, stack, folder)
    return erp


def _connect(
    one: CompanySettings,
    role: str,
    written: Mapping[str, Any],
    adapters: Mapping[str, Any],
    stack: AsyncExitStack,
    folder: Path,
) -> Any:
    """Open what a table of the settings describes; raises Misconfigured naming the key."""
    where = f"company {one.id}: {role}"
    if "vendor" not in written:
        raise Misconfigured(f"{where}.vendor: name one of {', '.join(sorted(adapters))}")
    vendor, rest = written["vendor"], {k: v for k, v in written.items() if k != "vendor"}
    if vendor not in adapters:
        raise Misconfigured(
            f"{where}.vendor: {vendor!r} is not one of {', '.join(sorted(adapters))}"
        )
    adapter = adapters[vendor]
    opened = adapter.open(parse_part(adapter.settings, rest, where, folder), one.company())
    stack.push_async_callback(opened.close)
    return opened


@dataclass(frozen=True)
class _BlankDesk:
    database: Database
    locks: Locks
    kinds: Mapping[str, AnyKind]
    owner: str
    clock: Clock
    agents: Mapping[str, AnyAgent]
    folder: Path

    def desk(self, one: CompanySettings, erp: Connection, others: tuple[Any, ...]) -> Desk:
        unknown = sorted(one.agents.keys() - self.agents.keys())
        if unknown:
            raise Misconfigured(f"company {one.id}: agents.{unknown[0]}: there is no such agent")
        return Desk(
            company=one.company(),
            erp=erp,
            database=self.database,
            locks=self.locks,
            kinds=self.kinds,
            policy=one.policy,
            owner=self.owner,
            now=self.clock,
            others=others,
            settings={
                name: parse_part(
                    agent.settings,
                    _own(one.agents.get(name, {})),
                    f"company {one.id}: agents.{name}",
                    self.folder,
                )
                for name, agent in self.agents.items()
            },
            titles={name: agent.title for name, agent in self.agents.items()},
            proposes={name: agent.kinds for name, agent in self.agents.items()},
        )


def _own(written: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in written.items() if key != "enabled"}


def _enabled(one: CompanySettings, agents: Mapping[str, AnyAgent]) -> tuple[str, ...]:
    """Names of a company's agents; each after those whose papers it reads."""
    chosen = {name for name in agents if one.agents.get(name, {}).get("enabled", True) is True}
    order = TopologicalSorter(
        {name: sorted(chosen & {*agents[name].reads}) for name in sorted(chosen)}
    )
    try:
        return tuple(order.static_order())
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise Misconfigured(f"agents read each other's papers in a circle: {circle}") from error


def told_to(desk: Desk, tell: Callable[[Message], None] | None) -> Desk:
    """The same desk, with somebody watching the progress."""
    return desk if tell is None else replace(desk, tell=tell)
