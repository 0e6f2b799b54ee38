import os
import re
import subprocess
import sys
from typing import Any, Literal
from xml.etree import ElementTree

import pytest
import sample_report
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_report.stock import projected_stock
from sample_report.words import say

from regisseur.errors import InvalidInput
from regisseur.graphs.judgement import Picture
from regisseur.office.reports.charts import PALETTE, to_svg

SVG = "{http://www.w3.org/2000/svg}"


def picture(**spec: Any) -> Picture:
    return Picture(title=say("title"), alternative=say("alternative"), spec=spec)


def bars(name: str) -> Picture:
    return picture(
        data={"values": [{"name": name, "n": 1}]},
        mark="bar",
        encoding={"y": {"field": "name"}, "x": {"field": "n", "type": "quantitative"}},
    )


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_words_days_and_numbers_are_the_readers() -> None:
    french = texts(to_svg(projected_stock(), "fr_FR", "light"))
    assert {"point de commande", "rupture", "29 nov.", "6 déc."} <= set(french)
    assert "1\N{NARROW NO-BREAK SPACE}000" in french

    english = texts(to_svg(projected_stock(), "en_US", "light"))
    assert {"reorder point", "runs out", "Nov 29", "Dec 6", "1,000"} <= set(english)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "Europe/Paris"])
def test_a_day_is_the_same_day_in_every_time_zone(zone: str) -> None:
    code = (
        "from sample_report.stock import projected_stock; from regisseur.office.reports.charts import to_svg;"
        "print(to_svg(projected_stock(), 'fr_FR', 'light'))"
    )
    here = to_svg(projected_stock(), "fr_FR", "light")
    drawn = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": zone, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert drawn.stdout.strip() == here


def test_picture_is_named_and_described_for_screen_readers() -> None:
    root = ElementTree.fromstring(to_svg(projected_stock(), "fr_FR", "page"))
    title, description = root[0], root[1]
    assert (title.tag, title.text) == (f"{SVG}title", "TOL-S235-2, stock projeté")
    assert description.text is not None
    assert description.text.startswith("Le stock passe de 310\N{NO-BREAK SPACE}kg")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_picture_fills_the_width_it_is_given() -> None:
    root = ElementTree.fromstring(to_svg(projected_stock(), "fr_FR", "page", width=343))
    assert root.get("width") == "100%"
    assert root.get("viewBox", "").split()[:3] == ["0", "0", "343"]


def test_colours_on_a_page_are_the_pages() -> None:
    svg = to_svg(projected_stock(), "fr_FR", "page")
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg))
    assert {"var(--chart-series)", "var(--chart-alarm)"} <= colours
    assert not {colour for colour in colours if not colour.startswith("var(--chart-")} - {"none"}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("theme", "sheet"), [("light", "#fffefc"), ("dark", "#1c2024")])
def test_colours_are_legible(theme: Literal["light", "dark"], sheet: str) -> None:
    def contrast(name: str) -> float:
        one, other = sorted((luminance(PALETTE[theme][name]), luminance(sheet)))
        return (other + 0.05) / (one + 0.05)

    for text in ("ink", "soft"):
        assert contrast(text) >= 4.5, text
    for mark in ("series", "past", "limit", "alarm", "good", "other"):
        assert contrast(mark) >= 3, mark


def test_names_stay_text() -> None:
    svg = to_svg(bars(sample_report.HOSTILE), "en_GB", "page")
    assert "<script" not in svg
    assert [text for text in texts(svg) if text.startswith("</svg></style><script>")]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30))
def test_any_name_can_be_drawn(name: str) -> None:
    ElementTree.fromstring(to_svg(bars(name), "fr_FR", "page"))


URL = "https://erp.example/stock.csv"


@pytest.mark.parametrize(
    "spec",
    [
        {"data": {"url": URL}, "mark": "bar"},
        {"data": {"url": "/etc/passwd"}, "mark": "bar"},
        {"data": {"url": "file:///etc/passwd"}, "mark": "bar"},
        {"data": {"values": []}, "layer": [{"data": {"url": URL}, "mark": "bar"}]},
        {
            "data": {"values": []},
            "mark": "bar",
            "transform": [{"lookup": "id", "from": {"data": {"url": URL}, "key": "id"}}],
        },
        {"data": {"values": [{"n": 1}]}, "mark": "image", "encoding": {"x": {"field": "n"}}},
        {"data": {"values": [{"n": 1}]}, "mark": {"type": "image", "width": 9}},
        {"data": {"values": [{"n": 1}]}, "mark": "bar", "encoding": {"href": {"value": URL}}},
        {"data": {"values": [{"n": 1}]}, "mark": {"type": "bar", "href": URL}},
    ],
)
def test_picture_that_would_load_something_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="loads something; its data must be inside it"):
        to_svg(picture(**spec), "fr_FR", "light")


def test_column_may_be_called_url() -> None:
    svg = to_svg(sample_report.hostile().sections[0].pictures[0], "fr_FR", "light")
    assert "{datum}" in texts(svg)


@pytest.mark.parametrize("spec", [{}, {"mark": "nonsense"}, {"layer": 3}])
def test_picture_that_is_none_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="picture: "):
        to_svg(picture(**spec), "fr_FR", "light")
