"""Which policy is in force, and what it says about an action now.

The policy is asked where something is filed, decided, let through or carried out, in the same
transaction, and never remembered: a version that was approved a moment ago holds at once. Nothing
fails open: where the policy in force can't be read, everything asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, Misconfigured
from regisseur.graphs.desk import Desk
from regisseur.graphs.policy import STRICTNESS, UNREADABLE, Policy, Ruled, rule_for
from regisseur.storage import policies
from regisseur.storage.house_tables import PolicyRow
from regisseur.storage.ledger import Who
from regisseur.storage.ledger.changes import tell
from regisseur.storage.tables import ActionRow, DecisionRow, JsonObject
from regisseur.tools.actions.base import AnyKind, Arguments, Difference
from regisseur.tools.records import Company, Message, Money, Speaker

say = Speaker("regisseur.graphs")

_ASKS_FOR_ALL = Policy(auto_count=0)


@dataclass(frozen=True)
class InForce:
    """The policy that holds now."""

    policy: Policy
    version: int | None
    """Of the stored versions; ``None`` where there are none: then the settings' policy holds."""
    fault: str | None = None
    """Why the stored version can't be read: then everything asks."""

    def rule(
        self,
        company: Company,
        *,
        agent: str,
        kind: str,
        counterparty: str | None,
        amount: Money | None,
        now: datetime,
    ) -> Ruled:
        """What it says about an action; the kind's own wishes aside."""
        if self.fault is not None:
            return Ruled(mode="ask", rule=UNREADABLE)
        return rule_for(
            self.policy,
            company,
            agent=agent,
            kind=kind,
            counterparty=counterparty,
            amount=amount,
            now=now,
        )

    @property
    def notice(self) -> Message | None:
        """What people have to be told, if it can't be read."""
        if self.fault is None:
            return None
        return say(
            "Version {n} of the policy can't be read, so everything asks: {why}",
            n=self.version or 0,
            why=self.fault,
        )


def in_force(session: Session, desk: Desk) -> InForce:
    """The stored version that is active, or the settings' policy where none was ever kept."""
    row = policies.active(session, desk.company.id)
    if row is None:
        return InForce(desk.policy, None)
    try:
        return InForce(policy_of(row.body), row.version)
    except InvalidInput as error:
        return InForce(_ASKS_FOR_ALL, row.version, fault=str(error))


def policy_of(body: JsonObject) -> Policy:
    """A policy as it was kept; raises InvalidInput naming what this release can't read."""
    try:
        return Policy.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "policy"
        raise InvalidInput(first["msg"].removeprefix("Value error, "), field=field) from None


def ruled_for(
    held: InForce, company: Company, agent: str, kind: AnyKind, arguments: Arguments, now: datetime
) -> Ruled:
    """What the policy says, unless the kind asks for more, whatever the policy says."""
    ruled = held.rule(
        company,
        agent=agent,
        kind=kind.name,
        counterparty=kind.counterparty(arguments),
        amount=kind.amount(arguments),
        now=now,
    )
    people = kind.people(arguments)
    asking = {"mode": "ask", "veto_until": None}
    if people > ruled.quorum and ruled.mode != "shadow":
        rule = f"{ruled.rule}, but {kind.name} needs {people} people"
        return ruled.model_copy(update={**asking, "rule": rule, "quorum": people})
    if (kind.always_asks or people > 1) and ruled.mode in ("veto", "auto"):
        rule = f"{ruled.rule}, but {kind.name} always asks"
        return ruled.model_copy(update={**asking, "rule": rule})
    return ruled


def ruled_now(session: Session, desk: Desk, row: ActionRow) -> Ruled:
    """What the policy in force says about an action as it stands.

    Where its kind can't be asked any more, how many people it wanted when it was filed stands.
    """
    held, now = in_force(session, desk), desk.now()
    try:
        kind = desk.kind(row.kind)
        return ruled_for(held, desk.company, row.agent, kind, kind.parse(row.arguments), now)
    except (Misconfigured, InvalidInput):
        ruled = by_columns(held, desk, row)
        return ruled.model_copy(update={"quorum": max(ruled.quorum, row.quorum)})


