"""Forewarnings: before a veto window ends, those who may refuse are told, once each window.

Where a company has people and a mail account, what they could not be told of is not let through at
the window's end: it asks. Where it has neither, the window is on the page and in the morning pack.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import anyio
from sqlalchemy.orm import Session

from regisseur.errors import (
    InvalidInput,
    Misconfigured,
    OutcomeUnknown,
    RegisseurError,
    VendorRefused,
)
from regisseur.graphs.authority import Matter, deciders, mandates
from regisseur.graphs.desk import Desk
from regisseur.office.house import House
from regisseur.office.settings import CompanySettings
from regisseur.storage import forewarnings, people
from regisseur.storage.ledger import Who
from regisseur.storage.ledger.changes import tell
from regisseur.storage.tables import ActionRow
from regisseur.tools.mail import Mailbox, Mailer, OutgoingMail, html_from_text, message_id
from regisseur.tools.records import Day, Message, Money, Speaker
from regisseur.tools.texts import word

log = logging.getLogger(__name__)
say = Speaker("regisseur.office.policies")


@dataclass(frozen=True)
class Forewarned:
    """What one pass did for one company."""

    company: str
    told: tuple[str, ...] = ()
    """People to whom a mail went."""
    actions: tuple[str, ...] = ()
    """Actions of which somebody who may refuse has been told now."""
    problem: str | None = None
    """Why some could not be told; what they weren't told of is not let through unasked."""


@dataclass(frozen=True)
class _Reader:
    """Somebody who may refuse, and what."""

    id: str
    to: Mailbox
    locale: str
    actions: tuple[ActionRow, ...]


@dataclass
class _Pass:
    told: set[str] = field(default_factory=set)
    """People."""
    known: set[str] = field(default_factory=set)
    """Actions of which somebody has been told."""
    problem: str | None = None


async def forewarn(house: House, desk: Desk) -> Forewarned:
    """Mail what is due for one company; harmless to repeat, and from several processes at once."""
    company = desk.company.id
    mailer = mailer_of(desk)
    if mailer is None or not await desk.database.in_read(mandates, company):
        return Forewarned(company)
    lock = await anyio.to_thread.run_sync(desk.locks.try_hold, f"forewarning:{company}")
    if lock is None:
        return Forewarned(company)
    try:
        if await desk.database.in_read(_something_new, desk):
            await desk.database.in_write(forewarnings.begin, company, desk.now())
        return await _send_all(house, desk, mailer)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(lock.release)


def _something_new(session: Session, desk: Desk) -> bool:
    windows = forewarnings.open_windows(session, desk.company.id, desk.now())
    return any(forewarnings.slot_of(session, row) is None for row in windows)


async def _send_all(house: House, desk: Desk, mailer: Mailer) -> Forewarned:
    company, done = desk.company.id, _Pass()
    batches = await desk.database.in_read(forewarnings.waiting, company)
    for batch, rows in batches.items():
        try:
            sender = _sender(house, company) if _still_open(desk, rows) else None
            if sender is not None:
                readers = await desk.database.in_read(_readers, desk, _still_open(desk, rows))
                for reader in readers:
                    mail = _mail(house, desk, sender, reader, batch)
                    await _send(mailer, mail, reader, done)
        except RegisseurError as error:  # the account is away or wrong: the next pass goes on
            done.problem = str(error)
            log.warning("%s: nobody could be forewarned: %s", company, error)
            continue
        why = done.problem or "nobody who may refuse it has an e-mail address"
        await desk.database.in_write(forewarnings.end, company, batch, done.known, why, desk.now())
    return Forewarned(company, tuple(sorted(done.told)), tuple(sorted(done.known)), done.problem)


def _still_open(desk: Desk, rows: Sequence[ActionRow]) -> list[ActionRow]:
    now = desk.now()
    return [
        row
        for row in rows
        if row.status == "proposed" and row.veto_until is not None and row.veto_until > now
    ]


async def _send(mailer: Mailer, mail: OutgoingMail, reader: _Reader, done: _Pass) -> None:
    """Once: what was handed over before, whatever became of it, is not sent again."""
    try:
        if await mailer.find_sent(message_id(mail.key, mail.sender)) is None:
            await mailer.send(mail)
    except OutcomeUnknown as error:
        log.warning("%s may have been forewarned or not: %s", reader.id, error)
    except (VendorRefused, InvalidInput) as error:
        done.problem = f"{reader.id}: {error}"
        log.warning("%s could not be forewarned: %s", reader.id, error)
        return
    done.told.add(reader.id)
    done.known.update(row.id for row in reader.actions)


