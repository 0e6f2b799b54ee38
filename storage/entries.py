"""What people told an agent: promises to pay, disputes, pauses, what came of a call …

An entry is added once and may be withdrawn; it is never changed, so that it stays known what an
agent knew on a night. The audit keeps what happened and a digest, the words stay in the entry.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.errors import NotDecidable, NotFound
from regisseur.storage import audit
from regisseur.storage.canonical import digest
from regisseur.storage.ledger.filing import one_at_a_time
from regisseur.storage.ledger.values import Who, new_id
from regisseur.storage.tables import ActionRow, EntryRow, JsonObject, RevisionRow


def add(
    session: Session,
    company_id: str,
    agent: str,
    form: str,
    subject: str,
    body: JsonObject,
    who: Who,
    now: datetime,
) -> EntryRow:
    """Keep what somebody said about a subject, in one of the agent's forms."""
    row = EntryRow(
        id=new_id(),
        company_id=company_id,
        agent=agent,
        form=form,
        subject=subject,
        body=body,
        actor=who.name,
        at=now,
    )
    session.add(row)
    _tell(session, row, "entered", who, now)
    return row


def add_once(
    session: Session,
    company_id: str,
    agent: str,
    form: str,
    subject: str,
    body: JsonObject,
    same: tuple[str, str],
    who: Who,
    now: datetime,
) -> EntryRow | None:
    """As ``add``, unless an entry of this form was ever kept whose body has the same value under
    a name, withdrawn ones included.
    """
    one_at_a_time(session, company_id)
    name, value = same
    query = select(EntryRow.body).where(
        EntryRow.company_id == company_id, EntryRow.agent == agent, EntryRow.form == form
    )
    if any(known.get(name) == value for known in session.scalars(query)):
        return None
    return add(session, company_id, agent, form, subject, body, who, now)


def withdraw(session: Session, entry_id: str, who: Who, now: datetime) -> EntryRow:
    """Say that an entry no longer holds; raises NotFound, or NotDecidable if it already doesn't."""
    row = get(session, entry_id)
    if row.withdrawn_at is not None:
        raise NotDecidable(f"{row.withdrawn_by} withdrew the entry {entry_id} already")
    row.withdrawn_by, row.withdrawn_at = who.name, now
    _tell(session, row, "withdrawn", who, now)
    return row


def get(session: Session, entry_id: str) -> EntryRow:
    """One entry; raises NotFound."""
    row = session.get(EntryRow, entry_id, with_for_update=True)
    if row is None:
        raise NotFound(f"there is no entry {entry_id}")
    return row


def standing(session: Session, company_id: str, agent: str) -> list[EntryRow]:
    """All that was told to an agent and not withdrawn, oldest first."""
    query = select(EntryRow).where(
        EntryRow.company_id == company_id,
        EntryRow.agent == agent,
        EntryRow.withdrawn_at.is_(None),
    )
    return list(session.scalars(query.order_by(EntryRow.at, EntryRow.id)))


def since(session: Session, row: ActionRow) -> list[EntryRow]:
    """What an action's agent was told about its party after the action became what it is now."""
    if row.counterparty is None:
        return []
    told = [
        one
        for one in standing(session, row.company_id, row.agent)
        if one.subject in ("", row.counterparty)
    ]
    latest = _revised(session, row)
    return [one for one in told if one.at > latest]


def _revised(session: Session, row: ActionRow) -> datetime:
    revision = session.get_one(RevisionRow, (row.id, row.revision))
    return revision.created_at


def _tell(session: Session, row: EntryRow, what: str, who: Who, now: datetime) -> None:
    detail = {"form": row.form, "about": row.subject, "body": digest(row.body)}
    entry = audit.Entry(
        row.company_id, now, who.name, what, f"entry/{row.id}", detail, person=who.person
    )
    audit.record(session, entry)
