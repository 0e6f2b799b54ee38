"""The sweeper: whatever was lost, ended or left lying is found and gone on with."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio
from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.errors import Misconfigured, RetryLater
from regisseur.graphs.desk import Desk
from regisseur.graphs.performing import perform_approved, recover
from regisseur.graphs.restoring import look_up_all
from regisseur.graphs.ruling import by_columns, hold_tighter, in_force
from regisseur.graphs.stalled import Stalled, all_stalled
from regisseur.office.forewarning import hold_unless_told
from regisseur.office.missions import Missions
from regisseur.storage import ledger, missions
from regisseur.storage.tables import ActionRow

log = logging.getLogger(__name__)


A_LONG_NIGHT = timedelta(hours=1)
"""How long a mission may take before a person is told; a night of 10,000 items takes minutes."""


@dataclass(frozen=True)
class Held:
    """A mission that a living process has been running for too long."""

    id: str
    agent: str
    since: datetime


@dataclass(frozen=True)
class Swept:
    """What one pass did for one company, by action or mission id, and what it may not touch."""

    company: str
    let_through: tuple[str, ...]
    """Veto windows that ended without a veto."""
    expired: tuple[str, ...]
    recovered: tuple[str, ...]
    """Actions whose worker had died or vanished."""
    performed: tuple[str, ...]
    resumed: tuple[str, ...]
    """Missions whose runner had died."""
    stalled: tuple[Stalled, ...] = ()
    """Actions whose worker lives and doesn't come to an end: a person has to look at it."""
    held: tuple[Held, ...] = ()
    """The same of missions."""

    @property
    def alarming(self) -> bool:
        """Does a person have to look?"""
        return bool(self.stalled or self.held)


async def sweep(desk: Desk, all_missions: Missions) -> Swept:
    """One pass; harmless to repeat, and from several processes at once."""
    await _after_restore(desk)
    let_through, expired = await desk.database.in_write(_by_time, desk)
    recovered = await recover(desk)
    performed = await perform_approved(desk)
    resumed, held = await _missions(desk, all_missions)
    stalled = await anyio.to_thread.run_sync(all_stalled, desk)
    _warn(desk, stalled, held)
    return Swept(
        company=desk.company.id,
        let_through=tuple(let_through),
        expired=tuple(expired),
        recovered=tuple(row.id for row in recovered),
        performed=tuple(row.id for row in performed),
        resumed=tuple(resumed),
        stalled=tuple(stalled),
        held=tuple(held),
    )


def _warn(desk: Desk, stalled: list[Stalled], held: list[Held]) -> None:
    for one in stalled:
        log.warning(
            "%s: process %d on %s has been carrying out action %s since %s; if it no longer works, "
            "end it: the action is then taken over at once",
            *(desk.company.id, one.process, one.machine, one.id, f"{one.since:%F %T} UTC"),
        )
    for two in held:
        log.warning(
            "%s: a process has been running mission %s of %s since %s; if it no longer works, "
            "end it: the mission is then gone on with at once",
            *(desk.company.id, two.id, two.agent, f"{two.since:%F %T} UTC"),
        )


async def _after_restore(desk: Desk) -> None:
    if not await desk.database.in_read(missions.is_restored, desk.company.id):
        return
    try:
        await look_up_all(desk)
    except (RetryLater, Misconfigured) as error:
        log.warning("%s stays held back after a restore: %s", desk.company.id, error)
        return
    await desk.database.in_write(
        missions.mark_restored, desk.company.id, restored=False, now=desk.now()
    )


def _by_time(session: Session, desk: Desk) -> tuple[list[str], list[str]]:
    now = desk.now()
    ledger.one_at_a_time(session, desk.company.id)
    query = select(ActionRow.id).where(
        ActionRow.company_id == desk.company.id, ActionRow.status == "proposed"
    )
    query = query.order_by(ActionRow.id)
    vetoes = list(session.scalars(query.where(ActionRow.veto_until <= now)))
    late = list(session.scalars(query.where(ActionRow.deadline <= now)))
    settled = [_window_ended(session, desk, one, now) for one in vetoes]
    ended = [ledger.expire(session, one, now) for one in late if _expires(session, desk, one)]
    return (
        [row.id for row in settled if row.status == "approved"],
        [row.id for row in ended if row.status == "expired"],
    )


def _window_ended(session: Session, desk: Desk, action_id: str, now: datetime) -> ActionRow:
    """Let it through, if the policy in force still does and those who may refuse had been told."""
    row = ledger.get(session, action_id, lock=True)
    if row.status == "proposed":
        hold_tighter(session, desk, row)
        hold_unless_told(session, desk, row)
        ledger.settle_held(session, row, now)
    return row


def _expires(session: Session, desk: Desk, action_id: str) -> bool:
    """Does its rule say so? What became late is held else, and those above may decide too."""
    held = in_force(session, desk)
    return by_columns(held, desk, ledger.get(session, action_id)).at_expiry == "expire"


async def _missions(desk: Desk, all_missions: Missions) -> tuple[list[str], list[Held]]:
    """Which were gone on with, and which somebody has been running for too long."""
    company = desk.company.id
    for row in await desk.database.in_read(missions.with_status, "waiting", company):
        await all_missions.wake(desk, row.id)
    cut_off = await desk.database.in_read(missions.with_status, "running", company)
    resumed = [row.id for row in cut_off if await all_missions.resume_cut_off(desk, row)]
    late = desk.now() - A_LONG_NIGHT
    left = [row for row in cut_off if row.id not in resumed and row.started_at <= late]
    return resumed, [Held(row.id, row.agent, row.started_at) for row in left]
