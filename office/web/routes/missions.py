"""Missions: all of them, one with its report, starting one, and watching it run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date

from anyio import to_thread
from starlette.responses import Response, StreamingResponse

from regisseur.errors import InvalidInput, NotFound
from regisseur.office import archive
from regisseur.office.core import Core
from regisseur.office.web import paper
from regisseur.office.web.pages import Entry, Visit, acts, page, rendered, shows
from regisseur.office.web.progress import Watched, progress_of
from regisseur.office.web.warnings import warnings
from regisseur.office.web.words import common, missions
from regisseur.tools.records import Day

PER_PAGE = 40
PATIENCE = 15.0
"""Seconds without news after which a watcher is told that the connection still stands."""
LOOK_AGAIN = 3.0
"""Seconds between two looks at a mission that another process runs."""


async def listed(visit: Visit) -> Response:
    """All missions, newest first."""
    asked = visit.request.query_params
    before, agent = asked.get("before"), asked.get("agent")
    found = await visit.do(
        archive.missions_page, visit.here.id, agent=agent, before=before, limit=PER_PAGE + 1
    )
    house = visit.office.opened.core.house
    return page(
        visit,
        "missions.html.j2",
        words=missions,
        common=common,
        warnings=await warnings(visit),
        found=found[:PER_PAGE],
        older=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        newest=before is None,
        of_agent=agent,
        titles={name: house.agents[name].title for name in house.enabled[visit.here.id]},
        running=any(one.status == "running" for one in found),
    )


async def start(visit: Visit) -> Response:
    """Begin a mission, or a whole night, and go and watch it."""
    house, form = visit.office.opened.core.house, visit.form
    enabled = house.enabled[visit.here.id]
    agent = str(form.get("agent", ""))
    if not enabled:
        raise InvalidInput("no agent is enabled", field="agent")
    if agent and agent not in enabled:
        raise InvalidInput(f"choose one of {', '.join(enabled)}", field="agent")
    on = _day(str(form.get("on", "")))
    again = form.get("again") == "yes"
    wanted = (agent,) if agent else enabled
    begun = await progress_of(visit.office).start(
        visit.office, wanted, company=visit.here.id, by=visit.who, on=on, again=again
    )
    if not agent:
        return visit.to(f"/{visit.here.id}/missions", missions.STARTED)
    said = missions.STARTED if begun.watched else missions.RUN_BEFORE
    return visit.to(f"/{visit.here.id}/missions/{begun.id}", said)


def _day(text: str) -> date | None:
    """The night that was chosen; none means today's."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("write a date", field="on") from error


async def shown(visit: Visit) -> Response:
    """One mission: its steps while it runs, then its report beside the night before."""
    sheet = await visit.do(
        archive.mission_sheet, visit.here.id, visit.request.path_params["mission"]
    )
    row = sheet.row
    watched = progress_of(visit.office).of(row.id)
    titles = visit.office.opened.core.house.desk(visit.here.id).titles
    return paper.with_frame(
        page(
            visit,
            "mission.html.j2",
            words=missions,
            common=common,
            sheet=sheet,
            row=row,
            title=missions.night_of(titles.get(row.agent, row.agent), Day(date=row.on_date)),
            steps=() if watched is None else watched.steps,
            watched=watched is not None,
        )
    )


async def report(visit: Visit) -> Response:
    """The report alone, as it is sent and printed."""
    row = await visit.do(archive.mission_row, visit.here.id, visit.request.path_params["mission"])
    told = await visit.do(Core.mission, row.id)
    if told.report is None:
        raise NotFound("this mission has no report yet")
    return paper.sheet(await to_thread.run_sync(told.report.html, visit.locale))


async def events(visit: Visit) -> Response:
    """The steps of a running mission as server-sent events, ended by ``end``."""
    row = await visit.do(archive.mission_row, visit.here.id, visit.request.path_params["mission"])
    watched = progress_of(visit.office).of(row.id)
    last = visit.request.headers.get("last-event-id", "0")
    after = int(last) if last.isdecimal() else 0
    told = _until_it_ends(visit, row.id) if watched is None else _steps(visit, watched, after)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _steps(visit: Visit, watched: Watched, after: int) -> AsyncIterator[str]:
    async for number, step in watched.follow(after, patience=PATIENCE):
        if step is None:
            yield ": still here\n\n"
            continue
        piece = rendered(visit, "mission_step.html.j2", step=step).strip()
        yield f"id: {number}\nevent: step\ndata: {' '.join(piece.splitlines())}\n\n"
    yield "event: end\ndata: ended\n\n"


async def _until_it_ends(visit: Visit, mission: str) -> AsyncIterator[str]:
    """Another process runs it: there are no steps to tell, only its end."""
    yield ": another process runs it\n\n"
    while (await visit.do(archive.mission_row, visit.here.id, mission)).status == "running":
        await asyncio.sleep(LOOK_AGAIN)
        yield ": still here\n\n"
    yield "event: end\ndata: ended\n\n"


ROUTES = [
    shows("/{company}/missions", listed),
    acts("/{company}/missions", start, right="run"),
    shows("/{company}/missions/{mission}", shown),
    shows("/{company}/missions/{mission}/events", events),
    shows("/{company}/missions/{mission}/report", report),
]
NAVIGATION = [Entry("/{company}/missions", common.TITLES["missions"], order=40)]
