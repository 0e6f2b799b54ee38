"""The commands about people and their tokens: ``people``, ``token``."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from rich.console import RenderableType

from regisseur.errors import InvalidInput
from regisseur.office import people
from regisseur.office.cli import codes, machine, paper
from regisseur.office.cli.desk import author, opened, voice_of
from regisseur.office.cli.voice import Voice
from regisseur.office.faces import Office
from regisseur.tools.records import Money, Speaker

say = Speaker("regisseur.office.cli")

NOBODY = say("Nobody is a member: whoever is named may do everything.")
LOGIN, NAME, MAY = say("Login"), say("Name"), say("May")
LIMITS, STANDS_IN = say("Decides on"), say("Stands in")
ROLES = {
    "viewer": say("look"),
    "operator": say("operate"),
    "approver": say("decide"),
    "administrator": say("administer"),
}
EVERYTHING, OUT = say("everything"), say("can't sign in")
CHANGED, REMOVED = say("Done; it is told in the audit."), say("Taken out of the company.")
KEEP_IT = say("Keep it now, it is not shown again:")
NO_TOKENS = say("There are no tokens.")
TOKEN, WHOSE, SCOPES, ENDS = say("Token"), say("Whose"), say("May"), say("Ends")
NEVER, REVOKED = say("never"), say("revoked")


def people_list(given: Namespace) -> int:
    """Everybody, with what they may do."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        members = office.do(people.members, _company(office, given))
    if given.json:
        machine.put({"members": members})
    elif not members:
        paper.put(voice(NOBODY))
    else:
        paper.put(_table(voice, members))
    return codes.FINE


def people_add(given: Namespace) -> int:
    """Make somebody a member."""
    limits, password = [_limit(one) for one in given.limit], _password(given, needed=False)
    with opened(given) as office:
        voice = voice_of(office, given.company)
        member = office.do(
            people.add_person, given.login, name=given.name, company=_company(office, given),
            roles=given.role, email=given.email, locale=given.language, password=password,
            limits=limits, by=author(given),
        )  # fmt: skip
    return _told(given, voice, member)


def people_change(given: Namespace) -> int:
    """Change a membership; what isn't said stays."""
    changes: dict[str, Any] = {}
    if given.role:
        changes["roles"] = given.role
    if given.limit or given.no_limits:
        changes["limits"] = [_limit(one) for one in given.limit]
    for part in ("superior", "substitute"):
        if (somebody := getattr(given, part)) is not None:
            changes[part] = None if somebody == "none" else somebody
    if given.away is not None:
        changes["absent_from"], changes["absent_until"] = given.away
    if given.digest is not None:
        changes["digest"] = given.digest == "yes"
    if not changes:
        raise InvalidInput("say what to change; see regisseur people change --help")
    with opened(given) as office:
        voice = voice_of(office, given.company)
        member = office.do(
            people.change_membership, given.login, company=_company(office, given),
            by=author(given), **changes,
        )  # fmt: skip
    return _told(given, voice, member)


def people_password(given: Namespace) -> int:
    """Give somebody another password."""
    password = _password(given, needed=True)
    with opened(given) as office:
        voice = voice_of(office, given.company)
        office.do(people.set_password, given.login, password or "", by=author(given))
    _done(given, voice, {"password": "changed"})
    return codes.FINE


def people_remove(given: Namespace) -> int:
    """Take somebody out of the company, or out of all."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        if given.everywhere:
            office.do(people.deactivate, given.login, by=author(given))
        else:
            company = _company(office, given)
            office.do(people.remove_member, given.login, company=company, by=author(given))
    if given.json:
        machine.put({"removed": given.login})
    else:
        paper.put(voice(REMOVED))
    return codes.FINE


def token_make(given: Namespace) -> int:
    """Make a token; its secret is all that is printed to standard output."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        token, secret = office.do(
            people.make_token, given.login, company=_company(office, given), name=given.name,
            scopes=given.scope, days=given.days, by=author(given),
        )  # fmt: skip
    if given.json:
        machine.put({"token": token, "secret": secret})
    else:
        print(voice(KEEP_IT), file=sys.stderr)
        paper.put(secret)
    return codes.FINE


