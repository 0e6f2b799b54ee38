"""What is still to be done on each order, and why some orders can't be planned.

A wrong record is named, and the rest is planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from regisseur.agents.planning import times
from regisseur.agents.planning.forms import Progress
from regisseur.agents.planning.observation import Observation, Workshop
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.times import Estimate, StepTimes
from regisseur.agents.planning.words import item_title, say
from regisseur.graphs.told import Told
from regisseur.tools.records import (
    BillOfMaterials,
    Message,
    ProductionOrder,
    ProductionStep,
    RoutingStep,
    StepState,
    WorkCentre,
)

Why = Literal[
    "no_routing",
    "no_work_centre",
    "no_quantity",
    "no_time",
    "no_material",
    "contains_itself",
    "waits_in_a_circle",
    "waits_for_unplanned",
    "blocked",
    "no_calendar",
    "too_long",
]


@dataclass(frozen=True)
class Task:
    """A step that is not done."""

    order: ProductionOrder
    sequence: int
    operation_id: str
    operation: str
    step_id: str | None
    """``None`` while the ERP has not made the steps of the order."""
    centres: tuple[str, ...]
    """Ids of the work centres that can do it; the first is where the ERP has it, if anywhere."""
    erp_centre: str | None
    """Where the ERP has it."""
    started: bool
    estimate: Estimate
    """On the first of its work centres."""
    remaining: Mapping[str, float]
    """Minutes still to do, by work centre."""


@dataclass(frozen=True)
class Doubt:
    """Why an order is not planned."""

    order: ProductionOrder
    why: Why
    message: Message


class Unplannable(Exception):
    """Raised inside this module for the order at hand."""

    def __init__(self, why: Why, message: Message) -> None:
        super().__init__(why)
        self.why: Why = why
        self.message = message


class Workload:
    """Turns orders into tasks, with what the ERP knows and what people reported."""

    def __init__(self, seen: Observation, settings: PlanningSettings, timing: StepTimes) -> None:
        workshop = seen.workshop
        self._settings, self._timing = settings, timing
        self._routings = {routing.id: routing for routing in workshop.routings}
        self._bills = {bill.item_id: bill for bill in workshop.bills}
        self._own_makers = contains_itself(workshop.bills)
        self._centres = {one.id: one for one in workshop.centres if one.active}
        self._groups = _by_group(workshop)
        self._items = {item.id: item for item in workshop.items}
        self.reported = _reported(seen.told)

    def of(self, order: ProductionOrder) -> tuple[Task, ...] | Doubt:
        """What is left to do; an empty tuple where all steps are done."""
        try:
            return tuple(self._tasks(order))
        except Unplannable as error:
            return Doubt(order, error.why, error.message)

    def _tasks(self, order: ProductionOrder) -> Iterator[Task]:
        if order.quantity <= 0:
            raise Unplannable("no_quantity", say("its quantity is {n}", n=_plain(order.quantity)))
        if order.item_id in self._own_makers:
            raise Unplannable("contains_itself", say("its bill of materials contains itself"))
        for sequence, step in enumerate(self._steps(order)):
            task = self._task(order, sequence, step)
            if task is not None:
                yield task

    def _steps(self, order: ProductionOrder) -> Sequence[ProductionStep | RoutingStep]:
        """The ERP's own, or those that it will make. A mere wish of the ERP goes by the bill; of
        what people have written without a routing nobody knows how they want it made.
        """
        if order.steps:
            return order.steps
        bill = self._bills.get(order.item_id) if order.state == "request" else None
        routing_id = order.routing_id or (bill.routing_id if bill else None)
        routing = self._routings.get(routing_id or "")
        if routing is None or not routing.steps:
            raise Unplannable("no_routing", say("it has no routing, so nobody knows its steps"))
        return routing.steps

    def _task(
        self, order: ProductionOrder, sequence: int, step: ProductionStep | RoutingStep
    ) -> Task | None:
        own = step if isinstance(step, ProductionStep) else None
        report = self.reported.get((order.id, sequence))
        state: StepState = own.state if own else "to_do"
        if report is not None and state != "done":
            if report.state == "blocked":
                raise Unplannable(
                    "blocked", say("{operation} was reported as blocked", operation=step.operation)
                )
            state = "done" if report.state == "done" else "running"
        if state == "done":
            return None
        centres = self._where(step, own)
        estimates = {one: self._timing.of(self._timed(order, step, one)) for one in centres}
        estimate = estimates[centres[0]]
        if estimate is None or estimate.minutes <= 0:
            raise Unplannable("no_time", _untimed(step.operation))
        return Task(
            order=order,
            sequence=sequence,
            operation_id=step.operation_id,
            operation=step.operation,
            step_id=own.id if own else None,
            centres=centres,
            erp_centre=own.work_centre_id if own else None,
            started=state == "running",
            estimate=estimate,
            remaining={
                centre: _remaining(there or estimate, own, report)
                for centre, there in estimates.items()
            },
        )

    def _timed(
        self, order: ProductionOrder, step: ProductionStep | RoutingStep, centre_id: str
    ) -> times.Task:
        item = self._items.get(order.item_id)
        converts = item is not None and item.unit.factor and order.unit.id != item.unit.id
        factor = order.unit.factor / item.unit.factor if item and converts else Decimal(1)
        return times.Task(
            operation_id=step.operation_id,
            operation=step.operation,
            item_id=order.item_id,
            item=item_title(item) if item else order.item_label,
            quantity=float(order.quantity * factor),
            routing_id=order.routing_id,
            routing=order.routing_name,
            centre_id=centre_id,
        )

    def _where(
        self, step: ProductionStep | RoutingStep, own: ProductionStep | None
    ) -> tuple[str, ...]:
        """Where the ERP has it, then the others of the group."""
        group = self._groups.get(step.group or "", ())
        here = own.work_centre_id if own else None
        first = [here] if here in self._centres and here is not None else []
        others = [one for one in group if one not in first]
        if not self._settings.alternatives and first:
            others = []
        if not first and not others:
            raise Unplannable(
                "no_work_centre", say("{operation} has no work centre", operation=step.operation)
            )
        return (*first, *others)


def _untimed(operation: str) -> Message:
    return say(
        "nobody knows how long {operation} takes: no past cycle and no entry in the table of times",
        operation=operation,
    )


def _remaining(estimate: Estimate, step: ProductionStep | None, report: Progress | None) -> float:
    """What somebody reported, or the estimate less what was spent; never nothing."""
    if report is not None and report.remaining is not None:
        return max(float(report.remaining), 1.0)
    spent = float(step.spent) if step else 0.0
    return max(estimate.minutes - spent, 1.0)


def _reported(told: Sequence[Told]) -> dict[tuple[str, int], Progress]:
    """The newest report of each step, by order and position (from 0)."""
    found: dict[tuple[str, int], Progress] = {}
    for one in told:
        if one.form == "progress":
            report = Progress.model_validate(one.body)
            place = report.order, report.step - 1
            if place not in found or found[place].at <= report.at:
                found[place] = report
    return found


def _by_group(workshop: Workshop) -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, list[WorkCentre]] = {}
    for centre in workshop.centres:
        if centre.active and centre.group is not None:
            groups.setdefault(centre.group, []).append(centre)
    return {
        name: tuple(one.id for one in sorted(centres, key=lambda one: (one.name, one.id)))
        for name, centres in groups.items()
    }


def contains_itself(bills: Sequence[BillOfMaterials]) -> set[str]:
    """Items that are made from themselves, at any depth."""
    parts = {bill.item_id: {one.item_id for one in bill.components} for bill in bills}
    found = set()
    for item, components in parts.items():
        below, seen = list(components), set()
        while below:
            part = below.pop()
            if part not in seen:
                seen.add(part)
                below += parts.get(part, ())
        if item in seen:
            found.add(item)
    return found


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
