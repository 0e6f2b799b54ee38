"""Telling: the report of a mission, from its judgement and from what the ledger has now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import anyio
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput
from regisseur.graphs.desk import Desk
from regisseur.graphs.judgement import Finding, Judgement
from regisseur.graphs.performing import held_back
from regisseur.graphs.report import ActionLine, Report
from regisseur.graphs.ruling import in_force
from regisseur.graphs.stalled import Stalled, all_stalled, stalled
from regisseur.storage import audit, entries, ledger, missions
from regisseur.storage.tables import ActionRow, EffectRow, JsonObject, MissionRow
from regisseur.tools.actions.base import Difference, ToDo
from regisseur.tools.records import Day, Message, Money, RecordRef, Speaker

say = Speaker("regisseur.graphs")

FAR = date.max

LISTS = ("awaiting", "done", "decided", "unsettled", "shadow")
"""The fields of a report that hold actions."""


class _Presented(BaseModel):
    """The part of an action that is shown, as the ledger keeps it."""

    model_config = ConfigDict(extra="ignore")

    summary: Message
    reason: Message
    details: tuple[Message, ...] = ()
    evidence: tuple[RecordRef, ...] = ()
    cost_of_waiting: Money | None = None
    otherwise: Message | None = None
    decide_by: date | None = None
    changed: tuple[Difference, ...] = ()


def line_of(
    row: ActionRow,
    effect: EffectRow | None,
    alarm: Message | None = None,
    to_do: ToDo | None = None,
) -> ActionLine:
    """One action as people read it; with an alarm about who is carrying it out, if there is one,
    and with what is left to do once it was.
    """
    shown = _Presented.model_validate(row.presented)
    answer: JsonObject = (effect.answer if effect else None) or {}
    check = alarm or answer.get("to_check")
    return ActionLine(
        id=row.id,
        revision=row.revision,
        kind=row.kind,
        status=row.status,
        mode=row.mode,
        rule=row.rule,
        summary=shown.summary,
        reason=shown.reason,
        details=shown.details,
        amount=_amount(row),
        cost_of_waiting=shown.cost_of_waiting,
        otherwise=shown.otherwise,
        decide_by=shown.decide_by,
        veto_until=row.veto_until,
        changed=shown.changed,
        reference=effect.reference if effect else None,
        to_check=Message.model_validate(check) if check else None,
        evidence=shown.evidence,
        to_do=to_do,
    )


def to_do_after(session: Session, desk: Desk, row: ActionRow) -> ToDo | None:
    """What is left for a person's hand after an action was carried out; ``None`` once it is told."""
    kind = desk.kinds.get(row.kind)
    if row.status != "done" or kind is None:
        return None
    try:
        left = kind.to_do(row.key, kind.parse(row.arguments))
    except InvalidInput:  # of an earlier version, which no longer reads
        return None
    told = left and any(
        one.form == left.form and one.body.get("key") == row.key
        for one in entries.standing(session, row.company_id, row.agent)
    )
    if left is None or told:
        return None
    today = desk.local_day(desk.now())
    return left.model_copy(update={"fields": {**left.fields, "on": today.isoformat()}})


def _amount(row: ActionRow) -> Money | None:
    if row.amount is None or row.currency is None:
        return None
    return Money(amount=row.amount, currency=row.currency)


def urgency(line: ActionLine) -> tuple[date, Decimal, str]:
    """Order of reading: by deadline, then by what one day of waiting costs, never by amount."""
    cost = line.cost_of_waiting.amount if line.cost_of_waiting else Decimal(0)
    return (line.decide_by or FAR, -cost, line.id)


async def tell(
    desk: Desk,
    mission: MissionRow,
    title: Message,
    judgement: Judgement | None,
    *,
    held: Sequence[Finding] = (),
    notices: Sequence[Message] = (),
) -> Report:
    """Make a mission's report and keep it; without a judgement it tells why there is none."""
    alarms = {one.id: one for one in await anyio.to_thread.run_sync(all_stalled, desk)}
    return await desk.database.in_write(
        _tell, desk, mission, title, judgement, tuple(held), tuple(notices), alarms, desk.now()
    )


