"""What happened to an action, as the audit chain and the decisions tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.storage.tables import AuditPersonRow, AuditRow, DecisionRow


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at: datetime
    what: str
    """An event of the audit chain: ``proposed``, ``approved``, ``performing``, ``done`` …"""
    by: str
    """A person, or a process of ours (``mission:…``, ``policy:…``, ``worker:…``)."""
    revision: int
    reason: str | None = None
    comment: str | None = None


def events(session: Session, action_id: str) -> list[Event]:
    """All of them, oldest first; people whose record was erased stay digests."""
    rows = session.scalars(
        select(AuditRow).where(AuditRow.subject == action_id).order_by(AuditRow.sequence)
    )
    said = {
        one.at: one
        for one in session.scalars(select(DecisionRow).where(DecisionRow.action_id == action_id))
    }
    return [_event(session, row, said.get(row.at)) for row in rows]


def _event(session: Session, row: AuditRow, decision: DecisionRow | None) -> Event:
    digest = row.actor.removeprefix("person:")
    person = session.get(AuditPersonRow, (row.company_id, digest))
    by = row.actor if person is None else person.value
    said = decision if decision is not None and decision.actor == by else None
    return Event(
        at=row.at,
        what=row.event,
        by=by,
        revision=row.detail.get("revision", 0),
        reason=row.detail.get("reason") or (said.reason if said else None),
        comment=said.comment if said else None,
    )
