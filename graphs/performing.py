"""Performing what was approved: from the ledger, exactly once, if it is still true.

The order of things is the whole point (design, section 4): claim in the ledger, take the ERP's
exclusive lock, look up what is there, check the guards, take one step, look again, and record.
Whatever is killed in between, the next worker starts at the look-up.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import anyio
from sqlalchemy.orm import Session

from regisseur.errors import (
    InvalidInput,
    Misconfigured,
    NeedsPerson,
    OutcomeUnknown,
    RetryLater,
    Unsupported,
    VendorRefused,
)
from regisseur.graphs.desk import Desk, exclusively
from regisseur.graphs.ruling import ruled_since
from regisseur.graphs.told import told_since
from regisseur.storage import ledger
from regisseur.storage.canonical import digest
from regisseur.storage.errors import StorageError
from regisseur.storage.locks import Fate, Lock, Owner
from regisseur.storage.tables import ActionRow, CompanyRow
from regisseur.tools.actions.base import AnyKind, Difference, Fact, Found
from regisseur.tools.records import Speaker

log = logging.getLogger(__name__)
say = Speaker("regisseur.graphs")

MOST_STEPS = 20
"""A kind that has not converged after so many steps never will."""

BACK_OFF = timedelta(minutes=5)
"""How long to leave an ERP alone that is away and doesn't say for how long."""


class _Held(Exception):
    """Something keeps us from writing; nothing has been written that isn't looked up again."""


class _Drifted(Exception):
    def __init__(self, differences: list[Difference]) -> None:
        super().__init__()
        self.differences = differences


class _Refused(Exception):
    """A definite no to a write, after which nothing of ours that binds anybody is there."""

    def __init__(self, error: Exception, left: Found) -> None:
        super().__init__(str(error))
        self.left = left


class _Before(enum.Enum):
    """What became of those who worked on an action before us."""

    NOTHING = "nothing"
    """Nobody did, or they gave it back in order."""
    CUT_OFF = "cut off"
    """They stopped at any point, a write may have been under way; it is ours now."""
    LOST = "lost"
    """They may still be at work: we may only look."""


async def perform(desk: Desk, action_id: str) -> ActionRow:
    """Carry out an approved action now if nothing keeps us from it; returns it as it stands then.

    Never raises for what happens outside: a refusal is ``failed``, an ERP that is away leaves it
    ``approved`` for the sweeper, a silence is ``unknown``.
    """
    if action_id not in desk.running:
        with _running(desk, action_id):
            claimed = await desk.database.in_write(_claim, desk, action_id)
            if claimed is not None:
                await _carry_out(desk, claimed)
    return await desk.database.in_read(ledger.get, action_id)


def _claim(session: Session, desk: Desk, action_id: str) -> ActionRow | None:
    """While the brake is on nothing is even claimed: the sweeper would claim it over and over."""
    row = ledger.get(session, action_id)
    if held_back(session, row.company_id, row.agent) is not None:
        return None
    return ledger.claim(session, action_id, desk.owner, desk.now())


@contextmanager
def _running(desk: Desk, action_id: str) -> Iterator[None]:
    """Mark what a task of ours works on, from before the claim: else ``recover``, in another task,
    takes it for an orphan.
    """
    desk.running.add(action_id)
    try:
        yield
    finally:
        desk.running.discard(action_id)


async def perform_approved(desk: Desk) -> list[ActionRow]:
    """Carry out everything approved for the company that nobody is performing, oldest first."""
    waiting = await desk.database.in_read(ledger.with_status, "approved", desk.company.id)
    return [await perform(desk, row.id) for row in waiting if row.mode != "shadow"]


async def recover(desk: Desk) -> list[ActionRow]:
    """Settle what dead or lost workers were performing (design, law 4); others are left alone."""
    settled: list[ActionRow] = []
    for row in await desk.database.in_read(ledger.with_status, "performing", desk.company.id):
        if row.id not in desk.running and await _recover_one(desk, row.id, row.performer):
            settled.append(await desk.database.in_read(ledger.get, row.id))
    return settled


async def _recover_one(desk: Desk, action_id: str, performer: str | None) -> bool:
    with _running(desk, action_id):
        taken = await anyio.to_thread.run_sync(_take_over, desk, action_id, performer)
        if taken is not None:
            await _carry_out(desk, *taken)
    return taken is not None


