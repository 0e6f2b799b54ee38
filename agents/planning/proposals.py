"""What the plan asks to be done: dates and places in the ERP; what it asks of people is in ``notes``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from regisseur.agents.planning.causes import Cause
from regisseur.agents.planning.naming import centre_name
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.notes import MOST_TEXT, ROUGH, Noter
from regisseur.agents.planning.planned import Schedule, ended_on
from regisseur.agents.planning.published import leaves_its_days, withheld
from regisseur.agents.planning.remedies import Remedies
from regisseur.agents.planning.timetable import Planned, Slot
from regisseur.agents.planning.words import clock, day, days, say, shortened
from regisseur.agents.planning.works import Work
from regisseur.graphs.judgement import Proposal
from regisseur.tools.actions.move_operation import MoveOperation
from regisseur.tools.actions.reschedule_production.arguments import (
    MOST_PLACED,
    RescheduleProduction,
)
from regisseur.tools.actions.workshop import Place, PlacedStep
from regisseur.tools.records import Message, ProductionOrder, RecordRef
from regisseur.tools.texts import word

MOVABLE = frozenset(("draft", "waiting"))
"""States of orders that people have made and nobody has started: only these are rescheduled. One
whose material is put aside (``ready``) would lose it, except where its dates change as it stands."""
PLACED = frozenset(("waiting", "ready", "running"))
"""States of orders whose steps are in the ERP, to be moved."""
SURE = Decimal("0.90")
"""Confidence in the dates of orders whose times are learned; of others it is ``ROUGH``."""


class Proposer:
    """Words the proposals of one night."""

    def __init__(self, night: Night, found: Schedule, reasons: Sequence[Cause]) -> None:
        self.night, self.table = night, found.timetable
        self._works: dict[str, Work] = {work.order.id: work for work in found.built.works}
        self._causes = {cause.order.id: cause for cause in reasons}
        self._slots: dict[str, list[Slot]] = {}
        for slot in sorted(self.table.slots, key=lambda one: one.sequence):
            self._slots.setdefault(slot.order_id, []).append(slot)
        self.withheld = withheld(self.table)
        self._notes = Noter(night, found, reasons, self.withheld)

    def all(self, helps: Remedies) -> tuple[Proposal, ...]:
        """Dates first, then what would save late orders, then what sales has to know."""
        return (
            *self.rescheduled(),
            *self.moved(),
            *self._notes.all(helps),
        )

    def rescheduled(self) -> Iterator[Proposal]:
        """One proposal for each order that does not fit into the days that the ERP has for it."""
        for planned in self.table.orders:
            if self._to_reschedule(planned) and planned.id not in self.withheld:
                yield self._reschedule(planned, self._works[planned.id].order)

    def _to_reschedule(self, planned: Planned) -> bool:
        """Does it leave its days, and may these be changed? Not once somebody works on it."""
        work = self._works[planned.id]
        as_it_stands = work.order.state == "ready" and "ready" in self._changed_as_they_stand
        movable = (as_it_stands or work.order.state in MOVABLE) and not work.begun
        return movable and leaves_its_days(planned, work.order)

    @property
    def _changed_as_they_stand(self) -> tuple[str, ...]:
        return self.night.workshop.dates_change_in

    def _reschedule(self, planned: Planned, order: ProductionOrder) -> Proposal:
        start, end = planned.start.date(), ended_on(planned.end)
        why = self._why(planned)
        arguments = RescheduleProduction.model_validate(
            {
                "order_id": order.id,
                "order_label": planned.label,
                "item_label": planned.item,
                "quantity": order.quantity,
                "unit": order.unit.model_dump(),
                "state_before": order.state,
                "start_before": order.planned_start,
                "end_before": order.planned_end,
                "start_after": start,
                "end_after": end,
                "steps": self._places(order),
                "text": self._worded(say("Planned anew by Régisseur: {why}.", why=why)),
                "retraction": self._worded(say("Not moved after all.")),
            }
        )
        return Proposal(
            kind="reschedule_production",
            arguments=arguments.model_dump(mode="json"),
            reason=why,
            details=tuple(self._details(planned.id)),
            evidence=(order.ref(), *self._sales(planned)),
            otherwise=_still_said(order),
            decide_by=max(start, self.night.on),
            confidence=self._confidence(planned.id),
        )

    def _why(self, planned: Planned) -> Message:
        cause = self._causes.get(planned.id)
        if cause is not None:
            late = say("{days} late: {cause}", days=days(planned.late_days), cause=cause.message)
            return late
        if (
            planned.released is not None
            and planned.start.date() >= planned.released > self.night.on
        ):
            return say("its material is there on {day}", day=day(planned.released))
        if planned.late_days:
            return say("{days} late: the plan finds no earlier day", days=days(planned.late_days))
        if planned.due is None:
            return say("as its work centres have room")
        return say("so that it is in time for {day}", day=day(planned.due))

    def _details(self, order_id: str) -> Iterator[Message]:
        for slot in self._slots[order_id]:
            yield say(
                "{operation} on {centre}: {day}, {start}, until {until}, {end}",
                operation=slot.operation,
                centre=centre_name(self.night, slot.centre_id),
                day=day(slot.start.date()),
                start=clock(slot.start),
                until=day(slot.end.date()),
                end=clock(slot.end),
            )

    def _places(self, order: ProductionOrder) -> list[PlacedStep]:
        """Where an order has to be released anew, the ERP picks all places again: all are named."""
        anew = order.state not in self._changed_as_they_stand
        slots = [one for one in self._slots[order.id] if one.step_id is not None]
        chosen = [one for one in slots if anew or one.centre_id != one.erp_centre_id]
        return [self._placed(one) for one in chosen[:MOST_PLACED]]

    def _placed(self, slot: Slot) -> PlacedStep:
        before = slot.erp_centre_id
        return PlacedStep(
            sequence=slot.sequence,
            operation=slot.operation,
            before=Place(id=before, name=centre_name(self.night, before)) if before else None,
            after=Place(id=slot.centre_id, name=centre_name(self.night, slot.centre_id)),
        )

    def moved(self) -> Iterator[Proposal]:
        """Steps on another work centre, of orders whose days are not changed with them."""
        for planned in self.table.orders:
            order = self._works[planned.id].order
            movable = order.state in PLACED and not self._to_reschedule(planned)
            if not movable or planned.id in self.withheld:
                continue
            for slot in self._slots[planned.id]:
                if slot.step_id and not slot.started and slot.centre_id != slot.erp_centre_id:
                    yield self._move(planned, order, slot)

    def _move(self, planned: Planned, order: ProductionOrder, slot: Slot) -> Proposal:
        step = self._placed(slot)
        arguments = MoveOperation(
            order_id=order.id, order_label=planned.label, item_label=planned.item, step=step
        )
        return Proposal(
            kind="move_operation",
            arguments=arguments.model_dump(mode="json"),
            reason=say(
                "{centre} is free on {day} at {time}",
                centre=step.after.name,
                day=day(slot.start.date()),
                time=clock(slot.start),
            ),
            evidence=(order.ref(),),
            decide_by=max(slot.start.date(), self.night.on),
            confidence=self._confidence(planned.id),
        )

    def _sales(self, planned: Planned) -> list[RecordRef]:
        return [line.ref() for line in planned.customers]

    def _confidence(self, order_id: str) -> Decimal:
        learned = all(one.how_known == "history" for one in self._slots[order_id])
        return SURE if learned else ROUGH

    def _worded(self, message: Message) -> str:
        return shortened(word(message, self.night.brief.company.locale), MOST_TEXT)


def _still_said(order: ProductionOrder) -> Message | None:
    """The day that the ERP goes on telling everybody, where it has one."""
    end = order.planned_end
    return None if end is None else say("the ERP still says {day}", day=day(end))
