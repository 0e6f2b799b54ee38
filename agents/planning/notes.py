"""What the plan asks of people, as notes: overtime, a purchase that comes earlier, a new date for
sales. Each is worded in the company's language, so that people approve the very text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from regisseur.agents.planning.causes import Cause
from regisseur.agents.planning.naming import centre_name, item_name
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.planned import Schedule, ended_on
from regisseur.agents.planning.remedies import Overtime, Remedies, Sooner
from regisseur.agents.planning.timetable import Planned
from regisseur.agents.planning.words import (
    clock,
    day,
    days,
    decimal,
    hours,
    joined,
    known,
    say,
    shortened,
)
from regisseur.graphs.judgement import Proposal
from regisseur.tools.actions.expedite_purchase import ExpeditePurchase
from regisseur.tools.actions.propose_new_date import ExpectedLine, ProposeNewDate
from regisseur.tools.actions.propose_overtime import ProposeOvertime, SavedOrder
from regisseur.tools.records import (
    Message,
    Money,
    PurchaseOrder,
    PurchaseOrderLine,
    RecordRef,
    SaleLine,
)
from regisseur.tools.texts import word

MOST_TEXT, MOST_CAUSE = 4000, 400
"""Characters that the notes may have."""
ROUGH = Decimal("0.70")
"""Confidence in what rests on the whole plan."""
Entry = tuple[SaleLine, Planned]
"""A customer's line, and the order that ends last of those that it waits for."""


