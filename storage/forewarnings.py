"""Which veto windows people were forewarned of: one slot for a window and its content.

Windows that are found together are told in one mail, under one batch: what belongs to it is put down
before anything is sent, so that whoever goes on after a crash sends the same mail again or not at
all.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.storage.house_tables import SlotRow
from regisseur.storage.ledger.filing import one_at_a_time
from regisseur.storage.ledger.values import new_id
from regisseur.storage.tables import ActionRow

_WHAT = "forewarning/"


def open_windows(session: Session, company_id: str, now: datetime) -> list[ActionRow]:
    """Actions that will be done unless somebody refuses, soonest first."""
    query = select(ActionRow).where(
        ActionRow.company_id == company_id,
        ActionRow.status == "proposed",
        ActionRow.mode == "veto",
        ActionRow.veto_until > now,
    )
    return list(session.scalars(query.order_by(ActionRow.veto_until, ActionRow.id)))


def begin(session: Session, company_id: str, now: datetime) -> str | None:
    """Put down as one batch the windows of which nobody was told yet; ``None`` if there are none."""
    one_at_a_time(session, company_id)
    batch = new_id()
    new = [row for row in open_windows(session, company_id, now) if slot_of(session, row) is None]
    session.add_all(
        SlotRow(
            company_id=company_id,
            what=_name(row),
            on_date=row.veto_until.date(),
            state="running",
            owner=batch,
            started_at=now,
        )
        for row in new
        if row.veto_until is not None
    )
    return batch if new else None


def waiting(session: Session, company_id: str) -> dict[str, list[ActionRow]]:
    """What is put down and not told yet, by batch."""
    query = select(SlotRow).where(
        SlotRow.company_id == company_id,
        SlotRow.what.startswith(_WHAT, autoescape=True),
        SlotRow.state == "running",
    )
    batches: dict[str, list[ActionRow]] = {}
    for slot in session.scalars(query.order_by(SlotRow.started_at, SlotRow.what)):
        row = session.get(ActionRow, slot.what.split("/")[1])
        if row is not None and slot.owner is not None:
            batches.setdefault(slot.owner, []).append(row)
    return batches


def end(
    session: Session,
    company_id: str,
    batch: str,
    told: Collection[str],
    error: str | None,
    now: datetime,
) -> None:
    """Close a batch: these of its actions were told, the others can't be."""
    query = select(SlotRow).where(
        SlotRow.company_id == company_id,
        SlotRow.what.startswith(_WHAT, autoescape=True),
        SlotRow.owner == batch,
    )
    for slot in session.scalars(query):
        slot.state = "done" if slot.what.split("/")[1] in told else "failed"
        slot.error = None if slot.state == "done" else error
        slot.attempts, slot.finished_at = slot.attempts + 1, now


def slot_of(session: Session, row: ActionRow) -> SlotRow | None:
    """What is put down of an action's window as it stands; ``None`` if nothing is."""
    if row.veto_until is None:
        return None
    return session.get(SlotRow, (row.company_id, _name(row), row.veto_until.date()))


def is_told(session: Session, row: ActionRow) -> bool:
    """Were those who may refuse told of this window?"""
    slot = slot_of(session, row)
    return slot is not None and slot.state == "done"


def _name(row: ActionRow) -> str:
    """Changed arguments are another thing to be told of."""
    return f"{_WHAT}{row.id}/{row.arguments_hash[:12]}"
