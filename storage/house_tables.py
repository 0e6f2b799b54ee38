"""What the house keeps beside its missions: people and how they sign in, the policy's versions, the
morning packs, what was asked about actions, slots of the clock, and messages to other programs.

A token is kept as its digest only. Rows of a person belong to no company; memberships do.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from regisseur.storage.base import Base
from regisseur.storage.tables import JsonObject
from regisseur.storage.types import Instant, Json


class PersonRow(Base):
    """Somebody who can sign in; ``id`` is the login, in lower case."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    locale: Mapped[str | None]
    """Their own language; the company's where there is none."""
    password_hash: Mapped[str | None]
    """Argon2; none for those who sign in elsewhere, or not yet."""
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)
    """``issuer subject`` of an OpenID provider."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class MembershipRow(Base):
    """What a person may do in a company, and who stands in."""

    __tablename__ = "membership"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    roles: Mapped[list[Any]] = mapped_column(Json)
    limits: Mapped[list[Any]] = mapped_column(Json)
    """What an approver may decide: see ``graphs.authority``."""
    superior: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """Who is asked once a deadline has passed."""
    substitute: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    absent_from: Mapped[date | None]
    absent_until: Mapped[date | None]
    """First and last day on which the substitute may decide in their place."""
    digest: Mapped[bool] = mapped_column(default=True)
    """Gets the morning pack by e-mail."""


class SessionRow(Base):
    """Somebody signed in with a browser; ``id`` is the digest of the cookie's token."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class TokenRow(Base):
    """A key of a program that acts for a person, with less than that person may do."""

    __tablename__ = "token"

    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    name: Mapped[str]
    """What it is for, in the person's words."""
    scopes: Mapped[list[Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class AttemptRow(Base):
    """An attempt to sign in, for locking out; old ones are removed."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_login_at", "login", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str]
    address: Mapped[str]
    succeeded: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Instant)


class PolicyRow(Base):
    """One version of a company's policy."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("company_id", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    version: Mapped[int]
    status: Mapped[str]
    """proposed, active, past, refused or withdrawn; one is active at most."""
    base: Mapped[int | None]
    """The version in force when it was proposed; none where that was the settings'."""
    body: Mapped[JsonObject] = mapped_column(Json)
    """A ``graphs.policy.Policy``."""
    cause: Mapped[JsonObject] = mapped_column(Json)
    """A ``Message``: why it was proposed."""
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class PackRow(Base):
    """The morning pack of a company and night."""

    __tablename__ = "pack"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    body: Mapped[JsonObject] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)


class RemarkRow(Base):
    """A question about an action, or an answer to one."""

    __tablename__ = "remark"

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    action_id: Mapped[str] = mapped_column(ForeignKey("action.id"), index=True)
    revision: Mapped[int]
    answers: Mapped[str | None] = mapped_column(ForeignKey("remark.id"))
    """The question that it answers; a question answers none."""
    text: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class SlotRow(Base):
    """Something that the clock does once for a company and night, however many processes run."""

    __tablename__ = "slot"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    """``night``, ``alarm``, ``digest/PERSON`` …"""
    on_date: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str]
    """running, done, failed or missed."""
    owner: Mapped[str | None]
    """The process that has it, whose lock dies with it."""
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class HookRow(Base):
    """How far a program that is told what happens (a webhook) has read the audit chain."""

    __tablename__ = "hook"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    """Its name in the settings."""
    read_to: Mapped[int]
    """Sequence of the newest link of which a message was made, or which was not asked for."""


class DeliveryRow(Base):
    """A message to another program (a webhook), tried until it is taken."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_state_next_at", "state", "next_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    hook: Mapped[str]
    """Its name in the settings."""
    event: Mapped[str]
    action_id: Mapped[str | None] = mapped_column(ForeignKey("action.id"))
    revision: Mapped[int]
    body: Mapped[JsonObject] = mapped_column(Json)
    state: Mapped[str]
    """waiting, taken or given_up."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(Instant)
    error: Mapped[str | None]
    response_digest: Mapped[str | None] = mapped_column(unique=True)
    """Digest of the token that answers it, once."""
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
