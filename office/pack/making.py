"""Making a pack from what the night's missions kept and from where the ledger stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from regisseur.errors import NotFound
from regisseur.graphs.authority import Mandate, Matter, deciders, is_late, mandates
from regisseur.graphs.desk import Desk
from regisseur.graphs.performing import held_back
from regisseur.graphs.report import Report
from regisseur.graphs.telling import brought_up_to_date, line_of
from regisseur.office.core import Core
from regisseur.office.pack import composing
from regisseur.office.pack.comparing import Comparison, comparison
from regisseur.office.pack.labels import braked, kind_counted
from regisseur.office.pack.model import AgentNight, Change, Decision, Pack, Rates
from regisseur.office.pack.views import PackView
from regisseur.storage import audit, ledger, missions
from regisseur.storage import packs as kept
from regisseur.storage.house_tables import PackRow
from regisseur.storage.tables import MissionRow
from regisseur.tools.records import Message

MOST_LISTED = 300
"""Decisions that a pack lists; beyond, they are counted."""
RATED = 30
"""Days over which people's verdicts are counted."""
BRAKED = braked("").text
"""The notice that a report carries of a brake; a pack tells of the brakes as they are now."""
UNDER_WAY = ("approved", "performing", "done")


async def read_pack(
    core: Core,
    on: date | None = None,
    company: str | None = None,
    *,
    who: ledger.Who | None = None,
) -> PackView:
    """The pack of a night as it stands now; writes nothing. ``on``: the newest night.

    ``who``: for this person; what others have to decide is counted and not listed. Whoever decides
    nothing sees everything. Of a night that was followed by another, the pack that was kept is
    shown, as it was made for all. Raises NotFound where no mission of that night has told anything.
    """
    desk = core.house.desk(company)
    enabled = core.house.enabled[desk.company.id]
    told, reports = await core.house.database.in_read(_read, desk, enabled, on, desk.now(), who)
    return PackView(told, desk.company.locale, reports)


async def make_pack(core: Core, on: date | None = None, company: str | None = None) -> PackView:
    """``read_pack``, and keep it: it is what the next night is compared with.

    May be called as often as one likes (after the night, before the digest): the last one stays.
    """
    view = await read_pack(core, on, company)
    pack = view.data
    await core.house.database.in_write(
        kept.keep, pack.company.id, pack.on, pack.model_dump(mode="json"), pack.made_at
    )
    return view


async def packs(
    core: Core, company: str | None = None, *, before: date | None = None, limit: int = 31
) -> list[PackView]:
    """Packs as they were kept, newest first, without the agents' pages; ``before`` to page on."""
    desk = core.house.desk(company)
    rows = await core.house.database.in_read(
        kept.kept_before, desk.company.id, before or date.max, limit
    )
    return [PackView(_parsed(row), desk.company.locale) for row in rows]


async def compared(core: Core, on: date | None = None, company: str | None = None) -> Comparison:
    """A night's pack beside the one kept before it."""
    now = await read_pack(core, on, company)
    earlier = await packs(core, now.data.company.id, before=now.data.on, limit=1)
    return comparison(now, earlier[0] if earlier else None)


def _parsed(row: PackRow) -> Pack:
    return Pack.model_validate(row.body)


def _read(
    session: Session,
    desk: Desk,
    enabled: Sequence[str],
    on: date | None,
    now: datetime,
    who: ledger.Who | None,
) -> tuple[Pack, tuple[Report, ...]]:
    company = desk.company.id
    newest = kept.newest_night(session, company)
    night = on or newest
    if night is None:
        raise NotFound("no agent has told anything yet; run a night: regisseur nightly")
    runs = kept.missions_of(session, company, night)
    reports = tuple(_reports(session, desk, night))
    row = None if night == newest else kept.kept(session, company, night)
    if row is not None:
        return _parsed(row), reports
    if not reports:
        raise NotFound(f"no agent has told anything about {night}; run it: regisseur nightly")
    before = next(map(_parsed, kept.kept_before(session, company, night)), None)
    gathered = _Night(session, desk, night, now, runs, reports, before)
    return gathered.pack(enabled, who, current=night == newest), reports


def _reports(session: Session, desk: Desk, on: date) -> Iterator[Report]:
    """The newest report of each agent that told about a night, as it reads now."""
    for row in missions.latest(session, desk.company.id, on=on):
        body = missions.report_of(session, row.id)
        if body is not None:
            yield brought_up_to_date(session, desk, Report.model_validate(body))


