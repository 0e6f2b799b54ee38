"""What waits for people, and their decisions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from regisseur.errors import NotFound
from regisseur.office import inbox as waiting_list
from regisseur.office import people, policies
from regisseur.office.api.callers import Caller, Decide, See, Tell
from regisseur.office.api.models import (
    MOST,
    Action,
    Id,
    Limit,
    Moment,
    Name,
    Outcome,
    Page,
    Sent,
    Settled,
    Words,
)
from regisseur.office.api.problems import Problem
from regisseur.office.core import Core
from regisseur.office.history import Event
from regisseur.office.people import Choice, Remark, Verdict

ROUTER = APIRouter(prefix="/companies/{company}", tags=["inbox"])

Reason = Literal["wrong_amount", "wrong_date", "wrong_party", "not_needed", "not_now", "other"]


class Waiting(BaseModel):
    """An action with all that helps to decide on it."""

    action: Action
    confidence: Decimal | None
    """The agent's own, from 0 to 1."""
    quorum: int
    """How many different people must approve it."""
    approved_by: list[str]
    """Who approved it as it stands, where that is not enough yet."""
    deadline: datetime | None
    """When it is settled by itself."""
    questions: int
    """Asked about it and not answered."""
    deciders: list[str] | None
    """Who may decide; none where the company has no members."""


class Inbox(Page[Waiting]):
    """A part of what waits."""

    counts: dict[str, int]
    """How much there is in each view."""


class Decision(Sent):
    """What somebody wants done with an action, bound to what they saw of it."""

    verdict: Literal["approve", "edit", "reject", "snooze", "reassign"]
    revision: int = Field(ge=1, le=MOST, examples=[1])
    seen: str = Field(max_length=128)
    """The action's ``seen``, as it was read."""
    arguments: dict[str, Any] | None = Field(default=None, examples=[None])
    """For ``edit``: those that change."""
    reason: Reason | None = None
    """For ``reject``."""
    comment: Words | None = None
    until: Moment | None = None
    """For ``snooze``."""
    assignee: Annotated[str, Field(max_length=200)] | None = None
    """For ``reassign``."""


class OneOfMany(Decision):
    """One of several decisions."""

    action: str = Field(pattern=r"^[0-9A-Za-z_-]{1,64}$", examples=["4f2a9c01d7e3"])


class Decisions(Sent):
    """Several decisions, each by its action's id."""

    decisions: list[OneOfMany] = Field(min_length=1, max_length=200)


class Resolution(Sent):
    """What a person found who looked."""

    outcome: Literal["done", "not_done"]
    reference: Annotated[str, Field(max_length=200)] | None = None
    """The number in the ERP, where there is one."""
    comment: Words | None = None


class Regret(Sent):
    """What came of it."""

    comment: Words = Field(examples=["The customer had paid in the meantime"])


class Said(Sent):
    """A question, or an answer to one."""

    text: Words
    answers: str | None = Field(default=None, pattern=r"^[0-9A-Za-z_-]{1,64}$", examples=[None])
    """The question that it answers."""


@ROUTER.get("/inbox", summary="What waits for people, most urgent first")
async def inbox(
    caller: See,
    view: waiting_list.View = "to_decide",
    agent: Annotated[Name | None, Query()] = None,
    after: Annotated[str | None, Query(max_length=400, examples=[None])] = None,
    limit: Limit = 50,
) -> Inbox:
    """By deadline, then by what one more day costs; what is of unknown outcome comes first."""
    return await caller.do(_inbox, caller.company, view, agent, after, limit)


async def _inbox(
    core: Core,
    company: str,
    view: waiting_list.View,
    agent: str | None,
    after: str | None,
    limit: int,
) -> Inbox:
    page = await waiting_list.inbox_page(
        core, company, view=view, agent=agent, after=after, limit=limit
    )
    locale = core.house.desk(company).company.locale
    items = [_told(one, locale) for one in page.waiting]
    counts = {str(name): count for name, count in page.counts.items()}
    return Inbox(items=items, next=page.next, counts=counts)


def _told(one: waiting_list.Waiting, locale: str) -> Waiting:
    return Waiting(
        action=Action.of(one.action, locale),
        confidence=one.confidence,
        quorum=one.quorum,
        approved_by=list(one.approved_by),
        deadline=one.deadline,
        questions=one.questions,
        deciders=None if one.deciders is None else list(one.deciders),
    )


