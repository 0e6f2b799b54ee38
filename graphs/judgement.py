"""What an agent concludes: findings, proposals and what to show, all as plain values.

A judgement is computed from an observation, a date and settings alone, so that a night can be
replayed. Every sentence is a ``Message``: it holds the figures as values, and is worded in the
reader's language when it is shown.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from regisseur.tools.actions.base import Fact
from regisseur.tools.records import Message, Money, Record, RecordRef, Value


class Finding(Record):
    """Something worth telling, with the records it rests on."""

    tag: str
    """Machine name of what was found, for example ``late_order`` or ``to_be_counted``."""
    message: Message
    evidence: tuple[RecordRef, ...] = ()
    stake: Money | None = None
    """What it may cost if nobody does anything."""
    subject: str | None = None
    """What it is about, so that two nights can be compared."""
    why: Message | None = None
    """The reason in two or three words, where only the number of those held for it is told."""
    unjudged: bool = False
    """Something is missing for judging at all: it was not held back, nobody knows."""
    count: int = Field(default=1, ge=1)
    """How many it stands for, where one line tells of several."""


class Proposal(Record):
    """A change outside that the agent would make, complete enough to be decided on."""

    kind: str
    arguments: dict[str, Any]
    """JSON of the kind's typed arguments."""
    reason: Message
    """Why, in one sentence with its numbers."""
    details: tuple[Message, ...] = ()
    """One sentence per part (per order line), where the action has parts."""
    facts: tuple[Fact, ...] = ()
    evidence: tuple[RecordRef, ...] = ()
    cost_of_waiting: Money | None = None
    """What one more day without it costs, by the agent's own computation."""
    otherwise: Message | None = None
    """What happens if nobody decides, in a few words: ``TOL-20 out of stock on 27 Nov``."""
    decide_by: date | None = None
    """Last day on which doing it still helps fully."""
    confidence: Decimal = Field(default=Decimal(1), ge=0, le=1)


class Column(Record):
    """A table column."""

    title: Message
    align: Literal["left", "right"] = "left"


class Table(Record):
    """Rows of typed values; the renderer writes them in the reader's locale."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value | None, ...], ...]


class Picture(Record):
    """A Vega-Lite chart; any string in it may be a dumped ``Message`` instead."""

    title: Message
    alternative: Message
    """What the picture shows, for those who can't see it."""
    spec: dict[str, Any]


class ToType(Record):
    """A command for a person, ready to paste once what it tells is true."""

    what: Message
    command: str


class Section(Record):
    """One part of an agent's page in the report."""

    title: Message
    paragraphs: tuple[Message, ...] = ()
    table: Table | None = None
    pictures: tuple[Picture, ...] = ()
    commands: tuple[ToType, ...] = ()


class Figure(Record):
    """A figure that a manager follows from day to day."""

    tag: str
    """Machine name by which two nights are compared, for example ``overdue``."""
    name: Message
    value: Value
    week_ago: Value | None = None
    """The same a week ago, where that can be known."""


class Judgement(Record):
    """All that one mission concludes from what it saw."""

    headline: Message
    figures: tuple[Figure, ...] = ()
    """At most three, the most telling first."""
    freshness: tuple[Message, ...] = ()
    """How old or how whole the data is beside the ERP's own, in a few words each."""
    findings: tuple[Finding, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    held: tuple[Finding, ...] = ()
    """What was not done or not judged, and why (design, law 10)."""
    sections: tuple[Section, ...] = ()
    minutes_saved: int = Field(default=0, ge=0)
    """Clerical minutes this replaces, by the agent's documented rates."""
    papers: dict[str, Any] = Field(default_factory=dict)
    """JSON by name, for other agents of the same night and for this one's next night: a plan, what
    it will need. Who reads them checks them as anything else that comes from outside.
    """
