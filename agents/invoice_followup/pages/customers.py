"""Customers: who owes most and how they pay, and which promises were kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from regisseur.agents.invoice_followup import explaining
from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.outlook import payer_of
from regisseur.agents.invoice_followup.promises import Outcome
from regisseur.agents.invoice_followup.standing import Standing
from regisseur.agents.invoice_followup.words import (
    day,
    hold_title,
    money,
    named,
    percent,
    say,
    step_title,
)
from regisseur.graphs.judgement import Column, Section, Table
from regisseur.tools.records import Message as Sentence
from regisseur.tools.records import Value

MOST_DEBTORS = 10
FEW = 3
"""Debtors of whom it is told which share of what is overdue they owe."""
MOST_PROMISES = 15
STATES = {
    "broken": say("broken"),
    "running": say("still runs"),
    "kept": say("kept"),
}


@dataclass(frozen=True)
class Debtor:
    """A legal person with all its accounts, in company currency."""

    standings: Sequence[Standing]

    @property
    def name(self) -> Value:
        """Of the account that owes most; others are counted."""
        owed: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.standings:
            owed[one.customer.name] += one.invoice.open
        first = max(sorted(owed), key=lambda name: owed[name])
        accounts = len({one.customer.id for one in self.standings})
        if accounts == 1:
            return first
        return say("{name} ({count} accounts)", name=first, count=accounts)

    @property
    def owed(self) -> Decimal:
        """Open balances."""
        return sum((one.invoice.open for one in self.standings), Decimal(0))

    @property
    def overdue(self) -> Decimal:
        """What has fallen due of them."""
        return sum((one.open for one in self.standings if one.late), Decimal(0))

    @property
    def days_late(self) -> int:
        """Of the oldest."""
        return max(0, *(one.days_late for one in self.standings))


def top_debtors(night: Night) -> Section | None:
    """Those who owe most overdue, then most."""
    groups: dict[str, list[Standing]] = defaultdict(list)
    for one in night.standings:
        if one.invoice.currency == night.currency:
            groups[payer_of(one.customer)].append(one)
    if not groups:
        return None
    debtors = [Debtor(group) for group in groups.values()]
    debtors.sort(key=lambda one: (-one.overdue, -one.owed, str(one.name)))
    shown = debtors[:MOST_DEBTORS]
    columns = (
        Column(title=say("Customer")),
        Column(title=say("Overdue"), align="right"),
        Column(title=say("Owed"), align="right"),
        Column(title=say("Days late"), align="right"),
        Column(title=say("Usual delay"), align="right"),
        Column(title=say("Tonight")),
    )
    tonight = _tonight(night)
    rows = tuple(_row(night, one, tonight) for one in shown)
    return Section(
        title=say("Who owes most"),
        paragraphs=tuple(_concentration(debtors)),
        table=Table(columns=columns, rows=rows),
    )


def _concentration(debtors: Sequence[Debtor]) -> Iterator[Sentence]:
    late = [one.overdue for one in debtors if one.overdue]
    if len(late) > 2 * FEW:
        share = sum(sorted(late)[-FEW:], Decimal(0)) / sum(late, Decimal(0))
        yield say(
            "{count} customers are late; the first {few} owe {share} of what is overdue.",
            count=len(late),
            few=FEW,
            share=percent(float(share)),
        )


def _row(night: Night, one: Debtor, tonight: dict[str, Value]) -> tuple[Value | None, ...]:
    found = (night.outlook.of(each) for each in one.standings)
    usual = next((told for each in found if (told := explaining.usual(each)) is not None), None)
    ids = dict.fromkeys(each.customer.id for each in one.standings)
    here = next((tonight[id_] for id_ in ids if id_ in tonight), None)
    return (
        one.name,
        money(one.overdue, night.currency),
        money(one.owed, night.currency),
        one.days_late or None,
        usual,
        here or (say("wait for the next step") if one.overdue else say("nothing is late")),
    )


def _tonight(night: Night) -> dict[str, Value]:
    """By customer: the step of tonight's message, or the first reason to leave it alone."""
    found: dict[str, Value] = {one.customer.id: step_title(one.step.name) for one in night.messages}
    for left in sorted(night.left, key=lambda one: -one.open):
        found.setdefault(left.customer.id, hold_title(left.hold.tag))
    return found


def promises(night: Night) -> Section | None:
    """Kept and broken, then those to look at: broken ones not paid since, and running ones."""
    if not night.promises:
        return None
    count = {state: sum(x.state == state for x in night.promises) for state in STATES}
    told = say(
        "{kept} kept, {broken} broken, {running} still run.",
        kept=count["kept"],
        broken=count["broken"],
        running=count["running"],
    )
    open_ones = [
        one
        for one in night.promises
        if one.state == "running"
        or (one.state == "broken" and any(each.open > 0 for each in one.invoices))
    ]
    open_ones.sort(key=lambda one: (one.state != "broken", -one.missing, one.customer.name))
    columns = (
        Column(title=say("Customer")),
        Column(title=say("Promised for")),
        Column(title=say("Invoices")),
        Column(title=say("Still to come"), align="right"),
        Column(title=say("Promise")),
    )
    rows = tuple(_promise(one) for one in open_ones[:MOST_PROMISES])
    return Section(
        title=say("Promises to pay"),
        paragraphs=(told,),
        table=Table(columns=columns, rows=rows) if rows else None,
    )


def _promise(one: Outcome) -> tuple[Value | None, ...]:
    return (
        one.customer.name,
        day(one.on),
        named(each.number for each in one.invoices),
        money(one.missing, one.currency),
        STATES[one.state],
    )
