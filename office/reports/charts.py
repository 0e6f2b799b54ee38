"""Pictures: Vega-Lite drawn to SVG in the reader's language, without a browser or a network.

A picture says what its marks mean and leaves the colours to the theme, by Vega-Lite's ``style``:
``series`` (the figure itself), ``past`` (what was), ``limit`` (a level not to pass), ``alarm``
(what goes wrong), ``good``, ``band`` (a range) and ``note`` (text beside a mark). Days are written
``2026-11-23``: they are drawn as that day in every time zone. The data is inside the picture.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal
from xml.etree import ElementTree

import vl_convert
from babel import Locale
from babel.dates import get_day_names, get_month_names
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

from regisseur.errors import InvalidInput
from regisseur.graphs.judgement import Picture
from regisseur.office.reports.reader import clean
from regisseur.tools.records import Message
from regisseur.tools.texts import word

Theme = Literal["light", "dark", "page"]
"""``page`` takes the colours of the page around it, by CSS variables."""

WIDTH = 800
"""Units across; text in the picture is 12 units high."""
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"

PALETTE = {
    "light": {
        "ink": "#23292f",
        "soft": "#5b646d",
        "line": "#dcd8d0",
        "series": "#1f5f78",
        "past": "#8b949c",
        "limit": "#9a5b00",
        "alarm": "#b3261e",
        "good": "#2c6e49",
        "band": "#cfe0e6",
        "other": "#6b4e8f",
    },
    "dark": {
        "ink": "#e9e6e0",
        "soft": "#a6aeb5",
        "line": "#363c42",
        "series": "#7fbad2",
        "past": "#7c858d",
        "limit": "#e0a458",
        "alarm": "#f28b82",
        "good": "#7fc29b",
        "band": "#24424e",
        "other": "#bfa5de",
    },
}

TAGS = {"svg", "g", "path", "rect", "line", "text", "tspan", "defs", "clipPath"}
TAGS |= {"linearGradient", "radialGradient", "stop"}
ATTRIBUTES = {"id", "class", "transform", "d", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy"}
ATTRIBUTES |= {"width", "height", "viewBox", "rx", "ry", "cx", "cy", "r", "fx", "fy"}
ATTRIBUTES |= {"fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "opacity"}
ATTRIBUTES |= {"stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin"}
ATTRIBUTES |= {"stroke-miterlimit", "text-anchor", "font-family", "font-size", "font-weight"}
ATTRIBUTES |= {"font-style", "clip-path", "offset", "stop-color", "stop-opacity"}
ATTRIBUTES |= {"gradientUnits", "gradientTransform"}


def to_svg(picture: Picture, locale: str, theme: Theme, *, width: int = WIDTH) -> str:
    """The picture as SVG that fills the width it is given and tells its content to screen readers.

    Raises InvalidInput where it can't be drawn, or would load anything.
    """
    with _drawing(picture, locale, theme, width) as told:
        drawn = vl_convert.vegalite_to_svg(**told)
    return _accessible(
        drawn, clean(word(picture.title, locale)), clean(word(picture.alternative, locale))
    )


def to_png(picture: Picture, locale: str, *, width: int = WIDTH) -> bytes:
    """The picture on white for programs that show no SVG, at twice its size for sharp screens.

    Raises InvalidInput where it can't be drawn, or would load anything.
    """
    with _drawing(picture, locale, "light", width) as told:
        told["config"]["background"] = "#ffffff"
        return vl_convert.vegalite_to_png(**told, scale=2)


@contextmanager
def _drawing(picture: Picture, locale: str, theme: Theme, width: int) -> Iterator[dict[str, Any]]:
    """What to draw, in the reader's words; whatever goes wrong is told by InvalidInput."""
    culture = Locale.parse(locale)
    spec = _prepared(picture.spec, culture, inside_data=False)
    if "mark" in spec or "layer" in spec:
        spec |= {"width": width, "autosize": {"type": "fit", "contains": "padding"}}
        spec.setdefault("height", 240)
    try:
        yield {
            "vl_spec": spec,
            "config": _config(theme),
            "allowed_base_urls": [],
            "format_locale": _numbers(culture),
            "time_format_locale": _days(culture),
        }
    except ValueError as error:
        raise InvalidInput(str(error).strip().splitlines()[-1], field="picture") from error


def variables(theme: Literal["light", "dark"]) -> str:
    """The CSS variables of pictures drawn in the theme ``page``."""
    return "; ".join(f"--chart-{name}: {colour}" for name, colour in PALETTE[theme].items())


def _prepared(node: Any, culture: Locale, *, inside_data: bool) -> Any:
    """The specification in the reader's words; whatever could load something is refused."""
    if isinstance(node, list):
        return [_prepared(part, culture, inside_data=inside_data) for part in node]
    if isinstance(node, str):
        return clean(node)  # a control character ends the whole process inside vl-convert
    if not isinstance(node, dict):
        return node
    if node.get("type") == "message" and "domain" in node:
        return clean(word(Message.model_validate(node), str(culture)))
    if inside_data:
        return {
            clean(key): _prepared(part, culture, inside_data=True) for key, part in node.items()
        }
    if node.keys() & {"url", "href"} or "image" in (node.get("mark"), node.get("type")):
        raise InvalidInput("loads something; its data must be inside it", field="picture")
    if node.get("type") == "temporal":
        node = _in_days(node, culture)
    return {
        key: _prepared(part, culture, inside_data=key in {"values", "datasets"})
        for key, part in node.items()
    }


