"""What a mail is made of: addresses that are checked, names that can't break out of their line."""

from __future__ import annotations

import re
from typing import Annotated

from email_validator import EmailNotValidError, ValidatedEmail, validate_email
from pydantic import (
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from regisseur.errors import InvalidInput
from regisseur.tools.lines import one_line
from regisseur.tools.records import Record

MESSAGE_ID = r"^<[^<>@\s]+@[^<>@\s]+>$"


def _line(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_line)]


class Mailbox(Record):
    """Who a mail is from or to; ``name`` is shown to people and may hold anything.

    The address must be a plain one (no comment, quotes or IP number) with a whole domain; whether
    anybody reads it is not known here. Domains of other scripts are allowed.
    """

    address: str
    name: Line = ""

    @field_validator("address")
    @classmethod
    def _plain(cls, value: str) -> str:
        checked = _checked(value)
        if "." not in checked.ascii_domain:
            raise ValueError("the part after the @ is not a whole domain such as example.com")
        return checked.normalized

    @classmethod
    def of(cls, address: str, name: str = "") -> Mailbox:
        """Shorthand; raises InvalidInput where the address is wrong."""
        try:
            return cls(address=address, name=name)
        except ValueError as error:
            raise InvalidInput(f"{one_line(address)!r}: {_first(error)}", field="address") from None

    @property
    def wire(self) -> str:
        """The address as it travels: the domain in ASCII unless the part before the @ isn't."""
        return _checked(self.address).ascii_email or self.address

    @property
    def domain(self) -> str:
        """The domain in ASCII."""
        return _checked(self.address).ascii_domain

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


class Attachment(Record):
    """A file that goes with the mail."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    name: Line
    content: bytes = Field(repr=False)
    media_type: str = Field(
        default="application/pdf", pattern=r"^[a-z0-9][a-z0-9.+-]*/[a-z0-9.+-]+$"
    )

    @field_validator("name")
    @classmethod
    def _no_path(cls, value: str) -> str:
        plain = re.sub(r"[/\\:]", "-", value).strip(" .")
        if not plain:
            raise ValueError("an attachment needs a name")
        return plain


class Picture(Record):
    """A picture inside the HTML, which shows it as ``<img src="cid:…">``: nothing is loaded from
    anywhere when the mail is read.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    cid: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=60
    )
    """Its ``Content-ID``, for example ``overdue@pack.regisseur``; no other picture of the mail has it."""
    content: bytes = Field(repr=False)
    media_type: str = Field(default="image/png", pattern=r"^image/(png|jpeg|gif)$")
    """SVG is left out: most mail programs show none."""


class OutgoingMail(Record):
    """One mail, complete: the same value makes the same bytes."""

    key: str = Field(min_length=1)
    """The action's key: the ``Message-ID`` follows from it, so that a repeat is recognised."""
    date: AwareDatetime
    sender: Mailbox
    reply_to: Mailbox | None = None
    to: tuple[Mailbox, ...] = Field(min_length=1)
    cc: tuple[Mailbox, ...] = ()
    subject: Line = Field(min_length=1)
    text: str = Field(min_length=1)
    html: str = ""
    """The same in HTML, names escaped by whoever wrote it; without it the mail is plain text."""
    pictures: tuple[Picture, ...] = ()
    """Shown by the HTML."""
    attachments: tuple[Attachment, ...] = ()
    language: str = Field(default="", pattern=r"^([a-zA-Z]{2,3}([_-][a-zA-Z0-9]{2,8})*)?$")
    in_reply_to: str | None = Field(default=None, pattern=MESSAGE_ID)
    references: tuple[Annotated[str, Field(pattern=MESSAGE_ID)], ...] = ()
    """Earlier mails to the same customer, oldest first: they are shown as one thread."""

    @model_validator(mode="after")
    def _pictures_shown(self) -> OutgoingMail:
        names = [one.cid for one in self.pictures]
        if len({*names}) < len(names):
            raise ValueError("two pictures have the same cid")
        for name in names:
            if f"cid:{name}" not in self.html:
                raise ValueError(f"the HTML does not show the picture cid:{name}")
        return self

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every address it goes to, each once, as they travel."""
        return tuple(dict.fromkeys(one.wire for one in (*self.to, *self.cc)))


class Sent(Record):
    """A mail that the server took; taking it is not delivering it."""

    message_id: str
    recipients: tuple[str, ...]
    digest: str
    """SHA-256 of what was sent, its date apart: a repeat that differs is recognised by it."""
    answer: str = ""
    """The server's own words, with its queue number where it gave one."""


class MailProbe(Record):
    """What a mailer answers when asked who it is."""

    vendor: str
    server: str
    user: str = ""
    secure: bool = True
    """Nobody on the way can read along."""
    largest: int | None = None
    """Bytes of the largest mail that is taken, where the server says so."""


def _checked(address: str) -> ValidatedEmail:
    try:
        return validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error


def _first(error: ValueError) -> str:
    from pydantic import ValidationError

    return error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
