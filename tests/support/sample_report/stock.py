"""What the sample shows of stock: a picture and a table."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from regisseur.graphs.judgement import Column, Picture, Table
from regisseur.tools.records import Day, Percent, Value
from sample_report.words import NIGHT, day, eur, qty, say


def projected_stock() -> Picture:
    """Stock of the steel sheet: a fortnight back, and on to the day on which it runs out."""
    past = [{"day": f"2026-11-{9 + n:02}", "kg": 905 - 42.5 * n} for n in range(15)]
    ahead = [
        {"day": (NIGHT + timedelta(days=n)).isoformat(), "kg": max(0.0, 310 - 42.5 * n)}
        for n in range(15)
    ]
    x = {"field": "day", "type": "temporal", "title": None}
    y = {"field": "kg", "type": "quantitative", "title": "kg"}
    xy = {"x": x, "y": y}
    text = {"field": "text", "type": "nominal"}
    level = {"day": "2026-11-30", "kg": 560, "text": say("reorder point").model_dump(mode="json")}
    out = {"day": "2026-12-01", "kg": 700, "text": say("runs out").model_dump(mode="json")}

    def layer(rows: list[dict[str, Any]], mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
        return {"data": {"values": rows}, "mark": mark, "encoding": encoding}

    return Picture(
        title=say("{code}, projected stock", code="TOL-S235-2"),
        alternative=say(
            "Stock falls from {now} tonight to nothing on {out}; it has been under the reorder "
            "point of {point} since {since}.",
            now=qty("310", "kg"),
            out=Day(date=date(2026, 12, 1)),
            point=qty("560", "kg"),
            since=day(18),
        ),
        spec={
            "height": 230,
            "layer": [
                layer(ahead, {"type": "area", "style": "band", "interpolate": "step-after"}, **xy),
                layer(past, {"type": "line", "style": "past", "interpolate": "step-after"}, **xy),
                layer(
                    ahead, {"type": "line", "style": "series", "interpolate": "step-after"}, **xy
                ),
                layer([level], {"type": "rule", "style": "limit"}, y=y),
                layer(
                    [level],
                    {"type": "text", "style": "note", "align": "right", "dy": -8},
                    **xy,
                    text=text,
                ),
                layer([out], {"type": "rule", "style": "alarm"}, x=x),
                layer(
                    [out],
                    {"type": "text", "style": "note", "align": "left", "dx": 6},
                    **xy,
                    text=text,
                ),
            ],
        },
    )


def needs() -> Table:
    right = {"align": "right"}
    titles: list[tuple[str, dict[str, Any]]] = [
        ("Item", {}),
        ("On hand", right),
        ("A day", right),
        ("Lasts until", right),
        ("Lead time", right),
        ("To order", right),
        ("Price", right),
        ("Against last", right),
    ]
    columns = tuple(
        Column.model_validate({"title": say(title), **align}) for title, align in titles
    )
    rows: tuple[tuple[Value | None, ...], ...] = (
        (
            "TOL-S235-2 Tôle S235 2 mm",
            qty("310", "kg"),
            qty("42.5", "kg"),
            day(30),
            12,
            qty("1500", "kg"),
            eur("1.86"),
            Percent(value=Decimal("0.02")),
        ),
        (
            "TUB-40-2 Tube carré 40 × 2",
            qty("96", "m"),
            qty("8.4", "m"),
            Day(date=date(2026, 12, 4)),
            12,
            qty("240", "m"),
            eur("4.92"),
            None,
        ),
        (
            "ROU-100 Roulette Ø 100",
            qty("36", "u"),
            qty("7.2", "u"),
            day(27),
            4,
            qty("200", "u"),
            eur("3.42"),
            Percent(value=Decimal("0.103"), digits=1),
        ),
        (
            "PLA-HET Plateau hêtre 1500",
            qty("41", "u"),
            qty("2.9", "u"),
            Day(date=date(2026, 12, 7)),
            18,
            qty("60", "u"),
            eur("19.10"),
            Percent(value=Decimal("-0.01")),
        ),
    )
    return Table(columns=columns, rows=rows)
