"""Nights: recomputed in place, never piled up, and what they meet when people are faster."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from desk import BUYER, NOW, ON, Workshop, opened
from sqlalchemy import text

from regisseur.graphs.filing import Filing
from regisseur.storage import ledger, missions
from regisseur.storage.database import Database
from regisseur.storage.ledger import Ruling
from regisseur.storage.tables import CompanyRow
from regisseur.tools.records import RecordRef

pytestmark = pytest.mark.anyio


async def test_the_same_night_again_changes_nothing_but_the_mission(
    real_workshop: Workshop,
) -> None:
    proposal = real_workshop.order(real_workshop.shelf())
    first = await real_workshop.proposed(proposal)
    until = NOW + timedelta(days=2)
    await real_workshop.decide(first.id, "snooze", until=until)
    await real_workshop.decide(first.id, "reassign", assignee="ann")
    mission, filing = await real_workshop.night(proposal)
    again = real_workshop.action(first.id)
    assert filing.actions == (first.id,)
    assert (again.revision, again.snoozed_until, again.assignee) == (1, until, "ann")
    assert again.mission_id == mission.id
    assert len(real_workshop.actions()) == 1


async def test_a_changed_proposal_is_a_new_revision_and_wakes_it(workshop: Workshop) -> None:
    offer = workshop.shelf()
    first = await workshop.proposed(workshop.order(offer, 100))
    await workshop.decide(first.id, "snooze", until=NOW + timedelta(days=2))
    again = await workshop.proposed(workshop.order(offer, 150))
    assert (again.id, again.revision, again.snoozed_until) == (first.id, 2, None)
    assert [one.arguments["lines"][0]["quantity"] for one in workshop.revisions(first.id)] == [
        "100",
        "150",
    ]


async def test_what_is_no_longer_proposed_is_withdrawn_of_this_agent_only(
    workshop: Workshop,
) -> None:
    steel, oak = workshop.order(workshop.shelf()), workshop.order(workshop.shelf("OAK"))
    other = workshop.note(workshop.erp.record("sale"))
    await workshop.night(other, agent="other")
    await workshop.night(steel, oak)
    await workshop.night(oak)
    assert [row.status for row in workshop.actions()].count("withdrawn") == 1
    assert {row.kind for row in workshop.actions() if row.status == "proposed"} == {
        "place_purchase_order",
        "tell_sales",
    }


async def test_a_mission_that_files_twice_withdraws_nothing_of_its_own(
    workshop: Workshop,
) -> None:
    from regisseur.graphs.filing import file_judgement
    from regisseur.graphs.judgement import Judgement

    mission, _ = await workshop.night(workshop.order(workshop.shelf()))
    note = workshop.note(workshop.erp.record("sale"))
    judgement = Judgement(headline=note.reason, proposals=(note,))
    await file_judgement(workshop.desk, mission, judgement)
    assert [row.status for row in workshop.actions()] == ["proposed", "proposed"]


async def test_a_rejected_proposal_comes_back_only_if_it_is_another_one(
    workshop: Workshop,
) -> None:
    offer = workshop.shelf()
    first = await workshop.proposed(workshop.order(offer, 100))
    await workshop.decide(first.id, "reject")
    _, filing = await workshop.night(workshop.order(offer, 101))
    assert filing.actions == ()
    assert [(one.tag, one.subject) for one in filing.held] == [("rejected_before", first.subject)]
    back = await workshop.proposed(workshop.order(offer, 200))
    assert (back.occurrence, back.status) == (2, "proposed")
    assert back.key != first.key
    await workshop.night()
    assert workshop.action(back.id).status == "withdrawn"
    _, filing = await workshop.night(workshop.order(offer, 100))
    assert filing.actions == (), "a proposal that lapsed doesn't undo the rejection before it"


async def test_a_rejection_under_an_older_form_of_the_kind_doesnt_stop_the_night(
    workshop: Workshop,
) -> None:
    proposal = workshop.order(workshop.shelf())
    first = await workshop.proposed(proposal)
    await workshop.decide(first.id, "reject")
    with workshop.database.write() as session:
        ledger.get(session, first.id).arguments = {"supplier": "in the words of last year"}
    assert (await workshop.proposed(proposal)).occurrence == 2


async def test_what_is_being_carried_out_is_told_and_not_proposed_again(
    workshop: Workshop,
) -> None:
    offer = workshop.shelf()
    first = await workshop.approved(workshop.order(offer, 100))
    _, filing = await workshop.night(workshop.order(offer, 300))
    assert filing.actions == (first.id,)
    assert [one.tag for one in filing.held] == ["not_settled"]
    assert workshop.action(first.id).arguments == first.arguments


async def test_after_it_was_done_a_new_need_is_a_new_occurrence(workshop: Workshop) -> None:
    offer = workshop.shelf()
    first = await workshop.approved(workshop.order(offer))
    assert (await workshop.perform(first.id)).status == "done"
    again = await workshop.proposed(workshop.order(offer))
    assert (again.occurrence, again.status) == (2, "proposed")


async def test_two_proposals_about_one_thing_are_told_not_merged(workshop: Workshop) -> None:
    offer = workshop.shelf()
    _, filing = await workshop.night(workshop.order(offer, 100), workshop.order(offer, 200))
    (action,) = workshop.actions()
    assert action.arguments["lines"][0]["quantity"] == "100"
    assert [one.tag for one in filing.held] == ["not_prepared"]


async def test_a_proposal_that_cannot_be_prepared_holds_up_no_other(workshop: Workshop) -> None:
    good = workshop.order(workshop.shelf())
    wrong = good.model_copy(update={"arguments": {"supplier_id": 7}})
    unheard = good.model_copy(update={"kind": "launch_rocket"})
    _, filing = await workshop.night(wrong, good, unheard)
    assert len(filing.actions) == 1
    assert [one.tag for one in filing.held] == ["not_prepared", "not_prepared"]


async def test_auto_is_approved_by_its_rule(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "small", "mode": "auto"}])
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    assert (action.status, action.mode, action.rule) == ("approved", "auto", "small")


async def test_what_a_person_put_to_sleep_is_not_done_behind_their_back(
    workshop: Workshop,
) -> None:
    proposal = workshop.order(workshop.shelf())
    action = await workshop.proposed(proposal)
    await workshop.decide(action.id, "snooze", until=NOW + timedelta(days=2))
    workshop.ruled_by(rules=[{"name": "auto", "mode": "auto"}])
    assert (await workshop.proposed(proposal)).status == "proposed"
    workshop.clock.forward(days=2)
    assert (await workshop.proposed(proposal)).status == "approved"


async def test_a_veto_window_runs_on_while_nothing_changes(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "veto", "mode": "veto", "veto_until": "10:00"}])
    offer = workshop.shelf()
    first = await workshop.proposed(workshop.order(offer))
    assert first.veto_until == NOW.replace(hour=9)
    workshop.clock.forward(hours=7)
    assert (await workshop.proposed(workshop.order(offer))).status == "approved"

    oak = workshop.shelf("OAK")
    await workshop.proposed(workshop.order(oak))
    workshop.clock.forward(hours=25)
    changed = await workshop.proposed(workshop.order(oak, 150))
    assert changed.status == "proposed", "a new quantity gives a new window"
    assert changed.veto_until is not None
    assert changed.veto_until > workshop.clock()


async def test_a_snoozed_veto_waits_for_a_person(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "veto", "mode": "veto", "veto_until": "10:00"}])
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    await workshop.decide(action.id, "snooze", until=NOW + timedelta(hours=1))
    workshop.clock.forward(days=3)
    with workshop.database.write() as session:
        row = ledger.settle_by_policy(session, action.id, workshop.clock())
    assert row.status == "proposed"


# --- at the same moment ---


async def test_a_night_meets_a_decision_in_the_same_moment(real_workshop: Workshop) -> None:
    """Who approves 100 gets 100, though the night was about to make it 300."""
    offer = real_workshop.shelf()
    seen = await real_workshop.proposed(real_workshop.order(offer, 100))
    proposal = real_workshop.order(offer, 300)

    def night() -> Filing:
        return asyncio.run(real_workshop.night(proposal))[1]

    with ThreadPoolExecutor(1) as threads:
        with real_workshop.database.write() as session:
            ruling = Ruling(seen.id, seen.revision, seen.seen_hash, "approve", BUYER)
            ledger.decide(session, ruling, NOW)
            result = threads.submit(night)
            _wait_for_a_waiter(real_workshop.database, result)
        filing = result.result()
    row = real_workshop.action(seen.id)
    assert (row.status, row.revision, row.arguments) == ("approved", 1, seen.arguments)
    assert [one.tag for one in filing.held] == ["not_settled"]


async def test_a_night_withdraws_nothing_that_is_approved_in_the_same_moment(
    real_workshop: Workshop,
) -> None:
    seen = await real_workshop.proposed(real_workshop.order(real_workshop.shelf()))

    def night() -> Filing:
        return asyncio.run(real_workshop.night())[1]

    with ThreadPoolExecutor(1) as threads:
        with real_workshop.database.write() as session:
            ruling = Ruling(seen.id, seen.revision, seen.seen_hash, "approve", BUYER)
            ledger.decide(session, ruling, NOW)
            result = threads.submit(night)
            _wait_for_a_waiter(real_workshop.database, result)
        result.result()
    assert real_workshop.action(seen.id).status == "approved"


def _wait_for_a_waiter(database: Database, result: Future[Any]) -> None:
    """Until somebody waits for what we hold; on SQLite nobody can even begin while we write."""
    if database.dialect == "sqlite":
        return
    question = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with database.ledger.connect() as connection:
        while not connection.scalar(question) and not result.done():
            connection.rollback()
            time.sleep(0.01)  # nothing tells us, the server has to be asked


async def test_two_nights_at_once_file_one_action_and_share_one_budget(
    real_workshop: Workshop,
) -> None:
    real_workshop.ruled_by(rules=[{"name": "auto", "mode": "auto"}], auto_count=3)
    shared = [real_workshop.order(real_workshop.shelf(f"ITEM{n}")) for n in range(4)]
    start = threading.Barrier(4)

    def night(number: int) -> Filing:
        start.wait()
        return asyncio.run(real_workshop.night(*shared, agent=f"agent{number}"))[1]

    with ThreadPoolExecutor(4) as threads:
        filings = list(threads.map(night, range(4)))
    assert len({filing.actions for filing in filings}) == 1
    assert len(real_workshop.actions()) == 4
    assert [row.status for row in real_workshop.actions()].count("approved") == 3
    assert real_workshop.verdict().intact


async def test_one_slot_begun_twice_at_once_is_one_mission(real_workshop: Workshop) -> None:
    start = threading.Barrier(4)

    def begin(_: int) -> str:
        start.wait()
        with real_workshop.database.write() as session:
            return missions.open_mission(session, "atelier", "tiny", ON, 1, NOW).id

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(begin, range(4)))) == 1


async def test_a_mission_of_an_unknown_company_is_refused(workshop: Workshop) -> None:
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), workshop.database.write() as session:
        opened(session, company="nobody")


def test_names_from_the_erp_reach_the_key_as_they_are(workshop: Workshop) -> None:
    sale = RecordRef(model="sale", id=workshop.erp.record("sale").id, label="<b>é:/\\</b>")
    action = asyncio.run(workshop.proposed(workshop.note(sale)))
    assert action.key == f"tell_sales:atelier:sale/{sale.id}/delay:1"
    with workshop.database.read() as session:
        assert session.get_one(CompanyRow, "atelier").name == "Atelier Martin"


async def test_an_agent_proposes_only_what_it_says_it_proposes(workshop: Workshop) -> None:
    workshop.desk = replace(workshop.desk, proposes={"tiny": ("tell_sales",)})
    _, filing = await workshop.night(workshop.order(workshop.shelf()))
    assert (filing.actions, workshop.actions()) == ((), [])
    assert [one.tag for one in filing.held] == ["not_prepared"]
