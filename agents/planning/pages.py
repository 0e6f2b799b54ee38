"""The parts of the page that show the plan: charts, load, and what customers can expect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from regisseur.agents.planning import loads
from regisseur.agents.planning.gantt import gantt, windows
from regisseur.agents.planning.timetable import Timetable
from regisseur.agents.planning.words import day, say
from regisseur.graphs.judgement import Column, Section, Table
from regisseur.tools.records import Message, Value

MOST_LINES = 40
"""Customers' lines that are listed."""


def pages(table: Timetable) -> tuple[Section, ...]:
    """Charts, load, customers; what has nothing to show is left out."""
    parts = (_plan(table), _load(table), _customers(table))
    return tuple(one for one in parts if one is not None)


def _plan(table: Timetable) -> Section | None:
    charts = gantt(table)
    if not charts:
        return None
    return Section(title=say("The plan"), paragraphs=tuple(_reading(table)), pictures=charts)


def _reading(table: Timetable) -> Iterator[Message]:
    yield say(
        "A bar is a step of an order, with the order's number where there is room for it. Nights and "
        "days on which nobody works are left out."
    )
    shown = [one for window in windows(table) for one in window.days]
    beyond = sum(one.end.date() > max(shown) for one in table.orders)
    if beyond:
        yield say.counted(
            "{count} order goes on after {day}, the last day drawn.",
            "{count} orders go on after {day}, the last day drawn.",
            beyond,
            day=day(max(shown)),
        )


def _load(table: Timetable) -> Section | None:
    if not table.loads:
        return None
    return Section(title=say("Load"), pictures=(loads.pictured(table),), table=loads.tabled(table))


def _customers(table: Timetable) -> Section | None:
    """Lines of customers whose production ends too late, with their three dates."""
    found = [(one, line) for one in table.late() for line in one.customers]
    if not found:
        return None
    columns = (
        Column(title=say("Customer")),
        Column(title=say("Their order")),
        Column(title=say("Item")),
        Column(title=say("Asked for")),
        Column(title=say("Confirmed")),
        Column(title=say("Out of the workshop")),
    )
    rows: list[tuple[Value | None, ...]] = [
        (
            line.customer_name,
            line.number,
            order.item,
            _day(line.requested),
            _day(line.confirmed),
            day(order.end.date()),
        )
        for order, line in found
    ]
    paragraphs = [
        say(
            "Three dates: only sales changes the confirmed one; where it can't be kept, a proposal of "
            "this night tells them."
        )
    ]
    if len(rows) > MOST_LINES:
        paragraphs.append(
            say("The {shown} dearest of {all} lines.", shown=MOST_LINES, all=len(rows))
        )
    return Section(
        title=say("Customers who would wait"),
        paragraphs=tuple(paragraphs),
        table=Table(columns=columns, rows=tuple(rows[:MOST_LINES])),
    )


def _day(value: date | None) -> Value | None:
    return None if value is None else day(value)
