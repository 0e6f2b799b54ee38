"""Send a reminder by e-mail: one mail to one customer about all the invoices it is asked to pay."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from anyio import to_thread
from pydantic import model_validator

from regisseur.errors import OutcomeUnknown, Unsupported
from regisseur.tools.actions.base import Outside
from regisseur.tools.actions.reminding import DeliveredKind, Remind
from regisseur.tools.actions.reminding.enclosing import statement
from regisseur.tools.actions.reminding.wording import say
from regisseur.tools.erp.ports import Receivables
from regisseur.tools.mail import (
    Attachment,
    Mailbox,
    Mailer,
    OutgoingMail,
    Sent,
    compose,
    html_from_text,
    message_id,
)
from regisseur.tools.mailbox import Letterbox
from regisseur.tools.records import Channel, Message

log = logging.getLogger(__name__)


class SendReminder(Remind):
    """A reminder that has a sender and a recipient with an e-mail address."""

    attach_invoices: bool = True
    """Add the invoices' own files, and a statement where the ERP doesn't keep all as PDF."""

    @model_validator(mode="after")
    def _addressed(self) -> SendReminder:
        if self.sender.email is None or self.recipient.email is None:
            raise ValueError("an e-mail needs the addresses of sender and recipient")
        return self

    @property
    def mailbox(self) -> Mailbox:
        """From whom it is."""
        return Mailbox.of(self.sender.email or "", self.sender.name)


@dataclass(frozen=True)
class ByMail:
    """The ERP's books, the account that mails are sent from, and the clock."""

    books: Receivables
    mailer: Mailer
    now: Callable[[], datetime]
    letterbox: Letterbox | None = None
    """Where a copy of what was sent is put, if the company wants one."""


class SendReminderKind(DeliveredKind[SendReminder, ByMail]):
    """The mailer's journal tells whether the mail has left; the ERP keeps that it did."""

    name: ClassVar[str] = "send_reminder"
    arguments = SendReminder
    channel: ClassVar[Channel] = "email"
    editable: ClassVar[frozenset[str]] = frozenset({"title", "text", "attach_invoices"})

    def reach(self, outside: Outside) -> ByMail:
        """Through the books and a mail account."""
        box: Letterbox | None = None
        with suppress(Unsupported):
            box = outside.port(Letterbox)
        return ByMail(outside.port(Receivables), outside.port(Mailer), outside.now, box)

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} reminder", "{count} reminders", count)

    def summary(self, arguments: SendReminder) -> Message:
        """To whom, and for how much."""
        return say.counted(
            "{customer}: {step} by e-mail for one invoice, {total}",
            "{customer}: {step} by e-mail for {count} invoices, {total}",
            len(arguments.invoices),
            customer=arguments.customer_name,
            step=arguments.step_title,
            total=arguments.total,
        )

    async def has_left(self, port: ByMail, key: str, arguments: SendReminder) -> bool | None:
        """What the mailer's journal knows."""
        try:
            sent = await port.mailer.find_sent(message_id(key, arguments.mailbox))
        except OutcomeUnknown:
            return None
        return sent is not None

    async def hand_over(self, port: ByMail, key: str, arguments: SendReminder) -> None:
        """Send it, with the invoices' files."""
        recipient = arguments.recipient
        mail = OutgoingMail(
            key=key,
            date=port.now(),
            sender=arguments.mailbox,
            to=(Mailbox.of(recipient.email or "", recipient.name),),
            subject=arguments.title,
            text=arguments.text,
            html=html_from_text(arguments.text, language=arguments.language),
            attachments=await self._files(port, arguments),
            language=arguments.language,
        )
        sent = await port.mailer.send(mail)
        if port.letterbox is not None:
            await _keep_copy(port.letterbox, sent, mail)

    async def _files(self, port: ByMail, arguments: SendReminder) -> tuple[Attachment, ...]:
        """The invoices as the ERP keeps them; a statement where it doesn't keep all of them."""
        if not arguments.attach_invoices:
            return ()
        found = [await port.books.invoice_document(one.id) for one in arguments.invoices]
        kept = [
            Attachment(name=one.name, content=one.content, media_type=one.media_type)
            for one in found
            if one is not None and one.media_type == "application/pdf"
        ]
        if len(kept) < len(found):
            kept.append(await to_thread.run_sync(statement, arguments))
        return tuple(kept)


async def _keep_copy(letterbox: Letterbox, sent: Sent, mail: OutgoingMail) -> None:
    """The mail has left: whatever goes wrong with its copy, that stays true."""
    try:
        await letterbox.keep_sent(sent.message_id, compose(mail))
    except Exception as error:  # noqa: BLE001
        log.warning("no copy of %s in %s: %s", sent.message_id, letterbox.identity, error)


KIND = SendReminderKind()
