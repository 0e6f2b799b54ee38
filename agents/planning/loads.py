"""How full each work centre is in each week, as a picture and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from regisseur.agents.planning.drawing import (
    BAR,
    GAP,
    HEAD,
    LANE,
    NAME,
    SHADE,
    TEXT,
    bars,
    centre_names,
    drawn,
    layer,
    raw,
)
from regisseur.agents.planning.timetable import Load, Timetable
from regisseur.agents.planning.words import day, decimal, joined, number, say
from regisseur.graphs.judgement import Column, Picture, Table
from regisseur.tools.records import Message, Percent

TIGHT, FULL = 0.85, 0.95
"""From which load on a work centre has hardly any room, and none: a plan at finite capacity does
not go beyond all its hours, so what does not fit stands in a later week."""
CELL = 0.94
"""All hours of a week, of the room that a week has across."""
LABEL = 42
"""Pixels that a share takes, ``100 %``."""
_STYLES = ("series", "limit", "alarm")
"""Of a load below these two, between them and above them."""
MOST_NAMED = 6
"""Full weeks that are named for those who can't see the picture."""


def pictured(table: Timetable) -> Picture:
    """A bar for each work centre and week, against all the hours that it is open."""
    weeks, rows = _weeks(table), _rows(table)
    tops = {centre: HEAD + n * (NAME + LANE + GAP) for n, centre in enumerate(rows)}
    names = [{"x": 0, "y": tops[one] + NAME / 2 + 1, "label": name} for one, name in rows.items()]
    cells = [
        _cell(one, weeks.index(one.week), tops[one.centre_id])
        for one in table.loads
        if one.centre_id in tops
    ]
    layers = [
        _heads(weeks),
        centre_names(names),
        layer("rect", "past", [one | {"x2": one["full"]} for one in cells], opacity=SHADE),
        *(x for style in _STYLES for x in bars(style, [y for y in cells if y["style"] == style])),
        layer(
            "text",
            None,
            [one | {"y": one["y"] + BAR / 2} for one in cells],
            {"condition": TEXT | {"test": f"width / {len(weeks)} >= {LABEL}"}, "value": ""},
            align="left",
            dx=5,
        ),
    ]
    return Picture(
        title=say("Load of the work centres by week, of all the hours they are open"),
        alternative=_told(table, rows),
        spec=drawn(layers, len(weeks), HEAD + len(rows) * (NAME + LANE + GAP)),
    )


def _heads(weeks: Sequence[date]) -> dict[str, Any]:
    """Each week by its number, with its Monday where there is room."""
    heads = [
        {
            "x": n,
            "y": HEAD / 2,
            "number": raw(_week(week)),
            "day": week.isoformat(),
        }
        for n, week in enumerate(weeks)
    ]
    monday = "utcFormat(utcParse(datum.day, '%Y-%m-%d'), '%-d %b')"
    head = f"width / {len(weeks)} > 110 ? datum.number + ' · ' + {monday} : datum.number"
    return layer("text", "note", heads, TEXT, align="left") | {
        "transform": [{"calculate": head, "as": "label"}]
    }


def _cell(one: Load, place: int, top: int) -> dict[str, Any]:
    label = say("{load}", load=_percent(one)) if one.open_minutes else say("closed")
    return {
        "x": place,
        "x2": place + CELL * min(one.share, 1.0),
        "full": place + CELL,
        "y": top + NAME,
        "y2": top + NAME + BAR,
        "label": raw(label),
        "style": _STYLES[(one.share >= TIGHT) + (one.share >= FULL)],
    }


def _told(table: Timetable, rows: Mapping[str, str]) -> Message:
    full = [one for one in table.loads if one.share >= FULL and one.centre_id in rows]
    if not full:
        return say("No work centre is full in any of these weeks")
    parts: list[Message | str] = [
        say(
            "{centre} in the week from {day} ({load})",
            centre=rows[one.centre_id],
            day=day(one.week),
            load=_percent(one),
        )
        for one in full[:MOST_NAMED]
    ]
    if len(full) > MOST_NAMED:
        parts.append("…")
    return say("Full: {list}", list=joined(parts))


def tabled(table: Timetable) -> Table:
    """Hours of work and of change-overs in all weeks shown, and the load of each."""
    weeks, rows = _weeks(table), _rows(table)
    by_place = {(one.centre_id, one.week): one for one in table.loads}
    columns = (
        Column(title=say("Work centre")),
        Column(title=say("Work (h)"), align="right"),
        Column(title=say("Change-overs (h)"), align="right"),
        *(Column(title=_week(one), align="right") for one in weeks),
    )
    lines = []
    for centre, name in rows.items():
        found = [by_place.get((centre, week)) for week in weeks]
        shares = [_percent(one) if one and one.open_minutes else None for one in found]
        lines.append((name, _hours(found, "work"), _hours(found, "setup"), *shares))
    return Table(columns=columns, rows=tuple(lines))


def _hours(loads: Sequence[Load | None], what: str) -> Any:
    minutes = sum(one.work_minutes if what == "work" else one.setup_minutes for one in loads if one)
    return number(minutes / 60)


def _percent(one: Load) -> Percent:
    return Percent(value=decimal(one.share, 2))


def _week(monday: date) -> Message:
    """By its number in the year, as workshops call it."""
    return say("W{week}", week=monday.isocalendar().week)


def _weeks(table: Timetable) -> list[date]:
    return sorted({one.week for one in table.loads})


def _rows(table: Timetable) -> dict[str, str]:
    """Names of the work centres whose load is known, by id."""
    known = {one.centre_id for one in table.loads}
    return {one.id: one.name for one in table.centres if one.id in known}
