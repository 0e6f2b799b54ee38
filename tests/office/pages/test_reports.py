"""Morning packs on the page: listed, one beside the night before, taken away."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from website import ON, Site

from regisseur.office.pack import make_pack
from regisseur.office.web import paper

NEXT = ON + timedelta(days=1)


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


@pytest.fixture(scope="module", autouse=True)
def two_nights(shared_site: Site) -> None:
    shared_site.office.do(make_pack, ON, "atelier")
    shared_site.clock.forward(days=1)
    shared_site.office.run("clerk", on=NEXT, company="atelier")


def test_every_night_is_listed_and_the_newest_is_told_as_it_stands(site: Site) -> None:
    page = site.visitor("viewer").text("reports")

    assert page.index(f"/atelier/reports/{NEXT}") < page.index(f"/atelier/reports/{ON}")
    assert page.count("3 orders to place") == 2


def test_one_night_is_beside_the_one_before(site: Site) -> None:
    viewer = site.visitor("viewer")

    answer = viewer.get("reports/newest")
    page = viewer.get(answer.headers["location"])

    assert answer.headers["location"] == f"/atelier/reports/{NEXT}"
    assert "Compared with" in page.text
    assert page.headers["content-security-policy"].endswith("frame-src 'self'")


def test_a_pack_is_a_sheet_whose_links_leave_it(site: Site) -> None:
    sheet = site.visitor("viewer").get(f"reports/{ON}/sheet")

    assert sheet.headers["content-security-policy"] == paper.POLICY
    assert '<a target="_top" href="http://127.0.0.1:8765/atelier/' in sheet.text
    assert '<a href="http' not in sheet.text


def test_a_pack_is_taken_away_as_text_and_for_programs(site: Site) -> None:
    viewer = site.visitor("viewer")
    text, data = (viewer.get(f"reports/{ON}/pack.{form}") for form in ("txt", "json"))

    assert "Atelier Martin".casefold() in text.text.casefold()
    assert json.loads(data.text)
    assert data.headers["content-disposition"].endswith(f'filename="pack-atelier-{ON}.json"')


@pytest.mark.parametrize("page", ["soon", "2020-01-01", f"{ON}/pack.exe", "soon/pack.txt"])
def test_what_is_no_night_is_not_there(site: Site, page: str) -> None:
    assert site.visitor("viewer").get(f"reports/{page}").status_code == 404
