import re
from html.parser import HTMLParser

import pytest
import sample_report
from sample_report.stock import projected_stock
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from regisseur.errors import InvalidInput
from regisseur.graphs.judgement import Section
from regisseur.graphs.report import Report
from regisseur.office.reports import render_html
from regisseur.tools.records import RecordRef


class PageFile(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "html"


class Elements(HTMLParser):
    """Every element of a page, with its attributes, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def structure(page: str) -> str:
    """The page without style and drawings, whose numbers depend on the drawing library."""
    page = re.sub(r"<svg.*?</svg>", "<svg/>", page, flags=re.DOTALL)
    return re.sub(r"<style>.*?</style>", "<style/>", page, flags=re.DOTALL)


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
@pytest.mark.parametrize("state", sample_report.STATES)
def test_page(state: str, locale: str, snapshot: SnapshotAssertion) -> None:
    page = render_html(sample_report.STATES[state](), locale)
    assert structure(page) == snapshot(extension_class=PageFile)


def test_page_loads_nothing_and_forbids_it() -> None:
    page = Elements(render_html(sample_report.full(), "fr_FR"))

    policy = next(meta["content"] for meta in page.named("meta") if "http-equiv" in meta)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in page.found}
    assert not [attributes for _, attributes in page.found if attributes.get("src")]


def test_names_from_outside_stay_text() -> None:
    page = render_html(sample_report.hostile(), "en_GB")
    elements = Elements(page)

    assert not elements.named("script")
    assert "{{ 7*7 }}" in page
    assert "javascript:" not in page
    assert not set("\x1b\u202e") & set(page)
    assert not [name for _, attrs in elements.found for name in attrs if name.startswith("on")]


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://erp.example/item/1", True),
        ("http://127.0.0.1:8000/item/1", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//erp.example/item/1", False),
        ("https:", False),
        ("http://[broken", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, linked: bool) -> None:
    ref = RecordRef(model="item", id="1", label="TOL", url=url)
    action = sample_report.STEEL.model_copy(update={"evidence": (ref,)})
    report = sample_report.quiet().model_copy(update={"awaiting": (action,)})
    page = render_html(report, "fr_FR")

    hrefs = [a["href"] for a in Elements(page).named("a") if not str(a["href"]).startswith("#")]
    assert hrefs == ([url] if linked else [])
    assert "<bdi>TOL</bdi>" in page


def test_each_action_tells_the_command_that_decides_it() -> None:
    page = render_html(sample_report.full(), "fr_FR")

    assert "<code>regisseur decide a-7f3c21@1 approve</code>" in page
    assert (
        "<code>regisseur decide a-c2714e@1 reject --reason not_needed</code>" in page
    )  # carried out unless refused
    assert "<code>regisseur resolve a-3e88f0 not_done</code>" in page


def test_shadow_offers_no_command_and_says_that_nothing_is_written() -> None:
    page = render_html(sample_report.shadow(), "en_GB")

    assert "Nothing is written to the ERP." in page
    assert "<code>" not in page


def test_night_without_data_is_not_called_quiet() -> None:
    assert "Nothing to decide." in render_html(sample_report.quiet(), "en_GB")
    page = render_html(sample_report.broken(), "en_GB")
    assert "Nothing to decide." not in page
    assert "Nothing was judged: the ERP could not be read." in page


def test_picture_that_cannot_be_drawn_is_told_in_words() -> None:
    picture = projected_stock().model_copy(
        update={"spec": {"data": {"url": "https://erp.example/stock.csv"}, "mark": "bar"}}
    )
    report = _with_picture(sample_report.quiet(), picture)

    page = render_html(report, "en_GB")
    assert "Stock falls from 310\N{NO-BREAK SPACE}kg tonight to nothing" in page
    assert "The picture itself could not be drawn." in page
    assert "<svg" not in page


def test_ids_are_unique() -> None:
    ids = [
        attrs["id"]
        for _, attrs in Elements(render_html(sample_report.full(), "fr")).found
        if "id" in attrs
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("locale", ["xx_YY", "", "français"])
def test_unknown_locale_is_refused(locale: str) -> None:
    with pytest.raises(InvalidInput, match="locale: not known; write for example fr_FR"):
        render_html(sample_report.quiet(), locale)


def test_locale_may_be_written_as_on_the_web() -> None:
    assert '<html lang="fr-FR" dir="ltr">' in render_html(sample_report.quiet(), "fr-FR")


def _with_picture(report: Report, picture: object) -> Report:
    section = Section.model_validate({"title": report.title, "pictures": [picture]})
    return report.model_copy(update={"sections": (section,)})
