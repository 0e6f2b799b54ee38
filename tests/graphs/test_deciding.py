"""Deciding, by one person or by two at the same moment."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from desk import ATELIER, BOSS, BUYER, NOW, Workshop, edited, registered
from sqlalchemy import select

from regisseur.errors import AlreadyDecided, ChangedSince, InvalidInput, NotDecidable, NotFound
from regisseur.graphs.deciding import REASONS, Decision, decide
from regisseur.storage import ledger
from regisseur.storage.ledger import Ruling, Who
from regisseur.storage.tables import ActionRow, DecisionRow

pytestmark = pytest.mark.anyio


async def test_an_approval_is_kept_with_what_was_seen(real_workshop: Workshop) -> None:
    action = await real_workshop.proposed(real_workshop.order(real_workshop.shelf()))
    row = await real_workshop.decide(action.id, "approve")
    assert (row.status, row.revision) == ("approved", 1)
    with real_workshop.database.read() as session:
        (kept,) = session.scalars(select(DecisionRow))
    assert (kept.verdict, kept.actor, kept.asserted) == ("approve", BUYER.name, True)
    assert (kept.seen_hash, kept.decided_hash) == (action.seen_hash, action.arguments_hash)
    assert real_workshop.verdict().intact


def at_once(workshop: Workshop, *decisions: Decision) -> list[ActionRow | Exception]:
    """Each decision in a thread and an event loop of its own, started in the same moment."""
    start = threading.Barrier(len(decisions))

    def one(decision: Decision) -> ActionRow | Exception:
        start.wait()
        try:
            return asyncio.run(decide(workshop.desk, decision))
        except NotDecidable as error:
            return error

    with ThreadPoolExecutor(len(decisions)) as threads:
        return list(threads.map(one, decisions))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"verdict": "approve"}, {"verdict": "approve"}),
        ({"verdict": "approve"}, {"verdict": "reject", "reason": "not_needed"}),
        ({"verdict": "reject", "reason": "other"}, {"verdict": "reject", "reason": "not_needed"}),
    ],
)
async def test_of_two_people_at_the_same_moment_one_wins_and_the_other_is_told_who(
    real_workshop: Workshop, first: dict[str, Any], second: dict[str, Any]
) -> None:
    for number in range(4):
        offer = real_workshop.shelf(f"ITEM{number}")
        action = await real_workshop.proposed(real_workshop.order(offer))
        people = [Decision(action.id, who=BUYER, **first), Decision(action.id, who=BOSS, **second)]
        answers = at_once(real_workshop, *people)
        (winner,) = [one for one in answers if isinstance(one, ActionRow)]
        (loser,) = [one for one in answers if isinstance(one, Exception)]
        assert isinstance(loser, AlreadyDecided)
        assert loser.by == people[answers.index(winner)].who.name
        assert loser.at == NOW
        assert winner.status == real_workshop.action(action.id).status == loser.status
        with real_workshop.database.read() as session:
            (kept,) = session.scalars(select(DecisionRow).where(DecisionRow.action_id == action.id))
        assert kept.actor == loser.by


async def test_one_person_may_take_two_first_decisions_at_the_same_moment(
    real_workshop: Workshop,
) -> None:
    orders = [real_workshop.order(real_workshop.shelf(f"ITEM{number}")) for number in range(4)]
    _, filing = await real_workshop.night(*orders)
    answers = at_once(real_workshop, *(Decision(one, "approve", BUYER) for one in filing.actions))
    assert {one.status for one in answers if isinstance(one, ActionRow)} == {"approved"}
    assert len(answers) == 4
    assert real_workshop.verdict().intact


async def test_a_stale_view_is_shown_was_and_now(workshop: Workshop) -> None:
    offer = workshop.shelf()
    seen = await workshop.proposed(workshop.order(offer, 100))
    await workshop.proposed(workshop.order(offer, 150))
    stale: dict[str, Any] = {"revision": seen.revision, "seen": seen.seen_hash}
    with pytest.raises(ChangedSince) as refused:
        await workshop.decide(seen.id, "approve", **stale)
    was, now = refused.value.was, refused.value.now
    assert isinstance(was, dict)
    assert isinstance(now, dict)
    assert (was["lines"][0]["quantity"], now["lines"][0]["quantity"]) == ("100", "150")
    assert refused.value.revision == 2
    assert (await workshop.decide(seen.id, "approve")).status == "approved"


async def test_who_edits_a_stale_view_hears_that_and_not_what_the_edit_lacks(
    workshop: Workshop,
) -> None:
    offer = workshop.shelf()
    seen = await workshop.proposed(workshop.order(offer))
    await workshop.proposed(workshop.order(offer, 150))
    nonsense = edited(seen, item_id="999")
    with pytest.raises(ChangedSince):
        await workshop.decide(
            seen.id, "edit", arguments=nonsense, revision=1, seen=seen.seen_hash
        )  # fmt: skip
    await workshop.decide(seen.id, "reject")
    with pytest.raises(AlreadyDecided):
        await workshop.decide(seen.id, "edit", arguments=nonsense)


async def test_two_must_approve_and_one_person_is_one(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "four eyes", "mode": "ask", "quorum": 2}])
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    for _ in range(2):
        assert (await workshop.decide(action.id, "approve", BUYER)).status == "proposed"
    assert await workshop.perform(action.id)
    assert workshop.erp.writes == []
    assert (await workshop.decide(action.id, "approve", BOSS)).status == "approved"


async def test_after_an_edit_or_a_new_night_both_must_approve_again(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "four eyes", "mode": "ask", "quorum": 2}])
    offer = workshop.shelf()
    action = await workshop.proposed(workshop.order(offer))
    await workshop.decide(action.id, "approve", BUYER)
    changed = edited(action, quantity="120")
    row = await workshop.decide(action.id, "edit", BOSS, arguments=changed)
    assert (row.status, row.revision) == ("proposed", 2)
    assert (await workshop.decide(action.id, "approve", BOSS)).status == "proposed"
    assert (await workshop.decide(action.id, "approve", BUYER)).status == "approved"

    other = await workshop.proposed(workshop.order(workshop.shelf("OAK")))
    await workshop.decide(other.id, "approve", BUYER)
    proposal = workshop.order(offer=workshop.erp.records.offers[-1])
    again = await workshop.proposed(proposal.model_copy(update={"confidence": Decimal("0.5")}))
    assert (again.id, again.revision) == (other.id, 2)
    assert (await workshop.decide(other.id, "approve", BOSS)).status == "proposed"


async def test_an_edit_cannot_slip_under_the_rule_for_its_amount(workshop: Workshop) -> None:
    rules = [
        {"name": "small", "mode": "ask", "up_to": 500},
        {"name": "large", "mode": "ask", "quorum": 2, "up_to": 5000},
        {"name": "huge", "mode": "shadow"},
    ]
    workshop.ruled_by(rules=rules)
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    assert action.quorum == 1
    with pytest.raises(NotDecidable, match="huge"):
        await workshop.decide(action.id, "edit", arguments=edited(action, quantity="9000"))
    row = await workshop.decide(action.id, "edit", arguments=edited(action, quantity="900"))
    assert (row.status, row.quorum, row.amount) == ("proposed", 2, Decimal("2250.00"))
    assert (await workshop.decide(action.id, "approve", BOSS)).status == "approved"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": {"quantity": "-5"}}, "lines.0.quantity"),
        ({"lines": {"quantity": "0"}}, "lines.0.quantity"),
        ({"lines": {"quantity": "many"}}, "lines.0.quantity"),
        ({"lines": {"quantity": "7"}}, "lines.0.quantity"),
        ({"lines": {"unit_price": "0.01"}}, "lines.0.unit_price"),
        ({"lines": {"colour": "red"}}, "lines.0.colour"),
        ({"supplier_id": "999"}, "supplier_id"),
        ({"currency": "USD"}, "currency"),
        ({"iban": "FR76"}, "iban"),
    ],
)
async def test_an_edit_that_may_not_be_names_the_field(
    workshop: Workshop, change: dict[str, Any], field: str
) -> None:
    action = await workshop.proposed(workshop.order(workshop.shelf(minimum=10)))
    line = change.get("lines")
    arguments = change if line is None else edited(action, **line)
    with pytest.raises(InvalidInput) as refused:
        await workshop.decide(action.id, "edit", arguments=arguments)
    assert refused.value.field == field
    assert workshop.action(action.id).status == "proposed"


async def test_an_allowed_edit_is_priced_again_and_carried_out_as_edited(
    workshop: Workshop,
) -> None:
    offer = workshop.shelf(price="3", breaks={200: "2.00"})
    action = await workshop.proposed(workshop.order(offer, 100))
    row = await workshop.decide(action.id, "edit", arguments=edited(action, quantity="200"))
    assert (row.status, row.revision, row.amount) == ("approved", 2, Decimal("400.00"))
    assert row.presented["summary"] != action.presented["summary"]
    assert (await workshop.perform(action.id)).status == "done"
    (order,) = workshop.confirmed
    assert [(line.quantity, line.unit_price) for line in order.lines] == [
        (Decimal(200), Decimal(2))
    ]
    assert workshop.effect(action.id).executed_hash == row.arguments_hash
    assert [one.cause for one in workshop.revisions(action.id)] == ["night", "edit"]


async def test_what_is_unknown_expired_or_decided_is_refused(workshop: Workshop) -> None:
    with pytest.raises(NotFound, match="nosuch"):
        await workshop.decide("nosuch", "approve")
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    with workshop.database.write() as session:
        ledger.get(session, action.id).deadline = workshop.clock()
        assert ledger.expire(session, action.id, workshop.clock()).status == "expired"
    with pytest.raises(NotDecidable, match="expired") as refused:
        await workshop.decide(action.id, "approve")
    assert not isinstance(refused.value, AlreadyDecided), "nobody decided this"
    done = await workshop.approved(workshop.order(workshop.shelf("OAK")))
    for verdict in ("approve", "edit", "reject", "snooze", "reassign"):
        more = {"arguments": {}, "until": NOW + timedelta(days=1), "assignee": "x"}
        with pytest.raises(AlreadyDecided, match=BUYER.name):
            await workshop.decide(done.id, verdict, BOSS, **more)


async def test_a_partial_approval_is_no_decision_on_what_a_night_withdrew(
    workshop: Workshop,
) -> None:
    workshop.ruled_by(rules=[{"name": "four eyes", "mode": "ask", "quorum": 2}])
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    await workshop.decide(action.id, "approve", BUYER)
    await workshop.night()
    with pytest.raises(NotDecidable, match="withdrawn") as refused:
        await workshop.decide(action.id, "approve", BOSS)
    assert not isinstance(refused.value, AlreadyDecided)


async def test_what_the_policy_let_through_was_decided_by_nobody(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "auto", "mode": "auto"}])
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    assert action.status == "approved"
    with pytest.raises(NotDecidable, match="approved"):
        await workshop.decide(action.id, "reject")


async def test_shadow_writes_nothing_whoever_approves(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "try out", "mode": "shadow"}])
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    for verdict in ("approve", "edit"):
        with pytest.raises(NotDecidable, match="try out"):
            await workshop.decide(action.id, verdict, arguments={})
    await workshop.perform(action.id)
    assert workshop.erp.writes == []
    assert (await workshop.decide(action.id, "reject")).status == "rejected"


@pytest.mark.parametrize(
    ("verdict", "more", "field"),
    [
        ("reject", {"reason": None}, "reason"),
        ("reject", {"reason": "because"}, "reason"),
        ("snooze", {}, "until"),
        ("snooze", {"until": NOW}, "until"),
        ("snooze", {"until": NOW - timedelta(days=1)}, "until"),
        ("reassign", {}, "assignee"),
        ("edit", {}, "arguments"),
        ("burn", {}, "verdict"),
    ],
)
async def test_a_decision_must_say_what_it_needs_to(
    workshop: Workshop, verdict: Any, more: dict[str, Any], field: str
) -> None:
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    with pytest.raises(InvalidInput) as refused:
        await workshop.decide(action.id, verdict, **more)
    assert refused.value.field == field
    assert workshop.action(action.id).revision == 1


@pytest.mark.parametrize("reason", REASONS)
async def test_every_named_reason_rejects(workshop: Workshop, reason: str) -> None:
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    row = await workshop.decide(action.id, "reject", reason=reason, comment="no need")
    assert row.status == "rejected"


async def test_another_companys_action_is_none_of_ours(workshop: Workshop) -> None:
    other = ATELIER.model_copy(update={"id": "other"})
    registered(workshop.database, other)
    theirs = Workshop(workshop.database, workshop.erp, company=other)
    action = await theirs.proposed(theirs.order(theirs.shelf()))
    with pytest.raises(NotDecidable, match="another company"):
        await workshop.decide(action.id, "approve")


def test_a_forged_hash_is_refused_whatever_the_revision(workshop: Workshop) -> None:
    action = asyncio.run(workshop.proposed(workshop.order(workshop.shelf())))
    ruling = Ruling(action.id, action.revision, "0" * 64, "approve", Who("eve"))
    with pytest.raises(ChangedSince), workshop.database.write() as session:
        ledger.decide(session, ruling, NOW)
