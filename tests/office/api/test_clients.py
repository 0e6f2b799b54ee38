"""LangGraph clients are asked and answer in any of their forms, over HTTP."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from api_programs import Program
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain.agents.middleware.human_in_the_loop import HITLRequest
from pydantic import BaseModel, TypeAdapter, ValidationError

from regisseur import Office
from regisseur.errors import InvalidInput
from regisseur.office.api.clients import coerced, questions, understood
from regisseur.office.api.routes.missions import Answers
from regisseur.tools.actions.place_purchase_order import KIND

EACH: dict[str, Any] = {
    "approve": {"type": "approve"},
    "accept": {"type": "accept", "args": None},
    "later": {"type": "respond", "message": "later"},
    "ignore": {"type": "ignore", "args": None},
    "said later": {"type": "response", "args": "later"},
    "reject": {"type": "reject", "message": "not_needed"},
    "response": {"type": "response", "args": "not_needed"},
}
MEANT = {
    "approve": {"type": "approve"},
    "accept": {"type": "approve"},
    "reject": {"type": "reject", "message": "not_needed"},
    "response": {"type": "reject", "message": "not_needed"},
}
LATER = {"type": "respond", "message": "later"}


def batch(count: int) -> dict[str, Any]:
    """What a mission asks about so many notes."""
    requests = [
        {"name": "tell_sales", "args": {"text": f"{place}"}, "description": "…"}
        for place in range(count)
    ]
    decisions = ["approve", "edit", "reject", "respond"]
    config = [{"action_name": "tell_sales", "allowed_decisions": decisions}]
    return {"action_requests": requests, "review_configs": config}


def single() -> dict[str, Any]:
    """What it asks about one."""
    args = {"text": "Hello"}
    return {
        "type": "tool_approval",
        "tool_call_id": "a1",
        "name": "tell_sales",
        "args": args,
        "description": "…",
    }


def read(interrupts: dict[str, Any], **answers: Any) -> dict[str, Any]:
    """What was understood of answers by their ids (``_0`` for ``:0``)."""
    keyed = {key.replace("_", ":"): one for key, one in answers.items()}
    return understood(interrupts, Answers.model_validate({"answers": keyed}).answers, {})


@pytest.mark.parametrize("said", EACH)
def test_every_form_of_an_answer_means_the_same(said: str) -> None:
    one, meant = EACH[said], MEANT.get(said, LATER)
    for form in (one, [one], {"decisions": [one]}):
        assert read({"x": single()}, x=form) == {"x": meant}
        assert read({"x": batch(1)}, x=form) == {"x": {"decisions": [meant]}}
    assert read({"x": batch(3)}, x_1=[one]) == {"x": {"decisions": [LATER, meant, LATER]}}
    three = {"decisions": [EACH["approve"], one, EACH["later"]]}
    assert read({"x": batch(3)}, x=three) == {"x": {"decisions": [MEANT["approve"], meant, LATER]}}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"x": {"decisions": [EACH["approve"]]}}, "x: 2 decisions are asked for, 1 came"),
        ({"x_2": EACH["approve"]}, "x:2: answers an action that isn't asked about"),
        ({"x_0": EACH["approve"], "x": [EACH["later"]] * 2}, "or twice"),
        ({"x_one": EACH["approve"]}, "write the interrupt's id"),
        ({"x_0": {"type": "response", "args": None}}, "a response carries a text"),
        ({"x_0": {"type": "edit", "args": "more"}}, "an edit the action with its args"),
    ],
)
def test_answers_that_fit_no_question(answers: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        read({"x": batch(2)}, **answers)


@pytest.mark.parametrize("wrong", ["yes", {"type": "approve", "all": True}, {"wake": True}, 3])
def test_what_is_no_answer(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        read({"x": batch(1)}, x=wrong)


def test_questions_are_read_by_langchain_and_by_agent_inbox() -> None:
    asked = {"x": batch(2), "y": single()}
    first, second = questions(asked, "langchain")
    request = TypeAdapter(HITLRequest).validate_python(first.value)
    assert [one["args"] for one in request["action_requests"]] == [{"text": "0"}, {"text": "1"}]
    assert first.value["action_requests"][1]["arguments"] == {"text": "1"}
    assert (second.value["type"], second.value["args"]) == ("tool_approval", {"text": "Hello"})

    legacy = questions(asked, "agent_inbox")
    assert [one.id for one in legacy] == ["x:0", "x:1", "y:0"]
    assert {*legacy[0].value} == {"action_request", "config", "description"}
    assert legacy[1].value["action_request"] == {"action": "tell_sales", "args": {"text": "1"}}


class Shape(BaseModel):
    """Arguments of every sort."""

    count: int
    price: Decimal
    urgent: bool
    text: str
    note: str | None
    lines: list[dict[str, int]]
    place: dict[str, str] | None


class Shaped:
    arguments: ClassVar[type[BaseModel]] = Shape


def as_text(value: Any) -> str:
    """How Agent Inbox writes a value into its form."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


