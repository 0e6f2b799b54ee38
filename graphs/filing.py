"""From a judgement to the ledger: policy, mode, and what was held back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, Misconfigured
from regisseur.graphs.desk import Desk
from regisseur.graphs.judgement import Finding, Judgement, Proposal
from regisseur.graphs.ruling import InForce, in_force, ruled_for
from regisseur.storage import ledger, missions
from regisseur.storage.tables import ActionRow, JsonObject, MissionRow
from regisseur.tools.actions.base import AnyKind, Arguments
from regisseur.tools.records import Day, Speaker

say = Speaker("regisseur.graphs")


@dataclass(frozen=True)
class Filing:
    """What became of a judgement's proposals."""

    actions: tuple[str, ...]
    """Ids of all open actions that the night stands behind."""
    held: tuple[Finding, ...]


@dataclass(frozen=True)
class _Prepared:
    kind: AnyKind
    arguments: Arguments
    draft: ledger.Draft


def prepare(desk: Desk, mission: MissionRow, proposal: Proposal) -> _Prepared | Finding:
    """One proposal as a draft for the ledger; a finding instead where it can't be one."""
    try:
        if proposal.kind not in desk.proposes.get(mission.agent, ()):
            raise Misconfigured(f"{mission.agent} does not say that it proposes {proposal.kind}")
        kind = desk.kind(proposal.kind)
        arguments = kind.parse(proposal.arguments)
    except (Misconfigured, InvalidInput) as error:
        problem = say("A proposal could not be prepared: {problem}", problem=str(error))
        return Finding(tag="not_prepared", message=problem)
    amount = kind.amount(arguments)
    draft = ledger.Draft(
        company_id=desk.company.id,
        mission_id=mission.id,
        agent=mission.agent,
        kind=kind.name,
        subject=kind.subject(arguments),
        arguments=arguments.model_dump(mode="json"),
        presented=_presented(proposal, kind, arguments),
        amount=None if amount is None else amount.amount,
        currency=None if amount is None else amount.currency,
        counterparty=kind.counterparty(arguments),
    )
    return _Prepared(kind, arguments, draft)


def _ruled(held: InForce, desk: Desk, one: _Prepared, now: datetime) -> ledger.Draft:
    """The draft with the mode that the policy gives it."""
    ruled = ruled_for(held, desk.company, one.draft.agent, one.kind, one.arguments, now)
    return replace(
        one.draft,
        mode=ruled.mode,
        rule=ruled.rule,
        quorum=ruled.quorum,
        veto_until=ruled.veto_until,
        deadline=ruled.deadline,
    )


def _presented(proposal: Proposal, kind: AnyKind, arguments: Arguments) -> JsonObject:
    shown = proposal.model_dump(mode="json", exclude={"kind", "arguments"})
    return {**shown, "summary": kind.summary(arguments).model_dump(mode="json")}


async def file_judgement(desk: Desk, mission: MissionRow, judgement: Judgement) -> Filing:
    """File every proposal, withdraw what is no longer proposed, and let the policy approve.

    One transaction: either the whole night is in the inbox or none of it. The same judgement of a
    mission is filed once, however often its step is run: what became of it then is given again.
    """
    now = desk.now()
    drafts: dict[tuple[str, str], _Prepared] = {}
    unfit: list[Finding] = []
    for proposal in judgement.proposals:
        one = prepare(desk, mission, proposal)
        if isinstance(one, Finding):
            unfit.append(one)
        elif (about := (one.draft.kind, one.draft.subject)) in drafts:
            unfit.append(_second(one))
        else:
            drafts[about] = one
    digest = hashlib.sha256(judgement.model_dump_json().encode()).hexdigest()
    filing = await desk.database.in_write(
        _file_once, desk, mission.id, digest, list(drafts.values()), now
    )
    return Filing(filing.actions, (*unfit, *filing.held))


def _second(one: _Prepared) -> Finding:
    message = say(
        "{summary}: not filed, because the agent proposed two such actions about the same thing.",
        summary=one.kind.summary(one.arguments),
    )
    return Finding(tag="not_prepared", message=message, subject=one.draft.subject)


