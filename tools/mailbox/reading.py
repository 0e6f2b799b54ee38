"""Telling what a mail from outside is: an answer to one of ours, a report that one wasn't delivered,
or nothing of our concern.

Our mails are known by their ``Message-ID`` alone, which follows from the action's key and can't be
guessed. It is looked for where programs put it: in the headers that name the mail answered, in the
returned copy of a report (RFC 3464), and, in reports of programs that write none, anywhere in the
text. What the text says of customers, invoices or addresses plays no part. Mails of others may be
broken in any way: nothing here raises for them.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import TypeAlias

from regisseur.tools.mailbox.records import Bounce, OwnMail, Reply

log = logging.getLogger(__name__)

IDENTIFIER = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
ENHANCED = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
"""A status of RFC 3463; the first figure is all that matters here."""
PLAIN_CODE = re.compile(r"\b([45])[0-5]\d[ -]")
"""The answer of an SMTP server."""
REPORTERS = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"})
OUR_COPY = re.compile(r"(?im)^-+ ?.*(?:original|copy|message).*-+\s*$")
"""The line under which a plain report repeats our mail, as Exim and qmail write it."""
WITHOUT_FAILURE = frozenset({"delivered", "relayed", "expanded"})
MOST_PARTS = 200

Mail: TypeAlias = "Message[str, str]"


def wanted(head: bytes, ours: Sequence[OwnMail]) -> bool:
    """By its headers alone: may it be about one of our mails, so that the whole is worth reading?"""
    mail = BytesHeaderParser().parsebytes(head)
    return bool(_answered(mail, ours)) or _is_report(mail) or _from_a_program(mail)


def read_mail(content: bytes, received: datetime, ours: Sequence[OwnMail]) -> Reply | Bounce | None:
    """What it is to us; ``content`` may be cut off after any number of bytes."""
    mail = BytesParser().parsebytes(content)
    head = content.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    id_ = hashlib.sha256(head).hexdigest()[:32]
    try:
        found = _bounce(mail, id_, received, ours)
    except Exception:
        log.exception("a report of a mail server can't be read")
        found = None
    return found or _reply(mail, id_, received, ours)


def _answered(mail: Mail, ours: Sequence[OwnMail]) -> OwnMail | None:
    """Which of our mails the headers name; the last one named is the nearest."""
    named = f"{_header(mail, 'References')} {_header(mail, 'In-Reply-To')}"
    return _named(IDENTIFIER.findall(named)[::-1], ours)


def _named(identifiers: Iterable[str], ours: Sequence[OwnMail]) -> OwnMail | None:
    known = {one.message_id: one for one in ours}
    return next((known[one] for one in identifiers if one in known), None)


def _reply(mail: Mail, id_: str, received: datetime, ours: Sequence[OwnMail]) -> Reply | None:
    about = _answered(mail, ours)
    sender = parseaddr(_header(mail, "From"))[1]
    if about is None or sender.casefold() == about.sender.casefold():
        return None
    if "disposition-notification" in mail.get_content_type() + str(mail.get_param("report-type")):
        return None
    try:
        text = _text(mail)
    except Exception:
        log.exception("the text of an answer can't be read")
        text = ""
    return Reply(
        id=id_,
        message_id=about.message_id,
        received=received,
        sender=_header(mail, "From"),
        subject=_header(mail, "Subject"),
        text=text,
        automatic=_automatic(mail),
    )


def _automatic(mail: Mail) -> bool:
    """RFC 3834, and what older programs write."""
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    answering = mail.get("X-Autoreply") is not None or mail.get("X-Autorespond") is not None
    precedence = _header(mail, "Precedence").strip().lower()
    noted = submitted not in ("", "no") or answering or precedence == "auto_reply"
    return noted or _from_a_program(mail)


def _is_report(mail: Mail) -> bool:
    return mail.get_content_type() == "multipart/report" or _reporting(mail)


def _reporting(mail: Mail) -> bool:
    """A mail server writes, by the name that it uses for that."""
    local = parseaddr(_header(mail, "From"))[1].partition("@")[0].lower()
    return local in REPORTERS or "X-Failed-Recipients" in mail


def _from_a_program(mail: Mail) -> bool:
    """Its envelope had no sender, so that nobody could answer it."""
    return _header(mail, "Return-Path").strip() == "<>"


def _bounce(mail: Mail, id_: str, received: datetime, ours: Sequence[OwnMail]) -> Bounce | None:
    if not (_is_report(mail) or _from_a_program(mail)):
        return None
    parts = [part for part, _ in zip(mail.walk(), range(MOST_PARTS), strict=False)]
    about = _returned(parts, ours) or _answered(mail, ours) or _named(_mentioned(parts), ours)
    if about is None:
        return None
    if statuses := list(_statuses(parts)):
        return _reported(statuses, about, id_, received)
    if mail.get_content_type() == "multipart/report":
        return None  # of something else, such as that it was opened
    return _plain(mail, about, id_, received)


def _returned(parts: Sequence[Mail], ours: Sequence[OwnMail]) -> OwnMail | None:
    """By the copy of our mail, or of its headers, that the report carries."""
    for part in parts:
        kind, payload = part.get_content_type(), part.get_payload()
        inner: Mail | None = None
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            inner = payload[0] if isinstance(payload[0], Message) else None
        elif kind == "text/rfc822-headers":
            inner = BytesHeaderParser().parsebytes(_decoded(part).encode())
        if inner is not None:
            found = _named(IDENTIFIER.findall(_header(inner, "Message-ID")), ours)
            if found is not None:
                return found
    return None


def _mentioned(parts: Sequence[Mail]) -> Iterator[str]:
    for part in parts:
        if part.get_content_maintype() == "text":
            yield from IDENTIFIER.findall(_decoded(part))


def _statuses(parts: Sequence[Mail]) -> Iterator[Mail]:
    """Fields of each recipient (RFC 3464, 2.3)."""
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() == "message/delivery-status" and isinstance(payload, list):
            for block in payload:
                if isinstance(block, Message) and ("Action" in block or "Status" in block):
                    yield block


def _reported(
    statuses: Sequence[Mail], about: OwnMail, id_: str, received: datetime
) -> Bounce | None:
    """By the recipient that we wrote to where the report names it, else by the worst."""
    own = [one for one in statuses if about.recipient.casefold() in _addresses(one)]
    troubled = [one for one in own or statuses if _action(one) not in WITHOUT_FAILURE]
    if not troubled:
        return None
    worst = max(troubled, key=_permanent)
    where = _header(worst, "Final-Recipient") or _header(worst, "Original-Recipient")
    said = _header(worst, "Diagnostic-Code") or _header(worst, "Status")
    return Bounce(
        id=id_,
        message_id=about.message_id,
        received=received,
        permanent=_permanent(worst),
        recipient=where.partition(";")[2].strip() or where,
        words=said,
    )


def _action(status: Mail) -> str:
    return _header(status, "Action").strip().lower()


def _permanent(status: Mail) -> bool:
    """Given up for good: a delay isn't, nor is a server that was only away for too long."""
    return _action(status) == "failed" and _header(status, "Status").strip().startswith("5")


