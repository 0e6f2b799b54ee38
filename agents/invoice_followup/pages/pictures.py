"""The pictures: debts by age, days sales outstanding, and cash to come.

Colours come from the report's theme, by Vega-Lite ``style``; nothing is interactive. Amounts in
pictures are rounded: exact ones stand in the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regisseur.agents.invoice_followup.ageing import Bucket, Speed
from regisseur.agents.invoice_followup.prediction.cash import CashForecast, Receipts
from regisseur.agents.invoice_followup.words import (
    day,
    days,
    money,
    number,
    rough,
    say,
    three_digits,
)
from regisseur.graphs.judgement import Picture
from regisseur.tools.records import Message

AGE_STYLES = ("good", "series", "limit", "limit", "alarm")
"""How each bucket is drawn, from not due to more than 90 days late."""
ROOM = 1.28
"""Beyond the longest bar, for its label."""
HEADROOM = 1.12
"""Above the highest range."""


def ages(found: Sequence[Bucket], currency: str) -> Picture:
    """A bar for each bucket, its amount beside it."""
    names = [_raw(one.title) for one in found]
    most = max(float(one.amount) for one in found)
    y = {
        "field": "age",
        "type": "nominal",
        "scale": {"domain": names},
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 160},
    }
    scale = {"domain": [min(0.0, *(float(x.amount) for x in found)), max(most, 1.0) * ROOM]}
    x = {"field": "amount", "type": "quantitative", "axis": None, "scale": scale | {"nice": False}}
    layers = [
        _bar(one, name, style, {"x": x, "y": y})
        for one, name, style in zip(found, names, AGE_STYLES, strict=True)
    ]
    worded = [
        say("{age} {amount}", age=one.title, amount=money(one.amount, currency)) for one in found
    ]
    return Picture(
        title=say("Open balances by age ({currency})", currency=currency),
        alternative=_list(worded),
        spec={"height": 190, "layer": layers},
    )


def _bar(one: Bucket, name: dict[str, Any], style: str, place: dict[str, Any]) -> dict[str, Any]:
    label = say("{amount}", amount=number(three_digits(one.amount)))
    values = [{"age": name, "amount": float(one.amount), "label": _raw(label)}]
    text = {"type": "text", "align": "left", "dx": 6}
    return {
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "bar", "style": style, "height": 22}, "encoding": place},
            {"mark": text, "encoding": place | {"text": {"field": "label"}}},
        ],
    }


def speeds(trend: Sequence[Speed]) -> Picture:
    """Days sales outstanding every four weeks, above what they would be if nothing were overdue."""
    first, last = trend[0], trend[-1]
    top = max(one.outstanding for one in trend) * HEADROOM
    return Picture(
        title=say("Days sales outstanding over the year"),
        alternative=say(
            "{before} on {day}, {now} now; {best} if nothing were overdue",
            before=days(first.outstanding),
            day=day(first.on),
            now=days(last.outstanding),
            best=days(last.best_possible),
        ),
        spec={
            "height": 200,
            "layer": [
                *_curve([(one.on.isoformat(), one.best_possible) for one in trend], "past", top),
                *_curve([(one.on.isoformat(), one.outstanding) for one in trend], "series", top),
            ],
        },
    )


def _curve(points: Sequence[tuple[str, int]], style: str, top: float) -> list[dict[str, Any]]:
    values = [{"day": when, "days": count} for when, count in points]
    place = {
        "x": {"field": "day", "type": "temporal", "title": None},
        "y": {
            "field": "days",
            "type": "quantitative",
            "title": None,
            "scale": {"domain": [0, top], "nice": False},
        },
    }
    last = {"values": values[-1:]}
    label = {"text": {"field": "days", "type": "quantitative"}}
    return [
        {
            "data": {"values": values},
            "mark": {"type": "line", "style": style},
            "encoding": place,
        },
        {"data": last, "mark": {"type": "point", "style": style, "size": 50}, "encoding": place},
        {"data": last, "mark": {"type": "text", "dy": -11}, "encoding": place | label},
    ]


def weeks(cash: CashForecast, currency: str) -> Picture:
    """A bar for what each week is expected to bring, its range, and what due dates alone say.

    The overdue stand in the first week by due dates: where that is far above all else, the mark is
    cut off at the top and its amount written beside it.
    """
    due = sorted(float(one.by_due_date) for one in cash.weeks)
    top = max(due[-2], *(float(one.high) for one in cash.weeks)) * HEADROOM or 1.0
    values = [_week(one, top) for one in cash.weeks]
    across = {
        "x": {
            "field": "first",
            "type": "temporal",
            "title": None,
            "axis": {"tickCount": 6, "labelOverlap": True},
        },
        "x2": {"field": "last"},
    }
    scale = {"domain": [0, top], "nice": False}
    layers = [
        _layer(
            "rect",
            "series",
            across | {"y": _amount("expected", scale), "y2": {"datum": 0}},
            opacity=0.6,
        ),
        _layer(
            "rule",
            "note",
            {
                "x": {"field": "middle", "type": "temporal"},
                "y": _amount("low", scale),
                "y2": {"field": "high"},
            },
            strokeWidth=1.5,
        ),
        _layer("rule", "limit", across | {"y": _amount("due", scale)}, strokeWidth=2)
        | {"data": {"values": [one for one in values if one["due"]]}},
    ]
    spec: dict[str, Any] = {"height": 240, "data": {"values": values}}
    beyond = _beyond(cash.weeks, top, currency, scale)
    return Picture(
        title=say("Cash to come from open invoices, by week ({currency})", currency=currency),
        alternative=say(
            "{first} in the first week, {four} in four weeks, {all} in thirteen; by due dates "
            "{due} in the first week",
            first=rough(cash.weeks[0].expected, currency),
            four=rough(cash.four_weeks.expected, currency),
            all=rough(cash.thirteen_weeks.expected, currency),
            due=rough(cash.weeks[0].by_due_date, currency),
        ),
        spec=spec | {"layer": [*layers, *beyond]},
    )


def _week(one: Receipts, top: float) -> dict[str, Any]:
    return {
        "first": one.first.isoformat(),
        "middle": (one.first + (one.last - one.first) / 2).isoformat(),
        "last": one.last.isoformat(),
        "expected": float(one.expected),
        "low": float(one.low),
        "high": float(one.high),
        "due": min(float(one.by_due_date), top),
    }


def _beyond(
    weeks: Sequence[Receipts], top: float, currency: str, scale: dict[str, Any]
) -> list[dict[str, Any]]:
    """The amount of a mark that is cut off."""
    values = [
        {
            "last": one.last.isoformat(),
            "due": top,
            "label": _raw(say("by due date {amount}", amount=rough(one.by_due_date, currency))),
        }
        for one in weeks
        if float(one.by_due_date) > top
    ]
    if not values:
        return []
    place = {
        "x": {"field": "last", "type": "temporal"},
        "y": _amount("due", scale),
        "text": {"field": "label"},
    }
    mark = {"type": "text", "align": "left", "dx": 6, "dy": 8, "style": "note"}
    return [{"data": {"values": values}, "mark": mark, "encoding": place}]


def _amount(field: str, scale: dict[str, Any]) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": None,
        "scale": scale,
        "axis": {"format": ",.0f"},
    }


def _layer(mark: str, style: str, encoding: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mark": {"type": mark, "style": style, **more}, "encoding": encoding}


def _list(parts: Sequence[Message]) -> Message:
    first, *rest = parts
    return say("{first}; {rest}", first=first, rest=_list(rest)) if rest else first


def _raw(message: Message) -> dict[str, Any]:
    return message.model_dump(mode="json")
