"""The sheet on which the workshop reports how far running orders are, and the lines that enter it."""

from __future__ import annotations

from collections.abc import Iterator

from babel.dates import format_datetime

from regisseur.agents.planning.sheets.printing import about, pdf
from regisseur.agents.planning.timetable import Planned, Slot, Timetable
from regisseur.agents.planning.words import say, to_report
from regisseur.graphs.told import Asked
from regisseur.tools.records import Message
from regisseur.tools.texts import word


def progress_sheet(table: Timetable, locale: str) -> bytes:
    """Running orders with each step that is left: first those that have to be reported before their
    plan is published, then the others.
    """
    running = _running(table)
    groups = (
        (
            say("To report: nothing was heard of them for too long"),
            [x for x in running if x.unreported],
        ),
        (say("Running, and reported in time"), [x for x in running if not x.unreported]),
    )
    pages = [
        page for title, orders in groups if orders for page in _page(table, title, orders, locale)
    ]
    if not pages:
        pages = [{"told": word(say("No order is running."), locale), "orders": []}]
    return pdf(table, locale, kind="progress", title=say("Progress of the orders"), pages=pages)


def asked(table: Timetable) -> Iterator[Asked]:
    """The same, as questions about the next step of each: first those that are waited for."""
    names = {one.id: one.name for one in table.centres}
    for order in sorted(_running(table), key=lambda one: not one.unreported):
        slot = min((x for x in table.slots if x.order_id == order.id), key=lambda x: x.sequence)
        yield Asked(
            form="progress",
            title=say("{order}, step {step}: {operation}", order=order.label,
                      step=str(slot.sequence + 1), operation=slot.operation),
            details=(
                say("{quantity} of {item}", quantity=order.quantity, item=order.item),
                say("on {centre}", centre=names.get(slot.centre_id, slot.centre_id)),
            ),
            fields={"order": order.label, "step": str(slot.sequence + 1)},
            urgent=order.unreported,
        )  # fmt: skip


def _running(table: Timetable) -> list[Planned]:
    return [one for one in table.orders if one.state == "running" or one.unreported]


def _page(
    table: Timetable, title: Message, orders: list[Planned], locale: str
) -> Iterator[dict[str, object]]:
    names = {one.id: one.name for one in table.centres}
    steps: dict[str, list[Slot]] = {}
    for slot in sorted(table.slots, key=lambda one: one.sequence):
        steps.setdefault(slot.order_id, []).append(slot)
    yield {
        "told": word(title, locale),
        "orders": [
            about(table, order, locale)
            | {
                "steps": [
                    {
                        "number": str(slot.sequence + 1),
                        "operation": slot.operation,
                        "centre": names.get(slot.centre_id, slot.centre_id),
                        "planned": _planned(slot, locale),
                        "command": to_report(order.label, slot.sequence + 1, table.on),
                    }
                    for slot in steps.get(order.id, [])
                ]
            }
            for order in orders
        ],
    }


def _planned(slot: Slot, locale: str) -> str:
    begins = format_datetime(slot.start, "EEE d, HH:mm", locale=locale)
    same_day = slot.start.date() == slot.end.date()
    ends = format_datetime(slot.end, "HH:mm" if same_day else "EEE d, HH:mm", locale=locale)
    return f"{begins} → {ends}"
