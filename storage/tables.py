"""What must survive a crash, one class a table. Every row carries its company.

Statuses of an action (design, law 1)::

    proposed → approved → performing → done | failed | unknown
    proposed → rejected | expired | superseded | withdrawn

*Open* are proposed, approved, performing and unknown: the database allows one open action per
(company, kind, subject).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from regisseur.storage.base import Base
from regisseur.storage.types import ExactAmount, Instant, Json

OPEN = ("proposed", "approved", "performing", "unknown")
FINAL = ("done", "failed", "rejected", "expired", "superseded", "withdrawn")

JsonObject = dict[str, Any]


class CompanyRow(Base):
    """A tenant."""

    __tablename__ = "company"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    locale: Mapped[str]
    currency: Mapped[str]
    timezone: Mapped[str]
    restored: Mapped[bool] = mapped_column(default=False)
    """The database was found older than its own watermark: shadow until all is looked up."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class MissionRow(Base):
    """One run of an agent; its id is the LangGraph thread's."""

    __tablename__ = "mission"
    __table_args__ = (UniqueConstraint("company_id", "agent", "on_date", "run"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    agent: Mapped[str]
    on_date: Mapped[date]
    run: Mapped[int]
    """0 for the slot's own mission, higher for deliberate repetitions."""
    asked_by: Mapped[str | None]
    """The person who started it; nobody where the clock did."""
    graph_version: Mapped[int]
    status: Mapped[str]
    """running, waiting, closed or failed."""
    filed: Mapped[JsonObject | None] = mapped_column(Json)
    """What became of the judgement that was filed last, with its digest: a step that is run again
    after a crash must not file what was carried out meanwhile a second time."""
    error: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class ObservationRow(Base):
    """What was read and what was concluded, compressed, so that a night can be judged again."""

    __tablename__ = "observation"

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id"), unique=True)
    source: Mapped[str]
    as_of: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[str]
    """SHA-256 of the JSON text that ``body`` holds."""
    body: Mapped[bytes]
    judgement: Mapped[bytes | None]


class ActionRow(Base):
    """A prepared change outside, at its latest revision."""

    __tablename__ = "action"
    __table_args__ = (
        UniqueConstraint("company_id", "kind", "subject", "occurrence"),
        UniqueConstraint("key"),
        Index(
            "uq_action_open",
            "company_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("status IN ('proposed', 'approved', 'performing', 'unknown')"),
            postgresql_where=text("status IN ('proposed', 'approved', 'performing', 'unknown')"),
        ),
        Index("ix_action_inbox", "company_id", "status", "decide_by", "cost_rank", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id"), index=True)
    """The latest mission that proposed it."""
    agent: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    occurrence: Mapped[int]
    key: Mapped[str]
    """kind:company:subject:occurrence, written into a searchable field of the ERP's record."""
    revision: Mapped[int]
    arguments: Mapped[JsonObject] = mapped_column(Json)
    arguments_hash: Mapped[str]
    presented: Mapped[JsonObject] = mapped_column(Json)
    """What a person is shown beside the arguments: summary, reason, facts, evidence."""
    seen_hash: Mapped[str]
    """Hash of revision, arguments and everything presented."""
    amount: Mapped[Decimal | None] = mapped_column(ExactAmount)
    currency: Mapped[str | None]
    counterparty: Mapped[str | None]
    mode: Mapped[str]
    rule: Mapped[str]
    status: Mapped[str]
    drift: Mapped[list[Any] | None] = mapped_column(Json)
    """Was / is, when it came back because the facts had changed."""
    quorum: Mapped[int] = mapped_column(default=1)
    assignee: Mapped[str | None]
    veto_until: Mapped[datetime | None] = mapped_column(Instant)
    snoozed_until: Mapped[datetime | None] = mapped_column(Instant)
    deadline: Mapped[datetime | None] = mapped_column(Instant)
    decide_by: Mapped[date | None]
    """The last day on which deciding is in time, as presented: here for sorting."""
    cost_rank: Mapped[int] = mapped_column(BigInteger, default=0)
    """What one more day of waiting costs, in hundredths and negated: for sorting only."""
    performer: Mapped[str | None]
    """Owner id of the process that is performing it; it holds the lock of that name."""
    not_before: Mapped[datetime | None] = mapped_column(Instant)
    """When the other side asked us to come back."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class RevisionRow(Base):
    """Every version of an action that anybody may have seen."""

    __tablename__ = "action_revision"

    action_id: Mapped[str] = mapped_column(ForeignKey("action.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    mission_id: Mapped[str]
    cause: Mapped[str]
    """night, edit or drift."""
    arguments: Mapped[JsonObject] = mapped_column(Json)
    arguments_hash: Mapped[str]
    presented: Mapped[JsonObject] = mapped_column(Json)
    seen_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)


class DecisionRow(Base):
    """What somebody decided, on which revision, having seen what."""

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["action_id", "revision"], ["action_revision.action_id", "action_revision.revision"]
        ),
        Index("ix_decision_action_id_revision", "action_id", "revision"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    action_id: Mapped[str]
    revision: Mapped[int]
    verdict: Mapped[str]
    """approve, edit, reject, snooze, reassign, veto, resolve, or regret."""
    seen_hash: Mapped[str]
    decided_hash: Mapped[str]
    """Hash of the arguments decided on, after the edit if there was one."""
    reason: Mapped[str | None]
    comment: Mapped[str | None]
    until: Mapped[datetime | None] = mapped_column(Instant)
    assignee: Mapped[str | None]
    actor: Mapped[str]
    asserted: Mapped[bool]
    """The actor was named by the caller and not established by signing in."""
    at: Mapped[datetime] = mapped_column(Instant)


class EffectRow(Base):
    """An action being carried out: one row per key, whatever happens to the process."""

    __tablename__ = "effect"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    action_id: Mapped[str] = mapped_column(ForeignKey("action.id"), unique=True)
    key: Mapped[str]
    state: Mapped[str]
    """performing, waiting (given back untouched), done, failed, or unknown: while the action is still
    being performed, unknown means that whoever works on it may only look."""
    attempts: Mapped[int]
    executed_hash: Mapped[str]
    reference: Mapped[str | None]
    answer: Mapped[JsonObject | None] = mapped_column(Json)
    """What the ERP has under the key, as last looked up."""
    error: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class ReportRow(Base):
    """A mission's latest report."""

    __tablename__ = "report"

    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id"), primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    body: Mapped[JsonObject] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)


class EntryRow(Base):
    """Something that a person told an agent: a promise to pay, a dispute, a pause …"""

    __tablename__ = "entry"
    __table_args__ = (Index("ix_entry_company_id_agent", "company_id", "agent"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    agent: Mapped[str]
    form: Mapped[str]
    """The form that was filled in, by the agent's own name for it: promise, dispute …"""
    subject: Mapped[str]
    """What it is about, for example ``customer/12``."""
    body: Mapped[JsonObject] = mapped_column(Json)
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class BankLineRow(Base):
    """A line of a bank statement that was read from a file."""

    __tablename__ = "bank_line"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    """The same for the same line, however often and in whatever file it comes."""
    booked_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(ExactAmount)
    """Positive where money came in."""
    currency: Mapped[str]
    counterparty: Mapped[str]
    counterparty_account: Mapped[str | None]
    text: Mapped[str]


class BankFileRow(Base):
    """A bank statement that was read."""

    __tablename__ = "bank_file"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of its content."""
    name: Mapped[str]
    known_until: Mapped[date | None]
    """The last day that it tells about."""
    lines: Mapped[int]
    read_at: Mapped[datetime] = mapped_column(Instant)


class BrakeRow(Base):
    """A switch that stops every write of a company, or of one agent of it (else empty)."""

    __tablename__ = "brake"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    agent: Mapped[str] = mapped_column(primary_key=True)
    actor: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)


class AuditRow(Base):
    """One link of a company's chain: never changed, never removed."""

    __tablename__ = "audit"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str]
    event: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[JsonObject] = mapped_column(Json)
    previous: Mapped[str]
    digest: Mapped[str]


class AuditHeadRow(Base):
    """The newest link per company; locked last before every commit."""

    __tablename__ = "audit_head"

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    sequence: Mapped[int]
    digest: Mapped[str]


class AuditPersonRow(Base):
    """Who is behind a salted digest of the audit; this row may be erased, the chain stays whole."""

    __tablename__ = "audit_person"
    __table_args__ = (UniqueConstraint("company_id", "value"),)

    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[str]
    value: Mapped[str]
