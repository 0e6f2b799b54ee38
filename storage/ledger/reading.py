"""Questions to the ledger; nothing in here writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from regisseur.errors import NotFound
from regisseur.storage.tables import ActionRow, EffectRow, MissionRow, RevisionRow


def get(session: Session, action_id: str, *, lock: bool = False) -> ActionRow:
    """One action; raises NotFound."""
    row = session.get(ActionRow, action_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(f"there is no action {action_id}; see the inbox for those that are open")
    return row


def locked(query: Select[ActionRow]) -> Select[ActionRow]:
    """The query, its rows held until the transaction ends and read as they are once they are ours:
    whoever was faster may have decided on them.
    """
    return query.with_for_update().execution_options(populate_existing=True)


def get_all(session: Session, action_ids: Sequence[str]) -> list[ActionRow]:
    """Several actions, in this order; raises NotFound."""
    query = select(ActionRow).where(ActionRow.id.in_(action_ids))
    found = {row.id: row for row in session.scalars(query)}
    return [found[one] if one in found else get(session, one) for one in action_ids]


def revisions_of(session: Session, versions: Sequence[tuple[str, int]]) -> list[RevisionRow]:
    """Versions of actions (id and number) as somebody saw them, in this order; raises NotFound."""
    query = select(RevisionRow).where(
        RevisionRow.action_id.in_({action for action, _ in versions}),
        RevisionRow.revision.in_({number for _, number in versions}),
    )
    found = {(row.action_id, row.revision): row for row in session.scalars(query)}
    for action, number in versions:
        if (action, number) not in found:
            raise NotFound(f"action {action} has no revision {number}")
    return [found[one] for one in versions]


def effect_of(session: Session, action_id: str) -> EffectRow | None:
    """The effect of an action, if performing it ever began."""
    return effects_of(session, (action_id,)).get(action_id)


def effects_of(session: Session, action_ids: Collection[str]) -> dict[str, EffectRow]:
    """The same for several actions, by their ids."""
    query = select(EffectRow).where(EffectRow.action_id.in_(action_ids))
    return {row.action_id: row for row in session.scalars(query)}


def inbox(session: Session, company_id: str, now: datetime) -> list[ActionRow]:
    """What waits for a person now: proposed and not asleep, or of unknown outcome."""
    query = select(ActionRow).where(
        ActionRow.company_id == company_id,
        ActionRow.status.in_(("proposed", "unknown")),
        (ActionRow.snoozed_until.is_(None)) | (ActionRow.snoozed_until <= now),
    )
    return list(session.scalars(query.order_by(ActionRow.created_at, ActionRow.id)))


def with_status(session: Session, status: str, company_id: str | None = None) -> list[ActionRow]:
    """All actions in a status, oldest first; for the sweeper."""
    query = select(ActionRow).where(ActionRow.status == status).order_by(ActionRow.updated_at)
    if company_id is not None:
        query = query.where(ActionRow.company_id == company_id)
    return list(session.scalars(query))


def performing_since(session: Session, company_id: str, moment: datetime) -> list[ActionRow]:
    """What somebody began to carry out at this moment or before, and has not ended."""
    started = with_status(session, "performing", company_id)
    return [row for row in started if row.updated_at <= moment]


def of_mission(session: Session, mission_id: str) -> list[ActionRow]:
    """Every action whose latest proposal is this mission's."""
    query = select(ActionRow).where(ActionRow.mission_id == mission_id)
    return list(session.scalars(query.order_by(ActionRow.created_at, ActionRow.id)))


def spent_without_asking(session: Session, company_id: str, on: date) -> tuple[int, Decimal]:
    """How many actions a night's missions did in mode ``auto``, and for how much money."""
    query = (
        select(ActionRow.amount)
        .join(MissionRow, MissionRow.id == ActionRow.mission_id)
        .where(
            ActionRow.company_id == company_id,
            ActionRow.mode == "auto",
            ActionRow.status.in_(("approved", "performing", "done", "unknown")),
            MissionRow.on_date == on,
        )
    )
    amounts = list(session.scalars(query))
    return len(amounts), sum((one or Decimal(0) for one in amounts), Decimal(0))
