"""``regisseur serve``: one process that serves the pages and keeps the clock.

The pages run on a loop of their own; everything else on the office's. What stops it takes the
pages away first, lets what is under way come to its end for a while, and cuts off the rest where it
can be gone on with: nothing depends on this process but itself.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from regisseur.errors import Misconfigured
from regisseur.graphs.desk import Desk
from regisseur.office.core import Core
from regisseur.office.faces import AsyncOffice
from regisseur.office.logged import logged
from regisseur.office.nights import (
    Chore,
    Rounds,
    Scheduler,
    all_chores,
    next_night,
    schedule_of,
)
from regisseur.office.settings import FILE, OfficeSettings, load
from regisseur.office.setup import Code, make_setup
from regisseur.office.web.app import make_app
from regisseur.office.web.settings import ServerSettings

log = logging.getLogger("regisseur.serve")

Announce = Callable[[str, str | None], None]
"""Is told the address that is served, and the code that opens the set-up where that is served."""

GRACE = 20.0
"""Seconds that what is under way has for coming to its end; systemd waits 90."""
PAGES_GRACE = 5
"""Seconds that requests have, before those that follow a mission's progress are cut off."""


def serve(
    config: Path | None,
    announce: Announce,
    *,
    host: str | None = None,
    port: int | None = None,
    scheduler: Callable[[Sequence[Chore]], Scheduler] = Rounds,
) -> None:
    """Serve until SIGTERM or SIGINT. ``host`` and ``port`` replace those of the settings.

    Where no company is set up yet, the pages of the first set-up are served until there is one.
    Raises Misconfigured for an address that can't be listened on, and whatever opening the office
    raises.
    """
    settings = load(config)
    changes = {name: one for name, one in (("host", host), ("port", port)) if one is not None}
    settings.server = settings.server.model_copy(update=changes)
    with _listening(settings.server) as listener:
        server = settings.server.model_copy(update={"port": listener.getsockname()[1]})
        asyncio.run(_Serving(config, server, announce, scheduler).run(settings, listener))


@contextmanager
def _listening(server: ServerSettings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        listener = socket.create_server((server.host, server.port), family=family)
    except OSError as error:
        raise Misconfigured(
            f"{server.host}:{server.port} can't be listened on: {error.strerror}; see what else "
            "is there, or choose another with --port or [server]"
        ) from error
    with listener:
        yield listener


class _Front:
    """The application that is served now: the set-up first, the office's pages after it."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if self.app is None:
            raise RuntimeError("nothing is served yet")
        await self.app(scope, receive, send)


class _Pages(uvicorn.Server):
    """Leaves signals to us: they stop the clock as well."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """See above."""
        yield


class _Serving:
    """One run of ``serve``."""

    def __init__(
        self,
        config: Path | None,
        server: ServerSettings,
        announce: Announce,
        scheduler: Callable[[Sequence[Chore]], Scheduler],
    ) -> None:
        self._config, self._server = config, server
        self._announce, self._scheduler = announce, scheduler
        self._front = _Front()
        self._stack = AsyncExitStack()
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None

    async def run(self, settings: OfficeSettings, listener: socket.socket) -> None:
        """Until it is told to stop, or the clock fails."""
        with _signals(self._asked_to_stop):
            async with self._stack:
                if settings.all():
                    await self._open()
                else:
                    self._set_up()
                await self._serve(listener)
        if self._failure is not None:
            raise self._failure
        log.info("stopped")

    async def _open(self) -> AsyncOffice:
        """Open the office, begin its chores and show its pages."""
        office = await self._stack.enter_async_context(await AsyncOffice.open(self._config))
        office.opened.core.house.settings.server = self._server
        self._front.app = make_app(office, self._server)
        await office.do(_tell_of_all)
        chores = self._scheduler(all_chores(office.opened.core))
        await self._stack.enter_async_context(_Clock(office, chores, self._clock_failed))
        self._announce(self._server.address, None)
        return office

    def _set_up(self) -> None:
        code = Code()
        file = Path(FILE) if self._config is None else self._config
        self._front.app = make_setup(file, code, finished=self._open, secure=self._server.secure)
        logged(log, logging.INFO, "serving the set-up", address=self._server.address)
        self._announce(self._server.address, code.text)

    async def _serve(self, listener: socket.socket) -> None:
        pages = _Pages(
            uvicorn.Config(
                self._front,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                proxy_headers=bool(self._server.trusted_proxies),
                forwarded_allow_ips=list(self._server.trusted_proxies),
                timeout_graceful_shutdown=PAGES_GRACE,
            )
        )
        serving = asyncio.create_task(pages.serve([listener]))
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pages.should_exit = True
            stopping.cancel()
            await serving

    def _asked_to_stop(self) -> None:
        log.info("stopping")
        self._stop.set()

    def _clock_failed(self, error: BaseException) -> None:
        self._failure = error
        self._stop.set()


class _Clock:
    """The chores of an open office, begun and ended."""

    def __init__(
        self, office: AsyncOffice, scheduler: Scheduler, failed: Callable[[BaseException], None]
    ) -> None:
        self._office, self._scheduler, self._failed = office, scheduler, failed
        self._running: Future[None] | None = None

    async def __aenter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._running = self._office.opened.start(_run, self._scheduler)

        def ended(work: Future[None]) -> None:
            error = None if work.cancelled() else work.exception()
            if error is not None:
                loop.call_soon_threadsafe(self._failed, error)

        self._running.add_done_callback(ended)

    async def __aexit__(self, *_: object) -> None:
        """Let it come to its end, and cut it off where that takes too long."""
        if self._running is None:
            return
        await self._office.do(_stop, self._scheduler)
        ending = asyncio.wrap_future(self._running)
        done, _late = await asyncio.wait({ending}, timeout=GRACE)
        if not done:
            log.info("what is under way is cut off; it is gone on with at the next start")
            ending.cancel()
            await asyncio.wait({ending})


async def _run(core: Core, scheduler: Scheduler) -> None:
    await scheduler.run(core)


async def _stop(core: Core, scheduler: Scheduler) -> None:
    await scheduler.stop(core)


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Both signals ask to stop; a second Ctrl-C interrupts at once."""
    loop = asyncio.get_running_loop()

    def asked(number: int, _: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        loop.call_soon_threadsafe(stop)

    before = {one: signal.signal(one, asked) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


async def _tell_of_all(core: Core) -> None:
    """Say what is served, and when each company's night comes."""
    server, database = core.house.settings.server, str(core.house.database)
    logged(log, logging.INFO, "serving", address=server.address, database=database)
    for desk in core.house.desks.values():
        logged(log, logging.INFO, "company", **_about(core, desk))
    for problem in core.house.problems:
        log.warning("left out: %s", problem)


def _about(core: Core, desk: Desk) -> dict[str, str]:
    schedule = schedule_of(core, desk.company.id)
    coming = next_night(schedule.settings, schedule.zone, desk.now())
    begins = "never" if coming is None else coming.begins.astimezone(schedule.zone).isoformat()
    settings = next(one for one in core.house.settings.all() if one.id == desk.company.id)
    return {
        "company": desk.company.id,
        "erp": desk.erp.identity,
        "agents": ", ".join(core.house.enabled[desk.company.id]) or "none",
        "next_night": begins,
        "mail": str(settings.mail.get("vendor", "none")),
        "hooks": str(len(settings.hooks)),
    }
