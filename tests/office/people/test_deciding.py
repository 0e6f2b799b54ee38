"""What members do in the office: every door is checked, many decisions at once, questions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from staff import ON, House

from regisseur.errors import InvalidInput, NotAllowed, NotFound
from regisseur.office import people
from regisseur.office.views import Action
from regisseur.storage.ledger import Verdict


@pytest.fixture
def staffed(house: House) -> House:
    """A boss, Ana who approves up to 1000 €, Oscar who operates, Vic who looks; a night has run."""
    house.hire("boss", "administrator", by="whoever opens it")
    house.hire("ana", "approver", limits=[people.Limit(up_to=Decimal(1000))])
    house.hire("oscar", "operator")
    house.hire("vic", "viewer")
    house.office.run("clerk", on=ON)
    return house


def choice(action: Action, verdict: Verdict = "approve", **more: Any) -> people.Choice:
    return people.Choice(action.id, verdict, action.revision, action.seen, **more)


def by_item(house: House) -> dict[str, Action]:
    return {one.summary.split()[0]: one for one in house.office.inbox()}


def test_every_door_is_checked(staffed: House) -> None:
    office = staffed.office
    steel = by_item(staffed)["STEEL"]
    with pytest.raises(NotAllowed, match="Vic lacks the right 'run'"):
        office.run("clerk", on=ON, again=True, by="vic")
    with pytest.raises(NotAllowed):
        office.stop(by="vic", reason="why not")
    with pytest.raises(NotAllowed):
        office.decide(steel.id, "approve", by="oscar")
    with pytest.raises(NotAllowed):
        office.decide(steel.id, "approve", by="whoever opens it")
    office.stop(by="boss", reason="stock-taking")
    with pytest.raises(NotAllowed):
        office.go(by="vic")
    assert office.go(by="oscar")
    assert office.run("clerk", on=ON, again=True, by="oscar").status == "waiting"
    assert office.decide(steel.id, "approve", by="ana").status == "done"


def test_many_are_decided_each_with_its_verdict(staffed: House) -> None:
    at = by_item(staffed)
    staffed.office.decide(at["OAK"], "approve", by="ana")
    choices = [
        choice(at["SILVER"]),
        choice(at["OAK"]),
        choice(at["STEEL"], "reject", reason="nonsense"),
        people.Choice("no-such", "approve", 1, ""),
        choice(at["BRASS"], "snooze", until=staffed.clock[0] + timedelta(days=1)),
        choice(at["STEEL"]),
    ]
    told = staffed.do(people.decide_many, choices, by="ana", company="atelier")
    assert [(one.action, one.state, one.error, one.wrong) for one in told] == [
        (at["SILVER"].id, "left_out", None, None),
        (at["OAK"].id, "refused", "AlreadyDecided", None),
        (at["STEEL"].id, "refused", "InvalidInput", "reason"),
        ("no-such", "refused", "NotFound", None),
        (at["BRASS"].id, "done", None, None),
        (at["STEEL"].id, "done", None, None),
    ]
    assert told[0].why == "€9,000.00 is at stake; above €1,000.00 it is decided by itself."
    assert "by ana" in told[1].why
    assert told[-1].outcome is not None
    assert told[-1].outcome.status == "done"
    assert [one.id for one in staffed.office.inbox()] == [at["SILVER"].id]


def test_an_edit_among_many_is_weighed_by_what_it_becomes(staffed: House) -> None:
    steel = by_item(staffed)["STEEL"]
    lines = [{**steel.arguments["lines"][0], "quantity": "1000"}]
    (told,) = staffed.do(
        people.decide_many, [choice(steel, "edit", arguments={"lines": lines})],
        by="ana", company="atelier",
    )  # fmt: skip
    assert told.state == "left_out"


def test_who_may_not_is_told_so_for_each(staffed: House) -> None:
    at = by_item(staffed)
    told = staffed.do(
        people.decide_many, [choice(at["STEEL"]), choice(at["OAK"])], by="vic", company="atelier"
    )
    assert [one.error for one in told] == ["NotAllowed", "NotAllowed"]
    with pytest.raises(InvalidInput):
        staffed.do(people.decide_many, [choice(at["OAK"])] * 501, by="ana", company="atelier")


def test_what_nobody_may_decide_on_is_told(staffed: House) -> None:
    at = by_item(staffed)
    assert staffed.do(people.unowned_actions, "atelier") == [at["SILVER"].id]
    may = staffed.do(people.deciders_of, [one.id for one in at.values()], company="atelier")
    assert may == {one.id: (() if key == "SILVER" else ("ana",)) for key, one in at.items()}
    staffed.hire("dora", "approver")
    assert staffed.do(people.unowned_actions, "atelier") == []


def test_without_members_nothing_is_asked_of_anybody(house: House) -> None:
    house.office.run("clerk", on=ON, by="somebody")
    actions = house.office.inbox()
    assert house.do(people.deciders_of, [actions[0].id], company="atelier") is None
    assert house.do(people.unowned_actions, "atelier") == []
    (told,) = house.do(
        people.decide_many, [choice(by_item(house)["STEEL"])], by="me", company="atelier"
    )
    assert told.state == "done"


def test_questions_and_answers(staffed: House) -> None:
    steel = by_item(staffed)["STEEL"]
    with pytest.raises(NotAllowed):
        staffed.do(people.ask, steel.id, "Why?", by="vic")
    for text in ("  ", "x" * 2001):
        with pytest.raises(InvalidInput, match="text"):
            staffed.do(people.ask, steel.id, text, by="oscar")
    question = staffed.do(people.ask, steel.id, " <b>Why</b> now? ", by="oscar")
    reply = staffed.do(people.answer, question.id, "It runs out.", by="ana", company="atelier")
    with pytest.raises(InvalidInput, match="an answer itself"):
        staffed.do(people.answer, reply.id, "No.", by="oscar")
    with pytest.raises(NotFound):
        staffed.do(people.answer, "nothing", "No.", by="oscar")
    assert staffed.do(people.remarks, steel.id) == [question, reply]
    assert (question.text, question.revision, reply.answers) == (
        "<b>Why</b> now?", 1, question.id
    )  # fmt: skip
    events = [one["event"] for one in staffed.events() if one["subject"] == steel.id]
    assert events[-2:] == ["asked", "answered"]
    assert "runs out" not in str(staffed.events())
