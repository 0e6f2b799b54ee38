"""Validation: file → perform → report → wait ⇄ settle, as a subgraph to embed anywhere.

A graph of one's own puts ``mission`` (its id) and ``judgement`` (JSON of a ``Judgement``) into
its state and adds ``validation()`` as a node; the state's schema must contain this one's keys.
What people decide through any door is executed from the ledger; the subgraph only waits until
nothing is open any more, and resuming it carries a wake-up. Answers of a LangGraph client are
translated into decisions on exactly what was shown.
"""

from __future__ import annotations

from operator import or_
from typing import Annotated, Any, NotRequired, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send, interrupt
from sqlalchemy.orm import Session

from regisseur.errors import AlreadyDecided, InvalidInput, RegisseurError
from regisseur.graphs import performing
from regisseur.graphs.deciding import decide
from regisseur.graphs.desk import Desk
from regisseur.graphs.filing import file_judgement
from regisseur.graphs.hitl import (
    Answer,
    Reply,
    Shown,
    SingleReply,
    Woken,
    approval_for,
    decision_of,
    reply_to,
    request_for,
    shown,
)
from regisseur.graphs.judgement import Finding, Judgement
from regisseur.graphs.telling import line_of, tell, urgency
from regisseur.storage import ledger, missions
from regisseur.storage.errors import StorageError
from regisseur.storage.tables import ActionRow, JsonObject, RevisionRow
from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.graphs")

CLIENT = ledger.Who("langgraph client")
"""Whoever answers an interrupt without coming through a door of ours: named, not signed in."""


class Validation(TypedDict):
    """The state: ids and small JSON only; documents live in storage."""

    mission: str
    judgement: NotRequired[JsonObject | None]
    held: NotRequired[list[JsonObject]]
    notices: NotRequired[list[JsonObject]]
    shown: NotRequired[list[Shown]]
    waiting: NotRequired[bool]
    answer: NotRequired[JsonObject | None]
    outcomes: NotRequired[Annotated[dict[str, str], or_]]
    """What became of each answer of a client, by action."""


class Asked(TypedDict):
    """What a node that asks about one action is sent."""

    mission: str
    about: Shown


async def judgement_in(desk: Desk, state: Validation) -> Judgement:
    """The judgement handed over in the state (and then kept), or the one kept before."""
    given = state.get("judgement")
    if given is None:
        kept = await desk.database.in_read(missions.judgement_of, state["mission"])
        if kept is None:
            raise InvalidInput("put the JSON of a Judgement into the state", field="judgement")
        return Judgement.model_validate_json(kept)
    judgement = Judgement.model_validate(given)
    await desk.database.in_write(
        missions.keep_judgement, state["mission"], judgement.model_dump(mode="json"), desk.now()
    )
    return judgement