def _take_over(
    desk: Desk, action_id: str, performer: str | None
) -> tuple[ActionRow, _Before] | None:
    """Take what a dead or lost worker held, or what we claimed ourselves and could not record the
    end of, for example because the disk was full. Blocks: to be run in a thread.
    """
    if performer is None:
        return None
    if performer == desk.owner:
        return _taken(desk, action_id, performer, lost=False)
    with desk.locks.fate_of(Owner.parse(performer)) as fate:
        if fate is Fate.ALIVE:
            return None
        return _taken(desk, action_id, performer, lost=fate is Fate.LOST)


def _taken(
    desk: Desk, action_id: str, performer: str, *, lost: bool
) -> tuple[ActionRow, _Before] | None:
    with desk.database.write() as session:
        row = ledger.take_over(session, action_id, performer, desk.owner, desk.now(), lost=lost)
        effect = ledger.effect_of(session, action_id)
        only_look = effect is not None and effect.state == "unknown"
        return None if row is None else (row, _Before.LOST if only_look else _Before.CUT_OFF)


async def _carry_out(desk: Desk, row: ActionRow, before: _Before = _Before.NOTHING) -> None:
    """Converge under the ERP's lock and record how it ended."""
    try:
        change, *what = await _attempt(desk, row, before)
    except StorageError:
        raise  # nothing can be recorded; it stays ours and is found again by ``recover``
    except Exception as error:
        log.exception("performing %s", row.id)
        told = f"a fault of our own or of a plug-in: {type(error).__name__}: {error}"
        change, what = ledger.finish, [ledger.Outcome("unknown", error=told)]
    if what and isinstance(what[0], ledger.Outcome):
        what[0] = advised(desk, row, what[0])
    await desk.database.in_write(change, row.id, desk.owner, *what, now=desk.now())


async def _attempt(desk: Desk, row: ActionRow, before: _Before) -> tuple[Any, ...]:
    """One attempt; the ledger's function that tells how it ended, and its arguments."""
    run: _Run | None = None
    try:
        run = _Run(desk, row, desk.kind(row.kind), before)
        async with exclusively(desk.locks, f"erp:{desk.erp.identity}") as lock:
            return ledger.finish, await run.go(lock)
    except _Drifted as drifted:
        changed = [one.model_dump(mode="json") for one in drifted.differences]
        return ledger.return_to_inbox, changed
    except _Refused as refused:
        return ledger.finish, replace(_ended(refused.left, "failed"), error=str(refused))
    except (_Held, RetryLater, Misconfigured) as error:
        if before is _Before.NOTHING if run is None else not run.may_be_doubled:
            return ledger.release, _when(desk, error), str(error)
        return ledger.finish, ledger.Outcome("unknown", error=str(error))
    except (VendorRefused, InvalidInput, Unsupported) as error:
        # Not a refusal of the write: of a look, or of what was to be looked for.
        touched = before is not _Before.NOTHING if run is None else run.touched
        return ledger.finish, ledger.Outcome("unknown" if touched else "failed", error=str(error))
    except NeedsPerson as error:
        return ledger.finish, ledger.Outcome("unknown", error=str(error))


def _when(desk: Desk, error: Exception) -> datetime | None:
    """When to try again: at once after a brake, else when the other side asks or after a while."""
    if isinstance(error, _Held):
        return None
    asked = getattr(error, "after", None)
    return desk.now() + (BACK_OFF if asked is None else timedelta(seconds=asked))


