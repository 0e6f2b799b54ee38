"""A folder that remembers what was sent, written so that a crash can't make it lie.

Before the end of a message leaves, the message is put down as ``NAME.sending`` and forced to disk;
after the server's answer, ``NAME.json`` says what it was, and the message becomes ``NAME.eml``
(any mail program opens it). So: no file, nothing was sent; a ``.json``, it was; a ``.sending``
alone, nobody here can know. The folder must last and belong to one account.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from pydantic import ValidationError

from regisseur.errors import Misconfigured, NeedsPerson, OutcomeUnknown
from regisseur.tools.mail.message import digest, message_id
from regisseur.tools.mail.records import OutgoingMail, Sent

_SAFE = re.compile(r"^[A-Za-z0-9._-]{1,150}$")


class Journal:
    """The folder; each method does its work at once and is to be run in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Make the folder; raises Misconfigured where it can't be written to."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise self._not_writable(error) from error

    def find(self, identifier: str) -> Sent | None:
        """What was sent; raises OutcomeUnknown where only the server knows."""
        record = self._path(identifier, "json")
        try:
            return Sent.model_validate_json(record.read_bytes())
        except FileNotFoundError:
            pass
        except ValidationError as error:
            raise NeedsPerson(f"{record} is damaged; look in it and at the server") from error
        except OSError as error:
            raise Misconfigured(f"{self.folder} can't be read: {error}") from error
        if self._path(identifier, "sending").exists():
            raise OutcomeUnknown(
                f"the mail {identifier} was being handed over and no answer is known: look for this "
                "Message-ID in the server's log or the account's sent folder"
            )
        return None

    def sent_before(self, mail: OutgoingMail, content: bytes) -> Sent | None:
        """What was sent under the mail's key; raises NeedsPerson where that was another mail."""
        sent = self.find(message_id(mail.key, mail.sender))
        if sent is not None and sent.digest != digest(content):
            raise NeedsPerson(
                f"another mail was already sent as {sent.message_id}; look at "
                f"{self._path(sent.message_id, 'eml')} before sending this one"
            )
        return sent

    def begin(self, identifier: str, content: bytes) -> None:
        """Put down that it may leave from now on; raises OutcomeUnknown if somebody else did."""
        path = self._path(identifier, "sending")
        try:
            with path.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._force_names()
        except FileExistsError as error:
            raise OutcomeUnknown(f"the mail {identifier} is already being handed over") from error
        except OSError as error:
            with suppress(OSError):
                path.unlink()
            raise self._not_writable(error) from error
        if self._path(identifier, "json").exists():  # by somebody else, since we looked
            self.undo(identifier)
            raise OutcomeUnknown(f"the mail {identifier} was handed over just now; look it up")

    def finish(self, sent: Sent) -> None:
        """Put down the server's answer; raises OutcomeUnknown where that fails."""
        record = self._path(sent.message_id, "json")
        draft = record.with_suffix(".tmp")
        try:
            with draft.open("wb") as file:
                file.write(sent.model_dump_json(indent=1).encode())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(record)
            self._force_names()
        except OSError as error:
            raise OutcomeUnknown(
                f"the server took {sent.message_id} ({sent.answer}) but {self.folder} can't be "
                f"written to: {error}. Record it as done; don't send it again"
            ) from error
        with suppress(OSError):
            self._path(sent.message_id, "sending").rename(self._path(sent.message_id, "eml"))

    def undo(self, identifier: str) -> None:
        """Take back ``begin``: it did not leave, for sure."""
        self._path(identifier, "sending").unlink(missing_ok=True)

    def _path(self, identifier: str, suffix: str) -> Path:
        name = identifier.strip("<>").partition("@")[0]
        if not _SAFE.match(name):
            name = hashlib.sha256(identifier.encode()).hexdigest()
        return self.folder / f"{name}.{suffix}"

    def _force_names(self) -> None:
        """Files made in a folder survive a power cut only once the folder is on disk too."""
        with suppress(OSError):  # some systems can't open folders
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _not_writable(self, error: OSError) -> Misconfigured:
        return Misconfigured(f"{self.folder} can't be written to ({error}); nothing was sent")
