"""Messages to other programs: made of the audit chain, each once, and tried until it is taken.

The audit chain is where an event and what it tells of commit together; a hook reads on in it from
where it stood, so that no event is lost and none is made into two messages.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from regisseur.errors import NotFound
from regisseur.storage import audit
from regisseur.storage.house_tables import DeliveryRow, HookRow
from regisseur.storage.tables import AuditRow


def behind(session: Session, company_id: str, hook: str) -> bool:
    """Is there anything in the chain that a hook hasn't read?"""
    reader = session.get(HookRow, (company_id, hook))
    return reader is None or reader.read_to < audit.length_of(session, company_id)


def unread(session: Session, company_id: str, hook: str, most: int) -> list[AuditRow]:
    """The next links of the chain that a hook hasn't read, oldest first, at most so many.

    A hook that was never asked for before begins with what happens from now on.
    """
    reader = session.get(HookRow, (company_id, hook), with_for_update=True)
    if reader is None:
        length = audit.length_of(session, company_id)
        session.add(HookRow(company_id=company_id, name=hook, read_to=length))
        return []
    query = select(AuditRow).where(
        AuditRow.company_id == company_id, AuditRow.sequence > reader.read_to
    )
    return list(session.scalars(query.order_by(AuditRow.sequence).limit(most)))


def has_read(session: Session, company_id: str, hook: str, sequence: int) -> None:
    """Note how far a hook has come, in the transaction that puts what it was to be told."""
    session.get_one(HookRow, (company_id, hook)).read_to = sequence


def put(session: Session, row: DeliveryRow) -> bool:
    """Add a message to those that wait; False if there is one of that id already."""
    if session.get(DeliveryRow, row.id) is not None:
        return False
    session.add(row)
    return True


def get(session: Session, company_id: str, delivery_id: str) -> DeliveryRow:
    """One message of a company; raises NotFound."""
    row = session.get(DeliveryRow, delivery_id)
    if row is None or row.company_id != company_id:
        raise NotFound(f"there is no delivery {delivery_id} in company {company_id}")
    return row


def due(
    session: Session, company_id: str, hook: str, now: datetime, most: int
) -> list[DeliveryRow]:
    """What waits to be sent to a hook by now, in the order in which it happened."""
    query = select(DeliveryRow).where(
        DeliveryRow.company_id == company_id,
        DeliveryRow.hook == hook,
        DeliveryRow.state == "waiting",
        DeliveryRow.next_at <= now,
    )
    return list(session.scalars(query.order_by(DeliveryRow.created_at, DeliveryRow.id).limit(most)))


def tried(session: Session, delivery_id: str, error: str | None, next_at: datetime | None) -> None:
    """Note how an attempt ended: taken, to be tried again at ``next_at``, or given up."""
    row = session.get_one(DeliveryRow, delivery_id)
    row.attempts, row.error = row.attempts + 1, error
    if error is None:
        row.state = "taken"
    elif next_at is None:
        row.state = "given_up"
    else:
        row.next_at = next_at


def try_again(session: Session, company_id: str, delivery_id: str, now: datetime) -> DeliveryRow:
    """Have a message that was given up sent again, with all its attempts before it."""
    row = get(session, company_id, delivery_id)
    if row.state == "given_up":
        row.state, row.attempts, row.next_at = "waiting", 0, now
    return row


def listed(
    session: Session, company_id: str, states: Collection[str], most: int
) -> list[DeliveryRow]:
    """Messages in some states, newest first."""
    query = select(DeliveryRow).where(
        DeliveryRow.company_id == company_id, DeliveryRow.state.in_(states)
    )
    newest = query.order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
    return list(session.scalars(newest.limit(most)))


def find(session: Session, delivery_id: str) -> DeliveryRow | None:
    """A message by its id alone, for whoever comes with its response token."""
    return session.get(DeliveryRow, delivery_id)


def answer_once(session: Session, delivery_id: str, now: datetime) -> bool:
    """Use up the response token of a message; False if it was used before."""
    unused = (DeliveryRow.id == delivery_id) & DeliveryRow.answered_at.is_(None)
    taken = update(DeliveryRow).where(unused).values(answered_at=now).returning(DeliveryRow.id)
    return session.scalars(taken).one_or_none() is not None


def not_answered(session: Session, delivery_id: str) -> None:
    """Give the response token back: what came with it was refused, and nothing was decided."""
    session.get_one(DeliveryRow, delivery_id).answered_at = None
