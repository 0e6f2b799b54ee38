"""Running, resuming and closing missions: one runner per mission, whoever asks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, Interrupt, StateSnapshot
from pydantic import ValidationError
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotDecidable, RegisseurError, RetryLater
from regisseur.graphs.agent import AnyAgent
from regisseur.graphs.authority import with_right
from regisseur.graphs.deciding import Decision
from regisseur.graphs.desk import Desk, exclusively
from regisseur.graphs.hitl import Shown, decision_of, reply_to
from regisseur.graphs.mission import tell_failure
from regisseur.graphs.report import Report
from regisseur.graphs.telling import brought_up_to_date
from regisseur.graphs.validation import open_of
from regisseur.office.house import House
from regisseur.office.views import Mission
from regisseur.storage import ledger, missions
from regisseur.storage.checkpoint import PruneRefused
from regisseur.storage.errors import StorageError
from regisseur.storage.tables import MissionRow

log = logging.getLogger(__name__)

Graph = CompiledStateGraph[Any, Desk, Any, Any]


class Missions:
    """The missions of an open house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.database = house.database

    async def view(self, mission_id: str) -> Mission:
        """A mission with its latest report, worded for its company."""
        row, report = await self.database.in_read(_told, self.house, mission_id)
        return Mission.of(row, report, self.house.desk(row.company_id).company.locale)

    async def run(
        self,
        desk: Desk,
        agent: AnyAgent,
        on: date,
        *,
        again: bool,
        asked_by: ledger.Who | None = None,
    ) -> Mission:
        """Run the slot's mission until it waits, closes or fails; resume one that was cut off.

        Raises RetryLater while another process runs it. A fault of the agent's own code is raised
        after the mission was recorded as failed and reported.
        """
        row = await self._slot(desk, agent, on, again=again, asked_by=asked_by)
        await self._to_its_pause(desk, row)
        return await self.view(row.id)

    async def attempt(self, desk: Desk, agent: AnyAgent, on: date) -> Mission:
        """``run``, for one of several: a fault of the agent's own code only fails its mission, and
        a mission that another process is running is left to it.
        """
        row = await self._slot(desk, agent, on, again=False)
        try:
            await self._to_its_pause(desk, row)
        except RetryLater as error:
            log.warning("mission %s of %s: %s", row.id, agent.name, error)
        except StorageError:
            raise
        except Exception:
            log.exception("mission %s of %s failed", row.id, agent.name)
        return await self.view(row.id)

    async def _slot(
        self,
        desk: Desk,
        agent: AnyAgent,
        on: date,
        *,
        again: bool,
        asked_by: ledger.Who | None = None,
    ) -> MissionRow:
        return await self.database.in_write(
            missions.open_mission
            if asked_by is None
            else with_right(missions.open_mission, desk.company.id, asked_by, "run"),
            desk.company.id,
            agent.name,
            on,
            agent.version,
            desk.now(),
            again=again,
            asked_by=None if asked_by is None else asked_by.name,
        )

    async def _to_its_pause(self, desk: Desk, row: MissionRow) -> None:
        if row.status == "running":
            async with exclusively(self.house.locks, f"mission:{row.id}", patience=5.0):
                await self._advance(desk, row)

    async def resume_cut_off(self, desk: Desk, row: MissionRow) -> bool:
        """Go on with a mission whose runner died; False if somebody is running it."""
        try:
            async with exclusively(self.house.locks, f"mission:{row.id}", patience=0.2):
                await self._advance(desk, row)
        except RetryLater:
            return False
        return True

    async def _advance(self, desk: Desk, row: MissionRow) -> None:
        """Go on from where it stands; another process may have done so while we waited."""
        row = await self.database.in_read(missions.get, row.id)
        if row.status != "running":
            return
        graph = self.house.graphs[row.agent]
        snapshot = await graph.aget_state(_thread(row))
        if not await self._still_known(desk, row, graph, snapshot):
            return
        # What has begun goes on from its checkpoints: ``next`` is empty in mid-run too.
        begun = snapshot.created_at is not None
        start = None if begun else {"mission": row.id}
        try:
            await self._go_on(desk, row, graph, start)
        except StorageError:
            raise  # nobody failed: it goes on from its last checkpoint once the database is back
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            ours = isinstance(error, RegisseurError)
            await tell_failure(desk, row.id, what, str(error) if ours else what)
            raise

    async def _go_on(self, desk: Desk, row: MissionRow, graph: Graph, start: Any) -> None:
        """Run the graph to its next pause, and close the mission if that was its end."""
        await graph.ainvoke(start, _thread(row), context=desk, durability="sync")
        paused = (await graph.aget_state(_thread(row))).next
        ended = await self.database.in_read(missions.get, row.id)
        if not paused and ended.status != "failed":
            await self._close(desk, row)

    async def _close(self, desk: Desk, row: MissionRow) -> None:
        """Close a mission, whose thread then keeps the last checkpoint of each namespace.

        Reduced first, closed second: whoever is killed between the two leaves a mission to be
        closed, from the state that is kept. Its report and what was decided have their own tables.
        """
        try:
            await self.house.saver.aprune([row.id])
        except PruneRefused as error:
            log.info("mission %s keeps its history: %s", row.id, error)
        await self.database.in_write(missions.become, row.id, "closed", desk.now())

    async def _still_known(
        self, desk: Desk, row: MissionRow, graph: Graph, snapshot: StateSnapshot
    ) -> bool:
        """A paused node that this version no longer has would end the mission in silence."""
        same = row.graph_version == self.house.agents[row.agent].version
        if same and set(snapshot.next) <= set(graph.nodes):
            return True
        why = "it was begun by another version of the agent; what is open stays in the inbox"
        await tell_failure(desk, row.id, f"NeedsPerson: {why}", why)
        return False

    async def wake(self, desk: Desk, mission_id: str) -> None:
        """Close a mission that has nothing open any more; the ledger has done the work already.

        A wake-up may be lost or come twice: the sweeper repeats it, and a closed mission ignores it.
        """
        row = await self.database.in_read(missions.get, mission_id)
        still_open = await self.database.in_read(open_of, mission_id)
        if row.status != "waiting" or still_open:
            return
        try:
            async with exclusively(self.house.locks, f"mission:{row.id}", patience=0.2):
                await self._wake(desk, row)
        except RetryLater:
            return

    async def _wake(self, desk: Desk, row: MissionRow) -> None:
        graph = self.house.graphs.get(row.agent)
        pending = () if graph is None else (await graph.aget_state(_thread(row))).interrupts
        same = graph is not None and row.graph_version == self.house.agents[row.agent].version
        if graph is not None and same and pending:
            wake: Command[Any] = Command(resume={one.id: {"wake": True} for one in pending})
            await self._go_on(desk, row, graph, wake)
        else:
            await self._close(desk, row)

    async def translate(
        self, mission_id: str, answers: Mapping[str, Any], who: ledger.Who
    ) -> tuple[Desk, list[Decision]]:
        """A LangGraph client's answers as decisions on exactly what each interrupt showed.

        Raises InvalidInput for a plain value without an id or a malformed answer, NotDecidable for
        an id that isn't pending any more.
        """
        row = await self.database.in_read(missions.get, mission_id)
        if not isinstance(answers, Mapping):
            raise InvalidInput("answer by interrupt id: {id: answer}", field="answers")
        snapshot = await self.house.graphs[row.agent].aget_state(_thread(row), subgraphs=True)
        waiting = dict(_waiting(snapshot))
        decisions: list[Decision] = []
        for interrupt_id, answer in answers.items():
            if interrupt_id not in waiting:
                raise NotDecidable(
                    f"interrupt {interrupt_id} is not pending; those are: {', '.join(waiting)}"
                )
            decisions += _decisions(*waiting[interrupt_id], answer, who)
        return self.house.desk(row.company_id), decisions

    async def interrupts(self, mission_id: str) -> list[Interrupt]:
        """What the mission's graph is waiting for, as LangGraph clients see it."""
        row = await self.database.in_read(missions.get, mission_id)
        snapshot = await self.house.graphs[row.agent].aget_state(_thread(row))
        return list(snapshot.interrupts)