async def file(state: Validation, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Put the proposals into the ledger, each in the mode that the policy gives it."""
    desk = runtime.context
    judgement = await judgement_in(desk, state)
    mission = await desk.database.in_read(missions.get, state["mission"])
    filing = await file_judgement(desk, mission, judgement)
    return {"judgement": None, "held": [one.model_dump(mode="json") for one in filing.held]}


async def perform(state: Validation, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Drain the ledger: whatever is approved by now is carried out."""
    await performing.perform_approved(runtime.context)
    return {"answer": None}


async def report(state: Validation, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Tell people where things stand, and note what is put before them."""
    desk = runtime.context
    mission = await desk.database.in_read(missions.get, state["mission"])
    await tell(
        desk,
        mission,
        desk.titles[mission.agent],
        await judgement_in(desk, {"mission": mission.id}),
        held=[Finding.model_validate(one) for one in state.get("held", [])],
        notices=[Message.model_validate(one) for one in state.get("notices", [])],
    )
    rows = await desk.database.in_read(open_of, mission.id)
    if rows:
        await desk.database.in_write(missions.become, mission.id, "waiting", desk.now())
    ordered = sorted(rows, key=lambda row: urgency(line_of(row, None)))
    return {"shown": [shown(row) for row in ordered if _to_show(desk, row)], "waiting": bool(rows)}


def open_of(session: Session, mission_id: str) -> list[ActionRow]:
    """A mission's actions that are not final; shadow ones wait for nobody."""
    rows = ledger.of_mission(session, mission_id)
    return [row for row in rows if row.status in ledger.OPEN and row.mode != "shadow"]


def _to_show(desk: Desk, row: ActionRow) -> bool:
    asleep = row.snoozed_until is not None and row.snoozed_until > desk.now()
    return row.status == "proposed" and not asleep


def is_waiting(state: Validation) -> str:
    """Go on when nothing of the mission is open any more."""
    return "wait" if state.get("waiting") else END


def asks_for_each(state: Validation) -> str | list[Send]:
    """The same, with one question for every action."""
    asked: list[Shown] = state.get("shown", []) if state.get("waiting") else []
    each = [Send("ask", Asked(mission=state["mission"], about=one)) for one in asked]
    return each or is_waiting(state)


async def wait(state: Validation, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Only wait: everything before the interrupt runs again when it is resumed."""
    desk = runtime.context
    about = await desk.database.in_read(_revisions, state.get("shown", []))
    request = request_for(about, desk.company.locale)
    reply: Reply = interrupt(request, response_schema=reply_to(len(about)))
    return {"answer": reply.model_dump(mode="json")}


def _revisions(session: Session, about: list[Shown]) -> list[tuple[Shown, RevisionRow]]:
    """Exactly what was noted as shown, also if a later night has another revision."""
    rows = ledger.revisions_of(session, [(one["id"], one["revision"]) for one in about])
    return list(zip(about, rows, strict=True))


async def ask(state: Asked, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Wait for the decision on one action, commit it, and carry it out at once: the others of the
    same step may stay unanswered for days.
    """
    desk, about = runtime.context, state["about"]
    ((_, row),) = await desk.database.in_read(_revisions, [about])
    question = approval_for(about, row, desk.company.locale)
    reply = interrupt(question, response_schema=SingleReply).root
    if isinstance(reply, Woken):
        return {}
    outcome = await _commit(desk, about, reply)
    await performing.perform(desk, about["id"])
    return {"outcomes": {about["id"]: outcome}}


async def settle(state: Validation, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Commit a client's decisions one by one, each on what it was shown; the ledger has the word.

    Running this node again after a crash is harmless: a decision that stands is not taken twice.
    """
    reply = Reply.model_validate(state.get("answer"))
    pairs = zip(state.get("shown", []), reply.decisions or [], strict=False)
    return {
        "outcomes": {one["id"]: await _commit(runtime.context, one, said) for one, said in pairs}
    }


async def _commit(desk: Desk, about: Shown, answer: Answer) -> str:
    """Commit an answer as a decision: ``taken``, ``later`` or ``refused: why``."""
    try:
        decision = decision_of(about, answer, CLIENT)
        if decision is None:
            return "later"
        await decide(desk, decision)
    except AlreadyDecided as error:
        if (error.by, error.verdict) != (CLIENT.name, answer.type):
            return f"refused: {error}"
    except StorageError:
        raise  # not the client's fault: the step is run again
    except RegisseurError as error:
        return f"refused: {error}"
    return "taken"


def validation(
    *, per_call: bool = False, **options: Any
) -> CompiledStateGraph[Validation, Desk, Validation, Validation]:
    """The compiled subgraph; it uses the checkpointer of the graph it is embedded in.

    ``per_call`` asks by one interrupt per action instead of one for all: each is answered by its
    id, in any order, and carried out when it is answered. ``options`` go to LangGraph's compile.
    """
    graph = StateGraph(Validation, context_schema=Desk)
    graph.add_node("file", file)
    graph.add_node("perform", perform)
    graph.add_node("report", report)
    graph.add_node("wait", wait)
    graph.add_node("settle", settle)
    graph.add_edge(START, "file")
    graph.add_edge("file", "perform")
    graph.add_edge("perform", "report")
    graph.add_node("ask", ask)
    graph.add_conditional_edges(
        "report", asks_for_each if per_call else is_waiting, ["ask", "wait", END]
    )
    graph.add_edge("wait", "settle")
    graph.add_edge("settle", "perform")
    graph.add_edge("ask", "perform")
    return graph.compile(**options)
