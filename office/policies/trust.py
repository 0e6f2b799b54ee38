"""Promotion and demotion as the measured record suggests them; never self-granted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from sqlalchemy.orm import Session

from regisseur.errors import NotFound
from regisseur.graphs.desk import Desk
from regisseur.graphs.policy import Mode, Policy, Rule
from regisseur.graphs.ruling import InForce, by_columns, in_force
from regisseur.graphs.trust import Advice, Case, Record, TrustSettings, demoted, promoted
from regisseur.office.core import Actor, Core
from regisseur.office.policies.inserting import placed, unique_name
from regisseur.office.policies.record import cases, trust_settings
from regisseur.office.policies.versions import PolicyVersion, propose
from regisseur.storage.canonical import digest
from regisseur.tools.records import Message, Money, Percent, Speaker

say = Speaker("regisseur.office.policies")


@dataclass(frozen=True)
class Suggestion:
    """Another mode for what an agent does, with the record that speaks for it."""

    id: str
    """The same as long as it says the same."""
    direction: Literal["promote", "demote"]
    agent: str
    kind: str
    was: Mode
    now: Mode
    rule: Rule
    """As it would stand in the policy."""
    policy: Policy
    """The whole policy with it."""
    record: Record
    cause: Message
    """In one sentence, with its numbers."""


class _Ruled(NamedTuple):
    """Actions that one rule speaks about now."""

    agent: str
    kind: str
    rule: str
    mode: Mode


async def suggestions(core: Core, company: str | None = None) -> list[Suggestion]:
    """What the record suggests, demotions first. Nothing changes by asking."""
    desk = core.house.desk(company)
    found = await core.house.database.in_read(_suggestions, desk, trust_settings(core, desk))
    return sorted(found, key=lambda one: (one.direction, one.agent, one.kind))


async def take_up(
    core: Core, suggestion_id: str, *, by: Actor, company: str | None = None
) -> PolicyVersion:
    """Propose what is suggested; an administrator has to approve it. Raises NotFound once the record
    no longer says so.
    """
    for one in await suggestions(core, company):
        if one.id == suggestion_id:
            return await propose(core, one.policy, cause=one.cause, by=by, company=company)
    raise NotFound(f"the record no longer suggests {suggestion_id}; see `regisseur policy suggest`")


def _suggestions(session: Session, desk: Desk, settings: TrustSettings) -> list[Suggestion]:
    held = in_force(session, desk)
    if held.fault is not None:
        return []
    grouped = _grouped(session, desk, settings, held)
    return [
        _suggestion(desk, held, group, advice, settings)
        for group, found in grouped.items()
        if (advice := _advice(desk, held, group, found, settings)) is not None
    ]


def _grouped(
    session: Session, desk: Desk, settings: TrustSettings, held: InForce
) -> Mapping[_Ruled, Sequence[Case]]:
    """Cases by the rule that would speak about them today, whichever did then."""
    since = desk.local_day(desk.now()) - timedelta(days=settings.days)
    grouped: defaultdict[_Ruled, list[Case]] = defaultdict(list)
    for row, case in cases(session, desk, since):
        ruled = by_columns(held, desk, row)
        grouped[_Ruled(row.agent, row.kind, ruled.rule, ruled.mode)].append(case)
    return grouped


def _advice(
    desk: Desk, held: InForce, group: _Ruled, found: Sequence[Case], settings: TrustSettings
) -> Advice | None:
    less = demoted(group.agent, group.kind, group.mode, found, settings)
    if less is not None or not _may_rise(desk, held, group):
        return less
    return promoted(group.agent, group.kind, group.mode, found, settings)


def _may_rise(desk: Desk, held: InForce, group: _Ruled) -> bool:
    """Not what always asks, nor what a rule has more than one person look at, or only large sums."""
    kind = desk.kinds.get(group.kind)
    if kind is None or (kind.always_asks and group.mode != "shadow"):
        return False
    rule = _rule(held, group.rule)
    if group.mode == "shadow" or rule is None:
        return True
    return rule.quorum == 1 and not rule.four_eyes and rule.above is None


def _rule(held: InForce, name: str) -> Rule | None:
    return next((one for one in held.policy.rules if one.name == name), None)


def _suggestion(
    desk: Desk, held: InForce, group: _Ruled, advice: Advice, settings: TrustSettings
) -> Suggestion:
    rule = _new_rule(held, group, advice, settings)
    direction: Literal["promote", "demote"] = "promote"
    if advice.mode == "ask" and group.mode != "shadow":
        direction = "demote"
    return Suggestion(
        id=digest([direction, held.version or 0, rule.model_dump(mode="json")])[:12],
        direction=direction,
        agent=group.agent,
        kind=group.kind,
        was=group.mode,
        now=advice.mode,
        rule=rule,
        policy=placed(held.policy, rule, before=group.rule),
        record=advice.record,
        cause=_cause(desk, direction, advice, settings),
    )


def _new_rule(held: InForce, group: _Ruled, advice: Advice, settings: TrustSettings) -> Rule:
    """On the conditions of the rule that speaks now, for this agent and kind alone."""
    before = _rule(held, group.rule) or Rule(name=group.rule, mode="ask")
    ceilings = [one for one in (before.up_to, advice.up_to) if one is not None]
    name = f"{group.agent}: {group.kind}"
    return Rule(
        name=unique_name(held.policy, name),
        mode=advice.mode,
        agent=group.agent,
        kind=group.kind,
        counterparty=before.counterparty,
        up_to=min(ceilings, default=None),
        above=before.above,
        veto_until=settings.veto_until if advice.mode == "veto" else None,
        quorum=before.quorum,
        four_eyes=before.four_eyes,
    )


def _cause(
    desk: Desk, direction: Literal["promote", "demote"], advice: Advice, settings: TrustSettings
) -> Message:
    record = advice.record
    who = desk.titles.get(record.agent, record.agent)
    if direction == "demote":
        return say(
            "{agent}, {kind}: in {days} days {regretted} regretted, {failed} failed, and {taken} of "
            "{decided} taken as proposed.",
            agent=who,
            kind=record.kind,
            days=settings.days,
            regretted=record.regretted,
            failed=record.failed,
            taken=record.unedited + record.unopposed,
            decided=record.decided + record.unopposed,
        )
    if advice.mode == "ask":
        return say(
            "{agent}, {kind}: in {days} days {seen} were looked at and {refused} rejected.",
            agent=who,
            kind=record.kind,
            days=settings.days,
            seen=record.shadow + record.refused,
            refused=record.refused,
        )
    return say(
        "{agent}, {kind}{ceiling}: in {days} days {taken} of {decided} taken as proposed "
        "({share}), none failed, none regretted.",
        agent=who,
        kind=record.kind,
        ceiling=_up_to(desk, advice),
        days=settings.days,
        taken=record.unedited + record.unopposed,
        decided=record.decided + record.unopposed,
        share=Percent(value=record.taken or Decimal(0)),
    )


def _up_to(desk: Desk, advice: Advice) -> Message | str:
    if advice.up_to is None:
        return ""
    amount = Money(amount=advice.up_to, currency=desk.company.currency)
    return say(" up to {amount}", amount=amount)
