"""Who may do what: roles, limits, substitutes, and who is asked once a deadline has passed.

A company without any members is as it was before there were people: whoever is named may. With
members every door is checked, also names that a caller only asserts, inside the transaction that
commits what they want. Nobody matched: nobody may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Concatenate, Literal, ParamSpec, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotAllowed
from regisseur.storage import ledger, people
from regisseur.storage.house_tables import MembershipRow, PersonRow
from regisseur.storage.tables import ActionRow, DecisionRow, MissionRow, RevisionRow
from regisseur.tools.records import Company

P = ParamSpec("P")
T = TypeVar("T")

Role = Literal["viewer", "operator", "approver", "administrator"]
Right = Literal["see", "run", "tell", "decide", "manage"]

ROLES: tuple[Role, ...] = ("viewer", "operator", "approver", "administrator")
RIGHTS: Mapping[Role, frozenset[Right]] = {
    "viewer": frozenset({"see"}),
    "operator": frozenset({"see", "run", "tell"}),
    "approver": frozenset({"see", "run", "tell", "decide"}),
    "administrator": frozenset({"see", "run", "tell", "manage"}),
}
"""An administrator decides only who is an approver as well."""


class Limit(BaseModel):
    """What an approver may decide; a condition that is left out matches everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    up_to: Decimal | None = Field(default=None, ge=0)
    """Matches amounts in company currency up to this one; never another currency, never none."""

    def matches(self, matter: Matter) -> bool:
        """Is such an action within it?"""
        if self.kinds and matter.kind not in self.kinds:
            return False
        if self.agents and matter.agent not in self.agents:
            return False
        if self.up_to is None:
            return True
        return matter.amount is not None and abs(matter.amount) <= self.up_to


@dataclass(frozen=True)
class Mandate:
    """What one person may do in a company, as it is kept."""

    id: str
    name: str
    active: bool = True
    roles: tuple[Role, ...] = ()
    limits: tuple[Limit, ...] = ()
    superior: str | None = None
    substitute: str | None = None
    absent_from: date | None = None
    absent_until: date | None = None

    @classmethod
    def of(cls, person: PersonRow, membership: MembershipRow) -> Self:
        """From the rows. A limit that can't be read allows nothing, nor do the others then: what it
        was meant to hold back isn't known.
        """
        roles: tuple[Role, ...] = tuple(one for one in ROLES if one in membership.roles)
        try:
            limits = tuple(Limit.model_validate(one) for one in membership.limits)
        except ValidationError:
            roles = tuple(one for one in roles if one != "approver")
            limits = ()
        return cls(
            id=person.id,
            name=person.name,
            active=person.active,
            roles=roles,
            limits=limits,
            superior=membership.superior,
            substitute=membership.substitute,
            absent_from=membership.absent_from,
            absent_until=membership.absent_until,
        )

    @property
    def rights(self) -> frozenset[Right]:
        """What their roles allow; nothing for who is no longer active."""
        if not self.active:
            return frozenset()
        return frozenset[Right]().union(*(RIGHTS[role] for role in self.roles))

    def covers(self, matter: Matter) -> bool:
        """May they decide on it in their own right? An approver without limits isn't limited."""
        if "decide" not in self.rights:
            return False
        return not self.limits or any(one.matches(matter) for one in self.limits)

    def away(self, day: date) -> bool:
        """Is it a day on which somebody stands in? Open ends are open; no dates at all: never."""
        begins, ends = self.absent_from, self.absent_until
        if begins is None and ends is None:
            return False
        return (begins is None or begins <= day) and (ends is None or day <= ends)


@dataclass(frozen=True)
class Matter:
    """What authority over an action depends on."""

    agent: str
    kind: str
    amount: Decimal | None
    """In company currency; ``None`` where there is none, or one in another currency."""
    late: bool = False
    """A deadline has passed: those above may decide too."""

    @classmethod
    def of(cls, row: ActionRow, company: Company, now: datetime) -> Self:
        """An action as it stands now."""
        return cls(
            agent=row.agent,
            kind=row.kind,
            amount=row.amount if row.currency == company.currency else None,
            late=is_late(row.decide_by, row.deadline, company, now),
        )


def is_late(
    decide_by: date | None, deadline: datetime | None, company: Company, now: datetime
) -> bool:
    """Has the last day or the moment passed by which an action should have been decided on?"""
    overdue = decide_by is not None and local_day(company, now) > decide_by
    return overdue or (deadline is not None and deadline <= now)


def local_day(company: Company, now: datetime) -> date:
    """The calendar day on the company's clocks."""
    return now.astimezone(ZoneInfo(company.timezone)).date()