def _tell(
    session: Session,
    desk: Desk,
    mission: MissionRow,
    title: Message,
    judgement: Judgement | None,
    held: tuple[Finding, ...],
    notices: tuple[Message, ...],
    alarms: Mapping[str, Stalled],
    now: datetime,
) -> Report:
    zone = desk.company.timezone
    own = ledger.of_mission(session, mission.id)
    lines = _lines(session, desk, own, {one.id: one.told(zone) for one in alarms.values()})
    ours = {row.id for row in own}
    elsewhere = (one.announced(zone) for one in alarms.values() if one.id not in ours)
    seen = missions.observation_of(session, mission.id)
    told = judgement or Judgement(headline=say("This night could not be worked out."))
    brake = held_back(session, desk.company.id, mission.agent)
    if brake is not None:
        notices = (*notices, say("Nothing is written for now: {why}", why=brake))
    unreadable = in_force(session, desk).notice
    if unreadable is not None:
        notices = (*notices, unreadable)
    notices = (*notices, *elsewhere)
    report = Report(
        mission_id=mission.id,
        company=desk.company,
        agent=mission.agent,
        title=title,
        on=mission.on_date,
        created_at=now,
        data_as_of=seen.as_of if seen else None,
        source=seen.source if seen else "",
        headline=told.headline,
        figures=told.figures,
        freshness=told.freshness,
        **_sorted_out(lines),
        findings=told.findings,
        held=told.held + held,
        notices=notices,
        sections=told.sections,
        minutes_saved=told.minutes_saved,
        audit_head=audit.head_of(session, desk.company.id),
    )
    missions.keep_report(session, mission.id, report.model_dump(mode="json"), now)
    return report


def _lines(
    session: Session, desk: Desk, rows: Sequence[ActionRow], alarms: Mapping[str, Message | None]
) -> list[ActionLine]:
    """These actions as people read them, in the order of reading."""
    effects = ledger.effects_of(session, [row.id for row in rows])
    lines = (
        line_of(row, effects.get(row.id), alarms.get(row.id), to_do_after(session, desk, row))
        for row in rows
    )
    return sorted(lines, key=urgency)


def _sorted_out(lines: Iterable[ActionLine]) -> dict[str, tuple[ActionLine, ...]]:
    """The lists of a report, each action in the one where its status puts it."""
    lists: dict[str, list[ActionLine]] = {name: [] for name in LISTS}
    for line in lines:
        lists[_list_of(line)].append(line)
    return {name: tuple(found) for name, found in lists.items()}


def _list_of(line: ActionLine) -> str:
    if line.status == "proposed":
        return "shadow" if line.mode == "shadow" else "awaiting"
    hanging = line.status == "performing" and line.to_check is not None
    if hanging or line.status in ("failed", "unknown"):
        return "unsettled"
    asked = line.mode == "ask" or line.status not in ("approved", "performing", "done")
    return "decided" if asked else "done"


def brought_up_to_date(session: Session, desk: Desk, report: Report) -> Report:
    """The report of a night as it reads now: every action of it where it stands meanwhile.

    What the night found and said stays as it was.
    """
    rows = ledger.get_all(session, [line.id for name in LISTS for line in getattr(report, name)])
    lines = _lines(session, desk, rows, {row.id: alarm_about(desk, row) for row in rows})
    return report.model_copy(update=_sorted_out(lines))


def alarm_about(desk: Desk, row: ActionRow) -> Message | None:
    """What to do where whoever carries this out doesn't come to an end with it. Blocks."""
    alarm = stalled(desk, row)
    return None if alarm is None else alarm.told(desk.company.timezone)


def dates_differ(on: date, erp_today: date) -> Message | None:
    """The notice for a night whose date isn't the ERP's own, ``None`` if they agree."""
    if on == erp_today:
        return None
    return say(
        "The night is dated {on}, the ERP's own date is {today}.",
        on=Day(date=on),
        today=Day(date=erp_today),
    )
