"""Signing in with a browser, and out."""

from __future__ import annotations

import hmac
import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from regisseur.errors import NotAllowed, RetryLater
from regisseur.graphs.authority import Mandate, Right
from regisseur.office.core import Core
from regisseur.office.people.passwords import PASSWORDS, Passwords, digest_of, new_secret
from regisseur.office.people.views import Person, SignedIn
from regisseur.office.settings import SigningSettings
from regisseur.storage import ledger, people
from regisseur.storage.house_tables import PersonRow

WRONG = "this login and password don't belong together"
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
"""What a login may be: a short name or an e-mail address."""
LONGEST_ADDRESS = 100
"""Characters of a client's address that are looked at."""
TOUCHED_AFTER = timedelta(minutes=1)
"""A session's use is remembered no more often than that: a page may ask for it many times."""


async def sign_in(
    core: Core, login: str, password: str, *, address: str, passwords: Passwords = PASSWORDS
) -> str:
    """A token for a session of whoever has that login and password; for a cookie.

    Raises NotAllowed in the same words and after the same time for a wrong password, a login that
    nobody has and somebody who may not sign in any more; RetryLater, with ``after`` seconds, for a
    login or an ``address`` (the client's) with too many failed attempts, whoever it is.
    """
    database, settings, now = core.house.database, core.house.settings.signing, core.house.clock()
    door = _Door(as_login(login), address[:LONGEST_ADDRESS], settings, now)
    attempt, person_id, kept = await database.in_write(_begin, door)
    right = await passwords.right(kept, password)
    if not right or person_id is None or kept is None:
        raise NotAllowed(WRONG)
    again = await passwords.made(password) if passwords.outdated(kept) else kept
    secret, digest = new_secret()
    until = now + timedelta(hours=settings.hours)
    await database.in_write(_succeed, attempt, person_id, (kept, again), digest, now, until)
    return secret


def as_login(text: str) -> str:
    """A login as it is kept; what nobody can have as one is one and the same."""
    login = text.strip().lower()
    return login if LOGIN.fullmatch(login) else ""


@dataclass(frozen=True)
class _Door:
    login: str
    address: str
    settings: SigningSettings
    now: datetime


def _begin(session: Session, door: _Door) -> tuple[str, str | None, str | None]:
    """Note an attempt before it is known whether it is right, so that many at once are counted.

    Gives its id and, of whoever may sign in by that login, their id and the hash of their password.
    """
    row = session.get(PersonRow, door.login, with_for_update=True)
    span = timedelta(minutes=door.settings.lock_minutes)
    since = door.now - span
    for failed, most in (
        (people.failures_of_login(session, door.login, since), door.settings.attempts),
        (people.failures_from(session, door.address, since), door.settings.attempts_per_address),
    ):
        if len(failed) >= most:
            wait = failed[most - 1] + span - door.now
            raise RetryLater(
                "too many attempts to sign in; wait a while", after=wait.total_seconds()
            )
    attempt = people.attempt(session, door.login, door.address, door.now, keep=since)
    if row is None or not row.active:
        return attempt, None, None
    return attempt, row.id, row.password_hash


def _succeed(
    session: Session,
    attempt: str,
    person_id: str,
    hashes: tuple[str, str],
    digest: str,
    now: datetime,
    until: datetime,
) -> None:
    """Open a session, unless the person or the password was changed while it was checked."""
    row = session.get(PersonRow, person_id, with_for_update=True)
    if row is None or not row.active or row.password_hash != hashes[0]:
        raise NotAllowed(WRONG)
    row.password_hash = hashes[1]
    people.succeeded(session, attempt)
    people.open_session(session, digest, row.id, now, until)


async def sign_in_oidc(core: Core, issuer: str, subject: str, *, email: str | None = None) -> str:
    """A token for a session of the person whom an OpenID provider knows by that subject.

    ``email`` is one that the provider says it verified: on the first time it finds the one person
    who has it, and who is known by the subject from then on. Raises NotAllowed for everybody else,
    and for another issuer than the settings'.
    """
    settings, now = core.house.settings.signing, core.house.clock()
    if not issuer or issuer != settings.oidc.issuer or not subject:
        raise NotAllowed("sign in with the provider that the settings name in [signing.oidc]")
    secret, digest = new_secret()
    until = now + timedelta(hours=settings.hours)
    await core.house.database.in_write(
        _known_elsewhere, f"{issuer} {subject}", email, digest, now, until
    )
    return secret


def _known_elsewhere(
    session: Session, subject: str, email: str | None, digest: str, now: datetime, until: datetime
) -> None:
    row = people.with_subject(session, subject)
    if row is None and email:
        row = _met(session, subject, email, now)
    if row is None or not row.active:
        raise NotAllowed("nobody is known by this account; an administrator can add people")
    people.open_session(session, digest, row.id, now, until)


def _met(session: Session, subject: str, email: str, now: datetime) -> PersonRow | None:
    """The one person with that address, who is known by the subject from now on."""
    found = [one for one in people.with_email(session, email) if one.active]
    if len(found) != 1:
        return None
    (row,) = found
    row.oidc_subject = subject
    who = ledger.Who(row.id, asserted=False)
    for one in people.memberships(session, row.id):
        people.tell(session, one.company_id, "account linked", who, now, {"person": row.id})
    return row


async def signed_in(core: Core, token: str) -> SignedIn | None:
    """Whose session that is, with their rights as they are now; ``None`` where it has ended, was
    not used for too long, or its person may not sign in any more.
    """
    database, now, digest = core.house.database, core.house.clock(), digest_of(token)
    idle = timedelta(minutes=core.house.settings.signing.idle_minutes)
    found = await database.in_read(_session_of, digest, core.house.desks, now, idle)
    if found is None:
        return None
    signed, seen_at = found
    if now - seen_at >= min(TOUCHED_AFTER, idle / 2):
        await database.in_write(people.seen, digest, now)
    return signed


def _session_of(
    session: Session, digest: str, companies: Container[str], now: datetime, idle: timedelta
) -> tuple[SignedIn, datetime] | None:
    kept = people.session_of(session, digest)
    if kept is None or not hmac.compare_digest(kept.id, digest):
        return None
    if kept.expires_at <= now or kept.seen_at + idle <= now:
        return None
    row = people.person(session, kept.person_id)
    return (signed(session, row, companies), kept.seen_at) if row.active else None


def signed(session: Session, row: PersonRow, companies: Container[str]) -> SignedIn:
    """Somebody established, with the rights that they have now in the companies that are set up."""
    rights: dict[str, frozenset[Right]] = {}
    for one in people.memberships(session, row.id):
        mine = Mandate.of(row, one).rights
        if mine and one.company_id in companies:
            rights[one.company_id] = mine
    person = Person(row.id, row.name, row.email, row.locale)
    return SignedIn(person, rights, ledger.Who(row.id, asserted=False))


async def sign_out(core: Core, token: str) -> None:
    """End a session; harmless when it has ended."""
    await core.house.database.in_write(people.close_session, digest_of(token))
