"""The mission graph: observe → judge → validation, for any agent.

Whatever goes wrong outside while observing ends in a report that says so; nothing is judged on
half an observation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal, NotRequired

import anyio
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from regisseur.errors import RegisseurError
from regisseur.graphs.desk import Desk
from regisseur.graphs.judgement import Judgement
from regisseur.graphs.telling import dates_differ, tell
from regisseur.graphs.validation import Validation, say, validation
from regisseur.storage import missions
from regisseur.storage.tables import JsonObject, MissionRow
from regisseur.tools.records import Message

Observe = Callable[[Desk, MissionRow], Awaitable[JsonObject]]
Judge = Callable[[Desk, MissionRow, bytes], Judgement]


class Mission(Validation):
    """The state of a mission: its id, and what went wrong if it did."""

    failure: NotRequired[str | None]
    cause: NotRequired[str | None]
    """Class of the error behind ``failure``."""


MissionGraph = StateGraph[Mission, Desk, Mission, Mission]


def mission_graph(observe: Observe, judge: Judge) -> MissionGraph:
    """The graph of a mission that observes and judges with these two."""

    async def observe_node(state: Mission, runtime: Runtime[Desk]) -> dict[str, Any]:
        return await _observe(state, runtime.context, observe)

    async def judge_node(state: Mission, runtime: Runtime[Desk]) -> dict[str, Any]:
        return await _judge(state, runtime.context, judge)

    graph = StateGraph(Mission, context_schema=Desk)
    graph.add_node("observe", observe_node)
    graph.add_node("judge", judge_node)
    graph.add_node("validation", validation())
    graph.add_node("fail", fail)
    graph.add_edge(START, "observe")
    graph.add_conditional_edges("observe", _went_wrong)
    graph.add_edge("judge", "validation")
    graph.add_edge("validation", END)
    graph.add_edge("fail", END)
    return graph


def _went_wrong(state: Mission) -> Literal["judge", "fail"]:
    return "fail" if state.get("failure") else "judge"


async def _observe(state: Mission, desk: Desk, observe: Observe) -> dict[str, Any]:
    """Read once; a repeated step replaces what the interrupted one kept."""
    mission = await desk.database.in_read(missions.get, state["mission"])
    as_of = desk.now()
    try:
        probe = await desk.erp.probe()
        body = await observe(desk, mission)
    except RegisseurError as error:
        return {"failure": str(error), "cause": type(error).__name__}
    await desk.database.in_write(
        missions.keep_observation, mission.id, desk.erp.identity, as_of, body
    )
    notice = dates_differ(mission.on_date, probe.today)
    return {"notices": [] if notice is None else [notice.model_dump(mode="json")]}


async def _judge(state: Mission, desk: Desk, judge: Judge) -> dict[str, Any]:
    """Conclude from what was kept, in a thread: a judgement may compute for a while."""
    mission = await desk.database.in_read(missions.get, state["mission"])
    body = await desk.database.in_read(_observation, mission.id)
    judgement = await anyio.to_thread.run_sync(judge, desk, mission, body)
    await desk.database.in_write(
        missions.keep_judgement, mission.id, judgement.model_dump(mode="json"), desk.now()
    )
    return {}


def _observation(session: Any, mission_id: str) -> bytes:
    row = missions.observation_of(session, mission_id)
    return b"{}" if row is None else missions.observed(row)


async def fail(state: Mission, runtime: Runtime[Desk]) -> dict[str, Any]:
    """A night that could not be observed still has a report, which says why."""
    why, cause = state.get("failure") or "", state.get("cause") or "RegisseurError"
    await tell_failure(runtime.context, state["mission"], f"{cause}: {why}", why)
    return {}


async def tell_failure(desk: Desk, mission_id: str, error: str, why: str) -> None:
    """Record a mission as failed with its error (``ClassOfError: message``) and report why; the
    slot may then be run again.
    """
    mission = await desk.database.in_write(
        missions.become, mission_id, "failed", desk.now(), error=error
    )
    problem: Message = say("The mission failed: {why}", why=why)
    await tell(desk, mission, desk.titles[mission.agent], None, notices=[problem])