@dataclass(frozen=True)
class _Night:
    """All that a pack is made from, inside one reading session."""

    session: Session
    desk: Desk
    on: date
    now: datetime
    runs: Sequence[MissionRow]
    reports: tuple[Report, ...]
    before: Pack | None

    @property
    def _company(self) -> str:
        return self.desk.company.id

    def pack(self, enabled: Sequence[str], who: ledger.Who | None, *, current: bool) -> Pack:
        """``current``: the newest night, of which the inbox is the rest."""
        zone = self.desk.company.timezone
        everything = self._waiting(who) if current else (self._still_open(), 0)
        waiting, others = everything
        listed = composing.in_order(self._shown(waiting[:MOST_LISTED]), zone)
        since = None if self.before is None else self.before.made_at
        told = {one.agent for one in self.reports}
        return Pack(
            company=self.desk.company,
            on=self.on,
            made_at=self.now,
            agents=tuple(self._agents()),
            silent=tuple(self._title(name) for name in enabled if name not in told),
            freshness=tuple(one for report in self.reports for one in report.freshness),
            notices=(*composing.notices(self.reports, BRAKED), *self._brakes()),
            overlaps=composing.overlaps((*listed, *self._tonight(listed)), zone),
            decisions=tuple(map(composing.slim, listed)),
            waiting=len(waiting),
            others=others,
            unsettled=tuple(map(composing.slim, self._unsettled(current=current))),
            shadow=sum(len(one.shadow) for one in self.reports),
            done=composing.done(self.reports, self._counted),
            by_hand=composing.by_hand(self.reports),
            held=composing.groups(self.reports, unjudged=False),
            unjudged=composing.groups(self.reports, unjudged=True),
            figures=composing.figures(self.reports, self.before),
            compared_with=None if self.before is None else self.before.on,
            new=0 if since is None else self._new(waiting, since),
            changes=() if since is None else self._changes(since),
            rates=self._rates(),
            minutes_to_decide=composing.minutes_to_decide(listed, self.desk.company.locale),
            minutes_saved=sum(one.minutes_saved for one in self.reports),
            audit_head=audit.head_of(self.session, self._company),
        )

    def _title(self, agent: str) -> Message | str:
        return self.desk.titles.get(agent, agent)

    def _counted(self, kind: str, count: int) -> Message:
        known = self.desk.kinds.get(kind)
        return kind_counted(kind, count) if known is None else known.counted(count)

    def _agents(self) -> Iterator[AgentNight]:
        reports = {one.agent: one for one in self.reports}
        for row in self.runs:
            report = reports.get(row.agent)
            yield AgentNight(
                agent=row.agent,
                title=self._title(row.agent),
                mission_id=row.id,
                status=row.status,
                headline=report.headline if report else None,
                data_as_of=report.data_as_of if report else None,
                made_at=report.created_at if report else None,
            )

    def _waiting(self, who: ledger.Who | None) -> tuple[list[str], int]:
        """Ids of what waits for this person, and how many wait for others."""
        found = kept.waiting(self.session, self._company, self.now)
        known = () if who is None else mandates(self.session, self._company)
        day = self.desk.local_day(self.now)
        mine = [one.id for one in found if who and self._decides(known, who, one, day)]
        approver = any(who and one.id == who.name and "decide" in one.rights for one in known)
        if mine or approver:
            return mine, len(found) - len(mine)
        return [one.id for one in found], 0

    def _decides(
        self, known: Sequence[Mandate], who: ledger.Who, one: kept.Waiting, day: date
    ) -> bool:
        company = self.desk.company
        matter = Matter(
            agent=one.agent,
            kind=one.kind,
            amount=one.amount if one.currency == company.currency else None,
            late=is_late(one.decide_by, one.deadline, company, self.now),
        )
        return any(mandate.id == who.name for mandate in deciders(known, matter, day))

    def _still_open(self) -> list[str]:
        return [line.id for report in self.reports for line in report.awaiting]

    def _shown(self, ids: Sequence[str]) -> Iterator[Decision]:
        """What tonight's reports tell as it stands is not read again."""
        told = {
            line.id: line
            for report in self.reports
            for line in (*report.awaiting, *report.unsettled)
        }
        effects = ledger.effects_of(self.session, [one for one in ids if one not in told])
        for row in ledger.get_all(self.session, ids):
            yield Decision(
                agent=row.agent,
                title=self._title(row.agent),
                counterparty=row.counterparty,
                assignee=row.assignee,
                deadline=row.deadline,
                line=told.get(row.id) or line_of(row, effects.get(row.id)),
            )

    def _tonight(self, listed: Sequence[Decision]) -> list[Decision]:
        """What was approved or carried out of tonight's, for seeing it beside what waits."""
        shown = {one.line.id for one in listed}
        return [
            Decision(agent=report.agent, title=report.title, line=line)
            for report in self.reports
            for line in (*report.done, *report.decided)
            if line.status in UNDER_WAY and line.id not in shown
        ]

    def _unsettled(self, *, current: bool) -> list[Decision]:
        """Of these reports, and for the newest night all that nobody has settled yet."""
        found = {
            line.id: Decision(agent=report.agent, title=report.title, line=line)
            for report in self.reports
            for line in report.unsettled
        }
        if current:
            ids = [row.id for row in kept.unsettled(self.session, self._company)]
            found |= {one.line.id: one for one in self._shown(ids)}
        return list(found.values())

    def _brakes(self) -> tuple[Message, ...]:
        reasons = (held_back(self.session, self._company, row.agent) for row in self.runs)
        return tuple(braked(why) for why in dict.fromkeys(filter(None, reasons)))

    def _new(self, waiting: Sequence[str], since: datetime) -> int:
        return kept.new_since(self.session, self._company, waiting, since)

    def _changes(self, since: datetime) -> tuple[Change, ...]:
        moved = kept.moved_since(self.session, self._company, since)
        return composing.changes(moved, self._counted)

    def _rates(self) -> Rates | None:
        since = self.now - timedelta(days=RATED)
        found = kept.decided_since(self.session, self._company, since)
        if not (found.approved or found.edited or found.rejected or found.failed):
            return None
        return Rates(
            days=RATED,
            approved=found.approved,
            edited=found.edited,
            rejected=found.rejected,
            failed=found.failed,
        )
