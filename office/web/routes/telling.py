"""What people tell agents: what is asked today (made for a phone in the workshop), every form of every
agent, what stands, and bank statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

from starlette.datastructures import UploadFile
from starlette.responses import Response

from regisseur.errors import InvalidInput, NotFound
from regisseur.graphs.told import Form
from regisseur.office import asking, recording
from regisseur.office.core import Core
from regisseur.office.recording import Entry
from regisseur.office.web.pages import Entry as Place
from regisseur.office.web.pages import Visit, acts, page, shows
from regisseur.office.web.telling import NAMED, fields_of, sent, words
from regisseur.tools.records import Message


async def telling(visit: Visit) -> Response:
    """What is asked, what can be told, and what stands."""
    house = visit.office.opened.core.house
    enabled = house.enabled[visit.here.id]
    return page(
        visit,
        "telling.html.j2",
        words=words,
        questions=[
            (one.agent, one.asked, _left(visit, one.agent, one.asked.form, one.asked.fields))
            for one in await visit.do(asking.questions, visit.here.id)
        ],
        forms=[
            (name, house.agents[name].title, list(house.agents[name].forms))
            for name in enabled
            if house.agents[name].forms
        ],
        standing=[
            (one, list(_said(one)))
            for name in enabled
            for one in await visit.do(Core.entries, name, company=visit.here.id)
        ],
        layouts=sorted(house.banks[visit.here.id]),
        now=_now(visit),
    )


def _left(visit: Visit, agent: str, form: str, known: dict[str, str]) -> list[object]:
    """The fields of a question that are still to be filled in."""
    return [one for one in fields_of(_form(visit, agent, form)) if one.name not in known]


def _now(visit: Visit) -> str:
    """The company's clocks, as a browser's field wants it."""
    now: datetime = visit.office.opened.core.house.clock()
    return now.astimezone(ZoneInfo(visit.here.timezone)).strftime("%Y-%m-%dT%H:%M")


def _said(entry: Entry) -> Iterator[tuple[Message | str, str]]:
    """What was filled in, by the names that people know."""
    for name, value in entry.body.items():
        if name.endswith(NAMED) or value in (None, "", []):
            continue
        shown = entry.body.get(f"{name}{NAMED}") or value
        text = ", ".join(map(str, shown)) if isinstance(shown, list) else str(shown)
        yield words.FIELDS.get(name, name), text


async def form(visit: Visit) -> Response:
    """One form, to be filled in."""
    agent, name = _named(visit)
    return page(
        visit,
        "telling_form.html.j2",
        words=words,
        agent=agent,
        name=name,
        fields=fields_of(_form(visit, agent, name)),
        given={},
        now=_now(visit),
    )


async def tell(visit: Visit) -> Response:
    """Keep what was filled in."""
    agent, name = _named(visit)
    given = {key: str(value) for key, value in visit.form.items() if key != "token"}
    values = sent(_form(visit, agent, name), given, visit.here.timezone)
    await visit.do(Core.record, name, by=visit.who, agent=agent, company=visit.here.id, **values)
    return visit.to(f"/{visit.here.id}/telling", words.TOLD)


def _named(visit: Visit) -> tuple[str, str]:
    return visit.request.path_params["agent"], visit.request.path_params["form"]


def _form(visit: Visit, agent: str, name: str) -> type[Form]:
    house = visit.office.opened.core.house
    if agent not in house.enabled[visit.here.id]:
        raise NotFound(f"there is no agent {agent}")
    return recording.agent_for(house.agents, name, agent).forms[name]


async def take_back(visit: Visit) -> Response:
    """Say that something told no longer holds."""
    await visit.do(
        Core.withdraw, visit.request.path_params["entry"], by=visit.who, company=visit.here.id
    )
    return visit.to(f"/{visit.here.id}/telling", words.TAKEN_BACK)


async def statement(visit: Visit) -> Response:
    """Read a bank's file; nothing of one that is wrong anywhere is kept."""
    file, layout = visit.form.get("file"), str(visit.form.get("layout", "")) or None
    if not isinstance(file, UploadFile) or not file.filename:
        raise InvalidInput("choose a file", field="file")
    content = await file.read()
    await file.close()
    read = await visit.do(
        Core.take_statement,
        PurePath(file.filename).name,
        content,
        by=visit.who,
        bank=layout,
        company=visit.here.id,
    )
    return visit.to(f"/{visit.here.id}/telling", words.statement_read(read.new, read.lines))


ROUTES = [
    shows("/{company}/telling", telling, right="tell"),
    acts("/{company}/telling/statement", statement, right="tell"),
    acts("/{company}/telling/entries/{entry}/withdraw", take_back, right="tell"),
    shows("/{company}/telling/{agent}/{form}", form, right="tell"),
    acts("/{company}/telling/{agent}/{form}", tell, right="tell"),
]
NAVIGATION = [Place("/{company}/telling", words.TELL, order=20, right="tell")]
