"""A LangGraph client answers by interrupt id, through the door that translates it."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import pytest
from langchain.agents.middleware.human_in_the_loop import HITLRequest
from langgraph.graph import START, StateGraph
from pydantic import TypeAdapter

from regisseur import (
    Agent,
    Company,
    Judgement,
    MemoryERP,
    Office,
    Proposal,
    Record,
    Settings,
    Speaker,
    Validation,
    validation,
)
from regisseur.errors import AlreadyDecided, InvalidInput, NotDecidable
from regisseur.graphs.desk import Desk

say = Speaker("tests.client")
NIGHT = date(2026, 11, 23)
CLIENT = "inbox@atelier.example"


async def think(state: Validation, runtime: Any) -> dict[str, Any]:
    items = await runtime.context.erp.items()
    proposals = [
        Proposal(
            kind="tell_sales",
            arguments={
                "about": {"model": "item", "id": item.id},
                "topic": "hello",
                "text": f"Hello {item.code}",
            },
            reason=say("It is polite."),
        )
        for item in items
    ]
    judgement = Judgement(headline=say("Greetings."), proposals=tuple(proposals))
    return {"judgement": judgement.model_dump(mode="json")}


class Greeter(Agent[Record, Settings]):
    """Asks about one note per item, in one batch or one by one."""

    name, title, kinds = "greeter", say("Greeter"), ("tell_sales",)
    settings, observation = Settings, Record

    def __init__(self, form: Literal["batched", "per_call"]) -> None:
        self.form = form

    def graph(self) -> Any:
        graph = StateGraph(Validation, context_schema=Desk)
        graph.add_node("think", think)
        graph.add_node("validation", validation(per_call=self.form == "per_call"))
        graph.add_edge(START, "think")
        graph.add_edge("think", "validation")
        return graph


@pytest.fixture
def erp() -> MemoryERP:
    erp = MemoryERP(today=NIGHT)
    for code in ("A", "B", "C"):
        erp.item(code, on_hand=1)
    return erp


@pytest.fixture(params=["batched", "per_call"])
def office(erp: MemoryERP, request: pytest.FixtureRequest) -> Iterator[Office]:
    agents = [Greeter(request.param)]
    company = Company(id="c", name="C", locale="en_GB")
    with Office.open(company=company, erp=erp, agents=agents, database="sqlite://") as opened:
        yield opened


@pytest.mark.parametrize("office", ["batched"], indirect=True)
class TestBatched:
    def test_the_question_is_langchains(self, office: Office) -> None:
        mission = office.run("greeter", on=NIGHT)
        (value,) = office.interrupts(mission.id).values()
        request = TypeAdapter(HITLRequest).validate_python(value)
        assert [one["name"] for one in request["action_requests"]] == ["tell_sales"] * 3
        assert "It is polite." in value["action_requests"][0]["description"]

    def test_two_of_three_today(self, office: Office, erp: MemoryERP) -> None:
        mission = office.run("greeter", on=NIGHT)
        ((asked, value),) = office.interrupts(mission.id).items()
        edited = {**value["action_requests"][1]["args"], "text": "Good morning"}
        decisions = [
            {"type": "approve"},
            {"type": "edit", "edited_action": {"name": "tell_sales", "args": edited}},
            {"type": "respond", "message": "later"},
        ]
        outcomes = office.answer(mission.id, {asked: {"decisions": decisions}}, by=CLIENT)

        assert [one.status for one in outcomes] == ["done", "done"]
        assert len(erp.writes) == 2
        (left,) = office.inbox()
        assert office.mission(mission.id).status == "waiting"
        assert office.decide(left, "reject", reason="not_needed", by=CLIENT).status == "rejected"
        assert office.mission(mission.id).status == "closed"

    def test_a_wrong_count_decides_nothing(self, office: Office, erp: MemoryERP) -> None:
        mission = office.run("greeter", on=NIGHT)
        (asked,) = office.interrupts(mission.id)
        with pytest.raises(InvalidInput, match="at least 3"):
            office.answer(mission.id, {asked: {"decisions": [{"type": "approve"}]}}, by=CLIENT)
        assert len(office.inbox()) == 3
        assert erp.writes == []

    def test_another_action_than_asked_is_refused(self, office: Office) -> None:
        mission = office.run("greeter", on=NIGHT)
        (asked,) = office.interrupts(mission.id)
        other = {"type": "edit", "edited_action": {"name": "place_purchase_order", "args": {}}}
        later = {"type": "respond", "message": "later"}
        with pytest.raises(InvalidInput, match=r"edited_action\.name"):
            office.answer(mission.id, {asked: {"decisions": [other, later, later]}}, by=CLIENT)

    def test_what_was_decided_elsewhere_is_told(self, office: Office, erp: MemoryERP) -> None:
        mission = office.run("greeter", on=NIGHT)
        (asked,) = office.interrupts(mission.id)
        office.decide(office.inbox()[0], "approve", by="somebody.else@atelier.example")
        with pytest.raises(AlreadyDecided, match=r"somebody\.else"):
            office.answer(mission.id, {asked: {"decisions": [{"type": "approve"}] * 3}}, by=CLIENT)


@pytest.mark.parametrize("office", ["per_call"], indirect=True)
class TestPerCall:
    def test_one_question_per_action_in_any_order(self, office: Office, erp: MemoryERP) -> None:
        mission = office.run("greeter", on=NIGHT)
        asked = office.interrupts(mission.id)
        assert [one["type"] for one in asked.values()] == ["tool_approval"] * 3
        for interrupt_id in reversed(list(asked)):
            (outcome,) = office.answer(mission.id, {interrupt_id: {"type": "approve"}}, by=CLIENT)
            assert outcome.status == "done"
        assert len(erp.writes) == 3
        assert office.mission(mission.id).status == "closed"


def test_a_plain_value_is_refused(office: Office) -> None:
    mission = office.run("greeter", on=NIGHT)
    with pytest.raises(InvalidInput, match="by interrupt id"):
        office.answer(mission.id, "yes", by=CLIENT)  # type: ignore[arg-type]


def test_a_stale_id_is_told(office: Office) -> None:
    mission = office.run("greeter", on=NIGHT)
    with pytest.raises(NotDecidable, match="is not pending"):
        office.answer(mission.id, {"0" * 32: {"type": "approve"}}, by=CLIENT)
