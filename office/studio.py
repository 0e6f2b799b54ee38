"""The agents' graphs for LangGraph's own tools (``langgraph dev``, Studio, Aegra): ``langgraph.json``
names them.

They work for a small company whose ERP and ledger are in memory: nothing real is read or written.
Submit an empty input to begin a night; it stops where a person is asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from functools import cache
from threading import Lock
from typing import Any

import anyio
from langgraph.graph.state import CompiledStateGraph

from regisseur.graphs.desk import Desk
from regisseur.office.faces import Office
from regisseur.office.house import House, wall_clock
from regisseur.storage import missions
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import Company

Graph = CompiledStateGraph[Any, Any, Any, Any]

ATELIER = Company(id="studio", name="Atelier Studio")


def _of(agent: str) -> Callable[[], Awaitable[Graph]]:
    """What the tools call for an agent's graph, on their own loop, which nothing may block."""

    async def graph() -> Graph:
        return await anyio.to_thread.run_sync(_graph, agent)

    graph.__name__ = agent
    return graph


def _graph(agent: str) -> Graph:
    with _OPENING:
        house = _house()
    return _furnished(house.agents[agent].graph().compile(), house.desk(None), agent)


_OPENING = Lock()
purchasing = _of("purchasing")
invoice_followup = _of("invoice_followup")
planning = _of("planning")


@cache
def _house() -> House:
    """One for the whole process: who resumes a night finds its ledger again."""
    office = Office.open(company=ATELIER, erp=_erp(), database="sqlite://")
    return office.opened.core.house


def _erp() -> MemoryERP:
    """Something to buy, somebody who owes, and something to make."""
    today = wall_clock().date()
    erp = MemoryERP(today=today, company=ATELIER.name)
    steel = erp.item("STEEL", on_hand=4, cost="1.35", counted=today - timedelta(days=60))
    for week in range(1, 40):
        erp.used(steel, Decimal(20), today - timedelta(days=7 * week - 3))
    erp.offer(steel, erp.supplier("Steel mill"), price="1.35", lead_time=14)
    leroy = erp.customer("Leroy", phone="+33 1 23 45 67 89", email="compta@leroy.example")
    erp.invoice(leroy, 1250, due=today - timedelta(days=20))
    frame = erp.item("FRAME", producible=True, purchasable=False)
    press = erp.work_centre("Press brake", group="bending")
    routing = erp.routing("Frame", ("Bending", "bending"))
    erp.bill(frame, [(steel, 2)], routing=routing)
    for week in range(1, 7):
        erp.cycle(frame, 10, routing, 0, press, 100, today - timedelta(weeks=week))
    erp.produce(frame, 5, start=today - timedelta(days=9), end=today - timedelta(days=4))
    erp.sell(frame, leroy, 5, requested=today + timedelta(days=2))
    return erp


def _furnished(graph: Graph, desk: Desk, agent: str) -> Graph:
    """The graph with our desk as its context, which no tool could send, and a mission to begin with."""

    async def astream(self: Graph, input: Any, *args: Any, **more: Any) -> AsyncIterator[Any]:
        if isinstance(input, dict) and not input.get("mission"):
            input = {**input, "mission": await _mission(desk, agent)}
        async for part in CompiledStateGraph.astream(
            self, input, *args, **{**more, "context": desk}
        ):
            yield part

    furnished = type("Furnished", (CompiledStateGraph,), {"astream": astream})
    attributes = {name: value for name, value in vars(graph).items() if name != "__orig_class__"}
    made: Graph = furnished(**{**attributes, "context_schema": None})
    return made


async def _mission(desk: Desk, agent: str) -> str:
    now = desk.now()
    row = await desk.database.in_write(
        missions.open_mission, desk.company.id, agent, desk.local_day(now), 1, now, again=True
    )
    return row.id
