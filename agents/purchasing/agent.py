"""The purchasing agent: reads inventory and purchasing, proposes orders."""

import asyncio
from importlib import import_module
from typing import Any, ClassVar

from regisseur.agents.purchasing.observation import Observation, observe, say
from regisseur.agents.purchasing.planned import redated, starts
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.graphs.agent import Agent, Brief, Tell
from regisseur.graphs.desk import Desk
from regisseur.graphs.judgement import Judgement
from regisseur.graphs.past import papers
from regisseur.storage.tables import MissionRow
from regisseur.tools.erp.together import together
from regisseur.tools.records import Message


class PurchasingAgent(Agent[Observation, PurchasingSettings]):
    """Works out what to buy tonight; writes nothing."""

    name: ClassVar[str] = "purchasing"
    title: ClassVar[Message] = say("Purchasing")
    requires: ClassVar[tuple[str, ...]] = ("inventory", "purchasing")
    reads: ClassVar[tuple[str, ...]] = ("planning",)
    kinds: ClassVar[tuple[str, ...]] = ("place_purchase_order", "change_draft_order", "tell_sales")
    settings = PurchasingSettings
    observation = Observation

    async def gather(self, desk: Desk, mission: MissionRow) -> Observation:
        """What the ERP has, with the needs of production on the days of tonight's plan."""
        seen = await super().gather(desk, mission)
        plan = await papers(desk, "planning", mission.on_date, mission.on_date)
        return redated(seen, starts(plan))

    async def observe(self, erp: Any, brief: Brief[PurchasingSettings], tell: Tell) -> Observation:
        """Read through the two ports; the number of requests does not grow with the records.

        What judges takes half a second to import, which is done while the ERP answers.
        """
        async with together() as work:
            seen = work.create_task(observe(erp, erp, brief.settings, brief.on, tell))
            work.create_task(asyncio.to_thread(import_module, "regisseur.agents.purchasing.judge"))
        return seen.result()

    def judge(self, observation: Observation, brief: Brief[PurchasingSettings]) -> Judgement:
        """Pure: see ``docs/agents/purchasing.md`` for every formula."""
        from regisseur.agents.purchasing.judge import judge

        return judge(observation, brief)
