"""Who one is, what there is: companies, agents, kinds of action."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from regisseur.graphs.authority import Right
from regisseur.office.api.callers import See, Somebody
from regisseur.office.core import Core
from regisseur.tools.texts import word

ROUTER = APIRouter(tags=["house"])


class Membership(BaseModel):
    """A company, and what the caller may do in it."""

    company: str
    name: str
    locale: str
    currency: str
    timezone: str
    rights: list[Right]


class Me(BaseModel):
    """Whoever asks."""

    id: str
    name: str
    email: str | None
    scopes: list[str] | None
    """What the token is for; none for a session."""
    companies: list[Membership]


class FormShape(BaseModel):
    """Something that people may tell an agent."""

    name: str
    fields: dict[str, Any]
    """JSON Schema of what to fill in."""


class AgentShape(BaseModel):
    """A specialist."""

    name: str
    title: str
    enabled: bool
    """Runs in this company's nights."""
    kinds: list[str]
    """Kinds of action that it may propose."""
    forms: list[FormShape]
    sheets: list[str]
    """What it has to print."""


class KindShape(BaseModel):
    """A kind of action."""

    name: str
    always_asks: bool
    """No policy has it done without a person."""
    editable: list[str]
    """Paths of arguments that an edit may change, list positions as ``*``."""
    arguments: dict[str, Any]
    """JSON Schema of its arguments."""


@ROUTER.get("/me", summary="Who am I, and what may I do?")
async def me(caller: Somebody) -> Me:
    """The person behind the token or session, with the rights they have now."""
    told = caller.signed_in
    return Me(
        id=told.person.id,
        name=told.person.name,
        email=told.person.email,
        scopes=None if told.scopes is None else sorted(told.scopes),
        companies=await caller.do(_memberships, told.rights),
    )


async def _memberships(core: Core, rights: Any) -> list[Membership]:
    return [
        Membership(
            company=name,
            rights=sorted(rights[name]),
            **desk.company.model_dump(exclude={"id"}),
        )
        for name, desk in core.house.desks.items()
        if name in rights
    ]


@ROUTER.get("/companies/{company}/agents", summary="The agents, and what they can be told")
async def agents(caller: See) -> list[AgentShape]:
    """Each with the kinds of action it may propose and the forms that people may fill in."""
    return await caller.do(_agents, caller.company)


async def _agents(core: Core, company: str) -> list[AgentShape]:
    desk, enabled = core.house.desk(company), core.house.enabled[company]
    return [
        AgentShape(
            name=name,
            title=word(agent.title, desk.company.locale),
            enabled=name in enabled,
            kinds=list(agent.kinds),
            forms=[
                FormShape(name=one, fields=form.model_json_schema())
                for one, form in agent.forms.items()
            ],
            sheets=list(agent.sheets),
        )
        for name, agent in sorted(core.house.agents.items())
    ]


@ROUTER.get("/companies/{company}/kinds", summary="The kinds of action, and their arguments")
async def kinds(caller: See) -> list[KindShape]:
    """For whoever edits: what may be changed, and how it is written."""
    return await caller.do(_kinds, caller.company)


async def _kinds(core: Core, company: str) -> list[KindShape]:
    return [
        KindShape(
            name=name,
            always_asks=kind.always_asks,
            editable=sorted(kind.editable),
            arguments=kind.arguments.model_json_schema(),
        )
        for name, kind in sorted(core.house.desk(company).kinds.items())
    ]
