"""Deciding: a compare-and-set on what somebody saw. Nothing is performed in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from regisseur.errors import AlreadyDecided, ChangedSince, NotDecidable
from regisseur.storage.canonical import digest
from regisseur.storage.ledger.changes import become, revise, tell
from regisseur.storage.ledger.reading import get
from regisseur.storage.ledger.values import Who, new_id
from regisseur.storage.tables import ActionRow, DecisionRow, JsonObject, RevisionRow

Verdict = Literal["approve", "edit", "reject", "snooze", "reassign", "veto"]
"""``veto`` stops a window at whose end it would be done: from then on it waits for a person."""


@dataclass(frozen=True)
class Ruling:
    """A decision as it comes in, on a revision that somebody saw."""

    action_id: str
    revision: int
    seen: str
    verdict: Verdict
    who: Who
    arguments: JsonObject | None = None
    """The edited arguments, already checked by the kind's schema; for ``edit`` only."""
    presented: JsonObject | None = None
    """What is shown of the edited revision; for ``edit`` only."""
    amount: Decimal | None = None
    """Amount of the edited arguments; for ``edit`` only."""
    quorum: int = 1
    """How many must approve, never fewer than before; for ``approve`` and ``edit``."""
    reason: str | None = None
    comment: str | None = None
    until: datetime | None = None
    assignee: str | None = None


def decide(session: Session, ruling: Ruling, now: datetime) -> ActionRow:
    """Commit a decision by compare-and-set on (id, revision, hash of what was seen).

    Raises NotFound, AlreadyDecided (naming who was faster), ChangedSince (it was recomputed
    meanwhile) or NotDecidable. Nothing is performed here.
    """
    row = get(session, ruling.action_id, lock=True)
    check(session, row, ruling)
    decided = row.arguments_hash if ruling.arguments is None else digest(ruling.arguments)
    session.add(decision_row(row, ruling, decided, now))
    if ruling.verdict == "reject":
        become(session, row, "rejected", ruling.who, now, reason=ruling.reason)
    elif ruling.verdict == "snooze":
        row.snoozed_until, row.veto_until = ruling.until, None
        tell(session, row, "snoozed", ruling.who, now)
    elif ruling.verdict == "veto":
        row.veto_until = None
        tell(session, row, "vetoed", ruling.who, now)
    elif ruling.verdict == "reassign":
        row.assignee = ruling.assignee
        tell(session, row, "reassigned", ruling.who, now)
    else:
        _approve(session, row, ruling, now)
    return row


def check(session: Session, row: ActionRow, ruling: Ruling) -> None:
    """Raise what ``decide`` would raise for this ruling as things stand now."""
    if row.status != "proposed":
        raise _too_late(session, row)
    if row.mode == "shadow" and ruling.verdict in ("approve", "edit"):
        raise NotDecidable(
            f"{row.id} is in shadow mode: nothing is written for it; "
            f"change the policy rule {row.rule!r} first"
        )
    if row.veto_until is None and ruling.verdict == "veto":
        raise NotDecidable(f"{row.id} waits for a person already: nothing is done by itself")
    if (row.revision, row.seen_hash) != (ruling.revision, ruling.seen):
        before = session.get(RevisionRow, (row.id, ruling.revision))
        was = None if before is None else before.arguments
        raise ChangedSince(row.id, row.revision, was=was, now=row.arguments)


def _too_late(session: Session, row: ActionRow) -> Exception:
    over = NotDecidable(f"{row.id} is {row.status}: there is nothing left to decide")
    if row.status in ("superseded", "withdrawn", "expired"):
        return over
    query = (
        select(DecisionRow)
        .where(
            DecisionRow.action_id == row.id,
            DecisionRow.verdict.in_(("approve", "edit", "reject", "resolve")),
        )
        .order_by(DecisionRow.at.desc())
        .limit(1)
    )
    last = session.scalars(query).one_or_none()
    if last is not None:
        return AlreadyDecided(row.id, row.status, by=last.actor, at=last.at, verdict=last.verdict)
    return over


