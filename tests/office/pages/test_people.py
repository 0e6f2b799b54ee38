"""People and agents on the page: added, limited, away; the record and the brake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from staff import PASSWORD
from website import Site

from regisseur.graphs.authority import Limit
from regisseur.graphs.trust import Band, Record
from regisseur.office import people
from regisseur.office.people import Member
from regisseur.office.web.record_bar import WIDTH, parts_of


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def member(site: Site, login: str) -> Member:
    everybody: Sequence[Member] = site.office.do(people.members, "atelier")
    return next(one for one in everybody if one.person.id == login)


def test_an_administrator_adds_somebody_with_limits(site: Site) -> None:
    boss = site.visitor("administrator")
    form = {"login": "Claire", "name": "Claire Roux", "email": "c@atelier.example"}
    added = boss.post("people", {**form, "roles": "approver", "password": PASSWORD})
    assert added.headers["location"] == "/atelier/people/claire"

    limits = {"limit-1-up_to": "2000", "limit-1-kinds": ["place_purchase_order"]}
    changed = boss.post(
        "people/claire",
        {"roles": ["approver", "viewer"], "superior": "administrator.atelier", **limits},
    )

    assert changed.status_code == 303
    claire = member(site, "claire")
    assert claire.limits == (Limit(kinds=("place_purchase_order",), up_to=Decimal(2000)),)
    assert claire.superior == "administrator.atelier"
    assert "€2,000" in boss.text("people")


def test_what_was_typed_of_somebody_new_is_kept_when_it_is_wrong(site: Site) -> None:
    form = {"login": "claire", "name": "<Claire>", "password": "short", "roles": "approver"}

    answer = site.visitor("administrator").post("people", form)

    assert answer.status_code == 422
    assert 'value="&lt;Claire&gt;"' in answer.text
    assert "short" not in answer.text.partition("<form")[2]


def test_everybody_says_when_they_are_away_and_nothing_more(site: Site) -> None:
    approver = site.visitor("approver")
    form = {"absent_from": "2026-12-01", "absent_until": "2026-12-05"}
    more = {"roles": "administrator", "substitute": "administrator.atelier"}

    assert approver.post("people/approver.atelier", {**form, **more}).status_code == 303

    changed = member(site, "approver.atelier")
    assert changed.absent_from == date(2026, 12, 1)
    assert changed.roles == ("approver",)
    assert approver.post("people/viewer.atelier", form).status_code == 403


def test_a_password_is_changed_and_nobody_elses(site: Site) -> None:
    approver = site.visitor("approver")

    wrong = approver.post("people/approver.atelier/password", {"password": "short"})
    other = approver.post("people/viewer.atelier/password", {"password": PASSWORD * 2})

    assert (wrong.status_code, other.status_code) == (422, 403)


def test_somebody_is_taken_out(site: Site) -> None:
    site.hire("leaver", "viewer")
    boss = site.visitor("administrator")

    assert boss.post("people/leaver/remove").status_code == 303

    assert "leaver" not in boss.text("people")
    assert boss.get("people/leaver").status_code == 404


def test_the_brake_is_pulled_and_released(site: Site) -> None:
    operator, approver = site.visitor("operator"), site.visitor("approver")
    pull = {"agent": "clerk", "do": "stop", "reason": "stock <taking>"}
    assert operator.post("agents/brake", {**pull, "reason": " "}).status_code == 422
    assert operator.post("agents/brake", pull).status_code == 303

    page = approver.text("agents")
    assert "stock &lt;taking&gt;" in page
    assert operator.post("agents/brake", {"agent": "clerk", "do": "go"}).status_code == 403
    assert approver.post("agents/brake", {"agent": "clerk", "do": "go"}).status_code == 303

    assert "stock" not in approver.text("agents").partition("</header>")[2]


def test_an_agents_record_is_a_bar_with_words(site: Site) -> None:
    first, second, _ = site.office.inbox(company="atelier")
    site.office.decide(first, "approve", by="approver.atelier")
    site.office.decide(second, "reject", reason="not_needed", by="approver.atelier")

    page = site.visitor("viewer").text("agents")

    assert 'aria-label="1 approved as proposed, 1 rejected"' in page
    assert "50% as proposed" in page


COUNTS = st.integers(0, 10_000)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_bar_is_as_wide_as_all_its_parts(
    unedited: int, edited: int, rejected: int, unasked: int
) -> None:
    record = Record(
        "clerk",
        "",
        Band(),
        unedited=unedited,
        edited=edited,
        rejected={"not_needed": rejected} if rejected else {},
        unasked=unasked,
    )
    parts = parts_of(record)

    assert sum(one.count for one in parts) == unedited + edited + rejected + unasked
    if parts:
        assert sum(one.width for one in parts) == pytest.approx(WIDTH, abs=0.1)
        assert parts[-1].x + parts[-1].width == pytest.approx(WIDTH, abs=0.1)
