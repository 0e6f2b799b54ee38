"""A worker that is frozen raises an alarm and keeps what it performs; one that is killed loses it at
once; one whose lock was lost while it lives makes it unknown, and does no more harm when it wakes.
Then a night that comes in between a person's looking and deciding, and the other way round.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta

import pytest
from databases import Server
from frozen import (
    AFTER_WRITING,
    BEFORE_WRITING,
    CLAIMED,
    Frozen,
    each_while_writing,
    filed,
    hang_up,
    lose_locks,
    office_of,
    on_either,
    propose,
    proposed,
    undisturbed,
)
from matrix import KILLED, Site, Sites, complaints, full, tried_in_doubt
from matrix_child import LATER, NIGHT, ON

from regisseur.graphs.stalled import TOO_LONG
from regisseur.office.cli.main import main
from regisseur.storage.locks import Owner
from regisseur.tools.actions.base import Found
from regisseur.tools.texts import word

MOMENTS = [CLAIMED, BEFORE_WRITING, AFTER_WRITING]
HUNG_UP = [
    (kind, moment)
    for number, kind in enumerate(tried_in_doubt())
    for moment in (MOMENTS if full() else [MOMENTS[number % len(MOMENTS)]])
]
"""In turn, unless all are tried."""


@pytest.fixture
def server(request: pytest.FixtureRequest, database: str) -> Server | None:
    """The PostgreSQL server, where the test is about one."""
    if database == "sqlite":
        return None
    found: Server = request.getfixturevalue("postgresql")
    return found


def looked_up(site: Site) -> Found:
    """What the ERP has under the key of the only action."""
    (action,) = site.books().actions
    with office_of(site) as office:
        port = site.kind.reach(office.opened.core.house.desk(None))
    return asyncio.run(site.kind.look_up(port, action.key, site.kind.parse(action.arguments)))


# --- frozen ---


@on_either
def test_a_frozen_worker_raises_an_alarm_and_is_left_alone(
    sites: Sites, database: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    worker = Frozen(site, "approve", freeze_at=passed.index(BEFORE_WRITING))
    (held,), world = site.books().actions, site.world
    assert held.performer is not None
    with office_of(site, NIGHT + TOO_LONG - timedelta(seconds=1)) as office:
        (swept,) = office.sweep()
        assert (swept.stalled, swept.held, swept.alarming) == ((), (), False)
        assert office.inbox() == []
    with office_of(site, NIGHT + TOO_LONG) as office, caplog.at_level(logging.WARNING):
        caplog.clear()
        (swept,) = office.sweep()
        (alarm,) = swept.stalled
        assert (alarm.id, alarm.process, alarm.since) == (held.id, worker.pid, NIGHT)
        assert (swept.recovered, swept.performed) == ((), ())
        assert f"process {worker.pid} on {alarm.machine}" in caplog.text
        told = f"Process {worker.pid} on {alarm.machine} has been carrying this out since 04:00"
        (waiting,) = office.inbox()
        check = waiting.line.to_check
        assert check is not None
        assert word(check, "en_GB").startswith(told)
        assert f"Le processus {worker.pid} de la machine" in word(check, "fr_FR")
        assert office.doctor().stalled == (alarm,)
        assert not office.doctor().healthy
        (report,) = office.reports()
        assert [one.id for one in report.data.unsettled] == [held.id]
        assert told in " ".join(report.text().split())
        assert "Le processus" in report.html("fr_FR")
        tomorrow = office.run("prompted", on=ON + timedelta(days=1)).report
        assert tomorrow is not None
        assert told in " ".join(tomorrow.text().split()), "told in the report that is read"
    (still,) = site.books().actions
    assert (still.status, still.performer, still.updated_at) == (
        *("performing", held.performer),
        held.updated_at,
    )
    assert site.world == world
    assert worker.killed().code == KILLED
    with office_of(site) as office:
        assert office.doctor().stalled == ()
        assert office.inbox() == [], "who died is no alarm: the next sweep takes over"
        (swept,) = office.sweep()
        assert (swept.recovered, swept.stalled) == ((held.id,), ())
    if site.kind.repeatable:
        assert site.world == whole
    else:
        assert site.books().to_check


def test_the_command_line_tells_what_to_do_about_it(
    sites: Sites, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of now it has been frozen since the matrix's night, which is past or to come."""
    _, passed = undisturbed(sites, "sqlite", "tell_sales")
    site = filed(sites, "sqlite", "tell_sales")
    worker = Frozen(site, "approve", freeze_at=passed.index(BEFORE_WRITING))
    settings = site.folder / "regisseur.toml"
    connected = '[company.erp]\nvendor = "memory"\nfile = "erp.json"\n'
    settings.write_text(f"{settings.read_text()}\n{connected}")
    monkeypatch.setattr("regisseur.office.faces.wall_clock", lambda: LATER)
    monkeypatch.chdir(site.folder)

    def run(*words: str) -> tuple[int, str]:
        code = main(["--config", str(settings), *words])
        return code, " ".join(capsys.readouterr().out.split())

    (action,) = site.books().actions
    told = f"Process {worker.pid} on "
    assert run("sweep")[0] == 5
    for command in (["sweep"], ["inbox"], ["doctor"], ["show", action.id], ["report"]):
        assert told in run(*command)[1], command
    code, machine = run("sweep", "--json")
    (stalled,) = json.loads(machine)["swept"][0]["stalled"]
    assert (code, stalled["process"]) == (5, worker.pid)
    assert stalled["since"] == NIGHT.isoformat()
    assert run("doctor")[0] == 5
    worker.killed()
    assert run("doctor")[0] == 0
    assert told not in run("sweep")[1]
    assert told not in run("report")[1]


