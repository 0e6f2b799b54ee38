"""Missions and what they leave behind: observation, judgement and report."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from regisseur.errors import NotFound
from regisseur.storage import audit
from regisseur.storage.ledger.filing import one_at_a_time
from regisseur.storage.ledger.values import new_id
from regisseur.storage.tables import (
    AuditHeadRow,
    CompanyRow,
    JsonObject,
    MissionRow,
    ObservationRow,
    ReportRow,
)


def register_company(session: Session, row: CompanyRow) -> None:
    """Make a company known, or bring what is known of it up to date."""
    known = session.get(CompanyRow, row.id) or _first(session, row)
    known.name, known.locale = row.name, row.locale
    known.currency, known.timezone = row.currency, row.timezone


def _first(session: Session, row: CompanyRow) -> CompanyRow:
    """A company's first row, ours or that of another process which starts at the same moment."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
            session.add(AuditHeadRow(company_id=row.id, sequence=0, digest=audit.GENESIS))
    except IntegrityError:
        return session.get_one(CompanyRow, row.id)
    return row


def mark_restored(session: Session, company_id: str, restored: bool, now: datetime) -> None:
    """Say that the company's data was found restored, or that all of it has been looked up."""
    row = session.get_one(CompanyRow, company_id)
    if row.restored != restored:
        row.restored = restored
        event = "found restored" if restored else "restore looked up"
        audit.record(session, audit.Entry(company_id, now, "office", event, company_id, {}))


def is_restored(session: Session, company_id: str) -> bool:
    """Is the company still held back because its database was restored?"""
    return session.get_one(CompanyRow, company_id).restored


def open_mission(
    session: Session,
    company_id: str,
    agent: str,
    on: date,
    graph_version: int,
    now: datetime,
    *,
    again: bool = False,
    asked_by: str | None = None,
) -> MissionRow:
    """The slot's mission (company, agent, date), made if there is none.

    A failed one does not hold the slot: the next call makes a new run, as ``again`` does.
    """
    one_at_a_time(session, company_id)
    slot = (
        MissionRow.company_id == company_id,
        MissionRow.agent == agent,
        MissionRow.on_date == on,
    )
    latest = session.scalars(
        select(MissionRow).where(*slot).order_by(MissionRow.run.desc()).limit(1)
    ).one_or_none()
    if latest is not None and not again and latest.status != "failed":
        return latest
    row = MissionRow(
        id=new_id(),
        company_id=company_id,
        agent=agent,
        on_date=on,
        run=0 if latest is None else latest.run + 1,
        asked_by=asked_by,
        graph_version=graph_version,
        status="running",
        started_at=now,
    )
    session.add(row)
    _tell(session, row, "started", now)
    return row


def get(session: Session, mission_id: str) -> MissionRow:
    """One mission; raises NotFound."""
    row = session.get(MissionRow, mission_id)
    if row is None:
        raise NotFound(f"there is no mission {mission_id}")
    return row


def become(
    session: Session, mission_id: str, status: str, now: datetime, error: str | None = None
) -> MissionRow:
    """Move a mission to running, waiting, closed or failed."""
    row = get(session, mission_id)
    if row.status != status:
        row.status, row.error = status, error
        row.finished_at = now if status in ("closed", "failed") else None
        _tell(session, row, status, now)
    return row


def _tell(session: Session, row: MissionRow, event: str, now: datetime) -> None:
    detail: JsonObject = {"agent": row.agent, "on": row.on_date.isoformat(), "run": row.run}
    actor = f"mission:{row.id}"
    audit.record(session, audit.Entry(row.company_id, now, actor, event, row.id, detail))


def with_status(session: Session, status: str, company_id: str) -> list[MissionRow]:
    """Missions in a status, oldest first."""
    query = select(MissionRow).where(
        MissionRow.status == status, MissionRow.company_id == company_id
    )
    return list(session.scalars(query.order_by(MissionRow.started_at, MissionRow.id)))


def keep_observation(
    session: Session, mission_id: str, source: str, as_of: datetime, body: JsonObject
) -> None:
    """Keep what a mission read; a repeated step replaces its own earlier reading."""
    mission = get(session, mission_id)
    row = observation_of(session, mission_id)
    if row is None:
        row = ObservationRow(id=new_id(), company_id=mission.company_id, mission_id=mission_id)
        session.add(row)
    row.source, row.as_of = source, as_of
    row.body = _pack(body)
    row.digest = hashlib.sha256(observed(row)).hexdigest()


def keep_judgement(session: Session, mission_id: str, judgement: JsonObject, now: datetime) -> None:
    """Keep what a mission concluded, beside what it read (a graph of one's own may read nothing)."""
    if observation_of(session, mission_id) is None:
        keep_observation(session, mission_id, "", now, {})
        session.flush()
    row = observation_of(session, mission_id)
    if row is not None:
        row.judgement = _pack(judgement)


def observation_of(session: Session, mission_id: str) -> ObservationRow | None:
    """What a mission read, ``None`` before it did."""
    query = select(ObservationRow).where(ObservationRow.mission_id == mission_id)
    return session.scalars(query).one_or_none()


def observed(row: ObservationRow) -> bytes:
    """The JSON text of an observation."""
    return zlib.decompress(row.body)


def judgement_of(session: Session, mission_id: str) -> bytes | None:
    """The JSON text of a mission's judgement, ``None`` if there is none."""
    row = observation_of(session, mission_id)
    if row is None or row.judgement is None:
        return None
    return zlib.decompress(row.judgement)


def _pack(body: JsonObject) -> bytes:
    return zlib.compress(json.dumps(body, ensure_ascii=False, sort_keys=True).encode(), level=6)


def keep_report(session: Session, mission_id: str, body: JsonObject, now: datetime) -> None:
    """Keep a mission's report, instead of the one it may have made before."""
    mission = get(session, mission_id)
    row = session.get(ReportRow, mission_id)
    if row is None:
        row = ReportRow(mission_id=mission_id, company_id=mission.company_id)
        session.add(row)
    row.body, row.created_at = body, now


def report_of(session: Session, mission_id: str) -> JsonObject | None:
    """A mission's latest report, ``None`` before there is one."""
    row = session.get(ReportRow, mission_id)
    return None if row is None else row.body


def latest(
    session: Session, company_id: str, *, agent: str | None = None, on: date | None = None
) -> list[MissionRow]:
    """The newest mission of each agent that has a report, optionally of one agent or night."""
    newest = select(
        MissionRow.id,
        func.row_number()
        .over(
            partition_by=MissionRow.agent,
            order_by=(MissionRow.on_date.desc(), MissionRow.run.desc()),
        )
        .label("place"),
    ).where(MissionRow.company_id == company_id)
    if agent is not None:
        newest = newest.where(MissionRow.agent == agent)
    if on is not None:
        newest = newest.where(MissionRow.on_date == on)
    ranked = newest.join(ReportRow, ReportRow.mission_id == MissionRow.id).subquery()
    query = select(MissionRow).join(ranked, ranked.c.id == MissionRow.id)
    return list(session.scalars(query.where(ranked.c.place == 1).order_by(MissionRow.agent)))
