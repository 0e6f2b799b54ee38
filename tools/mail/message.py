"""From a mail to its bytes (RFC 5322): the same mail, the same bytes.

The body is written by the standard library's ``email``. The headers are written here, by its older
and simpler ``Header``: several of its releases fold a long or odd name into other words or other
recipients (seen in 3.11.7).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from regisseur.tools.mail.records import Mailbox, OutgoingMail, Picture

_LINE = 76


def message_id(key: str, sender: Mailbox) -> str:
    """The ``Message-ID`` of an action's mail; it tells outsiders nothing about the key."""
    return f"<{_hash(key)}.regisseur@{sender.domain}>"


def compose(mail: OutgoingMail) -> bytes:
    """The whole message with CRLF line ends, to be handed to a server as it is."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in _headers(mail))
    return headers.encode() + _body(mail).as_bytes()


def digest(content: bytes) -> str:
    """SHA-256 of a composed mail without its first line, the date: a repeat of the same mail at
    another moment is the same mail.
    """
    return hashlib.sha256(content.partition(b"\r\n")[2]).hexdigest()


def needs_utf8(mail: OutgoingMail) -> bool:
    """Has it an address that only servers with SMTPUTF8 can handle?"""
    return not all(one.wire.isascii() for one in (mail.sender, *mail.to, *mail.cc, *_reply(mail)))


def _headers(mail: OutgoingMail) -> Iterator[tuple[str, str]]:
    yield "Date", format_datetime(mail.date)
    yield "Message-ID", message_id(mail.key, mail.sender)
    yield "From", _addresses([mail.sender])
    if mail.reply_to is not None:
        yield "Reply-To", _addresses([mail.reply_to])
    yield "To", _addresses(mail.to)
    if mail.cc:
        yield "Cc", _addresses(mail.cc)
    yield "Subject", _words(mail.subject, "Subject")
    if mail.in_reply_to is not None:
        yield "In-Reply-To", mail.in_reply_to
    if thread := _thread(mail):
        yield "References", "\r\n ".join(thread)
    if mail.language:
        yield "Content-Language", mail.language.replace("_", "-")
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "OOF, AutoReply"


def _body(mail: OutgoingMail) -> EmailMessage:
    body = EmailMessage(policy=SMTP)
    body.set_content(_lines(mail.text), cte="quoted-printable")
    if mail.html:
        body.add_alternative(_lines(mail.html), subtype="html", cte="quoted-printable")
        _add_pictures(body, mail.pictures)
    for one in mail.attachments:
        kind, _, subtype = one.media_type.partition("/")
        body.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    _fix_boundaries(body, mail.key)
    return body


def _add_pictures(body: EmailMessage, pictures: Iterable[Picture]) -> None:
    """Beside the HTML that shows them (RFC 2387)."""
    shown = body.get_body(("html",))
    for one in pictures:
        if isinstance(shown, EmailMessage):
            kind, _, subtype = one.media_type.partition("/")
            shown.add_related(
                one.content,
                maintype=kind,
                subtype=subtype,
                cid=f"<{one.cid}>",
                disposition="inline",
                filename=f"{one.cid.partition('@')[0]}.{subtype}",
            )


def _reply(mail: OutgoingMail) -> tuple[Mailbox, ...]:
    return () if mail.reply_to is None else (mail.reply_to,)


def _thread(mail: OutgoingMail) -> tuple[str, ...]:
    """RFC 5322, 3.6.4: the parent's references, then the parent."""
    parent = () if mail.in_reply_to is None else (mail.in_reply_to,)
    return tuple(dict.fromkeys((*(one for one in mail.references if one not in parent), *parent)))


def _addresses(mailboxes: Iterable[Mailbox]) -> str:
    """One a line; a name is a quoted string, or encoded words where it isn't ASCII."""
    return ",\r\n ".join(
        f"{_name(one.name)}\r\n <{one.wire}>" if one.name else one.wire for one in mailboxes
    )


def _name(name: str) -> str:
    if not name.isascii():
        return _words(name, "Reply-To")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _words(text: str, header: str) -> str:
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, _LINE, header).encode(linesep="\r\n")


def _lines(text: str) -> str:
    return "\n".join(text.splitlines()) + "\n"


def _fix_boundaries(message: EmailMessage, key: str) -> None:
    """Boundaries that don't change; quoted-printable and base64 never produce ``=_``."""
    parts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(parts):
        part.set_boundary(f"=_{_hash(key)}_{number}")


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
