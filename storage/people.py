"""People, what they may do in companies, how they are signed in, and what they asked.

Whether somebody may is not known here. What changes people is told to the audit chain of each
company that they belong to, in the same transaction; people are named there by digest only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from regisseur.errors import NotFound
from regisseur.storage import audit
from regisseur.storage.house_tables import (
    AttemptRow,
    MembershipRow,
    PersonRow,
    RemarkRow,
    SessionRow,
    TokenRow,
)
from regisseur.storage.ledger.values import Who, new_id
from regisseur.storage.tables import ActionRow, JsonObject


def person(session: Session, person_id: str) -> PersonRow:
    """Somebody by their login; raises NotFound."""
    row = session.get(PersonRow, person_id)
    if row is None:
        raise NotFound(f"nobody is known as {person_id}; see `regisseur people list`")
    return row


def member(session: Session, company_id: str, person_id: str) -> MembershipRow:
    """Somebody's membership of a company; raises NotFound."""
    row = session.get(MembershipRow, (company_id, person_id))
    if row is None:
        raise NotFound(f"{person_id} is no member of {company_id}; see `regisseur people list`")
    return row


def members(
    session: Session, company_id: str, *, lock: bool = False
) -> list[tuple[PersonRow, MembershipRow]]:
    """Everybody in a company, by name. Locked, nobody changes them until the transaction ends."""
    query = (
        select(PersonRow, MembershipRow)
        .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
        .where(MembershipRow.company_id == company_id)
        .order_by(PersonRow.name, PersonRow.id)
    )
    if lock:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    return [(one, membership) for one, membership in session.execute(query)]


def memberships(session: Session, person_id: str) -> list[MembershipRow]:
    """Somebody's memberships of all companies."""
    query = select(MembershipRow).where(MembershipRow.person_id == person_id)
    return list(session.scalars(query.order_by(MembershipRow.company_id)))


def with_subject(session: Session, subject: str) -> PersonRow | None:
    """Whoever an OpenID provider knows by that ``issuer subject``."""
    return session.scalars(select(PersonRow).where(PersonRow.oidc_subject == subject)).one_or_none()


def with_email(session: Session, email: str) -> list[PersonRow]:
    """Everybody with that address, whose subject isn't known yet."""
    query = select(PersonRow).where(
        func.lower(PersonRow.email) == email.lower(), PersonRow.oidc_subject.is_(None)
    )
    return list(session.scalars(query))


def tell(
    session: Session,
    company_id: str,
    what: str,
    who: Who,
    now: datetime,
    people: Mapping[str, str],
    detail: JsonObject | None = None,
) -> None:
    """Record in a company's audit chain what was changed about people, by the part they play."""
    entry = audit.Entry(
        company_id, now, who.name, what, "people", detail or {}, person=who.person, people=people
    )
    audit.record(session, entry)


# --- sessions ---


def open_session(
    session: Session, digest: str, person_id: str, now: datetime, until: datetime
) -> None:
    """Somebody signed in; sessions of anybody that ended are removed."""
    session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    session.add(
        SessionRow(id=digest, person_id=person_id, created_at=now, seen_at=now, expires_at=until)
    )


def session_of(session: Session, digest: str) -> SessionRow | None:
    """A session by the digest of its token."""
    return session.get(SessionRow, digest)


def seen(session: Session, digest: str, now: datetime) -> None:
    """Remember that a session was used, unless it has ended meanwhile."""
    session.execute(update(SessionRow).where(SessionRow.id == digest).values(seen_at=now))


def close_session(session: Session, digest: str) -> None:
    """Forget one session."""
    session.execute(delete(SessionRow).where(SessionRow.id == digest))


def close_sessions(session: Session, person_id: str) -> None:
    """Forget all sessions of somebody."""
    session.execute(delete(SessionRow).where(SessionRow.person_id == person_id))


# --- attempts to sign in ---


