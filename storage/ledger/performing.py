"""Performing: who holds an action, and how it ended. One effect row per key, for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotDecidable, NotFound
from regisseur.storage.ledger.changes import become, revise, tell
from regisseur.storage.ledger.deciding import Ruling, decision_row
from regisseur.storage.ledger.reading import effect_of, get
from regisseur.storage.ledger.values import Who, new_id
from regisseur.storage.tables import OPEN, ActionRow, EffectRow, JsonObject


def claim(session: Session, action_id: str, owner: str, now: datetime) -> ActionRow | None:
    """Take an approved action for performing; ``None`` if it isn't free, or not yet due."""
    row = get(session, action_id, lock=True)
    waiting = row.not_before is not None and row.not_before > now
    if row.status != "approved" or row.mode == "shadow" or waiting:
        return None
    row.performer = owner
    _start_effect(session, row, now)
    become(session, row, "performing", Who(f"worker:{owner}", person=False), now)
    return row


def take_over(
    session: Session, action_id: str, dead: str, owner: str, now: datetime, *, lost: bool = False
) -> ActionRow | None:
    """Take what a dead process was performing; ``None`` if somebody else was faster.

    ``lost`` says that its death isn't proved: whoever takes it, now or later, may only look, which
    the effect remembers as its state ``unknown``.
    """
    row = get(session, action_id, lock=True)
    if row.status != "performing" or row.performer != dead:
        return None
    row.performer, row.updated_at = owner, now
    before = effect_of(session, row.id)
    only_look = lost or (before is not None and before.state == "unknown")
    _start_effect(session, row, now).state = "unknown" if only_look else "performing"
    tell(session, row, "taken over", Who(f"worker:{owner}", person=False), now)
    return row


def _start_effect(session: Session, row: ActionRow, now: datetime) -> EffectRow:
    effect = effect_of(session, row.id)
    if effect is None:
        effect = EffectRow(
            id=new_id(),
            company_id=row.company_id,
            action_id=row.id,
            key=row.key,
            attempts=0,
            executed_hash=row.arguments_hash,
            started_at=now,
        )
        session.add(effect)
    effect.state = "performing"
    effect.attempts += 1
    effect.executed_hash = row.arguments_hash
    return effect


def _pause_effect(session: Session, row: ActionRow, why: str) -> None:
    effect = effect_of(session, row.id)
    if effect is not None:
        effect.state, effect.error = "waiting", why


@dataclass(frozen=True)
class Outcome:
    """How performing ended, with what the ERP has under the key."""

    state: Literal["done", "failed", "unknown"]
    reference: str | None = None
    answer: JsonObject | None = None
    error: str | None = None


def finish(
    session: Session, action_id: str, owner: str, outcome: Outcome, now: datetime
) -> ActionRow | None:
    """Record the end of performing; ``None`` if this owner no longer holds the action."""
    row = get(session, action_id, lock=True)
    if row.status != "performing" or row.performer != owner:
        return None
    _end_effect(session, row, outcome, now)
    row.performer = None
    become(session, row, outcome.state, Who(f"worker:{owner}", person=False), now)
    return row


def _end_effect(session: Session, row: ActionRow, outcome: Outcome, now: datetime) -> None:
    effect = effect_of(session, row.id)
    if effect is None:
        raise NotFound(f"{row.id} has no effect to end")
    effect.state = outcome.state
    effect.reference = outcome.reference
    effect.answer = outcome.answer
    effect.error = outcome.error
    effect.finished_at = now


def release(
    session: Session,
    action_id: str,
    owner: str,
    not_before: datetime | None,
    why: str,
    now: datetime,
) -> ActionRow | None:
    """Give an action back, to be performed later: what is there then is looked up first."""
    row = get(session, action_id, lock=True)
    if row.status != "performing" or row.performer != owner:
        return None
    row.performer, row.not_before = None, not_before
    _pause_effect(session, row, why)
    become(session, row, "approved", Who(f"worker:{owner}", person=False), now)
    return row


def return_to_inbox(
    session: Session, action_id: str, owner: str, drift: list[JsonObject], now: datetime
) -> ActionRow | None:
    """The facts had changed before anything was written: ask again, showing was / is."""
    row = get(session, action_id, lock=True)
    if row.status != "performing" or row.performer != owner:
        return None
    row.performer = row.veto_until = None
    _pause_effect(session, row, "the facts had changed")
    row.drift, row.mode = drift, "ask"
    shown = {**row.presented, "changed": drift}
    session.add(revise(row, row.arguments, shown, cause="drift", now=now))
    become(session, row, "proposed", Who(f"worker:{owner}", person=False), now)
    return row


def doubt(session: Session, action_id: str, outcome: Outcome, now: datetime) -> ActionRow:
    """After a restore: the ERP knows of this action what we have forgotten; a person has to look.

    One that became final meanwhile stays so.
    """
    row = get(session, action_id, lock=True)
    if row.status not in OPEN:
        return row
    _start_effect(session, row, now)
    session.flush()
    _end_effect(session, row, outcome, now)
    row.performer = None
    become(session, row, "unknown", Who("restore", person=False), now)
    return row


def resolve(
    session: Session,
    action_id: str,
    outcome: Outcome,
    who: Who,
    now: datetime,
    *,
    comment: str | None = None,
) -> ActionRow:
    """A person settles an ``unknown`` after looking: done or failed.

    Without a reference of theirs the one that was found before is kept.
    """
    row = get(session, action_id, lock=True)
    if row.status != "unknown":
        raise NotDecidable(f"{row.id} is {row.status}; only an unknown outcome can be resolved")
    if outcome.state == "unknown":
        raise InvalidInput("say done or not_done", field="outcome")
    ruling = Ruling(
        row.id, row.revision, row.seen_hash, "approve", who, comment=comment, reason=outcome.state
    )
    decision = decision_row(row, ruling, row.arguments_hash, now)
    decision.verdict = "resolve"
    session.add(decision)
    effect = effect_of(session, row.id)
    if outcome.reference is None and effect is not None:
        outcome = replace(outcome, reference=effect.reference)
    _end_effect(session, row, outcome, now)
    become(session, row, outcome.state, who, now)
    return row
