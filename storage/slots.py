"""Slots: what the clock does once for a company and night, however many processes run.

Whoever works on a slot holds its lock, which dies with the process; the row tells what became of
it. A row in state ``running`` whose lock is free belongs to nobody: it was given back for another
attempt (no owner), or its process died (an owner), and it is taken over at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.storage.house_tables import SlotRow
from regisseur.storage.ledger.filing import one_at_a_time

End = Literal["done", "failed", "missed"]


@dataclass(frozen=True)
class Slot:
    """One thing to be done once."""

    company_id: str
    what: str
    """``night``, ``alarm``, ``digest/PERSON`` …"""
    on: date

    @property
    def lock_name(self) -> str:
        """The lock that whoever works on it holds."""
        return f"slot:{self.company_id}/{self.what}/{self.on.isoformat()}"


@dataclass(frozen=True)
class Rule:
    """How often a slot is tried, and until when."""

    until: datetime
    attempts: int | None = None
    """``None``: as often as there is time for."""
    pause: timedelta = timedelta(minutes=5)
    """Between two attempts; none after a process that died."""

    def over(self, row: SlotRow, now: datetime) -> bool:
        """Is there no further attempt?"""
        return now >= self.until or (self.attempts is not None and row.attempts >= self.attempts)

    def wants(self, row: SlotRow | None, now: datetime) -> bool:
        """Is there something to do about a slot that stands so?"""
        if row is None:
            return True
        if row.state != "running":
            return False
        rested = row.owner is not None or now >= row.started_at + self.pause
        return rested or self.over(row, now)


def take(
    session: Session, slot: Slot, owner: str, now: datetime, rule: Rule, *, again: bool = False
) -> SlotRow | None:
    """Begin an attempt; the caller holds the lock. ``None`` where there is nothing to do.

    The row tells what was found: ``running``, it is the caller's to be worked on; ``missed`` or
    ``failed``, it was too late or tried too often, which the caller has to tell. ``again``: somebody
    asks for it, however it ended and however late it is.
    """
    row = _row(session, slot)
    if row is not None and (row.state == "running" or again):
        if not again and not rule.wants(row, now):
            return None
        if not again and rule.over(row, now):
            _end(row, "failed", now, row.error or "it was cut off")
            return row
        row.attempts = 1 if row.state != "running" else row.attempts + 1
        row.state, row.owner, row.started_at, row.finished_at = "running", owner, now, None
        return row
    if row is not None:
        return None
    missed = not again and now >= rule.until
    row = SlotRow(
        company_id=slot.company_id, what=slot.what, on_date=slot.on, started_at=now, error=None,
        state="missed" if missed else "running", owner=None if missed else owner,
        attempts=0 if missed else 1, finished_at=now if missed else None,
    )  # fmt: skip
    session.add(row)
    return row


def end(
    session: Session, slot: Slot, owner: str, state: End, now: datetime, error: str | None = None
) -> bool:
    """Say how a slot ended; False where it is no longer the owner's."""
    row = _row(session, slot)
    if row is None or (row.state, row.owner) != ("running", owner):
        return False
    _end(row, state, now, error)
    return True


def give_back(session: Session, slot: Slot, owner: str, error: str | None) -> bool:
    """Leave a slot to another attempt; one that was stopped without a fault doesn't count."""
    row = _row(session, slot)
    if row is None or (row.state, row.owner) != ("running", owner):
        return False
    if error is None:
        row.attempts -= 1
    else:
        row.owner, row.error = None, error
    return True


def once(session: Session, slot: Slot, now: datetime) -> bool:
    """Tick a slot off in this very transaction; False where somebody did before."""
    one_at_a_time(session, slot.company_id)
    if _row(session, slot) is not None:
        return False
    session.add(
        SlotRow(
            company_id=slot.company_id, what=slot.what, on_date=slot.on, state="done", owner=None,
            attempts=1, error=None, started_at=now, finished_at=now,
        )
    )  # fmt: skip
    return True


def of_nights(session: Session, company_id: str, nights: Sequence[date]) -> list[SlotRow]:
    """All slots of some nights, oldest first, then by what they are."""
    query = select(SlotRow).where(SlotRow.company_id == company_id, SlotRow.on_date.in_(nights))
    return list(session.scalars(query.order_by(SlotRow.on_date, SlotRow.what)))


def _row(session: Session, slot: Slot) -> SlotRow | None:
    return session.get(SlotRow, (slot.company_id, slot.what, slot.on), with_for_update=True)


def _end(row: SlotRow, state: End, now: datetime, error: str | None) -> None:
    row.state, row.owner, row.finished_at, row.error = state, None, now, error
