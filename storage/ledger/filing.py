"""Filing what a night proposes: recomputed in place, never piled up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.storage.ledger.changes import become, revise, tell
from regisseur.storage.ledger.reading import locked
from regisseur.storage.ledger.values import Draft, Who, new_id
from regisseur.storage.tables import OPEN, ActionRow, CompanyRow, JsonObject, MissionRow

Material = Callable[[JsonObject, JsonObject], bool]

_LAPSED = ("superseded", "withdrawn", "expired")
"""Ended without anybody having decided: what was rejected before still counts."""


@dataclass(frozen=True)
class Filed:
    """What became of a draft."""

    action_id: str
    outcome: Literal["new", "unchanged", "revised", "kept", "suppressed"]
    """``kept``: somebody approved it already, or another agent proposes it; ``suppressed``: rejected
    before, nothing new."""


def one_at_a_time(session: Session, company_id: str) -> None:
    """Let one transaction at a time file for a company, whatever the database; to be asked first.

    Else two nights would both find a subject free, or both spend what is left for tonight.
    """
    query = select(CompanyRow.id).where(CompanyRow.id == company_id)
    session.execute(query.with_for_update(key_share=True))


def file(session: Session, draft: Draft, now: datetime, material: Material) -> Filed:
    """Upsert a draft: a new night recomputes what is proposed and never piles up.

    ``material(before, after)`` says whether arguments differ enough to ask again about something
    that was rejected.
    """
    one_at_a_time(session, draft.company_id)
    current = _open_on(session, draft.company_id, draft.kind, draft.subject)
    if current is None:
        return _file_new(session, draft, now, material)
    if current.status != "proposed" or current.agent != draft.agent:
        return Filed(current.id, "kept")
    return _refile(session, current, draft, now)


def _open_on(session: Session, company_id: str, kind: str, subject: str) -> ActionRow | None:
    query = select(ActionRow).where(
        ActionRow.company_id == company_id,
        ActionRow.kind == kind,
        ActionRow.subject == subject,
        ActionRow.status.in_(OPEN),
    )
    return session.scalars(locked(query)).one_or_none()


def _file_new(session: Session, draft: Draft, now: datetime, material: Material) -> Filed:
    same = (
        ActionRow.company_id == draft.company_id,
        ActionRow.kind == draft.kind,
        ActionRow.subject == draft.subject,
    )
    last = session.scalars(
        select(ActionRow).where(*same).order_by(ActionRow.occurrence.desc()).limit(1)
    ).one_or_none()
    ruled = session.scalars(
        select(ActionRow)
        .where(*same, ActionRow.status.not_in(_LAPSED))
        .order_by(ActionRow.occurrence.desc())
        .limit(1)
    ).one_or_none()
    if (
        ruled is not None
        and ruled.status == "rejected"
        and not material(ruled.arguments, draft.arguments)
    ):
        return Filed(ruled.id, "suppressed")
    occurrence = 1 if last is None else last.occurrence + 1
    row = ActionRow(
        id=new_id(),
        company_id=draft.company_id,
        kind=draft.kind,
        subject=draft.subject,
        occurrence=occurrence,
        key=f"{draft.kind}:{draft.company_id}:{draft.subject}:{occurrence}",
        status="proposed",
        revision=0,
        created_at=now,
    )
    _take_over(row, draft)
    session.add(row)
    revise(session, row, draft.arguments, draft.presented, cause="night", now=now)
    tell(session, row, "proposed", Who(f"mission:{draft.mission_id}", person=False), now)
    return Filed(row.id, "new")


def _refile(session: Session, row: ActionRow, draft: Draft, now: datetime) -> Filed:
    unchanged = (row.arguments, row.presented) == (draft.arguments, draft.presented)
    moved = row.arguments != draft.arguments
    running_veto = row.veto_until if row.mode == draft.mode and not moved else draft.veto_until
    _take_over(row, draft)
    row.veto_until = running_veto
    row.updated_at = now
    if unchanged:
        return Filed(row.id, "unchanged")
    if moved:
        row.snoozed_until = None
    row.drift = None
    revise(session, row, draft.arguments, draft.presented, cause="night", now=now)
    tell(session, row, "revised", Who(f"mission:{draft.mission_id}", person=False), now)
    return Filed(row.id, "revised")


def _take_over(row: ActionRow, draft: Draft) -> None:
    for name in (
        "mission_id",
        "agent",
        "amount",
        "currency",
        "counterparty",
        "mode",
        "rule",
        "quorum",
        "veto_until",
        "deadline",
    ):
        setattr(row, name, getattr(draft, name))


def withdraw_others(
    session: Session, mission: MissionRow, keep: Sequence[str], now: datetime
) -> list[str]:
    """Withdraw what earlier missions of an agent proposed and this one, having judged everything,
    no longer does. What the same mission filed before stays: it may file more than once.
    """
    query = select(ActionRow).where(
        ActionRow.company_id == mission.company_id,
        ActionRow.agent == mission.agent,
        ActionRow.mission_id != mission.id,
        ActionRow.status == "proposed",
        ActionRow.id.not_in(keep),
    )
    gone = list(session.scalars(locked(query.order_by(ActionRow.id))))
    for row in gone:
        become(session, row, "withdrawn", Who(f"mission:{mission.id}", person=False), now)
    return [row.id for row in gone]
