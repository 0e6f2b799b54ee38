"""What-if: the same workshop with one thing changed, planned anew and compared. Nothing is written.

Scenarios, by the names that people use: ``rush`` (an order that comes in between), ``down`` (a work
centre stands still), ``overtime``, ``late`` (a purchase that comes later).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from regisseur.agents.planning.engine.problem import weighted_tardiness
from regisseur.agents.planning.forms import Down, Expected, Priority
from regisseur.agents.planning.naming import order_label
from regisseur.agents.planning.night import GRANTED, Night
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.planned import Schedule, ended_on, planned
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.shifts import Hours, Opening
from regisseur.agents.planning.timetable import Planned
from regisseur.agents.planning.understanding import one_of
from regisseur.agents.planning.words import day, number, say
from regisseur.agents.planning.works import WHOLE
from regisseur.errors import InvalidInput
from regisseur.graphs.agent import Brief
from regisseur.graphs.exploring import Answer, Scenario
from regisseur.graphs.judgement import Column, Section, Table
from regisseur.graphs.past import Deed
from regisseur.graphs.told import Form, Told
from regisseur.tools.records import (
    Message,
    ProductionInput,
    ProductionOrder,
    Value,
)

RUSH = "what-if"
"""Id of an order that does not exist."""
MOST_BUDGET = 10.0
"""Seconds for each scenario: people wait for the answer."""


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rush(_Asked):
    """An order that comes in between."""

    item: str
    quantity: Decimal = Field(gt=0)
    due: date
    weight: int = Field(default=8, ge=0, le=100)


class Still(_Asked):
    """A work centre stands still."""

    centre: str
    begins: datetime
    ends: datetime


class Overtime(_Asked):
    """A work centre is open for longer."""

    centre: str
    day: date
    hours: Hours
    skill: str | None = None
    heads: int = Field(default=1, ge=1)


class Late(_Asked):
    """A purchase comes on another day."""

    order: str
    on: date


M = TypeVar("M", bound=BaseModel)
ASKED: dict[str, type[_Asked]] = {"rush": Rush, "down": Still, "overtime": Overtime, "late": Late}


def explore(
    seen: Observation, brief: Brief[PlanningSettings], scenarios: Sequence[Scenario]
) -> Answer:
    """Plan as it is, with each scenario alone, and with all of them."""
    skills = brief.settings.counted_skills
    changed = [(title(one), applied(seen, [one], skills)) for one in scenarios]
    if len(scenarios) > 1:
        changed.append((say("All of these"), applied(seen, scenarios, skills)))
    budget = min(brief.settings.budget, MOST_BUDGET)
    now = planned(Night(seen, brief), budget)
    # Beside the plan as it is, or another search would move orders that the scenario doesn't.
    known = {"timetable": now.timetable.model_dump(mode="json")}
    free = brief.settings.model_copy(update={"frozen_hours": 0})
    beside = brief.model_copy(update={"settings": free})
    nights = [
        (name, Night(one.model_copy(update={"before": known}), beside)) for name, one in changed
    ]
    others = [(name, night, planned(night, budget)) for name, night in nights]
    plans = [(name, found) for name, _, found in others]
    rows = [_row(say("As it is"), now), *(_row(name, found) for name, found in plans)]
    side_by_side = Section(
        title=say("Side by side"),
        paragraphs=tuple(_searched(brief.settings.budget, budget)),
        table=Table(columns=tuple(_columns()), rows=tuple(rows)),
    )
    differences = (_differences(name, night, now, found) for name, night, found in others)
    return Answer(headline=_headline(now, plans), sections=(side_by_side, *differences))


def _searched(nightly: float, budget: float) -> Iterator[Message]:
    """Why "as it is" may differ from the night's own plan."""
    if budget < nightly:
        yield say(
            "Each of these plans was searched for {budget} s, the night's own for {nightly} s: its "
            "days may differ a little from those of the plan as it is.",
            budget=number(budget),
            nightly=number(nightly),
        )


