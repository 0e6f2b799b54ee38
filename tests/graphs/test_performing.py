"""Carrying out what was approved, while everything around it goes wrong: nothing twice, nothing
lost, and `unknown` only where nobody can know.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from desk import ATELIER, BOSS, KINDS, NOW, ON, Workshop, registered
from sqlalchemy import select, update

from regisseur.errors import (
    Misconfigured,
    NeedsPerson,
    OutcomeUnknown,
    RetryLater,
    Unsupported,
    VendorRefused,
)
from regisseur.graphs.performing import BACK_OFF, perform_approved, recover
from regisseur.storage import ledger
from regisseur.storage.database import Database
from regisseur.storage.errors import DiskFull
from regisseur.storage.locks import Lock, Owner
from regisseur.storage.tables import ActionRow, AuditRow, CompanyRow
from regisseur.tools.actions.base import Kind
from regisseur.tools.erp.memory import MemoryERP

pytestmark = pytest.mark.anyio

Plan = Callable[[MemoryERP], None]


async def test_an_approved_order_is_confirmed_under_its_key(real_workshop: Workshop) -> None:
    action = await real_workshop.approved(real_workshop.order(real_workshop.shelf()))
    done = await real_workshop.perform(action.id)
    (order,) = real_workshop.erp.records.orders
    assert (order.key, order.state) == (action.key, "confirmed")
    effect = real_workshop.effect(action.id)
    assert (done.status, effect.state, effect.reference) == ("done", "done", order.number)
    assert (effect.key, effect.attempts) == (action.key, 1)
    assert effect.executed_hash == action.arguments_hash
    assert real_workshop.verdict().intact
    writes = len(real_workshop.erp.writes)
    await real_workshop.perform(action.id)
    assert len(real_workshop.erp.writes) == writes


def silent(operation: str) -> Plan:
    return lambda erp: erp.fail_next(operation, OutcomeUnknown("no answer came"))


def answer_lost(operation: str) -> Plan:
    return lambda erp: erp.lose_answer_of(operation)


def late(operation: str, unseen_by: int = 1) -> Plan:
    return lambda erp: erp.commit_late(operation, unseen_by=unseen_by)


def refused(operation: str) -> Plan:
    return lambda erp: erp.fail_next(operation, VendorRefused("the period is closed"))


def away(operation: str, after: float | None = None) -> Plan:
    return lambda erp: erp.fail_next(operation, RetryLater("the ERP restarts", after=after))


@pytest.mark.parametrize(
    "plan",
    [
        silent("draft_order"),
        answer_lost("draft_order"),
        late("draft_order", 1),
        late("draft_order", 2),
        late("draft_order", 3),
        silent("confirm_order"),
        answer_lost("confirm_order"),
        late("confirm_order", 1),
        late("confirm_order", 2),
    ],
)
@pytest.mark.parametrize("times", [1, 2])
async def test_an_order_whose_writes_get_no_answer_is_still_placed_once(
    workshop: Workshop, plan: Plan, times: int
) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    for _ in range(times):
        plan(workshop.erp)
    row = await workshop.perform(action.id)
    assert row.status == "done"
    assert [order.key for order in workshop.confirmed] == [action.key]
    assert len(workshop.confirmed[0].lines) == 1
    for _ in range(4):  # whatever still comes late
        await workshop.erp.items()
    assert len(workshop.confirmed) == 1


@pytest.mark.parametrize("operation", ["find_orders", "suppliers", "draft_order", "confirm_order"])
async def test_an_erp_that_is_away_is_tried_again_when_it_says(
    workshop: Workshop, operation: str
) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    away(operation, after=90)(workshop.erp)
    row = await workshop.perform(action.id)
    assert (row.status, row.not_before) == ("approved", NOW + timedelta(seconds=90))
    assert workshop.effect(action.id).state == "waiting"
    assert await perform_approved(workshop.desk)
    assert workshop.confirmed == []
    workshop.clock.forward(seconds=90)
    (row,) = await perform_approved(workshop.desk)
    assert (row.status, len(workshop.confirmed), workshop.drafts) == ("done", 1, [])
    assert workshop.effect(action.id).attempts == 2


async def test_one_that_does_not_say_is_left_alone_for_a_while(workshop: Workshop) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    workshop.erp.fail_next("find_orders", Misconfigured("wrong password"))
    row = await workshop.perform(action.id)
    assert (row.status, row.not_before) == ("approved", NOW + BACK_OFF)
    assert workshop.effect(action.id).error == "wrong password"


@pytest.mark.parametrize("operation", ["draft_order", "confirm_order"])
async def test_a_refusal_is_final_and_leaves_nothing_behind(
    workshop: Workshop, operation: str
) -> None:
    proposal = workshop.order(workshop.shelf())
    action = await workshop.approved(proposal)
    refused(operation)(workshop.erp)
    row = await workshop.perform(action.id)
    assert (row.status, workshop.effect(action.id).error) == ("failed", "the period is closed")
    assert workshop.erp.records.orders == []
    again = await workshop.approved(proposal)
    assert (again.occurrence, (await workshop.perform(again.id)).status) == (2, "done")
    assert len(workshop.confirmed) == 1


@pytest.mark.parametrize(
    "cleaning", [VendorRefused("locked by a user"), OutcomeUnknown("no answer")]
)
async def test_a_refused_order_whose_draft_cannot_be_removed_says_which_is_left(
    workshop: Workshop, cleaning: Exception
) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    refused("confirm_order")(workshop.erp)
    workshop.erp.fail_next("discard_draft", cleaning)
    assert (await workshop.perform(action.id)).status == "failed"
    effect = workshop.effect(action.id)
    assert effect.error == "the period is closed"
    assert effect.answer is not None
    assert effect.answer["record"]["id"] == workshop.drafts[0].id


async def test_what_was_confirmed_late_is_not_called_refused(workshop: Workshop) -> None:
    """The confirmation got no answer, was carried out late, and the second one is refused."""
    action = await workshop.approved(workshop.order(workshop.shelf()))
    late("confirm_order", 2)(workshop.erp)
    assert (await workshop.perform(action.id)).status == "done"
    assert len(workshop.confirmed) == 1


async def test_a_draft_that_somebody_changed_is_never_adopted(workshop: Workshop) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))

    def somebody_wants_more() -> None:
        (draft,) = workshop.drafts
        more = draft.lines[0].model_copy(update={"quantity": Decimal(500)})
        workshop.erp.change(draft, lines=(more,))

    workshop.erp.after("draft_order", somebody_wants_more)
    assert (await workshop.perform(action.id)).status == "unknown"
    assert workshop.confirmed == []
    effect = workshop.effect(action.id)
    assert effect.answer is not None
    assert effect.answer["state"] == "conflict"
    assert action.key in effect.answer["to_check"]["values"]["key"]


async def test_a_draft_changed_in_the_moment_of_confirming_is_not_called_refused(
    workshop: Workshop,
) -> None:
    """A colleague changes and confirms it himself: saying `failed` would order it again."""
    action = await workshop.approved(workshop.order(workshop.shelf()))

    def colleague_was_faster() -> None:
        (draft,) = workshop.drafts
        more = draft.lines[0].model_copy(update={"quantity": Decimal(500)})
        workshop.erp.change(draft, lines=(more,), state="confirmed", number="PO-77")

    workshop.erp.before("confirm_order", colleague_was_faster)
    assert (await workshop.perform(action.id)).status == "unknown"


async def test_something_else_under_our_key_is_a_conflict(workshop: Workshop) -> None:
    offer = workshop.shelf()
    action = await workshop.approved(workshop.order(offer))
    supplier, item = workshop.erp.records.suppliers[0], workshop.erp.records.items[0]
    workshop.erp.order(supplier, [(item, 7)], key=action.key)
    assert (await workshop.perform(action.id)).status == "unknown"
    assert workshop.erp.writes == []


async def test_surplus_drafts_of_ours_are_removed_and_the_lowest_wins(workshop: Workshop) -> None:
    proposal = workshop.order(workshop.shelf())
    action = await workshop.approved(proposal)
    draft = KINDS[action.kind].parse(action.arguments).draft()
    ids = [await workshop.erp.draft_order(action.key, draft) for _ in range(3)]
    assert (await workshop.perform(action.id)).status == "done"
    assert [order.id for order in workshop.erp.records.orders] == ids[:1]


# --- is it still true? ---


async def test_changed_facts_go_back_to_the_inbox_and_the_draft_goes(workshop: Workshop) -> None:
    offer = workshop.shelf(price="2.50")
    action = await workshop.approved(workshop.order(offer))
    workshop.erp.change(offer, breaks=({"minimum": 0, "unit_price": "9.99"},))
    row = await workshop.perform(action.id)
    assert (row.status, row.mode, row.revision) == ("proposed", "ask", 2)
    assert row.drift
    assert workshop.erp.writes == []
    assert [one.cause for one in workshop.revisions(action.id)] == ["night", "drift"]
    again = await workshop.decide(action.id, "approve", BOSS)
    assert again.status == "approved"
    assert (await workshop.perform(action.id)).status == "proposed", "the price is still another"


async def test_facts_are_read_again_also_in_auto(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "auto", "mode": "auto"}])
    offer = workshop.shelf()
    action = await workshop.proposed(workshop.order(offer))
    workshop.erp.change(workshop.erp.records.suppliers[0], active=False)
    assert (await workshop.perform(action.id)).status == "proposed"
    assert workshop.erp.writes == []
    await perform_approved(workshop.desk)
    assert workshop.erp.writes == []


async def test_drift_removes_the_draft_that_an_earlier_attempt_left(workshop: Workshop) -> None:
    offer = workshop.shelf()
    action = await workshop.approved(workshop.order(offer))
    away("confirm_order", after=1)(workshop.erp)
    await workshop.perform(action.id)
    assert len(workshop.drafts) == 1
    workshop.erp.change(offer, breaks=({"minimum": 0, "unit_price": "9.99"},))
    workshop.clock.forward(seconds=1)
    assert (await workshop.perform(action.id)).status == "proposed"
    assert workshop.erp.records.orders == []


async def test_what_was_done_late_is_done_though_the_facts_have_changed(
    workshop: Workshop,
) -> None:
    """A silent confirmation commits just when its draft is to be removed: nothing is undone."""
    offer = workshop.shelf()
    action = await workshop.approved(workshop.order(offer))
    away("confirm_order", after=1)(workshop.erp)
    await workshop.perform(action.id)
    workshop.erp.change(offer, breaks=({"minimum": 0, "unit_price": "9.99"},))
    workshop.clock.forward(seconds=1)
    (draft,) = workshop.drafts
    confirmed = {"state": "confirmed", "number": "PO-1", "stamp": "late"}
    workshop.erp.before("discard_draft", lambda: workshop.erp.change(draft, **confirmed))
    assert (await workshop.perform(action.id)).status == "done"
    assert len(workshop.confirmed) == 1


# --- where no step is inert ---


@pytest.mark.parametrize(
    ("plan", "status", "notes"),
    [
        (silent("add_note"), "unknown", 0),
        (answer_lost("add_note"), "done", 1),
        (late("add_note", 1), "unknown", 1),
        (late("add_note", 3), "unknown", 1),
        (refused("add_note"), "failed", 0),
        (away("add_note"), "approved", 0),
    ],
)
async def test_a_note_is_never_sent_twice(
    workshop: Workshop, plan: Plan, status: str, notes: int
) -> None:
    action = await workshop.approved(workshop.note(workshop.erp.record("sale")))
    plan(workshop.erp)
    assert (await workshop.perform(action.id)).status == status
    for _ in range(5):
        await perform_approved(workshop.desk)
        await recover(workshop.desk)
        await workshop.erp.items()
    assert len(workshop.erp.records.notes) == notes
    if status == "unknown":
        answer = workshop.effect(action.id).answer
        assert answer is not None
        assert answer["to_check"]["values"]["key"] == action.key


@pytest.mark.parametrize("then", [RetryLater("away"), Misconfigured("locked out")])
async def test_a_silent_note_that_cannot_be_looked_for_is_unknown(
    workshop: Workshop, then: Exception
) -> None:
    action = await workshop.approved(workshop.note(workshop.erp.record("sale")))
    workshop.erp.lose_answer_of("add_note")
    workshop.erp.after("add_note", lambda: workshop.erp.fail_next("find_notes", then))
    assert (await workshop.perform(action.id)).status == "unknown"


async def test_an_erp_without_inert_drafts_is_treated_like_a_note(workshop: Workshop) -> None:
    workshop.erp.draft_is_inert = False
    action = await workshop.approved(workshop.order(workshop.shelf()))
    workshop.erp.commit_late("draft_order", unseen_by=5)
    assert (await workshop.perform(action.id)).status == "unknown"
    workshop.clock.forward(days=1)
    await perform_approved(workshop.desk)
    assert len(workshop.erp.writes) == 0


async def test_a_person_settles_what_nobody_knows(workshop: Workshop) -> None:
    proposal = workshop.note(workshop.erp.record("sale"))
    action = await workshop.approved(proposal)
    silent("add_note")(workshop.erp)
    await workshop.perform(action.id)
    _, filing = await workshop.night(proposal)
    assert filing.actions == (action.id,), "nothing new about it until it is settled"
    with workshop.database.write() as session:
        ledger.resolve(session, action.id, ledger.Outcome("failed"), BOSS, NOW)
    again = await workshop.approved(proposal)
    assert (again.occurrence, (await workshop.perform(again.id)).status) == (2, "done")


async def test_what_was_found_is_kept_when_a_person_says_done(workshop: Workshop) -> None:
    offer = workshop.shelf()
    action = await workshop.approved(workshop.order(offer))
    supplier, item = workshop.erp.records.suppliers[0], workshop.erp.records.items[0]
    order = workshop.erp.order(supplier, [(item, 7)], key=action.key)
    await workshop.perform(action.id)
    with workshop.database.write() as session:
        ledger.resolve(session, action.id, ledger.Outcome("done"), BOSS, NOW)
    effect = workshop.effect(action.id)
    assert (effect.state, effect.reference) == ("done", order.number)


# --- changes by value ---


@pytest.mark.parametrize("plan", [silent("change_line"), answer_lost("change_line")])
async def test_lines_of_a_draft_are_changed_one_by_one(workshop: Workshop, plan: Plan) -> None:
    erp = workshop.erp
    items = [erp.item(code) for code in ("A", "B", "C")]
    draft = erp.order(erp.supplier("Mill"), [(item, 10) for item in items], state="draft")
    action = await workshop.approved(workshop.change(draft, 25))
    plan(erp)
    assert (await workshop.perform(action.id)).status == "done"
    assert [line.quantity for line in workshop.drafts[0].lines] == [25, 25, 25]


async def test_a_draft_confirmed_meanwhile_is_not_changed(workshop: Workshop) -> None:
    erp = workshop.erp
    draft = erp.order(erp.supplier("Mill"), [(erp.item("A"), 10)], state="draft")
    action = await workshop.approved(workshop.change(draft, 25))
    erp.change(draft, state="confirmed")
    assert (await workshop.perform(action.id)).status == "unknown"
    assert erp.records.orders[0].lines[0].quantity == 10


# --- the brake ---


async def test_while_the_brake_is_on_nothing_is_even_claimed(real_workshop: Workshop) -> None:
    action = await real_workshop.approved(real_workshop.order(real_workshop.shelf()))
    real_workshop.stop()
    told = told_about(real_workshop, action.id)
    for _ in range(3):
        (row,) = await perform_approved(real_workshop.desk)
        assert row.status == "approved"
    assert real_workshop.erp.writes == []
    assert told_about(real_workshop, action.id) == told, "the sweeper leaves no trail of it"
    real_workshop.go()
    (row,) = await perform_approved(real_workshop.desk)
    assert row.status == "done"


def told_about(workshop: Workshop, action_id: str) -> int:
    with workshop.database.read() as session:
        query = select(AuditRow).where(AuditRow.subject == action_id)
        return len(list(session.scalars(query)))


@pytest.mark.parametrize("agent", ["", "tiny"])
async def test_the_brake_stops_between_two_steps(workshop: Workshop, agent: str) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    workshop.erp.after("draft_order", lambda: workshop.stop(agent))
    row = await workshop.perform(action.id)
    assert (row.status, row.not_before) == ("approved", None)
    assert (len(workshop.drafts), workshop.confirmed) == (1, [])
    workshop.go(agent)
    (row,) = await perform_approved(workshop.desk)
    assert (row.status, len(workshop.confirmed), workshop.drafts) == ("done", 1, [])


async def test_another_agents_brake_is_not_ours(workshop: Workshop) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    workshop.stop("other")
    assert (await workshop.perform(action.id)).status == "done"


async def test_a_restored_database_writes_nothing(workshop: Workshop) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    with workshop.database.write() as session:
        session.get_one(CompanyRow, ATELIER.id).restored = True
    assert (await workshop.perform(action.id)).status == "approved"
    assert workshop.erp.writes == []


# --- what was approved is what is done ---


async def test_arguments_changed_behind_the_ledgers_back_are_not_carried_out(
    workshop: Workshop,
) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    forged = {**action.arguments, "supplier_id": "999"}
    with workshop.database.write() as session:
        session.execute(update(ActionRow).values(arguments=forged))
    row = await workshop.perform(action.id)
    assert row.status == "failed"
    assert "differs from what was approved" in (workshop.effect(action.id).error or "")
    assert workshop.erp.writes == []


# --- faults of ours, of plug-ins, of the machine ---


@pytest.mark.parametrize("operation", ["find_orders", "suppliers", "draft_order", "confirm_order"])
@pytest.mark.parametrize("fault", [KeyError("lines"), ValueError("?"), NeedsPerson("look at it")])
async def test_no_fault_leaves_an_action_under_way(
    workshop: Workshop, operation: str, fault: Exception
) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    workshop.erp.fail_next(operation, fault)
    assert (await workshop.perform(action.id)).status == "unknown"
    assert str(fault) in (workshop.effect(action.id).error or "")
    other = await workshop.approved(workshop.order(workshop.shelf("OAK")))
    assert (await workshop.perform(other.id)).status == "done"


async def test_a_missing_plug_in_is_waited_for(workshop: Workshop) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    desk, workshop.desk = workshop.desk, replace(workshop.desk, kinds={})
    row = await workshop.perform(action.id)
    assert (row.status, row.not_before) == ("approved", NOW + BACK_OFF)
    workshop.desk = desk
    workshop.clock.forward(minutes=5)
    assert (await workshop.perform(action.id)).status == "done"


async def test_what_this_erp_cannot_do_fails(workshop: Workshop) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    workshop.erp.fail_next("draft_order", Unsupported("no orders here"))
    assert (await workshop.perform(action.id)).status == "failed"


@pytest.mark.parametrize("note", [False, True])
async def test_what_could_not_be_recorded_is_found_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, note: bool
) -> None:
    """The disk is full in the moment of recording: the ERP has it, we don't know it yet."""
    sale = workshop.erp.record("sale")
    proposal = workshop.note(sale) if note else workshop.order(workshop.shelf())
    action = await workshop.approved(proposal)

    def full(*_: Any, **__: Any) -> None:
        raise DiskFull("The disk of the database is full.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "finish", full)
        with pytest.raises(DiskFull):
            await workshop.perform(action.id)
    assert workshop.action(action.id).status == "performing"
    writes = len(workshop.erp.writes)
    (row,) = await recover(workshop.desk)
    assert (row.status, len(workshop.erp.writes)) == ("done", writes)
    assert workshop.effect(action.id).attempts == 2


async def test_a_cancelled_note_is_not_sent_again(workshop: Workshop) -> None:
    action = await workshop.approved(workshop.note(workshop.erp.record("sale")))
    sending = asyncio.Event()

    async def hang() -> None:
        sending.set()
        await asyncio.Event().wait()

    workshop.erp.before("add_note", hang)
    task = asyncio.ensure_future(workshop.perform(action.id))
    await sending.wait()
    assert (await workshop.perform(action.id)).status == "performing"
    assert await recover(workshop.desk) == [], "it is being carried out by this very process"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert workshop.action(action.id).status == "performing"
    (row,) = await recover(workshop.desk)
    assert row.status == "unknown"
    assert workshop.erp.records.notes == []


async def test_a_cancelled_order_is_gone_on_with(workshop: Workshop) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    sending = asyncio.Event()

    async def hang() -> None:
        sending.set()
        await asyncio.Event().wait()

    workshop.erp.before("confirm_order", hang)
    task = asyncio.ensure_future(workshop.perform(action.id))
    await sending.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (row,) = await recover(workshop.desk)
    assert (row.status, len(workshop.confirmed), workshop.drafts) == ("done", 1, [])


# --- several at once ---


async def test_one_action_performed_by_many_at_once_is_done_once(
    real_workshop: Workshop,
) -> None:
    for proposal in (
        real_workshop.order(real_workshop.shelf()),
        real_workshop.note(real_workshop.erp.record("sale")),
    ):
        action = await real_workshop.approved(proposal)
        colleagues = [real_workshop, *(real_workshop.colleague() for _ in range(2))]
        await asyncio.gather(
            *(one.perform(action.id) for one in colleagues * 2),
            *(recover(one.desk) for one in colleagues),
            *(perform_approved(one.desk) for one in colleagues),
        )
        assert real_workshop.action(action.id).status == "done"
        for one in colleagues[1:]:
            one.alive.release()
    assert (len(real_workshop.confirmed), len(real_workshop.erp.records.notes)) == (1, 1)
    assert len(real_workshop.erp.writes) == 3


async def test_a_lock_lost_while_writing_is_unknown(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    held: list[Lock] = []
    hold = workshop.locks.try_hold

    def remembered(name: str) -> Lock | None:
        lock = hold(name)
        held.extend([lock] if lock else [])
        return lock

    monkeypatch.setattr(workshop.locks, "try_hold", remembered)
    workshop.erp.after("draft_order", lambda: held[-1].release())
    assert (await workshop.perform(action.id)).status == "unknown"
    assert workshop.confirmed == []
    assert action.key in (workshop.effect(action.id).error or "")


async def test_an_erp_that_another_process_writes_to_is_waited_for(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = await workshop.approved(workshop.order(workshop.shelf()))
    monkeypatch.setattr("regisseur.graphs.desk.exclusively.__wrapped__.__defaults__", (0.01,))
    with workshop.locks.hold(f"erp:{workshop.erp.identity}", timeout=0):
        row = await workshop.perform(action.id)
    assert (row.status, workshop.erp.writes) == ("approved", [])
    workshop.clock.forward(hours=1)
    assert (await workshop.perform(action.id)).status == "done"


# --- dead and lost workers ---


async def test_what_a_living_colleague_performs_is_left_alone(real_workshop: Workshop) -> None:
    colleague = real_workshop.colleague()
    action = await real_workshop.approved(real_workshop.order(real_workshop.shelf()))
    with real_workshop.database.write() as session:
        assert ledger.claim(session, action.id, str(colleague.owner), NOW)
    assert await recover(real_workshop.desk) == []
    assert real_workshop.action(action.id).performer == str(colleague.owner)
    colleague.alive.release()


@pytest.mark.parametrize("done", [False, True])
async def test_of_a_lost_worker_one_only_looks(real_workshop: Workshop, done: bool) -> None:
    """Its lock is free, yet nobody knows whether it has stopped."""
    colleague = real_workshop.colleague()
    action = await real_workshop.approved(real_workshop.order(real_workshop.shelf()))
    with real_workshop.database.write() as session:
        ledger.claim(session, action.id, str(colleague.owner), NOW)
    if done:
        draft = KINDS[action.kind].parse(action.arguments).draft()
        await real_workshop.erp.draft_order(action.key, draft)
        (order,) = real_workshop.drafts
        await real_workshop.erp.confirm_order(order)
    writes = len(real_workshop.erp.writes)
    colleague.alive.release()
    (row,) = await recover(real_workshop.desk)
    assert row.status == ("done" if done else "unknown")
    assert len(real_workshop.erp.writes) == writes


async def test_of_a_lost_worker_one_only_looks_also_at_the_second_attempt(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    colleague = workshop.colleague()
    action = await workshop.approved(workshop.order(workshop.shelf()))
    with workshop.database.write() as session:
        ledger.claim(session, action.id, str(colleague.owner), NOW)
    colleague.alive.release()

    def full(*_: Any, **__: Any) -> None:
        raise DiskFull("The disk of the database is full.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "finish", full)
        with pytest.raises(DiskFull):
            await recover(workshop.desk)
    (row,) = await recover(workshop.desk)
    assert (row.status, workshop.erp.writes) == ("unknown", [])


async def test_a_lost_worker_that_wakes_up_writes_nothing_more(real_workshop: Workshop) -> None:
    """Taken over between its two steps, it must not confirm."""
    colleague = real_workshop.colleague()
    action = await real_workshop.approved(real_workshop.order(real_workshop.shelf()))

    async def taken_over() -> None:
        def take() -> None:
            with real_workshop.database.write() as session:
                old, new = str(colleague.owner), real_workshop.desk.owner
                assert ledger.take_over(session, action.id, old, new, NOW, lost=True)
                ledger.finish(session, action.id, new, ledger.Outcome("unknown"), NOW)

        await asyncio.to_thread(take)

    real_workshop.erp.after("draft_order", taken_over)
    row = await colleague.perform(action.id)
    assert row.status == "unknown"
    assert (real_workshop.confirmed, len(real_workshop.drafts)) == ([], 1)
    colleague.alive.release()


WORKER = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {support!r})
from desk import Workshop
from regisseur.storage.database import Database
from regisseur.tools.erp.memory import MemoryERP

async def stop() -> None:
    print("reached", flush=True)
    await asyncio.Event().wait()

erp = MemoryERP(file=Path({file!r}))
with Database.open({url!r}) as database:
    workshop = Workshop(database, erp)
    getattr(erp, {when!r})({operation!r}, stop)
    asyncio.run(workshop.perform({action!r}))
"""


def killed_at(url: str, erp: Path, action: str, when: str, operation: str) -> None:
    """A worker in a process of its own, killed at one point of carrying out an action."""
    support = str(Path(__file__).parent.parent / "support")
    code = WORKER.format(
        support=support, file=str(erp), url=url, when=when, operation=operation, action=action
    )
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "reached\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()


@pytest.mark.parametrize(
    ("note", "when", "operation", "status"),
    [
        (False, "before", "find_orders", "done"),
        (False, "before", "draft_order", "done"),
        (False, "after", "draft_order", "done"),
        (False, "before", "confirm_order", "done"),
        (False, "after", "confirm_order", "done"),
        (True, "before", "add_note", "unknown"),
        (True, "after", "add_note", "done"),
    ],
)
async def test_what_a_killed_worker_was_doing_is_settled_at_once(
    database_url: str, tmp_path: Path, note: bool, when: str, operation: str, status: str
) -> None:
    file = tmp_path / "erp.json"
    erp = MemoryERP(today=ON, file=file)
    with Database.open(database_url) as database:
        registered(database)
        workshop = Workshop(database, erp)
        sale = erp.record("sale")
        proposal = workshop.note(sale) if note else workshop.order(workshop.shelf())
        action = await workshop.approved(proposal)
        killed_at(database_url, file, action.id, when, operation)
        assert workshop.action(action.id).status == "performing"
        (row,) = await recover(workshop.desk)
        assert row.status == status
        assert (len(workshop.confirmed), workshop.drafts) == (0 if note else 1, [])
        assert len(erp.records.notes) == (1 if note and status == "done" else 0)
        assert await recover(workshop.desk) == []
        assert workshop.effect(action.id).attempts == 2
        assert workshop.verdict().intact
        workshop.alive.release()


def test_every_kind_of_action_says_what_to_check() -> None:
    """Without it `unknown` would leave a person alone."""
    assert all(type(kind).to_check is not Kind.to_check for kind in KINDS.values())


def test_an_owner_can_be_read_back() -> None:
    owner = Owner.new()
    assert Owner.parse(str(owner)) == owner
