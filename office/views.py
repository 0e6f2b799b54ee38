"""What the Python API hands out: plain, worded in the company's language, with the data beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from regisseur.graphs.report import ActionLine, Report
from regisseur.graphs.telling import line_of
from regisseur.storage.audit import Verdict as AuditVerdict
from regisseur.storage.tables import ActionRow, EffectRow, MissionRow
from regisseur.tools.actions.base import Fact, ToDo
from regisseur.tools.records import Message, Money, RecordRef
from regisseur.tools.texts import word

__all__ = ["Action", "AuditVerdict", "Effect", "Mission", "Outcome", "ReportView"]


@dataclass(frozen=True)
class Effect:
    """What became of an action in the ERP."""

    state: str
    """``performing``, ``waiting``, ``done``, ``failed`` or ``unknown``."""
    reference: str | None
    """The number that the ERP gave."""
    error: str | None
    answer: dict[str, Any] | None
    """What the ERP has under the action's key, as last looked up."""

    @classmethod
    def of(cls, row: EffectRow | None) -> Effect | None:
        """From the ledger's row."""
        return None if row is None else cls(row.state, row.reference, row.error, row.answer)


@dataclass(frozen=True)
class Action:
    """A prepared change outside. Deciding on this view binds to exactly what it shows."""

    id: str
    company: str
    agent: str
    kind: str
    status: str
    mode: str
    rule: str
    summary: str
    reason: str
    details: tuple[str, ...]
    amount: Money | None
    cost_of_waiting: Money | None
    decide_by: date | None
    arguments: dict[str, Any]
    revision: int
    seen: str
    key: str
    facts: tuple[Fact, ...]
    """What it rests on, with where each value came from."""
    evidence: tuple[RecordRef, ...]
    assignee: str | None
    snoozed_until: datetime | None
    updated_at: datetime
    effect: Effect | None
    line: ActionLine = field(repr=False)
    """The same as data, for renderers."""

    @classmethod
    def of(
        cls,
        row: ActionRow,
        effect: EffectRow | None,
        locale: str,
        alarm: Message | None = None,
        to_do: ToDo | None = None,
    ) -> Action:
        """From the ledger's rows, worded for a locale, with the alarm about it if there is one and
        what is left to do by hand.
        """
        line = line_of(row, effect, alarm, to_do)
        return cls(
            id=row.id,
            company=row.company_id,
            agent=row.agent,
            kind=row.kind,
            status=row.status,
            mode=row.mode,
            rule=row.rule,
            summary=word(line.summary, locale),
            reason=word(line.reason, locale),
            details=tuple(word(one, locale) for one in line.details),
            amount=line.amount,
            cost_of_waiting=line.cost_of_waiting,
            decide_by=line.decide_by,
            arguments=row.arguments,
            revision=row.revision,
            seen=row.seen_hash,
            key=row.key,
            facts=tuple(Fact.model_validate(one) for one in row.presented.get("facts", ())),
            evidence=line.evidence,
            assignee=row.assignee,
            snoozed_until=row.snoozed_until,
            updated_at=row.updated_at,
            effect=Effect.of(effect),
            line=line,
        )


@dataclass(frozen=True)
class Outcome:
    """What a decision led to."""

    status: str
    """``done``, ``failed``, ``unknown``, ``queued`` (approved, to be performed later), or the
    action's new status (``rejected``, ``proposed`` …)."""
    action: Action
    effect: Effect | None
    held_back: str | None = None
    """Why something queued was not carried out at once, where that is known."""


@dataclass(frozen=True)
class ReportView:
    """A report as data, and as people read it."""

    data: Report
    locale: str

    @property
    def headline(self) -> str:
        """The night in a sentence or two."""
        return word(self.data.headline, self.locale)

    def html(self, locale: str | None = None) -> str:
        """A page that needs nothing else."""
        from regisseur.office.reports import render_html

        return render_html(self.data, locale or self.locale)

    def text(self, locale: str | None = None) -> str:
        """For the terminal."""
        from regisseur.office.reports import render_text

        return render_text(self.data, locale or self.locale)

    def json(self) -> str:
        """For machines."""
        from regisseur.office.reports import render_json

        return render_json(self.data)


@dataclass(frozen=True)
class Mission:
    """One run of an agent for a company and a night."""

    id: str
    company: str
    agent: str
    on: date
    status: str
    """``running``, ``waiting`` (for decisions), ``closed`` or ``failed``."""
    error: str | None
    """Why it failed, as ``ClassOfError: message``."""
    report: ReportView | None

    @classmethod
    def of(cls, row: MissionRow, report: Report | None, locale: str) -> Mission:
        """From the stored row and what it told."""
        told = None if report is None else ReportView(report, locale)
        return cls(row.id, row.company_id, row.agent, row.on_date, row.status, row.error, told)
