"""What the agent's pictures have in common: sizes, in whole pixels, and layers of marks."""

from __future__ import annotations

from typing import Any

from regisseur.tools.records import Message

NAME, LANE, GAP, BAR = 18, 22, 8, 18
"""Down: of a work centre's name, of one line of bars, between work centres, of a bar."""
HEAD, LEGEND = 20, 18
"""Down: of the names of days or weeks, of a line of the legend."""
LETTER, MARGIN = 6.9, 7
"""Across: of a letter (they are 12 units high), and around a label in its bar."""
PALE = 0.3
"""How much of its colour a bar has: its label can be read on it, on a light page and a dark one."""
SHADE = 0.22
"""The same of what is closed, or not used."""

TEXT = {"field": "label", "type": "nominal"}


def layer(
    mark: str, style: str | None, values: list[dict[str, Any]], text: Any = None, **more: Any
) -> dict[str, Any]:
    """Marks of one kind, each placed by the ``x``, ``x2``, ``y`` and ``y2`` of its values."""
    places = ("x", "y") if mark in ("text", "point") else ("x", "x2", "y", "y2")
    known = values[0] if values else {}
    encoding: dict[str, Any] = {name: {"field": name} for name in places if name in known}
    if text is not None:
        encoding["text"] = text
    styled = {} if style is None else {"style": style}
    return {
        "data": {"values": values},
        "mark": {"type": mark, **styled, **more},
        "encoding": encoding,
    }


def bars(style: str, values: list[dict[str, Any]], edge: float = 1.2) -> list[dict[str, Any]]:
    """Pale, with an edge in full colour, so many pixels wide."""
    return [
        layer("rect", style, values, fillOpacity=PALE, stroke=None),
        layer("rect", style, values, filled=False, strokeDash=[1, 0], strokeWidth=edge),
    ]


def centre_names(values: list[dict[str, Any]]) -> dict[str, Any]:
    """Above its row, so that a long name takes nothing away from the days."""
    return layer("text", None, values, TEXT, align="left", fontWeight="bold")


def drawn(layers: list[dict[str, Any]], width: float, height: int) -> dict[str, Any]:
    """All layers on one field: ``width`` units across whatever its width, pixels down."""
    domains = {"x": [0, width], "y": [0, height]}
    for one in layers:
        for name, domain in domains.items():
            if name in one["encoding"]:
                scale = {"domain": domain, "nice": False, "zero": False, "reverse": name == "y"}
                one["encoding"][name] |= {"type": "quantitative", "axis": None, "scale": scale}
    return {"height": height, "layer": layers}


def raw(message: Message) -> dict[str, Any]:
    """To be worded in the reader's language when the picture is drawn."""
    return message.model_dump(mode="json")
