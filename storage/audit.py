"""The append-only account of what happened: one hash chain per company.

Entries are gathered while a transaction runs and sealed just before it commits, so that the head
row is locked last and for the shortest time. An entry and what it tells of commit together or not
at all. Rows name people by salted digest only; the person table may be erased and the chain still
verifies.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session, SessionTransaction

from regisseur.storage.canonical import digest
from regisseur.storage.tables import AuditHeadRow, AuditPersonRow, AuditRow

GENESIS = "0" * 64
_PENDING = "regisseur.audit"


@dataclass(frozen=True)
class Entry:
    """Something that happened to a subject (an action, a mission, the brake)."""

    company_id: str
    at: datetime
    actor: str
    """A process (``worker:…``, ``policy:…``) or, where ``person`` is true, somebody."""
    event: str
    subject: str
    detail: dict[str, Any]
    person: bool = False
    people: Mapping[str, str] = field(default_factory=dict)
    """Others whom it is about, by the part they play: kept in ``detail``, as digests too."""


def record(session: Session, entry: Entry) -> None:
    """Add an entry to the transaction that is running, never inside a savepoint of it: that could
    be undone alone.
    """
    if session.in_nested_transaction() or not session.in_transaction():
        raise RuntimeError("record what happened in a transaction, outside of its savepoints")
    if _PENDING not in session.info:
        session.info[_PENDING] = []
        event.listen(session, "before_commit", _seal)
        event.listen(session, "after_soft_rollback", _forget)
    session.info[_PENDING].append(entry)


def _forget(session: Session, undone: SessionTransaction) -> None:
    if not undone.nested:
        session.info[_PENDING] = []


def _seal(session: Session) -> None:
    entries: list[Entry] = session.info[_PENDING]
    session.info[_PENDING] = []
    session.flush()
    for company_id in sorted({entry.company_id for entry in entries}):
        head = _locked_head(session, company_id)
        for entry in entries:
            if entry.company_id == company_id:
                # Named under the lock: two first acts of one person must not both add the person.
                _append(session, head, entry, *_named(session, entry))


def _locked_head(session: Session, company_id: str) -> AuditHeadRow:
    query = select(AuditHeadRow).where(AuditHeadRow.company_id == company_id).with_for_update()
    head = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if head is None:
        head = AuditHeadRow(company_id=company_id, sequence=0, digest=GENESIS)
        session.add(head)
    return head


def _append(
    session: Session, head: AuditHeadRow, entry: Entry, actor: str, detail: dict[str, Any]
) -> None:
    row = AuditRow(
        company_id=entry.company_id,
        sequence=head.sequence + 1,
        at=entry.at,
        actor=actor,
        event=entry.event,
        subject=entry.subject,
        detail=detail,
        previous=head.digest,
    )
    row.digest = _digest_of(row)
    session.add(row)
    head.sequence, head.digest = row.sequence, row.digest


def _digest_of(row: AuditRow) -> str:
    return digest(
        {
            "company": row.company_id,
            "sequence": row.sequence,
            "at": _instant(row.at),
            "actor": row.actor,
            "event": row.event,
            "subject": row.subject,
            "detail": row.detail,
            "previous": row.previous,
        }
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _named(session: Session, entry: Entry) -> tuple[str, dict[str, Any]]:
    """The actor and the detail, with people as digests."""
    company = entry.company_id
    actor = _name(session, company, entry.actor) if entry.person else entry.actor
    others = {part: _name(session, company, one) for part, one in entry.people.items()}
    return actor, {**entry.detail, **others}


def _name(session: Session, company_id: str, somebody: str) -> str:
    known = session.scalars(
        select(AuditPersonRow).where(
            AuditPersonRow.company_id == company_id, AuditPersonRow.value == somebody
        )
    ).one_or_none()
    if known is None:
        salt = secrets.token_hex(16)
        hashed = hashlib.sha256(f"{salt}{somebody}".encode()).hexdigest()
        known = AuditPersonRow(company_id=company_id, digest=hashed, salt=salt, value=somebody)
        session.add(known)
        session.flush()
    return f"person:{known.digest}"


@dataclass(frozen=True)
class Verdict:
    """What verifying a chain found. ``broken_at`` is the first sequence that does not fit."""

    entries: int
    head: str
    broken_at: int | None = None
    why: str | None = None

    @property
    def intact(self) -> bool:
        """Nothing was changed, removed or reordered."""
        return self.broken_at is None


def verify(session: Session, company_id: str, *, head: str | None = None) -> Verdict:
    """Walk the whole chain; with ``head`` (from a printed report) also check that it is in it."""
    previous, expected, seen_head = GENESIS, 1, head in (None, GENESIS)
    try:
        for row in _chain(session, company_id):
            why = _fault(row, expected, previous)
            if why is not None:
                return Verdict(expected - 1, previous, expected, why)
            previous, expected = row.digest, expected + 1
            seen_head = seen_head or row.digest == head
    except (ValueError, TypeError, StatementError):
        # What is stored there is no value that we ever write.
        return Verdict(expected - 1, previous, expected, "it can't be read")
    if (length_of(session, company_id), head_of(session, company_id)) != (expected - 1, previous):
        why = "entries after this one are missing, or the note of the newest one was changed"
        return Verdict(expected - 1, previous, expected, why)
    if not seen_head:
        return Verdict(expected - 1, previous, expected, "the head given is not in this chain")
    return Verdict(expected - 1, previous)


def _fault(row: AuditRow, expected: int, previous: str) -> str | None:
    if row.sequence != expected:
        return "an entry is missing"
    if row.previous != previous:
        return "it does not follow the entry before it"
    if row.digest != _digest_of(row):
        return "its content was changed"
    return None


def _chain(
    session: Session, company_id: str, after: int = 0, limit: int | None = None
) -> Iterator[AuditRow]:
    chain = (AuditRow.company_id == company_id, AuditRow.sequence > after)
    query = select(AuditRow).where(*chain).order_by(AuditRow.sequence).limit(limit)
    yield from session.scalars(query.execution_options(yield_per=500))


def head_of(session: Session, company_id: str) -> str:
    """Digest of the newest entry, ``GENESIS`` where nothing has happened yet."""
    head = session.get(AuditHeadRow, company_id)
    return GENESIS if head is None else head.digest


def length_of(session: Session, company_id: str) -> int:
    """How many entries the chain has."""
    head = session.get(AuditHeadRow, company_id)
    return 0 if head is None else head.sequence


def export(
    session: Session, company_id: str, *, after: int = 0, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """The chain as JSON objects, oldest first, with what is needed to verify it elsewhere.

    In parts: ``limit`` entries from the one that follows the sequence ``after``.
    """
    for row in _chain(session, company_id, after, limit):
        yield {
            "sequence": row.sequence,
            "at": _instant(row.at),
            "actor": row.actor,
            "event": row.event,
            "subject": row.subject,
            "detail": row.detail,
            "previous": row.previous,
            "digest": row.digest,
        }