VALUES = st.fixed_dictionaries(
    {
        "count": st.integers(-99, 99),
        "price": st.decimals(0, 99, places=2).map(str),
        "urgent": st.booleans(),
        "text": st.text(max_size=5) | st.sampled_from(["null", "5", "[]", "true"]),
        "note": st.none() | st.text(max_size=5) | st.sampled_from(["null", "5", "{}"]),
        "lines": st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)), max_size=2),
        "place": st.none() | st.dictionaries(st.sampled_from("ab"), st.text(max_size=3)),
    }
)


@settings(max_examples=60)
@given(before=VALUES, after=VALUES)
def test_texts_are_read_as_the_schema_wants_them(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    kind: Any = Shaped
    written = {name: as_text(value) for name, value in before.items()}
    assert coerced(kind, before, written) == before
    changed = {**after, "note": before["note"]}
    read = coerced(kind, before, {name: as_text(value) for name, value in changed.items()})
    assert Shape.model_validate(read) == Shape.model_validate(changed)


def test_an_order_edited_in_agent_inbox(approver: Program, office: Office, night: str) -> None:
    """Its lines come back as text; what was ordered is what the person wrote."""
    path = f"/missions/{night}/interrupts"
    first, second = approver.get(path, form="agent_inbox")
    request = first["value"]["action_request"]
    (line,) = request["args"]["lines"]
    args = {**request["args"], "lines": [{**line, "quantity": "150"}]}
    assert KIND.parse(args)
    edited = {name: as_text(value) for name, value in args.items()}
    edit = [{"type": "edit", "args": {"action": request["action"], "args": edited}}]

    (told,) = approver.post(path, {"answers": {first["id"]: edit}})
    assert (told["state"], told["outcome"]["status"]) == ("done", "done")
    assert told["outcome"]["action"]["arguments"]["lines"][0]["quantity"] == "150"
    assert told["outcome"]["action"]["kind"] == "place_purchase_order"
    history = office.history(told["action"])
    assert {one.by for one in history if one.what == "approved"} == {"approver.atelier"}

    both = {first["id"]: edit, second["id"]: {"type": "accept"}}
    refused, done = approver.post(path, {"answers": both})
    assert (refused["state"], refused["problem"]["type"]) == ("refused", "AlreadyDecided")
    assert done["state"] == "done"
    assert approver.get("/missions")["items"][0]["status"] == "closed"
    stale = approver.post(path, {"answers": {first["id"]: edit}}, 409)
    assert "is not pending" in stale["message"]


def test_one_batch_in_langchains_form(approver: Program, night: str) -> None:
    path = f"/missions/{night}/interrupts"
    (question,) = approver.get(path)
    decisions = [{"type": "approve"}, {"type": "respond", "message": "later"}]
    (told,) = approver.post(path, {"answers": {question["id"]: {"decisions": decisions}}})
    assert told["state"] == "done"
    assert len(approver.get("/inbox")["items"]) == 1
    wrong = {"type": "edit", "edited_action": {"name": "tell_sales", "args": {}}}
    sent = {"answers": {f"{question['id']}:1": wrong}}
    assert approver.post(path, sent, 422)["field"] == "edited_action.name"
