"""Morning packs: every night's, one beside the night before, and to be taken away."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from anyio import to_thread
from starlette.responses import Response

from regisseur.errors import InvalidInput, NotFound
from regisseur.office import archive
from regisseur.office import pack as morning
from regisseur.office.pack import Comparison, PackView
from regisseur.office.pack.comparing import comparison
from regisseur.office.web import paper
from regisseur.office.web.pages import Entry, Visit, page, shows
from regisseur.office.web.words import common, reports

PER_PAGE = 21


async def listed(visit: Visit) -> Response:
    """Every night that told something, newest first."""
    asked = visit.request.query_params.get("before")
    before = None if asked is None else _day(asked)
    found = await visit.do(archive.nights, visit.here.id, before=before, limit=PER_PAGE + 1)
    return page(
        visit,
        "reports.html.j2",
        words=reports,
        common=common,
        found=found[:PER_PAGE],
        older=found[PER_PAGE - 1].on.isoformat() if len(found) > PER_PAGE else None,
        newest=before is None,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("write a day as 2026-11-23", field="day") from error


def _night(visit: Visit) -> date:
    """The night that the path names; what is no day isn't there."""
    try:
        return date.fromisoformat(visit.request.path_params["on"])
    except ValueError as error:
        raise NotFound("there is no such night") from error


async def newest(visit: Visit) -> Response:
    """The newest night's pack, wherever it is."""
    found = await visit.do(archive.nights, visit.here.id, limit=1)
    if not found:
        return visit.to(f"/{visit.here.id}/reports")
    return visit.to(f"/{visit.here.id}/reports/{found[0].on.isoformat()}")


async def shown(visit: Visit) -> Response:
    """One night's pack, beside the night before."""
    on = _night(visit)
    compared = await _compared(visit, on)
    answer = page(
        visit,
        "report.html.j2",
        words=reports,
        common=common,
        on=on,
        compared=compared,
        address=f"/{visit.here.id}/reports/{on.isoformat()}",
    )
    return paper.with_frame(answer)


async def _compared(visit: Visit, on: date) -> Comparison:
    """As the night was told; a night whose pack was not kept yet is put together now."""
    kept = await visit.do(morning.packs, visit.here.id, before=on + timedelta(days=1), limit=2)
    if kept and kept[0].data.on == on:
        return comparison(kept[0], kept[1] if len(kept) > 1 else None)
    return await visit.do(morning.compared, on, visit.here.id)


async def _pack(visit: Visit) -> PackView:
    return await visit.do(morning.read_pack, _night(visit), visit.here.id, who=visit.who)


async def sheet(visit: Visit) -> Response:
    """The pack alone, as it is sent and printed."""
    ours = visit.request.app.state.server.address
    found = await _pack(visit)
    drawn = await to_thread.run_sync(partial(found.html, visit.locale, base_url=ours))
    return paper.sheet(drawn, ours=ours)


async def taken_away(visit: Visit) -> Response:
    """The pack as a file: for paper, as plain text, or for programs."""
    found, form = await _pack(visit), visit.request.path_params["form"]
    name = f"pack-{visit.here.id}-{found.data.on.isoformat()}.{form}"
    match form:
        case "pdf":
            printed = await to_thread.run_sync(found.pdf, visit.locale)
            return paper.download(printed, "application/pdf", name)
        case "txt":
            return paper.download(found.text(visit.locale), "text/plain; charset=utf-8", name)
        case "json":
            return paper.download(found.json(), "application/json", name)
    raise NotFound(f"there is no pack as {form}")


ROUTES = [
    shows("/{company}/reports", listed),
    shows("/{company}/reports/newest", newest),
    shows("/{company}/reports/{on}", shown),
    shows("/{company}/reports/{on}/sheet", sheet),
    shows("/{company}/reports/{on}/pack.{form}", taken_away),
]
NAVIGATION = [Entry("/{company}/reports", common.TITLES["reports"], order=30)]
