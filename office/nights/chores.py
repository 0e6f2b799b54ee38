"""What is done over and over while ``serve`` runs, and the port behind which it is scheduled."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import anyio

from regisseur.errors import RegisseurError
from regisseur.office.core import Core
from regisseur.office.hooks import deliver_due
from regisseur.office.nights.post import alarms_due, digests_due
from regisseur.office.nights.running import run_due
from regisseur.office.policies import forewarn_due

log = logging.getLogger("regisseur.chores")


class Chore(Protocol):
    """Something to be done again and again; harmless to do once too often, and by two at once."""

    @property
    def name(self) -> str:
        """What it is called in the log."""
        ...

    @property
    def every(self) -> float:
        """Seconds between the end of one round and the next."""
        ...

    async def do(self, core: Core) -> None:
        """One round: whatever is due now."""
        ...


class Scheduler(Protocol):
    """Who has the chores done. What is due is known from the database alone, so that a durable
    queue on several machines can take the place of the one in this process.
    """

    async def run(self, core: Core) -> None:
        """Have them done until ``stop``; cancelling it leaves nothing half-done for good."""
        ...

    async def stop(self, core: Core) -> None:
        """Begin no further round; ``run`` returns when those that are under way have ended."""
        ...


class Rounds:
    """The scheduler of one process: each chore in a task of its own, so that none waits for others.

    A round that fails is told in the log, and the next one comes at its time.
    """

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._chores = chores
        self._stopped = anyio.Event()

    async def run(self, core: Core) -> None:
        """See ``Scheduler``."""
        async with anyio.create_task_group() as group:
            for chore in self._chores:
                group.start_soon(self._again_and_again, chore, core)

    async def stop(self, core: Core) -> None:
        """See ``Scheduler``."""
        self._stopped.set()

    async def _again_and_again(self, chore: Chore, core: Core) -> None:
        while not self._stopped.is_set():
            await _round(chore, core)
            with anyio.move_on_after(chore.every):
                await self._stopped.wait()


async def _round(chore: Chore, core: Core) -> None:
    try:
        await chore.do(core)
    except RegisseurError as error:
        log.warning("%s: %s", chore.name, error)
    except Exception:
        log.exception("%s", chore.name)


@dataclass(frozen=True)
class Routine:
    """A chore that is an operation on the open house."""

    name: str
    every: float
    work: Callable[[Core], Awaitable[object]]

    async def do(self, core: Core) -> None:
        """See ``Chore``."""
        await self.work(core)


PROMPT, PUNCTUAL, CALM = 5.0, 20.0, 60.0
"""Seconds between rounds: of what somebody may be waiting for, of what has its hour, of the rest."""


def all_chores(core: Core) -> list[Chore]:
    """What ``serve`` does beside the pages. A company's night keeps no other's waiting."""
    chores: list[Chore] = [
        Routine("hooks", PROMPT, deliver_due),
        Routine("forewarnings", CALM, forewarn_due),
    ]
    for company in core.house.desks:
        chores += [
            Routine(f"sweep of {company}", CALM, partial(Core.sweep, company=company)),
            Routine(f"night of {company}", PUNCTUAL, partial(run_due, company=company)),
            Routine(f"digest of {company}", PUNCTUAL, partial(digests_due, company=company)),
            Routine(f"alarm of {company}", PUNCTUAL, partial(alarms_due, company=company)),
        ]
    return chores
