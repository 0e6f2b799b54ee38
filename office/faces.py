"""``Office`` and ``AsyncOffice``: the same operations for those who wait and those who await.

Both run on an event loop that the office owns, in a thread of its own, so that they work in a
script, inside a running loop (Jupyter, a web server) and from any thread alike.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, ExitStack
from functools import partial, wraps
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

from regisseur.errors import OfficeClosed
from regisseur.graphs.agent import AnyAgent
from regisseur.office import nights, people, policies
from regisseur.office import pack as packs
from regisseur.office.core import Core
from regisseur.office.house import Clock, Parts, furnish, wall_clock
from regisseur.office.settings import CompanySettings, OfficeSettings, load
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.erp.ports import Connection
from regisseur.tools.records import Company

P = ParamSpec("P")
T = TypeVar("T")
ERP = Connection | Mapping[str, Connection] | None


class _Open:
    """An open core on its own loop; closing it closes everything, in reverse order."""

    def __init__(self, settings: OfficeSettings, parts: Parts) -> None:
        self._thread = ExitStack()
        self._closing = threading.Lock()
        self._stack = AsyncExitStack()
        self._busy = 0
        self._idle: anyio.Event | None = None
        self._portal: BlockingPortal | None = self._thread.enter_context(
            start_blocking_portal(name="regisseur-office")
        )
        try:
            opening = self._start(partial(furnish, settings, parts, self._stack))
            self.core = Core(_result(opening))
        except BaseException:
            self.close()
            raise
        # Python would otherwise wait at its end, for ever, for a loop that it has frozen.
        atexit.register(self.close)

    def start(
        self,
        method: Callable[Concatenate[Core, P], Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Future[T]:
        """Begin an operation; cancelling what is returned cancels it."""
        return self._start(partial(method, self.core, *args, **kwargs))

    def _start(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        if self._portal is None:
            raise OfficeClosed("this office is closed; open another one")
        return self._portal.start_task_soon(partial(self._counted, work))

    async def _counted(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        self._busy += 1
        try:
            return await work()
        finally:
            self._busy -= 1
            if self._idle is not None and not self._busy:
                self._idle.set()

    def close(self) -> None:
        """Finish what runs and release everything; harmless when repeated."""
        with self._closing:
            portal, self._portal = self._portal, None
            atexit.unregister(self.close)
            if portal is not None:
                with self._thread:
                    portal.call(self._release)

    async def _release(self) -> None:
        if self._busy:
            self._idle = anyio.Event()
            await self._idle.wait()
        await self._stack.aclose()


def _result(work: Future[T]) -> T:
    """Wait for it; whoever interrupts the waiting (Ctrl-C) cancels the work."""
    try:
        return work.result()
    except BaseException:
        work.cancel()
        raise


def _settings(
    config: Path | str | None, company: Company | None, database: str | None
) -> OfficeSettings:
    """What was configured, with what the caller says instead."""
    settings = load(None if config is None else Path(config))
    if database is not None:
        settings.database = database
    if company is not None:
        settings.company = CompanySettings(**company.model_dump())
        settings.companies = {}
    return settings


def _waiting(
    method: Callable[Concatenate[Core, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Office, P], T]:
    """An operation for those who wait for its result."""

    @wraps(method)
    def call(self: Office, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return _result(self.opened.start(method, *args, **kwargs))

    return call


def _awaiting(
    method: Callable[Concatenate[Core, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[AsyncOffice, P], Coroutine[Any, Any, T]]:
    """An operation for those who await its result on a loop of their own."""

    @wraps(method)
    async def call(self: AsyncOffice, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.wrap_future(self.opened.start(method, *args, **kwargs))

    return call


class Office:
    """The Python API. Open it, use it as a context manager, or close it.

    ``company=`` is accepted everywhere and may be left out where there is only one. Errors are
    those of ``regisseur.errors``; their messages say what to do.
    """

    def __init__(self, opened: _Open) -> None:
        self.opened = opened

    @classmethod
    def open(
        cls,
        config: Path | str | None = None,
        *,
        company: Company | None = None,
        database: str | None = None,
        erp: ERP = None,
        others: Sequence[Any] = (),
        agents: Sequence[AnyAgent] = (),
        actions: Sequence[AnyKind] = (),
        clock: Clock = wall_clock,
    ) -> Self:
        """Open what ``regisseur.toml`` (or ``config``) and the environment describe.

        ``company``, ``database`` and ``erp`` replace what is configured; ``others`` are open
        connections beside the ERP, for example a mail account; ``agents`` and ``actions`` are
        plug-ins that aren't installed as packages.
        """
        parts = Parts(agents, actions, erp, others, clock)
        return cls(_Open(_settings(config, company, database), parts))

    def do(
        self,
        operation: Callable[Concatenate[Core, P], Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Any operation on the open house, where it runs: ``office.do(people.sign_in, …)``."""
        return _result(self.opened.start(operation, *args, **kwargs))

    def close(self) -> None:
        """Finish what runs and close every connection."""
        self.opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    run = _waiting(Core.run)
    nightly = _waiting(nights.nightly)
    pack = _waiting(packs.read_pack)
    packs = _waiting(packs.packs)
    members = _waiting(people.members)
    add_person = _waiting(people.add_person)
    decide_many = _waiting(people.decide_many)
    policy = _waiting(policies.current)
    mission = _waiting(Core.mission)
    reports = _waiting(Core.reports)
    explore = _waiting(Core.explore)
    plan = _waiting(Core.plan)
    sheet = _waiting(Core.sheet)
    inbox = _waiting(Core.inbox)
    action = _waiting(Core.action)
    decide = _waiting(Core.decide)
    find = _waiting(Core.find)
    history = _waiting(Core.history)
    record = _waiting(Core.record)
    entries = _waiting(Core.entries)
    withdraw = _waiting(Core.withdraw)
    read_statement = _waiting(Core.read_statement)
    take_statement = _waiting(Core.take_statement)
    resolve = _waiting(Core.resolve)
    answer = _waiting(Core.answer)
    interrupts = _waiting(Core.interrupts)
    stop = _waiting(Core.stop)
    go = _waiting(Core.go)
    sweep = _waiting(Core.sweep)
    doctor = _waiting(Core.doctor)
    audit_verify = _waiting(Core.audit_verify)
    audit_export = _waiting(Core.audit_export)


