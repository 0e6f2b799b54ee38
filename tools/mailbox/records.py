"""What is found in a mailbox. All text is data: one harmless line, cut, never interpreted."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field

from regisseur.tools.lines import one_line
from regisseur.tools.records import Record

MOST_TEXT = 1000
"""Characters of an answer that are kept; whoever wants all of it reads it in the mailbox."""


def _line(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


def _passage(value: object) -> object:
    """Several lines as one, each made harmless by itself."""
    if not isinstance(value, str):
        return value
    text = " ".join(line for each in value.splitlines() if (line := one_line(each)))
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1].rstrip() + "…"


Line = Annotated[str, BeforeValidator(_line)]
Passage = Annotated[str, BeforeValidator(_passage)]


class OwnMail(Record):
    """A mail that we sent, by which what comes back is recognised."""

    message_id: str
    sender: str
    """Our address; what comes from it is no answer."""
    recipient: str
    """Whom it went to, from our own record of the action."""


class _Found(Record):
    id: str
    """The same for the same mail, wherever and however often it is read."""
    message_id: str
    """Of our mail that it is about."""
    received: AwareDatetime


class Reply(_Found):
    """An answer to one of our mails."""

    sender: Line = ""
    subject: Line = ""
    text: Passage = ""
    automatic: bool = False
    """No person wrote it: out of office, receipt of a ticket."""


class Bounce(_Found):
    """One of our mails that was not delivered, or not yet."""

    permanent: bool
    """The address takes no mail; else it was only delayed, or it isn't clear."""
    recipient: Line = ""
    """Where delivery failed, as the report has it; our own record says whom we wrote to."""
    words: Passage = ""
    """The server's own."""


class Mark(Record):
    """How far a folder was read."""

    validity: int
    """The folder's UIDVALIDITY: where it changes, all UIDs are void."""
    uid: int
    """The last one read."""


class Reading(Record):
    """What a mailbox had about our mails, oldest first, and how far it was read."""

    replies: tuple[Reply, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    marks: dict[str, Mark] = Field(default_factory=dict)
    """By folder."""
    left: int = 0
    """Mails that nobody has looked at yet: too many for one night."""


class LetterboxProbe(Record):
    """What a mailbox answers when asked who it is."""

    vendor: str
    server: str
    user: str = ""
    secure: bool = True
    """Nobody on the way can read along."""
