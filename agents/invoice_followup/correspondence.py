"""What came back about our mails: answers of customers, and reports that one wasn't delivered.

An answer, and an address that takes no mail, become entries as if a person had told them: they
stand until somebody withdraws or answers them. What was only delayed, or answered by a program, is
told once. Whom a report concerns is known from our own record of the mail, never from its text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Literal

from pydantic import Field, ValidationError

from regisseur.agents.invoice_followup.forms import MAILBOX, Replied, WrongContact
from regisseur.errors import InvalidInput, RegisseurError, Unsupported
from regisseur.graphs.desk import Desk
from regisseur.graphs.past import Deed, papers
from regisseur.graphs.told import Form, note_once
from regisseur.storage.ledger import Who
from regisseur.tools.mail import Mailbox, message_id
from regisseur.tools.mailbox import Bounce, Letterbox, Mark, OwnMail, Reading, Reply
from regisseur.tools.records import Record

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=60)
"""How far back a mailbox is read for the first time."""
PAPER = "mailbox"
"""Name under which a night leaves how far it has read."""


class Remark(Record):
    """Something about a mail of ours that is told once and stops nothing."""

    tag: Literal["delivery_delayed", "automatic_answer"]
    customer_id: str
    customer_name: str
    address: str
    step: str
    """Title of the step that our mail was."""
    on: date
    """When it left."""
    words: str


class Correspondence(Record):
    """What one night learned from the mailbox."""

    problem: str = ""
    """Why it could not be read tonight."""
    left: int = 0
    """Mails that are left for the next night."""
    remarks: tuple[Remark, ...] = ()
    mailbox: str = ""
    """Identity of the account that was read."""
    marks: dict[str, Mark] = Field(default_factory=dict)
    """How far, by folder."""

    @property
    def paper(self) -> dict[str, object]:
        """What the next night must know."""
        return self.model_dump(mode="json", include={"mailbox", "marks"})


async def read_mailbox(desk: Desk, agent: str, done: Iterable[Deed], on: date) -> Correspondence:
    """Read what is new, keep entries of it, and return the rest; whatever is wrong with the mailbox
    is told in the report and stops nothing else. Without a mailbox there is nothing.
    """
    before = _known(await papers(desk, agent, date.min, on))
    try:
        box: Letterbox = desk.port(Letterbox)
    except Unsupported:
        return before
    marks = before.marks if before.mailbox == box.identity else {}
    sent = sent_mails(done)
    try:
        reading = await box.read([mail for mail, _ in sent.values()], marks, on - LOOK_BACK)
    except RegisseurError as error:
        return before.model_copy(update={"problem": str(error)})
    except Exception as error:
        log.exception("reading %s", box.identity)
        return before.model_copy(update={"problem": f"{type(error).__name__}: {error}"})
    for form, filled, mail in _entries(reading, sent):
        await note_once(desk, agent, form, filled, mail, Who(MAILBOX, person=False))
    return Correspondence(
        left=reading.left,
        remarks=tuple(_remarks(reading, sent)),
        mailbox=box.identity,
        marks=marks | reading.marks,
    )


Sent = Mapping[str, tuple[OwnMail, Deed]]


def sent_mails(done: Iterable[Deed]) -> Sent:
    """Our mails by their ``Message-ID``, as far as the ledger knows that they were sent."""
    found: dict[str, tuple[OwnMail, Deed]] = {}
    for deed in done:
        if deed.kind == "send_reminder":
            with suppress(InvalidInput, KeyError, TypeError):  # of a version with other arguments
                sender = Mailbox.of(deed.arguments["sender"]["email"])
                recipient = str(deed.arguments["recipient"]["email"])
                identifier = message_id(deed.key, sender)
                mail = OwnMail(message_id=identifier, sender=sender.address, recipient=recipient)
                found[identifier] = mail, deed
    return found


def _known(left: Mapping[str, object]) -> Correspondence:
    """How far the last night has read; from the beginning where that can't be understood."""
    try:
        return Correspondence.model_validate(left.get(PAPER, {}))
    except ValidationError:
        return Correspondence()


def _entries(reading: Reading, sent: Sent) -> Iterator[tuple[str, Form, str]]:
    """Forms by their name, each with the mail that it comes from."""
    for bounce in reading.bounces:
        if bounce.permanent:
            yield "wrong_contact", _wrong(bounce, *sent[bounce.message_id]), bounce.id
    for reply in reading.replies:
        if not reply.automatic:
            yield "reply", _replied(reply, sent[reply.message_id][1]), reply.id


def _wrong(bounce: Bounce, mail: OwnMail, deed: Deed) -> WrongContact:
    about = deed.arguments
    return WrongContact(
        customer=about["customer_id"],
        customer_named=about["customer_name"],
        contact=about["recipient"]["contact_id"],
        failed=mail.recipient,
        comment=bounce.words,
        key=deed.key,
        mail=bounce.id,
    )


def _replied(reply: Reply, deed: Deed) -> Replied:
    about = deed.arguments
    return Replied(
        customer=about["customer_id"],
        customer_named=about["customer_name"],
        key=deed.key,
        reminder=about["step_title"],
        sent=deed.on,
        received=reply.received,
        sender=reply.sender,
        title=reply.subject,
        text=reply.text,
        mail=reply.id,
    )


def _remarks(reading: Reading, sent: Sent) -> Iterator[Remark]:
    for bounce in reading.bounces:
        if not bounce.permanent:
            yield _remark("delivery_delayed", bounce.words, *sent[bounce.message_id])
    for reply in reading.replies:
        if reply.automatic:
            words = " – ".join(filter(None, (reply.subject, reply.text)))
            yield _remark("automatic_answer", words, *sent[reply.message_id])


def _remark(
    tag: Literal["delivery_delayed", "automatic_answer"], words: str, mail: OwnMail, deed: Deed
) -> Remark:
    return Remark(
        tag=tag,
        customer_id=deed.arguments["customer_id"],
        customer_name=deed.arguments["customer_name"],
        address=mail.recipient,
        step=deed.arguments["step_title"],
        on=deed.on,
        words=words,
    )
