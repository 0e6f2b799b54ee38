"""Missions on the page: started, watched while they run, read, and beside the night before."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import timedelta

import pytest
from desk import opened
from sqlalchemy import select
from website import ON, Site, Visitor

from regisseur.office.house import wall_clock
from regisseur.office.web.progress import REMEMBERED, Progress, Watched
from regisseur.storage.tables import MissionRow
from regisseur.tools.records import Speaker

say = Speaker("tests")
NAME = re.compile(r"/atelier/missions/(\w+)")


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def started(visitor: Visitor, **form: str) -> str:
    """The address of a mission begun on the page."""
    answer = visitor.post("missions", {"agent": "clerk", "on": str(ON), **form})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_mission_is_started_watched_and_read(site: Site) -> None:
    operator = site.visitor("operator")
    place = started(operator, again="yes")

    events = operator.text(f"{place}/events")  # comes to its end with the mission
    page = operator.text(place)

    assert re.search(r"id: 1\nevent: step\ndata: <li>.*Reading stock</li>", events)
    assert events.endswith("event: end\ndata: ended\n\n")
    assert "operator.atelier" in page
    assert "waits for decisions" in page
    assert f'src="{place}/report"' in page
    assert "data-events" not in page


def test_a_page_that_comes_back_is_told_the_steps_it_has_missed(site: Site) -> None:
    operator = site.visitor("operator")
    place = started(operator, again="yes")
    whole = operator.text(f"{place}/events")

    rest = operator.get(f"{place}/events", **{"last-event-id": "1"}).text

    assert "id: 1\n" not in rest
    assert rest == whole[whole.index("\n\n") + 2 :]


def test_a_night_that_was_run_is_shown_and_not_run_again(site: Site) -> None:
    before = len(NAME.findall(site.visitor("viewer").text("missions")))
    place = started(site.visitor("operator"))

    page = site.visitor("viewer").text("missions")

    assert place.rpartition("/")[2] in page
    assert len(NAME.findall(page)) == before


def test_the_whole_night_runs_every_enabled_agent(site: Site) -> None:
    operator = site.visitor("operator")
    tomorrow = str(ON + timedelta(days=1))

    answer = operator.post("missions", {"agent": "", "on": tomorrow})

    assert answer.headers["location"] == "/atelier/missions"
    enabled = site.office.opened.core.house.enabled["atelier"]
    assert len(enabled) > 1
    for name in enabled:  # the same slots again: each call waits for the mission that is running
        assert (
            site.office.run(name, on=ON + timedelta(days=1), company="atelier").status != "failed"
        )


def test_what_cannot_be_started_is_said(site: Site) -> None:
    operator = site.visitor("operator")

    assert operator.post("missions", {"agent": "nobody"}).status_code == 422
    assert operator.post("missions", {"agent": "clerk", "on": "soon"}).status_code == 422


def test_missions_come_in_pages(site: Site) -> None:
    database = site.office.opened.core.house.database
    with database.write() as session:
        for _ in range(41):
            opened(session, agent="clerk", on=ON, company="atelier")
            session.flush()
    viewer = site.visitor("viewer")

    pages, place = [], "missions"
    while place:
        page = viewer.text(place)
        pages += list(dict.fromkeys(NAME.findall(page)))
        older = re.search(r'href="([^"]+)" rel="next"', page)
        place = older[1] if older else ""

    with database.read() as session:
        kept = session.scalars(select(MissionRow.id).where(MissionRow.company_id == "atelier"))
        assert sorted(pages) == sorted(kept)


def test_a_report_is_shown_beside_the_night_before(site: Site) -> None:
    (waiting, *_) = site.office.inbox(company="atelier")
    site.office.decide(
        waiting, "reject", reason="not_needed", by="approver.atelier", company="atelier"
    )
    mission = site.office.run("clerk", on=ON + timedelta(days=2), company="atelier")

    page = site.visitor("viewer").text(f"missions/{mission.id}")

    assert "Compared with" in page
    assert f"/atelier/actions/{waiting.id}" in page.partition("No longer there")[2]


def test_a_report_is_a_sheet_that_runs_nothing(site: Site) -> None:
    viewer = site.visitor("viewer")
    name = NAME.findall(viewer.text("missions"))[0]
    page, sheet = viewer.get(f"missions/{name}"), viewer.get(f"missions/{name}/report")

    policy = sheet.headers["content-security-policy"]

    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert page.headers["content-security-policy"].endswith("frame-src 'self'")
    assert f'src="/atelier/missions/{name}/report"' in page.text


def test_a_mission_of_another_company_is_not_there(site: Site) -> None:
    theirs = site.office.run("clerk", on=ON, company="forge").id
    viewer = site.visitor("viewer")

    for page in ("", "/report", "/events"):
        assert viewer.get(f"missions/{theirs}{page}").status_code == 404


@pytest.mark.anyio
async def test_steps_told_on_any_thread_reach_whoever_follows() -> None:
    watched = Watched(wall_clock)
    watched.tell(say("before"))

    def work() -> None:
        for number in range(5):
            watched.tell(say("step {n}", n=number))
        watched.end()

    thread = threading.Thread(target=work)
    told = []
    async for number, step in watched.follow():
        told.append((number, step and step.message.text))
        if number == 1:
            thread.start()
    await asyncio.to_thread(thread.join)

    assert told == [(1, "before"), *((n, "step {n}") for n in range(2, 7))]


@pytest.mark.anyio
async def test_whoever_follows_is_told_that_nothing_happens() -> None:
    watched = Watched(wall_clock)
    told = []

    async for _, step in watched.follow(patience=0.001):
        told.append(step)
        if len(told) == 2:
            watched.end()

    assert told == [None, None]


def test_only_the_last_missions_are_remembered() -> None:
    progress = Progress()
    for number in range(REMEMBERED + 1):
        progress.watch(str(number), wall_clock)

    assert progress.of("0") is None
    assert progress.of(str(REMEMBERED)) is not None
