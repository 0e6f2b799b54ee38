"""What is worth telling: late orders with cause and way out, what could not be planned, what has to
be reported, and what moved since the last plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from regisseur.agents.planning.causes import Cause
from regisseur.agents.planning.naming import centre_name, order_label
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.planned import Schedule, ended_on
from regisseur.agents.planning.remedies import Overtime, Remedies, Sooner
from regisseur.agents.planning.tasks import Doubt, Why
from regisseur.agents.planning.timetable import Planned, Timetable
from regisseur.agents.planning.words import day, days, hours, joined, say, to_report
from regisseur.graphs.judgement import Finding
from regisseur.tools.records import Message, RecordRef

WHY: Mapping[Why, Message] = {
    "no_routing": say("order without routing"),
    "no_work_centre": say("step without work centre"),
    "no_quantity": say("order without quantity"),
    "no_time": say("duration not known"),
    "no_material": say("material without a day"),
    "contains_itself": say("bill of materials in a circle"),
    "waits_in_a_circle": say("orders waiting for each other"),
    "waits_for_unplanned": say("waits for an order not planned"),
    "blocked": say("reported as blocked"),
    "no_calendar": say("work centre without hours"),
    "too_long": say("too long for the calendar"),
}
"""Why an order is not planned, where only the number of such orders is told."""


def findings(
    night: Night, found: Schedule, reasons: Sequence[Cause], helps: Remedies
) -> tuple[Finding, ...]:
    """All of them, in the order in which they should be read."""
    return (
        *(_late(night, one, helps) for one in reasons),
        *_also_late(found.timetable, reasons),
        *_past(night, found.timetable),
        *_to_report(night, found.timetable),
        *_refused(night, helps),
    )


def held(night: Night, found: Schedule, withheld: set[str]) -> tuple[Finding, ...]:
    """What was not planned, or is not published, and why."""
    silent = [one for one in found.timetable.orders if one.id in withheld and not one.unreported]
    return (
        *(_doubted(night, one) for one in found.doubts),
        *(_withheld(one) for one in silent),
        *_all_done(night, found),
        *_unknown_names(night),
    )


def _late(night: Night, cause: Cause, helps: Remedies) -> Finding:
    order = cause.order
    ways = list(_ways_out(night, order.id, helps))
    message = say(
        "{order} ({item}) ends on {end}, {days} late: {cause}. {way_out}",
        order=order.label,
        item=order.item,
        end=day(ended_on(order.end)),
        days=days(order.late_days),
        cause=cause.message,
        way_out=joined(ways) if ways else say("Nothing that was tried saves it."),
    )
    evidence = (_ref(order), *(line.ref() for line in order.customers))
    return Finding(tag="late_order", message=message, evidence=evidence, subject=order.id)


def _also_late(table: Timetable, reasons: Sequence[Cause]) -> Iterator[Finding]:
    """Late orders beyond those for which a way out was looked for."""
    others = [one for one in table.late() if one.id not in {cause.order.id for cause in reasons}]
    if others:
        message = say(
            "Late too, and not looked into (most_remedies): {orders}",
            orders=joined(
                [say("{order} {days}", order=x.label, days=days(x.late_days)) for x in others]
            ),
        )
        yield Finding(tag="also_late", message=message, evidence=tuple(_ref(x) for x in others))


def _ways_out(night: Night, order_id: str, helps: Remedies) -> Iterator[Message]:
    for one in helps.overtime:
        if order_id in one.saves:
            yield _by_overtime(night, one, one.saves[order_id])
    for sooner in helps.sooner:
        if order_id in sooner.saves:
            yield _by_purchase(sooner, sooner.saves[order_id])


def _by_overtime(night: Night, one: Overtime, gained: int) -> Message:
    return say(
        "{hours} of overtime on {centre} on {day}: {days} earlier",
        hours=hours(one.span.hours),
        centre=centre_name(night, one.centre_id),
        day=day(one.span.begins.date()),
        days=days(gained),
    )


def _by_purchase(one: Sooner, gained: int) -> Message:
    return say(
        "purchase order {number} on {day} instead of {expected}: {days} earlier",
        number=one.wait.record.label if one.wait.record else "",
        day=day(one.needed),
        expected=day(one.wait.day),
        days=days(gained),
    )


def _past(night: Night, table: Timetable) -> Iterator[Finding]:
    """Days that nobody can keep any more: somebody has to write new ones."""
    for one in table.orders:
        if one.due is not None and one.due < night.on:
            message = say(
                "{order} was due on {day}, which is past; it is planned as soon as possible",
                order=one.label,
                day=day(one.due),
            )
            yield Finding(
                tag="due_in_the_past", message=message, evidence=(_ref(one),), subject=one.id
            )


def _to_report(night: Night, table: Timetable) -> Iterator[Finding]:
    for one in table.orders:
        if one.unreported:
            message = say(
                "{order} ({item}) runs and nothing was reported on it for too long: what is done? "
                "Write: {command}",
                order=one.label,
                item=one.item,
                command=to_report(one.label, _next_step(table, one.id), night.on),
            )
            yield Finding(tag="to_report", message=message, evidence=(_ref(one),), subject=one.id)


def _next_step(table: Timetable, order_id: str) -> int:
    return min(slot.sequence for slot in table.slots if slot.order_id == order_id) + 1


def _refused(night: Night, helps: Remedies) -> Iterator[Finding]:
    """Overtime that was looked at and may not be worked."""
    for ruling in helps.refused:
        told = ruling.told()
        if told:
            message = say(
                "Overtime on {day} was not proposed: {reason}",
                day=day(ruling.asked.begins.date()),
                reason=told[0],
            )
            yield Finding(tag="overtime_refused", message=message)


def _doubted(night: Night, doubt: Doubt) -> Finding:
    message = say(
        "{order} ({item}) is not planned: {why}",
        order=order_label(night, doubt.order),
        item=doubt.order.item_label,
        why=doubt.message,
    )
    return Finding(
        tag=doubt.why,
        message=message,
        evidence=(doubt.order.ref(),),
        subject=doubt.order.id,
        why=WHY[doubt.why],
        unjudged=doubt.why not in ("blocked", "waits_for_unplanned"),
    )


def _withheld(order: Planned) -> Finding:
    """Nobody is promised a day of it; who waits for it is told all the same."""
    message = say(
        "{order} is planned and not published: it follows an order whose progress is not known",
        order=order.label,
    )
    if order.customers:
        message = say(
            "{order} is planned and not published: it follows an order whose progress is not "
            "known; waiting for it: {customers}",
            order=order.label,
            customers=joined([*dict.fromkeys(line.customer_name for line in order.customers)]),
        )
    evidence = (_ref(order), *(line.ref() for line in order.customers))
    return Finding(
        tag="progress_unknown",
        message=message,
        evidence=evidence,
        subject=order.id,
        why=say("progress not known"),
    )


def _all_done(night: Night, found: Schedule) -> Iterator[Finding]:
    """Orders without a step left: whatever waits for them can't be taken until they are closed."""
    named = {one.id for one in found.timetable.orders} | {one.order.id for one in found.doubts}
    for order in night.orders:
        if order.id not in named:
            message = say(
                "{order} ({item}): all its steps are done; close it in the ERP",
                order=order_label(night, order),
                item=order.item_label,
            )
            yield Finding(
                tag="all_done",
                message=message,
                evidence=(order.ref(),),
                subject=order.id,
                why=say("all done, to be closed"),
            )


def _unknown_names(night: Night) -> Iterator[Finding]:
    for name in night.calendar.unknown(night.workshop.centres):
        message = say(
            "The settings name {name}, which is no work centre of the ERP: look at "
            "[agents.planning.calendars]",
            name=name,
        )
        yield Finding(
            tag="unknown_work_centre", message=message, why=say("work centre not in the ERP")
        )


def moves(night: Night, table: Timetable) -> list[tuple[Planned, Planned]]:
    """Orders whose day of readiness differs from the last plan's: as it was, as it is."""
    if night.before is None:
        return []
    were = {one.id: one for one in night.before.orders}
    pairs = ((were[one.id], one) for one in table.orders if one.id in were)
    return [(was, now) for was, now in pairs if ended_on(was.end) != ended_on(now.end)]


def _ref(order: Planned) -> RecordRef:
    return RecordRef(model="production", id=order.id, label=order.label, url=order.url)