def _addresses(status: Mail) -> set[str]:
    fields = (_header(status, name) for name in ("Final-Recipient", "Original-Recipient"))
    return {one.partition(";")[2].strip().casefold() for one in fields}


def _plain(mail: Mail, about: OwnMail, id_: str, received: datetime) -> Bounce | None:
    """A report in free words: permanent only where it has a server's code that says so. What has
    no code and isn't from a mail server either is an answer written by a program.
    """
    before = OUR_COPY.split(_text(mail))[0]
    codes = [found[1] for found in ENHANCED.finditer(before)]
    codes = codes or [found[1] for found in PLAIN_CODE.finditer(before)]
    if not codes and not _reporting(mail):
        return None
    line = next((one for one in before.splitlines() if _code(one)), before)
    return Bounce(
        id=id_,
        message_id=about.message_id,
        received=received,
        permanent=set(codes) == {"5"},
        recipient=_header(mail, "X-Failed-Recipients"),
        words=line,
    )


def _code(line: str) -> bool:
    return bool(ENHANCED.search(line) or PLAIN_CODE.search(line))


def _header(mail: Mail, name: str) -> str:
    """A header as people read it, or as it is written where it can't be decoded."""
    raw = mail.get(name)
    if raw is None:
        return ""
    written = str(raw)
    with suppress(Exception):  # names of character sets that don't exist, broken base64 …
        return str(make_header(decode_header(written)))
    return written


def _text(mail: Mail) -> str:
    """What was written, without the mail that it quotes; from HTML where there is nothing else."""
    texts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    shown = [part for part in texts if part.get_content_disposition() != "attachment"]
    for kind in ("text/plain", "text/html"):
        for part in shown:
            if part.get_content_type() == kind:
                text = _decoded(part)
                return _unquoted(text if kind == "text/plain" else _stripped(text))
    return ""


def _decoded(part: Mail) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:  # a character set that nobody knows
        return payload.decode("utf-8", "replace")


def _unquoted(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))


def _stripped(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "".join(reader.words)


class _Words(HTMLParser):
    """The words of a page, nothing of its scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Blocks begin a line."""
        self._hidden += tag in ("script", "style")
        if tag in ("p", "br", "div", "tr", "li"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Words are shown again."""
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._hidden:
            self.words.append(data)