def _file_once(
    session: Session,
    desk: Desk,
    mission_id: str,
    digest: str,
    drafts: list[_Prepared],
    now: datetime,
) -> Filing:
    ledger.one_at_a_time(session, desk.company.id)
    mission = missions.get(session, mission_id)
    if mission.filed is not None and mission.filed["digest"] == digest:
        held = tuple(Finding.model_validate(one) for one in mission.filed["held"])
        return Filing(tuple(mission.filed["actions"]), held)
    filing = _file(session, desk, mission, drafts, now)
    held_back = [one.model_dump(mode="json") for one in filing.held]
    mission.filed = {"digest": digest, "actions": list(filing.actions), "held": held_back}
    return filing


def _file(
    session: Session, desk: Desk, mission: MissionRow, drafts: list[_Prepared], now: datetime
) -> Filing:
    policy = in_force(session, desk)
    budget = _Budget(
        desk, policy, *ledger.spent_without_asking(session, desk.company.id, mission.on_date)
    )
    actions: list[str] = []
    held: list[Finding] = []
    with ledger.intake(session, mission, [one.draft for one in drafts], now) as intake:
        for one in drafts:
            draft = budget.within(_ruled(policy, desk, one, now))
            filed = intake.file(draft, _material(one.kind))
            row = filed.row
            if filed.outcome == "suppressed" or row.mission_id != mission.id:
                held.append(_held(desk, row, one))
            if filed.outcome not in ("suppressed", "kept"):
                budget.spend(draft)
                ledger.settle_held(session, row, now)
            if filed.outcome != "suppressed":
                actions.append(row.id)
    ledger.withdraw_others(session, mission, actions, now)
    return Filing(tuple(actions), tuple(held))


class _Budget:
    """What may still be done tonight without asking (design, law 9)."""

    def __init__(self, desk: Desk, held: InForce, count: int, amount: Decimal) -> None:
        self.currency = desk.company.currency
        self.count = held.policy.auto_count - count
        self.amount = held.policy.auto_amount - amount

    def within(self, draft: ledger.Draft) -> ledger.Draft:
        """The draft as it is if it still fits, else one that asks."""
        if draft.mode != "auto":
            return draft
        foreign = draft.currency not in (None, self.currency)
        if foreign or self.count < 1 or abs(draft.amount or Decimal(0)) > self.amount:
            return replace(draft, mode="ask", rule=f"{draft.rule}, over the night's cap")
        return draft

    def spend(self, draft: ledger.Draft) -> None:
        """Count a draft that was really filed."""
        if draft.mode == "auto":
            self.count, self.amount = self.count - 1, self.amount - abs(draft.amount or Decimal(0))


def _material(kind: AnyKind) -> ledger.Material:
    def differ(before: JsonObject, after: JsonObject) -> bool:
        try:
            rejected = kind.parse(before)
        except InvalidInput:  # rejected under an earlier version of the kind: ask again
            return True
        return kind.material(rejected, kind.parse(after))

    return differ


def _held(desk: Desk, row: ActionRow, one: _Prepared) -> Finding:
    """Why a proposal isn't put before anybody: it is open already, was rejected before, or was
    carried out while the night was still thinking.
    """
    summary, day = one.kind.summary(one.arguments), Day(date=desk.local_day(row.updated_at))
    if row.status == "proposed":
        other = desk.titles.get(row.agent, row.agent)
        message = say("{summary}: {agent} proposes it already.", summary=summary, agent=other)
        return Finding(tag="proposed_by_another", message=message, subject=row.subject)
    if row.status == "done":
        message = say(
            "{summary}: carried out on {day}, after the ERP was read for this night.",
            summary=summary,
            day=day,
        )
        return Finding(tag="carried_out_since", message=message, subject=row.subject)
    if row.status != "rejected":
        message = say(
            "{summary}: what was approved before is not settled yet, since {day}.",
            summary=summary,
            day=day,
        )
        return Finding(tag="not_settled", message=message, subject=row.subject)
    message = say(
        "{summary}: rejected on {day}, and nothing material has changed since.",
        summary=summary,
        day=day,
    )
    return Finding(tag="rejected_before", message=message, subject=row.subject)
