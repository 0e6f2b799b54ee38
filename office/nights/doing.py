"""Doing what a slot stands for, by one process only, and recording how it ended."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

from regisseur.errors import (
    InvalidInput,
    NeedsPerson,
    RegisseurError,
    RetryLater,
    Unsupported,
    VendorRefused,
)
from regisseur.graphs.desk import Desk
from regisseur.office.logged import logged
from regisseur.storage import slots
from regisseur.storage.errors import StorageError
from regisseur.storage.house_tables import SlotRow
from regisseur.storage.locks import Lock
from regisseur.storage.slots import Rule, Slot

log = logging.getLogger("regisseur.nights")

FOR_GOOD = (VendorRefused, InvalidInput, Unsupported, NeedsPerson)
"""What another attempt wouldn't mend."""


async def do_once(
    desk: Desk,
    slot: Slot,
    rule: Rule,
    work: Callable[[], Awaitable[None]],
    *,
    again: bool = False,
) -> None:
    """Do the work unless it was done, or another process is at it; never raises for its faults.

    A fault leaves the slot for another attempt as the rule says, or ends it; both are told in the
    log. Whoever is cancelled gives the slot back. ``again``: somebody asks for it, however it
    ended before; raises RetryLater where another process is at it.
    """
    lock = await _hold(desk, slot)
    if lock is None:
        if again:
            raise RetryLater(
                f"another process is at {slot.what} of {slot.company_id} for {slot.on}; "
                "try again when it has ended"
            )
        return
    try:
        row = await desk.database.in_write(
            slots.take, slot, desk.owner, desk.now(), rule, again=again
        )
        if row is not None:
            await _Attempt(desk, slot, rule, row, asked=again).make(work)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(lock.release)


async def _hold(desk: Desk, slot: Slot) -> Lock | None:
    return await anyio.to_thread.run_sync(desk.locks.try_hold, slot.lock_name)


@dataclass(frozen=True)
class _Attempt:
    """One attempt at a slot whose lock is held."""

    desk: Desk
    slot: Slot
    rule: Rule
    row: SlotRow
    asked: bool
    """Somebody waits for it, and sees what became of the work itself."""

    async def make(self, work: Callable[[], Awaitable[None]]) -> None:
        desk, slot = self.desk, self.slot
        if self.row.state != "running":
            tell(logging.WARNING, "given up", slot, state=self.row.state, error=self.row.error)
            return
        tell(logging.INFO, "begun", slot, attempt=self.row.attempts)
        try:
            await work()
        except StorageError:
            raise  # nothing can be recorded; the row stays ours, and is taken again later
        except Exception as error:  # noqa: BLE001 - recorded, told, and tried again
            await self._failed(error)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await desk.database.in_write(slots.give_back, slot, desk.owner, None)
            tell(logging.INFO, "stopped", slot)
            raise
        else:
            await desk.database.in_write(slots.end, slot, desk.owner, "done", desk.now())
            tell(logging.INFO, "done", slot)

    async def _failed(self, error: Exception) -> None:
        desk, slot = self.desk, self.slot
        known = isinstance(error, RegisseurError)
        if not known:
            log.error("%s of %s", slot.what, slot.company_id, exc_info=error)
        told = str(error) if known else f"{type(error).__name__}: {error}"
        seen = self.asked and isinstance(error, RetryLater | NeedsPerson)
        level = logging.INFO if seen else logging.WARNING
        if isinstance(error, FOR_GOOD) or self.rule.over(self.row, desk.now()):
            await desk.database.in_write(slots.end, slot, desk.owner, "failed", desk.now(), told)
            tell(level, "failed", slot, error=told)
        else:
            await desk.database.in_write(slots.give_back, slot, desk.owner, told)
            tell(level, "to be tried again", slot, attempt=self.row.attempts, error=told)


def tell(level: int, event: str, slot: Slot, **facts: object) -> None:
    """A line of the log about a slot."""
    about = {"company": slot.company_id, "what": slot.what, "on": slot.on}
    logged(log, level, event, **about, **facts)
