"""Mails of the house: the pack in the morning, and the alarm. Each goes to each person once.

A slot a person remembers what became of it; that no mail goes out twice, whatever crashes, is the
mailer's own promise (one mail a key).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy.orm import Session

from regisseur.errors import Misconfigured, RegisseurError
from regisseur.graphs.desk import Desk
from regisseur.office.core import Core
from regisseur.office.forewarning import mailer_of, office_sender
from regisseur.office.nights import words
from regisseur.office.nights.alarms import ALARM, DIGEST, Alarm, newest_by, raise_alarm
from regisseur.office.nights.doing import do_once
from regisseur.office.nights.running import NIGHT, slot_named
from regisseur.office.nights.slots import Night
from regisseur.office.pack import digest_mail, read_pack
from regisseur.storage import packs, people
from regisseur.storage.house_tables import MembershipRow, SlotRow
from regisseur.storage.ledger import Who
from regisseur.storage.slots import Rule, Slot
from regisseur.tools.mail import Mailbox, Mailer, OutgoingMail
from regisseur.tools.texts import word

ALARM_HOURS = timedelta(hours=12)
"""How long an alarm is tried to be mailed."""


@dataclass(frozen=True)
class Reader:
    """Somebody who is sent mails."""

    id: str
    name: str
    email: str
    locale: str | None

    @property
    def mailbox(self) -> Mailbox:
        """Raises InvalidInput where the address is wrong."""
        return Mailbox.of(self.email, self.name)


Compose = Callable[[Reader, Mailbox], Awaitable[OutgoingMail]]


async def digests_due(core: Core, company: str) -> None:
    """Mail the newest night's pack, at its hour and once it is finished, to whoever wants it."""
    found = await newest_by(core, company, "digest_at")
    if found is None:
        return
    night, rows = found
    ran = slot_named(rows, NIGHT)
    if ran is None or ran.state == "running":
        return
    desk = core.house.desk(company)
    if await desk.database.in_read(packs.kept, company, night.on) is not None:
        readers = await desk.database.in_read(_readers, company, _wants_digest)
        rule = Rule(until=night.digest_until)
        await _mail(core, _Round(desk, night.on, DIGEST, rule, rows), readers,
                    partial(_digest, core, desk, night))  # fmt: skip


async def alarms_due(core: Core, company: str) -> None:
    """Raise the alarm where it stands, and mail it to the administrators."""
    standing = await raise_alarm(core, company)
    found = await newest_by(core, company, "report_by")
    if standing is None or found is None:
        return
    night, rows = found
    desk = core.house.desk(company)
    rule = Rule(until=night.report_by + ALARM_HOURS)
    if desk.now() >= rule.until:
        return
    readers = await desk.database.in_read(_readers, company, _administers)
    await _mail(core, _Round(desk, night.on, ALARM, rule, rows), readers,
                partial(_alarm, core, desk, standing))  # fmt: skip


@dataclass(frozen=True)
class _Round:
    """One kind of mail of one night, and what became of each so far."""

    desk: Desk
    on: date
    what: str
    rule: Rule
    rows: list[SlotRow]

    async def do(self, what: str, rule: Rule, work: Callable[[], Awaitable[None]]) -> None:
        if rule.wants(slot_named(self.rows, what), self.desk.now()):
            await do_once(self.desk, Slot(self.desk.company.id, what, self.on), rule, work)


async def _mail(core: Core, mails: _Round, readers: list[Reader], compose: Compose) -> None:
    """To each once; where nothing can be sent at all, that is told once."""
    try:
        mailer, sender = _account(core, mails.desk)
    except RegisseurError as error:
        if readers:
            once = Rule(until=mails.desk.now() + ALARM_HOURS, attempts=1)
            await mails.do(f"{mails.what}/", once, partial(_no, error))
        return
    for reader in readers:
        work = partial(_send, mailer, compose, reader, sender)
        await mails.do(f"{mails.what}/{reader.id}", mails.rule, work)


def _account(core: Core, desk: Desk) -> tuple[Mailer, Mailbox]:
    """What mails of the house go out from; raises Misconfigured where nothing can."""
    mailer = mailer_of(desk)
    if mailer is None:
        raise Misconfigured("no mail account is set up; write [company.mail]")
    settings = next(one for one in core.house.settings.all() if one.id == desk.company.id)
    return mailer, office_sender(settings)


async def _no(error: RegisseurError) -> None:
    raise error


async def _send(mailer: Mailer, compose: Compose, reader: Reader, sender: Mailbox) -> None:
    await mailer.send(await compose(reader, sender))


async def _digest(
    core: Core, desk: Desk, night: Night, reader: Reader, sender: Mailbox
) -> OutgoingMail:
    view = await read_pack(core, night.on, desk.company.id, who=Who(reader.id))
    return digest_mail(
        view,
        person=reader.id,
        to=reader.mailbox,
        sender=sender,
        date=night.digest_at,
        base_url=core.house.settings.server.base_url,
        locale=reader.locale,
    )


async def _alarm(
    core: Core, desk: Desk, standing: Alarm, reader: Reader, sender: Mailbox
) -> OutgoingMail:
    company, locale = desk.company, reader.locale or desk.company.locale
    address = core.house.settings.server.base_url
    told = [standing.message, standing.why, words.TO_DO]
    told += [words.look(f"{address}/{company.id}/inbox")] if address else []
    return OutgoingMail(
        key=f"{ALARM}:{company.id}:{standing.on.isoformat()}:{reader.id}",
        date=standing.since,
        sender=sender,
        to=(reader.mailbox,),
        subject=word(words.subject(company.name, standing.on), locale),
        text="\n".join(word(one, locale) for one in told),
        language=locale,
    )


def _readers(
    session: Session, company: str, wanted: Callable[[MembershipRow], bool]
) -> list[Reader]:
    return [
        Reader(person.id, person.name, person.email, person.locale)
        for person, membership in people.members(session, company)
        if person.active and person.email and wanted(membership)
    ]


def _wants_digest(membership: MembershipRow) -> bool:
    return membership.digest


def _administers(membership: MembershipRow) -> bool:
    return "administrator" in membership.roles
