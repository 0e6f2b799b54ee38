"""Deciding: the one way in for every door (Python API, command line, page, LangGraph client)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotDecidable
from regisseur.graphs.authority import Authority, require_other_eyes
from regisseur.graphs.desk import Desk
from regisseur.graphs.policy import Ruled
from regisseur.graphs.ruling import in_force, ruled_for, ruled_now
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

    Raises NotFound, InvalidInput (naming the field), AlreadyDecided, ChangedSince, NotDecidable, and
    NotAllowed (naming who may).
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
    return await desk.database.in_write(_decided, desk, ruling, decision.arguments or {})


def _decided(
    session: Session, desk: Desk, ruling: ledger.Ruling, changed: Mapping[str, Any]
) -> ActionRow:
    """Commit it if they may decide on it, as the policy in force allows; who comes too late hears
    that before what is wrong with the decision.
    """
    row = ledger.get(session, ruling.action_id, lock=True)
    authority = Authority.over(session, desk.company, row, desk.now())
    authority.require(ruling.who)
    ledger.check(session, row, ruling)
    if ruling.verdict == "edit":
        ruling = _edited(session, desk, row, ruling, changed)
        authority.at(ruling.amount).require(ruling.who)
    elif ruling.verdict == "approve":
        ruled = ruled_now(session, desk, row)
        _may_be_written(row, ruled)
        if ruled.four_eyes:
            require_other_eyes(session, row, ruling.who)
        ruling = replace(ruling, quorum=ruled.quorum)
    elif ruling.verdict == "reassign":
        authority.require_assignee(ruling.assignee or "")
    return ledger.decide(session, ruling, desk.now())


async def resolve(
    desk: Desk,
    action_id: str,
    outcome: ledger.Outcome,
    who: ledger.Who,
    *,
    comment: str | None = None,
) -> ActionRow:
    """Settle an ``unknown`` after somebody has looked; who may decide on the action may say it.

    Raises NotFound, NotDecidable, NotAllowed.
    """
    return await desk.database.in_write(_resolved, desk, action_id, outcome, who, comment)


def _resolved(
    session: Session,
    desk: Desk,
    action_id: str,
    outcome: ledger.Outcome,
    who: ledger.Who,
    comment: str | None,
) -> ActionRow:
    row = ledger.get(session, action_id, lock=True)
    Authority.over(session, desk.company, row, desk.now()).require(who)
    return ledger.resolve(session, action_id, outcome, who, desk.now(), comment=comment)


def _may_be_written(row: ActionRow, ruled: Ruled) -> None:
    if ruled.mode == "shadow":
        raise NotDecidable(
            f"{row.id} falls under the policy rule {ruled.rule!r}: nothing is written; change that "
            "rule first, or reject it"
        )


def _check(desk: Desk, decision: Decision) -> None:
    if decision.verdict not in get_args(ledger.Verdict):
        raise InvalidInput(f"{decision.verdict!r} is no verdict", field="verdict")
    if decision.verdict == "edit" and decision.arguments is None:
        raise InvalidInput("an edit needs the changed arguments", field="arguments")
    if decision.verdict == "reject" and decision.reason not in REASONS:
        raise InvalidInput(f"name one of {', '.join(REASONS)}", field="reason")
    if decision.verdict == "snooze" and (decision.until is None or decision.until <= desk.now()):
        raise InvalidInput("snoozing needs a moment in the future", field="until")
    if decision.verdict == "reassign" and not decision.assignee:
        raise InvalidInput("say to whom", field="assignee")


def _edited(
    session: Session, desk: Desk, row: ActionRow, ruling: ledger.Ruling, changed: Mapping[str, Any]
) -> ledger.Ruling:
    kind = desk.kind(row.kind)
    before = kind.parse(row.arguments)
    after = kind.edit(before, {**row.arguments, **changed})
    if kind.subject(after) != row.subject or kind.counterparty(after) != row.counterparty:
        raise InvalidInput("an edit can't change whom or what it is about", field="arguments")
    amount = kind.amount(after)
    held = in_force(session, desk)
    ruled = ruled_for(held, desk.company, row.agent, kind, after, desk.now())
    _may_be_written(row, ruled)
    return replace(
        ruling,
        arguments=after.model_dump(mode="json"),
        presented={**row.presented, "summary": kind.summary(after).model_dump(mode="json")},
        amount=None if amount is None else amount.amount,
        # Whoever edits under four eyes is no approver of it: as many others have to be.
        quorum=ruled.quorum + 1 if ruled.four_eyes else ruled.quorum,
    )
