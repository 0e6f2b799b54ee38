"""Deciding: the one way in for every door (Python API, command line, page, LangGraph client)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, Misconfigured, NotDecidable
from regisseur.graphs.desk import Desk
from regisseur.graphs.policy import rule_for
from regisseur.storage import ledger
from regisseur.storage.tables import ActionRow

REASONS = ("wrong_amount", "wrong_date", "wrong_party", "not_needed", "not_now", "other")
"""Why a proposal is rejected: named, so that agents can be measured on it."""


@dataclass(frozen=True)
class Decision:
    """What somebody wants done with an action.

    ``revision`` and ``seen`` are those of the view it was decided on; left out, the present ones.
    """

    action_id: str
    verdict: ledger.Verdict
    who: ledger.Who
    revision: int | None = None
    seen: str | None = None
    arguments: Mapping[str, Any] | None = None
    """For ``edit``: the arguments with the changes."""
    reason: str | None = None
    comment: str | None = None
    until: datetime | None = None
    assignee: str | None = None


async def decide(desk: Desk, decision: Decision) -> ActionRow:
    """Check a decision against its kind and commit it to the ledger; performs nothing.

    Raises NotFound, InvalidInput (naming the field), AlreadyDecided, ChangedSince, NotDecidable.
    """
    row = await desk.database.in_read(ledger.get, decision.action_id)
    if row.company_id != desk.company.id:
        raise NotDecidable(f"{row.id} belongs to another company")
    _check(desk, decision)
    ruling = ledger.Ruling(
        action_id=row.id,
        revision=row.revision if decision.revision is None else decision.revision,
        seen=row.seen_hash if decision.seen is None else decision.seen,
        verdict=decision.verdict,
        who=decision.who,
        reason=decision.reason,
        comment=decision.comment,
        until=decision.until,
        assignee=decision.assignee,
    )
    if decision.verdict == "approve":
        ruling = replace(ruling, quorum=_people(desk, row))
    if decision.verdict == "edit":
        await desk.database.in_read(_as_it_stands, ruling)
        ruling = _edited(desk, row, ruling, decision.arguments or {})
    return await desk.database.in_write(ledger.decide, ruling, desk.now())


def _as_it_stands(session: Session, ruling: ledger.Ruling) -> None:
    """Who edits what is decided or has changed shall hear that, not what the edit lacks now."""
    ledger.check(session, ledger.get(session, ruling.action_id), ruling)


def _check(desk: Desk, decision: Decision) -> None:
    if decision.verdict not in ("approve", "edit", "reject", "snooze", "reassign"):
        raise InvalidInput(f"{decision.verdict!r} is no verdict", field="verdict")
    if decision.verdict == "edit" and decision.arguments is None:
        raise InvalidInput("an edit needs the changed arguments", field="arguments")
    if decision.verdict == "reject" and decision.reason not in REASONS:
        raise InvalidInput(f"name one of {', '.join(REASONS)}", field="reason")
    if decision.verdict == "snooze" and (decision.until is None or decision.until <= desk.now()):
        raise InvalidInput("snoozing needs a moment in the future", field="until")
    if decision.verdict == "reassign" and not decision.assignee:
        raise InvalidInput("say to whom", field="assignee")


def _people(desk: Desk, row: ActionRow) -> int:
    """How many the kind itself wants; where it can't be asked any more, what it wanted when the
    action was filed stands.
    """
    try:
        kind = desk.kind(row.kind)
        return kind.people(kind.parse(row.arguments))
    except (Misconfigured, InvalidInput):
        return row.quorum


def _edited(
    desk: Desk, row: ActionRow, ruling: ledger.Ruling, changed: Mapping[str, Any]
) -> ledger.Ruling:
    kind = desk.kind(row.kind)
    before = kind.parse(row.arguments)
    after = kind.edit(before, {**row.arguments, **changed})
    if kind.subject(after) != row.subject or kind.counterparty(after) != row.counterparty:
        raise InvalidInput("an edit can't change whom or what it is about", field="arguments")
    amount = kind.amount(after)
    ruled = rule_for(
        desk.policy,
        desk.company,
        agent=row.agent,
        kind=row.kind,
        counterparty=row.counterparty,
        amount=amount,
        now=desk.now(),
    )
    if ruled.mode == "shadow":
        raise NotDecidable(
            f"edited so, {row.id} falls under the policy rule {ruled.rule!r}: nothing is written"
        )
    return replace(
        ruling,
        arguments=after.model_dump(mode="json"),
        presented={**row.presented, "summary": kind.summary(after).model_dump(mode="json")},
        amount=None if amount is None else amount.amount,
        quorum=max(ruled.quorum, kind.people(after)),
    )