def deciders(mandates: Sequence[Mandate], matter: Matter, day: date) -> tuple[Mandate, ...]:
    """Everybody who may decide on a matter on that day.

    Approvers within whose limits it is; once it is late, the superiors of these too; and whoever
    stands in for one of them on that day. Substitutes and superiors need no role of their own, and
    pass nothing on: a substitute's substitute is nobody.
    """
    active = {one.id: one for one in mandates if one.active}
    chosen: set[str | None] = {one.id for one in active.values() if one.covers(matter)}
    if matter.late:
        chosen |= {one.superior for one in active.values() if one.id in chosen}
    away = [one for one in active.values() if one.id in chosen and one.away(day)]
    chosen |= {one.substitute for one in away}
    return tuple(one for one in active.values() if one.id in chosen)


def mandates(session: Session, company_id: str, *, lock: bool = False) -> tuple[Mandate, ...]:
    """Everybody in a company; none where it is as before there were people. Locked, nobody's
    mandate changes until the transaction ends.
    """
    return tuple(Mandate.of(*pair) for pair in people.members(session, company_id, lock=lock))


def require(session: Session, company_id: str, who: ledger.Who, *rights: Right) -> None:
    """Raise NotAllowed unless they have one of these rights, or the company has no members."""
    known = mandates(session, company_id, lock=True)
    if not known:
        return
    mine = _mandate(known, who, company_id)
    if mine.rights.isdisjoint(rights):
        wanted = " or ".join(repr(one) for one in rights)
        may = [one for one in known if not one.rights.isdisjoint(rights)]
        raise NotAllowed(f"{mine.name} lacks the right {wanted} in {company_id}; {_who_may(may)}")


def with_right(
    function: Callable[Concatenate[Session, P], T],
    company_id: str,
    who: ledger.Who,
    *rights: Right,
) -> Callable[Concatenate[Session, P], T]:
    """A function for a transaction that first requires one of these rights in it."""

    @wraps(function)
    def checked(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> T:
        require(session, company_id, who, *rights)
        return function(session, *args, **kwargs)

    return checked


@dataclass(frozen=True)
class Authority:
    """Who may decide on one action, as it stands in a transaction."""

    company: Company
    mandates: tuple[Mandate, ...]
    matter: Matter
    day: date
    currency: str | None
    """Of the action's amount."""

    @classmethod
    def over(cls, session: Session, company: Company, row: ActionRow, now: datetime) -> Self:
        """Read in the transaction that commits what is decided; until it ends nobody's mandate
        changes.
        """
        known = mandates(session, company.id, lock=True)
        matter = Matter.of(row, company, now)
        return cls(company, known, matter, local_day(company, now), row.currency)

    def at(self, amount: Decimal | None) -> Self:
        """The same, had the action another amount in its currency."""
        known = amount if self.currency == self.company.currency else None
        return replace(self, matter=replace(self.matter, amount=known))

    def require(self, who: ledger.Who) -> None:
        """Raise NotAllowed, naming who may, unless they may or the company has no members."""
        if not self.mandates:
            return
        may = deciders(self.mandates, self.matter, self.day)
        if who.name not in {one.id for one in may}:
            mine = _mandate(self.mandates, who, self.company.id)
            raise NotAllowed(f"{mine.name} may not decide on this action; {_who_may(may)}")

    def require_assignee(self, name: str) -> None:
        """Raise InvalidInput for somebody who couldn't decide on what they are given."""
        try:
            self.require(ledger.Who(name))
        except NotAllowed as error:
            raise InvalidInput(str(error), field="assignee") from error


def require_other_eyes(session: Session, row: ActionRow, who: ledger.Who) -> None:
    """Raise NotAllowed where they asked for the mission that proposes an action, or edited what is
    to be approved of it: for rules with ``four_eyes``.
    """
    if who.name == session.get_one(MissionRow, row.mission_id).asked_by:
        raise NotAllowed(f"{who.name} had this mission run: somebody else has to approve it")
    if who.name in editors(session, row):
        raise NotAllowed(f"{who.name} edited this action: somebody else has to approve it")


def editors(session: Session, row: ActionRow) -> frozenset[str]:
    """Everybody who edited the action since a night or the facts last made it what it is."""
    made = select(func.max(RevisionRow.revision)).where(
        RevisionRow.action_id == row.id, RevisionRow.cause != "edit"
    )
    query = select(DecisionRow.actor).where(
        DecisionRow.action_id == row.id,
        DecisionRow.verdict == "edit",
        DecisionRow.revision >= made.scalar_subquery(),
        DecisionRow.revision < row.revision,
    )
    return frozenset(session.scalars(query))


def _mandate(known: Sequence[Mandate], who: ledger.Who, company_id: str) -> Mandate:
    """Theirs, by their exact login; names of others are told to members only."""
    for one in known:
        if one.id == who.name and one.active:
            return one
    raise NotAllowed(
        f"{who.name} is no member of {company_id} (`--by LOGIN` on the command line); "
        "an administrator of the company can add people"
    )


def _who_may(may: Sequence[Mandate]) -> str:
    if not may:
        return "nobody may: an administrator has to give somebody the right"
    return f"{', '.join(one.name for one in may)} may"
