"""Deciding on the page: without a script, and piece by piece with one."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from desk import Clock
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from website import MORNING, Site, Visitor, opened

from regisseur.errors import InvalidInput, NotFound
from regisseur.office import people
from regisseur.office.inbox import Place, inbox_page, several, waiting
from regisseur.office.views import Action
from regisseur.storage.tables import ActionRow, EffectRow

PIECE = {"x-regisseur": "piece"}


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return site.visitor("approver")


def by_code(site: Site, code: str) -> Action:
    return next(one for one in site.office.inbox(company="atelier") if code in one.summary)


def bound(action: Action, **more: str) -> dict[str, str]:
    """What a card's form carries."""
    return {"revision": str(action.revision), "seen": action.seen, **more}


def picked(*actions: Action) -> list[str]:
    return [f"{one.id} {one.revision} {one.seen}" for one in actions]


def events(site: Site, action: Action) -> list[tuple[str, str]]:
    return [(one.what, one.by) for one in site.office.history(action.id)]


def test_a_card_says_what_it_is_about(site: Site, visitor: Visitor) -> None:
    text = visitor.text("inbox")
    assert "3 decisions wait" in text
    action = by_code(site, "STEEL")
    card = re.search(
        rf'<article class="card soon" id="action-{action.id}".*?</article>', text, re.DOTALL
    )
    assert card is not None
    for part in (
        action.summary,
        "are left",
        "€135.00",
        "€4.20",
        "Tomorrow",
        "no rule matched",
        "100%",
    ):
        assert part.casefold() in card[0].replace("&#39;", "'").casefold(), part


def test_approving_writes_to_the_erp_in_the_name_of_who_signed_in(
    site: Site, visitor: Visitor
) -> None:
    action = by_code(site, "STEEL")
    form = bound(action, verdict="approve", by="somebody.else", back="/atelier/inbox?agent=clerk")
    answer = visitor.post(f"actions/{action.id}/decide", form)
    assert answer.headers["location"] == "/atelier/inbox?agent=clerk"
    assert [one.state for one in site.erps["atelier"].records.orders] == ["confirmed"]
    assert ("approved", "approver.atelier") in events(site, action)
    text = visitor.text("inbox")
    assert "Approved and done: PO-1" in text
    assert "2 decisions wait" in text


