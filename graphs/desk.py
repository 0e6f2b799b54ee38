"""What lies on the desk of a mission: built once by the office, never part of a graph's state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import anyio
from pydantic import BaseModel

from regisseur.errors import Misconfigured, RetryLater, Unsupported
from regisseur.graphs.policy import Policy
from regisseur.storage.database import Database
from regisseur.storage.locks import Lock, Locks
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.erp.ports import Connection
from regisseur.tools.records import Company, Message

PATIENCE = 30.0
"""Seconds to wait for another worker that is writing to the same ERP."""


def _silent(_: Message) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Desk:
    """One company's connections, rules and clock, and who is working (``owner``)."""

    company: Company
    erp: Connection
    database: Database
    locks: Locks
    kinds: Mapping[str, AnyKind]
    policy: Policy
    owner: str
    now: Callable[[], datetime]
    settings: Mapping[str, BaseModel] = field(default_factory=dict)
    """Settings of each agent, by its name."""
    titles: Mapping[str, Message] = field(default_factory=dict)
    """What people call each agent, by its name."""
    proposes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kinds of action that each agent may propose, by its name; it may propose no others."""
    tell: Callable[[Message], None] = _silent
    others: tuple[Any, ...] = ()
    """Connections beside the ERP, for example to a mail server."""
    running: set[str] = field(default_factory=set)
    """Actions that a task of this process is performing right now."""

    def kind(self, name: str) -> AnyKind:
        """The kind of that name; raises Misconfigured where its plug-in is missing."""
        if name not in self.kinds:
            raise Misconfigured(f"no plug-in knows the kind {name}; install the one that does")
        return self.kinds[name]

    def local_day(self, moment: datetime) -> date:
        """The calendar day on the company's clocks."""
        return moment.astimezone(ZoneInfo(self.company.timezone)).date()

    def port(self, wanted: type[Any]) -> Any:
        """The connection that serves a port; raises Unsupported where none does."""
        for one in (self.erp, *self.others):
            if isinstance(one, wanted):
                return one
        raise Unsupported(
            f"{self.erp.vendor} does not offer {wanted.__name__}; see regisseur doctor"
        )


@asynccontextmanager
async def exclusively(locks: Locks, name: str, patience: float = PATIENCE) -> AsyncIterator[Lock]:
    """Hold a lock that dies with the process; raises RetryLater if others keep it for too long."""
    lock: Lock | None = None
    with anyio.move_on_after(patience):
        while (lock := await _attempt(locks, name)) is None:  # noqa: ASYNC110
            await anyio.sleep(0.05)  # held by another process: there is no event to wait for
    if lock is None:
        raise RetryLater(f"another process has held {name} for {patience:.0f} s; try again later")
    try:
        yield lock
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(lock.release)


async def _attempt(locks: Locks, name: str) -> Lock | None:
    return await anyio.to_thread.run_sync(locks.try_hold, name)