class Noter:
    """Words the notes of one night; none about orders whose plan is not published."""

    def __init__(
        self, night: Night, found: Schedule, reasons: Sequence[Cause], withheld: set[str]
    ) -> None:
        self.night, self.table, self.withheld = night, found.timetable, withheld
        self._orders = {work.order.id: work.order for work in found.built.works}
        self._causes = {cause.order.id: cause for cause in reasons}

    def all(self, helps: Remedies) -> Iterator[Proposal]:
        """What would save late orders, then what sales has to know."""
        for one in helps.overtime:
            if saves := self._told(one):
                yield self._overtime(one, saves)
        for sooner in helps.sooner:
            if saves := self._told(sooner):
                yield from self._expedited(sooner, saves)
        yield from self._new_dates()

    def _told(self, one: Overtime | Sooner) -> dict[str, int]:
        """Orders that it saves, most days first."""
        shown = {key: gained for key, gained in one.saves.items() if key not in self.withheld}
        return dict(sorted(shown.items(), key=lambda entry: (-entry[1], entry[0])))

    def _overtime(self, one: Overtime, saves: Mapping[str, int]) -> Proposal:
        centre, orders = centre_name(self.night, one.centre_id), self._saved(saves)
        on = one.span.begins.date()
        text = say(
            "Overtime on {centre}, {day} from {start} to {end}: {orders}.",
            centre=centre,
            day=day(on),
            start=clock(one.span.begins),
            end=clock(one.span.ends),
            orders=orders,
        )
        arguments = self._hours(one, saves, centre, text)
        return Proposal(
            kind="propose_overtime",
            arguments=arguments.model_dump(mode="json"),
            reason=say(
                "{hours} more on {centre} on {day}: {orders}",
                hours=hours(one.span.hours),
                centre=centre,
                day=day(on),
                orders=orders,
            ),
            details=tuple(one.ruling.told()),
            evidence=tuple(entry.order for entry in arguments.saves),
            otherwise=self._later(saves),
            decide_by=on,
            confidence=ROUGH,
        )

    def _hours(
        self, one: Overtime, saves: Mapping[str, int], centre: str, text: Message
    ) -> ProposeOvertime:
        rate, currency = self.night.settings.hourly_rate, self.night.brief.company.currency
        orders = [
            SavedOrder(order=self._orders[key].ref(), days=gained) for key, gained in saves.items()
        ]
        return ProposeOvertime(
            about=orders[0].order,
            text=self._worded(text),
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

    def _saved(self, saves: Mapping[str, int]) -> Message:
        parts = [
            say("{order} {days} earlier", order=self.table.order(key).label, days=days(gained))
            for key, gained in saves.items()
        ]
        return say("{list}", list=joined(parts))

    def _later(self, saves: Mapping[str, int]) -> Message:
        """What happens without it to the order that it saves most days."""
        key, gained = next(iter(saves.items()))
        return say("{order} {days} later", order=self.table.order(key).label, days=days(gained))

    def _expedited(self, one: Sooner, saves: Mapping[str, int]) -> Iterator[Proposal]:
        """Nothing where the purchase binds nobody yet: a draft has to be placed, not hurried."""
        found = self._line(one)
        if found is None:
            return
        purchase, line = found
        waiting = tuple(self._orders[key].ref() for key in sorted(saves))
        item, orders = item_name(self.night, one.wait.item_id), self._saved(saves)
        text = say(
            "{item} is needed on {needed}: {orders}. Please ask the supplier for an earlier day.",
            item=item,
            needed=day(one.needed),
            orders=orders,
        )
        suppliers = {one.id: one.name for one in self.night.workshop.suppliers}
        arguments = ExpeditePurchase(
            about=purchase.ref(),
            text=self._worded(text),
            supplier_id=purchase.supplier_id,
            supplier_name=suppliers.get(purchase.supplier_id, purchase.supplier_id),
            line_id=line.id,
            item_id=one.wait.item_id,
            item_label=item,
            quantity=line.outstanding,
            unit=line.unit,
            expected=line.expected,
            needed=one.needed,
            waiting=waiting,
        )
        yield Proposal(
            kind="expedite_purchase",
            arguments=arguments.model_dump(mode="json"),
            reason=say(
                "{item} comes on {day}; on {needed} it would be in time: {orders}",
                item=item,
                day=day(one.wait.day),
                needed=day(one.needed),
                orders=orders,
            ),
            evidence=(purchase.ref(), *waiting),
            otherwise=self._later(saves),
            decide_by=max(one.needed - timedelta(days=1), self.night.on),
            confidence=ROUGH,
        )

    def _line(self, one: Sooner) -> tuple[PurchaseOrder, PurchaseOrderLine] | None:
        """The confirmed order and its line that the material comes with."""
        for purchase in self.night.workshop.purchases:
            for line in purchase.lines:
                record = one.wait.record
                if record and (purchase.id, line.id) == (record.id, one.wait.line_id):
                    return (purchase, line) if purchase.state == "confirmed" else None
        return None

    def _new_dates(self) -> Iterator[Proposal]:
        """A note for each sale with a line that is expected after its confirmed day."""
        last: dict[str, Entry] = {}
        for planned in sorted(self.table.late(), key=lambda one: one.end):
            for line in planned.customers:
                if line.confirmed is not None and self._expected(planned) > line.confirmed:
                    last[line.id] = line, planned
        sales: dict[str, list[Entry]] = {}
        for line, planned in last.values():
            sales.setdefault(line.sale_id, []).append((line, planned))
        for entries in sales.values():
            if not any(planned.id in self.withheld for _, planned in entries):
                yield self._new_date(entries)

    def _expected(self, planned: Planned) -> date:
        return self.night.working_days(ended_on(planned.end), self.night.settings.days_to_ship)

    def _new_date(self, entries: Sequence[Entry]) -> Proposal:
        sale, lines = entries[0][0], [self._three_dates(*entry) for entry in entries]
        cause = self._causes.get(entries[0][1].id)
        why = cause.message if cause else say("as its work centres have room")
        sentences = [_dated(one) for one in lines]
        confirmed = min(one.confirmed for one in lines if one.confirmed)
        arguments = ProposeNewDate(
            about=sale.ref(),
            text=self._worded(say("{lines}. Cause: {cause}.", lines=joined(sentences), cause=why)),
            customer_id=sale.customer_id,
            customer_name=sale.customer_name,
            cause=self._worded(why, MOST_CAUSE),
            lines=tuple(lines),
        )
        orders = (self._orders[planned.id].ref() for _, planned in entries)
        customer = RecordRef(model="customer", id=sale.customer_id, label=sale.customer_name)
        return Proposal(
            kind="propose_new_date",
            arguments=arguments.model_dump(mode="json"),
            reason=say(
                "{customer} is confirmed for {confirmed} and expected on {day}: {cause}",
                customer=sale.customer_name,
                confirmed=known(confirmed),
                day=day(arguments.expected),
                cause=why,
            ),
            details=tuple(sentences),
            evidence=(sale.ref(), customer, *orders),
            otherwise=say("the customer counts on {day}", day=day(confirmed)),
            decide_by=max(confirmed, self.night.on),
            confidence=ROUGH,
        )

    def _three_dates(self, line: SaleLine, planned: Planned) -> ExpectedLine:
        item = self.night.items.get(line.item_id)
        return ExpectedLine(
            line_id=line.id,
            item_label=item_name(self.night, line.item_id),
            outstanding=line.outstanding,
            unit=item.unit.symbol if item else "",
            requested=line.requested,
            confirmed=line.confirmed,
            expected=self._expected(planned),
        )

    def _worded(self, message: Message, most: int = MOST_TEXT) -> str:
        return shortened(word(message, self.night.brief.company.locale), most)


def _dated(one: ExpectedLine) -> Message:
    return say(
        "{item}: asked for on {requested}, confirmed for {confirmed}, expected on {day}",
        item=one.item_label,
        requested=known(one.requested),
        confirmed=known(one.confirmed),
        day=day(one.expected),
    )