def _readers(session: Session, desk: Desk, rows: Sequence[ActionRow]) -> list[_Reader]:
    """Everybody with an address who may refuse one of these, each with those that they may."""
    known, now = mandates(session, desk.company.id), desk.now()
    day = desk.local_day(now)
    may: dict[str, list[ActionRow]] = {}
    for row in rows:
        for one in deciders(known, Matter.of(row, desk.company, now), day):
            may.setdefault(one.id, []).append(row)
    found = []
    for person, _ in people.members(session, desk.company.id):
        if person.id in may and person.email:
            to = Mailbox.of(person.email, person.name)
            locale = person.locale or desk.company.locale
            found.append(_Reader(person.id, to, locale, tuple(may[person.id])))
    return found


def mailer_of(desk: Desk) -> Mailer | None:
    """The company's mail account."""
    return next((one for one in desk.others if isinstance(one, Mailer)), None)


def _sender(house: House, company_id: str) -> Mailbox:
    settings = next(one for one in house.settings.all() if one.id == company_id)
    return office_sender(settings)


def office_sender(settings: CompanySettings) -> Mailbox:
    """Whom mails to a company's own people come from: ``sender`` of the settings, else the mail
    account's user. Raises Misconfigured where neither is an address.
    """
    address = settings.sender or str(settings.mail.get("user", ""))
    try:
        return Mailbox.of(address, settings.name or settings.id)
    except InvalidInput as error:
        raise Misconfigured(
            f"company {settings.id}: sender: write the address that mails to your own people come "
            f"from ({error})"
        ) from None


def _mail(house: House, desk: Desk, sender: Mailbox, reader: _Reader, batch: str) -> OutgoingMail:
    text = _text(house, desk, reader)
    subject = say.counted(
        "{company}: {count} action will be done unless you refuse it",
        "{company}: {count} actions will be done unless you refuse them",
        len(reader.actions),
        company=desk.company.name,
    )
    return OutgoingMail(
        key=f"forewarning:{desk.company.id}:{batch}:{reader.id}",
        date=desk.now(),
        sender=sender,
        to=(reader.to,),
        subject=word(subject, reader.locale),
        text=text,
        html=html_from_text(text, reader.locale),
        language=reader.locale,
    )


def _text(house: House, desk: Desk, reader: _Reader) -> str:
    base = f"{house.settings.server.address}/{desk.company.id}"
    points = "\n".join(
        f"• {word(_point(desk, row), reader.locale)}\n  {base}/actions/{row.id}"
        for row in reader.actions
    )
    opening = say("This will be done by itself, unless somebody refuses it before the hour:")
    closing = say(
        "To stop one of them, open its page and press “Stop it”. This mail decides nothing, and an "
        "answer to it reaches nobody."
    )
    parts = (word(opening, reader.locale), points, word(closing, reader.locale))
    return "\n\n".join((*parts, f"{base}/inbox")) + "\n"


def _point(desk: Desk, row: ActionRow) -> Message:
    day, hour = _when(desk, row.veto_until)
    summary = Message.model_validate(row.presented["summary"])
    if row.amount is None or row.currency is None:
        return say("{day}, {hour}: {summary}", day=day, hour=hour, summary=summary)
    amount = Money(amount=row.amount, currency=row.currency)
    return say(
        "{day}, {hour}: {summary} ({amount})", day=day, hour=hour, summary=summary, amount=amount
    )


def _when(desk: Desk, moment: datetime | None) -> tuple[Day, str]:
    local = (moment or desk.now()).astimezone(ZoneInfo(desk.company.timezone))
    return Day(date=local.date()), local.strftime("%H:%M")


def hold_unless_told(session: Session, desk: Desk, row: ActionRow) -> bool:
    """At the end of a window: have it ask instead, where those who may refuse should have been told
    and were not. Says whether it does.
    """
    expected = mailer_of(desk) is not None and bool(mandates(session, desk.company.id))
    if not expected or forewarnings.is_told(session, row):
        return False
    rule = row.rule
    row.mode, row.veto_until = "ask", None
    row.rule = f"{rule}, but nobody could be forewarned"
    tell(session, row, "ruled anew", Who(f"policy:{rule}", person=False), desk.now())
    return True
