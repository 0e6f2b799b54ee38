"""The agent's page in the report: what is late and why, the plan, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from regisseur.agents.planning.causes import Cause
from regisseur.agents.planning.engine.problem import weighted_tardiness
from regisseur.agents.planning.findings import moves
from regisseur.agents.planning.naming import centre_name
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.pages import pages
from regisseur.agents.planning.planned import Schedule, ended_on
from regisseur.agents.planning.tasks import Task
from regisseur.agents.planning.timetable import Load, Planned, Timetable
from regisseur.agents.planning.words import day, decimal, number, say
from regisseur.agents.planning.works import WHOLE
from regisseur.graphs.judgement import Column, Figure, Proposal, Section, Table
from regisseur.tools.records import Message, Percent, Value

ORDER_MINUTES = 4
"""To look for room for one order by hand, and to enter its days."""
NOTE_MINUTES = 5
"""To word and enter one note: to sales, to the buyer, about overtime."""
MOST_MOVES = 20
"""Orders told that moved since the last plan."""


def headline(night: Night, found: Schedule) -> Message:
    """How many orders are planned and late, where it is tight, and what was left out."""
    table = found.timetable
    late = table.late()
    customers = [one for one in late if one.customers]
    first = (
        say.counted(
            "{count} order of {orders} late, {customers} of them for customers",
            "{count} orders of {orders} late, {customers} of them for customers",
            len(late),
            orders=len(table.orders),
            customers=len(customers),
        )
        if late
        else say.counted(
            "{count} order planned, none late",
            "{count} orders planned, none late",
            len(table.orders),
        )
    )
    tight = _tightest(night, table)
    if tight is not None:
        first = say(
            "{first}; {centre} at {load} this week",
            first=first,
            centre=centre_name(night, tight.centre_id),
            load=Percent(value=decimal(tight.share, 4)),
        )
    if found.doubts:
        left_out = say.counted(
            "{count} can't be planned", "{count} can't be planned", len(found.doubts)
        )
        return say("{first}; {rest}.", first=first, rest=left_out)
    return say("{first}.", first=first)


def _tightest(night: Night, table: Timetable) -> Load | None:
    """The work centre with the least room this week."""
    this_week = (one for one in table.loads if one.week <= night.on and one.open_minutes)
    return max(this_week, key=lambda one: one.share, default=None)


def figures(night: Night, table: Timetable) -> Iterator[Figure]:
    """Orders that end late, and the work centre that has the least room this week."""
    late = say.counted(
        "{count} of {orders}", "{count} of {orders}", len(table.late()), orders=len(table.orders)
    )
    yield Figure(tag="late_orders", name=say("Late orders"), value=late)
    tight = _tightest(night, table)
    if tight is not None:
        yield Figure(
            tag=f"load/{tight.centre_id}",
            name=say("{centre} this week", centre=centre_name(night, tight.centre_id)),
            value=Percent(value=decimal(tight.share, 2)),
        )


def freshness(table: Timetable) -> Iterator[Message]:
    """Orders that run and of which nobody reports anything."""
    silent = sum(one.unreported for one in table.orders)
    if silent:
        yield say.counted(
            "{count} running order not reported on",
            "{count} running orders not reported on",
            silent,
        )


def sections(night: Night, found: Schedule, reasons: Sequence[Cause]) -> tuple[Section, ...]:
    """From what needs a decision to what it rests on."""
    parts = (
        _late(found.timetable, reasons),
        *pages(found.timetable),
        _moved(night, found.timetable),
        Section(title=say("How it was planned"), paragraphs=tuple(_basis(night, found))),
    )
    return tuple(part for part in parts if part is not None)


def _late(table: Timetable, reasons: Sequence[Cause]) -> Section | None:
    late, causes = table.late(), {one.order.id: one for one in reasons}
    if not late:
        return None
    columns = (
        Column(title=say("Order")),
        Column(title=say("Item")),
        Column(title=say("Due")),
        Column(title=say("Expected")),
        Column(title=say("Late (days)"), align="right"),
        Column(title=say("Cause")),
    )
    rows = tuple(_late_row(one, causes.get(one.id)) for one in late)
    return Section(title=say("Late, and why"), table=Table(columns=columns, rows=rows))


def _late_row(order: Planned, cause: Cause | None) -> tuple[Value | None, ...]:
    due = None if order.due is None else day(order.due)
    why = say("not looked into") if cause is None else cause.message
    return (order.label, order.item, due, day(ended_on(order.end)), order.late_days, why)


def _moved(night: Night, table: Timetable) -> Section | None:
    """What changed since the plan that people know."""
    pairs = sorted(moves(night, table), key=lambda pair: (-_shift(*pair), pair[1].id))
    if night.before is None:
        return None
    if not pairs:
        stays = say(
            "No order ends on another day than in the plan of {day}.", day=day(night.before.on)
        )
        return Section(title=say("Since the last plan"), paragraphs=(stays,))
    columns = (
        Column(title=say("Order")),
        Column(title=say("Item")),
        Column(title=say("Was")),
        Column(title=say("Is")),
        Column(title=say("Why")),
    )
    rows = tuple(
        (now.label, now.item, day(ended_on(was.end)), day(ended_on(now.end)), _why_moved(was, now))
        for was, now in pairs[:MOST_MOVES]
    )
    told = say.counted(
        "{count} order ends on another day than in the plan of {day}.",
        "{count} orders end on another day than in the plan of {day}.",
        len(pairs),
        day=day(night.before.on),
    )
    return Section(
        title=say("Since the last plan"),
        paragraphs=(told,),
        table=Table(columns=columns, rows=rows),
    )


def _shift(was: Planned, now: Planned) -> int:
    return abs((ended_on(now.end) - ended_on(was.end)).days)


def _why_moved(was: Planned, now: Planned) -> Message:
    """The first thing that is no longer as it was when the last plan was made."""
    if was.due != now.due:
        return say("another day is due")
    if was.released != now.released:
        return say("its material comes on another day")
    if was.quantity != now.quantity:
        return say("another quantity")
    if was.state != now.state:
        return say("it has gone on")
    if was.weight != now.weight:
        return say("another priority")
    return say("others around it have changed")


def _basis(night: Night, found: Schedule) -> Iterator[Message]:
    assumed = night.calendar.assumption()
    if assumed is not None:
        yield assumed
    tasks = [task for work in found.built.works for task in work.tasks]
    yield from _times(tasks)
    lateness = weighted_tardiness(found.built.problem, found.plan)
    yield say(
        "Weighted lateness: {lateness} (in hours; an order of a customer weighs {customer}, one of "
        "our own stock {stock}).",
        lateness=number(_hours(night, lateness)),
        customer=night.settings.customer_weight,
        stock=night.settings.stock_weight,
    )
    first, last = found.outcome.stages[0], found.outcome.stages[-1]
    if last.cost < first.cost:
        yield say(
            "With steps that move counted in, the plan is {share} better than due-date order.",
            share=Percent(value=decimal(1 - last.cost / first.cost, 2)),
        )
    yield say(
        "A separate check found every promise of the plan kept: work centres, shifts, order of steps, "
        "material, people."
    )
    if found.timetable.solver:
        yield say("Found with {solver}.", solver=found.timetable.solver)


def _times(tasks: Sequence[Task]) -> Iterator[Message]:
    """What the duration of each operation rests on."""
    ordered = sorted(tasks, key=lambda task: task.operation)
    for operation, group in groupby(ordered, key=lambda task: task.operation):
        widest = max(group, key=lambda task: task.estimate.spread)
        yield say(
            "{operation}: times {basis} at the least sure.",
            operation=operation,
            basis=widest.estimate.told(),
        )


def _hours(night: Night, cost: int) -> float:
    return cost * night.units.minutes / 60 / WHOLE


def minutes_saved(table: Timetable, proposals: Sequence[Proposal]) -> int:
    """By the rates above."""
    notes = sum(one.kind not in ("reschedule_production", "move_operation") for one in proposals)
    return ORDER_MINUTES * len(table.orders) + NOTE_MINUTES * notes
