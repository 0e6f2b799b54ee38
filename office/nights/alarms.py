"""The alarm: a morning without a finished report. Red on the page, told to hooks, mailed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Literal

from sqlalchemy.orm import Session

from regisseur.graphs.desk import Desk
from regisseur.office.core import Core
from regisseur.office.nights import words
from regisseur.office.nights.doing import tell
from regisseur.office.nights.running import NIGHT, schedule_of, slot_named
from regisseur.office.nights.slots import Night
from regisseur.storage import audit, slots
from regisseur.storage.house_tables import SlotRow
from regisseur.storage.slots import Slot
from regisseur.tools.records import Message
from regisseur.tools.texts import word

ALARM, DIGEST = "alarm", "digest"
Hour = Literal["report_by", "digest_at"]


@dataclass(frozen=True)
class Alarm:
    """There is no finished report of a night, and it is past its hour."""

    company: str
    on: date
    since: datetime
    """The hour by which it was due."""
    message: Message
    why: Message


async def alarm(core: Core, company: str | None = None) -> Alarm | None:
    """What makes a company's page red: no finished report of the newest night, past its hour.

    It ends by itself when the night comes to its end. ``None`` where the clock runs no nights.
    """
    schedule = schedule_of(core, company)
    desk = schedule.desk
    if not core.house.enabled[desk.company.id]:
        return None
    found = await newest_by(core, desk.company.id, "report_by")
    ran = None if found is None else slot_named(found[1], NIGHT)
    if found is None or (ran is not None and ran.state == "done"):
        return None
    night = found[0]
    message = words.no_report(night.on, schedule.settings.report_by)
    return Alarm(desk.company.id, night.on, night.report_by, message, _why(ran))


async def notices(core: Core, company: str | None = None) -> list[Message]:
    """What else the page should tell: mails of the newest night that did not go out, and nights
    missed since the last one that ran.
    """
    nights = list(reversed(await schedule_of(core, company).standing()))
    unsent = [_unsent(row) for _, rows in nights[:1] for row in rows if _is_unsent(row)]
    ran = [(night, slot_named(rows, NIGHT)) for night, rows in nights]
    since = takewhile(lambda one: one[1] is None or one[1].state != "done", ran)
    missed = [night.on for night, row in since if row is not None and row.state == "missed"]
    return [*unsent, *(words.missed(on) for on in missed)]


async def raise_alarm(core: Core, company: str) -> Alarm | None:
    """Tell a standing alarm in the log and to the audit chain, from which hooks learn of it: once."""
    standing = await alarm(core, company)
    if standing is not None:
        desk = core.house.desk(company)
        slot = Slot(company, ALARM, standing.on)
        if await desk.database.in_write(_tick_off, desk, slot, standing):
            why = word(standing.why, "en_GB")
            tell(logging.ERROR, "no finished report in time", slot, why=why)
    return standing


def _tick_off(session: Session, desk: Desk, slot: Slot, standing: Alarm) -> bool:
    now = desk.now()
    if not slots.once(session, slot, now):
        return False
    told = [word(one, desk.company.locale) for one in (standing.message, standing.why)]
    detail = {"night": standing.on.isoformat(), "message": " ".join(told)}
    audit.record(
        session, audit.Entry(slot.company_id, now, "office", ALARM, slot.company_id, detail)
    )
    return True


async def newest_by(core: Core, company: str, hour: Hour) -> tuple[Night, list[SlotRow]] | None:
    """The newest night whose hour has come, with its slots."""
    schedule = schedule_of(core, company)
    now = schedule.desk.now()
    come = [one for one in await schedule.standing() if getattr(one[0], hour) <= now]
    return come[-1] if come else None


def _why(ran: SlotRow | None) -> Message:
    if ran is None:
        return words.NOT_BEGUN
    if ran.state == "missed":
        return words.missed(ran.on_date)
    if ran.error:
        return (words.tried_again if ran.state == "running" else words.ended)(ran.error)
    return words.UNDER_WAY


def _is_unsent(row: SlotRow) -> bool:
    return "/" in row.what and row.state in ("failed", "missed")


def _unsent(row: SlotRow) -> Message:
    person, error = row.what.partition("/")[2], row.error
    if not person:
        return words.no_post(error or "")
    return words.too_late_for(person) if error is None else words.not_mailed(person, error)
