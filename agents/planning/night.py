"""What the parts of the judgement share: the workshop of one night, understood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property

from pydantic import ValidationError

from regisseur.agents.planning.calendar import WorkshopCalendar
from regisseur.agents.planning.forms import Down, Expected, Priority, Subcontracted
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.shifts import Closing, Opening
from regisseur.agents.planning.supplies import Due, Material, Supplies, Wait
from regisseur.agents.planning.tasks import Workload
from regisseur.agents.planning.times import StepTimes
from regisseur.agents.planning.timetable import Timetable
from regisseur.graphs.agent import Brief
from regisseur.tools.records import Item, ProductionOrder, WorkCentre

GRANTED = "propose_overtime"
"""The kind whose done actions are granted overtime."""
LONG_AGO = timedelta(days=28)
"""How long shifts without a report are counted back, and from when on if there was never one."""


class Night:
    """Observation and brief, with what follows from them at once."""

    def __init__(self, seen: Observation, brief: Brief[PlanningSettings]) -> None:
        self.seen, self.brief = seen, brief
        self.workshop, self.settings = seen.workshop, brief.settings
        self.on: date = brief.on
        self.calendar = WorkshopCalendar(
            brief.settings.calendars,
            brief.on,
            openings=tuple(self._granted()),
            closings=tuple(self._downs()),
        )
        self.units = self.calendar.units

    @cached_property
    def centres(self) -> dict[str, WorkCentre]:
        """Work centres that are in use, by id."""
        return {one.id: one for one in self.workshop.centres if one.active}

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items by id."""
        return {item.id: item for item in self.workshop.items}

    def codes(self, item_id: str) -> list[str]:
        """Code of an item, then those of what it is made from."""
        bill = next((one for one in self.workshop.bills if one.item_id == item_id), None)
        parts = [one.item_id for one in bill.components] if bill else []
        return [self.items[one].code for one in (item_id, *parts) if one in self.items]

    @cached_property
    def orders(self) -> tuple[ProductionOrder, ...]:
        """What there is to plan, by id: without requests where the company wants none planned."""
        kept = (
            one
            for one in self.workshop.orders
            if one.state != "request" or self.settings.plan_requests
        )
        return tuple(sorted(kept, key=lambda one: one.id))

    @cached_property
    def workload(self) -> Workload:
        """What is left to do on each order."""
        return Workload(self.seen, self.settings, self.times)

    @cached_property
    def times(self) -> StepTimes:
        """How long steps take."""
        unfinished = (
            (order.id, step.operation_id)
            for order in self.workshop.orders
            for step in order.steps
            if step.state != "done"
        )
        return StepTimes(self.workshop.cycles, self.settings.times, self.on, unfinished=unfinished)

    @cached_property
    def handed_out(self) -> tuple[dict[str, Due], dict[str, Material]]:
        """For whom each order is made and by when, and what it waits for."""
        supplies = self._supplies
        dues = supplies.dues()
        return dues, supplies.materials(dues)

    @cached_property
    def _supplies(self) -> Supplies:
        told = (Expected.model_validate(x.body) for x in self.seen.told if x.form == "expected")
        postponed = {one.order: one.on for one in told}
        return Supplies(self.on, self.workshop, self.settings, self.orders, postponed)

    @cached_property
    def subcontracted(self) -> dict[str, tuple[Wait, ...]]:
        """By order: which of its steps come back from a subcontractor with which purchase."""
        told = (x.body for x in self.seen.told if x.form == "subcontracted")
        ties = {(x.order, x.step): x for x in map(Subcontracted.model_validate, told)}
        found: dict[str, tuple[Wait, ...]] = {}
        for (order, step), one in ties.items():
            wait = self._supplies.sent_back(one.purchase, step - 1)
            if wait is not None:
                found[order] = (*found.get(order, ()), wait)
        return found

    @cached_property
    def priorities(self) -> dict[str, int]:
        """What people said that single orders matter, the newest word of each."""
        told = (Priority.model_validate(x.body) for x in self.seen.told if x.form == "priority")
        return {one.order: one.weight for one in told}

    @cached_property
    def before(self) -> Timetable | None:
        """The plan that people know; ``None`` on the first night, or where it can't be read."""
        try:
            return Timetable.model_validate(self.seen.before["timetable"])
        except (KeyError, ValidationError):
            return None

    @cached_property
    def unreported(self) -> set[str]:
        """Running orders of which nothing was reported for more shifts than the company allows."""
        return {
            order.id
            for order in self.orders
            if order.state == "running" and self._silent(order) >= self.settings.stale_shifts
        }

    def _silent(self, order: ProductionOrder) -> int:
        """Whole shifts that went by without a report, on the work centre of its next step."""
        centre = self._where(order)
        if centre is None or self.calendar.lead_days(centre) is not None:
            return 0  # nobody reports from a subcontractor's
        reports = [
            one.at for (order_id, _), one in self.workload.reported.items() if order_id == order.id
        ]
        last = max(filter(None, (order.reported_at, order.started_on)), default=None)
        if last is not None:
            reports.append(datetime.combine(last, datetime.max.time()))
        since = max([*reports, self.units.start - LONG_AGO])
        turns = self.calendar.turns(centre, since.date(), self.on - timedelta(days=1))
        return sum(since <= turn.begins for turn in turns)

    def _where(self, order: ProductionOrder) -> WorkCentre | None:
        open_steps = (step for step in order.steps if step.state != "done")
        centres = (self.centres.get(step.work_centre_id or "") for step in open_steps)
        return next((one for one in centres if one is not None), None)

    def working_days(self, first: date, count: int) -> date:
        """So many working days after a day, or before it if negative."""
        step = timedelta(days=1 if count > 0 else -1)
        found = first
        for _ in range(abs(count)):
            found += step
            while found.weekday() > 4 or self.calendar.closed(found):
                found += step
        return found

    def _granted(self) -> Iterator[Opening]:
        for deed in self.seen.deeds:
            if deed.kind == GRANTED:
                told = deed.arguments
                hours = f"{told['starts'][:5]}-{told['ends'][:5]}"
                counted = told.get("skill") in self.settings.counted_skills
                people = {told["skill"]: told["heads"]} if counted else {}
                yield Opening(
                    centre=told["work_centre_id"], day=told["day"], hours=(hours,), people=people
                )

    def _downs(self) -> Iterator[Closing]:
        for one in self.seen.told:
            if one.form == "down":
                told = Down.model_validate(one.body)
                yield Closing(centre=told.centre, begins=told.begins, ends=told.ends)
