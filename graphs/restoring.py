"""After a restore: look up what isn't final before anything may be written again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from regisseur.graphs.desk import Desk
from regisseur.graphs.performing import advised
from regisseur.storage import ledger
from regisseur.storage.tables import OPEN, ActionRow
from regisseur.tools.actions.base import Found


async def look_up_all(desk: Desk) -> list[ActionRow]:
    """Compare every open action with the ERP; those it knows more of than we do become unknown.

    Raises RetryLater or Misconfigured if the ERP can't be asked: then nothing is released.
    """
    rows = await desk.database.in_read(_open, desk.company.id)
    changed: list[ActionRow] = []
    for row in rows:
        found = await _look_up(desk, row)
        if found.state != "nothing":
            outcome = ledger.Outcome(
                "unknown", reference=found.reference, answer=found.model_dump(mode="json")
            )
            told = advised(desk, row, outcome)
            changed.append(await desk.database.in_write(ledger.doubt, row.id, told, desk.now()))
    return changed


def _open(session: Session, company_id: str) -> list[ActionRow]:
    """Read before any is changed: what becomes unknown is open too, and would be looked up again."""
    return [row for status in OPEN for row in ledger.with_status(session, status, company_id)]


async def _look_up(desk: Desk, row: ActionRow) -> Found:
    kind = desk.kind(row.kind)
    return await kind.look_up(kind.reach(desk), row.key, kind.parse(row.arguments))
