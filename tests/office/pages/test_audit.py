"""The audit trail on the page: read, checked, taken away."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import update
from website import Site

from regisseur.storage.tables import AuditRow


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def test_the_trail_names_people_and_links_what_it_is_about(site: Site) -> None:
    (waiting, *_) = site.office.inbox(company="atelier")
    site.office.decide(waiting, "reject", reason="not_needed", by="approver.atelier")

    page = site.visitor("viewer").text("audit")

    newest = page[page.index("<tbody>") :].split("</tr>")[0]
    assert "rejected" in newest
    assert "approver.atelier" in newest
    assert f"/atelier/actions/{waiting.id}" in newest


def test_a_trail_that_was_changed_is_told(site: Site) -> None:
    viewer = site.visitor("viewer", "forge")
    assert "Intact" in viewer.post("audit/verify").text
    with site.office.opened.core.house.database.write() as session:
        second = (AuditRow.company_id == "forge", AuditRow.sequence == 2)
        session.execute(update(AuditRow).where(*second).values(actor="somebody else"))

    page = viewer.post("audit/verify").text

    assert "Intact" not in page
    assert "Broken at entry 2" in page


def test_a_head_from_a_report_is_looked_for(site: Site) -> None:
    viewer = site.visitor("viewer")
    head = site.office.audit_verify(company="atelier").head

    assert "Intact" in viewer.post("audit/verify", {"head": head}).text
    assert "Broken" in viewer.post("audit/verify", {"head": "f" * 64}).text


def test_the_trail_is_taken_away_whole(site: Site) -> None:
    lines = site.visitor("viewer").text("audit/export").splitlines()

    assert [json.loads(one) for one in lines] == site.office.audit_export(company="atelier")


def test_the_trail_comes_in_pages(site: Site) -> None:
    for _ in range(55):
        site.office.stop(by="operator.atelier", reason="stock-taking", company="atelier")
        site.office.go(by="approver.atelier", company="atelier")
    viewer = site.visitor("viewer")
    pages, place = [], "audit"
    while place:
        page = viewer.text(place)
        pages += [int(one) for one in re.findall(r'id="entry-(\d+)"', page)]
        older = re.search(r'href="([^"]+)" rel="next"', page)
        place = older[1] if older else ""

    length = site.office.audit_verify(company="atelier").entries
    assert pages == list(range(length, 0, -1))
    assert viewer.get("audit?before=soon").status_code == 422
