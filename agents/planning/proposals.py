"""What the plan asks to be done: dates and places in the ERP, overtime, purchases, new dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from regisseur.agents.planning.causes import Cause
from regisseur.agents.planning.naming import centre_name, item_name
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.planned import Schedule, ended_on
from regisseur.agents.planning.published import leaves_its_days, withheld
from regisseur.agents.planning.remedies import Overtime, Remedies, Sooner
from regisseur.agents.planning.timetable import Planned, Slot
from regisseur.agents.planning.words import clock, day, days, decimal, hours, joined, say, shortened
from regisseur.agents.planning.works import Work
from regisseur.graphs.judgement import Proposal
from regisseur.tools.actions.expedite_purchase import ExpeditePurchase
from regisseur.tools.actions.move_operation import MoveOperation
from regisseur.tools.actions.propose_new_date import ExpectedLine, ProposeNewDate
from regisseur.tools.actions.propose_overtime import ProposeOvertime, SavedOrder
from regisseur.tools.actions.reschedule_production.arguments import (
    MOST_PLACED,
    RescheduleProduction,
)
from regisseur.tools.actions.workshop import Place, PlacedStep
from regisseur.tools.records import Message, Money, ProductionOrder, RecordRef, SaleLine
from regisseur.tools.texts import word

MOST_TEXT, MOST_CAUSE = 4000, 400
"""Characters that the notes may have."""
MOVABLE = frozenset(("draft", "waiting"))
"""States of orders that people have made and nobody has started: only these are rescheduled. One
whose material is put aside (``ready``) would lose it, except where its dates change as it stands."""
PLACED = frozenset(("waiting", "ready", "running"))
"""States of orders whose steps are in the ERP, to be moved."""
SURE, ROUGH = Decimal("0.90"), Decimal("0.70")
"""Confidence in the dates of orders whose times are learned, and of those from a table."""


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

    def all(self, helps: Remedies) -> tuple[Proposal, ...]:
        """Dates first, then what would save late orders, then what sales has to know."""
        return (
            *self.rescheduled(),
            *self.moved(),
            *(self._overtime(one, those) for one in helps.overtime if (those := self._told(one))),
            *(
                found
                for one in helps.sooner
                if (those := self._told(one)) and (found := self._expedited(one, those))
            ),
            *self.new_dates(),
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

    def _told(self, one: Overtime | Sooner) -> dict[str, int]:
        """Orders that it saves, without those whose plan is not published."""
        return {key: gained for key, gained in one.saves.items() if key not in self.withheld}

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

    def _overtime(self, one: Overtime, saves: Mapping[str, int]) -> Proposal:
        saved = sorted(saves.items(), key=lambda entry: (-entry[1], entry[0]))
        orders = [
            SavedOrder(order=self._works[key].order.ref(), days=gained) for key, gained in saved
        ]
        rate, currency = self.night.settings.hourly_rate, self.night.brief.company.currency
        centre, names = centre_name(self.night, one.centre_id), self._saved(saves)
        reason = say(
            "{hours} more on {centre} on {day}: {orders}",
            hours=hours(one.span.hours),
            centre=centre,
            day=day(one.span.begins.date()),
            orders=names,
        )
        arguments = ProposeOvertime(
            about=orders[0].order,
            text=self._worded(
                say(
                    "Overtime on {centre}, {day} from {start} to {end}: {orders}.",
                    centre=centre,
                    day=day(one.span.begins.date()),
                    start=clock(one.span.begins),
                    end=clock(one.span.ends),
                    orders=names,
                )
            ),
            work_centre_id=one.centre_id,
            work_centre_name=centre,
            day=one.span.begins.date(),
            starts=one.span.begins.time(),
            ends=one.span.ends.time(),
            heads=one.heads,
            skill=one.skill,
            daily_hours=decimal(one.daily_hours, 2),
            weekly_hours=decimal(one.weekly_hours, 2),
            hourly_cost=None if rate is None else Money(amount=rate, currency=currency),
            saves=tuple(orders),
        )
        return Proposal(
            kind="propose_overtime",
            arguments=arguments.model_dump(mode="json"),
            reason=reason,
            details=tuple(one.ruling.told()),
            evidence=tuple(entry.order for entry in orders),
            decide_by=one.span.begins.date(),
            confidence=ROUGH,
        )

    def _saved(self, saves: Mapping[str, int]) -> Message:
        parts = [
            say("{order} {days} earlier", order=self.table.order(key).label, days=days(gained))
            for key, gained in sorted(saves.items(), key=lambda one: (-one[1], one[0]))
        ]
        return say("{list}", list=joined(parts))

    def _expedited(self, one: Sooner, saves: Mapping[str, int]) -> Proposal | None:
        """``None`` where nothing of the purchase can be found any more."""
        wait = one.wait
        purchase = next(
            (x for x in self.night.workshop.purchases if wait.record and x.id == wait.record.id),
            None,
        )
        line = next((x for x in purchase.lines if x.id == wait.line_id), None) if purchase else None
        if (
            purchase is None
            or line is None
            or line.item_id is None
            or purchase.state != "confirmed"
        ):
            return None
        waiting = tuple(self._works[key].order.ref() for key in sorted(saves))
        item, names = item_name(self.night, wait.item_id), self._saved(saves)
        text = say(
            "{item} is needed on {needed}: {orders}. Please ask the supplier for an earlier day.",
            item=item,
            needed=day(one.needed),
            orders=names,
        )
        arguments = ExpeditePurchase(
            about=purchase.ref(),
            text=self._worded(text),
            supplier_id=purchase.supplier_id,
            supplier_name=self._supplier(purchase.supplier_id),
            line_id=line.id,
            item_id=line.item_id,
            item_label=item,
            quantity=line.outstanding,
            unit=line.unit,
            expected=line.expected,
            needed=one.needed,
            waiting=waiting,
        )
        return Proposal(
            kind="expedite_purchase",
            arguments=arguments.model_dump(mode="json"),
            reason=say(
                "{item} comes on {day}; on {needed} it would be in time: {orders}",
                item=item,
                day=day(wait.day),
                needed=day(one.needed),
                orders=names,
            ),
            evidence=(purchase.ref(), *waiting),
            decide_by=max(one.needed - timedelta(days=1), self.night.on),
            confidence=ROUGH,
        )

    def _supplier(self, supplier_id: str) -> str:
        names = {one.id: one.name for one in self.night.workshop.suppliers}
        return names.get(supplier_id, supplier_id)

    def new_dates(self) -> Iterator[Proposal]:
        """What sales has to know: a customer's line that is expected after its confirmed day."""
        last: dict[str, tuple[SaleLine, Planned]] = {}
        for planned in sorted(self.table.late(), key=lambda one: one.end):
            for line in planned.customers:
                expected = self._expected(planned)
                if line.confirmed is not None and expected > line.confirmed:
                    last[line.id] = line, planned
        lines: dict[str, list[tuple[SaleLine, Planned]]] = {}
        for line, planned in last.values():
            lines.setdefault(line.sale_id, []).append((line, planned))
        for entries in lines.values():
            if not any(planned.id in self.withheld for _, planned in entries):
                yield self._new_date(entries)

    def _expected(self, planned: Planned) -> date:
        return self.night.working_days(ended_on(planned.end), self.night.settings.days_to_ship)

    def _new_date(self, entries: Sequence[tuple[SaleLine, Planned]]) -> Proposal:
        first, latest = entries[0][0], max(self._expected(planned) for _, planned in entries)
        cause = self._causes.get(entries[0][1].id)
        why = cause.message if cause else say("as its work centres have room")
        expected = [
            ExpectedLine(
                line_id=line.id,
                item_label=item_name(self.night, line.item_id),
                outstanding=line.outstanding,
                unit=self._symbol(line.item_id),
                requested=line.requested,
                confirmed=line.confirmed,
                expected=self._expected(planned),
            )
            for line, planned in entries
        ]
        sentences = [
            say(
                "{item}: asked for on {requested}, confirmed for {confirmed}, expected on {day}",
                item=one.item_label,
                requested=_known(one.requested),
                confirmed=_known(one.confirmed),
                day=day(one.expected),
            )
            for one in expected
        ]
        text = say("{lines}. Cause: {cause}.", lines=joined(sentences), cause=why)
        arguments = ProposeNewDate(
            about=first.ref(),
            text=self._worded(text),
            customer_id=first.customer_id,
            customer_name=first.customer_name,
            cause=shortened(word(why, self.night.brief.company.locale), MOST_CAUSE),
            lines=tuple(expected),
        )
        return Proposal(
            kind="propose_new_date",
            arguments=arguments.model_dump(mode="json"),
            reason=say(
                "{customer} is confirmed for {confirmed} and expected on {day}: {cause}",
                customer=first.customer_name,
                confirmed=_known(min(x.confirmed for x in expected if x.confirmed)),
                day=day(latest),
                cause=why,
            ),
            details=tuple(sentences),
            evidence=(
                first.ref(),
                *(self._works[planned.id].order.ref() for _, planned in entries),
            ),
            decide_by=max(min(x.confirmed for x in expected if x.confirmed), self.night.on),
            confidence=ROUGH,
        )

    def _symbol(self, item_id: str) -> str:
        item = self.night.items.get(item_id)
        return item.unit.symbol if item else ""

    def _sales(self, planned: Planned) -> list[RecordRef]:
        return [line.ref() for line in planned.customers]

    def _confidence(self, order_id: str) -> Decimal:
        learned = all(one.how_known == "history" for one in self._slots[order_id])
        return SURE if learned else ROUGH

    def _worded(self, message: Message) -> str:
        return shortened(word(message, self.night.brief.company.locale), MOST_TEXT)


def _known(value: date | None) -> Message:
    return say("no day") if value is None else say("{day}", day=day(value))
