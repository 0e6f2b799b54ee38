"""People and what they may do: added, changed, removed, each told to the company's audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotAllowed, NotFound
from regisseur.graphs.authority import ROLES, Limit, Mandate, Role, mandates, require
from regisseur.office.core import Actor, Core, who_is
from regisseur.office.people.passwords import PASSWORDS, Passwords
from regisseur.office.people.signing import as_login
from regisseur.office.people.views import Member, Person
from regisseur.storage import ledger, people
from regisseur.storage.house_tables import MembershipRow, PersonRow
from regisseur.storage.ledger.filing import one_at_a_time


class Keep(Enum):
    """Said of what stays as it is, where ``None`` takes it away."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
OWN = frozenset({"substitute", "absent_from", "absent_until", "digest"})
"""What members may change of their own membership."""


async def add_person(
    core: Core,
    id: str,
    *,
    name: str,
    company: str,
    roles: Sequence[Role],
    email: str | None = None,
    locale: str | None = None,
    password: str | None = None,
    limits: Sequence[Limit] = (),
    by: Actor,
    passwords: Passwords = PASSWORDS,
) -> Member:
    """Make somebody a member of a company. ``id`` is the login: lower case is made of it.

    The first member of a company must be an administrator (of it: anybody may add them). Somebody
    who is known from another company keeps their name and password. Without ``password`` they
    can't sign in by one. Who was deactivated is active again, with what is said of them now.
    Raises InvalidInput (naming the field), NotAllowed, NotFound.
    """
    house, login = core.house, as_login(id)
    if not login:
        raise InvalidInput("a login is of letters, digits and . _ @ + -", field="id")
    if not name.strip():
        raise InvalidInput("say what they are called", field="name")
    _reachable(email, locale)
    kept = None if password is None else await passwords.hashed(password)
    now = house.clock()
    person = PersonRow(
        id=login, name=name.strip(), email=email or None, locale=locale or None,
        password_hash=kept, oidc_subject=None, active=True, created_at=now,
    )  # fmt: skip
    membership = MembershipRow(
        company_id=house.desk(company).company.id, person_id=login, roles=_roles(roles),
        limits=_limits(limits), superior=None, substitute=None, absent_from=None,
        absent_until=None, digest=True,
    )  # fmt: skip
    return await house.database.in_write(_add, person, membership, who_is(by), now)


