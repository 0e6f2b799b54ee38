"""The versions of a company's policy: proposed, then in force or refused; one is in force at most.

What a body means is not known here; it is read, and found unreadable, above.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from regisseur.errors import NotDecidable, NotFound
from regisseur.storage import audit
from regisseur.storage.canonical import digest
from regisseur.storage.house_tables import PolicyRow
from regisseur.storage.ledger.filing import one_at_a_time
from regisseur.storage.ledger.values import Who, new_id
from regisseur.storage.tables import JsonObject

SETTINGS = Who("regisseur.toml", person=False)
"""Who proposes what was written into the settings."""


def active(session: Session, company_id: str) -> PolicyRow | None:
    """The version in force; ``None`` where none was ever kept: then the settings' policy is."""
    query = select(PolicyRow).where(PolicyRow.company_id == company_id)
    return session.scalars(query.where(PolicyRow.status == "active")).one_or_none()


def versions(session: Session, company_id: str) -> list[PolicyRow]:
    """All versions, newest first."""
    query = select(PolicyRow).where(PolicyRow.company_id == company_id)
    return list(session.scalars(query.order_by(PolicyRow.version.desc())))


def get(session: Session, policy_id: str) -> PolicyRow:
    """One version; raises NotFound."""
    row = session.get(PolicyRow, policy_id)
    if row is None:
        raise NotFound(f"there is no version {policy_id} of a policy")
    return row


def last_written(session: Session, company_id: str) -> PolicyRow | None:
    """The newest version that came from the settings."""
    query = select(PolicyRow).where(
        PolicyRow.company_id == company_id, PolicyRow.proposed_by == SETTINGS.name
    )
    return session.scalars(query.order_by(PolicyRow.version.desc()).limit(1)).one_or_none()


def begin(
    session: Session, company_id: str, body: JsonObject, cause: JsonObject, now: datetime
) -> None:
    """Keep the settings' policy as version 1, in force, unless there are versions already."""
    one_at_a_time(session, company_id)
    if not versions(session, company_id):
        row = _add(session, company_id, body, cause, SETTINGS, now)
        _decide(session, row, "active", SETTINGS, now)
        session.flush()


def propose(
    session: Session,
    company_id: str,
    body: JsonObject,
    cause: JsonObject,
    who: Who,
    now: datetime,
) -> PolicyRow:
    """Add a proposed version; nothing changes until it is settled.

    What the settings proposed before and nobody settled gives way to what they propose now.
    """
    one_at_a_time(session, company_id)
    if who == SETTINGS:
        for row in versions(session, company_id):
            if row.status == "proposed" and row.proposed_by == SETTINGS.name:
                _decide(session, row, "withdrawn", SETTINGS, now)
    return _add(session, company_id, body, cause, who, now)


def settle(
    session: Session, policy_id: str, *, approve: bool, who: Who, now: datetime
) -> PolicyRow:
    """Put a proposed version into force in place of the one that was, or refuse it.

    Raises NotFound, or NotDecidable: it is settled already, or another version came into force
    since it was proposed, which approving it would undo unseen.
    """
    row = get(session, policy_id)
    one_at_a_time(session, row.company_id)
    session.refresh(row)
    if row.status != "proposed":
        by = row.decided_by or "nobody"
        raise NotDecidable(f"version {row.version} of the policy is {row.status}, by {by}")
    if not approve:
        _decide(session, row, "refused", who, now)
        return row
    before = active(session, row.company_id)
    if before is not None:
        if before.version != row.base:
            raise NotDecidable(
                f"version {row.version} was proposed before version {before.version} came into "
                "force, and would undo it; look at the difference and propose it again"
            )
        before.status = "past"
        session.flush()
    _decide(session, row, "active", who, now)
    return row


def _add(
    session: Session,
    company_id: str,
    body: JsonObject,
    cause: JsonObject,
    who: Who,
    now: datetime,
) -> PolicyRow:
    newest = select(func.max(PolicyRow.version)).where(PolicyRow.company_id == company_id)
    in_force = active(session, company_id)
    row = PolicyRow(
        id=new_id(),
        company_id=company_id,
        version=(session.scalar(newest) or 0) + 1,
        status="proposed",
        base=None if in_force is None else in_force.version,
        body=body,
        cause=cause,
        proposed_by=who.name,
        proposed_at=now,
    )
    session.add(row)
    session.flush()
    _tell(session, row, "policy proposed", who, now)
    return row


def _decide(session: Session, row: PolicyRow, status: str, who: Who, now: datetime) -> None:
    row.status, row.decided_by, row.decided_at = status, who.name, now
    _tell(session, row, f"policy {status}", who, now)


def _tell(session: Session, row: PolicyRow, event: str, who: Who, now: datetime) -> None:
    detail: JsonObject = {"version": row.version, "body": digest(row.body)}
    audit.record(
        session,
        audit.Entry(row.company_id, now, who.name, event, row.id, detail, person=who.person),
    )