class _Run:
    """One attempt at one action, under the exclusive lock of its ERP."""

    lock: Lock
    port: Any
    arguments: Any

    def __init__(self, desk: Desk, row: ActionRow, kind: AnyKind, before: _Before) -> None:
        self.desk, self.row, self.kind, self.before = desk, row, kind, before
        self.touched = self.silent = before is not _Before.NOTHING
        """``touched``: something may have been written. ``silent``: a write may have got no answer,
        so that it may still be carried out late.
        """

    async def go(self, lock: Lock) -> ledger.Outcome:
        self.lock = lock
        if digest(self.row.arguments) != self.row.arguments_hash:
            raise InvalidInput("differs from what was approved", field=f"{self.row.id}.arguments")
        self.port = self.kind.reach(self.desk)
        self.arguments = self.kind.parse(self.row.arguments)
        return await (self.look_only() if self.before is _Before.LOST else self.converge())

    async def look(self) -> Found:
        return await self.kind.look_up(self.port, self.row.key, self.arguments)

    async def look_only(self) -> ledger.Outcome:
        """Its worker vanished without proof of death: say what is there, write nothing."""
        found = await self.look()
        return _ended(found, "done") if found.state == "done" else self._unknown(found)

    async def converge(self) -> ledger.Outcome:
        """Look and step in turn until it is done, or until a person has to look."""
        found = await self.look()
        guarded = False
        for _ in range(MOST_STEPS):
            if found.state == "done":
                return _ended(found, "done")
            if found.state in ("conflict", "doubtful") or self._might_double(found):
                return self._unknown(found)
            if not guarded:
                guarded = True
                if differences := await self._differences():
                    found = await self._abandon(found)
                    if found.state != "done":
                        raise _Drifted(differences)
                    continue
            await self._may_write()
            await self._step(found)
            found = await self.look()
        return self._unknown(found)

    def _might_double(self, found: Found) -> bool:
        return found.state == "nothing" and self.may_be_doubled

    @property
    def may_be_doubled(self) -> bool:
        """A step that got no answer may be sent again only where its surplus binds nobody."""
        repeats = self.kind.repeats(self.desk.erp)
        return self.before is _Before.LOST or (self.silent and not repeats)

    async def _differences(self) -> list[Difference]:
        """What is no longer as it was when it was approved; the policy among it."""
        if ruled := await ruled_since(self.desk, self.row):
            return ruled
        facts = [Fact.model_validate(one) for one in self.row.presented["facts"]]
        changed = await self.kind.drift(self.port, self.row.key, self.arguments, facts)
        return [*await told_since(self.desk, self.row), *changed]

    async def _may_write(self) -> None:
        """Shadow, the brake, and whether we still are who may write; asked before every write."""
        brake, performer = await self.desk.database.in_read(_allowed, self.row.id)
        if performer != self.desk.owner:
            raise OutcomeUnknown(f"{self.row.id} was taken over by {performer or 'a person'}")
        if brake is not None:
            raise _Held(brake)
        if not await anyio.to_thread.run_sync(self.lock.alive):
            raise OutcomeUnknown(
                "the lock on the ERP was lost while writing; look there for "
                f"{self.row.key} before doing it by hand"
            )

    async def _step(self, found: Found) -> None:
        self.touched = True
        try:
            await self.kind.advance(self.port, self.row.key, self.arguments, found)
        except OutcomeUnknown:
            self.silent = True
        except (VendorRefused, InvalidInput, Unsupported) as error:
            now = await self._abandon(await self.look())
            if now.state in ("nothing", "partial"):
                raise _Refused(error, now) from error

    async def _abandon(self, found: Found) -> Found:
        """Remove what binds nobody; what is there then. It may be done after all: a silent earlier
        write may be carried out late, which is then why the next one is refused.
        """
        if found.state != "partial":
            return found
        await self._may_write()
        with suppress(VendorRefused, OutcomeUnknown):  # what the ERP doesn't let go stays
            await self.kind.abandon(self.port, self.row.key, self.arguments, found)
        return await self.look()

    def _unknown(self, found: Found) -> ledger.Outcome:
        return _ended(found, "unknown")


def _ended(found: Found, state: Literal["done", "failed", "unknown"]) -> ledger.Outcome:
    return ledger.Outcome(state, reference=found.reference, answer=found.model_dump(mode="json"))


def advised(desk: Desk, row: ActionRow, outcome: ledger.Outcome) -> ledger.Outcome:
    """With what a person should look at, where nobody knows whether it was carried out."""
    if outcome.state != "unknown":
        return outcome
    try:
        kind = desk.kind(row.kind)
        what = kind.to_check(row.key, kind.parse(row.arguments))
    except Exception:  # noqa: BLE001 - it may be a fault of this very plug-in that is told
        what = None
    what = what or say("Look in the ERP for {key} before doing it by hand.", key=row.key)
    return replace(
        outcome, answer={**(outcome.answer or {}), "to_check": what.model_dump(mode="json")}
    )


def _allowed(session: Session, action_id: str) -> tuple[str | None, str | None]:
    row = ledger.get(session, action_id)
    performer = row.performer if row.status == "performing" else None
    shadow = "it is in shadow mode: nothing is written" if row.mode == "shadow" else None
    return shadow or held_back(session, row.company_id, row.agent), performer


def held_back(session: Session, company_id: str, agent: str) -> str | None:
    """Why nothing may be written for this agent now, ``None`` if it may."""
    brake = ledger.brake_on(session, company_id, agent)
    if brake is not None:
        return f"stopped by {brake.actor}: {brake.reason}"
    company = session.get(CompanyRow, company_id)
    if company is not None and company.restored:
        return "the database was restored; what was under way is being looked up first"
    return None
