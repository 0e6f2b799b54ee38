"""After a restore: look up what isn't final before anything may be written again."""

from __future__ import annotations

from regisseur.graphs.desk import Desk
from regisseur.graphs.performing import advised
from regisseur.storage import ledger
from regisseur.storage.tables import OPEN, ActionRow
from regisseur.tools.actions.base import Found


async def look_up_all(desk: Desk) -> list[ActionRow]:
    """Compare every open action with the ERP; those it knows more of than we do become unknown.

    Raises RetryLater or Misconfigured if the ERP can't be asked: then nothing is released.
    """
    changed: list[ActionRow] = []
    for status in OPEN:
        for row in await desk.database.in_read(ledger.with_status, status, desk.company.id):
            found = await _look_up(desk, row)
            if found.state != "nothing":
                outcome = ledger.Outcome(
                    "unknown", reference=found.reference, answer=found.model_dump(mode="json")
                )
                told = advised(desk, row, outcome)
                changed.append(await desk.database.in_write(ledger.doubt, row.id, told, desk.now()))
    return changed


async def _look_up(desk: Desk, row: ActionRow) -> Found:
    kind = desk.kind(row.kind)
    return await kind.look_up(kind.reach(desk), row.key, kind.parse(row.arguments))
