"""Hooks: what was told to other programs, and their answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from regisseur.office import hooks
from regisseur.office.api.callers import Anyone, Manage, See
from regisseur.office.api.models import Id, Limit, Sent, Words
from regisseur.office.api.routes.inbox import Reason
from regisseur.office.hooks import Delivery

ROUTER = APIRouter(tags=["hooks"])

State = Literal["waiting", "taken", "given_up"]


class HookAnswer(Sent):
    """What a receiver decides, with the token that came with the message."""

    token: str = Field(min_length=16, max_length=200)
    verdict: Literal["approve", "edit", "reject"]
    arguments: dict[str, Any] | None = Field(default=None, examples=[None])
    """For ``edit``: those that change."""
    reason: Reason | None = None
    """For ``reject``."""
    comment: Words | None = None


class Answered(BaseModel):
    """What the answer led to; of the action itself a receiver is told no more than before."""

    status: str = Field(examples=["done"])
    held_back: str | None
    """Why something queued was not carried out at once, where that is known."""


@ROUTER.get("/companies/{company}/deliveries", summary="What was told to other programs")
async def deliveries(
    caller: See,
    state: Annotated[list[State] | None, Query()] = None,
    limit: Limit = 100,
) -> list[Delivery]:
    """Newest first; without `state`, what waits or was given up."""
    wanted = state or ("waiting", "given_up")
    return await caller.do(hooks.deliveries, caller.company, states=wanted, limit=limit)


@ROUTER.post("/companies/{company}/deliveries/{delivery}/retry", summary="Tell it again")
async def retry(caller: Manage, delivery: Id) -> Delivery:
    """A message that was given up is tried again, under the same id."""
    return await caller.do(hooks.send_again, delivery, company=caller.company)


@ROUTER.post("/answers/{delivery}", summary="Answer a message")
async def answer_message(office: Anyone, delivery: Id, sent: HookAnswer) -> Answered:
    """For receivers: the token of the message lets in, once. A second answer gives 409."""
    outcome = await office.do(hooks.answer, delivery, **sent.model_dump())
    return Answered(status=outcome.status, held_back=outcome.held_back)
