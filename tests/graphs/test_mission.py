"""The mission graph, end to end, as LangGraph clients and our own doors meet it."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, get_type_hints

import pytest
from desk import BUYER, NOW, ON, Tiny, TinySettings, Workshop, opened, say
from langchain.agents.middleware import human_in_the_loop as langchain_form
from langgraph.errors import is_invalid_resume
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, Interrupt, StateSnapshot
from pydantic import ValidationError

from regisseur.errors import InvalidInput, RetryLater, Unsupported
from regisseur.graphs import hitl
from regisseur.graphs.desk import Desk
from regisseur.graphs.judgement import Judgement
from regisseur.graphs.report import Report
from regisseur.graphs.validation import CLIENT, Validation, validation
from regisseur.storage import ledger, missions
from regisseur.storage.checkpoint import SqlAlchemySaver
from regisseur.storage.tables import ActionRow, DecisionRow

pytestmark = pytest.mark.anyio

Compiled = CompiledStateGraph[Any, Desk, Any, Any]
TEN = 10


class Running:
    """One mission on its thread."""

    def __init__(self, workshop: Workshop, graph: Compiled, *, agent: str = "tiny") -> None:
        self.workshop, self.graph = workshop, graph
        with workshop.database.write() as session:
            self.id = opened(session, agent=agent).id

    @property
    def thread(self) -> Any:
        return {"configurable": {"thread_id": self.id}, "recursion_limit": 100}

    async def go(self, given: Any = None) -> dict[str, Any]:
        start = {"mission": self.id} if given is None else given
        result: dict[str, Any] = await self.graph.ainvoke(
            start, self.thread, context=self.workshop.desk, durability="sync"
        )
        return result

    async def answer(self, *decisions: dict[str, Any]) -> dict[str, Any]:
        """As a LangGraph client does: by the id of the one interrupt."""
        (asked,) = await self.asked()
        return await self.go(Command(resume={asked.id: {"decisions": list(decisions)}}))

    async def wake(self) -> dict[str, Any]:
        """As the office does when something was decided elsewhere."""
        pending = await self.asked()
        return await self.go(Command(resume={one.id: {"wake": True} for one in pending}))

    async def asked(self) -> tuple[Interrupt, ...]:
        return (await self.graph.aget_state(self.thread)).interrupts

    async def outcomes(self) -> dict[str, str]:
        """What became of the answers so far, by action: in the subgraph while that is waiting."""
        snapshot = await self.graph.aget_state(self.thread, subgraphs=True)
        found: dict[str, str] = snapshot.values.get("outcomes", {})
        for task in snapshot.tasks:
            if isinstance(task.state, StateSnapshot):
                found = found | task.state.values.get("outcomes", {})
        return found

    async def over(self) -> bool:
        return (await self.graph.aget_state(self.thread)).next == ()

    @property
    def report(self) -> Report:
        with self.workshop.database.read() as session:
            return Report.model_validate(missions.report_of(session, self.id))

    @property
    def status(self) -> str:
        with self.workshop.database.read() as session:
            return missions.get(session, self.id).status

    @property
    def actions(self) -> list[ActionRow]:
        with self.workshop.database.read() as session:
            return ledger.of_mission(session, self.id)

    @property
    def statuses(self) -> list[str]:
        return [row.status for row in self.actions]


def compiled(workshop: Workshop, agent: Tiny | None = None) -> Compiled:
    saver = SqlAlchemySaver.on(workshop.database)
    return (agent or Tiny()).graph().compile(checkpointer=saver)


def with_sales(workshop: Workshop, number: int = TEN) -> Workshop:
    for _ in range(number):
        workshop.erp.record("sale")
    return workshop


APPROVE = {"type": "approve"}
LATER = {"type": "respond", "message": "later"}


def edit(row: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "type": "edit",
        "edited_action": {"name": row["name"], "args": {**row["args"], **changed}},
    }


async def test_three_of_ten_are_decided_today_and_the_rest_keep_waiting(
    real_workshop: Workshop,
) -> None:
    mission = Running(with_sales(real_workshop), compiled(real_workshop))
    await mission.go()
    assert (mission.status, mission.statuses) == ("waiting", ["proposed"] * TEN)
    assert len(mission.report.awaiting) == TEN
    first, second, third, *rest = mission.actions
    today: list[tuple[ActionRow, ledger.Verdict]]
    today = [(first, "approve"), (second, "approve"), (third, "reject")]
    for action, verdict in today:
        row = await real_workshop.decide(action.id, verdict)
        if row.status == "approved":
            assert (await real_workshop.perform(row.id)).status == "done"
    assert len(real_workshop.erp.records.notes) == 2
    await mission.wake()
    assert mission.statuses.count("proposed") == len(rest) == 7
    assert len(mission.report.awaiting) == 7
    assert not await mission.over()
    (asked,) = await mission.asked()
    assert len(asked.value["action_requests"]) == 7
    for action in rest:
        await real_workshop.decide(action.id, "reject")
    await mission.wake()
    assert await mission.over()
    assert real_workshop.verdict().intact


async def test_a_clients_batched_answer_is_committed_and_carried_out_at_once(
    real_workshop: Workshop,
) -> None:
    mission = Running(with_sales(real_workshop, 4), compiled(real_workshop))
    asked = (await mission.go())["__interrupt__"][0]
    requests = asked.value["action_requests"]
    await mission.answer(
        APPROVE,
        edit(requests[1], text="Two weeks late"),
        {"type": "reject", "message": "not_now"},
        LATER,
    )
    assert mission.statuses == ["done", "done", "rejected", "proposed"]
    texts = [note.text for note in real_workshop.erp.records.notes]
    assert sorted(texts) == ["Delayed by a week", "Two weeks late"]
    outcomes = await mission.outcomes()
    assert [outcomes[row.id] for row in mission.actions] == ["taken", "taken", "taken", "later"]
    with real_workshop.database.read() as session:
        made = {(one.verdict, one.reason, one.actor) for one in session.query(DecisionRow)}
    assert made == {
        ("approve", None, CLIENT.name),
        ("edit", None, CLIENT.name),
        ("reject", "not_now", CLIENT.name),
    }
    (left,) = await mission.asked()
    assert left.id != asked.id
    assert [one["args"] for one in left.value["action_requests"]] == [requests[3]["args"]]
    await mission.answer(APPROVE)
    assert await mission.over()
    assert len(real_workshop.erp.records.notes) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"decisions": [APPROVE]},
        {"decisions": [APPROVE] * 4},
        {"decisions": [APPROVE, APPROVE, {"type": "respond", "message": "maybe"}]},
        {"decisions": [APPROVE, APPROVE, {"type": "burn"}]},
        {"decisions": [APPROVE] * 3, "wake": True},
        {},
        "yes",
        True,
    ],
)
async def test_a_wrong_answer_is_refused_and_the_same_question_stays(
    workshop: Workshop, wrong: Any
) -> None:
    mission = Running(with_sales(workshop, 3), compiled(workshop))
    await mission.go()
    (asked,) = await mission.asked()
    with pytest.raises(ValidationError) as refused:
        await mission.go(Command(resume={asked.id: wrong}))
    assert is_invalid_resume(refused.value)
    (still,) = await mission.asked()
    assert (still.id, still.value) == (asked.id, asked.value)
    assert mission.statuses == ["proposed"] * 3
    await mission.answer(APPROVE, APPROVE, APPROVE)
    assert mission.statuses == ["done"] * 3


async def test_an_answer_to_what_changed_meanwhile_is_refused_for_that_one_alone(
    workshop: Workshop,
) -> None:
    mission = Running(with_sales(workshop, 3), compiled(workshop))
    await mission.go()
    first, second, _ = mission.actions
    await workshop.decide(first.id, "reject")
    arguments = {"text": "Changed by hand"}
    workshop.ruled_by(rules=[{"name": "four eyes", "mode": "ask", "quorum": 2}])
    await workshop.decide(second.id, "edit", arguments=arguments)
    workshop.ruled_by()  # the others need one person again
    await mission.answer(APPROVE, APPROVE, APPROVE)
    told = list((await mission.outcomes()).values())
    assert [one.split(":")[0] for one in told] == ["refused", "refused", "taken"]
    assert BUYER.name in told[0]
    assert "changed since" in told[1]
    assert mission.statuses == ["rejected", "proposed", "done"]


async def test_an_edit_keeps_the_name_of_what_it_edits(workshop: Workshop) -> None:
    mission = Running(with_sales(workshop, 1), compiled(workshop))
    await mission.go()
    (asked,) = await mission.asked()
    stolen = edit(asked.value["action_requests"][0])
    stolen["edited_action"]["name"] = "place_purchase_order"
    await mission.answer(stolen)
    (told,) = (await mission.outcomes()).values()
    assert "keeps the action's name" in told
    assert mission.statuses == ["proposed"]


async def test_a_step_cut_off_between_its_decisions_is_run_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    mission = Running(with_sales(workshop, 2), compiled(workshop))
    await mission.go()
    decide = ledger.decide
    seen: list[str] = []

    def dies_at_the_second(session: Any, ruling: ledger.Ruling, now: Any) -> ActionRow:
        seen.append(ruling.action_id)
        if len(seen) == 2:
            raise ConnectionError("the machine goes down")
        return decide(session, ruling, now)

    monkeypatch.setattr(ledger, "decide", dies_at_the_second)
    with pytest.raises(ConnectionError):
        await mission.answer(APPROVE, APPROVE)
    result = await mission.graph.ainvoke(
        None, mission.thread, context=workshop.desk, durability="sync"
    )
    assert list(result["outcomes"].values()) == ["taken", "taken"]
    assert mission.statuses == ["done", "done"]
    assert len(workshop.erp.records.notes) == 2


async def test_a_second_night_takes_the_actions_and_the_first_mission_ends(
    workshop: Workshop,
) -> None:
    graph = compiled(with_sales(workshop, 2))
    first = Running(workshop, graph)
    await first.go()
    ids = [row.id for row in first.actions]
    changed = {"tiny": TinySettings(text="Delayed by two weeks")}
    workshop.desk = replace(workshop.desk, settings=changed)
    second = Running(workshop, graph)
    await second.go()
    assert [row.id for row in second.actions] == ids
    assert [row.revision for row in second.actions] == [2, 2]
    assert first.actions == []
    await first.wake()
    assert await first.over()
    assert not await second.over()


async def test_what_sleeps_is_not_asked_about_and_keeps_the_mission_open(
    workshop: Workshop,
) -> None:
    mission = Running(with_sales(workshop, 2), compiled(workshop))
    await mission.go()
    asleep, awake = mission.actions
    await workshop.decide(asleep.id, "snooze", until=NOW + timedelta(days=1))
    await mission.wake()
    (asked,) = await mission.asked()
    assert len(asked.value["action_requests"]) == 1
    await workshop.decide(awake.id, "reject")
    await mission.wake()
    (asked,) = await mission.asked()
    assert asked.value == {"action_requests": [], "review_configs": []}
    workshop.clock.forward(days=1)
    await mission.wake()
    await mission.answer(APPROVE)
    assert await mission.over()


async def test_auto_is_done_before_anybody_is_asked(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "auto", "mode": "auto"}], auto_count=2)
    mission = Running(with_sales(workshop, 3), compiled(workshop))
    await mission.go()
    assert sorted(mission.statuses) == ["done", "done", "proposed"]
    assert len(mission.report.done) == 2
    assert len(mission.report.awaiting) == 1


async def test_a_mission_with_nothing_to_ask_ends_by_itself(workshop: Workshop) -> None:
    mission = Running(workshop, compiled(workshop))
    await mission.go()
    assert await mission.over()
    assert mission.report.headline.values == {"n": 0}


async def test_shadow_waits_for_nobody(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "shadow", "mode": "shadow"}])
    mission = Running(with_sales(workshop, 2), compiled(workshop))
    await mission.go()
    assert await mission.over()
    assert (len(mission.report.shadow), mission.report.awaiting) == (2, ())


@pytest.mark.parametrize(
    "error", [RetryLater("the ERP restarts"), Unsupported("it has no items"), InvalidInput("?")]
)
async def test_a_night_that_cannot_be_observed_fails_with_a_report(
    workshop: Workshop, error: Exception
) -> None:
    before = await workshop.proposed(workshop.note(workshop.erp.record("sale")))
    workshop.erp.fail_next("items", error)
    mission = Running(workshop, compiled(workshop))
    await mission.go()
    assert (mission.status, await mission.over()) == ("failed", True)
    (notice,) = mission.report.notices
    assert str(error) in str(notice.values["why"])
    assert mission.report.data_as_of is None
    assert workshop.action(before.id).status == "proposed", "nothing judged, nothing withdrawn"


async def test_the_erps_own_date_is_told_where_it_differs(workshop: Workshop) -> None:
    with workshop.erp.editing() as records:
        records.today = ON + timedelta(days=3)
    mission = Running(workshop, compiled(workshop))
    await mission.go()
    assert [one.text for one in mission.report.notices] == [
        "The night is dated {on}, the ERP's own date is {today}."
    ]


async def test_the_report_says_since_when_its_data_is(workshop: Workshop) -> None:
    """When reading began: what changed while it went on may be missing."""
    workshop.erp.before("items", lambda: workshop.clock.forward(minutes=20))
    mission = Running(workshop, compiled(workshop))
    await mission.go()
    assert mission.report.data_as_of == NOW


# --- what is kept in checkpoints ---


async def test_the_state_is_small_and_plain_json(workshop: Workshop) -> None:
    mission = Running(with_sales(workshop), compiled(workshop))
    await mission.go()
    await mission.answer(APPROVE, *[LATER] * (TEN - 1))
    steps = 0
    async for snapshot in mission.graph.aget_state_history(mission.thread):
        steps += 1
        text = json.dumps(snapshot.values)
        assert json.loads(text) == snapshot.values, "nothing but JSON"
        assert len(text) < 4_000
    assert steps > 3
    with workshop.database.checkpoints.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT * FROM checkpoint_blob").all()
        assert max(len(cell) for row in bodies for cell in row if isinstance(cell, bytes)) < 8_000


def test_only_plain_types_are_rebuilt_from_a_checkpoint(workshop: Workshop) -> None:
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    saver = SqlAlchemySaver.on(workshop.database)
    foreign = JsonPlusSerializer(allowed_msgpack_modules=True).dumps_typed(
        TinySettings(text="not of the state")
    )
    assert not isinstance(saver.serde.loads_typed(foreign), TinySettings)


# --- the wire forms ---


async def test_the_request_has_the_form_of_langchains_middleware(workshop: Workshop) -> None:
    mission = Running(with_sales(workshop, 2), compiled(workshop))
    await mission.go()
    (asked,) = await mission.asked()
    adapter = typed(langchain_form.HITLRequest)
    assert adapter.validate_python(asked.value, strict=True, extra="forbid") == asked.value
    json.dumps(asked.value)
    request, config = asked.value["action_requests"][0], asked.value["review_configs"]
    assert request["name"] == "tell_sales"
    assert "Delayed by a week" in request["description"]
    assert config == [
        {
            "action_name": "tell_sales",
            "allowed_decisions": ["approve", "edit", "reject", "respond"],
        }
    ]
    assert asked.response_schema is not None


def typed(form: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(form)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (hitl.HITLRequest, langchain_form.HITLRequest),
        (hitl.ActionRequest, langchain_form.ActionRequest),
        (hitl.ToolApproval, langchain_form.ToolApprovalRequest),
    ],
)
def test_our_forms_have_langchains_keys(ours: Any, theirs: Any) -> None:
    assert ours.__required_keys__ == theirs.__required_keys__
    assert ours.__optional_keys__ == theirs.__optional_keys__
    assert get_type_hints(ours).keys() == get_type_hints(theirs).keys()


@pytest.mark.parametrize(
    "form", [langchain_form.ApproveDecision, langchain_form.EditDecision,
             langchain_form.RejectDecision, langchain_form.RespondDecision]
)  # fmt: skip
def test_every_decision_of_langchains_is_understood(form: Any) -> None:
    examples: dict[str, dict[str, Any]] = {
        "ApproveDecision": APPROVE,
        "EditDecision": edit({"name": "tell_sales", "args": {}}),
        "RejectDecision": {"type": "reject"},
        "RespondDecision": LATER,
    }
    example = typed(form).validate_python(examples[form.__name__])
    reply = hitl.reply_to(1).model_validate({"decisions": [example]})
    assert reply.decisions is not None
    assert reply.decisions[0].type == example["type"]


# --- embedded in a graph of one's own ---


class Own(Validation):
    said: Annotated[list[str], operator.add]


def own_graph(workshop: Workshop, *, per_call: bool) -> Compiled:
    async def think(state: Own, runtime: Runtime[Desk]) -> dict[str, Any]:
        notes = tuple(workshop.note(sale) for sale in workshop.erp.records.others)
        judgement = Judgement(headline=say("Own graph"), proposals=notes)
        return {"judgement": judgement.model_dump(mode="json"), "said": ["thought"]}

    async def after(state: Own) -> dict[str, Any]:
        return {"said": ["went on"]}

    graph = StateGraph(Own, context_schema=Desk)
    graph.add_node("think", think)
    graph.add_node("people", validation(per_call=per_call))
    graph.add_node("after", after)
    graph.add_edge(START, "think")
    graph.add_edge("think", "people")
    graph.add_edge("people", "after")
    graph.add_edge("after", END)
    return graph.compile(checkpointer=SqlAlchemySaver.on(workshop.database))


async def test_validation_can_be_put_into_a_graph_of_ones_own(real_workshop: Workshop) -> None:
    graph = own_graph(with_sales(real_workshop, 2), per_call=False)
    mission = Running(real_workshop, graph)
    await mission.go({"mission": mission.id, "said": []})
    assert mission.statuses == ["proposed", "proposed"]
    await mission.answer(APPROVE, LATER)
    assert mission.statuses == ["done", "proposed"]
    assert (await mission.answer(APPROVE))["said"] == ["thought", "went on"]
    assert await mission.over()


async def test_validation_without_a_judgement_says_what_is_missing(workshop: Workshop) -> None:
    graph = StateGraph(Validation, context_schema=Desk)
    graph.add_node("people", validation())
    graph.add_edge(START, "people")
    mission = Running(workshop, graph.compile(checkpointer=SqlAlchemySaver.on(workshop.database)))
    with pytest.raises(InvalidInput) as refused:
        await mission.go()
    assert refused.value.field == "judgement"


# --- one question for each action ---


async def test_each_action_may_have_a_question_of_its_own(real_workshop: Workshop) -> None:
    """Answered by id, in any order, and carried out while the others still wait."""
    graph = own_graph(with_sales(real_workshop, 4), per_call=True)
    mission = Running(real_workshop, graph)
    await mission.go({"mission": mission.id, "said": []})
    asked = {one.value["tool_call_id"]: one for one in await mission.asked()}
    first, second, third, fourth = mission.actions
    assert asked.keys() == {row.id for row in mission.actions}
    form = typed(langchain_form.ToolApprovalRequest)
    assert all(form.validate_python(one.value, extra="forbid") for one in asked.values())

    await mission.go(Command(resume={asked[third.id].id: APPROVE}))
    assert mission.statuses == ["proposed", "proposed", "done", "proposed"]
    assert len(real_workshop.erp.records.notes) == 1
    assert len(await mission.asked()) == 3

    changed = edit(asked[first.id].value, text="Two weeks late")
    answers = {asked[first.id].id: changed, asked[second.id].id: {"type": "reject"}}
    await mission.go(Command(resume=answers))
    assert mission.statuses == ["done", "rejected", "done", "proposed"]
    assert len(await mission.asked()) == 1

    await mission.go(Command(resume={asked[fourth.id].id: LATER}))
    assert mission.statuses[3] == "proposed"
    assert await mission.outcomes() == {
        first.id: "taken",
        second.id: "taken",
        third.id: "taken",
        fourth.id: "later",
    }
    (left,) = await mission.asked()
    assert (left.value["tool_call_id"], left.id != asked[fourth.id].id) == (fourth.id, True)
    result = await mission.go(Command(resume={left.id: APPROVE}))
    assert (await mission.over(), result["said"]) == (True, ["thought", "went on"])
    assert len(real_workshop.erp.records.notes) == 3


async def test_of_several_answers_a_wrong_one_is_asked_again_alone(workshop: Workshop) -> None:
    mission = Running(workshop, own_graph(with_sales(workshop, 2), per_call=True))
    await mission.go({"mission": mission.id, "said": []})
    right, wrong = await mission.asked()
    with pytest.raises(ValidationError):
        await mission.go(Command(resume={right.id: APPROVE, wrong.id: {"type": "burn"}}))
    pending = {one.id for one in await mission.asked()}
    assert wrong.id in pending
    answers = dict.fromkeys(pending, APPROVE)
    result = await mission.go(Command(resume=answers))
    assert mission.statuses == ["done", "done"]
    assert set(result["outcomes"].values()) == {"taken"}
    assert len(workshop.erp.records.notes) == 2, "whoever ran already didn't run twice"


async def test_what_was_decided_elsewhere_is_told_and_a_wake_up_ends_the_questions(
    workshop: Workshop,
) -> None:
    mission = Running(workshop, own_graph(with_sales(workshop, 3), per_call=True))
    await mission.go({"mission": mission.id, "said": []})
    asked = {one.value["tool_call_id"]: one for one in await mission.asked()}
    first, *others = mission.actions
    for row in mission.actions:
        await workshop.decide(row.id, "reject")
    await mission.go(Command(resume={asked[first.id].id: APPROVE}))
    assert len(await mission.asked()) == len(others)
    result = await mission.wake()
    assert await mission.over()
    assert BUYER.name in result["outcomes"][first.id]
    assert workshop.erp.records.notes == []


async def test_with_several_questions_a_plain_answer_is_refused(workshop: Workshop) -> None:
    mission = Running(workshop, own_graph(with_sales(workshop, 2), per_call=True))
    await mission.go({"mission": mission.id, "said": []})
    with pytest.raises(RuntimeError, match="interrupt"):
        await mission.go(Command(resume=APPROVE))
    assert mission.statuses == ["proposed", "proposed"]


async def test_while_all_of_it_sleeps_a_mission_with_single_questions_waits(
    workshop: Workshop,
) -> None:
    mission = Running(workshop, own_graph(with_sales(workshop, 1), per_call=True))
    await mission.go({"mission": mission.id, "said": []})
    (action,) = mission.actions
    await workshop.decide(action.id, "snooze", until=NOW + timedelta(days=1))
    await mission.wake()
    assert not await mission.over()
    workshop.clock.forward(days=1)
    await mission.wake()
    (asked,) = await mission.asked()
    assert asked.value["tool_call_id"] == action.id
