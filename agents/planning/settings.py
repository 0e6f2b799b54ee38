"""The knobs of the planning agent: the table ``[agents.planning]`` of ``regisseur.toml``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from regisseur.agents.planning.law_hours import HourLimits
from regisseur.agents.planning.shifts import CalendarSettings
from regisseur.agents.planning.times import TimesSettings
from regisseur.graphs.agent import Settings

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Minutes = Annotated[int, Field(ge=0)]


class Setup(Settings):
    """Changing over at one operation, by families of items."""

    minutes: Minutes = 0
    """From any family to another, where no pair says otherwise."""
    families: dict[Name, Name] = Field(default_factory=dict)
    """By code of the item that is made, or of a material that goes into it; what belongs to none
    needs no change-over."""
    pairs: dict[str, Minutes] = Field(default_factory=dict)
    """``"white > black" = 45``: minutes from one family to another."""

    @field_validator("pairs")
    @classmethod
    def _two_families(cls, pairs: dict[str, int]) -> dict[str, int]:
        for text in pairs:
            if len([part for part in text.split(">") if part.strip()]) != 2:
                raise ValueError(f"{text!r}: write two families as 'white > black'")
        return pairs

    def between(self, before: str, after: str) -> int:
        """Minutes to change over."""
        if before == after:
            return 0
        written = {tuple(part.strip() for part in k.split(">")): v for k, v in self.pairs.items()}
        return written.get((before, after), self.minutes)


class PlanningSettings(Settings):
    """Every default is explained in ``docs/agents/planning.md``."""

    shown_weeks: int = Field(default=4, ge=1, le=12)
    """Weeks of load that are told and drawn."""
    budget: float = Field(default=30.0, ge=0, le=600)
    """Seconds of one processor for improving the plan; 0 plans by rule alone."""
    seed: int = 0
    history_months: int = Field(default=18, ge=1, le=60)
    """Months of past cycles that times are learned from."""

    calendars: CalendarSettings = Field(default_factory=CalendarSettings)
    """When work centres work, and how many people of which skill there are."""
    times: TimesSettings = Field(default_factory=TimesSettings)
    """How long operations take, where the company says so."""
    hours: HourLimits = Field(default_factory=HourLimits)
    """The limits within which overtime may be proposed."""
    setups: dict[Name, Setup] = Field(default_factory=dict)
    """Change-overs by name of operation."""
    skills: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    """By skill (see ``calendars``): names of the operations that need one person of it."""
    not_pausing: tuple[Name, ...] = ()
    """Operations that must be done in one go, within a shift (a coat of paint, a pour)."""
    alternatives: bool = True
    """May a step go to another work centre of its group?"""

    plan_requests: bool = True
    """Plan what the ERP only wishes for, after everything that people have ordered."""
    stock_weight: int = Field(default=1, ge=0, le=100)
    """What a day late costs, for an order that no customer waits for …"""
    customer_weight: int = Field(default=4, ge=0, le=100)
    """… and for one that a customer waits for."""
    customers: dict[Name, Annotated[int, Field(ge=0, le=100)]] = Field(default_factory=dict)
    """The same for single customers, by name."""
    days_to_ship: int = Field(default=1, ge=0, le=30)
    """Working days between the end of production and the day promised to a customer."""

    frozen_hours: int = Field(default=24, ge=0, le=240)
    """What the last plan starts within so many hours stays where it is."""
    move_cost: int = Field(default=2, ge=0)
    """What it costs to move a step of the last plan, in units of lateness of one of our own orders:
    people stop trusting a plan that changes for little."""
    stale_shifts: int = Field(default=1, ge=1)
    """A running order of which nothing was reported for so many whole shifts has to be reported
    before its plan is published."""
    late_receipt_days: int = Field(default=7, ge=1)
    """A receipt that is late is reckoned with after so many days."""
    unknown_lead_days: int = Field(default=10, ge=1)
    """Days until material comes whose lead time nobody knows."""
    hourly_rate: Annotated[Decimal, Field(gt=0)] | None = None
    """What an hour of overtime costs, company currency, for proposing it."""
    most_remedies: int = Field(default=10, ge=1, le=50)
    """Late orders for which a way out is looked for, dearest first."""

    @property
    def counted_skills(self) -> frozenset[str]:
        """Those of which a shift says how many people there are; of others there are always enough."""
        return frozenset(skill for shift in self.calendars.shifts for skill in shift.people)
