"""What people ask an agent without a mission: what would be, and what it has to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import anyio

from regisseur.errors import NotFound
from regisseur.graphs.agent import AnyAgent
from regisseur.graphs.desk import Desk
from regisseur.graphs.exploring import Scenario
from regisseur.graphs.past import papers
from regisseur.graphs.report import Report
from regisseur.office.views import ReportView
from regisseur.storage.tables import MissionRow

REMEMBERED = timedelta(days=31)
"""How old a night may be whose papers are still printed."""


async def explored(
    desk: Desk, agent: AnyAgent, on: date, asked: Sequence[str | Mapping[str, Any]]
) -> ReportView:
    """Read the ERP, write nothing, and answer as a report that has no actions."""
    scenarios = [
        Scenario.written(one) if isinstance(one, str) else Scenario.of(one) for one in asked
    ]
    rehearsal = MissionRow(id="", company_id=desk.company.id, agent=agent.name, on_date=on)
    brief, as_of = agent.brief(desk, rehearsal), desk.now()
    observation = await agent.gather(desk, rehearsal)
    answer = await anyio.to_thread.run_sync(agent.explore, observation, brief, scenarios)
    told = Report(
        mission_id="",
        company=desk.company,
        agent=agent.name,
        title=agent.title,
        on=on,
        created_at=desk.now(),
        data_as_of=as_of,
        source=desk.erp.identity,
        headline=answer.headline,
        sections=answer.sections,
    )
    return ReportView(told, desk.company.locale)


async def printed(desk: Desk, agent: AnyAgent, sheet: str, on: date) -> bytes:
    """A PDF of what the agent's newest night left to print; raises NotFound where there is none."""
    if sheet not in agent.sheets:
        known = ", ".join(agent.sheets) or "nothing"
        raise NotFound(f"{agent.name} prints no {sheet}, only: {known}")
    left = await papers(desk, agent.name, on - REMEMBERED, on)
    if not left:
        raise NotFound(f"{agent.name} has left nothing to print; run it for a night first")
    rehearsal = MissionRow(id="", company_id=desk.company.id, agent=agent.name, on_date=on)
    return await anyio.to_thread.run_sync(agent.sheet, sheet, left, agent.brief(desk, rehearsal))
