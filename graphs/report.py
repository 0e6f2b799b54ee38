"""What a mission tells a person: kept as data, worded and drawn when it is read."""

from datetime import date, datetime

from pydantic import AwareDatetime, Field

from regisseur.graphs.judgement import Figure, Finding, Section
from regisseur.tools.actions.base import Difference, ToDo
from regisseur.tools.records import Company, Message, Money, Record, RecordRef


class ActionLine(Record):
    """One action as the report shows it."""

    id: str
    revision: int
    kind: str
    status: str
    """A status of the ledger: ``proposed``, ``approved``, ``done`` …"""
    mode: str
    """``shadow``, ``ask``, ``veto`` or ``auto``."""
    rule: str
    """Name of the policy rule that chose the mode."""
    summary: Message
    reason: Message
    details: tuple[Message, ...] = ()
    amount: Money | None = None
    cost_of_waiting: Money | None = None
    """For one more day."""
    otherwise: Message | None = None
    """What happens if nobody decides, in a few words."""
    decide_by: date | None = None
    veto_until: datetime | None = None
    changed: tuple[Difference, ...] = ()
    """What is no longer as it was when it was last approved: was / is."""
    reference: str | None = None
    """The number that the ERP gave, once carried out."""
    to_check: Message | None = None
    """What a person should look at, when nobody knows whether it was carried out, or when whoever
    is carrying it out doesn't come to an end."""
    evidence: tuple[RecordRef, ...] = ()
    to_do: ToDo | None = None
    """What is left for a person's hand after it was carried out, until it is told."""


class Report(Record):
    """One mission's account of a night. All lists are in the order in which they should be read."""

    mission_id: str
    company: Company
    agent: str
    title: Message
    on: date
    created_at: AwareDatetime
    data_as_of: AwareDatetime | None = None
    """When the ERP was read, ``None`` if it could not be."""
    source: str = ""
    """The connection read, for example ``tryton:erp.example:8000/atelier``."""
    headline: Message
    figures: tuple[Figure, ...] = ()
    """What a manager follows from day to day, the most telling first."""
    freshness: tuple[Message, ...] = ()
    """How old or how whole the data is beside the ERP's own."""
    awaiting: tuple[ActionLine, ...] = ()
    """Decisions needed: by deadline, then by the cost of waiting one day."""
    done: tuple[ActionLine, ...] = ()
    """Carried out without asking, as the policy allows."""
    decided: tuple[ActionLine, ...] = ()
    """What people decided since the night, and what became of it."""
    unsettled: tuple[ActionLine, ...] = ()
    """Failed, or nobody knows: each with what to check."""
    shadow: tuple[ActionLine, ...] = ()
    """What would have been proposed; nothing is written for these."""
    findings: tuple[Finding, ...] = ()
    held: tuple[Finding, ...] = ()
    """Not done or not judged, and why."""
    notices: tuple[Message, ...] = ()
    """About the night itself: dates that differ, brakes, failures, stale data."""
    sections: tuple[Section, ...] = ()
    minutes_saved: int = Field(default=0, ge=0)
    audit_head: str | None = None
    """Head of the company's audit chain when the report was made."""
