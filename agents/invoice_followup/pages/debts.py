"""What is owed: the figures a manager follows, debts by age, and days sales outstanding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from regisseur.agents.invoice_followup.ageing import STEP, overdue
from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.pages.pictures import ages, speeds
from regisseur.agents.invoice_followup.words import day, days, money, percent, rough, say
from regisseur.graphs.judgement import Column, Picture, Section, Table
from regisseur.tools.records import Message as Sentence
from regisseur.tools.records import Value

LEAST_POINTS = 3
"""Of a trend, to be drawn."""
Row = tuple[Value | None, ...]


def in_short(night: Night) -> Section:
    """As of when, and the figures that tell whether it gets better."""
    columns = (
        Column(title=say("Figure")),
        Column(title=say("Tonight"), align="right"),
        Column(title=say("Four weeks ago"), align="right"),
    )
    return Section(
        title=say("In short"),
        paragraphs=tuple(_known(night)),
        table=Table(columns=columns, rows=tuple(_figures(night))),
    )


def _known(night: Night) -> Iterator[Sentence]:
    """What the page rests on: day, age of what is known of payments, and what is left out."""
    known = night.holds.payments_until
    if not night.observation.books.invoices:
        yield say("As of {on}. No invoice is open: nothing is owed.", on=day(night.on))
    elif known is None:
        yield say("As of {on}. Nothing is known of payments.", on=day(night.on))
    else:
        yield say(
            "As of {on}. Payments are known until {known}, {age} ago.",
            on=day(night.on),
            known=day(known),
            age=days(max((night.on - known).days, 0)),
        )
    for currency, amount in sorted(_other_currencies(night).items()):
        yield say("Not in these figures: {amount} owed.", amount=money(amount, currency))


def _other_currencies(night: Night) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in night.observation.books.invoices:
        if one.currency != night.currency:
            found[one.currency] += one.open
    return found


def _figures(night: Night) -> Iterator[Row]:
    currency, then = night.currency, night.on - STEP
    owed = sum((one.amount for one in night.buckets), Decimal(0))
    late = overdue(night.buckets)
    known = bool(night.ledger.sales) and min(night.ledger.sales) <= then
    before = night.ledger.balance(then) if known else None
    late_before = night.ledger.overdue(then) if known else None
    yield say("Owed"), money(owed, currency), _money(before, currency)
    yield say("Overdue"), money(late, currency), _money(late_before, currency)
    yield say("Share overdue"), _share(late, owed), _share(late_before, before)
    risk = sum((one.open for one in night.at_risk), Decimal(0))
    yield say("At risk"), money(risk, currency), None
    yield from _speeds(night)
    prediction = night.outlook.prediction
    if prediction is not None:
        cash = prediction.cash
        yield say("Expected in 4 weeks"), rough(cash.four_weeks.expected, currency), None
        yield say("Expected in 13 weeks"), rough(cash.thirteen_weeks.expected, currency), None
    loose = _loose(night)
    if loose:
        yield say("Payments and credit notes on no invoice yet"), money(loose, currency), None


def _speeds(night: Night) -> Iterator[Row]:
    now, before = night.ledger.speed(night.on), night.ledger.speed(night.on - STEP)
    if now is not None:
        then = None if before is None else days(before.outstanding)
        best = None if before is None else days(before.best_possible)
        yield say("Days sales outstanding"), days(now.outstanding), then
        yield say("The same if nothing were overdue"), days(now.best_possible), best


def _loose(night: Night) -> Decimal:
    """Money and credit that lower what is owed once somebody puts them on invoices."""
    books, currency = night.observation.books, night.currency
    credits = (-one.open for one in books.invoices if one.currency == currency and one.open < 0)
    paid = (one.amount for one in books.unapplied if one.currency == currency)
    return sum(credits, Decimal(0)) + sum(paid, Decimal(0))


def _money(amount: Decimal | None, currency: str) -> Value | None:
    return None if amount is None else money(amount, currency)


def _share(part: Decimal | None, whole: Decimal | None) -> Value | None:
    if part is None or whole is None or whole <= 0:
        return None
    return percent(float(part / whole))


def by_age(night: Night) -> Section:
    """Ageing buckets, drawn and exact."""
    currency, found = night.currency, night.buckets
    columns = (
        Column(title=say("Late by")),
        Column(title=say("Amount"), align="right"),
        Column(title=say("Share"), align="right"),
        Column(title=say("Instalments"), align="right"),
    )
    total = sum((one.amount for one in found), Decimal(0))
    rows: list[Row] = [
        (one.title, money(one.amount, currency), _share(one.amount, total), one.count)
        for one in found
    ]
    rows.append((say("Total"), money(total, currency), None, sum(one.count for one in found)))
    drawn = (ages(found, currency),) if total else ()
    return Section(
        title=say("What is owed, by age"),
        paragraphs=(
            say("Each instalment by its own due date; open credit notes count as not due."),
        ),
        table=Table(columns=columns, rows=tuple(rows)),
        pictures=drawn,
    )


def how_fast(night: Night) -> Section | None:
    """Days sales outstanding over the year; nothing where nothing was ever sold."""
    if not night.ledger.sales:
        return None
    trend = night.ledger.trend(night.on)
    told: list[Sentence] = []
    if not trend or trend[-1].on != night.on:
        told.append(say("More is open than was sold in all months that were read."))
    else:
        now = trend[-1]
        told.append(
            say(
                "{now} of the latest sales are owed (days sales outstanding, by countback). If "
                "nothing were overdue it would be {best}: {late} go to late payment.",
                now=days(now.outstanding),
                best=days(now.best_possible),
                late=days(now.outstanding - now.best_possible),
            )
        )
    drawn: tuple[Picture, ...] = ()
    if len(trend) >= LEAST_POINTS:
        told.append(
            say("Blue: every four weeks, over the year. Grey: if nothing had been overdue.")
        )
        drawn = (speeds(trend),)
    return Section(title=say("How fast customers pay"), paragraphs=tuple(told), pictures=drawn)