def _told(session: Session, house: House, mission_id: str) -> tuple[MissionRow, Report | None]:
    """A mission, and its report with every action where it stands now."""
    row = missions.get(session, mission_id)
    kept = missions.report_of(session, mission_id)
    if kept is None:
        return row, None
    desk = house.desk(row.company_id)
    return row, brought_up_to_date(session, desk, Report.model_validate(kept))


def _thread(row: MissionRow) -> Any:
    return {"configurable": {"thread_id": row.id}, "recursion_limit": 1000}


class _Pending(NamedTuple):
    shown: list[Shown]
    single: bool
    """Asked in the per-call form: one decision, not a list of them."""


def _waiting(snapshot: StateSnapshot) -> list[tuple[str, _Pending]]:
    """Every pending interrupt with what it put before a person, subgraphs included."""
    found: list[tuple[str, _Pending]] = []
    for task in snapshot.tasks:
        if isinstance(task.state, StateSnapshot):
            found += _waiting(task.state)
        else:
            found += [(one.id, _pending(one, snapshot.values)) for one in task.interrupts]
    return found


def _pending(question: Interrupt, values: dict[str, Any]) -> _Pending:
    shown: list[Shown] = values.get("shown", [])
    asked = question.value.get("tool_call_id")
    if asked is None:
        return _Pending(shown, single=False)
    return _Pending([one for one in shown if one["id"] == asked], single=True)


def _decisions(shown: list[Shown], single: bool, answer: Any, who: ledger.Who) -> list[Decision]:
    given = {"decisions": [answer]} if single else answer
    try:
        reply = reply_to(len(shown)).model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(first["msg"], field=".".join(map(str, first["loc"]))) from error
    pairs = zip(shown, reply.decisions or [], strict=False)
    made = (decision_of(about, one, who) for about, one in pairs)
    return [one for one in made if one is not None]
