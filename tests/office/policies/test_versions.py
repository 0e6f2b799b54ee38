"""The policy's versions: nothing holds before an administrator said so, and then it holds at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from clerk import AGENT
from sqlalchemy import update
from staff import ATELIER, ON, House

from regisseur import Office
from regisseur.errors import InvalidInput, NotAllowed, NotDecidable
from regisseur.graphs.policy import UNREADABLE, Policy
from regisseur.office import policies
from regisseur.office.views import Action
from regisseur.storage.house_tables import PolicyRow


def rules(*rules: dict[str, Any], **more: Any) -> Policy:
    return Policy.model_validate({"rules": rules, **more})


AUTO = rules({"name": "all", "mode": "auto"}, auto_amount=100_000)
VETO = rules({"name": "all", "mode": "veto", "veto_until": "10:00"})
SHADOW = rules({"name": "look on", "mode": "shadow"})
TWO = rules({"name": "two", "mode": "ask", "quorum": 2})


@pytest.fixture
def staffed(house: House) -> House:
    """Two administrators, and Ana who approves."""
    house.hire("boss", "administrator", by="whoever opens it")
    house.hire("ada", "administrator")
    house.hire("ana", "approver")
    return house


def proposed(house: House, policy: Policy, by: str = "boss") -> policies.PolicyVersion:
    return house.do(policies.propose, policy, cause="we want to", by=by)


def settled(
    house: House, version: policies.PolicyVersion, by: str = "ada", *, approve: bool = True
) -> policies.PolicyVersion:
    assert version.id is not None
    return house.do(policies.settle, version.id, approve, by=by)


def in_force(house: House, policy: Policy) -> None:
    settled(house, proposed(house, policy))


def night(house: House, day: int = 0) -> list[Action]:
    house.office.run("clerk", on=ON + timedelta(days=day))
    return house.office.inbox()


def modes(actions: list[Action]) -> set[tuple[str, str]]:
    return {(one.mode, one.rule) for one in actions}


def test_a_version_holds_once_another_administrator_approved_it(staffed: House) -> None:
    first = staffed.do(policies.current)
    assert (first.version, first.id, first.policy) == (0, None, Policy())
    version = proposed(staffed, TWO, by="ana")
    assert (version.version, version.base, version.status) == (2, 1, "proposed")
    assert staffed.do(policies.current).version == 1
    assert modes(night(staffed)) == {("ask", "no rule matched")}
    with pytest.raises(NotAllowed):
        settled(staffed, version, "ana")
    own = proposed(staffed, VETO, by="boss")
    with pytest.raises(NotAllowed, match="ada"):
        settled(staffed, own, "boss")
    settled(staffed, version, "boss")
    assert modes(staffed.office.inbox()) == {("ask", "two")}, "held tighter at once"
    told = [one["event"] for one in staffed.events() if one["event"].startswith("policy")]
    assert told == [
        *("policy proposed", "policy active", "policy proposed", "policy proposed"),
        "policy active",
    ]


def test_the_only_administrator_may_approve_what_they_proposed(house: House) -> None:
    house.hire("boss", "administrator", by="whoever opens it")
    assert settled(house, proposed(house, TWO), "boss").status == "active"


def test_a_company_without_people_is_as_before(house: House) -> None:
    assert settled(house, proposed(house, AUTO, by="anybody"), "anybody").status == "active"
    house.office.run("clerk", on=ON)
    assert len(house.office.reports()[0].data.done) == 4


def test_approving_undoes_nothing_unseen(staffed: House) -> None:
    one, other = proposed(staffed, TWO), proposed(staffed, SHADOW)
    settled(staffed, one)
    with pytest.raises(NotDecidable, match="would undo it"):
        settled(staffed, other)
    with pytest.raises(NotDecidable, match="is active, by ada"):
        settled(staffed, one)
    assert settled(staffed, other, approve=False).status == "refused"
    with pytest.raises(InvalidInput, match="in force already"):
        proposed(staffed, TWO)
    back = staffed.do(policies.go_back, 1, by="boss")
    assert (back.policy, back.base) == (Policy(), 2)


def test_what_waits_is_held_tighter_and_never_let_through(staffed: House) -> None:
    in_force(staffed, VETO)
    assert modes(night(staffed)) == {("veto", "all")}
    in_force(staffed, SHADOW)
    (first, *_) = staffed.office.inbox()
    assert (first.mode, first.rule, first.line.veto_until) == ("shadow", "look on", None)
    with pytest.raises(NotDecidable, match="nothing is written"):
        staffed.office.decide(first, "approve", by="ana")
    in_force(staffed, AUTO)
    staffed.forward(hours=12)
    staffed.office.sweep()
    assert {(one.mode, one.status) for one in staffed.office.inbox()} == {("ask", "proposed")}
    staffed.office.run("clerk", on=ON + timedelta(days=1))
    assert staffed.office.inbox() == [], "the next night is another matter"


def test_what_only_a_former_policy_let_through_comes_back(staffed: House) -> None:
    in_force(staffed, AUTO)
    staffed.office.stop(by="boss", reason="stock-taking")
    assert night(staffed) == []
    in_force(staffed, rules({"name": "we look first", "mode": "ask"}))
    staffed.office.go(by="boss")
    staffed.office.sweep()
    back = staffed.office.inbox()
    assert [one.status for one in back] == ["proposed"] * 4
    assert "we look first" in str(back[0].line.changed[0].now)
    assert staffed.office.decide(back[0], "approve", by="ana").status == "done"


def test_a_policy_that_cannot_be_read_asks_for_everything_and_is_told(staffed: House) -> None:
    in_force(staffed, AUTO)
    with staffed.office.opened.core.house.database.write() as session:
        session.execute(
            update(PolicyRow).where(PolicyRow.status == "active").values(body={"rules": [{}]})
        )
    waiting = night(staffed)
    assert modes(waiting) == {("ask", UNREADABLE)}
    (notice,) = staffed.do(policies.notices)
    assert "can't be read" in notice.text
    assert notice in staffed.office.reports()[0].data.notices
    shown = staffed.do(policies.current)
    assert (shown.policy, shown.version) == (None, 2)
    assert shown.fault is not None
    with pytest.raises(InvalidInput, match="can't be read"):
        staffed.do(policies.propose_rule, waiting[0].id, by="ana")
    in_force(staffed, TWO)
    assert staffed.do(policies.notices) == []


def test_a_rule_made_of_an_action(staffed: House) -> None:
    by_item = {one.summary.split()[0]: one for one in night(staffed)}
    steel = by_item["STEEL"]
    version = staffed.do(policies.propose_rule, steel.id, by="ana")
    assert version.policy is not None
    (rule,) = version.policy.rules
    assert (rule.mode, rule.kind, rule.agent) == ("auto", steel.kind, "clerk")
    assert rule.counterparty is not None
    assert steel.amount is not None
    assert rule.up_to == steel.amount.amount
    settled(staffed, version)
    staffed.office.run("clerk", on=ON + timedelta(days=1))
    assert staffed.office.action(steel.id).status == "done"
    assert len(staffed.office.inbox()) == 3
    with pytest.raises(InvalidInput, match="veto_until"):
        staffed.do(policies.propose_rule, by_item["OAK"].id, by="ana", mode="veto")


def test_a_changed_file_is_proposed_and_neither_wins_nor_is_forgotten(staffed: House) -> None:
    in_force(staffed, TWO)
    staffed.office.close()
    again = reopened(staffed, Policy())
    assert again.do(policies.current).settings_differ
    assert again.do(policies.notices) == [], "it says what it always said"
    again.office.close()
    changed = reopened(staffed, SHADOW)
    newest, *_ = changed.do(policies.versions)
    assert (newest.status, newest.proposed_by, newest.policy) == (
        "proposed", "regisseur.toml", SHADOW,
    )  # fmt: skip
    assert changed.do(policies.current).policy == TWO
    assert len(changed.do(policies.notices)) == 1
    settled(changed, newest, approve=False)
    changed.office.close()
    last = reopened(staffed, SHADOW)
    assert [one.status for one in last.do(policies.versions)] == ["refused", "active", "past"]
    assert any("doesn't count" in one.text for one in last.office.doctor().notices)
    last.office.close()


def test_until_a_version_is_proposed_the_file_holds(house: House) -> None:
    house.office.close()
    again = reopened(house, TWO)
    assert again.do(policies.current).policy == TWO
    assert again.do(policies.versions)[0].version == 0
    again.office.close()


def reopened(house: House, policy: Policy) -> House:
    """The same office after its file was changed."""
    written = "".join(
        f"[[company.policy.rules]]\nname = {one.name!r}\nmode = {one.mode!r}\n"
        f"quorum = {one.quorum}\n"
        for one in policy.rules
    )
    company = f"[company]\nid = {ATELIER.id!r}\nlocale = {ATELIER.locale!r}\n"
    Path("regisseur.toml").write_text(company + written)
    database = house.office.opened.core.house.settings.database
    office = Office.open(
        erp=house.erp, agents=[AGENT], database=database, clock=lambda: house.clock[0]
    )
    return House(office, house.erp, house.clock)


def test_a_preset_is_proposed_in_the_companys_language(staffed: House) -> None:
    version = staffed.do(policies.propose_preset, "confiant", by="boss")
    assert version.policy is not None
    assert [one.mode for one in version.policy.rules] == [*["auto"] * 5, "veto", "auto"]
    assert version.policy.rules[-1].up_to == Decimal(500)
    assert len(version.sentences) == 9
