"""What an agent has done before, as the ledger knows it: part of what it observes."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from regisseur.graphs.desk import Desk
from regisseur.storage import missions
from regisseur.storage.tables import ActionRow, EffectRow, MissionRow
from regisseur.tools.records import Record


class Deed(Record):
    """An action that was carried out."""

    kind: str
    key: str
    arguments: dict[str, Any]
    on: date
    """Day on the company's clocks."""


async def deeds(desk: Desk, agent: str, since: date) -> tuple[Deed, ...]:
    """What was carried out for an agent since a day, oldest first."""
    rows = await desk.database.in_read(_done, desk.company.id, agent)
    found = [
        Deed(kind=row.kind, key=row.key, arguments=row.arguments, on=desk.local_day(at))
        for row, at in rows
        if at is not None
    ]
    return tuple(one for one in found if one.on >= since)


def _done(session: Session, company_id: str, agent: str) -> list[tuple[ActionRow, datetime | None]]:
    query = (
        select(ActionRow, EffectRow.finished_at)
        .join(EffectRow, EffectRow.action_id == ActionRow.id)
        .where(
            ActionRow.company_id == company_id,
            ActionRow.agent == agent,
            ActionRow.status == "done",
        )
        .order_by(EffectRow.finished_at, ActionRow.id)
    )
    return [(row, at) for row, at in session.execute(query)]


async def first_night(desk: Desk, agent: str) -> date | None:
    """The earliest night for which the agent ran for the company; ``None`` before its first."""
    return await desk.database.in_read(_first, desk.company.id, agent)


def _first(session: Session, company_id: str, agent: str) -> date | None:
    query = select(func.min(MissionRow.on_date)).where(
        MissionRow.company_id == company_id, MissionRow.agent == agent
    )
    return session.scalar(query)


async def papers(desk: Desk, agent: str, first: date, last: date) -> dict[str, Any]:
    """What an agent left for others to read, in its newest night from ``first`` to ``last`` (both
    included) that came to a judgement; empty where there is none.
    """
    return await desk.database.in_read(_papers, desk.company.id, agent, first, last)


def _papers(
    session: Session, company_id: str, agent: str, first: date, last: date
) -> dict[str, Any]:
    query = (
        select(MissionRow.id)
        .where(
            MissionRow.company_id == company_id,
            MissionRow.agent == agent,
            MissionRow.on_date.between(first, last),
            MissionRow.status != "failed",
        )
        .order_by(MissionRow.on_date.desc(), MissionRow.run.desc())
    )
    for mission_id in session.scalars(query):
        judged = missions.judgement_of(session, mission_id)
        if judged is not None:
            found: dict[str, Any] = json.loads(judged).get("papers", {})
            return found
    return {}
