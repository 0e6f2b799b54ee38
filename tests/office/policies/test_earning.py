"""What agents have earned, measured from the ledger; nobody is promoted but by an administrator."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from staff import ATELIER, ON, House

from regisseur.errors import InvalidInput, NotAllowed, NotDecidable, NotFound
from regisseur.graphs.policy import Policy
from regisseur.office import policies
from regisseur.office.policies import Suggestion
from regisseur.storage.ledger import new_id
from regisseur.storage.tables import ActionRow, DecisionRow, MissionRow, RevisionRow


@pytest.fixture
def staffed(house: House) -> House:
    """Two administrators and Ana; a night has run, and nothing of it is decided."""
    house.hire("boss", "administrator", by="whoever opens it")
    house.hire("ada", "administrator")
    house.hire("ana", "approver")
    house.office.run("clerk", on=ON)
    return house


def past(house: House, verdict: str | None = "approve", *, ago: int = 1, **columns: Any) -> str:
    """An order that came to its end some days ago."""
    name, at = new_id(), house.clock[0] - timedelta(days=ago)
    usual: dict[str, Any] = {"status": "done", "mode": "ask", "amount": Decimal(100)}
    usual["currency"] = "EUR"
    with house.office.opened.core.house.database.write() as session:
        mission = session.scalars(select(MissionRow.id)).first()
        common: dict[str, Any] = {
            "company_id": ATELIER.id, "mission_id": mission, "arguments": {}, "presented": {},
            "arguments_hash": "a", "seen_hash": "s", "created_at": at, "revision": 1,
        }  # fmt: skip
        row = ActionRow(
            id=name, agent="clerk", kind="place_purchase_order", subject=name, occurrence=1,
            key=name, rule="no rule matched", updated_at=at,
            **common, **(usual | columns),
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(RevisionRow(action_id=name, cause="night", **common))
        session.flush()
        if verdict is not None:
            session.add(
                DecisionRow(
                    id=new_id(),
                    company_id=ATELIER.id,
                    action_id=name,
                    revision=1,
                    actor="ana",
                    verdict=verdict,
                    seen_hash="s",
                    decided_hash="a",
                    asserted=False,
                    at=at,
                    reason="wrong_amount" if verdict == "reject" else None,
                )
            )
    return name


def suggested(house: House) -> list[Suggestion]:
    return house.do(policies.suggestions)


def test_the_record_counts_every_end_once(staffed: House) -> None:
    past(staffed)
    past(staffed, "edit")
    past(staffed, "reject", status="rejected")
    past(staffed, None, mode="veto")
    past(staffed, None, mode="auto", status="failed")
    past(staffed, status="expired", verdict=None, amount=None, currency=None)
    past(staffed, ago=90)
    past(staffed, amount=Decimal(700))
    (agent,) = staffed.do(policies.track_record)
    assert agent.since == ON - timedelta(days=60)
    total = agent.total
    assert (total.unedited, total.edited, dict(total.rejected)) == (2, 1, {"wrong_amount": 1})
    assert (total.unopposed, total.unasked, total.expired, total.failed) == (1, 1, 1, 1)
    assert [(one.band.above, one.band.up_to) for one in agent.lines] == [
        (None, None),
        (None, Decimal(500)),
        (Decimal(500), Decimal(2000)),
    ]
    assert staffed.do(policies.track_record, None, ON - timedelta(days=99))[0].total.unedited == 3


def test_a_promotion_is_suggested_proposed_and_granted_by_another(staffed: House) -> None:
    for number in range(20):
        past(staffed, ago=number % 6 + 1)
    before = staffed.office.inbox()
    (suggestion,) = suggested(staffed)
    assert (suggestion.direction, suggestion.was, suggestion.now) == ("promote", "ask", "veto")
    assert (suggestion.rule.up_to, suggestion.rule.agent) == (Decimal(500), "clerk")
    assert suggested(staffed) == [suggestion], "asking changes nothing"
    version = staffed.do(policies.take_up, suggestion.id, by="ana")
    assert staffed.do(policies.current).policy == Policy()
    with pytest.raises(NotAllowed):
        staffed.do(policies.settle, version.id or "", True, by="ana")
    staffed.do(policies.settle, version.id or "", True, by="boss")
    assert [one.mode for one in staffed.office.inbox()] == ["ask"] * len(before)
    staffed.office.run("clerk", on=ON + timedelta(days=1))
    by_size = {one.amount.amount <= 500: one.mode for one in staffed.office.inbox() if one.amount}
    assert by_size == {True: "veto", False: "ask"}
    assert suggested(staffed) == []
    with pytest.raises(NotFound, match="no longer suggests"):
        staffed.do(policies.take_up, suggestion.id, by="ana")


def test_what_is_regretted_has_to_ask_again(staffed: House) -> None:
    rule = {"name": "all", "mode": "auto", "up_to": 500}
    version = staffed.do(
        policies.propose, Policy.model_validate({"rules": [rule]}), cause="trust", by="boss"
    )
    staffed.do(policies.settle, version.id or "", True, by="ada")
    wrong = past(staffed, None, mode="auto")
    assert suggested(staffed) == []
    with pytest.raises(InvalidInput, match="what was wrong"):
        staffed.do(policies.regret, wrong, by="ana", comment=" ")
    staffed.do(policies.regret, wrong, by="ana", comment="the supplier took it back")
    with pytest.raises(NotDecidable, match="by ana already"):
        staffed.do(policies.regret, wrong, by="ada", comment="indeed")
    with pytest.raises(NotDecidable, match="only what is done"):
        staffed.do(policies.regret, staffed.office.inbox()[0].id, by="ana", comment="no")
    (suggestion,) = suggested(staffed)
    assert (suggestion.direction, suggestion.was, suggestion.now) == ("demote", "auto", "ask")
    assert [one.mode for one in suggestion.policy.rules] == ["ask", "auto"]
    assert suggestion.record.regretted == 1
    assert "regretted" in [one["event"] for one in staffed.events()]


def test_an_expired_question_is_no_rejection(staffed: House) -> None:
    rule = {"name": "soon", "mode": "ask", "answer_within": 2}
    for at_expiry, statuses in (("hold", {"proposed"}), ("expire", {"expired"})):
        policy = Policy.model_validate({"rules": [rule | {"at_expiry": at_expiry}]})
        version = staffed.do(policies.propose, policy, cause="in time", by="boss")
        staffed.do(policies.settle, version.id or "", True, by="ada")
        staffed.office.run("clerk", on=ON, again=True)
        ids = [one.id for one in staffed.office.inbox()]
        staffed.forward(hours=3)
        staffed.office.sweep()
        assert {staffed.office.action(one).status for one in ids} == statuses
