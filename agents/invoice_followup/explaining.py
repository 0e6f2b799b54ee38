"""Expectations in sentences: how a company has paid so far, and when an invoice may come in.

Companies and public bodies only: nothing is told of how a natural person pays.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from regisseur.agents.invoice_followup.choice import Message
from regisseur.agents.invoice_followup.outlook import Outlook
from regisseur.agents.invoice_followup.prediction.outlook import Expectation, Habit
from regisseur.agents.invoice_followup.standing import Standing
from regisseur.agents.invoice_followup.words import day, days, invoices, money, percent, say
from regisseur.tools.records import Message as Sentence
from regisseur.tools.records import Value


def habit(outlook: Outlook, message: Message) -> Iterator[Sentence]:
    """How the customer of a message has paid so far; nothing for natural persons."""
    found = (outlook.of(one) for one in message.invoices)
    known = next((one.habit for one in found if one is not None and one.habit), None)
    if known is None:
        return
    if not known.paid:
        yield say("This customer has not paid an invoice yet: expected is what all customers do.")
        return
    yield say(
        "Pays {mean} on average ({paid}, {late} of them late), the last time {last}.",
        paid=invoices(known.paid),
        late=known.late,
        mean=_pays(known.mean_delay),
        last=_pays(known.last_delay),
    )


def line(outlook: Outlook, one: Standing) -> Sentence:
    """One invoice of a message, with what is expected of it."""
    about: dict[str, Value] = {
        "number": one.invoice.number,
        "due": day(one.due),
        "open": money(one.open, one.invoice.currency),
    }
    expected = outlook.of(one)
    if expected is None or expected.habit is None:
        return say("{number}, due on {due}, {open}", **about)
    if expected.on is None:
        return say("{number}, due on {due}, {open}; not expected within 13 weeks", **about)
    return say(
        "{number}, due on {due}, {open}; expected around {on}, still unpaid in 15 days at {share}",
        on=day(expected.on),
        share=percent(expected.unpaid_in_15_days),
        **about,
    )


def usual(expected: Expectation | None) -> Sentence | None:
    """The usual delay of the payer of an invoice, ``None`` where that isn't told."""
    known: Habit | None = None if expected is None else expected.habit
    return days(_whole(known.mean_delay)) if known is not None and known.paid else None


def _pays(delay: float) -> Sentence:
    rounded = _whole(delay)
    if rounded > 0:
        return say("{days} late", days=days(rounded))
    if rounded < 0:
        return say("{days} early", days=days(-rounded))
    return say("on the due date")


def _whole(delay: float) -> int:
    return int(Decimal(repr(delay)).quantize(Decimal(1), ROUND_HALF_UP))
