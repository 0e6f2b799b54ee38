"""The agent: a specialist that observes and judges; everything else is done for it.

Most agents only write ``observe`` and ``judge`` and run on the mission graph. One that needs
another shape overrides ``graph`` and embeds the validation subgraph where it wants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from regisseur.errors import Unsupported
from regisseur.graphs.desk import Desk
from regisseur.graphs.exploring import Answer, Scenarios
from regisseur.graphs.judgement import Judgement
from regisseur.graphs.mission import MissionGraph, mission_graph
from regisseur.graphs.told import Asked, Form
from regisseur.storage.tables import JsonObject, MissionRow
from regisseur.tools.erp.ports import PORTS
from regisseur.tools.records import Company, Message, Record

Tell = Callable[[Message], None]
"""Reports progress of a long read to whoever watches."""


class Settings(BaseModel):
    """Parent of an agent's own settings: the table ``[agents.NAME]`` of ``regisseur.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")


O = TypeVar("O", bound=Record)
S = TypeVar("S", bound=Settings)


class Brief(Record, Generic[S]):
    """What a mission is told: for whom, for which night, by which settings."""

    company: Company
    on: date
    settings: S


class Agent(Generic[O, S]):
    """A specialist. ``O`` is what it observes (plain JSON), ``S`` its settings."""

    name: ClassVar[str]
    title: ClassVar[Message]
    """What people call it."""
    version: ClassVar[int] = 1
    """Raised when the graph's nodes change, so that paused missions are not lost."""
    requires: ClassVar[tuple[str, ...]] = ()
    """Names of the ports it reads through, as in ``tools.erp.ports.PORTS``."""
    reads: ClassVar[tuple[str, ...]] = ()
    """Names of agents whose papers it reads (``graphs.past.papers``); a night runs these first."""
    kinds: ClassVar[tuple[str, ...]] = ()
    """Names of the kinds of action it may propose."""
    sheets: ClassVar[tuple[str, ...]] = ()
    """Names of what it has to print, from the papers of a night."""
    forms: ClassVar[Mapping[str, type[Form]]] = {}
    """What people may tell it (a promise, a pause …), by the names they use."""
    settings: type[S]
    observation: type[O]

    async def observe(self, erp: Any, brief: Brief[S], tell: Tell) -> O:
        """Read what is needed through the required ports; never write."""
        raise Unsupported(f"{self.name} has a graph of its own and observes in there")

    def judge(self, observation: O, brief: Brief[S]) -> Judgement:
        """Conclude. Pure: the same observation and brief give the same judgement."""
        raise Unsupported(f"{self.name} has a graph of its own and judges in there")

    async def understand(self, desk: Desk, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What somebody fills into a form, with ids in place of the names and numbers that people
        know; an agent whose forms take any overrides this. Raises InvalidInput naming the field.
        """
        return values

    def readiness(self, observation: O, brief: Brief[S]) -> tuple[Message, ...]:
        """What the company's data and settings lack for good work, for ``doctor``. Pure."""
        return ()

    def rehearsed(self, brief: Brief[S]) -> Brief[S]:
        """The brief by which ``doctor`` tries a night; an agent that searches for long shortens it."""
        return brief

    def explore(self, observation: O, brief: Brief[S], scenarios: Scenarios) -> Answer:
        """What would be if the scenarios came true, each alone and all together, beside what is so
        now. Pure; raises InvalidInput naming what a scenario got wrong.
        """
        raise Unsupported(f"{self.name} can't be asked what would be")

    def sheet(self, name: str, papers: Mapping[str, Any], brief: Brief[S]) -> bytes:
        """One of its ``sheets`` as a PDF, from the papers that a night left. Pure."""
        raise Unsupported(f"{self.name} has nothing to print")

    def asks(self, papers: Mapping[str, Any], brief: Brief[S]) -> tuple[Asked, ...]:
        """What it would like to be told today, from the papers that a night left. Pure."""
        return ()

    def graph(self) -> MissionGraph:
        """The LangGraph state machine of a mission, not compiled yet."""
        return mission_graph(self._observe, self._judge)

    def brief(self, desk: Desk, mission: MissionRow) -> Brief[S]:
        """What this mission is told."""
        settings = desk.settings.get(self.name)
        if not isinstance(settings, self.settings):
            settings = self.settings()
        return Brief(company=desk.company, on=mission.on_date, settings=settings)

    async def gather(self, desk: Desk, mission: MissionRow) -> O:
        """Observe; an agent that reads more than the ERP (what people told it, bank lines, its own
        past actions) overrides this.
        """
        return await self.observe(desk.erp, self.brief(desk, mission), desk.tell)

    async def _observe(self, desk: Desk, mission: MissionRow) -> JsonObject:
        for name in self.requires:
            desk.port(PORTS[name])
        observation = await self.gather(desk, mission)
        return observation.model_dump(mode="json")

    def _judge(self, desk: Desk, mission: MissionRow, body: bytes) -> Judgement:
        observation = self.observation.model_validate_json(body)
        return self.judge(observation, self.brief(desk, mission))


AnyAgent = Agent[Any, Any]
