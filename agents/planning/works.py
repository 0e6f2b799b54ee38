"""Which orders are planned, and why others are not.

Whatever can't be planned is left out with its reason, and with it the orders that are built from
it; all others are planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from regisseur.agents.planning.naming import centre_name, item_name, order_label
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.supplies import Due, Material
from regisseur.agents.planning.tasks import Doubt, Task
from regisseur.agents.planning.words import quantity, say
from regisseur.tools.records import ProductionOrder

WHOLE = 2
"""Weight of an order against one that the ERP only wishes for."""


@dataclass(frozen=True)
class Work:
    """An order that is planned, with all that is known of it. Positions of its tasks are those of
    the operations of its job.
    """

    order: ProductionOrder
    tasks: tuple[Task, ...]
    due: Due
    material: Material
    """What it waits for: nothing once it has begun."""
    weight: int
    begun: bool
    """It runs, or somebody works or has worked on it, whatever state the ERP has it in."""


def sorted_out(night: Night) -> tuple[tuple[Work, ...], tuple[Doubt, ...]]:
    """Orders that can be planned, and the others; orders without anything left to do are neither."""
    dues, materials = night.handed_out
    works: dict[str, Work] = {}
    doubts: list[Doubt] = []
    closed = {one.id for one in night.calendar.without_hours(night.centres.values())}
    for order in night.orders:
        tasks = night.workload.of(order)
        if isinstance(tasks, Doubt):
            doubts.append(tasks)
            continue
        begun = order.state == "running" or _begun(tasks, order)
        material = Material() if begun else materials[order.id]
        outside = night.subcontracted.get(order.id, ())
        material = replace(material, waits=(*material.waits, *outside))
        left = tuple(_on_open_centres(task, closed) for task in _from_started(tasks))
        if shut := next((task for task in left if closed.issuperset(task.centres)), None):
            message = say("{centre} has no shift", centre=centre_name(night, shut.centres[0]))
            doubts.append(Doubt(order, "no_calendar", message))
        elif material.missing:
            doubts.append(_no_material(night, order, material))
        elif left:
            due = dues[order.id]
            weight = _weight(night, order, due)
            works[order.id] = Work(order, left, due, material, weight, begun)
    return _without_the_doubtful(night, works, doubts)


def _without_the_doubtful(
    night: Night, works: dict[str, Work], doubts: list[Doubt]
) -> tuple[tuple[Work, ...], tuple[Doubt, ...]]:
    """Leave out what waits for something that is not planned, or for itself."""
    unplanned = {doubt.order.id for doubt in doubts}
    left = True
    while left:
        left = False
        for order_id, work in list(works.items()):
            waits = [one for one in work.material.after if one in unplanned]
            if waits:
                doubts.append(_waits(night, work.order, waits[0]))
                unplanned.add(order_id)
                del works[order_id]
                left = True
    for order_id in _in_circles(works):
        message = say("it waits for an order that waits for it")
        doubts.append(Doubt(works.pop(order_id).order, "waits_in_a_circle", message))
    return tuple(works.values()), tuple(sorted(doubts, key=lambda one: one.order.id))


def without(
    night: Night, works: Sequence[Work], number: int, position: int
) -> tuple[tuple[Work, ...], list[Doubt]]:
    """Leave out a job for one of whose steps there is no time, and all that is built from it."""
    gone = {works[number].order.id}
    message = say.counted(
        "there is not enough time for {operation} in the week that is planned ahead",
        "there is not enough time for {operation} in the {count} weeks that are planned ahead",
        night.settings.calendars.weeks,
        operation=works[number].tasks[position].operation,
    )
    doubts = [Doubt(works[number].order, "too_long", message)]
    left = [work for work in works if work.order.id not in gone]
    while waiting := [one for one in left if gone & {*one.material.after}]:
        for one in waiting:
            gone.add(one.order.id)
            message = say("it waits for an order that can't be planned")
            doubts.append(Doubt(one.order, "waits_for_unplanned", message))
        left = [work for work in left if work.order.id not in gone]
    return tuple(left), doubts


def _begun(tasks: tuple[Task, ...], order: ProductionOrder) -> bool:
    """Does somebody work on it, or have steps been done?"""
    return len(tasks) < len(order.steps) or any(task.started for task in tasks)


def _on_open_centres(task: Task, closed: set[str]) -> Task:
    """A step without the work centres that have no hours, as long as another is left. One that has
    begun stays where it is.
    """
    centres = task.centres[:1] if task.started else task.centres
    left = tuple(one for one in centres if one not in closed)
    return replace(task, centres=left or centres)


def _from_started(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """From the last step on that runs: what comes before it must have been done, reported or not."""
    running = [position for position, task in enumerate(tasks) if task.started]
    return tasks[running[-1] :] if running else tasks


def _weight(night: Night, order: ProductionOrder, due: Due) -> int:
    """What a unit of lateness costs; twice the settings' figures, so that a wish is half an order."""
    settings = night.settings
    if order.id in night.priorities:
        return night.priorities[order.id] * WHOLE
    own = [settings.customers.get(line.customer_name) for line in due.lines]
    named = [weight for weight in own if weight is not None]
    if due.lines:
        return max(named, default=settings.customer_weight) * WHOLE
    return settings.stock_weight * (1 if order.state == "request" else WHOLE)


def _no_material(night: Night, order: ProductionOrder, material: Material) -> Doubt:
    item_id, lacking = material.missing[0]
    item = night.items.get(item_id)
    lacks = quantity(lacking, item.unit) if item else f"{lacking.normalize():f}"
    message = say(
        "{quantity} of {item} are missing, which nobody makes or offers",
        quantity=lacks,
        item=item_name(night, item_id),
    )
    return Doubt(order, "no_material", message)


def _waits(night: Night, order: ProductionOrder, other_id: str) -> Doubt:
    other = next(one for one in night.workshop.orders if one.id == other_id)
    message = say("it waits for {order}, which can't be planned", order=order_label(night, other))
    return Doubt(order, "waits_for_unplanned", message)


def _in_circles(works: Mapping[str, Work]) -> list[str]:
    """Orders that wait for each other, and what waits for those: all that never becomes ready."""
    ready: set[str] = set()
    grown = True
    while grown:
        grown = False
        for order_id, work in works.items():
            waits = [one for one in work.material.after if one in works]
            if order_id not in ready and all(one in ready for one in waits):
                ready.add(order_id)
                grown = True
    return [order_id for order_id in works if order_id not in ready]
