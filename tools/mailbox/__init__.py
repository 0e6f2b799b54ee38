"""Mailboxes: what comes back to the company about the mails that it sent.

Adapters are found like those of an ERP: a module of this package with a module-level ``ADAPTER``.
"""

from regisseur.tools.mailbox.memory import MemoryLetterbox
from regisseur.tools.mailbox.ports import Letterbox
from regisseur.tools.mailbox.reading import read_mail, wanted
from regisseur.tools.mailbox.records import (
    Bounce,
    LetterboxProbe,
    Mark,
    OwnMail,
    Reading,
    Reply,
)

__all__ = [
    "Bounce",
    "Letterbox",
    "LetterboxProbe",
    "Mark",
    "MemoryLetterbox",
    "OwnMail",
    "Reading",
    "Reply",
    "read_mail",
    "wanted",
]
