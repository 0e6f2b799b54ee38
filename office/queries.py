"""What the office looks up in the ledger, for ``core``; each runs inside one reading session."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.graphs.stalled import TOO_LONG
from regisseur.storage import audit, ledger
from regisseur.storage.tables import ActionRow, EffectRow


def inbox(
    session: Session, company_id: str, now: datetime
) -> list[tuple[ActionRow, EffectRow | None]]:
    """What waits for a person, and what is being carried out for too long."""
    rows = ledger.inbox(session, company_id, now)
    rows += ledger.performing_since(session, company_id, now - TOO_LONG)
    effects = ledger.effects_of(session, [row.id for row in rows])
    return [(row, effects.get(row.id)) for row in rows]


def with_effect(session: Session, action_id: str) -> tuple[ActionRow, EffectRow | None]:
    """An action and what became of it; raises NotFound."""
    return ledger.get(session, action_id), ledger.effect_of(session, action_id)


def beginning(session: Session, text: str, company_id: str | None) -> list[str]:
    """Ids that begin so, five at most; one that is whole is that one, also where it begins others."""
    query = select(ActionRow.id).where(ActionRow.id.startswith(text, autoescape=True))
    if company_id is not None:
        query = query.where(ActionRow.company_id == company_id)
    ids = list(session.scalars(query.order_by(ActionRow.id).limit(5)))
    return [text] if text in ids else ids


def exported(session: Session, company_id: str) -> list[dict[str, Any]]:
    """The whole audit trail."""
    return list(audit.export(session, company_id))
