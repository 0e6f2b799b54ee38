"""Keys of programs that act for a person, with less than that person may do."""

from __future__ import annotations

import hmac
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotAllowed
from regisseur.graphs.authority import Right, require
from regisseur.office.core import Actor, Core, who_is
from regisseur.office.people.passwords import digest_of, new_secret
from regisseur.office.people.signing import signed
from regisseur.office.people.views import SignedIn, Token
from regisseur.storage import ledger, people
from regisseur.storage.house_tables import TokenRow

TOUCHED_AFTER = timedelta(hours=1)
"""A token's use is remembered no more often than that."""
LONGEST_NAME, LONGEST_LIFE = 200, 3660
"""Characters, and days."""


async def make_token(
    core: Core,
    person: str,
    *,
    company: str,
    name: str,
    scopes: Sequence[Right],
    days: int | None,
    by: Actor,
) -> tuple[Token, str]:
    """A token of a member, and its secret, which is not kept and can't be shown again.

    ``scopes`` are rights: what the token may do is what both they and its person may. Made by the
    person, or by an administrator of the company (never with ``decide``: a decision is somebody's
    own). ``days``: until it ends by itself. Raises NotFound, NotAllowed, InvalidInput.
    """
    house, who = core.house, who_is(by)
    now, company_id = house.clock(), house.desk(company).company.id
    _fit(name, scopes, days)
    secret, digest = new_secret()
    row = TokenRow(
        id=ledger.new_id(),
        digest=digest,
        person_id=person.strip().lower(),
        company_id=company_id,
        name=name.strip(),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    return Token.of(await house.database.in_write(_make, row, who, now)), secret


def _fit(name: str, scopes: Sequence[str], days: int | None) -> None:
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InvalidInput("say in a few words what the token is for", field="name")
    known = get_args(Right)
    if not scopes or not set(scopes) <= set(known):
        raise InvalidInput(f"name some of {', '.join(known)}", field="scopes")
    if days is not None and not 0 < days <= LONGEST_LIFE:
        raise InvalidInput(f"use 1 to {LONGEST_LIFE} days", field="days")


def _make(session: Session, row: TokenRow, who: ledger.Who, now: datetime) -> TokenRow:
    _own_or_managed(session, row, who)
    if "decide" in row.scopes and who.name != row.person_id:
        raise NotAllowed("a token that decides is made by whoever decides with it")
    people.member(session, row.company_id, row.person_id)
    session.add(row)
    _tell(session, row, "token made", who, now)
    return row


def _own_or_managed(session: Session, row: TokenRow, who: ledger.Who) -> None:
    """A member's own, or an administrator's business."""
    if who.name == row.person_id:
        require(session, row.company_id, who, *get_args(Right))
    else:
        require(session, row.company_id, who, "manage")


def _tell(session: Session, row: TokenRow, what: str, who: ledger.Who, now: datetime) -> None:
    detail = {"token": row.id, "scopes": row.scopes}
    people.tell(session, row.company_id, what, who, now, {"person": row.person_id}, detail)


async def by_token(core: Core, secret: str, company: str | None = None) -> SignedIn | None:
    """Whose token that is, with what it may do now; ``None`` where it ended, was revoked, or is for
    another company.
    """
    database, now, digest = core.house.database, core.house.clock(), digest_of(secret)
    found = await database.in_read(_holder, digest, core.house.desks, now)
    if found is None:
        return None
    signed_by, row = found
    if company not in (None, row.company_id):
        return None
    if row.used_at is None or now - row.used_at >= TOUCHED_AFTER:
        await database.in_write(people.used, row.id, now)
    return signed_by


def _holder(
    session: Session, digest: str, companies: Container[str], now: datetime
) -> tuple[SignedIn, TokenRow] | None:
    row = people.token_with(session, digest)
    if row is None or not hmac.compare_digest(row.digest, digest) or row.revoked_at is not None:
        return None
    if row.expires_at is not None and row.expires_at <= now:
        return None
    whole = signed(session, people.person(session, row.person_id), companies)
    if row.company_id not in whole.rights:
        return None
    rights = {row.company_id: whole.rights[row.company_id] & frozenset(row.scopes)}
    return replace(whole, rights=rights, scopes=frozenset(row.scopes)), row


async def tokens(core: Core, company: str) -> list[Token]:
    """All tokens of a company, newest first; also those that ended or were revoked."""
    rows = await core.house.database.in_read(people.tokens, core.house.desk(company).company.id)
    return [Token.of(row) for row in rows]


async def revoke_token(core: Core, token: str, *, company: str, by: Actor) -> Token:
    """End a token by its id: its person may, and an administrator. Raises NotFound, NotAllowed."""
    house = core.house
    row = await house.database.in_write(
        _revoke, house.desk(company).company.id, token, who_is(by), house.clock()
    )
    return Token.of(row)


def _revoke(
    session: Session, company_id: str, token_id: str, who: ledger.Who, now: datetime
) -> TokenRow:
    row = people.token(session, company_id, token_id)
    _own_or_managed(session, row, who)
    if row.revoked_at is None:
        row.revoked_at = now
        _tell(session, row, "token revoked", who, now)
    return row
