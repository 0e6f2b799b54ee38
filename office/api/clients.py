"""The forms in which LangGraph clients are asked and answer, all brought down to our own.

Understood are LangChain's ``HITLRequest`` and its answers, batched or per call, and those of Agent
Inbox (``HumanInterrupt`` and ``HumanResponse``), which sends edited values back as text. Everything
in here is plain data in and out; ``graphs.hitl`` has the forms that a mission itself speaks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from regisseur.errors import InvalidInput
from regisseur.graphs.hitl import Approve, Edit, EditedAction, Reject, Respond
from regisseur.tools.actions.base import AnyKind

Form = Literal["langchain", "agent_inbox"]
LATER = Respond(type="respond", message="later")


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LegacyAction(_Closed):
    """An action as Agent Inbox writes it."""

    action: str
    args: dict[str, Any]


class HumanResponse(_Closed):
    """What Agent Inbox answers: ``accept`` approves, ``edit`` edits and approves, ``response``
    rejects with the text as the reason (``later`` leaves it open), ``ignore`` leaves it open.
    """

    type: Literal["accept", "ignore", "response", "edit"]
    args: LegacyAction | str | None = None


One = Approve | Edit | Reject | Respond | HumanResponse


class Batch(_Closed):
    """One decision for each action of the question, in its order."""

    decisions: list[One]


ClientAnswer = Batch | list[One] | One


class HumanInterruptConfig(TypedDict):
    """What Agent Inbox offers."""

    allow_ignore: bool
    allow_respond: bool
    allow_edit: bool
    allow_accept: bool


class HumanInterrupt(TypedDict):
    """A question about one action, as Agent Inbox reads it."""

    action_request: dict[str, Any]
    config: HumanInterruptConfig
    description: str


class Question(BaseModel):
    """Something that a mission waits for."""

    id: str = Field(examples=["5f0e6a1c9d3b4e27a8c1f2d3e4b5a697"])
    """Answer under this id."""
    value: dict[str, Any]
    """``HITLRequest``, ``tool_approval`` or ``HumanInterrupt``."""


def questions(interrupts: Mapping[str, Any], form: Form) -> list[Question]:
    """What a mission asks, in a client's form; Agent Inbox is asked about each action alone."""
    if form == "langchain":
        return [Question(id=key, value=_readable(value)) for key, value in interrupts.items()]
    return [
        Question(id=f"{key}:{place}", value={**_legacy(one)})
        for key, value in interrupts.items()
        for place, one in enumerate(_requests(value))
    ]


def _readable(value: Mapping[str, Any]) -> dict[str, Any]:
    """With ``args`` a second time as ``arguments``, where some clients look for them."""
    if "action_requests" not in value:
        return {**value, "arguments": value["args"]}
    doubled = [{**one, "arguments": one["args"]} for one in value["action_requests"]]
    return {**value, "action_requests": doubled}


def _requests(value: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The actions of a question, whether it asks about several or about one."""
    several: Sequence[Mapping[str, Any]] | None = value.get("action_requests")
    return [value] if several is None else several


def _legacy(request: Mapping[str, Any]) -> HumanInterrupt:
    return {
        "action_request": {"action": request["name"], "args": request["args"]},
        "config": {
            "allow_ignore": True,
            "allow_respond": True,
            "allow_edit": True,
            "allow_accept": True,
        },
        "description": request.get("description", ""),
    }


def understood(
    interrupts: Mapping[str, Any],
    answers: Mapping[str, ClientAnswer],
    kinds: Mapping[str, AnyKind],
) -> dict[str, Any]:
    """Answers of any form as the mission itself takes them, by the ids of its interrupts.

    ``id:place`` answers one action of a question about several and leaves the others open. Raises
    InvalidInput naming the answer that is wrong; an id that isn't pending is left to be refused.
    """
    taken: dict[str, dict[int, One]] = {}
    for key, answer in answers.items():
        question, place = _addressed(key)
        requests = _requests(interrupts.get(question, {"args": {}}))
        given = _each(key, answer, 1 if place is not None else len(requests))
        first = place or 0
        for number, one in enumerate(given, first):
            if number >= len(requests) or number in taken.setdefault(question, {}):
                raise InvalidInput("answers an action that isn't asked about, or twice", field=key)
            taken[question][number] = _ours(key, one, requests[number], kinds)
    return {key: _together(interrupts.get(key, {}), decided) for key, decided in taken.items()}


def _addressed(key: str) -> tuple[str, int | None]:
    question, sign, place = key.partition(":")
    if not sign:
        return question, None
    if not place.isascii() or not place.isdecimal() or len(place) > 6:
        raise InvalidInput("write the interrupt's id, or id:place", field=key)
    return question, int(place)


def _each(key: str, answer: ClientAnswer, count: int) -> list[One]:
    given = answer.decisions if isinstance(answer, Batch) else answer
    listed = given if isinstance(given, list) else [given]
    if len(listed) != count:
        raise InvalidInput(f"{count} decisions are asked for, {len(listed)} came", field=key)
    return listed


def _ours(
    key: str, one: One, request: Mapping[str, Any], kinds: Mapping[str, AnyKind]
) -> Approve | Edit | Reject | Respond:
    """One decision in our own form, its texts read as what the kind's arguments are."""
    said = _of_legacy(key, one) if isinstance(one, HumanResponse) else one
    if not isinstance(said, Edit):
        return said
    name, args = said.edited_action.name, said.edited_action.args
    read = coerced(kinds.get(name), request.get("args", {}), args)
    return Edit(type="edit", edited_action=EditedAction(name=name, args=read))


def _of_legacy(key: str, said: HumanResponse) -> Approve | Edit | Reject | Respond:
    match said:
        case HumanResponse(type="accept"):
            return Approve(type="approve")
        case HumanResponse(type="ignore") | HumanResponse(type="response", args="later"):
            return LATER
        case HumanResponse(type="response", args=str(text)):
            return Reject(type="reject", message=text)
        case HumanResponse(type="edit", args=LegacyAction(action=name, args=args)):
            return Edit(type="edit", edited_action=EditedAction(name=name, args=args))
    raise InvalidInput("a response carries a text, an edit the action with its args", field=key)


def _together(value: Mapping[str, Any], decided: Mapping[int, One]) -> dict[str, Any]:
    """The decisions on one question; what wasn't answered is left open."""
    if "action_requests" not in value:
        return decided[0].model_dump(mode="json")
    places = range(len(value["action_requests"]))
    return {"decisions": [decided.get(one, LATER).model_dump(mode="json") for one in places]}


def coerced(
    kind: AnyKind | None, before: Mapping[str, Any], edited: Mapping[str, Any]
) -> dict[str, Any]:
    """Edited arguments with texts read as what the kind's schema wants; texts stay texts there.

    What comes back as it was written out is what it was.
    """
    fields = {} if kind is None else kind.arguments.model_fields
    return {
        name: _read(fields.get(name), before.get(name), value) for name, value in edited.items()
    }


def _read(field: FieldInfo | None, before: Any, value: Any) -> Any:
    if not isinstance(value, str) or isinstance(before, str):
        return value
    try:
        decoded = json.loads(value, parse_float=str)
    except (ValueError, RecursionError):
        return value
    if decoded == before:
        return before
    return value if field is None or _fits(field, value) else decoded


def _fits(field: FieldInfo, value: Any) -> bool:
    try:
        TypeAdapter(field.rebuild_annotation()).validate_python(value)
    except ValidationError:
        return False
    return True
