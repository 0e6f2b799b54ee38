"""Missions: run, read, asked and answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from regisseur.errors import RegisseurError
from regisseur.office import archive, nights
from regisseur.office.api.callers import Decide, Run, See
from regisseur.office.api.clients import ClientAnswer, Form, Question, questions, understood
from regisseur.office.api.models import (
    Id,
    Limit,
    Mission,
    Name,
    Night,
    Outcome,
    Page,
    Sent,
    Settled,
)
from regisseur.office.api.problems import problem_of
from regisseur.office.core import Core
from regisseur.storage.errors import StorageError
from regisseur.storage.ledger import Who
from regisseur.tools.records import Message
from regisseur.tools.texts import word

ROUTER = APIRouter(prefix="/companies/{company}", tags=["missions"])


class ToRun(Sent):
    """An agent and a night."""

    agent: Name = Field(examples=["purchasing"])
    on: Night | None = None
    """The night's date; today at the company where it is left out."""
    again: bool = False
    """A new mission also where the night has one."""


class Nightly(Sent):
    """A night of all agents."""

    on: Night | None = None


class MissionLine(BaseModel):
    """A mission in a list."""

    id: str
    agent: str
    title: str
    on: date
    run: int
    """0 for the night's own mission, higher for deliberate repetitions."""
    status: str
    asked_by: str | None
    started_at: datetime
    finished_at: datetime | None
    headline: str | None


class Answers(Sent):
    """Answers by the ids of questions."""

    answers: dict[str, ClientAnswer] = Field(
        min_length=1,
        max_length=500,
        examples=[
            {"5f0e6a1c": {"decisions": [{"type": "approve"}]}},
            {"5f0e6a1c": {"type": "reject", "message": "not_needed"}},
            {
                "5f0e6a1c:0": [
                    {
                        "type": "edit",
                        "args": {"action": "tell_sales", "args": {"text": "From Tuesday on"}},
                    }
                ]
            },
        ],
    )


@ROUTER.post("/missions", summary="Run an agent for a night")
async def run(caller: Run, asked: ToRun) -> Mission:
    """Answers when the mission waits for decisions, is closed or has failed, which may take
    minutes: whoever doesn't wait asks again, and the same night gives the same mission. While
    another process runs it the answer is 503.
    """
    given = await caller.do(
        Core.run,
        asked.agent,
        on=asked.on,
        company=caller.company,
        again=asked.again,
        by=caller.who,
    )
    return Mission.of(given)


@ROUTER.post("/nights", summary="Run every enabled agent for a night")
async def nightly(caller: Run, asked: Nightly) -> list[Mission]:
    """One after the other; one that fails stops no other."""
    given = await caller.do(nights.nightly, on=asked.on, company=caller.company)
    return [Mission.of(one) for one in given]


@ROUTER.get("/missions", summary="Missions, newest first")
async def missions(
    caller: See,
    agent: Annotated[Name | None, Query()] = None,
    after: Annotated[Id | None, Query()] = None,
    limit: Limit = 50,
) -> Page[MissionLine]:
    """With their headlines in the company's language."""
    return await caller.do(_missions, caller.company, agent, after, limit)


async def _missions(
    core: Core, company: str, agent: str | None, after: str | None, limit: int
) -> Page[MissionLine]:
    if after is not None:
        await archive.mission_row(core, company, after)
    locale = core.house.desk(company).company.locale
    found = await archive.missions_page(core, company, agent=agent, before=after, limit=limit)
    lines = [
        MissionLine(
            id=one.id,
            agent=one.agent,
            title=one.title if isinstance(one.title, str) else word(one.title, locale),
            on=one.on,
            run=one.run,
            status=one.status,
            asked_by=one.asked_by,
            started_at=one.started_at,
            finished_at=one.finished_at,
            headline=_worded(one.headline, locale),
        )
        for one in found
    ]
    return Page(items=lines, next=lines[-1].id if len(lines) == limit else None)


def _worded(message: Message | None, locale: str) -> str | None:
    return None if message is None else word(message, locale)


@ROUTER.get("/missions/{mission}", summary="A mission with its report")
async def mission(caller: See, mission: Id) -> Mission:
    """Every action of the report stands as it does now."""
    await caller.do(archive.mission_row, caller.company, mission)
    return Mission.of(await caller.do(Core.mission, mission))


@ROUTER.get("/missions/{mission}/interrupts", summary="What a mission waits for")
async def interrupts(caller: See, mission: Id, form: Form = "langchain") -> list[Question]:
    """LangGraph's interrupts: `langchain` gives LangChain's `HITLRequest` (or one `tool_approval`
    for each action, where the agent asks so), `agent_inbox` a `HumanInterrupt` for each action.
    """
    await caller.do(archive.mission_row, caller.company, mission)
    return questions(await caller.do(Core.interrupts, mission), form)


@ROUTER.post("/missions/{mission}/interrupts", summary="Answer what a mission waits for")
async def answer(caller: Decide, mission: Id, sent: Answers) -> list[Settled]:
    """In LangChain's form, batched or per call, or in Agent Inbox's; edited texts are read as what
    the kind's schema wants. Each decision is taken on exactly what the question showed, one that is
    refused stops no other. An id that isn't pending any more gives 409.
    """
    return await caller.do(_answer, caller.company, mission, sent, caller.who)


async def _answer(
    core: Core, company: str, mission_id: str, sent: Answers, who: Who
) -> list[Settled]:
    await archive.mission_row(core, company, mission_id)
    desk = core.house.desk(company)
    asked = await core.interrupts(mission_id)
    answers = understood(asked, sent.answers, desk.kinds)
    _, decisions = await core.missions.translate(mission_id, answers, who)
    settled: list[Settled] = []
    for one in decisions:
        try:
            outcome = await core.decide(
                one.action_id,
                one.verdict,
                by=who,
                arguments=one.arguments,
                reason=one.reason,
                comment=one.comment,
                revision=one.revision,
                seen=one.seen,
                company=company,
            )
        except StorageError:
            raise  # nobody's refusal: the same answers may be sent again
        except RegisseurError as error:
            settled.append(
                Settled(action=one.action_id, state="refused", problem=problem_of(error))
            )
        else:
            told = Outcome.of(outcome, desk.company.locale)
            settled.append(Settled(action=one.action_id, state="done", outcome=told))
    return settled
