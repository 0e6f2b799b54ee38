"""Messages: what is proposed tonight, what was said lately and waits, and who is left alone."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from regisseur.agents.invoice_followup.choice import Left, Message
from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.words import (
    day,
    hold_title,
    money,
    named,
    say,
    step_title,
)
from regisseur.graphs.judgement import Column, Section, Table, ToType
from regisseur.graphs.past import Deed
from regisseur.tools.records import Message as Sentence
from regisseur.tools.records import Reminder, Value

MOST_ROWS = 30
FORM_AFTER = {
    "prepare_letter": "posted",
    "formal_notice": "posted",
    "hand_over": "posted",
    "prepare_call": "called",
}
"""What is told once a person has done what such an action has prepared."""
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
Row = tuple[Value | None, ...]


def messages(night: Night) -> Section | None:
    """Tonight's, in the order in which they are worth deciding on."""
    if not night.messages:
        return None
    columns = (
        Column(title=say("Customer")),
        Column(title=say("Step")),
        Column(title=say("Amount"), align="right"),
        Column(title=say("Days late"), align="right"),
        Column(title=say("Invoices")),
        Column(title=say("To")),
    )
    told: list[Sentence] = [
        say(
            "First what asking may bring most: open amount times the chance that it is still "
            "unpaid in 15 days. Below {small} the oldest come first, and courtesy notices last.",
            small=money(night.brief.settings.plain_below, night.currency),
        )
    ]
    rest = len(night.messages) - MOST_ROWS
    if rest > 0:
        told.append(say("And {count} more.", count=rest))
    rows = tuple(_message(one) for one in night.messages[:MOST_ROWS])
    return Section(
        title=say("Messages to decide on"),
        paragraphs=tuple(told),
        table=Table(columns=columns, rows=rows),
    )


def _message(one: Message) -> Row:
    contact = one.contact
    way = {
        "email": contact.email if contact else None,
        "call": contact.phone if contact else None,
    }.get(one.way)
    return (
        one.customer.name,
        step_title(one.step.name),
        money(one.open, one.currency),
        one.days_late if one.days_late > 0 else None,
        named(each.invoice.number for each in one.invoices),
        way or say("by post"),
    )


def to_sort(night: Night) -> Section | None:
    """Old debts of the first night, for a person to say what is to become of them."""
    found = [left for left in night.left if left.hold.tag == "to_sort"]
    if not found:
        return None
    found.sort(key=lambda left: (-left.open, left.customer.name, left.customer.id))
    rows = [
        (
            left.customer.name,
            money(left.open, left.currency),
            max(one.days_late for one in left.invoices),
            named(one.invoice.number for one in left.invoices),
        )
        for left in found[:MOST_ROWS]
    ]
    columns = (
        Column(title=say("Customer")),
        Column(title=say("Amount"), align="right"),
        Column(title=say("Days late"), align="right"),
        Column(title=say("Invoices")),
    )
    told = [
        say(
            "These were late before the first night. None is chased until somebody has said whether "
            "it is paid, disputed, doubtful, or where on the procedure it starts."
        )
    ]
    if len(found) > MOST_ROWS:
        told.append(say("And {count} more.", count=len(found) - MOST_ROWS))
    table = Table(columns=columns, rows=tuple(rows))
    return Section(title=say("Old debts to sort"), paragraphs=tuple(told), table=table)


def by_hand(night: Night) -> Section | None:
    """Letters that lie ready and calls that are prepared, until somebody tells that they are done;
    of each customer the newest one.
    """
    newest = {
        deed.arguments["customer_id"]: deed
        for deed in night.observation.deeds
        if deed.kind in FORM_AFTER
    }
    owed = {one.invoice.id for one in night.standings}
    found = [
        deed
        for deed in newest.values()
        if deed.key not in night.notebook.confirmed(deed.arguments["customer_id"])
        and any(one["id"] in owed for one in deed.arguments["invoices"])
    ]
    if not found:
        return None
    found.sort(key=lambda one: (one.on, one.arguments["customer_name"]))
    told = [
        say(
            "These lie ready and count as said once somebody has told that they were posted or "
            "called. Type the command with the day on which it was."
        )
    ]
    if len(found) > MOST_ROWS:
        told.append(say("And {count} more.", count=len(found) - MOST_ROWS))
    return Section(
        title=say("To post and to call"),
        paragraphs=tuple(told),
        commands=tuple(_left_to_do(one, night) for one in found[:MOST_ROWS]),
    )


