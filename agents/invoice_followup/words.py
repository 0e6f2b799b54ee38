"""The agent's voice, and values as its sentences need them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from regisseur.tools.records import Day, Message, Money, Number, Percent, Rough, Speaker, Value

say = Speaker("regisseur.agents.invoice_followup")

MOST_NAMED = 5
"""Invoices named in one sentence; the rest is counted."""


def day(when: date) -> Day:
    """A day for a sentence."""
    return Day(date=when)


def money(amount: Decimal, currency: str) -> Money:
    """An amount to the cent."""
    return Money(amount=amount, currency=currency).rounded()


def rough(amount: Decimal, currency: str) -> Rough:
    """A forecast: three significant digits, whole units; more would pretend."""
    return Rough(amount=three_digits(amount), currency=currency)


def three_digits(amount: Decimal) -> Decimal:
    """Rounded so that three figures count, and never below the unit."""
    digits = max(amount.adjusted() - 2, 0) if amount else 0
    step = Decimal(1).scaleb(digits)
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def days(count: int) -> Message:
    """``1 day``, ``12 days``."""
    return say.counted("{count} day", "{count} days", count)


def invoices(count: int) -> Message:
    """``1 invoice``, ``12 invoices``."""
    return say.counted("{count} invoice", "{count} invoices", count)


def percent(share: float) -> Percent:
    """A probability or a share; whole per cents, as more would pretend."""
    return Percent(value=Decimal(f"{share:.4f}"))


def number(value: Decimal, digits: int = 0) -> Number:
    """A plain number."""
    return Number(value=value, digits=digits)


def named(numbers: Iterable[str]) -> str:
    """Numbers of invoices in a row, the first few of them."""
    written = list(numbers)
    return ", ".join(written[:MOST_NAMED]) + (" …" if len(written) > MOST_NAMED else "")


def step_title(name: str) -> Value:
    """What people call a step; one of the company's own is called by its name."""
    titles = {
        "courtesy_notice": say("courtesy notice"),
        "reminder_1": say("first reminder"),
        "reminder_2": say("second reminder"),
        "call": say("call"),
        "formal_notice": say("formal notice"),
        "hand_over": say("hand-over for collection"),
    }
    return titles.get(name) or name.replace("_", " ")


HOLD_TITLES = {
    "stale": say("payments not known well enough"),
    "insolvent": say("insolvent"),
    "do_not_contact": say("not to be contacted"),
    "replied": say("answered, to be read"),
    "day_off": say("day off at the customer's"),
    "just_contacted": say("contacted within the last days"),
    "factored": say("sold to the factor"),
    "disputed": say("disputed"),
    "electronic_status": say("status of the electronic invoice"),
    "probably_paid": say("probably paid"),
    "announced": say("payment announced"),
    "promised": say("promised"),
    "to_sort": say("old debt to sort"),
    "sorted_paid": say("sorted as paid"),
    "sorted_doubtful": say("sorted as doubtful"),
    "paused": say("paused"),
    "blocked": say("reminders are blocked in the ERP"),
    "settling": say("settles by itself"),
    "undelivered": say("not all delivered yet"),
    "small": say("too small to be chased"),
    "no_contact": say("no way to reach it"),
    "sales_told": say("the salesperson is told first"),
}


def hold_title(tag: str) -> Message:
    """What people call a reason to leave somebody alone."""
    return HOLD_TITLES[tag]
