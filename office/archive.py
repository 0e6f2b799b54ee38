"""What the house has kept, page by page: its missions, their reports, and the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import Session

from regisseur.errors import NotFound
from regisseur.graphs.desk import Desk
from regisseur.graphs.report import ActionLine
from regisseur.graphs.telling import line_of
from regisseur.office.core import Core
from regisseur.office.pack.model import AgentNight
from regisseur.storage import audit, ledger, missions, packs
from regisseur.storage.house_tables import PackRow
from regisseur.storage.tables import (
    ActionRow,
    AuditPersonRow,
    AuditRow,
    BrakeRow,
    MissionRow,
    ReportRow,
)
from regisseur.tools.records import Message

MOST_MOVED = 12


@dataclass(frozen=True)
class MissionLine:
    """One mission in a list."""

    id: str
    agent: str
    title: Message | str
    """What people call the agent; its name where it is no longer installed."""
    on: date
    run: int
    """0 for the night's own mission, higher for deliberate repetitions."""
    status: str
    asked_by: str | None
    started_at: datetime
    finished_at: datetime | None
    headline: Message | None


async def missions_page(
    core: Core,
    company: str,
    *,
    agent: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[MissionLine]:
    """Missions with their headlines, newest first; ``before`` is the last of the page before."""
    desk = core.house.desk(company)
    rows = await core.house.database.in_read(_missions, desk.company.id, agent, before, limit)
    return [
        MissionLine(
            id=row.id,
            agent=row.agent,
            title=desk.titles.get(row.agent, row.agent),
            on=row.on_date,
            run=row.run,
            status=row.status,
            asked_by=row.asked_by,
            started_at=row.started_at,
            finished_at=row.finished_at,
            headline=None if headline is None else Message.model_validate(headline),
        )
        for row, headline in rows
    ]


def _missions(
    session: Session, company_id: str, agent: str | None, before: str | None, limit: int
) -> list[tuple[MissionRow, Any]]:
    query = (
        select(MissionRow, ReportRow.body["headline"])
        .outerjoin(ReportRow, ReportRow.mission_id == MissionRow.id)
        .where(MissionRow.company_id == company_id)
    )
    if agent is not None:
        query = query.where(MissionRow.agent == agent)
    if before is not None:
        last = missions.get(session, before)
        query = query.where(
            tuple_(MissionRow.started_at, MissionRow.id) < (last.started_at, last.id)
        )
    query = query.order_by(MissionRow.started_at.desc(), MissionRow.id.desc()).limit(limit)
    return [(row, headline) for row, headline in session.execute(query)]


async def mission_row(core: Core, company: str, mission_id: str) -> MissionRow:
    """The stored row of a mission of the company; raises NotFound, for another company's too."""
    row = await core.house.database.in_read(missions.get, mission_id)
    if row.company_id != core.house.desk(company).company.id:
        raise NotFound(f"there is no mission {mission_id}")
    return row


@dataclass(frozen=True)
class Told:
    """What a mission's report says in figures."""

    mission: str
    on: date
    proposed: int
    """Actions that the night stood behind."""
    held: int
    minutes_saved: int


@dataclass(frozen=True)
class Moved:
    """Actions that one night proposed and another didn't."""

    count: int
    lines: tuple[ActionLine, ...]
    """The first ``MOST_MOVED`` of them."""


@dataclass(frozen=True)
class Since:
    """An agent's night beside the one before it."""

    before: Told
    new: Moved
    """Proposed in this night and not in the one before."""
    gone: Moved
    """Proposed then and no longer: decided, done, or no longer needed."""


@dataclass(frozen=True)
class MissionSheet:
    """One mission without its report, which may be long."""

    row: MissionRow
    waiting: bool
    """Something that it proposed last waits for a person."""
    told: Told | None
    """``None`` while there is no report."""
    since: Since | None
    """``None`` where there was no night before it."""


async def mission_sheet(core: Core, company: str, mission_id: str) -> MissionSheet:
    """A mission of the company; raises NotFound, for another company's too."""
    row = await mission_row(core, company, mission_id)
    return await core.house.database.in_read(_sheet, row)


def _sheet(session: Session, row: MissionRow) -> MissionSheet:
    waits = (ActionRow.mission_id == row.id, ActionRow.status == "proposed")
    told = _told(session, row)
    return MissionSheet(
        row=row,
        waiting=session.scalar(select(exists().where(*waits, ActionRow.mode != "shadow"))) or False,
        told=told,
        since=None if told is None else _since(session, row),
    )


def _told(session: Session, mission: MissionRow) -> Told | None:
    """Only what is shown is taken out of the report: it may tell of thousands of actions."""
    query = select(ReportRow.body["held"], ReportRow.body["minutes_saved"])
    found = session.execute(query.where(ReportRow.mission_id == mission.id)).one_or_none()
    if found is None:
        return None
    held, minutes = found
    return Told(mission.id, mission.on_date, len(_stood_behind(mission)), len(held), minutes)


def _since(session: Session, mission: MissionRow) -> Since | None:
    query = (
        select(MissionRow)
        .join(ReportRow, ReportRow.mission_id == MissionRow.id)
        .where(
            MissionRow.company_id == mission.company_id,
            MissionRow.agent == mission.agent,
            MissionRow.on_date < mission.on_date,
        )
        .order_by(MissionRow.on_date.desc(), MissionRow.run.desc())
        .limit(1)
    )
    before = session.scalars(query).one_or_none()
    told = None if before is None else _told(session, before)
    if before is None or told is None:
        return None
    then, now = _stood_behind(before), _stood_behind(mission)
    return Since(before=told, new=_moved(session, then, now), gone=_moved(session, now, then))


def _stood_behind(mission: MissionRow) -> list[str]:
    """Ids of the actions that the night proposed, in its order."""
    return [] if mission.filed is None else list(mission.filed["actions"])


def _moved(session: Session, without: list[str], ids: list[str]) -> Moved:
    missing = {*without}
    moved = [one for one in ids if one not in missing]
    shown = moved[:MOST_MOVED]
    effects = ledger.effects_of(session, shown)
    rows = ledger.get_all(session, shown)
    return Moved(len(moved), tuple(line_of(row, effects.get(row.id)) for row in rows))


@dataclass(frozen=True)
class Night:
    """A night in a list of morning packs."""

    on: date
    waiting: int
    """Decisions that it put before people."""
    agents: tuple[AgentNight, ...]


async def nights(
    core: Core, company: str, *, before: date | None = None, limit: int = 31
) -> list[Night]:
    """Nights whose packs were kept, newest first; of a pack, only what a list shows is read.

    The newest night of all is told as it stands now, whether its pack was kept or not.
    """
    desk = core.house.desk(company)
    return await core.house.database.in_read(_nights, desk, before, limit)


def _nights(session: Session, desk: Desk, before: date | None, limit: int) -> list[Night]:
    company = desk.company.id
    query = (
        select(PackRow.on_date, PackRow.body["waiting"], PackRow.body["agents"])
        .where(PackRow.company_id == company, PackRow.on_date < (before or date.max))
        .order_by(PackRow.on_date.desc())
        .limit(limit)
    )
    kept = [
        Night(on, waiting, tuple(map(AgentNight.model_validate, agents)))
        for on, waiting, agents in session.execute(query)
    ]
    newest = None if before else packs.newest_night(session, company)
    if newest is None:
        return kept
    return [_as_it_stands(session, desk, newest), *(one for one in kept if one.on != newest)]


def _as_it_stands(session: Session, desk: Desk, on: date) -> Night:
    query = (
        select(MissionRow, ReportRow.body["headline"])
        .outerjoin(ReportRow, ReportRow.mission_id == MissionRow.id)
        .where(MissionRow.company_id == desk.company.id, MissionRow.on_date == on)
        .order_by(MissionRow.agent, MissionRow.run)
    )
    agents = {
        row.agent: AgentNight(
            agent=row.agent,
            title=desk.titles.get(row.agent, row.agent),
            mission_id=row.id,
            status=row.status,
            headline=None if headline is None else Message.model_validate(headline),
        )
        for row, headline in session.execute(query)
    }
    waiting = len(packs.waiting(session, desk.company.id, desk.now()))
    return Night(on, waiting, tuple(agents.values()))


@dataclass(frozen=True)
class Brake:
    """A brake that is pulled: nothing is written until it is released."""

    agent: str
    """Empty for the whole company."""
    by: str
    reason: str
    at: datetime


async def brakes(core: Core, company: str) -> dict[str, Brake]:
    """The brakes that are pulled, by agent."""
    return await core.house.database.in_read(_brakes, core.house.desk(company).company.id)


def _brakes(session: Session, company_id: str) -> dict[str, Brake]:
    rows = session.scalars(select(BrakeRow).where(BrakeRow.company_id == company_id))
    return {row.agent: Brake(row.agent, row.actor, row.reason, row.at) for row in rows}


@dataclass(frozen=True)
class Entry:
    """One entry of the audit trail as people read it."""

    sequence: int
    at: datetime
    event: str
    subject: str
    about: str
    """``action`` or ``mission`` where the subject is one that is kept, else empty."""
    by: str
    """A person, or a process of ours (``mission:…``, ``policy:…``, ``worker:…``)."""
    detail: dict[str, Any]
    digest: str


async def audit_page(
    core: Core, company: str, *, before: int | None = None, limit: int = 100
) -> list[Entry]:
    """The audit trail, newest entry first, from the one before the sequence ``before``."""
    desk = core.house.desk(company)
    return await core.house.database.in_read(_entries, desk.company.id, before, limit)


def _entries(session: Session, company_id: str, before: int | None, limit: int) -> list[Entry]:
    query = select(AuditRow).where(AuditRow.company_id == company_id)
    if before is not None:
        query = query.where(AuditRow.sequence < before)
    rows = list(session.scalars(query.order_by(AuditRow.sequence.desc()).limit(limit)))
    people = _people(session, company_id, (row.actor for row in rows))
    known = _subjects(session, {row.subject for row in rows})
    return [
        Entry(
            sequence=row.sequence,
            at=row.at,
            event=row.event,
            subject=row.subject,
            about=known.get(row.subject, ""),
            by=people.get(row.actor, row.actor),
            detail=row.detail,
            digest=row.digest,
        )
        for row in rows
    ]


def _people(session: Session, company_id: str, actors: Iterable[str]) -> dict[str, str]:
    """Names by what the chain calls them; an erased person stays a digest."""
    digests = {actor.removeprefix("person:") for actor in actors if actor.startswith("person:")}
    query = select(AuditPersonRow).where(
        AuditPersonRow.company_id == company_id, AuditPersonRow.digest.in_(digests)
    )
    return {f"person:{row.digest}": row.value for row in session.scalars(query)}


def _subjects(session: Session, subjects: set[str]) -> dict[str, str]:
    found = dict.fromkeys(
        session.scalars(select(ActionRow.id).where(ActionRow.id.in_(subjects))), "action"
    )
    runs = session.scalars(select(MissionRow.id).where(MissionRow.id.in_(subjects)))
    return found | dict.fromkeys(runs, "mission")


async def audit_lines(
    core: Core, company: str, *, after: int = 0, limit: int = 1000
) -> list[dict[str, Any]]:
    """Entries to be verified elsewhere, oldest first: those after the sequence ``after``."""
    desk = core.house.desk(company)
    return await core.house.database.in_read(_lines, desk.company.id, after, limit)


def _lines(session: Session, company_id: str, after: int, limit: int) -> list[dict[str, Any]]:
    return list(audit.export(session, company_id, after=after, limit=limit))
