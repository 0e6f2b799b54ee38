"""Late-payment interest and the 40 € for recovery costs, exact and rounded once at the end.

interest = sum over segments of balance x rate / 100 x days / 365, half a cent upwards. The first
day is the day after the due date, the last one the day of payment; 365 in leap years too. A segment
ends with each half-year and with each day on which something was paid. Sources: C. com. L441-10 II
and D441-5 (businesses), Code de la commande publique R2192-31 and D2192-35 (public buyers).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Literal

from regisseur.agents.invoice_followup.law.debt import Debt
from regisseur.agents.invoice_followup.law.rates import (
    HalfYear,
    Rate,
    RateName,
    Rates,
    half_year_of,
)
from regisseur.tools.records import Record
from regisseur.tools.records.money import Currency

INDEMNITY = Decimal("40.00")
"""For each invoice paid late, whatever its amount; euros."""
DIVISOR = Decimal(365 * 100)
LEGAL_FACTOR = 3
CENT = Decimal("0.01")
DAY = timedelta(days=1)
EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
"""So wide that sums and products of real amounts are never rounded in it."""
SHOWN_DIGITS = 28
"""Digits to which the share of one segment is written out; the total is not made from them."""

Rule = Literal[
    "ecb_plus_10", "ecb_plus_8", "contract", "contract_three_times_legal", "floor_three_times_legal"
]
"""How a rate was found; ``floor...`` where the contract's own was lower than the law allows."""
Reason = Literal["missing_rate", "consumer", "unknown_payer", "insolvent", "currency"]
Review = Literal["contract_rate_below_floor"]


class AppliedRate(Record):
    """The rate of one segment and the line of the table that it rests on.

    Under ``contract`` that line is the legal rate that the contract was held against.
    """

    percent: Decimal
    rule: Rule
    reference: Rate


class Segment(Record):
    """Days, both ends included, on which neither balance nor half-year changed."""

    first: date
    last: date
    principal: Decimal
    rate: AppliedRate

    @property
    def days(self) -> int:
        """How many days, the first and the last included."""
        return (self.last - self.first).days + 1

    @property
    def product(self) -> Decimal:
        """Balance x percent x days, exact: what is summed before the one division by 36,500."""
        with localcontext(EXACT):
            return self.principal * self.rate.percent * self.days

    @property
    def amount(self) -> Decimal:
        """The interest of these days, not rounded to the cent."""
        with localcontext(EXACT) as context:
            context.prec = SHOWN_DIGITS
            return self.product / DIVISOR


class Claim(Record):
    """What may be claimed when the day ``until`` ends; everything else follows from these."""

    until: date
    currency: Currency
    segments: tuple[Segment, ...]
    indemnity: Decimal
    principal_due: Decimal
    """Still unpaid, never negative."""

    @property
    def days_late(self) -> int:
        """Days after the due date on which something was owed."""
        return sum(segment.days for segment in self.segments)

    @property
    def penalty(self) -> Decimal:
        """Interest to the cent."""
        with localcontext(EXACT):
            total = sum((segment.product for segment in self.segments), Decimal(0))
            return (total / DIVISOR).quantize(CENT)

    @property
    def total(self) -> Decimal:
        """Principal, interest and indemnity."""
        return self.principal_due + self.penalty + self.indemnity

    @property
    def review(self) -> tuple[Review, ...]:
        """Why a person has to look before this is claimed; empty for nothing."""
        below = any(one.rate.rule == "floor_three_times_legal" for one in self.segments)
        return ("contract_rate_below_floor",) if below else ()

    @property
    def unconfirmed(self) -> tuple[Rate, ...]:
        """Lines of the table it rests on that nobody has read in the official source yet."""
        used = dict.fromkeys(segment.rate.reference for segment in self.segments)
        return tuple(line for line in used if line.status != "certain")


class MissingRate(Record):
    """A line that the table of rates would need."""

    half_year: HalfYear
    name: RateName

    def __str__(self) -> str:
        return f"{self.half_year}:{self.name}"