def _in_days(channel: dict[str, Any], culture: Locale) -> dict[str, Any]:
    """A time channel that shows the same day everywhere, written in the reader's order."""
    channel = {**channel, "scale": {"type": "utc", **(channel.get("scale") or {})}}
    if channel.get("axis", {}) is not None:
        channel["axis"] = {"format": _day_formats(culture), **channel.get("axis", {})}
    return channel


def _day_formats(culture: Locale) -> dict[str, str]:
    pattern = str(culture.datetime_skeletons["MMMd"])
    day = "%-d %b" if pattern.index("d") < pattern.index("M") else "%b %-d"
    return {"year": "%Y", "quarter": "%b", "month": "%b"} | dict.fromkeys(
        ("week", "date", "day", "hours", "minutes"), day
    )


def _config(theme: Theme) -> dict[str, Any]:
    """How pictures look; a picture's own ``config`` goes before it."""
    names = PALETTE["light"]
    ink = {name: f"var(--chart-{name})" for name in names} if theme == "page" else PALETTE[theme]
    axis = {
        "labelColor": ink["soft"],
        "titleColor": ink["soft"],
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "domainColor": ink["line"],
        "tickColor": ink["line"],
        "gridColor": ink["line"],
        "labelPadding": 6,
    }
    return {
        "background": None,
        "aria": False,
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False, "labelFlush": False, "tickCount": 7},
        "axisY": {"domain": False, "ticks": False, "tickCount": 5},
        "legend": {
            "orient": "top",
            "title": None,
            "labelColor": ink["ink"],
            "labelFontSize": 12,
            "symbolType": "square",
        },
        "title": {"color": ink["ink"], "fontSize": 13, "anchor": "start"},
        "header": {"labelColor": ink["ink"], "titleColor": ink["soft"], "labelFontSize": 12},
        "text": {"color": ink["ink"], "fontSize": 12},
        "bar": {"color": ink["series"]},
        "line": {"color": ink["series"], "strokeWidth": 2},
        "rule": {"color": ink["soft"]},
        "area": {"color": ink["band"]},
        "point": {"color": ink["series"], "filled": True},
        "range": {"category": [ink[name] for name in ("series", "limit", "good", "other", "past")]},
        "style": _styles(ink),
    }


def _styles(ink: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {
        "series": {"color": ink["series"], "strokeWidth": 2.5},
        "past": {"color": ink["past"]},
        "limit": {"color": ink["limit"], "strokeWidth": 1.5, "strokeDash": [5, 4]},
        "alarm": {"color": ink["alarm"], "strokeWidth": 2},
        "good": {"color": ink["good"], "strokeWidth": 2},
        "band": {"color": ink["band"], "strokeWidth": 0},
        "note": {"color": ink["soft"], "fontSize": 12},
    }


@cache
def _numbers(culture: Locale) -> dict[str, Any]:
    """The locale's numbers in d3-format's words."""
    before, after = "", "\N{NO-BREAK SPACE}" + get_currency_symbol("EUR", locale=culture)
    if str(culture.currency_formats["standard"]).startswith("¤"):
        before, after = after.strip(), ""
    return {
        "decimal": get_decimal_symbol(culture),
        "thousands": get_group_symbol(culture),
        "grouping": [3],
        "currency": [before, after],
        "minus": "\N{MINUS SIGN}",
    }


@cache
def _days(culture: Locale) -> dict[str, Any]:
    """The locale's days in d3-time-format's words."""
    days = get_day_names("wide", locale=culture)
    short_days = get_day_names("abbreviated", locale=culture)
    months = get_month_names("wide", locale=culture)
    short_months = get_month_names("abbreviated", locale=culture)
    from_sunday = (6, 0, 1, 2, 3, 4, 5)
    return {
        "dateTime": "%x %X",
        "date": "%Y-%m-%d",
        "time": "%H:%M",
        "periods": ["AM", "PM"],
        "days": [days[day] for day in from_sunday],
        "shortDays": [short_days[day] for day in from_sunday],
        "months": [months[month] for month in range(1, 13)],
        "shortMonths": [short_months[month] for month in range(1, 13)],
    }


def _accessible(drawn: str, title: str, alternative: str) -> str:
    """The drawing alone, reduced to shapes and text, named and described."""
    root = ElementTree.fromstring(drawn)
    name = "p" + hashlib.sha256(f"{title}{alternative}{drawn}".encode()).hexdigest()[:10]
    _reduce(root, name)
    width = root.attrib.pop("width")
    del root.attrib["height"]
    root.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": "100%",
        "style": f"max-width: {width}px",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
    }
    for place, (tag, text) in enumerate((("title", title), ("desc", alternative))):
        element = ElementTree.Element(tag, {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(place, element)
    return ElementTree.tostring(root, encoding="unicode")


def _reduce(element: ElementTree.Element, name: str) -> None:
    """Only shapes and text remain, and ids that no other picture on the page has."""
    element.tag = element.tag.rpartition("}")[2]
    if element.tag not in TAGS:
        raise InvalidInput(f"draws <{element.tag}>, which is not a shape", field="picture")
    kept = {key: value for key, value in element.attrib.items() if key in ATTRIBUTES}
    if "id" in kept:
        kept["id"] = f"{name}-{kept['id']}"
    element.attrib.clear()
    element.attrib.update(
        {key: value.replace("url(#", f"url(#{name}-") for key, value in kept.items()}
    )
    for child in list(element):
        if _unseen(child):
            element.remove(child)
        else:
            _reduce(child, name)


def _unseen(element: ElementTree.Element) -> bool:
    return (
        element.get("display") == "none"
        or element.get("opacity") == "0"
        or element.get("d") in {"", "M0,0h0v0h0Z"}
    )
