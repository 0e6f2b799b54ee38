"""What is handed out about people: who they are, what they may do, what they asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from regisseur.errors import NotAllowed, NotFound
from regisseur.graphs.authority import Limit, Right, Role
from regisseur.office.views import Outcome
from regisseur.storage import ledger
from regisseur.storage.house_tables import RemarkRow, TokenRow
from regisseur.tools.records import Message


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in; ``id`` is the login, in lower case."""

    id: str
    name: str
    email: str | None = None
    locale: str | None = None
    """Their own language; the company's where there is none."""


@dataclass(frozen=True)
class Member:
    """A person in a company: what they may do there, and who stands in for them."""

    person: Person
    company: str
    active: bool
    """Whoever is not can't sign in and decides nothing."""
    roles: tuple[Role, ...]
    limits: tuple[Limit, ...]
    """What an approver may decide; none at all means everything."""
    superior: str | None
    """Who may decide too once a deadline has passed."""
    substitute: str | None
    absent_from: date | None
    absent_until: date | None
    """First and last day on which the substitute may decide in their place."""
    digest: bool
    """Gets the morning pack by e-mail."""


@dataclass(frozen=True)
class SignedIn:
    """Somebody who signed in, or a program with a token of theirs, and what that allows."""

    person: Person
    rights: Mapping[str, frozenset[Right]]
    """By company id; a company that is missing does not exist for them."""
    who: ledger.Who
    """To be given as ``by`` of every operation."""
    scopes: frozenset[str] | None = None
    """What a token is for, already taken into account in ``rights``; ``None`` for a session."""

    def may(self, company: str, right: Right) -> bool:
        """Is that right theirs in that company?"""
        return right in self.rights.get(company, frozenset())

    def require(self, company: str, right: Right) -> None:
        """Raise NotFound for a company that is not theirs, whether or not it exists, and NotAllowed
        for a right that they lack in one that is.
        """
        if company not in self.rights:
            raise NotFound(f"there is no company {company!r}")
        if not self.may(company, right):
            raise NotAllowed(
                f"{self.person.name} lacks the right {right!r} in {company}; "
                "an administrator of the company can give it"
            )


@dataclass(frozen=True)
class Token:
    """A key of a program that acts for a person; the secret itself is shown once and not kept."""

    id: str
    person: str
    company: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    """To the hour."""
    revoked_at: datetime | None

    @classmethod
    def of(cls, row: TokenRow) -> Token:
        """From the row."""
        return cls(
            row.id, row.person_id, row.company_id, row.name, tuple(row.scopes), row.created_at,
            row.expires_at, row.used_at, row.revoked_at,
        )  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """A question about an action, or an answer to one."""

    id: str
    action: str
    revision: int
    """The revision that was looked at."""
    answers: str | None
    """The question that it answers; ``None`` for a question."""
    text: str
    by: str
    at: datetime

    @classmethod
    def of(cls, row: RemarkRow) -> Remark:
        """From the row."""
        return cls(row.id, row.action_id, row.revision, row.answers, row.text, row.actor, row.at)


@dataclass(frozen=True)
class Choice:
    """One of many decisions: an action, bound to the revision and hash that were seen."""

    action: str
    verdict: ledger.Verdict
    revision: int
    seen: str
    arguments: Mapping[str, Any] | None = None
    reason: str | None = None
    comment: str | None = None
    until: datetime | None = None
    assignee: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What became of one of many decisions."""

    action: str
    state: Literal["done", "refused", "left_out"]
    """``done``: decided, see ``outcome`` for what it led to; ``refused``: an error, see ``error``
    and ``why``; ``left_out``: too much is at stake for deciding on many at once."""
    why: str = ""
    """In the words of the error, or why it was left out, in the company's language."""
    message: Message | None = None
    """Why it was left out, for renderers of other languages."""
    error: str | None = None
    """Class of the error, for example ``AlreadyDecided``."""
    wrong: str | None = None
    """The argument that was wrong, where one was."""
    outcome: Outcome | None = field(default=None, repr=False)
