"""What agents have earned: how often people took what they proposed as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotFound
from regisseur.graphs.authority import require
from regisseur.graphs.desk import Desk
from regisseur.graphs.trust import Case, Outcome, Record, TrustSettings, records, tally
from regisseur.office.core import Actor, Core, who_is
from regisseur.storage import ledger
from regisseur.storage.tables import ActionRow, DecisionRow, MissionRow, ReportRow

_CARRIED_OUT = ("approved", "performing", "done", "failed", "unknown")
_LOOKED_AT = ("proposed", "withdrawn", "superseded")


@dataclass(frozen=True)
class AgentRecord:
    """An agent's track record since a day."""

    agent: str
    since: date
    minutes_saved: int
    """By the agent's own documented rates, as its reports told."""
    lines: tuple[Record, ...]
    """By kind and amount band."""
    total: Record
    """Over all kinds and amounts."""


async def track_record(
    core: Core, company: str | None = None, since: date | None = None
) -> list[AgentRecord]:
    """Each agent's record, by kind and amount band; ``since`` left out: the days of the settings."""
    desk = core.house.desk(company)
    settings = trust_settings(core, desk)
    day = since or desk.local_day(desk.now()) - timedelta(days=settings.days)
    return await core.house.database.in_read(_track_record, desk, settings, day)


def trust_settings(core: Core, desk: Desk) -> TrustSettings:
    """The company's ``[company.trust]``."""
    return next(one.trust for one in core.house.settings.all() if one.id == desk.company.id)


def _track_record(
    session: Session, desk: Desk, settings: TrustSettings, since: date
) -> list[AgentRecord]:
    by_agent: defaultdict[str, list[Case]] = defaultdict(list)
    for _, case in cases(session, desk, since):
        by_agent[case.agent].append(case)
    minutes = minutes_saved(session, desk.company.id, since)
    return [
        AgentRecord(
            agent=agent,
            since=since,
            minutes_saved=minutes.get(agent, 0),
            lines=tuple(records(by_agent[agent], settings.bands)),
            total=tally(agent, "", by_agent[agent]),
        )
        for agent in sorted({*by_agent, *minutes})
    ]


def minutes_saved(session: Session, company_id: str, since: date) -> dict[str, int]:
    """What each agent's reports told of nights since that day."""
    minutes = func.sum(ReportRow.body["minutes_saved"].as_integer())
    query = (
        select(MissionRow.agent, minutes)
        .join(ReportRow, ReportRow.mission_id == MissionRow.id)
        .where(MissionRow.company_id == company_id, MissionRow.on_date >= since)
        .group_by(MissionRow.agent)
    )
    return {agent: int(told or 0) for agent, told in session.execute(query)}


def cases(session: Session, desk: Desk, since: date) -> Iterator[tuple[ActionRow, Case]]:
    """Every action that came to an end since that day, or that was only looked at."""
    zone = ZoneInfo(desk.company.timezone)
    moment = datetime.combine(since, time(), tzinfo=zone)
    said = _decisions(session, desk.company.id, moment)
    query = select(ActionRow).where(
        ActionRow.company_id == desk.company.id,
        ActionRow.updated_at >= moment,
        ActionRow.status.in_((*_CARRIED_OUT, "rejected", "expired"))
        | ((ActionRow.mode == "shadow") & ActionRow.status.in_(_LOOKED_AT)),
    )
    for row in session.scalars(query.order_by(ActionRow.id)):
        case = _case(desk, row, said.get(row.id, ()))
        if case is not None:
            yield row, case


def _decisions(session: Session, company_id: str, moment: datetime) -> dict[str, list[DecisionRow]]:
    query = select(DecisionRow).where(
        DecisionRow.company_id == company_id,
        DecisionRow.at >= moment,
        DecisionRow.verdict.in_(("approve", "edit", "reject", "regret")),
    )
    found: defaultdict[str, list[DecisionRow]] = defaultdict(list)
    for one in session.scalars(query.order_by(DecisionRow.at, DecisionRow.id)):
        found[one.action_id].append(one)
    return found


def _case(desk: Desk, row: ActionRow, said: Sequence[DecisionRow]) -> Case | None:
    outcome = _outcome(row, {one.verdict for one in said})
    if outcome is None:
        return None
    ours = row.amount is not None and row.currency == desk.company.currency
    taken = [one for one in said if one.verdict != "regret"]
    return Case(
        agent=row.agent,
        kind=row.kind,
        amount=row.amount if ours else None,
        money=row.amount is not None,
        outcome=outcome,
        mode=row.mode,  # type: ignore[arg-type]  # a column is plain text
        day=desk.local_day(taken[-1].at if taken else row.updated_at),
        reason=(taken[-1].reason or "other") if taken and outcome == "rejected" else "",
        failed=row.status == "failed",
        regretted=any(one.verdict == "regret" for one in said),
    )


def _outcome(row: ActionRow, verdicts: set[str]) -> Outcome | None:
    """``None`` for what a person decided before the time that is looked at."""
    if row.status == "rejected":
        return "rejected"
    if row.status == "expired":
        return "expired"
    if row.status not in _CARRIED_OUT:
        return "shadow"
    if "edit" in verdicts:
        return "edited"
    if "approve" in verdicts:
        return "unedited"
    return {"veto": "unopposed", "auto": "unasked"}.get(row.mode)  # type: ignore[return-value]


async def regret(
    core: Core, action_id: str, *, by: Actor, comment: str, company: str | None = None
) -> None:
    """Say that something done should not have been: it was reversed, or somebody complained.

    It counts against its agent. Nothing is undone by it. Raises NotDecidable for what isn't done,
    or was regretted already.
    """
    if not comment.strip():
        raise InvalidInput("say what was wrong with it", field="comment")
    row = await core.house.database.in_read(ledger.get, action_id)
    desk = core.house.desk(row.company_id if company is None else company)
    if row.company_id != desk.company.id:
        raise NotFound(f"there is no action {action_id} in company {desk.company.id}")
    await core.house.database.in_write(_regret, desk, action_id, who_is(by), comment)


def _regret(session: Session, desk: Desk, action_id: str, who: ledger.Who, comment: str) -> None:
    require(session, desk.company.id, who, "tell", "manage")
    ledger.regret(session, action_id, who, desk.now(), comment=comment)
