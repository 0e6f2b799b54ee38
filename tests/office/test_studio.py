"""LangGraph's own tools open every agent's graph as ``langgraph.json`` names it."""

import importlib.util
import json
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

import regisseur.agents

ROOT = Path(__file__).parents[2]
THREAD: Any = {"configurable": {"thread_id": "1"}}
NAMED: dict[str, str] = json.loads((ROOT / "langgraph.json").read_text())["graphs"]


async def opened(where: str) -> CompiledStateGraph[Any, Any, Any, Any]:
    """As the tools do: the file by its path, the factory by its name, their own checkpointer."""
    path, _, name = where.partition(":")
    spec = importlib.util.spec_from_file_location("named_in_langgraph_json", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    graph = await module.__dict__[name]()
    return graph.copy({"checkpointer": InMemorySaver()})  # type: ignore[no-any-return]


def test_every_agent_is_named() -> None:
    assert set(NAMED) == {one.name for one in iter_modules(regisseur.agents.__path__)}


@pytest.mark.anyio
@pytest.mark.parametrize("agent", NAMED)
async def test_a_night_runs_from_an_empty_input(agent: str) -> None:
    graph = await opened(NAMED[agent])
    assert {"observe", "judge"} <= {*graph.get_graph(xray=True).nodes}
    state = await graph.ainvoke({}, THREAD)
    assert state["mission"]
    assert not state.get("failure")


@pytest.mark.anyio
async def test_it_is_answered_where_a_person_is_asked() -> None:
    graph = await opened(NAMED["purchasing"])
    (asked,) = (await graph.ainvoke({}, THREAD))["__interrupt__"]
    (request,) = asked.value["action_requests"]
    assert request["name"] == "place_purchase_order"
    approve = {"decisions": [{"type": "approve"}]}
    ended = await graph.ainvoke(Command(resume={asked.id: approve}), THREAD)
    assert "__interrupt__" not in ended
    assert set(ended["outcomes"].values()) == {"taken"}
