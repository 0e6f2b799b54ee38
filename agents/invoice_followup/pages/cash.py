"""Cash to come: four and thirteen weeks with their range, against what due dates alone say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.pages.pictures import weeks
from regisseur.agents.invoice_followup.prediction.book import Held
from regisseur.agents.invoice_followup.prediction.cash import (
    LEAST_REPLAYS,
    SHORT,
    CashForecast,
    Receipts,
)
from regisseur.agents.invoice_followup.prediction.delays import Choice
from regisseur.agents.invoice_followup.prediction.methods import Method
from regisseur.agents.invoice_followup.prediction.outlook import Prediction
from regisseur.agents.invoice_followup.words import day, money, number, rough, say
from regisseur.graphs.judgement import Column, Section, Table
from regisseur.tools.records import Message as Sentence
from regisseur.tools.records import Value

NOT_COUNTED: dict[Held, Sentence] = {
    "disputed": say("disputed"),
    "refused": say("refused"),
    "insolvent": say("of insolvent customers"),
    "doubtful": say("doubtful"),
    "factored": say("sold to the factor"),
    "received": say("probably paid already"),
}
METHODS: dict[Method, Sentence] = {
    "mean": say("the customer's mean"),
    "linear": say("regression"),
    "trees": say("boosted trees"),
    "both": say("regression and boosted trees together"),
}


def to_come(night: Night) -> Section | None:
    """The forecast, drawn and in figures; nothing where nothing is open to be paid."""
    prediction = night.outlook.prediction
    if prediction is None or not prediction.invoices:
        return None
    cash, currency = prediction.cash, night.currency
    drawn = (weeks(cash, currency),) if cash.thirteen_weeks.high else ()
    return Section(
        title=say("Cash to come"),
        paragraphs=tuple(_told(prediction, currency, drawn=bool(drawn))),
        pictures=drawn,
        table=_table(cash, currency),
    )


def _told(prediction: Prediction, currency: str, *, drawn: bool) -> Iterator[Sentence]:
    cash = prediction.cash
    yield say(
        "{expected} should come in within four weeks, between {low} and {high}; due dates alone "
        "would say {due}.",
        expected=rough(cash.four_weeks.expected, currency),
        low=rough(cash.four_weeks.low, currency),
        high=rough(cash.four_weeks.high, currency),
        due=rough(cash.four_weeks.by_due_date, currency),
    )
    yield from _caveats(prediction)
    if cash.excluded:
        yield say("Not counted on: {amounts}.", amounts=_excluded(cash, currency))
    if cash.later:
        yield say("Not expected within 13 weeks: {amount}.", amount=rough(cash.later, currency))
    if cash.thin:
        yield say(
            "{amount} rest on an assumption: too few invoices were ever so old to go by.",
            amount=rough(cash.thin, currency),
        )
    yield say("Only invoices that exist: future sales are not in it.")
    if drawn:
        yield say(
            "Bars: expected. Thin lines: the range. Orange dashes: what due dates alone would say, "
            "with all that is overdue in the first week."
        )


def _caveats(prediction: Prediction) -> Iterator[Sentence]:
    """How far the range goes, and where it comes from."""
    if prediction.choice.reason == "short":
        yield say(
            "The history is short ({count} paid invoices): expected is each customer's mean, drawn "
            "to that of all.",
            count=prediction.choice.history,
        )
    if prediction.cash.replays < LEAST_REPLAYS:
        yield say(
            "Too little is known yet to measure the range: it is half of the sum either side "
            "or more, and the whole of it for a single week."
        )
    else:
        yield say(
            "The range holds about four times in five: the same forecast, made for {count} past "
            "days, missed by no more.",
            count=prediction.cash.replays,
        )


def _excluded(cash: CashForecast, currency: str) -> Sentence:
    parts = [
        say("{amount} {why}", amount=money(amount, currency), why=NOT_COUNTED[reason])
        for reason, amount in cash.excluded.items()
    ]
    found = parts[0]
    for part in parts[1:]:
        found = say("{first}, {rest}", first=found, rest=part)
    return found


def _table(cash: CashForecast, currency: str) -> Table:
    columns = (
        Column(title=say("Until")),
        Column(title=say("Expected"), align="right"),
        Column(title=say("At least"), align="right"),
        Column(title=say("At most"), align="right"),
        Column(title=say("By due dates"), align="right"),
    )
    named: list[tuple[Value, Receipts]] = [(day(one.last), one) for one in cash.weeks[:SHORT]]
    named += [(say("4 weeks"), cash.four_weeks), (say("13 weeks"), cash.thirteen_weeks)]
    rows = tuple((name, *(rough(amount, currency) for amount in _sums(one))) for name, one in named)
    return Table(columns=columns, rows=rows)


def _sums(one: Receipts) -> tuple[Decimal, ...]:
    return one.expected, one.low, one.high, one.by_due_date


def method(choice: Choice) -> Iterator[Sentence]:
    """Which way of expecting payments is used, and how well it did on the company's own past."""
    if choice.trial is None:
        return
    trial = choice.trial
    yield say(
        "Days until payment are expected by {method}: over the last {count} invoices paid it missed "
        "by {error} days on average, against {mean} for the customer's mean.",
        method=METHODS[choice.days],
        count=trial.predicted,
        error=number(Decimal(f"{trial.days[choice.days]:.2f}"), 1),
        mean=number(Decimal(f"{trial.days['mean']:.2f}"), 1),
    )
