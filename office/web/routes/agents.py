"""Agents: what each has earned, and the brake."""

from __future__ import annotations

from starlette.responses import Response

from regisseur.errors import InvalidInput
from regisseur.office import archive
from regisseur.office import policies as trust
from regisseur.office.core import Core
from regisseur.office.web import kinds, record_bar
from regisseur.office.web.pages import Entry, Visit, acts, page, shows
from regisseur.office.web.words import agents, common


async def listed(visit: Visit) -> Response:
    """Every agent with its record, and whether it is stopped."""
    house = visit.office.opened.core.house
    here = visit.here.id
    records = {one.agent: one for one in await visit.do(trust.track_record, here)}
    enabled = house.enabled[here]
    desk = house.desk(here)
    return page(
        visit,
        "agents.html.j2",
        words=agents,
        common=common,
        names=[*enabled, *sorted(records.keys() - {*enabled})],
        enabled=enabled,
        titles=desk.titles,
        records=records,
        parts_of=record_bar.parts_of,
        bar=record_bar,
        kinds=kinds.names(desk, visit.reader),
        brakes=await visit.do(archive.brakes, here),
    )


async def brake(visit: Visit) -> Response:
    """Pull the brake, for one agent or for all of them, or release it."""
    form = visit.form
    agent = str(form.get("agent", "")) or None
    if form.get("do") == "go":
        if not visit.may("decide"):
            visit.someone.require(visit.here.id, "manage")
        await visit.do(Core.go, by=visit.who, agent=agent, company=visit.here.id)
        return visit.to(f"/{visit.here.id}/agents", agents.RELEASED)
    reason = str(form.get("reason", "")).strip()
    if not reason:
        raise InvalidInput("say why", field="reason")
    await visit.do(Core.stop, by=visit.who, reason=reason, agent=agent, company=visit.here.id)
    return visit.to(f"/{visit.here.id}/agents", agents.STOPPED)


ROUTES = [
    shows("/{company}/agents", listed),
    acts("/{company}/agents/brake", brake, right="run"),
]
NAVIGATION = [Entry("/{company}/agents", common.TITLES["agents"], order=50)]