def test_editing_and_approving(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    assert 'value="100"' in visitor.text(f"actions/{action.id}/edit")
    form = bound(action, verdict="edit") | {"lines.0.quantity": "120,5"}
    answer = visitor.post(f"actions/{action.id}/decide", form, **PIECE)
    assert "Approved and done: PO-1" in answer.text
    (order,) = site.erps["atelier"].records.orders
    assert order.lines[0].quantity == Decimal("120.5")


def test_an_edit_that_is_wrong_comes_back_with_what_was_typed(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    for headers in ({}, PIECE):
        form = bound(action, verdict="edit") | {"lines.0.quantity": "plenty"}
        answer = visitor.post(f"actions/{action.id}/decide", form, **headers)
        assert answer.status_code == 422
        assert 'value="plenty"' in answer.text
        assert "write a number" in answer.text
    assert site.erps["atelier"].records.orders == []


def test_rejecting_putting_off_and_giving_to_somebody(site: Site, visitor: Visitor) -> None:
    steel, oak, gold = (by_code(site, code) for code in ("STEEL", "OAK", "GOLD"))
    form = bound(steel, verdict="reject:not_needed", comment="we have some")
    visitor.post(f"actions/{steel.id}/decide", form)
    rejected = site.office.history(steel.id)[-1]
    assert (rejected.what, rejected.reason) == ("rejected", "not_needed")
    assert rejected.comment == "we have some"

    visitor.post(f"actions/{oak.id}/decide", bound(oak, verdict="snooze", until="2026-11-30"))
    assert "1 decision waits" in visitor.text("inbox")
    assert oak.id in visitor.text("inbox?view=asleep")
    asleep = site.office.action(oak.id).snoozed_until
    assert asleep is not None
    assert asleep.isoformat() == "2026-11-30T05:00:00+00:00"  # six in the morning in Paris

    site.hire("anne", "approver")
    assert '<option value="anne"' in visitor.text(f"actions/{gold.id}")
    visitor.post(f"actions/{gold.id}/decide", bound(gold, verdict="reassign", assignee="anne"))
    assert site.office.action(gold.id).assignee == "anne"
    for nobody in ("approver.forge", "viewer.atelier", "somebody", ""):
        form = bound(gold, verdict="reassign", assignee=nobody)
        assert visitor.post(f"actions/{gold.id}/decide", form).status_code == 422


@pytest.mark.parametrize(
    "verdict", ["snooze", "reject:because", "reject", "do_it", "approve:now", ""]
)
def test_what_no_button_says_is_refused(site: Site, visitor: Visitor, verdict: str) -> None:
    action = by_code(site, "STEEL")
    answer = visitor.post(f"actions/{action.id}/decide", bound(action, verdict=verdict))
    assert answer.status_code == 422
    assert visitor.post(f"actions/{action.id}/decide", {"verdict": "approve"}).status_code == 422
    assert site.office.action(action.id).status == "proposed"


def test_many_at_once_have_a_verdict_each(site: Site, visitor: Visitor) -> None:
    steel, oak, gold = (by_code(site, code) for code in ("STEEL", "OAK", "GOLD"))
    site.office.decide(oak, "reject", by="approver.atelier", reason="not_now")
    chosen = [*picked(steel, oak, gold), "nothing 1 x"]
    answer = visitor.post("inbox", {"verdict": "approve", "chosen": chosen})
    assert "Approved and done: PO-1" in answer.text
    assert "Somebody was faster" in answer.text
    assert "Left out, to be decided by itself: €4,000.00 is at stake" in answer.text
    assert len(site.erps["atelier"].records.orders) == 1
    piece = visitor.post(
        "inbox", {"verdict": "reject", "reason": "other", "chosen": picked(gold)}, **PIECE
    )
    assert piece.text.lstrip().startswith("<article")
    assert "<html" not in piece.text
    assert visitor.post("inbox", {"verdict": "approve", "chosen": ["x"]}).status_code == 422


def test_what_was_recomputed_since_is_not_decided(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    old = bound(action, verdict="approve", seen="0" * 64)
    answer = visitor.post(f"actions/{action.id}/decide", old, **PIECE)
    assert answer.status_code == 409
    assert "It has changed since you saw it" in answer.text
    visitor.post(f"actions/{action.id}/decide", bound(action, verdict="approve"))
    answer = visitor.post(f"actions/{action.id}/decide", bound(action, verdict="approve"))
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text


def test_questions_and_answers(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    visitor.post(f"actions/{action.id}/ask", {"text": "Why <b>now</b>?"})
    (question,) = site.office.do(people.remarks, action.id, company="atelier")
    text = visitor.text(f"actions/{action.id}")
    assert "Why &lt;b&gt;now&lt;/b&gt;?" in text
    assert "1 open question" in visitor.text("inbox")
    other = site.visitor("operator")
    other.post(f"actions/{action.id}/answer", {"question": question.id, "text": "Because."})
    assert "Because." in visitor.text(f"actions/{action.id}")
    assert "open question" not in visitor.text("inbox")
    oak = by_code(site, "OAK")
    form = {"question": question.id, "text": "elsewhere"}
    assert other.post(f"actions/{oak.id}/answer", form).status_code == 404


def test_making_it_a_rule_proposes_one(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    form = {"mode": "veto", "hour": "10:00", "up_to": "200,00", "anyone": "yes"}
    answer = visitor.post(f"actions/{action.id}/rule", form)
    assert answer.status_code == 303, answer.text
    assert "an administrator has to approve it" in visitor.text(f"actions/{action.id}")
    assert site.office.action(action.id).mode == "ask"
    for wrong in ({"mode": "shadow"}, {"mode": "veto", "hour": "?"}, {"up_to": "much"}):
        assert visitor.post(f"actions/{action.id}/rule", wrong).status_code == 422


def rows(site: Site, **values: object) -> None:
    """Make all of them so, behind the ledger's back."""
    with site.office.opened.core.house.database.write() as session:
        session.execute(update(ActionRow).where(ActionRow.company_id == "atelier").values(**values))


def test_shadow_is_shown_and_never_offered(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    rows(site, mode="shadow")
    assert "Nothing waits for you." in visitor.text("inbox")
    text = visitor.text("inbox?view=shadow")
    assert "Shadow: nothing is written" in text
    assert 'value="approve"' not in text
    assert 'value="approve"' not in visitor.text(f"actions/{action.id}")
    answer = visitor.post(f"actions/{action.id}/decide", bound(action, verdict="approve"))
    assert answer.status_code == 409


def test_a_veto_window_stops_on_one_click(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    rows(site, mode="veto", veto_until=MORNING + timedelta(hours=2))
    assert "Stop it" in visitor.text("inbox")
    answer = visitor.post(f"actions/{action.id}/decide", bound(action, verdict="veto"), **PIECE)
    assert "Stopped: it waits for somebody to decide" in answer.text
    assert 'value="approve"' in answer.text
    site.clock.forward(hours=3)
    site.office.sweep(company="atelier")
    assert site.office.action(action.id).status == "proposed"


def test_what_nobody_knows_is_settled_by_a_person(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    visitor.post(f"actions/{action.id}/decide", bound(action, verdict="approve"))
    rows(site, status="unknown")
    with site.office.opened.core.house.database.write() as session:
        session.execute(update(EffectRow).values(state="unknown"))
    text = visitor.text("inbox")
    assert "It was done" in text
    form = {"outcome": "done", "reference": "PO-77"}
    answer = visitor.post(f"actions/{action.id}/resolve", form, **PIECE)
    assert "Settled: it was done" in answer.text
    assert site.office.action(action.id).status == "done"


def test_who_may_not_decide_is_told_who_may(site: Site) -> None:
    text = site.visitor("viewer").text("inbox")
    assert "Approver.Atelier may decide on this." in text
    assert 'name="verdict"' not in text
    assert 'type="checkbox"' not in text


def test_one_action_tells_everything(site: Site, visitor: Visitor) -> None:
    action = by_code(site, "STEEL")
    visitor.post(f"actions/{action.id}/decide", bound(action, verdict="approve"))
    text = visitor.text(f"actions/{action.id}")
    for part in ("PO-1", "What happened", "the agent", "Approver.Atelier", action.key):
        assert part in text, part
    assert 'name="verdict"' not in text


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """One site whose actions a property rearranges."""
    yield from opened(tmp_path_factory.mktemp("full"), sqlite_template, Clock(MORNING))


@settings(max_examples=15)
@given(
    places=st.lists(
        st.tuples(
            st.one_of(st.none(), st.dates(date(2026, 11, 20), date(2026, 11, 25))),
            st.integers(-500, 0),
            st.sampled_from(["proposed", "proposed", "unknown"]),
        ),
        min_size=3,
        max_size=3,
    ),
    limit=st.integers(1, 3),
)
def test_pages_one_after_the_other_are_the_whole_list_in_order(
    full: Site, places: list[tuple[date | None, int, str]], limit: int
) -> None:
    database = full.office.opened.core.house.database
    with database.write() as session:
        found = list(session.query(ActionRow).filter_by(company_id="atelier").order_by("id"))
        for row, (day, rank, status) in zip(found, places, strict=True):
            row.decide_by, row.cost_rank, row.status = day, rank, status
        expected = sorted(
            found,
            key=lambda one: (
                (one.status != "unknown", date.min, 0, one.id)
                if one.status == "unknown"
                else (True, one.decide_by or date.max, one.cost_rank, one.id)
            ),
        )
        ids = [one.id for one in expected]
    seen: list[str] = []
    after: str | None = None
    while True:
        page = full.office.do(inbox_page, "atelier", after=after, limit=limit)
        assert page.counts["to_decide"] == 3
        seen += [one.action.id for one in page.waiting]
        after = page.next
        if after is None:
            break
    assert seen == ids


@given(text=st.text(max_size=40))
def test_no_other_text_is_a_place(text: str) -> None:
    try:
        place = Place.parse(text)
    except InvalidInput:
        return
    assert Place.parse(str(place)) == place


def test_another_companys_action_is_not_there(site: Site) -> None:
    own, other = site.office.inbox(company="atelier")[0], site.office.inbox(company="forge")[0]
    with pytest.raises(NotFound):
        site.office.do(waiting, other.id, company="atelier")
    ids = [other.id, own.id, "nothing"]
    found = site.office.do(several, ids, company="atelier")
    assert [one.action.id for one in found] == [own.id]