def _reachable(email: str | None, locale: str | None) -> None:
    if email:
        try:
            validate_email(email, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError as error:
            raise InvalidInput(str(error), field="email") from None
    if locale:
        try:
            Locale.parse(locale)
        except (ValueError, UnknownLocaleError):
            raise InvalidInput("write for example fr_FR or en_GB", field="locale") from None


def _roles(roles: Sequence[str]) -> list[str]:
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise InvalidInput(f"name some of {', '.join(ROLES)}", field="roles")
    return [one for one in ROLES if one in roles]


def _limits(limits: Sequence[Limit]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in limits]


def _add(
    session: Session, person: PersonRow, membership: MembershipRow, who: ledger.Who, now: datetime
) -> Member:
    company_id = membership.company_id
    one_at_a_time(session, company_id)
    require(session, company_id, who, "manage")
    if not people.members(session, company_id) and "administrator" not in membership.roles:
        raise InvalidInput("the first member has to be an administrator", field="roles")
    if session.get(MembershipRow, (company_id, person.id)) is not None:
        raise InvalidInput(f"{person.id} is a member already", field="id")
    known = session.get(PersonRow, person.id, with_for_update=True)
    if known is None:
        session.add(person)
        session.flush()
    elif not known.active:
        _require_all(session, person.id, who)
        known.name, known.email, known.locale = person.name, person.email, person.locale
        known.password_hash, known.active = person.password_hash, True
    elif person.password_hash is not None:
        raise InvalidInput(f"{person.id} is known already, and has a password", field="password")
    session.add(membership)
    detail = {"roles": membership.roles, "limits": membership.limits}
    people.tell(session, company_id, "person added", who, now, {"person": person.id}, detail)
    return _member(known or person, membership)


def _member(person: PersonRow, membership: MembershipRow) -> Member:
    mine = Mandate.of(person, membership)
    return Member(
        person=Person(person.id, person.name, person.email, person.locale),
        company=membership.company_id,
        active=person.active,
        roles=mine.roles,
        limits=mine.limits,
        superior=membership.superior,
        substitute=membership.substitute,
        absent_from=membership.absent_from,
        absent_until=membership.absent_until,
        digest=membership.digest,
    )


async def change_membership(
    core: Core,
    person: str,
    *,
    company: str,
    by: Actor,
    roles: Sequence[Role] | Keep = KEEP,
    limits: Sequence[Limit] | Keep = KEEP,
    superior: str | Keep | None = KEEP,
    substitute: str | Keep | None = KEEP,
    absent_from: date | Keep | None = KEEP,
    absent_until: date | Keep | None = KEEP,
    digest: bool | Keep = KEEP,
) -> Member:
    """Change what somebody may do in a company, or who stands in for them; what isn't said stays.

    Administrators may change everything; everybody their own absence, substitute and digest. A
    company keeps at least one administrator. Raises NotFound, NotAllowed, InvalidInput.
    """
    wanted: dict[str, Any] = {
        "roles": roles if isinstance(roles, Keep) else _roles(roles),
        "limits": limits if isinstance(limits, Keep) else _limits(limits),
        "superior": superior,
        "substitute": substitute,
        "absent_from": absent_from,
        "absent_until": absent_until,
        "digest": digest,
    }
    changes = {name: value for name, value in wanted.items() if value is not KEEP}
    change = _Change(core.house.desk(company).company.id, person.strip().lower(), who_is(by))
    return await core.house.database.in_write(_change, change, changes, core.house.clock())


@dataclass(frozen=True)
class _Change:
    company_id: str
    person_id: str
    who: ledger.Who


def _change(session: Session, about: _Change, changes: dict[str, Any], now: datetime) -> Member:
    one_at_a_time(session, about.company_id)
    if about.who.name == about.person_id and changes.keys() <= OWN:
        require(session, about.company_id, about.who, "see")
    else:
        require(session, about.company_id, about.who, "manage")
    row = people.member(session, about.company_id, about.person_id)
    for part in ("superior", "substitute"):
        if changes.get(part) is not None:
            changes[part] = _other_member(session, about, part, changes[part])
    for name, value in changes.items():
        setattr(row, name, value)
    if row.absent_from and row.absent_until and row.absent_until < row.absent_from:
        raise InvalidInput("it ends before it begins", field="absent_until")
    _keeps_an_administrator(session, about.company_id)
    _tell_change(session, about, changes, now)
    return _member(people.person(session, about.person_id), row)


def _other_member(session: Session, about: _Change, part: str, somebody: str) -> str:
    login = somebody.strip().lower()
    try:
        people.member(session, about.company_id, login)
    except NotFound as error:
        raise InvalidInput(str(error), field=part) from None
    if login == about.person_id:
        raise InvalidInput("name somebody else", field=part)
    return login


def _keeps_an_administrator(session: Session, company_id: str) -> None:
    """Else nobody could ever change anything again; raises InvalidInput."""
    session.flush()
    if not any("manage" in one.rights for one in mandates(session, company_id)):
        raise InvalidInput(
            f"{company_id} needs an administrator: make somebody else one first", field="roles"
        )


def _tell_change(session: Session, about: _Change, changes: dict[str, Any], now: datetime) -> None:
    named = {"person": about.person_id}
    detail: dict[str, Any] = {}
    for name, value in changes.items():
        if name in ("superior", "substitute") and value is not None:
            named[name] = value
        else:
            detail[name] = value.isoformat() if isinstance(value, date) else value
    people.tell(session, about.company_id, "membership changed", about.who, now, named, detail)


async def set_password(
    core: Core, person: str, password: str, *, by: Actor, passwords: Passwords = PASSWORDS
) -> None:
    """Give somebody another password, and end their sessions. They may themselves, and whoever is
    an administrator of every company of theirs. Raises NotFound, NotAllowed, InvalidInput.
    """
    kept, who = await passwords.hashed(password), who_is(by)

    def changed(session: Session, login: str, now: datetime) -> None:
        row = people.person(session, login)
        if who.name != login:
            _require_all(session, login, who)
        row.password_hash = kept
        people.close_sessions(session, login)
        _tell_all(session, login, "password changed", who, now)

    await _about(core, person, changed)


async def deactivate(core: Core, person: str, by: Actor) -> None:
    """Somebody may not sign in any more, nor may their tokens; what they did stays. For whoever is
    an administrator of every company of theirs; see ``remove_member`` for one company.
    """
    who = who_is(by)

    def ended(session: Session, login: str, now: datetime) -> None:
        _require_all(session, login, who)
        _tell_all(session, login, "person deactivated", who, now)
        _end(session, login, now)
        for one in people.memberships(session, login):
            _keeps_an_administrator(session, one.company_id)

    await _about(core, person, ended)


async def remove_member(core: Core, person: str, *, company: str, by: Actor) -> None:
    """Take somebody out of a company, with their tokens for it. Who is in no company any more can't
    sign in. Raises NotFound, NotAllowed, InvalidInput for the last administrator.
    """
    who, company_id = who_is(by), core.house.desk(company).company.id

    def removed(session: Session, login: str, now: datetime) -> None:
        require(session, company_id, who, "manage")
        session.delete(people.member(session, company_id, login))
        people.end_tokens(session, login, now, company_id)
        people.tell(session, company_id, "person removed", who, now, {"person": login})
        _keeps_an_administrator(session, company_id)
        if not people.memberships(session, login):
            _end(session, login, now)

    await _about(core, person, removed)


def _end(session: Session, login: str, now: datetime) -> None:
    people.person(session, login).active = False
    people.close_sessions(session, login)
    people.end_tokens(session, login, now)


async def _about(core: Core, person: str, change: Callable[[Session, str, datetime], None]) -> None:
    """Change something about somebody, while nobody changes anything about their companies."""

    def alone(session: Session) -> None:
        login = person.strip().lower()
        belongs = people.memberships(session, login)
        if not belongs:
            raise NotFound(f"{login} is in no company; see `regisseur people list`")
        for one in belongs:
            one_at_a_time(session, one.company_id)
        session.get(PersonRow, login, with_for_update=True)
        change(session, login, core.house.clock())

    alone.__name__ = change.__name__
    await core.house.database.in_write(alone)


def _require_all(session: Session, login: str, who: ledger.Who) -> None:
    """Who belongs to several companies is nobody's alone."""
    for one in people.memberships(session, login):
        try:
            require(session, one.company_id, who, "manage")
        except NotAllowed as error:
            raise NotAllowed(
                f"{who.name} has to be an administrator of every company of {login}; "
                "to take somebody out of one company, remove them there"
            ) from error


def _tell_all(session: Session, login: str, what: str, who: ledger.Who, now: datetime) -> None:
    for one in people.memberships(session, login):
        people.tell(session, one.company_id, what, who, now, {"person": login})


async def members(core: Core, company: str) -> list[Member]:
    """Everybody in a company, by name; who is no longer active too."""
    rows = await core.house.database.in_read(people.members, core.house.desk(company).company.id)
    return [_member(*pair) for pair in rows]
