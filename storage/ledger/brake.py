"""The brake: a switch per company and agent that is looked at before every write."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.storage import audit
from regisseur.storage.ledger.filing import one_at_a_time
from regisseur.storage.ledger.values import Who
from regisseur.storage.tables import BrakeRow


def stop(
    session: Session, company_id: str, agent: str, who: Who, reason: str, now: datetime
) -> None:
    """Pull the brake for one agent, or for the whole company with an empty ``agent``."""
    one_at_a_time(session, company_id)
    session.merge(
        BrakeRow(company_id=company_id, agent=agent, actor=who.name, reason=reason, at=now)
    )
    audit.record(
        session,
        audit.Entry(company_id, now, who.name, "stopped", agent or "*", {}, person=who.person),
    )


def go(session: Session, company_id: str, agent: str, who: Who, now: datetime) -> bool:
    """Release the brake; False if it wasn't pulled."""
    brake = session.get(BrakeRow, (company_id, agent))
    if brake is None:
        return False
    session.delete(brake)
    audit.record(
        session,
        audit.Entry(company_id, now, who.name, "released", agent or "*", {}, person=who.person),
    )
    return True


def brake_on(session: Session, company_id: str, agent: str) -> BrakeRow | None:
    """The brake that holds this agent back, if any."""
    query = select(BrakeRow).where(
        BrakeRow.company_id == company_id, BrakeRow.agent.in_(("", agent))
    )
    return session.scalars(query.order_by(BrakeRow.agent).limit(1)).one_or_none()
