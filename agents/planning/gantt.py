"""The plan as Gantt charts: rows are work centres, bars are steps, coloured by what becomes of their
order.

Across stands the time in which somebody works: nights, and days on which all is closed, are cut
out, so that steps get the room. Colours come from the report's
theme, by Vega-Lite ``style``; nothing is interactive.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from regisseur.agents.planning.drawing import (
    BAR,
    GAP,
    HEAD,
    LANE,
    LEGEND,
    LETTER,
    MARGIN,
    NAME,
    PALE,
    SHADE,
    TEXT,
    bars,
    centre_names,
    drawn,
    layer,
    raw,
)
from regisseur.agents.planning.timetable import Centre, Planned, Slot, Timetable
from regisseur.agents.planning.words import day, joined, say
from regisseur.graphs.judgement import Picture
from regisseur.tools.records import Message

LEAST_CLOSED = 45
"""Minutes; shorter breaks are not shaded."""
DAYS = 5
"""Days of one Gantt chart: a week of work."""
MOST_CHARTS = 6
"""What is planned later is told in words."""
MOST_NAMED = 6
"""Late orders that are named for those who can't see the picture."""

STYLES = {"late": "alarm", "in_time": "series", "late_stock": "limit", "stock": "past"}
"""How the steps of an order are drawn, worst first."""
EDGES = {"late": 2.4, "in_time": 1.2, "late_stock": 2.4, "stock": 1.2}
"""Pixels: what is late is seen without colours too."""

_FILL = {"shape": "square", "filled": True, "fillOpacity": PALE}
_EDGE = {"shape": "square", "filled": False, "strokeDash": [1, 0]}
SWATCHES: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    **{
        kind: ((style, _FILL), (style, _EDGE | {"strokeWidth": EDGES[kind]}))
        for kind, style in STYLES.items()
    },
    "fixed": (("note", {"shape": "M-1,0.4L1,0.4L1,1L-1,1Z"}),),
    "change": (("note", {"shape": "M-1,-0.5L1,-0.5L1,0.5L-1,0.5Z"}),),
    "closed": (("past", {"shape": "square", "opacity": SHADE}),),
}
"""What the legend shows beside each meaning."""


@dataclass(frozen=True)
class Window:
    """The days of one chart, each shown from the first opening of any work centre to the last
    closing; ``at`` turns moments into minutes across.
    """

    days: tuple[date, ...]
    begins: int
    ends: int
    """Minutes since midnight."""

    @property
    def length(self) -> int:
        """Minutes of one day."""
        return self.ends - self.begins

    @property
    def width(self) -> int:
        """Minutes of all days."""
        return self.length * len(self.days)

    def at(self, moment: datetime) -> int:
        """Minutes from the left; what lies in hours that are cut out stands where they were."""
        before = sum(one < moment.date() for one in self.days) * self.length
        if moment.date() not in self.days:
            return before
        minutes = moment.hour * 60 + moment.minute
        return before + min(max(minutes - self.begins, 0), self.length)


