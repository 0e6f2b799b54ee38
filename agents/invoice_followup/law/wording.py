"""The sums in words: a line for each segment, and why no sum is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from regisseur.agents.invoice_followup.law.interest import (
    AppliedRate,
    Claim,
    MissingRate,
    Refusal,
    Segment,
)
from regisseur.agents.invoice_followup.law.rates import HalfYear, Rate, RateName, first_day
from regisseur.tools.records import Day, Message, Money, Number, Percent, Speaker, Value

say = Speaker(__name__)

AMOUNT_DIGITS = 4
"""Decimals of a line before the total is rounded to the cent."""
RATE_DIGITS = 3
MOST_NAMED = 4
"""Missing or unconfirmed rates named one by one; the rest is counted."""


def summary(claim: Claim) -> Message:
    """The sums besides the principal, in a few words."""
    penalty = Money(amount=claim.penalty, currency=claim.currency)
    days = say.counted("{count} day", "{count} days", claim.days_late)
    if not claim.indemnity:
        return say("{penalty} of interest for {days}", penalty=penalty, days=days)
    return say(
        "{penalty} of interest for {days}, {indemnity} for recovery costs",
        penalty=penalty,
        days=days,
        indemnity=Money(amount=claim.indemnity, currency=claim.currency),
    )


def line(segment: Segment, currency: str) -> Message:
    """One segment as an accountant checks it: balance x rate x days / 365."""
    return say(
        "{first} to {last}: {principal} × {rate} × {days} / 365 = {amount} ({basis})",
        first=Day(date=segment.first),
        last=Day(date=segment.last),
        principal=Money(amount=segment.principal, currency=currency),
        rate=percent(segment.rate.percent),
        days=segment.days,
        amount=Number(value=segment.amount, digits=AMOUNT_DIGITS),
        basis=basis(segment.rate),
    )


def basis(rate: AppliedRate) -> Message:
    """Which rate that is, and what it rests on."""
    reference = percent(rate.reference.percent)
    half_year = _half_year(rate.reference.half_year)
    match rate.rule:
        case "ecb_plus_10" | "ecb_plus_8":
            return say(
                "ECB rate of {day}, {rate}, + {points} points",
                day=Day(date=first_day(rate.reference.half_year)),
                rate=reference,
                points=int(rate.percent - rate.reference.percent),
            )
        case "contract":
            return say(
                "rate of the contract; 3 × legal rate, {rate} in the {half_year}, is not more",
                rate=reference,
                half_year=half_year,
            )
        case "contract_three_times_legal":
            return say(
                "by contract 3 × legal rate, {rate} in the {half_year}",
                rate=reference,
                half_year=half_year,
            )
        case "floor_three_times_legal":
            return say(
                "3 × legal rate, {rate} in the {half_year}, as the contract asks for less",
                rate=reference,
                half_year=half_year,
            )


def remarks(claim: Claim) -> tuple[Message, ...]:
    """What a person should know before claiming the sums."""
    found = []
    if "contract_rate_below_floor" in claim.review:
        found.append(
            say("The rate of the contract is below the lawful minimum: look before claiming.")
        )
    if claim.unconfirmed:
        found.append(
            say(
                "To be confirmed in the official source: {rates}.",
                rates=_listed([_named(rate) for rate in claim.unconfirmed]),
            )
        )
    return tuple(found)


def refused(refusal: Refusal) -> Message:
    """Why no sum is claimed, and what to do about it."""
    match refusal.reason:
        case "missing_rate":
            return say(
                "No interest is claimed, as a rate is missing: {rates}. "
                "Enter it from the official source; no rate is carried forward.",
                rates=_listed([_named(rate) for rate in refusal.missing]),
            )
        case "consumer":
            return say(
                "No interest or indemnity is claimed: the customer is a consumer, "
                "to whom the rules between businesses don't apply."
            )
        case "unknown_payer":
            return say(
                "No interest or indemnity is claimed: say first whether the customer is "
                "a business, a public body or a consumer."
            )
        case "insolvent":
            return say(
                "No interest or indemnity is claimed: "
                "insolvency proceedings forbid the customer to pay at the due date."
            )
        case "currency":
            return say(
                "No interest or indemnity is claimed: it is computed for invoices in euros, "
                "and this one is in {currency}.",
                currency=refusal.currency,
            )


def percent(value: Decimal) -> Percent:
    """A rate of so many percent a year."""
    return Percent(value=value / 100, digits=RATE_DIGITS)


def _named(rate: Rate | MissingRate) -> Message:
    return _rate(rate.name, rate.half_year)


def _rate(name: RateName, half_year: HalfYear) -> Message:
    if name == "ecb":
        return say("ECB rate of {day}", day=Day(date=first_day(half_year)))
    return say("legal rate of the {half_year}", half_year=_half_year(half_year))


def _half_year(half_year: HalfYear) -> Message:
    year = half_year[:4]
    if half_year.endswith("1"):
        return say("first half of {year}", year=year)
    return say("second half of {year}", year=year)


def _listed(parts: Sequence[Message]) -> Value:
    first, *rest = parts
    if not rest:
        return first
    if len(parts) > MOST_NAMED:
        return say.counted(
            "{first} and {count} more", "{first} and {count} more", len(rest), first=first
        )
    return say("{first}, {rest}", first=first, rest=_listed(rest))
