"""What agents would like to be told today: questions that their newest nights left."""

from __future__ import annotations

from dataclasses import dataclass

from regisseur.graphs.agent import Agent, AnyAgent
from regisseur.graphs.desk import Desk
from regisseur.graphs.past import papers
from regisseur.graphs.told import Asked
from regisseur.office.core import Core
from regisseur.office.exploring import REMEMBERED
from regisseur.storage.tables import MissionRow


@dataclass(frozen=True)
class Question:
    """Something that an agent asks."""

    agent: str
    asked: Asked


async def questions(core: Core, company: str | None = None) -> list[Question]:
    """What the company's agents would like to be told, what is waited for first."""
    desk = core.house.desk(company)
    found = [
        Question(name, one)
        for name in core.house.enabled[desk.company.id]
        for one in await _asked(desk, core.house.agent(name))
    ]
    return sorted(found, key=lambda one: not one.asked.urgent)


async def _asked(desk: Desk, agent: AnyAgent) -> tuple[Asked, ...]:
    if type(agent).asks is Agent.asks:
        return ()  # its night need not be read for that
    on = desk.local_day(desk.now())
    left = await papers(desk, agent.name, on - REMEMBERED, on)
    if not left:
        return ()
    today = MissionRow(id="", company_id=desk.company.id, agent=agent.name, on_date=on)
    return agent.asks(left, agent.brief(desk, today))