@on_either
def test_a_mission_that_a_frozen_process_runs_is_told_too(
    sites: Sites, database: str, kind: str
) -> None:
    site = sites.new(database, kind, "ask")
    alone = sites.new(database, kind, "ask").run("file").passed
    worker = Frozen(site, "file", freeze_at=alone.index("after commit of keep_observation"))
    (mission,) = site.books().missions
    with office_of(site) as office:
        (swept,) = office.sweep()
        assert [(one.id, one.agent, one.since) for one in swept.held] == [
            (mission.id, "prompted", NIGHT)
        ]
        assert (swept.resumed, swept.alarming) == ((), True)
    worker.killed()
    with office_of(site) as office:
        (swept,) = office.sweep()
        assert (swept.resumed, swept.held) == ((mission.id,), ())
        assert [one.status for one in office.inbox()] == ["proposed"]


# --- its lock lost while it lives ---


@each_while_writing
def test_a_lock_lost_while_its_worker_lives_leaves_it_to_a_person(
    sites: Sites, server: Server | None, database: str, kind: str, boundary: str
) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    worker = Frozen(site, "approve", freeze_at=passed.index(boundary))
    world = site.world
    lose_locks(site, server)
    with office_of(site) as office:
        (swept,) = office.sweep()
        assert len(swept.recovered) == 1
    books = site.books()
    assert site.world == world, "the sweeper only looked"
    if world == whole:
        assert books.status == "done"
    else:
        assert books.status == "unknown"
        assert books.to_check
    woken = worker.woken()
    assert woken.code == 0, woken.log
    more = len(site.world.writes) - len(world.writes)
    assert more == (boundary == BEFORE_WRITING), "only the write that it was in the middle of"
    assert (looked_up(site).state == "nothing") is (site.world == site.start_of_world)
    after = site.books()
    assert [one.status for one in after.actions] == [one.status for one in books.actions]
    assert [one.answer for one in after.effects] == [one.answer for one in books.effects]
    assert after.chain.intact