class AsyncOffice:
    """The same for those who live in an event loop: ``async with await AsyncOffice.open()``."""

    def __init__(self, opened: _Open) -> None:
        self.opened = opened

    @classmethod
    async def open(
        cls,
        config: Path | str | None = None,
        *,
        company: Company | None = None,
        database: str | None = None,
        erp: ERP = None,
        others: Sequence[Any] = (),
        agents: Sequence[AnyAgent] = (),
        actions: Sequence[AnyKind] = (),
        clock: Clock = wall_clock,
    ) -> Self:
        """As ``Office.open``."""
        settings = _settings(config, company, database)
        parts = Parts(agents, actions, erp, others, clock)
        opening = asyncio.ensure_future(asyncio.to_thread(_Open, settings, parts))
        try:
            return cls(await asyncio.shield(opening))
        except asyncio.CancelledError:
            await asyncio.to_thread((await opening).close)
            raise

    async def do(
        self,
        operation: Callable[Concatenate[Core, P], Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Any operation on the open house, where it runs: ``await office.do(people.sign_in, …)``."""
        return await asyncio.wrap_future(self.opened.start(operation, *args, **kwargs))

    async def close(self) -> None:
        """Finish what runs and close every connection."""
        await asyncio.to_thread(self.opened.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.close()

    run = _awaiting(Core.run)
    nightly = _awaiting(nights.nightly)
    pack = _awaiting(packs.read_pack)
    packs = _awaiting(packs.packs)
    members = _awaiting(people.members)
    add_person = _awaiting(people.add_person)
    decide_many = _awaiting(people.decide_many)
    policy = _awaiting(policies.current)
    mission = _awaiting(Core.mission)
    reports = _awaiting(Core.reports)
    explore = _awaiting(Core.explore)
    plan = _awaiting(Core.plan)
    sheet = _awaiting(Core.sheet)
    inbox = _awaiting(Core.inbox)
    action = _awaiting(Core.action)
    decide = _awaiting(Core.decide)
    find = _awaiting(Core.find)
    history = _awaiting(Core.history)
    record = _awaiting(Core.record)
    entries = _awaiting(Core.entries)
    withdraw = _awaiting(Core.withdraw)
    read_statement = _awaiting(Core.read_statement)
    take_statement = _awaiting(Core.take_statement)
    resolve = _awaiting(Core.resolve)
    answer = _awaiting(Core.answer)
    interrupts = _awaiting(Core.interrupts)
    stop = _awaiting(Core.stop)
    go = _awaiting(Core.go)
    sweep = _awaiting(Core.sweep)
    doctor = _awaiting(Core.doctor)
    audit_verify = _awaiting(Core.audit_verify)
    audit_export = _awaiting(Core.audit_export)
