"""Mails written into a folder as ``.eml`` instead of being sent: for demos, trials and tests."""

from __future__ import annotations

from pathlib import Path

from anyio import to_thread
from pydantic import BaseModel, ConfigDict

from regisseur.tools.mail.journal import Journal
from regisseur.tools.mail.message import compose, digest, message_id
from regisseur.tools.mail.records import MailProbe, OutgoingMail, Sent
from regisseur.tools.records import Company


class FolderSettings(BaseModel):
    """Where the mails are put."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sent_folder: Path
    """Made where it doesn't exist; one folder an account, and it must last."""


class FolderMailer:
    """A ``Mailer`` whose sending is the writing of a file."""

    vendor = "folder"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identity = f"folder:{folder.resolve()}"
        self._journal = Journal(folder)

    async def probe(self) -> MailProbe:
        """See ``Mailer``; makes the folder."""
        await to_thread.run_sync(self._journal.prepare)
        return MailProbe(vendor=self.vendor, server=str(self.folder))

    async def find_sent(self, message_id: str) -> Sent | None:
        """See ``Mailer``."""
        return await to_thread.run_sync(self._journal.find, message_id)

    async def send(self, mail: OutgoingMail) -> Sent:
        """See ``Mailer``."""
        return await to_thread.run_sync(self._send, mail)

    async def close(self) -> None:
        """Nothing is held open."""

    def _send(self, mail: OutgoingMail) -> Sent:
        content = compose(mail)
        self._journal.prepare()
        if (sent := self._journal.sent_before(mail, content)) is not None:
            return sent
        sent = Sent(
            message_id=message_id(mail.key, mail.sender),
            recipients=mail.recipients,
            digest=digest(content),
            answer="written into the folder, not sent",
        )
        self._journal.begin(sent.message_id, content)
        self._journal.finish(sent)
        return sent


class FolderAdapter:
    """Lets ``vendor = "folder"`` be configured like any other mail account."""

    name = "folder"
    settings = FolderSettings

    def open(self, settings: FolderSettings, company: Company) -> FolderMailer:
        """The account; the folder is made when it is first needed."""
        return FolderMailer(settings.sent_folder)


ADAPTER = FolderAdapter()
