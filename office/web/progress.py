"""What running missions are doing, for those who watch them on a page.

A mission tells its steps on the office's threads; watchers read them on the web server's loop.
What is kept here is lost with the process, and nothing depends on it: a page that finds no steps
shows where the ledger says the mission stands.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from weakref import WeakKeyDictionary

from regisseur.errors import RegisseurError
from regisseur.office.core import Core
from regisseur.office.faces import AsyncOffice
from regisseur.office.house import Clock, told_to
from regisseur.storage import ledger, missions
from regisseur.tools.records import Message

log = logging.getLogger(__name__)

REMEMBERED = 50
"""Missions whose steps are kept, counting those that have ended."""


@dataclass(frozen=True)
class Step:
    """One thing that a mission said it was doing."""

    at: datetime
    message: Message


class Watched:
    """A mission that this process runs: its steps so far, and whether it has come to its pause."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._steps: list[Step] = []
        self._ended = False
        self._watchers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @property
    def steps(self) -> tuple[Step, ...]:
        """What it has told so far, oldest first."""
        with self._lock:
            return tuple(self._steps)

    @property
    def ended(self) -> bool:
        """Whether it waits, is closed, or has failed."""
        return self._ended

    def tell(self, message: Message) -> None:
        """Add a step; on any thread."""
        with self._lock:
            self._steps.append(Step(self._clock(), message))
        self._wake()

    def end(self) -> None:
        """Say that no more steps will come; on any thread."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            watchers = tuple(self._watchers)
        for loop, news in watchers:
            try:
                loop.call_soon_threadsafe(news.set)
            except RuntimeError:  # that loop is closed, and whoever watched is gone with it
                log.debug("somebody stopped watching")

    async def follow(
        self, after: int = 0, *, patience: float | None = None
    ) -> AsyncIterator[tuple[int, Step | None]]:
        """Steps with their numbers from 1, those after number ``after``, until it ends.

        After ``patience`` seconds without one, ``None``: for telling that somebody still listens.
        """
        news = asyncio.Event()
        watcher = (asyncio.get_running_loop(), news)
        with self._lock:
            self._watchers.add(watcher)
        try:
            while True:
                news.clear()
                ended = self._ended
                for step in self.steps[after:]:
                    after += 1
                    yield after, step
                if ended:
                    return
                try:
                    await asyncio.wait_for(news.wait(), patience)
                except TimeoutError:
                    yield after, None
        finally:
            with self._lock:
                self._watchers.discard(watcher)


class Progress:
    """The missions that this process runs or has lately run, by their ids."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: OrderedDict[str, Watched] = OrderedDict()

    def of(self, mission_id: str) -> Watched | None:
        """A mission's steps; ``None`` where another process runs it, or it was long ago."""
        with self._lock:
            return self._watched.get(mission_id)

    def watch(self, mission_id: str, clock: Clock) -> Watched:
        """Begin to remember a mission's steps."""
        with self._lock:
            watched = self._watched[mission_id] = Watched(clock)
            while len(self._watched) > REMEMBERED:
                self._watched.popitem(last=False)
        return watched

    async def start(
        self,
        office: AsyncOffice,
        agents: Sequence[str],
        *,
        company: str,
        by: ledger.Who,
        on: date | None = None,
        again: bool = False,
    ) -> Begun:
        """Begin a night of these agents, one after the other, and don't wait for it.

        Gives the first of their missions. What fails is told on the mission's own page.
        """
        order = _Order(company, by, on, again)
        first = await office.do(_begin, self, agents[0], order)
        running = office.opened.start(_run, self, first, tuple(agents), order)
        running.add_done_callback(_log_failure)
        return first


@dataclass(frozen=True)
class _Order:
    """Who wants which night run."""

    company: str
    by: ledger.Who
    on: date | None
    again: bool


@dataclass(frozen=True)
class Begun:
    """A mission that was asked for."""

    id: str
    watched: Watched | None
    """``None`` where there is nothing to run: it was run before, or somebody is running it."""


async def _begin(core: Core, progress: Progress, agent: str, order: _Order) -> Begun:
    """Open the slot's mission before anything is read, so that there is something to look at."""
    desk, known = core.house.desk(order.company), core.house.agent(agent)
    row = await core.house.database.in_write(
        missions.open_mission,
        desk.company.id,
        known.name,
        order.on or desk.local_day(desk.now()),
        known.version,
        desk.now(),
        again=order.again,
        asked_by=order.by.name,
    )
    ours = row.status == "running" and progress.of(row.id) is None
    return Begun(row.id, progress.watch(row.id, core.house.clock) if ours else None)


async def _run(
    core: Core, progress: Progress, first: Begun, agents: Sequence[str], order: _Order
) -> None:
    """Run each agent's mission to its pause; one that fails keeps no other from running."""
    await _to_its_pause(core, first, agents[0], order)
    for name in agents[1:]:
        await _to_its_pause(core, await _begin(core, progress, name, order), name, order)


async def _to_its_pause(core: Core, begun: Begun, agent: str, order: _Order) -> None:
    if begun.watched is None:
        return
    desk = told_to(core.house.desk(order.company), begun.watched.tell)
    night = order.on or desk.local_day(desk.now())
    try:
        await core.missions.attempt(desk, core.house.agent(agent), night)
    finally:
        begun.watched.end()


_OFFICES: WeakKeyDictionary[AsyncOffice, Progress] = WeakKeyDictionary()
_MAKING = threading.Lock()


def progress_of(office: AsyncOffice) -> Progress:
    """The missions that an open office runs, whoever asks."""
    with _MAKING:
        return _OFFICES.setdefault(office, Progress())


def _log_failure(running: Future[None]) -> None:
    error = None if running.cancelled() else running.exception()
    if isinstance(error, RegisseurError):
        log.warning("a night begun on the page: %s", error)
    elif error is not None:
        log.error("a night begun on the page", exc_info=error)
