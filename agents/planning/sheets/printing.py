"""From rows of words to a PDF.

All texts go to typst as JSON and are printed as they are; nothing is ever put into its markup. Only
the fonts that come with typst are used, so that a sheet looks the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from importlib.resources import files
from typing import Any

from babel import Locale

from regisseur.agents.planning.timetable import Planned, Timetable
from regisseur.agents.planning.words import day, days, joined, say
from regisseur.errors import InvalidInput
from regisseur.tools.lines import one_line
from regisseur.tools.records import Message
from regisseur.tools.texts import shown, word

MOST_NAMED = 2
"""Customers, or orders, that wait for one order."""

LABELS = {
    "done": say("Done"),
    "in_progress": say("In progress"),
    "blocked": say("Blocked"),
    "minutes": say("Minutes worked"),
    "remaining": say("Minutes left"),
    "when": say("When"),
    "what": say("What"),
    "setup": say("Set-up"),
    "step": say("Step"),
    "centre": say("Work centre"),
    "planned": say("Planned"),
    "entering": say(
        "In the office, each step is entered with the line below it. state: done, in_progress or "
        "blocked; at: when this was so; remaining: minutes of work left, where somebody knows."
    ),
    "nothing": say("Nothing is planned for these days."),
    "remarks": say("What came in between: breakdowns, missing material, rework"),
}


def pdf(
    table: Timetable, locale: str, *, kind: str, title: Message, pages: Sequence[Mapping[str, Any]]
) -> bytes:
    """The pages as PDF/A. Raises InvalidInput where they can't be laid out."""
    import typst

    data = {
        "kind": kind,
        "language": Locale.parse(locale).language,
        "title": word(title, locale),
        "foot": word(say("Régisseur, plan of {day}", day=day(table.on)), locale),
        "labels": {name: word(label, locale) for name, label in LABELS.items()},
        "pages": [harmless(page) for page in pages],
    }
    template = files("regisseur.agents.planning.sheets").joinpath("templates", "sheet.typ")
    try:
        return typst.compile(
            template.read_bytes(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
            pdf_standards="a-2a",
            timestamp=datetime.combine(table.on, time(), UTC),
        )
    except typst.TypstError as error:
        raise InvalidInput(f"can't be laid out: {error.message}", field="sheet") from error


def harmless(value: Any) -> Any:
    """Each text as one line."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return {key: harmless(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(part) for part in value]
    return value


def about(table: Timetable, order: Planned, locale: str) -> dict[str, str]:
    """What every sheet says of an order: what it is, for whom, and whether it is late."""
    late = say("{days} late", days=days(order.late_days)) if order.late_days else None
    return {
        "order": order.label,
        "item": order.item,
        "quantity": shown(order.quantity, locale),
        "late": "" if late is None else word(late, locale),
        "customer": word(_wanted(table, order), locale),
    }


def _wanted(table: Timetable, order: Planned) -> Message:
    """By customers, by other orders, or by nobody."""
    names: list[Message | str] = list(dict.fromkeys(x.customer_name for x in order.customers))
    if not names:
        names = [
            say("order {number}", number=one.label) for one in table.orders if order.id in one.after
        ]
    if not names:
        return say("for stock")
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], "…"]
    if order.due is None:
        return say("for {customer}", customer=joined(names))
    return say("for {customer}, due {day}", customer=joined(names), day=day(order.due))
