"""Who may decide on what waits, and what nobody may decide on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from regisseur.errors import NotFound
from regisseur.graphs.authority import Mandate, Matter, deciders, editors, mandates
from regisseur.graphs.desk import Desk
from regisseur.graphs.ruling import by_columns, in_force
from regisseur.office.core import Core
from regisseur.storage import ledger
from regisseur.storage.tables import ActionRow, MissionRow


async def deciders_of(
    core: Core, actions: Sequence[str], *, company: str
) -> dict[str, tuple[str, ...]] | None:
    """Ids of those who may decide on each of these actions now, by action id; ``None`` where the
    company has no members and whoever is named may.

    With substitutes inside their dates and, where a deadline has passed, those above. Whoever may
    not approve under ``four_eyes`` is among them, for they may reject. Raises NotFound.
    """
    return await core.house.database.in_read(_deciders_of, core.house.desk(company), actions)


def _deciders_of(
    session: Session, desk: Desk, actions: Sequence[str]
) -> dict[str, tuple[str, ...]] | None:
    known = mandates(session, desk.company.id)
    if not known:
        return None
    rows = ledger.get_all(session, actions)
    for row in rows:
        if row.company_id != desk.company.id:
            raise NotFound(f"there is no action {row.id} in company {desk.company.id}")
    return {row.id: tuple(one.id for one in _may(known, desk, row)) for row in rows}


def _may(known: tuple[Mandate, ...], desk: Desk, row: ActionRow) -> tuple[Mandate, ...]:
    now = desk.now()
    return deciders(known, Matter.of(row, desk.company, now), desk.local_day(now))


async def unowned_actions(core: Core, company: str) -> list[str]:
    """Ids of actions that wait and that too few people may approve, so that nothing can become of
    them: a notice for administrators. Empty for a company without members.
    """
    return await core.house.database.in_read(_unowned, core.house.desk(company))


def _unowned(session: Session, desk: Desk) -> list[str]:
    known = mandates(session, desk.company.id)
    if not known:
        return []
    query = (
        select(ActionRow, MissionRow.asked_by)
        .join(MissionRow, MissionRow.id == ActionRow.mission_id)
        .where(
            ActionRow.company_id == desk.company.id,
            ActionRow.status.in_(("proposed", "unknown")),
            ActionRow.mode != "shadow",
        )
        .order_by(ActionRow.decide_by, ActionRow.cost_rank, ActionRow.id)
        .options(load_only(*_COLUMNS))
    )
    held = in_force(session, desk)
    found: list[str] = []
    for row, asked_by in session.execute(query):
        may, needed = {one.id for one in _may(known, desk, row)}, 1
        if row.status == "proposed":
            needed = row.quorum
            if by_columns(held, desk, row).four_eyes:
                edited = editors(session, row) if row.revision > 1 else frozenset[str]()
                may -= edited | {asked_by}
                needed -= 1 if edited else 0
        if len(may) < needed:
            found.append(row.id)
    return found


_COLUMNS = (
    ActionRow.agent,
    ActionRow.kind,
    ActionRow.revision,
    ActionRow.amount,
    ActionRow.currency,
    ActionRow.counterparty,
    ActionRow.status,
    ActionRow.quorum,
    ActionRow.decide_by,
    ActionRow.deadline,
)
