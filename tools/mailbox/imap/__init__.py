"""A mailbox at any server that speaks IMAP."""

from __future__ import annotations

from regisseur.tools.mailbox.imap.letterbox import ImapLetterbox
from regisseur.tools.mailbox.imap.settings import ImapSettings
from regisseur.tools.records import Company

__all__ = ["ADAPTER", "ImapAdapter", "ImapLetterbox", "ImapSettings"]


class ImapAdapter:
    """What ``vendor = "imap"`` opens."""

    name = "imap"
    settings = ImapSettings

    def open(self, settings: ImapSettings, company: Company) -> ImapLetterbox:
        """The mailbox; nothing is connected until something is asked of it."""
        return ImapLetterbox(settings)


ADAPTER = ImapAdapter()
