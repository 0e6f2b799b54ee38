"""The policy: in which mode an action runs, by kind × amount × counterparty.

Rules are tried in the order written; the first that matches wins. Where none matches, the mode is
``ask``: nothing fails open.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from regisseur.tools.records import Company, Money, Record

Mode = Literal["shadow", "ask", "veto", "auto"]
AtExpiry = Literal["hold", "expire"]
"""What becomes of an action that nobody answered in time: it goes on waiting (and those above are
asked), or it is recorded as expired. Never as rejected: a timeout is no refusal."""

STRICTNESS: tuple[Mode, ...] = ("shadow", "ask", "veto", "auto")
"""The modes, from writing nothing to not asking."""


class Rule(BaseModel):
    """One line of the policy; a condition that is left out matches everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    mode: Mode
    agent: str | None = None
    kind: str | None = None
    counterparty: str | None = None
    """The ERP's id of the party."""
    up_to: Decimal | None = Field(default=None, ge=0)
    """Matches amounts in company currency up to this one; never another currency, never none."""
    above: Decimal | None = Field(default=None, ge=0)
    """For ``ask`` and ``shadow``: matches amounts of more than this, and amounts in another currency,
    which nobody can know to be less; never none.
    """
    veto_until: time | None = None
    """For ``veto``: the company's local hour until which it can be refused."""
    quorum: int = Field(default=1, ge=1)
    """For ``ask``: how many different people must approve."""
    four_eyes: bool = False
    """Whoever had the mission run, or edited what is approved, may not approve it."""
    answer_within: int | None = Field(default=None, ge=1)
    """For ``ask``: hours until the deadline, after which those above may decide too."""
    at_expiry: AtExpiry = "hold"

    @model_validator(mode="after")
    def _makes_sense(self) -> Rule:
        if (self.mode == "veto") != (self.veto_until is not None):
            raise ValueError("veto_until belongs to mode veto, and to that mode only")
        if self.above is not None and self.mode not in ("ask", "shadow"):
            raise ValueError("above is for rules that hold back: mode ask or shadow")
        if self.above is not None and self.up_to is not None and self.above >= self.up_to:
            raise ValueError("above must be less than up_to")
        if self.answer_within is not None and self.mode != "ask":
            raise ValueError("answer_within belongs to mode ask")
        if self.at_expiry != "hold" and self.answer_within is None:
            raise ValueError("at_expiry needs answer_within, the hours until then")
        return self

    def matches(
        self, agent: str, kind: str, counterparty: str | None, amount: Money | None, currency: str
    ) -> bool:
        """Does this rule speak about such an action?"""
        wanted = ((self.agent, agent), (self.kind, kind), (self.counterparty, counterparty))
        if any(rule is not None and rule != actual for rule, actual in wanted):
            return False
        return self._above(amount, currency) and self._up_to(amount, currency)

    def _above(self, amount: Money | None, currency: str) -> bool:
        if self.above is None:
            return True
        if amount is None:
            return False
        return amount.currency != currency or abs(amount.amount) > self.above

    def _up_to(self, amount: Money | None, currency: str) -> bool:
        if self.up_to is None:
            return True
        if amount is None or amount.currency != currency:
            return False
        return abs(amount.amount) <= self.up_to


class Policy(BaseModel):
    """The rules of a company, and what may be done in one night without asking."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[Rule, ...] = ()
    auto_count: int = Field(default=20, ge=0)
    """Most actions done without asking in one night; the rest asks."""
    auto_amount: Decimal = Field(default=Decimal(5000), ge=0)
    """Most money moved without asking in one night, company currency; the rest asks."""

    @model_validator(mode="after")
    def _distinct(self) -> Policy:
        names = [rule.name for rule in self.rules]
        if len(set(names)) != len(names):
            raise ValueError("two rules have the same name")
        return self


class Ruled(Record):
    """What the policy says about one action."""

    mode: Mode
    rule: str
    quorum: int = 1
    veto_until: datetime | None = None
    four_eyes: bool = False
    deadline: datetime | None = None
    at_expiry: AtExpiry = "hold"


NO_RULE = "no rule matched"
UNREADABLE = "the policy can't be read"
"""The rule of every action where the policy in force can't be read: it asks."""


def rule_for(
    policy: Policy,
    company: Company,
    *,
    agent: str,
    kind: str,
    counterparty: str | None,
    amount: Money | None,
    now: datetime,
) -> Ruled:
    """The mode of an action. A ceiling matches only an amount known in company currency."""
    for rule in policy.rules:
        if rule.matches(agent, kind, counterparty, amount, company.currency):
            return Ruled(
                mode=rule.mode,
                rule=rule.name,
                quorum=rule.quorum,
                veto_until=_next(rule.veto_until, company, now),
                four_eyes=rule.four_eyes,
                deadline=_within(rule.answer_within, now),
                at_expiry=rule.at_expiry,
            )
    return Ruled(mode="ask", rule=NO_RULE)


def _within(hours: int | None, now: datetime) -> datetime | None:
    return None if hours is None else now + timedelta(hours=hours)


def _next(hour: time | None, company: Company, now: datetime) -> datetime | None:
    """The next time the company's clocks show this hour.

    Compared in UTC: two times of one zone are compared by what the clocks show, which in the hour
    that comes twice would find a moment still to come that is past.
    """
    if hour is None:
        return None
    zone = ZoneInfo(company.timezone)
    day = now.astimezone(zone).date()
    shown = (
        datetime.combine(day + timedelta(days=after), hour.replace(fold=fold), tzinfo=zone)
        for after in (0, 1)
        for fold in (0, 1)
    )
    return next(moment for one in shown if (moment := one.astimezone(UTC)) > now)
