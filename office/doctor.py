"""The doctor: is everything connected, what can it do, and is the data fit for the agents?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import anyio
from sqlalchemy.orm import Session

from regisseur.errors import RegisseurError, Unsupported
from regisseur.graphs.agent import AnyAgent
from regisseur.graphs.desk import Desk
from regisseur.graphs.ruling import policy_notices, settings_differ
from regisseur.graphs.stalled import Stalled, all_stalled
from regisseur.office.house import House
from regisseur.storage.tables import MissionRow
from regisseur.tools.erp.ports import PORTS, Probe
from regisseur.tools.mail import Mailer
from regisseur.tools.mailbox import Letterbox
from regisseur.tools.post import PostRoom
from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.policies")


@dataclass(frozen=True)
class Fitness:
    """What one agent would make of the company's data today."""

    agent: str
    missing_ports: tuple[str, ...]
    held: dict[str, int]
    """How many things it could not judge or do, by reason."""
    proposals: int
    problem: str | None = None
    cause: str | None = None
    """Class of the error behind ``problem``."""
    remarks: tuple[Message, ...] = ()
    """What its data and settings lack for good work."""

    @property
    def ready(self) -> bool:
        """It has what it needs to run."""
        return not self.missing_ports and self.problem is None


@dataclass(frozen=True)
class Beside:
    """A connection beside the ERP."""

    role: str
    """``mail``, ``mailbox`` or ``post``."""
    identity: str
    problem: str | None = None
    cause: str | None = None
    """Class of the error behind ``problem``."""


@dataclass(frozen=True)
class Examination:
    """What the doctor found for one company."""

    company: str
    database: str
    revision: str | None
    source: str
    probe: Probe | None
    """What the ERP answered; ``None`` with ``problem`` saying why."""
    problem: str | None
    cause: str | None
    """Class of the error behind ``problem``."""
    offered_ports: tuple[str, ...]
    agents: tuple[Fitness, ...]
    plugin_problems: tuple[str, ...]
    days_apart: int
    """Between the ERP's date and the company's; 0 is healthy."""
    stalled: tuple[Stalled, ...] = ()
    """Actions whose worker lives and doesn't come to an end: a person has to look at it."""
    beside: tuple[Beside, ...] = ()
    notices: tuple[Message, ...] = ()
    """What is to be known of the policy; none of it keeps anything from running."""

    @property
    def healthy(self) -> bool:
        """Everything can run."""
        fit = all(one.ready for one in self.agents)
        connected = self.problem is None and all(one.problem is None for one in self.beside)
        return connected and fit and not self.plugin_problems and not self.stalled


async def examine(house: House, desk: Desk) -> Examination:
    """Probe what is connected and let each agent observe and judge, without filing anything."""
    probe, error = await _probe(desk)
    names = house.enabled[desk.company.id] if probe is not None else ()
    fitness = [await _fitness(desk, house.agents[name]) for name in names]
    revision = await anyio.to_thread.run_sync(house.database.revision)
    today = desk.local_day(desk.now())
    return Examination(
        company=desk.company.id,
        database=str(house.database),
        revision=revision,
        source=desk.erp.identity,
        probe=probe,
        problem=None if error is None else str(error),
        cause=None if error is None else type(error).__name__,
        offered_ports=tuple(name for name, port in PORTS.items() if isinstance(desk.erp, port)),
        agents=tuple(fitness),
        plugin_problems=tuple(str(one) for one in house.problems),
        days_apart=0 if probe is None else (probe.today - today).days,
        stalled=tuple(await anyio.to_thread.run_sync(all_stalled, desk)),
        beside=tuple([await _beside(one) for one in desk.others]),
        notices=await desk.database.in_read(_notices, desk),
    )


def _notices(session: Session, desk: Desk) -> tuple[Message, ...]:
    told = policy_notices(session, desk)
    if not settings_differ(session, desk):
        return told
    other = say("regisseur.toml holds another policy than the version in force, and doesn't count.")
    return (*told, other)


async def _probe(desk: Desk) -> tuple[Probe | None, RegisseurError | None]:
    try:
        return await desk.erp.probe(), None
    except RegisseurError as error:
        return None, error


async def _beside(other: Any) -> Beside:
    """Sign in at a mail account or a mailbox; a post room has nobody to ask."""
    if isinstance(other, Mailer | Letterbox):
        role = "mail" if isinstance(other, Mailer) else "mailbox"
        try:
            await other.probe()
        except RegisseurError as error:
            return Beside(role, other.identity, problem=str(error), cause=type(error).__name__)
        return Beside(role, other.identity)
    role = "post" if isinstance(other, PostRoom) else type(other).__name__
    return Beside(role, getattr(other, "identity", role))


async def _fitness(desk: Desk, agent: AnyAgent) -> Fitness:
    missing = tuple(name for name in agent.requires if not isinstance(desk.erp, PORTS[name]))
    if missing:
        return Fitness(agent.name, missing, {}, 0)
    today = desk.local_day(desk.now())
    rehearsal = MissionRow(id="", company_id=desk.company.id, agent=agent.name, on_date=today)
    brief = agent.rehearsed(agent.brief(desk, rehearsal))
    try:
        observation = await agent.gather(desk, rehearsal)
        judgement = await anyio.to_thread.run_sync(agent.judge, observation, brief)
        remarks = await anyio.to_thread.run_sync(agent.readiness, observation, brief)
    except Unsupported:
        return Fitness(agent.name, (), {}, 0)
    except Exception as error:  # noqa: BLE001 - an agent's own fault is what is looked for
        return Fitness(agent.name, (), {}, 0, problem=str(error), cause=type(error).__name__)
    held = Counter(one.tag for one in judgement.held)
    return Fitness(
        agent.name, (), dict(sorted(held.items())), len(judgement.proposals), remarks=remarks
    )
