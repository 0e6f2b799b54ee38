"""The planning agent: reads the workshop, proposes a plan that can be kept; writes nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from regisseur.agents.planning.forms import FORMS
from regisseur.agents.planning.observation import Observation, read_workshop
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.words import say
from regisseur.graphs.agent import Agent, Brief
from regisseur.graphs.desk import Desk
from regisseur.graphs.exploring import Answer, Scenarios
from regisseur.graphs.judgement import Judgement
from regisseur.graphs.past import deeds, papers
from regisseur.graphs.told import Asked, Form, told
from regisseur.storage.tables import MissionRow
from regisseur.tools.records import Message

REMEMBERED = timedelta(days=90)
"""How long a plan, and overtime that was granted, is looked back for."""


class PlanningAgent(Agent[Observation, PlanningSettings]):
    """Works out who does what, where and when, and what would save what is late."""

    name: ClassVar[str] = "planning"
    title: ClassVar[Message] = say("Planning")
    requires: ClassVar[tuple[str, ...]] = ("production", "inventory")
    kinds: ClassVar[tuple[str, ...]] = (
        "reschedule_production",
        "move_operation",
        "propose_overtime",
        "propose_new_date",
        "expedite_purchase",
    )
    sheets: ClassVar[tuple[str, ...]] = ("work_lists", "progress")
    forms: ClassVar[Mapping[str, type[Form]]] = FORMS
    settings = PlanningSettings
    observation = Observation

    async def gather(self, desk: Desk, mission: MissionRow) -> Observation:
        """The workshop, what people told, what was granted, and the plan that people know."""
        brief = self.brief(desk, mission)
        since, yesterday = brief.on - REMEMBERED, brief.on - timedelta(days=1)
        return Observation(
            workshop=await read_workshop(desk, brief.settings, brief.on, desk.tell),
            told=await told(desk, self.name),
            deeds=await deeds(desk, self.name, since),
            before=await papers(desk, self.name, since, yesterday),
        )

    def judge(self, observation: Observation, brief: Brief[PlanningSettings]) -> Judgement:
        """Pure: see ``docs/agents/planning.md`` for the method and every term."""
        from regisseur.agents.planning.judge import judge

        return judge(observation, brief)

    def rehearsed(self, brief: Brief[PlanningSettings]) -> Brief[PlanningSettings]:
        """By rule, without a search."""
        return brief.model_copy(
            update={"settings": brief.settings.model_copy(update={"budget": 0.0})}
        )

    def explore(
        self, observation: Observation, brief: Brief[PlanningSettings], scenarios: Scenarios
    ) -> Answer:
        """See ``whatif``."""
        from regisseur.agents.planning.whatif import explore

        return explore(observation, brief, scenarios)

    async def understand(self, desk: Desk, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Orders by number, work centres by name: see ``naming``."""
        from regisseur.agents.planning.understanding import identified

        return await identified(desk, values)

    def readiness(
        self, observation: Observation, brief: Brief[PlanningSettings]
    ) -> tuple[Message, ...]:
        """See ``readiness``."""
        from regisseur.agents.planning.readiness import readiness

        return tuple(readiness(observation, brief))

    def asks(self, papers: Mapping[str, Any], brief: Brief[PlanningSettings]) -> tuple[Asked, ...]:
        """How far the running orders are."""
        from regisseur.agents.planning.sheets import progress_asked

        return progress_asked(papers)

    def sheet(self, name: str, papers: Mapping[str, Any], brief: Brief[PlanningSettings]) -> bytes:
        """Work lists by work centre and shift, or the sheet to report progress on, as PDF."""
        from regisseur.agents.planning.sheets import printed

        return printed(name, papers, brief)
