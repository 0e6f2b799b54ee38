"""Looking after it: the doctor, the brake, the sweeper, the audit trail, who works here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from regisseur.office import archive, nights, people, policies
from regisseur.office.api.callers import Caller, Run, See
from regisseur.office.api.models import MOST, Limit, Name, Sent, Words
from regisseur.office.core import Core
from regisseur.office.doctor import Examination
from regisseur.office.people import Member
from regisseur.office.sweeping import Swept
from regisseur.tools.texts import word

ROUTER = APIRouter(prefix="/companies/{company}", tags=["keeping"])


class Brake(BaseModel):
    """A switch that holds every write back."""

    agent: str | None
    """None where it holds the whole company."""
    by: str
    reason: str
    at: datetime


class Notices(BaseModel):
    """What people have to be told, in the company's language."""

    alarm: str | None
    """The newest night has no finished report, past its hour."""
    notices: list[str]
    unowned: list[str]
    """Ids of actions that too few people may decide on."""


class ToStop(Sent):
    """Why, and whom."""

    reason: Words = Field(examples=["stock-taking until noon"])
    agent: Name | None = Field(default=None, examples=[None])
    """Left out: the whole company."""


class Released(BaseModel):
    """What came of releasing the brake."""

    released: bool
    """False if it wasn't pulled."""


class Head(Sent):
    """What to check beside the chain itself."""

    head: str | None = Field(default=None, pattern="^[0-9a-f]{64}$", examples=[None])
    """The head that a report printed: is it in this chain?"""


class Chain(BaseModel):
    """What verifying the audit trail found."""

    intact: bool
    entries: int
    head: str
    broken_at: int | None
    """The first entry that doesn't fit."""
    why: str | None


class AuditEntry(BaseModel):
    """One entry of the audit trail."""

    sequence: int
    at: datetime
    event: str = Field(examples=["approved"])
    subject: str
    about: str
    """``action`` or ``mission`` where the subject is one."""
    by: str
    detail: dict[str, Any]
    digest: str


@ROUTER.get("/doctor", summary="Is everything connected, and fit for the agents?")
async def doctor(caller: Run) -> Examination:
    """Tries each agent on today's data and changes nothing; may take minutes."""
    return await caller.do(Core.doctor, company=caller.company)


@ROUTER.get("/notices", summary="What people have to be told")
async def notices(caller: See) -> Notices:
    """No report by its hour, mails that didn't go out, a policy that waits to be settled, actions
    that nobody may decide on.
    """
    return await caller.do(_notices, caller.company)


async def _notices(core: Core, company: str) -> Notices:
    locale = core.house.desk(company).company.locale
    standing = await nights.alarm(core, company)
    told = [*await nights.notices(core, company), *await policies.notices(core, company)]
    return Notices(
        alarm=None if standing is None else word(standing.message, locale),
        notices=[word(one, locale) for one in told],
        unowned=await people.unowned_actions(core, company),
    )


@ROUTER.get("/brakes", summary="Which brakes are pulled?")
async def brakes(caller: See) -> list[Brake]:
    """While one is, nothing is written."""
    return await caller.do(_brakes, caller.company)


async def _brakes(core: Core, company: str) -> list[Brake]:
    pulled = await archive.brakes(core, company)
    return [
        Brake(agent=name or None, by=one.by, reason=one.reason, at=one.at)
        for name, one in sorted(pulled.items())
    ]


@ROUTER.put("/brake", summary="Pull the brake")
async def stop(caller: Run, sent: ToStop) -> list[Brake]:
    """Nothing more is written for the agent, or for the whole company, until it is released."""
    await caller.do(
        Core.stop, by=caller.who, reason=sent.reason, agent=sent.agent, company=caller.company
    )
    return await caller.do(_brakes, caller.company)


@ROUTER.delete("/brake", summary="Release the brake")
async def go(caller: Run, agent: Annotated[Name | None, Query()] = None) -> Released:
    """What is approved is then carried out by the next sweep."""
    done = await caller.do(Core.go, by=caller.who, agent=agent, company=caller.company)
    return Released(released=done)


@ROUTER.post("/sweep", summary="Go on with what nobody is working on")
async def sweep(caller: Run) -> Swept:
    """Ended veto windows, deadlines, approved actions, what dead workers left."""
    (swept,) = await caller.do(Core.sweep, company=caller.company)
    return swept


@ROUTER.get("/audit", summary="The audit trail, newest first")
async def audit(
    caller: See, after: Annotated[int | None, Query(ge=1, le=MOST)] = None, limit: Limit = 100
) -> list[AuditEntry]:
    """`after`: the sequence of the last entry of the part before."""
    return await caller.do(_audit, caller, after, limit)


async def _audit(core: Core, caller: Caller, after: int | None, limit: int) -> list[AuditEntry]:
    found = await archive.audit_page(core, caller.company, before=after, limit=limit)
    return [AuditEntry.model_validate(one, from_attributes=True) for one in found]


@ROUTER.post("/audit/verification", summary="Was anything changed behind our back?")
async def verify(caller: See, sent: Head) -> Chain:
    """Walks the company's whole chain."""
    found = await caller.do(Core.audit_verify, company=caller.company, head=sent.head)
    return Chain.model_validate(found, from_attributes=True)


@ROUTER.get("/audit/export", summary="The audit trail, to be verified elsewhere")
async def export(
    caller: See,
    after: Annotated[int, Query(ge=0, le=MOST)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> list[dict[str, Any]]:
    """Entries with their hashes, oldest first, those after the sequence `after`."""
    return await caller.do(archive.audit_lines, caller.company, after=after, limit=limit)


@ROUTER.get("/members", summary="Who works here, and what they may do")
async def members(caller: See) -> list[Member]:
    """People are added on the page or by `regisseur people`."""
    return await caller.do(people.members, caller.company)