class Refusal(Record):
    """No sum is claimed, and why; the principal may still be asked for."""

    until: date
    currency: Currency
    reason: Reason
    missing: tuple[MissingRate, ...] = ()
    """With ``missing_rate`` only."""
    principal_due: Decimal


def claim(debt: Debt, until: date, rates: Rates) -> Claim | Refusal:
    """What the payer owes when the day ``until`` ends, or why that can't be said."""
    with localcontext(EXACT):
        principal = max(debt.owed(until + DAY, until), Decimal(0))
        reason = _unlawful(debt)
        if reason is not None:
            return _refused(debt, until, reason, principal)
        segments, missing = [], []
        for first, last, balance in _stretches(debt, until):
            rate = _rate(debt, first, rates)
            if isinstance(rate, MissingRate):
                missing.append(rate)
            else:
                segments.append(Segment(first=first, last=last, principal=balance, rate=rate))
        if missing:
            return _refused(debt, until, "missing_rate", principal, tuple(dict.fromkeys(missing)))
        return Claim(
            until=until,
            currency=debt.currency,
            segments=tuple(segments),
            indemnity=INDEMNITY if segments and not debt.indemnified else Decimal("0.00"),
            principal_due=principal,
        )


def _unlawful(debt: Debt) -> Reason | None:
    match debt.payer:
        case "consumer":
            return "consumer"
        case "unknown":
            return "unknown_payer"
    if debt.insolvent:
        return "insolvent"
    return None if debt.currency == "EUR" else "currency"


def _refused(
    debt: Debt,
    until: date,
    reason: Reason,
    principal: Decimal,
    missing: tuple[MissingRate, ...] = (),
) -> Refusal:
    return Refusal(
        until=until,
        currency=debt.currency,
        reason=reason,
        missing=missing,
        principal_due=principal,
    )


def _stretches(debt: Debt, until: date) -> Iterator[tuple[date, date, Decimal]]:
    """First day, last day and balance of each stretch in which something was owed."""
    if until <= debt.due:
        return
    begin = debt.due + DAY
    starts = {begin}
    starts |= {one.on + DAY for one in debt.settlements if begin <= one.on < until}
    starts |= {day for day in _half_years(begin, until) if day > begin}
    first, *rest = sorted(starts)
    for following in (*rest, until + DAY):
        balance = debt.owed(first, until)
        if balance > 0:
            yield first, following - DAY, balance
        first = following


def _half_years(begin: date, until: date) -> Iterator[date]:
    """First days of the half-years that a time touches."""
    for year in range(begin.year, until.year + 1):
        yield from (day for day in (date(year, 1, 1), date(year, 7, 1)) if day <= until)


def _rate(debt: Debt, day: date, rates: Rates) -> AppliedRate | MissingRate:
    """The rate of a day. A public buyer's stays that of the half-year in which interest began."""
    if debt.payer == "public":
        return _ecb(half_year_of(debt.due + DAY), 8, "ecb_plus_8", rates)
    if debt.contract is None:
        return _ecb(half_year_of(day), 10, "ecb_plus_10", rates)
    return _agreed(debt.contract, half_year_of(day), rates)


def _ecb(half_year: HalfYear, points: int, rule: Rule, rates: Rates) -> AppliedRate | MissingRate:
    line = rates.find("ecb", half_year)
    if line is None:
        return MissingRate(half_year=half_year, name="ecb")
    return AppliedRate(percent=line.percent + points, rule=rule, reference=line)


def _agreed(
    contract: Decimal | Literal["three_times_legal"], half_year: HalfYear, rates: Rates
) -> AppliedRate | MissingRate:
    line = rates.find("legal_other", half_year)
    if line is None:
        return MissingRate(half_year=half_year, name="legal_other")
    floor = LEGAL_FACTOR * line.percent
    if contract == "three_times_legal":
        return AppliedRate(percent=floor, rule="contract_three_times_legal", reference=line)
    if contract < floor:
        return AppliedRate(percent=floor, rule="floor_three_times_legal", reference=line)
    return AppliedRate(percent=contract, rule="contract", reference=line)