class Gantt:
    """One chart of one window."""

    def __init__(self, table: Timetable, window: Window, shorts: Mapping[str, str]) -> None:
        self.table, self.window, self.shorts = table, window, shorts
        self._orders = {one.id: one for one in table.orders}
        self._kinds = kinds(table)

    def picture(self) -> Picture:
        """The chart; what is late, fixed or closed is told by the legend above it."""
        layers = [*self._closed(), *self._grid(), *self._names(), *self._bars(), *self._legend()]
        return Picture(
            title=say(
                "Plan from {first} to {last}",
                first=day(self.window.days[0]),
                last=day(self.window.days[-1]),
            ),
            alternative=self._alternative(),
            spec=drawn(layers, self.window.width, self._height),
        )

    @cached_property
    def shown(self) -> list[Slot]:
        """Steps of which something is seen."""
        at = self.window.at
        return [one for one in self.table.slots if at(one.start) < at(one.end)]

    @cached_property
    def _lines(self) -> list[tuple[Centre, list[list[Slot]]]]:
        """Work centres that have anything to do, each with its lines: one, or as many as a
        subcontractor does orders at once.
        """
        found = []
        for centre in self.table.centres:
            lines: list[list[Slot]] = []
            for slot in (one for one in self.shown if one.centre_id == centre.id):
                free = next((line for line in lines if line[-1].end <= slot.start), None)
                if free is None:
                    lines.append([slot])
                else:
                    free.append(slot)
            if lines:
                found.append((centre, lines))
        return found

    @cached_property
    def _tops(self) -> list[int]:
        """Pixels above each work centre, and above what would come next."""
        tops = [self._legend_height + HEAD]
        for _, lines in self._lines:
            tops.append(tops[-1] + NAME + LANE * len(lines) + GAP)
        return tops

    @property
    def _height(self) -> int:
        return self._tops[-1]

    def _closed(self) -> Iterator[dict[str, Any]]:
        """What lies between the hours of a work centre."""
        values = []
        for number, (centre, lines) in enumerate(self._lines):
            top, edge = self._tops[number] + NAME, 0
            spans = [(self.window.at(one[0]), self.window.at(one[1])) for one in centre.open]
            for x2, after in (*spans, (self.window.width, self.window.width)):
                if x2 - edge >= LEAST_CLOSED:
                    values.append({"x": edge, "x2": x2, "y": top, "y2": top + LANE * len(lines)})
                edge = max(edge, after)
        yield layer("rect", "past", values, opacity=SHADE)

    def _grid(self) -> Iterator[dict[str, Any]]:
        """The days, by name, and a line where each begins; a week begins with a stronger one."""
        top, length = self._legend_height, self.window.length
        days = [
            {
                "x": n * length,
                "y": top + HEAD if n and one.weekday() > self.window.days[n - 1].weekday() else top,
                "y2": self._height,
                "middle": (n + 0.5) * length,
                "day": one.isoformat(),
            }
            for n, one in enumerate(self.window.days)
        ]
        yield layer("rule", "note", days, opacity=0.35)
        names = [{"x": one["middle"], "y": top + HEAD / 2, "day": one["day"]} for one in days]
        label = {"field": "name", "type": "nominal"}
        written = "utcFormat(utcParse(datum.day, '%Y-%m-%d'), width > 500 ? '%a %-d %b' : '%a %-d')"
        yield layer("text", "note", names, label) | {
            "transform": [{"calculate": written, "as": "name"}]
        }

    def _names(self) -> Iterator[dict[str, Any]]:
        values = [
            {"x": 0, "y": self._tops[number] + NAME / 2 + 1, "label": centre.name}
            for number, (centre, _) in enumerate(self._lines)
        ]
        yield centre_names(values)

    def _bars(self) -> Iterator[dict[str, Any]]:
        found: dict[str, list[dict[str, Any]]] = {}
        changes: list[dict[str, Any]] = []
        for number, (centre, lines) in enumerate(self._lines):
            for line, slots in enumerate(lines):
                top = self._tops[number] + NAME + line * LANE + (LANE - BAR) / 2
                for slot in slots:
                    found.setdefault(self._kinds[slot.order_id], []).append(self._bar(slot, top))
                    changes += self._change(slot, centre, top)
        yield layer("rect", "note", changes, opacity=0.8)
        for kind, values in found.items():
            yield from bars(STYLES[kind], values, EDGES[kind])
            fixed = [one | {"y": one["y2"] - 3} for one in values if one["fixed"]]
            yield layer("rect", STYLES[kind], fixed)
        every = [one for values in found.values() for one in values]
        yield layer("text", None, every, _fitting(self.window.width), align="left", dx=4) | {
            "transform": [{"calculate": f"datum.y + {BAR / 2}", "as": "y"}]
        }

    def _bar(self, slot: Slot, top: float) -> dict[str, Any]:
        label = self._orders[slot.order_id].label
        return {
            "x": self.window.at(slot.start),
            "x2": self.window.at(slot.end),
            "y": top,
            "y2": top + BAR,
            "fixed": slot.fixed,
            "label": label,
            "short": self.shorts.get(label, ""),
            "room": len(label) * LETTER + MARGIN,
            "least": len(self.shorts.get(label, "")) * LETTER + MARGIN,
        }

    def _change(self, slot: Slot, centre: Centre, top: float) -> Iterator[dict[str, Any]]:
        """The change-over takes the last open minutes before a step."""
        left, edge = timedelta(minutes=slot.setup_minutes), slot.start
        for begins, ends in reversed([one for one in centre.open if one[0] < slot.start]):
            ends = min(ends, slot.start)
            edge = max(begins, ends - left)
            left -= ends - edge
            if self.window.at(edge) < self.window.at(ends):
                yield {
                    "x": self.window.at(edge),
                    "x2": self.window.at(ends),
                    "y": top + BAR / 2 - 3,
                    "y2": top + BAR / 2 + 3,
                }
            if left <= timedelta(0):
                return

    @cached_property
    def _meanings(self) -> list[tuple[str, Message]]:
        """What is seen in this chart, with its meaning: styles, and two marks by name."""
        there = {self._kinds[one.order_id] for one in self.shown}
        meanings = {
            "late": say("late for a customer"),
            "in_time": say("in time for a customer"),
            "late_stock": say("late, no customer waits"),
            "stock": say("in time, no customer waits"),
        }
        found = [(kind, meaning) for kind, meaning in meanings.items() if kind in there]
        if any(one.fixed for one in self.shown):
            found.append(("fixed", say("stays where it is")))
        if any(one.setup_minutes for one in self.shown):
            found.append(("change", say("change-over")))
        return [*found, ("closed", say("closed"))]

    @property
    def _legend_height(self) -> int:
        return LEGEND * -(-len(self._meanings) // 2) + 6

    def _legend(self) -> Iterator[dict[str, Any]]:
        """Two columns, as wide as a phone has them."""
        for n, (kind, meaning) in enumerate(self._meanings):
            across = f"{n % 2} * min(width / 2, 240)"
            values = [{"y": n // 2 * LEGEND + LEGEND / 2, "label": raw(meaning)}]
            at = {"expr": f"{across} + 7"}
            for style, looks in SWATCHES[kind]:
                yield layer("point", style, values, x=at, size=130, **looks)
            beside = {"expr": f"{across} + 20"}
            yield layer("text", None, values, TEXT, align="left", x=beside)

    def _alternative(self) -> Message:
        orders = {one.order_id: self._orders[one.order_id] for one in self.shown}
        late = [one for one in self.table.late() if one.id in orders]
        told = say(
            "{first} to {last}: {orders} on {centres}",
            first=day(self.window.days[0]),
            last=day(self.window.days[-1]),
            orders=say.counted("{count} order", "{count} orders", len(orders)),
            centres=say.counted("{count} work centre", "{count} work centres", len(self._lines)),
        )
        if not late:
            return say("{first}; none of them late", first=told)
        names: list[Message | str] = [one.label for one in late[:MOST_NAMED]]
        if len(late) > MOST_NAMED:
            names.append("…")
        return say(
            "{first}; late of them: {count} ({names})",
            first=told,
            count=len(late),
            names=joined(names),
        )


def gantt(table: Timetable) -> tuple[Picture, ...]:
    """A chart for every five days on which somebody works, as far as there is anything to do and
    the opening hours are told.
    """
    shorts = short_names(table.orders)
    charts = (Gantt(table, window, shorts) for window in windows(table))
    return tuple(one.picture() for one in charts if one.shown)


def windows(table: Timetable) -> list[Window]:
    """Days on which a work centre of our own is open, five at a time."""
    spans = [span for one in table.centres if not one.outside for span in one.open]
    begins, ends, days = 24 * 60, 0, set()
    for first, last in spans:
        nights = ((last - timedelta.resolution).date() - first.date()).days
        days |= {first.date() + timedelta(days=n) for n in range(nights + 1)}
        overnight = last - datetime.combine(first.date(), datetime.min.time()) > timedelta(days=1)
        begins = 0 if overnight else min(begins, first.hour * 60 + first.minute)
        ends = 24 * 60 if overnight else max(ends, (last.hour * 60 + last.minute) or 24 * 60)
    coming = sorted(one for one in days if one >= table.on)
    firsts = range(0, len(coming), DAYS)[:MOST_CHARTS]
    return [Window(tuple(coming[n : n + DAYS]), begins, ends) for n in firsts]


def kinds(table: Timetable) -> dict[str, str]:
    """Of which kind each order is; one that others need is as they are, if that is worse."""
    found = {one.id: _kind(one) for one in table.orders}
    ranks = list(STYLES)
    for _ in table.orders:
        before = dict(found)
        for order in table.orders:
            for needed in order.after:
                if needed in found:
                    found[needed] = min(found[needed], found[order.id], key=ranks.index)
        if found == before:
            break
    return found


def _kind(order: Planned) -> str:
    if order.customers:
        return "late" if order.late_days else "in_time"
    return "late_stock" if order.late_days else "stock"


def short_names(orders: Sequence[Planned]) -> dict[str, str]:
    """By label: the number at its end, as people say it, where no other order has the same."""
    ends = {one.label: re.search(r"[1-9]\d*$", one.label) for one in orders}
    found = {label: match[0] for label, match in ends.items() if match}
    times = Counter(found.values())
    return {label: short for label, short in found.items() if times[short] == 1}


def _fitting(width: int) -> dict[str, Any]:
    """The label of a bar, or its short form, where there is room for it."""
    across = f"(datum.x2 - datum.x) / {width} * width"
    return {
        "condition": [
            {"test": f"{across} >= datum.room", "field": "label", "type": "nominal"},
            {
                "test": f"datum.short && {across} >= datum.least",
                "field": "short",
                "type": "nominal",
            },
        ],
        "value": "",
    }
