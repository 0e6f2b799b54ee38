"""Morning packs as they were kept, and what the ledger tells about a night as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from regisseur.storage.house_tables import PackRow
from regisseur.storage.tables import FINAL, ActionRow, DecisionRow, JsonObject, MissionRow


def keep(session: Session, company_id: str, on: date, body: JsonObject, now: datetime) -> None:
    """Keep a night's pack, instead of the one that may have been made before."""
    session.merge(PackRow(company_id=company_id, on_date=on, body=body, created_at=now))


def kept(session: Session, company_id: str, on: date) -> PackRow | None:
    """The pack of a night."""
    return session.get(PackRow, (company_id, on))


def kept_before(session: Session, company_id: str, on: date, limit: int = 1) -> list[PackRow]:
    """Packs of the nights before, newest first."""
    query = select(PackRow).where(PackRow.company_id == company_id, PackRow.on_date < on)
    return list(session.scalars(query.order_by(PackRow.on_date.desc()).limit(limit)))


def newest_night(session: Session, company_id: str) -> date | None:
    """The date of the latest night of which any mission is known."""
    return session.scalar(
        select(func.max(MissionRow.on_date)).where(MissionRow.company_id == company_id)
    )


def missions_of(session: Session, company_id: str, on: date) -> list[MissionRow]:
    """The last run of each agent for a night, by agent."""
    query = select(MissionRow).where(MissionRow.company_id == company_id, MissionRow.on_date == on)
    rows = session.scalars(query.order_by(MissionRow.agent, MissionRow.run))
    return list({row.agent: row for row in rows}.values())


class Waiting(NamedTuple):
    """What is needed to know whose decision an action is."""

    id: str
    agent: str
    kind: str
    amount: Decimal | None
    currency: str | None
    decide_by: date | None
    deadline: datetime | None


def waiting(session: Session, company_id: str, now: datetime) -> list[Waiting]:
    """All that waits for a decision now, in the order of reading."""
    columns = (getattr(ActionRow, name) for name in Waiting._fields)
    query = select(*columns).where(
        ActionRow.company_id == company_id,
        ActionRow.status == "proposed",
        ActionRow.mode != "shadow",
        or_(ActionRow.snoozed_until.is_(None), ActionRow.snoozed_until <= now),
    )
    undated = ActionRow.decide_by.is_(None)
    order = (undated, ActionRow.decide_by, ActionRow.cost_rank, ActionRow.id)
    return [Waiting(*row) for row in session.execute(query.order_by(*order))]


def unsettled(session: Session, company_id: str) -> list[ActionRow]:
    """What nobody knows the outcome of, oldest first."""
    query = select(ActionRow).where(
        ActionRow.company_id == company_id, ActionRow.status == "unknown"
    )
    return list(session.scalars(query.order_by(ActionRow.updated_at, ActionRow.id)))


class Moved(NamedTuple):
    """So many actions of a kind came to this status."""

    kind: str
    status: str
    number: int


def moved_since(session: Session, company_id: str, since: datetime) -> list[Moved]:
    """What came to an end after a moment, of what was known then; by status and kind."""
    counted = func.count()
    query = (
        select(ActionRow.kind, ActionRow.status, counted)
        .where(
            ActionRow.company_id == company_id,
            ActionRow.status.in_(FINAL),
            ActionRow.updated_at > since,
            ActionRow.created_at <= since,
        )
        .group_by(ActionRow.kind, ActionRow.status)
        .order_by(ActionRow.status, counted.desc(), ActionRow.kind)
    )
    return [Moved(*row) for row in session.execute(query)]


def new_since(session: Session, company_id: str, action_ids: Sequence[str], since: datetime) -> int:
    """How many of these were proposed for the first time after a moment."""
    made = select(ActionRow.id).where(
        ActionRow.company_id == company_id, ActionRow.created_at > since
    )
    return len(set(session.scalars(made)).intersection(action_ids))


@dataclass(frozen=True)
class Decided:
    """What people decided, and what failed, in a span of time."""

    approved: int
    edited: int
    rejected: int
    failed: int


def decided_since(session: Session, company_id: str, since: datetime) -> Decided:
    """Actions by the verdict that people gave; one edited and approved counts as edited."""
    query = select(DecisionRow.action_id, DecisionRow.verdict).where(
        DecisionRow.company_id == company_id,
        DecisionRow.at > since,
        DecisionRow.verdict.in_(("approve", "edit", "reject")),
    )
    verdicts: dict[str, set[str]] = {}
    for action_id, verdict in session.execute(query):
        verdicts.setdefault(action_id, set()).add(verdict)
    edited = sum("edit" in given for given in verdicts.values())
    rejected = sum("reject" in given and "edit" not in given for given in verdicts.values())
    failed = session.scalar(
        select(func.count()).where(
            ActionRow.company_id == company_id,
            ActionRow.status == "failed",
            ActionRow.updated_at > since,
        )
    )
    return Decided(len(verdicts) - edited - rejected, edited, rejected, failed or 0)
