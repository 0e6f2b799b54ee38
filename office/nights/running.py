"""Running nights: every enabled agent, then the pack, through one slot per company and night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from regisseur.errors import NeedsPerson, RetryLater
from regisseur.graphs.desk import Desk
from regisseur.office.core import Core, Tell
from regisseur.office.house import told_to
from regisseur.office.night_settings import NightSettings
from regisseur.office.nights.doing import do_once
from regisseur.office.nights.slots import Night, nights
from regisseur.office.pack import make_pack
from regisseur.office.views import Mission
from regisseur.storage import slots
from regisseur.storage.house_tables import SlotRow
from regisseur.storage.slots import Rule, Slot
from regisseur.storage.tables import CompanyRow

NIGHT = "night"
ATTEMPTS = 3
_FOR_NOW = "RetryLater:"
"""How the error of a mission begins that another attempt may get over."""
LOOK_BACK = timedelta(days=7)
"""Nights that were missed longer ago than that are not told of."""


@dataclass(frozen=True)
class Schedule:
    """A company's nights, as far as the clock is concerned with them."""

    desk: Desk
    settings: NightSettings

    @property
    def zone(self) -> ZoneInfo:
        """That of the company's clocks."""
        return ZoneInfo(self.desk.company.timezone)

    def begun(self, known_since: datetime) -> list[Night]:
        """The nights of the last days that have begun, oldest first, since we know the company."""
        now = self.desk.now()
        window = timedelta(hours=self.settings.catch_up_hours)
        return list(
            nights(self.settings, self.zone, max(known_since, now - window - LOOK_BACK), now)
        )

    async def standing(self) -> list[tuple[Night, list[SlotRow]]]:
        """These nights with their slots."""
        return await self.desk.database.in_read(self._standing)

    def _standing(self, session: Session) -> list[tuple[Night, list[SlotRow]]]:
        company = self.desk.company.id
        found = self.begun(session.get_one(CompanyRow, company).created_at)
        rows = slots.of_nights(session, company, [night.on for night in found])
        return [(night, [row for row in rows if row.on_date == night.on]) for night in found]


def schedules(core: Core) -> list[Schedule]:
    """Those of all companies for which any agent works."""
    return [
        schedule_of(core, one.id) for one in core.house.settings.all() if core.house.enabled[one.id]
    ]


def schedule_of(core: Core, company: str | None) -> Schedule:
    """That of one company."""
    desk = core.house.desk(company)
    settings = {one.id: one.night for one in core.house.settings.all()}
    return Schedule(desk, settings.get(desk.company.id, NightSettings()))


def slot_named(rows: Sequence[SlotRow], what: str) -> SlotRow | None:
    """The slot of that name among those of one night."""
    return next((row for row in rows if row.what == what), None)


async def run_due(core: Core, company: str) -> None:
    """Run a company's nights that are due, oldest first; those that were missed are told as such."""
    schedule = schedule_of(core, company)
    for night, rows in await schedule.standing():
        rule = Rule(until=night.ends, attempts=ATTEMPTS)
        if rule.wants(slot_named(rows, NIGHT), schedule.desk.now()):
            running = _Running(core, schedule.desk, night.on)
            await do_once(schedule.desk, running.slot, rule, running.run)


async def nightly(
    core: Core, *, on: date | None = None, company: str | None = None, tell: Tell | None = None
) -> list[Mission]:
    """Run a night now, for one company or for all: every enabled agent once, then the pack.

    It takes the same slots as the clock of ``serve``: neither runs a night that the other runs, and
    the clock doesn't run again what was run so. The same night again returns its missions; failed
    ones are run again. Raises RetryLater, once all other companies are through, where another
    process runs it.
    """
    missions: list[Mission] = []
    busy: list[RetryLater] = []
    desks = [core.house.desk(company)] if company else list(core.house.desks.values())
    for desk in desks:
        night = on or desk.local_day(desk.now())
        running = _Running(core, desk, night, tell)
        rule = Rule(until=desk.now() + timedelta(days=1), attempts=ATTEMPTS)
        try:
            if core.house.enabled[desk.company.id]:
                await do_once(desk, running.slot, rule, running.run, again=True)
        except RetryLater as error:
            busy.append(error)
        missions += running.missions
    if busy:
        raise busy[0]
    return missions


@dataclass(frozen=True)
class _Running:
    """One attempt at a night."""

    core: Core
    desk: Desk
    on: date
    tell: Tell | None = None
    missions: list[Mission] = field(default_factory=list)

    @property
    def slot(self) -> Slot:
        return Slot(self.desk.company.id, NIGHT, self.on)

    async def run(self) -> None:
        """Raises RetryLater where another attempt may mend it, NeedsPerson where nobody told
        anything.
        """
        company = self.desk.company.id
        desk, house = told_to(self.desk, self.tell), self.core.house
        for name in house.enabled[company]:
            agent = house.agent(name)
            self.missions.append(await self.core.missions.attempt(desk, agent, self.on))
        await make_pack(self.core, self.on, company)
        failed = [one for one in self.missions if one.status == "failed"]
        for one in self.missions:
            if one.status == "running" or (one.error or "").startswith(_FOR_NOW):
                raise RetryLater(f"{one.agent}: {one.error or 'another process is running it'}")
        if failed and len(failed) == len(self.missions):
            raise NeedsPerson(f"no agent came to its end; {failed[0].agent}: {failed[0].error}")