def decision_row(row: ActionRow, ruling: Ruling, decided: str, now: datetime) -> DecisionRow:
    """A ruling as the ledger keeps it."""
    return DecisionRow(
        id=new_id(),
        company_id=row.company_id,
        action_id=row.id,
        revision=row.revision,
        verdict=ruling.verdict,
        seen_hash=ruling.seen,
        decided_hash=decided,
        reason=ruling.reason,
        comment=ruling.comment,
        until=ruling.until,
        assignee=ruling.assignee,
        actor=ruling.who.name,
        asserted=ruling.who.asserted,
        at=now,
    )


def _approve(session: Session, row: ActionRow, ruling: Ruling, now: datetime) -> None:
    row.quorum = max(row.quorum, ruling.quorum)
    if ruling.arguments is not None:
        row.amount = ruling.amount
        shown = ruling.presented if ruling.presented is not None else row.presented
        session.add(revise(row, ruling.arguments, shown, cause="edit", now=now))
    if _approvals(session, row) >= row.quorum:
        row.snoozed_until = row.veto_until = None
        become(session, row, "approved", ruling.who, now)
    else:
        tell(session, row, "approved in part", ruling.who, now)


def _approvals(session: Session, row: ActionRow) -> int:
    """Different people who approved what now stands: this revision, or the edit that made it."""
    of_this = (DecisionRow.revision == row.revision) & (DecisionRow.verdict == "approve")
    made_this = (DecisionRow.revision == row.revision - 1) & (DecisionRow.verdict == "edit")
    query = select(func.count(func.distinct(DecisionRow.actor))).where(
        DecisionRow.action_id == row.id,
        DecisionRow.decided_hash == row.arguments_hash,
        of_this | made_this,
    )
    return session.scalars(query).one()


def regret(
    session: Session, action_id: str, who: Who, now: datetime, *, comment: str
) -> DecisionRow:
    """Keep that something done should not have been; nothing is undone by it.

    Raises NotFound, and NotDecidable for what isn't done or was regretted already.
    """
    row = get(session, action_id, lock=True)
    if row.status != "done":
        raise NotDecidable(f"{row.id} is {row.status}: only what is done can be regretted")
    query = select(DecisionRow).where(
        DecisionRow.action_id == row.id, DecisionRow.verdict == "regret"
    )
    if (before := session.scalars(query).first()) is not None:
        raise NotDecidable(f"{row.id} was regretted by {before.actor} already")
    ruling = Ruling(row.id, row.revision, row.seen_hash, "reject", who, comment=comment)
    decision = decision_row(row, ruling, row.arguments_hash, now)
    decision.verdict = "regret"
    session.add(decision)
    tell(session, row, "regretted", who, now)
    return decision


def settle_by_policy(session: Session, action_id: str, now: datetime) -> ActionRow:
    """Approve what the policy lets through without asking (``auto``, or an ended veto window).

    What a person put to sleep stays so until its time.
    """
    row = get(session, action_id, lock=True)
    settle_held(session, row, now)
    return row


def settle_held(session: Session, row: ActionRow, now: datetime) -> None:
    """The same for an action that this transaction holds already, because it locked or made it."""
    ended = row.mode == "veto" and row.veto_until is not None and row.veto_until <= now
    asleep = row.snoozed_until is not None and row.snoozed_until > now
    if row.status == "proposed" and not asleep and (row.mode == "auto" or ended):
        row.veto_until = None
        become(session, row, "approved", Who(f"policy:{row.rule}", person=False), now)


def expire(session: Session, action_id: str, now: datetime) -> ActionRow:
    """Record that a deadline passed; never as a rejection by a person (design, law 8)."""
    row = get(session, action_id, lock=True)
    if row.status == "proposed" and row.deadline is not None and row.deadline <= now:
        become(session, row, "expired", Who("sweeper", person=False), now)
    return row
