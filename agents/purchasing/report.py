"""The agent's page in the report: what to order, by what rule, and the urgent items drawn."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from regisseur.agents.purchasing.batch import Order
from regisseur.agents.purchasing.line import Line
from regisseur.agents.purchasing.picture import pictured
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.words import amount, number, quantity, say, title
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Column, Figure, Section, Table
from regisseur.tools.records import Message, Percent, Value

MOST_PICTURES = 5

ORDER_MINUTES = 6
"""To write, check and send one order by hand."""
LINE_MINUTES = 4
"""To look up stock, past use, open orders and prices of one item."""
NOTE_MINUTES = 5
"""To find out which sale a shortage hits and to tell."""
CHANGE_MINUTES = 5
"""To find and correct a draft."""


def headline(
    orders: Sequence[Order], changes: int, urgent: int, held: int, currency: str
) -> Message:
    """How many orders, for how much, and what is urgent."""
    if not orders and not changes:
        if held:
            return say.counted(
                "Nothing to order tonight; {count} item could not be judged or was held back.",
                "Nothing to order tonight; {count} items could not be judged or were held back.",
                held,
            )
        return say("Nothing to order tonight.")
    total = sum((order.total for order in orders), Decimal(0))
    first = say.counted(
        "{count} order to approve for {total}",
        "{count} orders to approve for {total}",
        len(orders),
        total=amount(total, currency),
    )
    if changes:
        more = say.counted("{count} draft to change", "{count} drafts to change", changes)
        first = say("{first}, {rest}", first=first, rest=more) if orders else more
    return say("{orders}; {urgency}.", orders=first, urgency=_urgency(urgent))


def figures(below: int, urgent: int) -> tuple[Figure, ...]:
    """Items that are low, and those that will be out before goods ordered today are there."""
    return (
        Figure(tag="below_point", name=say("Items below their reorder point"), value=below),
        Figure(tag="urgent", name=say("Out of stock before delivery"), value=urgent),
    )


def _urgency(urgent: int) -> Message:
    if not urgent:
        return say("nothing urgent")
    return say.counted(
        "{count} item will be out of stock before delivery if nothing is ordered today",
        "{count} items will be out of stock before delivery if nothing is ordered today",
        urgent,
    )


def sections(
    lines: Sequence[Line],
    regimes: dict[str, int],
    brief: Brief[PurchasingSettings],
    notes: Sequence[Message],
) -> tuple[Section, ...]:
    """Lines as a table, urgent items as pictures, and how the night was judged."""
    found = []
    if lines:
        found.append(
            Section(
                title=say("To order, dearest to wait for first"),
                paragraphs=(
                    say(
                        "Waiting costs: expected shortage until the next review, in {days} days.",
                        days=brief.settings.review_days,
                    ),
                ),
                table=_table(lines, brief),
            )
        )
    urgent = _drawn(lines)
    if urgent:
        found.append(
            Section(
                title=say("Urgent items"),
                paragraphs=(
                    say(
                        "Grey: if nothing is ordered. Blue: with tonight's orders. Dashed: the "
                        "reorder point."
                    ),
                ),
                pictures=tuple(pictured(group, brief) for group in urgent),
            )
        )
    found.append(
        Section(
            title=say("How it was judged"),
            paragraphs=(*_method(regimes, brief), *notes),
        )
    )
    return tuple(found)


def _drawn(lines: Sequence[Line]) -> list[list[Line]]:
    """Urgent items with all their lines, dearest first; without any stock there is nothing to see."""
    groups: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda line: line.arrives[0]):
        groups.setdefault(line.case.key, []).append(line)
    shown = [
        group
        for group in groups.values()
        if any(line.urgent for line in group) and group[0].case.position.ever
    ]
    shown.sort(
        key=lambda group: (-round(sum(x.waiting_review for x in group), 6), group[0].case.key)
    )
    return shown[:MOST_PICTURES]


def _table(lines: Sequence[Line], brief: Brief[PurchasingSettings]) -> Table:
    columns = (
        Column(title=say("Item")),
        Column(title=say("Supplier")),
        Column(title=say("Quantity"), align="right"),
        Column(title=say("Amount"), align="right"),
        Column(title=say("In stock"), align="right"),
        Column(title=say("Out in (days)"), align="right"),
        Column(title=say("Delivery (days)"), align="right"),
        Column(title=say("Waiting costs"), align="right"),
    )
    return Table(columns=columns, rows=tuple(_row(line, brief) for line in lines))


def _row(line: Line, brief: Brief[PurchasingSettings]) -> tuple[Value | None, ...]:
    unit, position = line.case.item.unit, line.case.position
    currency = brief.company.currency
    return (
        title(line.case.item),
        line.supplier.name,
        quantity(line.option.quantity, line.option.candidate.offer.unit),
        amount(line.amount, currency),
        quantity(position.on_hand, unit),
        line.stock_out,
        line.option.candidate.arrival,
        amount(line.waiting_review, currency),
    )


def _method(regimes: dict[str, int], brief: Brief[PurchasingSettings]) -> tuple[Message, ...]:
    settings = brief.settings
    return (
        say(
            "Items bought by forecast: {forecast}, by known orders: {needs}, no longer bought: "
            "{stop}.",
            forecast=regimes.get("forecast", 0),
            needs=regimes.get("needs", 0),
            stop=regimes.get("stop", 0),
        ),
        say(
            "Service level {level}: a unit missing is taken to cost {times} times a unit held, so "
            "that stock is there about {level} of the time (critical ratio). It is not the share of "
            "units delivered at once (fill rate).",
            level=Percent(value=Decimal(repr(settings.service_level)), digits=1),
            times=number(settings.service_level / (1 - settings.service_level), 1),
        ),
        say(
            "Holding costs {rate} of the value a year, an order line {cost}, decided every {days} "
            "days.",
            rate=Percent(value=Decimal(repr(settings.holding_rate)), digits=1),
            cost=amount(settings.order_cost, brief.company.currency),
            days=settings.review_days,
        ),
        say(
            "A missing component is priced at {times} times its value: it holds up what it is "
            "built into.",
            times=number(settings.stopped_production, 1),
        ),
    )


def minutes_saved(orders: Sequence[Order], changes: int, notes: int) -> int:
    """Clerical minutes by the rates above; items looked at without a proposal count nothing."""
    lines = sum(len(order.lines) for order in orders)
    return (
        ORDER_MINUTES * len(orders)
        + LINE_MINUTES * lines
        + CHANGE_MINUTES * changes
        + NOTE_MINUTES * notes
    )