def _left_to_do(one: Deed, night: Night) -> ToType:
    form, about = FORM_AFTER[one.kind], one.arguments
    command = f"regisseur tell {form} key={shlex.quote(one.key)} on={night.on.isoformat()}"
    who, since = about["customer_name"], day(one.on)
    if form == "called":
        phone = about["recipient"]["phone"]
        what = say("{customer}: call {phone} (since {day})", customer=who, phone=phone, day=since)
        return ToType(what=what, command=f"{command} outcome=reached")
    step = about["step_title"]
    what = say("{customer}: post {step} (ready since {day})", customer=who, step=step, day=since)
    return ToType(what=what, command=command)


def said_lately(night: Night) -> Section | None:
    """By step: said within a week and a month, prepared and not yet confirmed, waiting tonight."""
    counts = {step.name: _Lately() for step in night.brief.settings.procedure}
    for one in night.observation.books.reminders:
        if night.on - MONTH <= one.on <= night.on:
            counts.setdefault(one.step, _Lately()).count(one, night)
    for message in night.messages:
        counts[message.step.name].tonight += 1
    rows = tuple(
        (step_title(name), one.week, one.month, one.unconfirmed, one.tonight)
        for name, one in counts.items()
        if one.month or one.unconfirmed or one.tonight
    )
    if not rows:
        return None
    columns = (
        Column(title=say("Step")),
        Column(title=say("Last 7 days"), align="right"),
        Column(title=say("Last 30 days"), align="right"),
        Column(title=say("Not confirmed"), align="right"),
        Column(title=say("To decide"), align="right"),
    )
    waiting = sum(one.unconfirmed for one in counts.values())
    told = (
        say(
            "Not confirmed: letters whose posting, and calls whose outcome, nobody has entered. They "
            "don't count as said until then."
        ),
    )
    return Section(
        title=say("What was said, and what waits"),
        paragraphs=told if waiting else (),
        table=Table(columns=columns, rows=rows),
    )


@dataclass
class _Lately:
    week: int = 0
    month: int = 0
    unconfirmed: int = 0
    tonight: int = 0

    def count(self, one: Reminder, night: Night) -> None:
        done = night.notebook.confirmed(one.customer_id)
        if one.key and one.channel != "email" and one.key not in done:
            self.unconfirmed += 1
            return
        self.month += 1
        self.week += one.on > night.on - WEEK


@dataclass
class _Reason:
    customers: set[str] = field(default_factory=set)
    invoices: int = 0
    amount: Decimal = Decimal(0)

    def add(self, left: Left) -> None:
        self.customers.add(left.customer.id)
        self.invoices += len(left.invoices)
        self.amount += left.open


def left_alone(night: Night) -> Section | None:
    """Reasons, counted; each case stands under what is held back."""
    found: dict[tuple[str, str], _Reason] = defaultdict(_Reason)
    for left in night.left:
        found[left.hold.tag, left.currency].add(left)
    if not found:
        return None
    columns = (
        Column(title=say("Reason")),
        Column(title=say("Customers"), align="right"),
        Column(title=say("Invoices"), align="right"),
        Column(title=say("Amount"), align="right"),
    )
    ordered = sorted(found.items(), key=lambda one: (-one[1].amount, one[0]))
    rows = tuple(
        (hold_title(tag), len(one.customers), one.invoices, money(one.amount, currency))
        for (tag, currency), one in ordered
    )
    return Section(title=say("Who is left alone, and why"), table=Table(columns=columns, rows=rows))


def ways(night: Night) -> Iterator[Sentence]:
    """How tonight's messages go out, where not all go by e-mail."""
    count = Counter(one.way for one in night.messages)
    if not night.observation.mail:
        yield say("No mail account is connected: reminders become letters.")
    elif not night.brief.settings.sender_email:
        yield say("No sender is set (sender_email): reminders become letters.")
    elif count["letter"]:
        yield say.counted(
            "{count} customer has no e-mail address: its reminder becomes a letter.",
            "{count} customers have no e-mail address: their reminders become letters.",
            count["letter"],
        )
