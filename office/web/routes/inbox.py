"""The inbox: what waits, most urgent first, decided one by one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args
from urllib.parse import urlencode

from starlette.responses import Response

from regisseur.errors import InvalidInput
from regisseur.office import people
from regisseur.office.inbox import InboxPage, View, Waiting, inbox_page, several
from regisseur.office.people import Choice, Verdict
from regisseur.office.web import labels, outcomes
from regisseur.office.web.addresses import ours
from regisseur.office.web.cards import Card, Desk
from regisseur.office.web.pages import Entry, Visit, acts, page, shows
from regisseur.office.web.warnings import warnings
from regisseur.storage import ledger


async def listed(visit: Visit) -> Response:
    """A page of what waits."""
    asked = visit.request.query_params
    view = _view(asked.get("view", "to_decide"))
    agent = asked.get("agent")
    found = await visit.do(
        inbox_page, visit.here.id, view=view, agent=agent, after=asked.get("after")
    )
    desk = await Desk.of(visit)
    return page(
        visit,
        "inbox.html.j2",
        warnings=await warnings(visit),
        found=found,
        cards=[desk.card(one) for one in found.waiting],
        view=view,
        agent=agent,
        agents=_agents(visit, found, agent),
        later=found.next is not None and _address(visit, view, agent, found.next),
        begun="after" in asked,
        to=lambda view, agent=None: _address(visit, view, agent),
        back=f"{visit.request.url.path}?{visit.request.url.query}".rstrip("?"),
    )


def _view(name: str) -> View:
    if name not in get_args(View):
        raise InvalidInput(f"one of {', '.join(get_args(View))}", field="view")
    return cast(View, name)


def _agents(visit: Visit, found: InboxPage, chosen: str | None) -> list[tuple[str, object, int]]:
    """Each agent of this view with its title and how many it has; none where there is only one."""
    titles = visit.office.opened.core.house.desk(visit.here.id).titles
    names = sorted({*found.by_agent} | ({chosen} if chosen is not None else set()))
    if len(names) < 2 and chosen is None:
        return []
    return [(name, titles.get(name, name), found.by_agent.get(name, 0)) for name in names]


def _address(visit: Visit, view: str, agent: str | None, after: str | None = None) -> str:
    asked = {"view": view if view != "to_decide" else None, "agent": agent, "after": after}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/{visit.here.id}/inbox" + (f"?{query}" if query else "")


async def decide_many(visit: Visit) -> Response:
    """Decide alike on all that were ticked, each bound to what was shown of it."""
    verdict, reason = str(visit.form.get("verdict", "")), str(visit.form.get("reason", ""))
    if verdict not in ("approve", "reject"):
        raise InvalidInput("approve or reject", field="verdict")
    choices = [
        _choice(str(one), cast(ledger.Verdict, verdict), reason)
        for one in visit.form.getlist("chosen")
    ]
    back = ours(str(visit.form.get("back", "")), f"/{visit.here.id}/inbox")
    if not choices:
        return visit.to(back, labels.NOTHING_SELECTED)
    verdicts = await visit.do(people.decide_many, choices, by=visit.who, company=visit.here.id)
    template = "cards_piece.html.j2" if visit.wants_a_piece else "bulk.html.j2"
    return page(
        visit,
        template,
        cards=await _cards(visit, verdicts, verdict),
        left=await left(visit),
        back=back,
    )


def _choice(text: str, verdict: ledger.Verdict, reason: str) -> Choice:
    """What a ticked box says: the action, its revision and the hash of what was seen."""
    match text.split(" "):
        case [action, revision, seen] if revision.isdecimal():
            chosen = reason if verdict == "reject" else None
            return Choice(action, verdict, int(revision), seen, reason=chosen)
    raise InvalidInput("this names no proposal", field="chosen")


async def _cards(visit: Visit, verdicts: Sequence[Verdict], chosen: str) -> list[Card]:
    """Every card that was decided on, with what became of it; what isn't there any more is left
    out.
    """
    desk = await Desk.of(visit)
    now: dict[str, Waiting] = {
        one.action.id: one
        for one in await visit.do(several, [one.action for one in verdicts], company=visit.here.id)
    }
    return [
        desk.card(now[one.action], note=outcomes.of_many(one, chosen))
        for one in verdicts
        if one.action in now
    ]


async def left(visit: Visit) -> int:
    """How many still wait."""
    found = await visit.do(inbox_page, visit.here.id, limit=1)
    return found.counts["to_decide"]


ROUTES = [
    shows("/{company}/inbox", listed),
    acts("/{company}/inbox", decide_many, right="decide"),
]
NAVIGATION = [Entry("/{company}/inbox", labels.INBOX, order=10)]
