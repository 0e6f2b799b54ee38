"""The two ways in which an action changes: a new revision, and a new status.

Both are told to the audit chain in the same transaction; nothing else writes these columns. What is
changed in here is written with the transaction's next question, or when it commits.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from regisseur.storage import audit
from regisseur.storage.canonical import digest
from regisseur.storage.ledger.values import Who, seen_hash
from regisseur.storage.tables import ActionRow, JsonObject, RevisionRow


def revise(
    row: ActionRow, arguments: JsonObject, presented: JsonObject, *, cause: str, now: datetime
) -> RevisionRow:
    """Give the action new content under the next revision number.

    The revision is to be added to the session once its action is in the database.
    """
    row.revision += 1
    row.arguments, row.arguments_hash = arguments, digest(arguments)
    row.presented = presented
    _rank(row, presented)
    row.seen_hash = seen_hash(row.revision, arguments, presented)
    row.updated_at = now
    return RevisionRow(
        action_id=row.id,
        revision=row.revision,
        company_id=row.company_id,
        mission_id=row.mission_id,
        cause=cause,
        arguments=arguments,
        arguments_hash=row.arguments_hash,
        presented=presented,
        seen_hash=row.seen_hash,
        created_at=now,
    )


def _rank(row: ActionRow, presented: JsonObject) -> None:
    """Set what inboxes are sorted by: a deadline, then what one more day costs."""
    day, cost = presented.get("decide_by"), presented.get("cost_of_waiting")
    row.decide_by = date.fromisoformat(day) if day else None
    row.cost_rank = -int(Decimal(cost["amount"]) * 100) if cost else 0


def become(
    session: Session,
    row: ActionRow,
    status: str,
    who: Who,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    """Move the action to a status."""
    row.status, row.updated_at = status, now
    tell(session, row, status, who, now, reason=reason)


def tell(
    session: Session,
    row: ActionRow,
    what: str,
    who: Who,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    """Record in the audit chain what happened to the action."""
    detail: JsonObject = {
        "key": row.key,
        "revision": row.revision,
        "arguments": row.arguments_hash,
        "seen": row.seen_hash,
    }
    if reason is not None:
        detail["reason"] = reason
    audit.record(
        session,
        audit.Entry(row.company_id, now, who.name, what, row.id, detail, person=who.person),
    )
