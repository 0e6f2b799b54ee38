"""The policy: its versions, proposals, and what agents have earned."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from regisseur.graphs.policy import Mode, Policy
from regisseur.office import policies
from regisseur.office.api.callers import Caller, Decide, Manage, See, Tell
from regisseur.office.api.models import MOST, Id, Night, Sent, Words
from regisseur.office.core import Core
from regisseur.office.policies import AgentRecord, PolicyVersion, Suggestion
from regisseur.tools.texts import word

ROUTER = APIRouter(prefix="/companies/{company}", tags=["policy"])


class Version(BaseModel):
    """One version of the company's policy, also in words."""

    id: str | None
    version: int
    status: str = Field(examples=["active"])
    policy: Policy | None
    """None where it can't be read: see ``fault``; then everything asks."""
    cause: str
    sentences: list[str]
    """The rules in the order in which they are tried, in the company's language."""
    base: int | None
    proposed_by: str
    proposed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    fault: str | None


class Proposed(Sent):
    """Another policy, and why."""

    policy: Policy
    cause: Words = Field(examples=["Small orders no longer need a look"])


class Preset(Sent):
    """A policy by its name."""

    preset: str = Field(pattern="^[a-z_]{1,40}$", examples=["prudent"])


class AsRule(Sent):
    """ "Make this a rule": what is like an action runs so from now on."""

    action: str = Field(pattern=r"^[0-9A-Za-z_-]{1,64}$", examples=["4f2a9c01d7e3"])
    mode: Mode = "auto"
    up_to: Decimal | None = Field(default=None, ge=0, max_digits=24, examples=["500"])
    """No higher amount than this, company currency; the action's own where it is left out."""
    anyone: bool = False
    """Whoever the counterparty is."""
    veto_until: time | None = Field(default=None, examples=[None])
    cause: Words | None = Field(default=None, examples=[None])


class ToReturn(Sent):
    """An earlier version, by its number."""

    version: int = Field(ge=0, le=MOST, examples=[1])


class Settlement(Sent):
    """Yes or no to a proposed version."""

    approve: bool


class Earned(BaseModel):
    """Another mode for what an agent does, as its record suggests."""

    id: str
    direction: str
    agent: str
    kind: str
    was: str
    now: str
    cause: str


@ROUTER.get("/policy", summary="The policy that holds now")
async def current(caller: See) -> Version:
    """As data and in words."""
    return _told(await caller.do(policies.current, caller.company), await _locale(caller))


@ROUTER.get("/policy/versions", summary="Every version, newest first")
async def versions(caller: See) -> list[Version]:
    """Also those that were refused."""
    locale = await _locale(caller)
    return [_told(one, locale) for one in await caller.do(policies.versions, caller.company)]


@ROUTER.post("/policy/versions", summary="Propose another policy", status_code=201)
async def propose(caller: Tell, sent: Proposed) -> Version:
    """Nothing changes until an administrator approves it."""
    made = await caller.do(
        policies.propose, sent.policy, cause=sent.cause, by=caller.who, company=caller.company
    )
    return _told(made, await _locale(caller))


@ROUTER.post("/policy/presets", summary="Propose a preset", status_code=201)
async def propose_preset(caller: Tell, sent: Preset) -> Version:
    """observer, prudent or confiant."""
    made = await caller.do(
        policies.propose_preset, sent.preset, by=caller.who, company=caller.company
    )
    return _told(made, await _locale(caller))


@ROUTER.post("/policy/rules", summary="Make this a rule", status_code=201)
async def propose_rule(caller: Decide, sent: AsRule) -> Version:
    """Proposes that what is like an action runs in another mode from now on."""
    made = await caller.do(
        policies.propose_rule,
        sent.action,
        by=caller.who,
        mode=sent.mode,
        up_to=sent.up_to,
        anyone=sent.anyone,
        veto_until=sent.veto_until,
        cause=sent.cause,
        company=caller.company,
    )
    return _told(made, await _locale(caller))


@ROUTER.post("/policy/versions/{version}/settlement", summary="Approve or refuse a version")
async def settle(caller: Manage, version: Id, sent: Settlement) -> Version:
    """Approved, it holds at once for what is filed and decided from then on."""
    made = await caller.do(
        policies.settle, version, sent.approve, by=caller.who, company=caller.company
    )
    return _told(made, await _locale(caller))


@ROUTER.post("/policy/returns", summary="Propose what an earlier version said", status_code=201)
async def go_back(caller: Tell, sent: ToReturn) -> Version:
    """Approved like any other."""
    made = await caller.do(policies.go_back, sent.version, by=caller.who, company=caller.company)
    return _told(made, await _locale(caller))


@ROUTER.get("/track-record", summary="How people took what agents proposed")
async def track_record(
    caller: See, since: Annotated[Night | None, Query()] = None
) -> list[AgentRecord]:
    """By agent, kind and amount."""
    return await caller.do(policies.track_record, caller.company, since)


@ROUTER.get("/suggestions", summary="What the record suggests")
async def suggestions(caller: See) -> list[Earned]:
    """More trust or less; nothing changes unless it is taken up and approved."""
    return await caller.do(_suggestions, caller.company)


async def _suggestions(core: Core, company: str) -> list[Earned]:
    locale = core.house.desk(company).company.locale
    return [_earned(one, locale) for one in await policies.suggestions(core, company)]


@ROUTER.post("/suggestions/{suggestion}", summary="Take a suggestion up", status_code=201)
async def take_up(caller: Tell, suggestion: Id) -> Version:
    """Proposes it as a version of the policy."""
    made = await caller.do(policies.take_up, suggestion, by=caller.who, company=caller.company)
    return _told(made, await _locale(caller))


def _earned(one: Suggestion, locale: str) -> Earned:
    return Earned(
        id=one.id,
        direction=one.direction,
        agent=one.agent,
        kind=one.kind,
        was=one.was,
        now=one.now,
        cause=word(one.cause, locale),
    )


async def _locale(caller: Caller) -> str:
    return await caller.do(_locale_of, caller.company)


async def _locale_of(core: Core, company: str) -> str:
    return core.house.desk(company).company.locale


def _told(one: PolicyVersion, locale: str) -> Version:
    return Version(
        id=one.id,
        version=one.version,
        status=one.status,
        policy=one.policy,
        cause=word(one.cause, locale),
        sentences=[word(said, locale) for said in one.sentences],
        base=one.base,
        proposed_by=one.proposed_by,
        proposed_at=one.proposed_at,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        fault=one.fault,
    )
