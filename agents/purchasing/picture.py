"""A picture of an urgent item: expected stock with and without the proposed order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from regisseur.agents.purchasing.line import Line
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.words import (
    day,
    decimal,
    joined,
    quantity,
    rough,
    say,
    title,
)
from regisseur.agents.purchasing.words import days as words
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Picture
from regisseur.tools.records import Message

BEYOND = 21
"""Days shown after the delivery, so that its effect is seen."""
LONGEST = 120
"""Most days shown."""
ROW = 0.12
"""Height of a row of labels, as a share of the highest figure."""


def pictured(lines: Sequence[Line], brief: Brief[PurchasingSettings]) -> Picture:
    """Stock against the reorder point, with the day it runs out and the days of delivery.

    ``lines`` are tonight's orders of one item, soonest there first. Colours come from the report's
    theme, by Vega-Lite ``style``; nothing is interactive.
    """
    last = lines[-1]
    days = min(last.option.candidate.arrival + BEYOND, LONGEST, last.case.horizon)
    return Picture(
        title=say(
            "{item}: expected stock ({unit})",
            item=title(last.case.item),
            unit=last.case.item.unit.symbol,
        ),
        alternative=_alternative(lines, brief),
        spec={"height": 240, "layer": _layers(lines, brief, days)},
    )


def _alternative(lines: Sequence[Line], brief: Brief[PurchasingSettings]) -> Message:
    first = lines[0]
    out, unit = first.stock_out, first.case.item.unit
    arrivals = [brief.on + timedelta(days=line.option.candidate.arrival) for line in lines]
    return say(
        "Stock is {on_hand}, the reorder point {point}; {out}, ordered today it is there on "
        "{arrival}",
        on_hand=quantity(first.case.position.on_hand, unit),
        point=rough(lines[-1].level.point, unit),
        out=say("no stock-out in sight")
        if out is None
        else say("out of stock on {day}", day=day(brief.on + timedelta(days=out))),
        arrival=joined([say("{day}", day=day(arrival)) for arrival in arrivals]),
    )


def _layers(
    lines: Sequence[Line], brief: Brief[PurchasingSettings], days: int
) -> list[dict[str, Any]]:
    position = lines[0].case.position
    ordered = [line.arrives for line in lines]
    bare = [float(stock) for stock in position.path()[:days]]
    fed = [float(stock) for stock in position.path(ordered=ordered)[:days]]
    point = lines[-1].level.point
    top = max([position.on_hand, *bare, *fed, point, 1.0])
    # Labels stand in rows of their own above all curves, so that they never cover one another.
    scale = {"domain": [0, top * (1.14 + ROW * (len(lines) + 1))], "nice": False}
    first = ordered[0][0]
    layers = [
        _curve([position.on_hand, *bare], brief, "past", -1, scale),
        _curve(fed[max(first - 1, 0) :], brief, "series", max(first - 1, 0), scale),
        _level(point, lines[0], brief, days),
    ]
    marks = [(day, "good", say("delivery in {days}", days=words(day))) for day, _ in ordered]
    if lines[0].stock_out is not None and lines[0].stock_out < days:
        out = lines[0].stock_out
        text = say("out of stock in {days}", days=words(out)) if out else say("out of stock today")
        marks.append((out, "alarm", text))
    for row, (at, style, label) in enumerate(sorted(marks, key=lambda mark: mark[0])):
        height = top * (1.14 + ROW * (len(marks) - 1 - row))
        layers.append(_mark(brief, at, height, style, label, days))
    return layers


def _curve(
    stock: Sequence[float],
    brief: Brief[PurchasingSettings],
    style: str,
    first: int,
    scale: dict[str, Any],
) -> dict[str, Any]:
    """Stock at the end of each day, from day ``first`` on; -1 is the evening before the night."""
    values = [
        {"day": _iso(brief, first + n), "stock": float(decimal(max(units, 0.0), 2))}
        for n, units in enumerate(stock)
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after", "style": style},
        "encoding": {
            "x": {"field": "day", "type": "temporal", "title": None},
            "y": {"field": "stock", "type": "quantitative", "title": None, "scale": scale},
        },
    }


def _level(point: float, line: Line, brief: Brief[PurchasingSettings], days: int) -> dict[str, Any]:
    point = float(decimal(point, 2))
    label = say("reorder point {point}", point=rough(point, line.case.item.unit))
    text = {"type": "text", "style": "note", "align": "right", "dy": -7}
    at = {
        "x": {"field": "day", "type": "temporal"},
        "y": {"field": "stock", "type": "quantitative"},
    }
    return {
        "data": {"values": [{"day": _iso(brief, days - 1), "stock": point, "label": _raw(label)}]},
        "layer": [
            {"mark": {"type": "rule", "style": "limit"}, "encoding": {"y": at["y"]}},
            {"mark": text, "encoding": at | {"text": {"field": "label"}}},
        ],
    }


def _mark(
    brief: Brief[PurchasingSettings], at: int, height: float, style: str, label: Message, days: int
) -> dict[str, Any]:
    """A day, drawn up to its own label: later marks stand lower and cross no earlier label."""
    left = at > days * 0.6
    text = {"type": "text", "align": "right" if left else "left", "dx": -5 if left else 5}
    place = {
        "x": {"field": "day", "type": "temporal"},
        "y": {"field": "stock", "type": "quantitative"},
    }
    data = [{"day": _iso(brief, at), "stock": height, "label": _raw(label)}]
    return {
        "data": {"values": data},
        "layer": [
            {"mark": {"type": "rule", "style": style}, "encoding": place | {"y2": {"datum": 0}}},
            {"mark": text, "encoding": place | {"text": {"field": "label"}}},
        ],
    }


def _iso(brief: Brief[PurchasingSettings], days: int) -> str:
    return (brief.on + timedelta(days=days)).isoformat()


def _raw(message: Message) -> dict[str, Any]:
    return message.model_dump(mode="json")