def parsed(scenario: Scenario) -> _Asked:
    """The typed question; raises InvalidInput naming what is wrong with it."""
    wanted = ASKED.get(scenario.name)
    if wanted is None:
        known = ", ".join(ASKED)
        raise InvalidInput(f"{scenario.name!r} is not known, only {known}", field="what_if")
    return _valid(wanted, scenario.values, scenario.name)


def _valid(model: type[M], values: Mapping[str, Any], name: str) -> M:
    """Raises InvalidInput naming the scenario and the field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join([name, *map(str, first["loc"])])
        raise InvalidInput(first["msg"].removeprefix("Value error, "), field=field) from error


def applied(
    seen: Observation, scenarios: Sequence[Scenario], skills: Collection[str] = ()
) -> Observation:
    """What would have been read if they were so; ``skills`` are those whose people are counted."""
    for place, one in enumerate(scenarios):
        asked = parsed(one)
        if isinstance(asked, Rush):
            seen = _rushed(seen, asked, place)
        elif isinstance(asked, Still):
            values = asked.model_dump() | {"centre": _centre(seen, asked.centre, "down.centre")}
            seen = _told(seen, "down", _valid(Down, values, "down"))
        elif isinstance(asked, Late):
            known = {x.id: x.number or x.key or x.id for x in seen.workshop.purchases}
            order = one_of(asked.order, known, "late.order")
            seen = _told(seen, "expected", Expected(order=order, on=asked.on))
        elif isinstance(asked, Overtime):
            seen = _granted(seen, asked, skills)
    return seen


def title(scenario: Scenario) -> Message:
    """What it is called in the answer."""
    asked = parsed(scenario)
    if isinstance(asked, Rush):
        return say("Rush order: {item} by {day}", item=asked.item, day=day(asked.due))
    if isinstance(asked, Still):
        return say("{centre} stands still", centre=asked.centre)
    if isinstance(asked, Late):
        return say("Purchase {order} comes on {day}", order=asked.order, day=day(asked.on))
    assert isinstance(asked, Overtime), "all that is parsed is one of the four"
    return say("Overtime on {centre}, {day}", centre=asked.centre, day=day(asked.day))


def _rushed(seen: Observation, asked: Rush, place: int) -> Observation:
    """``place`` tells several of one item apart."""
    shop = seen.workshop
    codes = {item.id: item.code for item in shop.items}
    item_id = one_of(asked.item, codes, "rush.item")
    item = next(one for one in shop.items if one.id == item_id)
    bill = next((one for one in shop.bills if one.item_id == item_id), None)
    if bill is None:
        raise InvalidInput(f"{item.code} has no bill of materials", field="rush.item")
    order = ProductionOrder(
        id=f"{RUSH}:{place}",
        number=f"{item.code} *",
        item_id=item_id,
        item_label=item.name,
        quantity=asked.quantity,
        unit=item.unit,
        warehouse_id=None,
        state="draft",
        planned_start=None,
        planned_end=asked.due,
        bill_id=bill.id,
        routing_id=bill.routing_id,
        inputs=tuple(
            ProductionInput(item_id=part.item_id, quantity=part.quantity * asked.quantity)
            for part in bill.components
        ),
    )
    orders = (*shop.orders, order)
    seen = seen.model_copy(update={"workshop": shop.model_copy(update={"orders": orders})})
    return _told(seen, "priority", Priority(order=order.id, weight=asked.weight))


def _granted(seen: Observation, asked: Overtime, skills: Collection[str]) -> Observation:
    centre = _centre(seen, asked.centre, "overtime.centre")
    _valid(Opening, {"centre": centre, "day": asked.day, "hours": (asked.hours,)}, "overtime")
    if asked.skill is not None and asked.skill not in skills:
        known = ", ".join(sorted(skills)) or "none"
        wrong = f"no shift counts people of {asked.skill!r}, only: {known}"
        raise InvalidInput(wrong, field="overtime.skill")
    starts, ends = asked.hours.split("-")
    deed = Deed(
        kind=GRANTED,
        key=RUSH,
        arguments={
            "work_centre_id": centre,
            "day": asked.day.isoformat(),
            "starts": starts,
            "ends": ends,
            "skill": asked.skill,
            "heads": asked.heads,
        },
        on=asked.day,
    )
    return seen.model_copy(update={"deeds": (*seen.deeds, deed)})


def _told(seen: Observation, form: str, filled: Form) -> Observation:
    entry = Told(
        id=RUSH,
        form=form,
        subject=filled.subject,
        body=filled.model_dump(mode="json"),
        by=RUSH,
        at=datetime.min,  # noqa: DTZ901 - the last of its kind counts, whatever the moment
    )
    return seen.model_copy(update={"told": (*seen.told, entry)})


def _centre(seen: Observation, text: str, field: str) -> str:
    known = {one.id: one.name for one in seen.workshop.centres if one.active}
    return one_of(text, known, field)


def _columns() -> Iterator[Column]:
    yield Column(title=say("Scenario"))
    yield Column(title=say("Orders late"), align="right")
    yield Column(title=say("Of customers"), align="right")
    yield Column(title=say("Days late, all together"), align="right")
    yield Column(title=say("Weighted lateness (h)"), align="right")
    yield Column(title=say("All done on"))
    yield Column(title=say("Not planned"), align="right")


def _row(name: Message, found: Schedule) -> tuple[Value | None, ...]:
    table = found.timetable
    late = table.late()
    hours = weighted_tardiness(found.built.problem, found.plan) * table.unit_minutes / 60 / WHOLE
    return (
        name,
        len(late),
        sum(bool(one.customers) for one in late),
        sum(one.late_days for one in late),
        number(hours),
        day(max(ended_on(one.end) for one in table.orders)) if table.orders else None,
        len(found.doubts),
    )


def _headline(now: Schedule, others: Sequence[tuple[Message, Schedule]]) -> Message:
    late = len(now.timetable.late())
    told = say.counted("{count} order late as it is", "{count} orders late as it is", late)
    for name, one in others[:3]:
        told = say(
            "{first}; {scenario}: {count}",
            first=told,
            scenario=name,
            count=len(one.timetable.late()),
        )
    return say("{first}.", first=told)


def _differences(name: Message, night: Night, now: Schedule, then: Schedule) -> Section:
    """Orders that would be ready on another day, and those that could no longer be planned."""
    columns = (
        Column(title=say("Order")),
        Column(title=say("Item")),
        Column(title=say("Quantity"), align="right"),
        Column(title=say("Due")),
        Column(title=say("As it is")),
        Column(title=say("Then")),
    )
    were = {one.id: one for one in now.timetable.orders}
    rows = [
        _difference(were.get(one.id), one)
        for one in then.timetable.orders
        if one.id not in were or ended_on(were[one.id].end) != ended_on(one.end)
    ]
    known = {one.order.id for one in now.doubts}
    doubts = [
        say(
            "{order} ({item}) is not planned: {why}",
            order=order_label(night, one.order),
            item=one.order.item_label,
            why=one.message,
        )
        for one in then.doubts
        if one.order.id not in known
    ]
    if not rows:
        doubts.append(say("No order would be ready on another day."))
    table = Table(columns=columns, rows=tuple(rows)) if rows else None
    return Section(title=name, paragraphs=tuple(doubts), table=table)


def _difference(was: Planned | None, then: Planned) -> tuple[Value | None, ...]:
    return (
        then.label,
        then.item,
        then.quantity,
        None if then.due is None else day(then.due),
        None if was is None else day(ended_on(was.end)),
        day(ended_on(then.end)),
    )
