"""What is sent and answered, where it differs from what the Python API takes and hands out.

Amounts are decimals written as text, moments have a time zone, unknown names are refused.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from regisseur.graphs.report import Report
from regisseur.office import views
from regisseur.office.api.problems import Problem
from regisseur.tools.actions.base import Difference, Fact, ToDo
from regisseur.tools.records import Money, RecordRef
from regisseur.tools.texts import word

T = TypeVar("T")

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
MOST = 2**31 - 1
HALVES = {chr(one) for one in range(0xD800, 0xE000)}
"""Halves of characters, which no encoding can write."""


def _within(value: date) -> date:
    """Days with which one can reckon."""
    day = value.date() if isinstance(value, datetime) else value
    if not FIRST <= day <= LAST:
        raise ValueError(f"write a day between {FIRST} and {LAST}")
    return value


def _in_utc(value: datetime) -> datetime:
    _within(value)
    return value.astimezone(UTC)


Night = Annotated[date, AfterValidator(_within), Field(examples=["2026-11-23"])]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc), Field(examples=["2026-11-24T09:00:00Z"])]
Id = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$", examples=["4f2a9c01d7e3"])]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Limit = Annotated[int, Query(ge=1, le=200, description="Most to be answered at once")]


def _clean(data: Any) -> None:
    """What databases and other programs choke on is refused where it comes in."""
    left = [data]
    while left:
        value = left.pop()
        if isinstance(value, str) and any(one == "\0" or one in HALVES for one in value):
            raise ValueError("a text in it holds a character that is none")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a number in it is none")
        if isinstance(value, dict):
            left += [*value, *value.values()]
        if isinstance(value, list):
            left += value


class Sent(BaseModel):
    """Parent of what is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, data: Any) -> Any:
        _clean(data)
        return data


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: str | None = Field(default=None, examples=["4f2a9c01d7e3"])
    """Send it as ``after`` for the part that follows; none where this was the last."""


class Action(BaseModel):
    """A prepared change outside, as it stands; decide on its ``revision`` and ``seen``."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["4f2a9c01d7e3"])
    company: str
    agent: str = Field(examples=["purchasing"])
    kind: str = Field(examples=["place_purchase_order"])
    status: str = Field(examples=["proposed"])
    mode: str = Field(examples=["ask"])
    rule: str
    """Name of the policy rule that chose the mode."""
    summary: str
    reason: str
    details: tuple[str, ...]
    amount: Money | None
    cost_of_waiting: Money | None
    """For one more day."""
    decide_by: date | None
    arguments: dict[str, Any]
    """After the kind's schema: see ``/kinds``."""
    revision: int
    seen: str
    """Hash of all that is shown here."""
    key: str
    """What the ERP's record carries once it is done."""
    facts: tuple[Fact, ...]
    evidence: tuple[RecordRef, ...]
    assignee: str | None
    snoozed_until: datetime | None
    updated_at: datetime
    veto_until: datetime | None = None
    changed: tuple[Difference, ...] = ()
    """Was / is, where it came back because the facts had changed."""
    to_check: str | None = None
    """What a person should look at, where nobody knows whether it was carried out."""
    to_do: ToDo | None = None
    """What is left for a person's hand."""
    reference: str | None = None
    """The number that the ERP gave."""
    error: str | None = None
    """Why it was not carried out, where it was tried."""

    @classmethod
    def of(cls, view: views.Action, locale: str) -> Action:
        """From the Python API's view."""
        line, effect = view.line, view.effect
        shown = cls.model_validate(view)
        return shown.model_copy(
            update={
                "veto_until": line.veto_until,
                "changed": line.changed,
                "to_check": None if line.to_check is None else word(line.to_check, locale),
                "to_do": line.to_do,
                "reference": None if effect is None else effect.reference,
                "error": None if effect is None else effect.error,
            }
        )


class Outcome(BaseModel):
    """What a decision led to."""

    status: str = Field(examples=["done"])
    """``done``, ``failed``, ``unknown``, ``queued`` (approved, carried out later), or the action's
    new status."""
    held_back: str | None
    """Why something queued was not carried out at once, where that is known."""
    action: Action

    @classmethod
    def of(cls, view: views.Outcome, locale: str) -> Outcome:
        """From the Python API's view."""
        return cls(
            status=view.status, held_back=view.held_back, action=Action.of(view.action, locale)
        )


class Settled(BaseModel):
    """What became of one of several decisions."""

    action: str
    state: str = Field(examples=["done"])
    """``done``: decided; ``refused``: see ``problem``; ``left_out``: to be looked at one by one."""
    outcome: Outcome | None = None
    problem: Problem | None = None


class Mission(BaseModel):
    """One run of an agent for a company and a night."""

    id: str = Field(examples=["0a1b2c3d4e5f"])
    company: str
    agent: str = Field(examples=["purchasing"])
    on: date
    status: str = Field(examples=["waiting"])
    """``running``, ``waiting`` (for decisions), ``closed`` or ``failed``."""
    error: str | None
    headline: str | None
    """The night in a sentence or two, in the company's language."""
    report: Report | None

    @classmethod
    def of(cls, view: views.Mission) -> Mission:
        """From the Python API's view."""
        told = view.report
        return cls(
            id=view.id,
            company=view.company,
            agent=view.agent,
            on=view.on,
            status=view.status,
            error=view.error,
            headline=None if told is None else told.headline,
            report=None if told is None else told.data,
        )


class Told(BaseModel):
    """A report, with its headline in the company's language."""

    headline: str
    locale: str
    report: Report

    @classmethod
    def of(cls, view: views.ReportView) -> Told:
        """From the Python API's view."""
        return cls(headline=view.headline, locale=view.locale, report=view.data)
