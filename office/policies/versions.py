"""The versions of a company's policy: looked at, proposed, and settled by an administrator.

The rule between ``regisseur.toml`` and the versions: until the first version is proposed, the file's
policy holds, and a change of the file holds from the next opening. With the first proposal the
file's policy becomes version 1. From then on versions alone hold; a changed policy in the file is
proposed as a version like any other, and told about until somebody settles it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotAllowed, NotFound
from regisseur.graphs.authority import mandates, require, with_right
from regisseur.graphs.desk import Desk
from regisseur.graphs.policy import Mode, Policy, Rule
from regisseur.graphs.presets import PRESETS
from regisseur.graphs.ruling import (
    by_columns,
    hold_tighter,
    in_force,
    policy_notices,
    policy_of,
    settings_differ,
)
from regisseur.office.core import Actor, Core, who_is
from regisseur.office.policies.inserting import placed, unique_name
from regisseur.office.policies.wording import sentences
from regisseur.storage import ledger, policies
from regisseur.storage.house_tables import PolicyRow
from regisseur.storage.tables import ActionRow
from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.policies")


@dataclass(frozen=True)
class PolicyVersion:
    """One version of a company's policy, as people see it."""

    id: str | None
    """``None`` for the settings' policy where no version was ever kept."""
    version: int
    """0 for the settings' policy where no version was ever kept."""
    status: str
    """proposed, active, past, refused or withdrawn."""
    policy: Policy | None
    """``None`` with ``fault`` saying why it can't be read; then everything asks."""
    cause: Message
    sentences: tuple[Message, ...]
    """The rules in the order in which they are tried, then the night's caps."""
    base: int | None = None
    """The version in force when it was proposed: approving it is refused once another is."""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    fault: str | None = None
    settings_differ: bool = False
    """Of the one in force: ``regisseur.toml`` holds another policy, which doesn't hold."""

    @classmethod
    def of(cls, row: PolicyRow, desk: Desk) -> PolicyVersion:
        """From its row."""
        shown = cls(
            id=row.id,
            version=row.version,
            status=row.status,
            policy=None,
            cause=Message.model_validate(row.cause),
            sentences=(),
            base=row.base,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        try:
            policy = policy_of(row.body)
        except InvalidInput as error:
            return replace(shown, fault=str(error))
        return replace(shown, policy=policy, sentences=sentences(policy, desk.company))

    @classmethod
    def of_settings(cls, desk: Desk) -> PolicyVersion:
        """The settings' policy, where no version was ever kept."""
        return cls(
            id=None,
            version=0,
            status="active",
            policy=desk.policy,
            cause=_as_the_settings_say(),
            sentences=sentences(desk.policy, desk.company),
            proposed_by=policies.SETTINGS.name,
        )


def _as_the_settings_say() -> Message:
    return say("As regisseur.toml says.")


async def current(core: Core, company: str | None = None) -> PolicyVersion:
    """The policy that holds now."""
    desk = core.house.desk(company)
    return await core.house.database.in_read(_current, desk)


def _current(session: Session, desk: Desk) -> PolicyVersion:
    row = policies.active(session, desk.company.id)
    if row is None:
        return PolicyVersion.of_settings(desk)
    differ = settings_differ(session, desk)
    return replace(PolicyVersion.of(row, desk), settings_differ=differ)


async def versions(core: Core, company: str | None = None) -> list[PolicyVersion]:
    """Every version, newest first; where none was kept, the settings' policy alone."""
    desk = core.house.desk(company)
    rows = await core.house.database.in_read(policies.versions, desk.company.id)
    return [PolicyVersion.of(row, desk) for row in rows] or [PolicyVersion.of_settings(desk)]


async def version(core: Core, which: int | str, company: str | None = None) -> PolicyVersion:
    """One version by its number or id; raises NotFound."""
    for one in await versions(core, company):
        if which in (one.version, one.id):
            return one
    raise NotFound(f"there is no version {which} of the policy; see `regisseur policy show --all`")


async def propose(
    core: Core,
    policy: Policy,
    *,
    cause: Message | str,
    by: Actor,
    company: str | None = None,
) -> PolicyVersion:
    """Propose another policy; nothing changes until an administrator approves it.

    For whoever may decide or manage. Raises NotAllowed, and InvalidInput where it says just what is
    in force.
    """
    desk, who = core.house.desk(company), who_is(by)
    add = with_right(_propose, desk.company.id, who, "decide", "manage")
    return await core.house.database.in_write(add, desk, policy, _message(cause), who)


def _propose(
    session: Session, desk: Desk, policy: Policy, cause: Message, who: ledger.Who
) -> PolicyVersion:
    settings, now = desk.policy.model_dump(mode="json"), desk.now()
    held = in_force(session, desk)
    if held.fault is None and held.policy == policy:
        raise InvalidInput("this is the policy in force already", field="policy")
    reason = _as_the_settings_say().model_dump(mode="json")
    policies.begin(session, desk.company.id, settings, reason, now)
    row = policies.propose(
        session,
        desk.company.id,
        policy.model_dump(mode="json"),
        cause.model_dump(mode="json"),
        who,
        now,
    )
    return PolicyVersion.of(row, desk)


def _message(cause: Message | str) -> Message:
    return say("{words}", words=cause) if isinstance(cause, str) else cause


async def propose_preset(
    core: Core, name: str, *, by: Actor, company: str | None = None
) -> PolicyVersion:
    """Propose observer, prudent or confiant; raises NotFound for another name."""
    if name not in PRESETS:
        raise NotFound(f"there is no preset {name!r}, only {', '.join(PRESETS)}")
    preset = PRESETS[name]
    policy = preset.policy(core.house.desk(company).company.locale)
    cause = say("The preset {name}.", name=preset.title)
    return await propose(core, policy, cause=cause, by=by, company=company)


async def propose_rule(
    core: Core,
    action_id: str,
    *,
    by: Actor,
    mode: Mode = "auto",
    up_to: Decimal | None = None,
    anyone: bool = False,
    veto_until: time | None = None,
    cause: Message | str | None = None,
    company: str | None = None,
) -> PolicyVersion:
    """ "Make this a rule": propose that what is like this action runs in ``mode`` from now on.

    Like it is: the same agent, kind and counterparty (``anyone``: any), and no higher amount in
    company currency (``up_to``: no more than that). Raises InvalidInput where no ceiling can be
    given (an amount in another currency), where the kind always asks, and for ``veto`` without its
    hour.
    """
    database = core.house.database
    row = await database.in_read(ledger.get, action_id)
    desk = core.house.desk(row.company_id if company is None else company)
    if row.company_id != desk.company.id:
        raise NotFound(f"there is no action {action_id} in company {desk.company.id}")
    if mode in ("veto", "auto"):
        _may_go_unasked(desk, row, up_to)
    held = await database.in_read(in_force, desk)
    if held.fault is not None:
        raise InvalidInput(f"propose a whole policy: the one in force can't be read: {held.fault}")
    ruled = by_columns(held, desk, row)
    rule = _rule_like(row, mode, up_to, anyone=anyone, veto_until=veto_until)
    named = rule.model_copy(update={"name": unique_name(held.policy, rule.name)})
    policy = placed(held.policy, named, before=ruled.rule)
    why = cause or say("A rule made of {action}.", action=_summary(row))
    return await propose(core, policy, cause=why, by=by, company=desk.company.id)


def _may_go_unasked(desk: Desk, row: ActionRow, up_to: Decimal | None) -> None:
    if desk.kind(row.kind).always_asks:
        raise InvalidInput(f"{row.kind} always asks, whatever the policy says", field="mode")
    if up_to is None and row.amount is not None and row.currency != desk.company.currency:
        raise InvalidInput(
            f"a ceiling is an amount in {desk.company.currency}, and this one is in {row.currency}",
            field="up_to",
        )


def _rule_like(
    row: ActionRow, mode: Mode, up_to: Decimal | None, *, anyone: bool, veto_until: time | None
) -> Rule:
    ceiling = up_to if up_to is not None else row.amount
    kept = None if ceiling is None or mode in ("shadow", "ask") else abs(ceiling)
    party = None if anyone else row.counterparty
    limit = None if kept is None else f"≤ {kept}"
    about = " ".join(one for one in (row.kind, party, limit) if one is not None)
    try:
        return Rule(
            name=about, mode=mode, agent=row.agent, kind=row.kind, counterparty=party,
            up_to=kept, veto_until=veto_until,
        )  # fmt: skip
    except ValueError as error:
        raise InvalidInput(str(error), field="mode") from None


def _summary(row: ActionRow) -> Message:
    return Message.model_validate(row.presented["summary"])


async def go_back(
    core: Core, which: int, *, by: Actor, company: str | None = None
) -> PolicyVersion:
    """Propose what an earlier version said."""
    earlier = await version(core, which, company)
    if earlier.policy is None:
        raise InvalidInput(f"version {which} can't be read: {earlier.fault}", field="version")
    cause = say("Back to version {n}.", n=which)
    return await propose(core, earlier.policy, cause=cause, by=by, company=company)


async def settle(
    core: Core, policy_id: str, approve: bool, *, by: Actor, company: str | None = None
) -> PolicyVersion:
    """Put a proposed version into force, or refuse it; audited.

    What waits is held tighter at once where the new policy is stricter; nothing that waits is let
    through by it. Raises NotAllowed for whoever is no administrator, and for the proposer where
    another administrator could approve; NotDecidable where it is settled already, or another
    version came into force since it was proposed.
    """
    row = await core.house.database.in_read(policies.get, policy_id)
    desk = core.house.desk(row.company_id if company is None else company)
    if row.company_id != desk.company.id:
        raise NotFound(f"there is no version {policy_id} of the policy of {desk.company.id}")
    return await core.house.database.in_write(_settle, desk, policy_id, approve, who_is(by))


def _settle(
    session: Session, desk: Desk, policy_id: str, approve: bool, who: ledger.Who
) -> PolicyVersion:
    require(session, desk.company.id, who, "manage")
    if approve:
        _by_another(session, desk, policies.get(session, policy_id), who)
        policy_of(policies.get(session, policy_id).body)
    row = policies.settle(session, policy_id, approve=approve, who=who, now=desk.now())
    if approve:
        session.flush()
        _hold_tighter(session, desk)
    return PolicyVersion.of(row, desk)


def _by_another(session: Session, desk: Desk, row: PolicyRow, who: ledger.Who) -> None:
    """Nobody approves what they proposed themselves, unless they are the only administrator."""
    able = {one.id for one in mandates(session, desk.company.id) if "manage" in one.rights}
    others = able - {who.name}
    if row.proposed_by == who.name and others:
        raise NotAllowed(
            f"{who.name} proposed version {row.version}; it takes another administrator to approve "
            f"it: {', '.join(sorted(others))}"
        )


def _hold_tighter(session: Session, desk: Desk) -> None:
    query = select(ActionRow).where(
        ActionRow.company_id == desk.company.id, ActionRow.status == "proposed"
    )
    for row in session.scalars(query.order_by(ActionRow.id).with_for_update()):
        hold_tighter(session, desk, row)


async def notices(core: Core, company: str | None = None) -> list[Message]:
    """What people have to be told of the policy: it can't be read, or a version waits to be settled.
    For the doctor, the page and the pack.
    """
    desk = core.house.desk(company)
    return list(await core.house.database.in_read(policy_notices, desk))