def by_columns(held: InForce, desk: Desk, row: ActionRow) -> Ruled:
    """The same by what the ledger knows of the action; the kind's own wishes aside."""
    amount = None
    if row.amount is not None and row.currency is not None:
        amount = Money(amount=row.amount, currency=row.currency)
    return held.rule(
        desk.company,
        agent=row.agent,
        kind=row.kind,
        counterparty=row.counterparty,
        amount=amount,
        now=desk.now(),
    )


def hold_tighter(session: Session, desk: Desk, row: ActionRow) -> bool:
    """Give what waits the mode that the policy in force has for it, where that is stricter; what was
    only to be looked at may be decided from now on. Says whether anything changed.

    Nothing is let through by it: a mode that asks less is for the next night.
    """
    ruled = ruled_now(session, desk, row)
    mode = "ask" if row.mode == "shadow" else row.mode
    mode = ruled.mode if STRICTNESS.index(ruled.mode) < STRICTNESS.index(mode) else mode
    quorum = max(row.quorum, ruled.quorum)
    if (mode, quorum) == (row.mode, row.quorum):
        return False
    row.mode, row.rule, row.quorum = mode, ruled.rule, quorum
    if mode != "veto":
        row.veto_until = None
    elif row.veto_until is None:
        row.veto_until = ruled.veto_until
    tell(session, row, "ruled anew", Who(f"policy:{ruled.rule}", person=False), desk.now())
    return True


async def ruled_since(desk: Desk, row: ActionRow) -> list[Difference]:
    """Why the policy in force no longer has it done as it was approved, if it doesn't: nothing is
    written in shadow, and nothing goes unasked any more that only a former policy let through.
    """
    ruled, asked = await desk.database.in_read(_ruled_and_asked, desk, row)
    if ruled.mode != "shadow" and (asked or ruled.mode in ("veto", "auto")):
        return []
    was = row.rule if not asked else say("approved by a person")
    now = say("only looked at: {rule}", rule=ruled.rule)
    if ruled.mode == "ask":
        now = say("asks a person: {rule}", rule=ruled.rule)
    return [Difference(name=say("what the policy says"), was=was, now=now)]


def _ruled_and_asked(session: Session, desk: Desk, row: ActionRow) -> tuple[Ruled, bool]:
    query = select(DecisionRow.id).where(
        DecisionRow.action_id == row.id, DecisionRow.verdict.in_(("approve", "edit"))
    )
    asked = session.scalars(query.limit(1)).one_or_none() is not None
    return ruled_now(session, desk, row), asked


def settings_differ(session: Session, desk: Desk) -> bool:
    """Do the settings hold another policy than the stored version that is in force?"""
    row = policies.active(session, desk.company.id)
    return row is not None and not _says(row, desk.policy)


def take_note(session: Session, desk: Desk) -> None:
    """Propose what was written into the settings since versions are kept: it neither wins nor is it
    passed over in silence.
    """
    last = policies.last_written(session, desk.company.id)
    if not settings_differ(session, desk) or (last is not None and _says(last, desk.policy)):
        return
    cause = say("regisseur.toml holds another policy.").model_dump(mode="json")
    body = desk.policy.model_dump(mode="json")
    policies.propose(session, desk.company.id, body, cause, policies.SETTINGS, desk.now())


def _says(row: PolicyRow, policy: Policy) -> bool:
    try:
        return policy_of(row.body) == policy
    except InvalidInput:
        return False


def policy_notices(session: Session, desk: Desk) -> tuple[Message, ...]:
    """What people have to be told: that the policy can't be read, and that a version waits for an
    administrator.
    """
    held = in_force(session, desk)
    unreadable = () if held.notice is None else (held.notice,)
    waiting = tuple(
        say(
            "Version {n} of the policy, proposed by {who}, waits for an administrator.",
            n=row.version,
            who=row.proposed_by,
        )
        for row in policies.versions(session, desk.company.id)
        if row.status == "proposed"
    )
    return (*unreadable, *waiting)