@ROUTER.get("/actions/{action}", summary="One action as it stands")
async def action(caller: See, action: Id) -> Waiting:
    """Whatever its status."""
    return await caller.do(_action, caller.company, action)


async def _action(core: Core, company: str, action_id: str) -> Waiting:
    found = await waiting_list.waiting(core, action_id, company=company)
    return _told(found, core.house.desk(company).company.locale)


@ROUTER.get("/actions/{action}/history", summary="All that happened to an action")
async def history(caller: See, action: Id) -> list[Event]:
    """Oldest first, as the audit trail has it."""
    return await caller.do(Core.history, action, company=caller.company)


@ROUTER.post("/actions/{action}/decisions", summary="Decide on an action")
async def decide(caller: Decide, action: Id, decision: Decision) -> Outcome:
    """What is approved is carried out at once where nothing holds it back. Who decides is whoever
    signed in. 409 where somebody was faster, or it has changed since it was seen.
    """
    return await caller.do(_decide, caller, action, decision)


async def _decide(core: Core, caller: Caller, action_id: str, decision: Decision) -> Outcome:
    outcome = await core.decide(
        action_id, by=caller.who, company=caller.company, **decision.model_dump()
    )
    return Outcome.of(outcome, core.house.desk(caller.company).company.locale)


@ROUTER.post("/decisions", summary="Decide on several actions")
async def decide_many(caller: Decide, sent: Decisions) -> list[Settled]:
    """An answer for each, in the same order; one that is refused stops no other. Where much is at
    stake an action is left out, to be looked at by itself.
    """
    return await caller.do(_decide_many, caller, sent)


async def _decide_many(core: Core, caller: Caller, sent: Decisions) -> list[Settled]:
    choices = [Choice(**one.model_dump()) for one in sent.decisions]
    verdicts = await people.decide_many(core, choices, by=caller.who, company=caller.company)
    locale = core.house.desk(caller.company).company.locale
    return [_settled(one, locale) for one in verdicts]


def _settled(one: Verdict, locale: str) -> Settled:
    problem = None
    if one.state != "done":
        problem = Problem(type=one.error or "LeftOut", message=one.why, field=one.wrong)
    outcome = None if one.outcome is None else Outcome.of(one.outcome, locale)
    return Settled(action=one.action, state=one.state, outcome=outcome, problem=problem)


@ROUTER.post("/actions/{action}/resolution", summary="Settle an unknown outcome")
async def resolve(caller: Decide, action: Id, sent: Resolution) -> Outcome:
    """After having looked into the ERP: was it carried out?"""
    return await caller.do(_resolve, caller, action, sent)


async def _resolve(core: Core, caller: Caller, action_id: str, sent: Resolution) -> Outcome:
    outcome = await core.resolve(
        action_id,
        sent.outcome,
        by=caller.who,
        reference=sent.reference,
        comment=sent.comment,
        company=caller.company,
    )
    return Outcome.of(outcome, core.house.desk(caller.company).company.locale)


@ROUTER.post("/actions/{action}/regret", summary="Say that it should not have been done")
async def regret(caller: Decide, action: Id, sent: Regret) -> Waiting:
    """It counts against its agent; nothing is undone by it."""
    await caller.do(
        policies.regret, action, by=caller.who, comment=sent.comment, company=caller.company
    )
    return await caller.do(_action, caller.company, action)


@ROUTER.get("/actions/{action}/remarks", summary="What was asked about an action, and answered")
async def remarks(caller: See, action: Id) -> list[Remark]:
    """Oldest first."""
    return await caller.do(people.remarks, action, company=caller.company)


@ROUTER.post("/actions/{action}/remarks", summary="Ask about an action, or answer", status_code=201)
async def remark(caller: Tell, action: Id, said: Said) -> Remark:
    """It changes nothing else: the action goes on waiting."""
    return await caller.do(_remark, caller, action, said)


async def _remark(core: Core, caller: Caller, action_id: str, said: Said) -> Remark:
    by, company = caller.who, caller.company
    if said.answers is None:
        return await people.ask(core, action_id, said.text, by=by, company=company)
    known = await people.remarks(core, action_id, company=company)
    if said.answers not in {one.id for one in known}:
        raise NotFound(f"nothing of that id was asked about {action_id}")
    return await people.answer(core, said.answers, said.text, by=by, company=company)
