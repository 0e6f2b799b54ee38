"""The pack as people read it: terminal, page, paper, programs."""

import json
import re
from collections.abc import Callable

import pypdfium2
import pytest
import sample_pack
import sample_report
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from regisseur.errors import InvalidInput
from regisseur.office.pack import Pack, PackView
from regisseur.office.pack.reader import FIRST, PackReader


class TextFile(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class PageFile(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "html"


def structure(page: str) -> str:
    """The page without style and drawings, whose numbers depend on the drawing library."""
    page = re.sub(r"<svg.*?</svg>", "<svg/>", page, flags=re.DOTALL)
    return re.sub(r"<style>.*?</style>", "<style/>", page, flags=re.DOTALL)


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
@pytest.mark.parametrize("state", sample_pack.STATES)
def test_the_first_screen_in_a_terminal(
    state: str, locale: str, snapshot: SnapshotAssertion
) -> None:
    assert sample_pack.STATES[state]().text(locale) == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_the_page(locale: str, snapshot: SnapshotAssertion) -> None:
    page = sample_pack.full().html(locale)
    assert structure(page) == snapshot(extension_class=PageFile)


@pytest.mark.parametrize("width", [20, 60, 79, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for state in (sample_pack.full, sample_pack.broken, sample_pack.hostile):
        lines = state().text(width=width).splitlines()
        assert max(map(len, lines)) <= max(width, 60)


def test_every_decision_leads_to_its_card() -> None:
    view = sample_pack.many(5)
    page = view.html()

    targets = re.findall(r'<a href="#([^"]+)"', page)
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert set(targets) <= {*anchors}
    assert "invoice_followup-action-1" in targets


def test_with_an_address_every_decision_is_a_link_to_it_that_only_shows() -> None:
    page = sample_pack.full().html(base_url="https://regisseur.example/")

    links = {one for one in re.findall(r'href="(http[^"]+)"', page) if "erp." not in one}
    ids = {one.line.id for one in sample_pack.full().data.decisions}
    unsettled = {one.line.id for one in sample_pack.full().data.unsettled}
    assert links == {
        f"https://regisseur.example/atelier-martin/actions/{one}" for one in ids | unsettled
    }


def test_names_from_outside_stay_text() -> None:
    view = sample_pack.hostile()
    page, text = view.html("en_GB"), view.text("en_GB")

    assert "<script" not in page
    attributes = re.findall(r"<[a-z][^>]*\sonclick", re.sub(r'"[^"]*"', '""', page))
    assert not attributes
    assert "\x1b" not in page + text
    assert "\u202e" not in page + text


def test_a_page_loads_nothing_and_forbids_it() -> None:
    page = sample_pack.full().html()

    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    assert not re.search(r"<(script|link|iframe|object|form|img)\b", page)


def test_what_does_not_fit_the_first_screen_follows_and_is_counted() -> None:
    view = sample_pack.many(30)
    page, text = view.html("en_GB"), view.text("en_GB")

    assert "… and 30 more" in text
    assert len(re.findall(r"^\d+ ", text, flags=re.MULTILINE)) == FIRST
    first, more = page.split('id="more"')
    assert len(re.findall(r'<td class="wait">', first)) == FIRST
    assert len(re.findall(r'<td class="wait">', more)) == 30


@pytest.mark.parametrize(
    "state", [*sample_pack.STATES.values(), sample_pack.hostile, lambda: sample_pack.many(20)]
)
def test_the_paper_says_the_same(state: Callable[[], PackView]) -> None:
    view = state()
    document = pypdfium2.PdfDocument(view.pdf("en_GB"))
    try:
        words = " ".join(page.get_textpage().get_text_range() for page in document)
        pages = len(document)
    finally:
        document.close()

    assert pages > len(view.reports)
    if view.data.company.name != sample_report.HOSTILE:
        said = PackReader(view.data, "en_GB")
        told = [said.headline(), *(said.value(one.line.summary) for one in view.data.decisions)]
        for sentence in told:
            assert re.sub(r"\W+", "", sentence) in re.sub(r"\W+", "", words)


def test_programs_read_it_back() -> None:
    view = sample_pack.full()
    told = json.loads(view.json())

    assert told["format"] == "regisseur.pack/1"
    assert told["headline"] == view.headline
    assert Pack.model_validate(told["pack"]) == view.data


def test_an_unknown_language_is_told() -> None:
    for draw in (sample_pack.quiet().text, sample_pack.quiet().html, sample_pack.quiet().pdf):
        with pytest.raises(InvalidInput, match="locale"):
            draw("xx_YY_zz")
