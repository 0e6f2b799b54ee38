"""The agent's page in the report: what is owed, what will come in, what is said tonight and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from regisseur.agents.invoice_followup.ageing import overdue
from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.pages import cash, contacts, customers, debts
from regisseur.agents.invoice_followup.words import day, days, money, rough, say, step_title
from regisseur.graphs.judgement import Figure, Section
from regisseur.tools.records import Message as Sentence
from regisseur.tools.records import Rough, Value
from regisseur.tools.texts import shown

WEEK = timedelta(weeks=1)

MESSAGE_MINUTES = 8
"""To look up a customer's invoices and payments, and to word and send one message."""
CALL_MINUTES = 5
"""To prepare a call."""
CHECK_MINUTES = 2
"""To see that one customer needs nothing tonight, and why."""


def headline(night: Night) -> Sentence:
    """What is overdue, what to decide on, and what will come in."""
    if not night.observation.books.invoices:
        return say("No invoice is open: nothing is owed.")
    late = money(overdue(night.buckets), night.currency)
    company = night.holds.of_company()
    if company is not None:
        return say("{overdue} overdue; {why}", overdue=late, why=company.message)
    told = _to_decide(night, overdue=late)
    prediction = night.outlook.prediction
    if prediction is None or not prediction.invoices:
        return say("{first}.", first=told)
    expected = rough(prediction.cash.four_weeks.expected, night.currency)
    return say("{first}; {expected} expected in four weeks.", first=told, expected=expected)


def _to_decide(night: Night, **values: Value) -> Sentence:
    if not night.messages:
        return say("{overdue} overdue; nobody to write to or call tonight", **values)
    return say.counted(
        "{overdue} overdue; one message to decide on",
        "{overdue} overdue; {count} messages to decide on",
        len(night.messages),
        **values,
    )


def figures(night: Night) -> Iterator[Figure]:
    """What is overdue, a week ago too, and how many days of sales are owed: single sales move that by
    weeks from one day to the next, so that its trend is for the report's picture.
    """
    ledger, then = night.ledger, night.on - WEEK
    known = bool(ledger.sales) and min(ledger.sales) <= then
    yield Figure(
        tag="overdue",
        name=say("Overdue"),
        value=_whole(overdue(night.buckets), night.currency),
        week_ago=_whole(ledger.overdue(then), night.currency) if known else None,
    )
    now = ledger.speed(night.on)
    if now is not None:
        yield Figure(tag="dso", name=say("DSO"), value=days(now.outstanding))


def _whole(amount: Decimal, currency: str) -> Rough:
    return Rough(amount=amount, currency=currency)


def freshness(night: Night) -> Iterator[Sentence]:
    """How far payments are known, where anything is owed."""
    known = night.holds.payments_until
    if not night.observation.books.invoices:
        return
    if known is None:
        yield say("nothing known of payments")
    else:
        yield say("payments until {day}", day=day(known))


def minutes_saved(night: Night) -> int:
    """By the rates above."""
    spoken = sum(CALL_MINUTES if one.way == "call" else MESSAGE_MINUTES for one in night.messages)
    return spoken + CHECK_MINUTES * len({left.customer.id for left in night.left})


def sections(night: Night) -> Iterator[Section]:
    """From how it stands to what it rests on."""
    parts = (
        debts.in_short(night),
        contacts.messages(night),
        contacts.by_hand(night),
        contacts.to_sort(night),
        debts.by_age(night),
        cash.to_come(night),
        customers.top_debtors(night),
        debts.how_fast(night),
        customers.promises(night),
        contacts.said_lately(night),
        contacts.left_alone(night),
        Section(title=say("How it was judged"), paragraphs=tuple(_basis(night))),
    )
    yield from (one for one in parts if one is not None)


def _basis(night: Night) -> Iterator[Sentence]:
    locale = night.brief.company.locale
    steps = ", ".join(
        f"{shown(step_title(one.name), locale)} {one.after:+d}"
        for one in night.brief.settings.procedure
    )
    yield say("Procedure, in days from the due date: {steps}.", steps=steps)
    yield say(
        "At risk: expected to be paid {late} late or more, or not within 13 weeks.",
        late=days(night.brief.settings.risk_days),
    )
    prediction = night.outlook.prediction
    if prediction is not None:
        yield from cash.method(prediction.choice)
    yield from contacts.ways(night)