def failures_of_login(session: Session, login: str, since: datetime) -> list[datetime]:
    """When a login's attempts failed since it last succeeded, newest first."""
    query = (
        select(AttemptRow.at, AttemptRow.succeeded)
        .where(AttemptRow.login == login, AttemptRow.at > since)
        .order_by(AttemptRow.at.desc(), AttemptRow.id)
    )
    failed: list[datetime] = []
    for at, succeeded in session.execute(query):
        if succeeded:
            break
        failed.append(at)
    return failed


def failures_from(session: Session, address: str, since: datetime) -> list[datetime]:
    """When attempts from an address failed, newest first, whatever the login."""
    query = select(AttemptRow.at).where(
        AttemptRow.address == address, AttemptRow.at > since, AttemptRow.succeeded.is_(False)
    )
    return list(session.scalars(query.order_by(AttemptRow.at.desc())))


def attempt(session: Session, login: str, address: str, now: datetime, keep: datetime) -> str:
    """An attempt that begins, and counts as failed until it succeeded; those before ``keep`` are
    forgotten.
    """
    session.execute(delete(AttemptRow).where(AttemptRow.at <= keep))
    row = AttemptRow(id=new_id(), login=login, address=address, succeeded=False, at=now)
    session.add(row)
    return row.id


def succeeded(session: Session, attempt_id: str) -> None:
    """That attempt was right."""
    session.execute(update(AttemptRow).where(AttemptRow.id == attempt_id).values(succeeded=True))


# --- tokens ---


def token(session: Session, company_id: str, token_id: str) -> TokenRow:
    """A company's token by its id; raises NotFound."""
    row = session.get(TokenRow, token_id)
    if row is None or row.company_id != company_id:
        raise NotFound(f"there is no token {token_id}; see `regisseur token list`")
    return row


def token_with(session: Session, digest: str) -> TokenRow | None:
    """The token whose secret has that digest."""
    return session.scalars(select(TokenRow).where(TokenRow.digest == digest)).one_or_none()


def tokens(session: Session, company_id: str) -> list[TokenRow]:
    """A company's tokens, newest first."""
    query = select(TokenRow).where(TokenRow.company_id == company_id)
    return list(session.scalars(query.order_by(TokenRow.created_at.desc(), TokenRow.id)))


def used(session: Session, token_id: str, now: datetime) -> None:
    """Remember when a token was used."""
    session.execute(update(TokenRow).where(TokenRow.id == token_id).values(used_at=now))


def end_tokens(
    session: Session, person_id: str, now: datetime, company_id: str | None = None
) -> None:
    """Revoke somebody's tokens, for one company or for all."""
    mine = [TokenRow.person_id == person_id, TokenRow.revoked_at.is_(None)]
    if company_id is not None:
        mine.append(TokenRow.company_id == company_id)
    session.execute(update(TokenRow).where(*mine).values(revoked_at=now))


# --- remarks ---


def remark(session: Session, remark_id: str) -> RemarkRow:
    """One remark; raises NotFound."""
    row = session.get(RemarkRow, remark_id)
    if row is None:
        raise NotFound(f"there is no question {remark_id}")
    return row


def remarks_on(session: Session, action_id: str) -> list[RemarkRow]:
    """Questions about an action, and answers, oldest first."""
    order = (RemarkRow.at, RemarkRow.answers.is_not(None), RemarkRow.id)
    query = select(RemarkRow).where(RemarkRow.action_id == action_id)
    return list(session.scalars(query.order_by(*order)))


def add_remark(
    session: Session, row: ActionRow, text: str, answers: str | None, who: Who, now: datetime
) -> RemarkRow:
    """Keep a question about an action as it stands, or the answer to one. The audit keeps that it
    was asked, the words stay here.
    """
    made = RemarkRow(
        id=new_id(),
        company_id=row.company_id,
        action_id=row.id,
        revision=row.revision,
        answers=answers,
        text=text,
        actor=who.name,
        at=now,
    )
    session.add(made)
    what = "asked" if answers is None else "answered"
    detail: JsonObject = {"revision": row.revision, "remark": made.id}
    audit.record(
        session,
        audit.Entry(row.company_id, now, who.name, what, row.id, detail, person=who.person),
    )
    return made