@each_while_writing
def test_who_lost_its_lock_and_wakes_before_anybody_looked_tells_what_it_did(
    sites: Sites, server: Server | None, database: str, kind: str, boundary: str
) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    worker = Frozen(site, "approve", freeze_at=passed.index(boundary))
    before = len(site.world.writes)
    lose_locks(site, server)
    woken = worker.woken()
    assert woken.code == 0, woken.log
    books = site.books()
    if site.world == whole:
        assert books.status == "done"
    else:
        assert len(site.world.writes) - before <= (boundary == BEFORE_WRITING)
        assert books.status == "unknown"
        assert books.to_check
        assert looked_up(site).state in ("partial", "conflict")
    assert books.chain.intact
    assert site.run("sweep", later=True).told == [[]]
    assert site.books().status == books.status


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"])
@pytest.mark.parametrize(("kind", "boundary"), HUNG_UP)
def test_a_worker_that_the_server_hung_up_on_is_taken_over_once_it_ended(
    sites: Sites, server: Server, database: str, kind: str, boundary: str
) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    worker = Frozen(site, "approve", freeze_at=passed.index(boundary))
    hang_up(site, server)
    woken = worker.woken()
    assert woken.told in ([{"status": "done"}], [{"status": "unknown"}]) or (
        woken.told[0]["status"] == "DatabaseUnreachable"
    ), woken
    site.run("sweep", later=True)
    site.run("sweep", later=True)
    assert complaints(site, whole, may_be_unknown=not site.kind.repeatable) == []


def test_a_name_of_an_owner_tells_the_machine_as_people_know_it() -> None:
    owner = Owner.new()
    assert owner.host.startswith(f"{owner.machine}.")


# --- a night and a decision ---


@on_either
def test_a_night_between_looking_and_deciding_that_says_the_same_changes_nothing(
    sites: Sites, database: str, kind: str
) -> None:
    whole, _ = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    person = Frozen(site, "decide")
    with office_of(site, NIGHT + timedelta(hours=1)) as office:
        office.run("prompted", on=ON + timedelta(days=1))
    assert person.woken().told == [{"status": "done"}]
    site.run("sweep")
    assert site.world == whole
    assert [one.status for one in site.books().actions] == ["done"]


@on_either
@pytest.mark.parametrize("other", [True, False], ids=["says otherwise", "withdraws"])
def test_what_a_night_has_changed_or_withdrawn_is_not_decided_unseen(
    sites: Sites, database: str, kind: str, other: bool
) -> None:
    site = filed(sites, database, kind)
    person = Frozen(site, "decide")
    told = proposed(site)
    told["reason"]["text"] = "For quite another reason."
    propose(site, *([told] if other else []))
    with office_of(site, NIGHT + timedelta(hours=1)) as office:
        office.run("prompted", on=ON + timedelta(days=1))
    (refused,) = person.woken().told
    assert refused["status"] == ("ChangedSince" if other else "NotDecidable")
    assert site.world == site.start_of_world
    books = site.books()
    assert [one.status for one in books.actions] == ["proposed" if other else "withdrawn"]
    assert books.decisions == []


@on_either
@pytest.mark.parametrize("mode", ["ask", "auto"])
def test_a_night_that_read_before_a_decision_was_carried_out_proposes_it_no_more(
    sites: Sites, database: str, kind: str, mode: str
) -> None:
    whole, _ = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    settings = site.folder / "regisseur.toml"
    settings.write_text(settings.read_text().replace('"ask"', f'"{mode}"'))
    told: list[object] = []

    def decide() -> None:
        told.extend(site.run("approve", later=True).told)

    with office_of(site, NIGHT + timedelta(hours=1), meanwhile=decide) as office:
        report = office.run("prompted", on=ON + timedelta(days=1)).report
    assert told == [{"status": "done"}]
    assert site.world == whole
    assert [one.status for one in site.books().actions] == ["done"]
    assert report is not None
    assert [one.tag for one in report.data.held] == ["carried_out_since"]
