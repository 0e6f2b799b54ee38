"""Reports, morning packs, sheets, and what would be, if …"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from regisseur.errors import NotFound
from regisseur.office import archive, pack
from regisseur.office.api.callers import Caller, Run, See
from regisseur.office.api.models import Id, Limit, Name, Night, Page, Sent, Told
from regisseur.office.core import Core

ROUTER = APIRouter(prefix="/companies/{company}", tags=["reports"])

PAPER = {
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
}
SHUT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""A page that holds all it needs and does nothing."""


def _paper(*forms: str) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: one document in one of these forms."""
    content = {
        PAPER[one]: {"schema": {"type": "string", "format": "binary"} if one == "pdf" else {}}
        for one in forms
    }
    return {200: {"content": content, "description": "The document"}}


def _answer(content: str | bytes, form: str) -> Response:
    headers = {"content-security-policy": SHUT} if form == "html" else None
    return Response(content, headers=headers, media_type=PAPER[form])


class Asked(Sent):
    """Scenarios to be looked at side by side with what is."""

    what_if: list[str | dict[str, Any]] = Field(
        default=[],
        max_length=50,
        examples=[["late order=PO0042 on=2026-12-04"], [{"name": "overtime", "centre": "Plieuse"}]],
    )
    """Each a line as in `regisseur plan`, or an object with its ``name``."""
    agent: Name = "planning"
    on: Night | None = None


class PackLine(BaseModel):
    """A morning pack in a list."""

    on: date
    headline: str


class Pair(BaseModel):
    """A figure then and now, in words; ``–`` where a night has none."""

    name: str
    then: str
    now: str


class Compared(BaseModel):
    """A night beside the one before."""

    before: date | None
    """The night that it is compared with; none for the first."""
    changes: list[str]
    figures: list[Pair]


@ROUTER.get("/reports", summary="The newest report of each agent")
async def reports(
    caller: See,
    agent: Annotated[Name | None, Query()] = None,
    on: Annotated[Night | None, Query()] = None,
) -> list[Told]:
    """Of all agents, of one, or of one night."""
    found = await caller.do(Core.reports, company=caller.company, agent=agent, on=on)
    return [Told.of(one) for one in found]


@ROUTER.get(
    "/missions/{mission}/report.{form}",
    summary="A mission's report as a document",
    response_class=Response,
    responses=_paper("html", "text", "json"),
)
async def report(caller: See, mission: Id, form: Literal["html", "text", "json"]) -> Response:
    """A page that needs nothing else, plain text, or data."""
    return await caller.do(_report, caller.company, mission, form)


async def _report(core: Core, company: str, mission_id: str, form: str) -> Response:
    await archive.mission_row(core, company, mission_id)
    told = (await core.mission(mission_id)).report
    if told is None:
        raise NotFound(f"mission {mission_id} has told nothing yet")
    written = {"html": told.html, "text": told.text, "json": told.json}[form]
    return _answer(written(), form)


@ROUTER.post("/what-if", summary="What would be, if …")
async def explore(caller: Run, asked: Asked) -> Told:
    """Reads the ERP afresh and writes nothing anywhere. 501 where the agent can't be asked so."""
    return Told.of(
        await caller.do(
            Core.explore, asked.agent, asked.what_if, on=asked.on, company=caller.company
        )
    )


@ROUTER.get(
    "/agents/{agent}/sheets/{sheet}",
    summary="What an agent has to print",
    response_class=Response,
    responses=_paper("pdf"),
)
async def sheet(
    caller: See, agent: Id, sheet: Id, on: Annotated[Night | None, Query()] = None
) -> Response:
    """As a PDF, from the agent's newest night."""
    printed = await caller.do(Core.sheet, agent, sheet, on=on, company=caller.company)
    return _answer(printed, "pdf")


@ROUTER.get("/packs", summary="Morning packs, newest first")
async def packs(
    caller: See, after: Annotated[Night | None, Query()] = None, limit: Limit = 31
) -> Page[PackLine]:
    """One for each night, over all agents."""
    found = await caller.do(pack.packs, caller.company, before=after, limit=limit)
    lines = [PackLine(on=one.data.on, headline=one.headline) for one in found]
    return Page(items=lines, next=str(lines[-1].on) if len(lines) == limit else None)


@ROUTER.get(
    "/packs/{on}/pack.{form}",
    summary="A night's morning pack",
    response_class=Response,
    responses=_paper("html", "text", "json", "pdf"),
)
async def one_pack(
    caller: See, on: Night, form: Literal["html", "text", "json", "pdf"]
) -> Response:
    """As it stands now, written nowhere."""
    return await caller.do(_pack, caller, on, form)


@ROUTER.get("/packs/{on}/comparison", summary="A night beside the one before")
async def compared(caller: See, on: Night) -> Compared:
    """What changed, in the company's language."""
    return await caller.do(_compared, caller.company, on)


async def _compared(core: Core, company: str, on: date) -> Compared:
    found = await pack.compared(core, on, company)
    return Compared(
        before=None if found.before is None else found.before.data.on,
        changes=list(found.changes),
        figures=[Pair(name=a, then=b, now=c) for a, b, c in found.figures],
    )


async def _pack(core: Core, caller: Caller, on: date, form: str) -> Response:
    view = await pack.read_pack(core, on, caller.company)
    match form:
        case "html":
            return _answer(view.html(), form)
        case "text":
            return _answer(view.text(), form)
        case "pdf":
            return _answer(await anyio.to_thread.run_sync(view.pdf), form)
        case _:
            return _answer(view.json(), form)