def token_list(given: Namespace) -> int:
    """Every token of the company, without its secret."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        tokens = office.do(people.tokens, _company(office, given))
    if given.json:
        machine.put({"tokens": tokens})
    elif not tokens:
        paper.put(voice(NO_TOKENS))
    else:
        titles = [voice(one) for one in (TOKEN, WHOSE, NAME, SCOPES, ENDS)]
        rows = [
            (one.id, voice(one.person), voice(one.name), ", ".join(one.scopes), _ends(voice, one))
            for one in tokens
        ]
        paper.put(paper.table(titles, rows))
    return codes.FINE


def token_revoke(given: Namespace) -> int:
    """End a token."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        token = office.do(
            people.revoke_token, given.id, company=_company(office, given), by=author(given)
        )
    _done(given, voice, {"token": token})
    return codes.FINE


def _company(office: Office, given: Namespace) -> str:
    return office.opened.core.house.desk(given.company).company.id


def _limit(text: str) -> people.Limit:
    """``up_to=5000 kinds=a,b``; raises InvalidInput naming what is wrong."""
    given: dict[str, Any] = {}
    for word in text.split():
        name, equals, value = word.partition("=")
        if not equals:
            raise InvalidInput(f"{word!r} is not of the form name=value", field="--limit")
        given[name] = value.split(",") if name in ("kinds", "agents") else value
    try:
        return people.Limit.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{where}: {first['msg']}", field="--limit") from None


def _password(given: Namespace, *, needed: bool) -> str | None:
    """From standard input, or asked for twice on a terminal; never an option, which others see."""
    if given.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or given.json:
        if needed:
            raise InvalidInput("hand it in with --password-stdin", field="password")
        return None
    from getpass import getpass

    first = getpass("Password (empty: none): " if not needed else "Password: ")
    if first and first != getpass("Once more: "):
        raise InvalidInput("these two are not the same", field="password")
    return first or None


def _told(given: Namespace, voice: Voice, member: people.Member) -> int:
    if given.json:
        machine.put({"member": member})
    else:
        paper.put(_table(voice, [member]))
    return codes.FINE


def _done(given: Namespace, voice: Voice, document: dict[str, Any]) -> None:
    if given.json:
        machine.put(document)
    else:
        paper.put(voice(CHANGED))


def _table(voice: Voice, members: list[people.Member]) -> RenderableType:
    titles = [voice(one) for one in (LOGIN, NAME, MAY, LIMITS, STANDS_IN)]
    return paper.table(titles, [_row(voice, one) for one in members])


def _row(voice: Voice, one: people.Member) -> tuple[str, ...]:
    may = ", ".join(voice(ROLES[role]) for role in one.roles) if one.active else voice(OUT)
    limits = ""
    if "approver" in one.roles:
        limits = "; ".join(_shown(voice, limit) for limit in one.limits) or voice(EVERYTHING)
    return voice(one.person.id), voice(one.person.name), may, limits, _substitute(voice, one)


def _shown(voice: Voice, limit: people.Limit) -> str:
    def parts() -> Iterator[str]:
        yield from (voice(name) for name in (*limit.kinds, *limit.agents))
        if limit.up_to is not None:
            yield f"≤ {voice(Money(amount=limit.up_to, currency=voice.company.currency))}"

    return " ".join(parts()) or voice(EVERYTHING)


def _substitute(voice: Voice, one: people.Member) -> str:
    if one.substitute is None or (one.absent_from is None and one.absent_until is None):
        return ""
    return f"{voice(one.substitute)} {voice.near(one.absent_from)}–{voice.near(one.absent_until)}"


def _ends(voice: Voice, one: people.Token) -> str:
    if one.revoked_at is not None:
        return voice(REVOKED)
    return voice(NEVER) if one.expires_at is None else voice.moment(one.expires_at)
