"""A mailbox in memory, for tests: it holds whole mails and reads them as the real one does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from regisseur.errors import RegisseurError
from regisseur.tools.mailbox.reading import read_mail, wanted
from regisseur.tools.mailbox.records import (
    Bounce,
    LetterboxProbe,
    Mark,
    OwnMail,
    Reading,
    Reply,
)

INBOX = "INBOX"


class MemoryLetterbox:
    """A ``Letterbox`` over a list; ``fail`` makes every request raise an error."""

    vendor = "memory"

    def __init__(self) -> None:
        self.identity = f"mailbox:{id(self):#x}"
        self.mails: list[tuple[datetime, bytes]] = []
        """What came in, oldest first."""
        self.sent: dict[str, bytes] = {}
        """Copies of what was sent, by ``Message-ID``."""
        self.fail: RegisseurError | None = None

    async def probe(self) -> LetterboxProbe:
        """See ``Letterbox``."""
        self._answer()
        return LetterboxProbe(vendor=self.vendor, server="memory")

    async def read(
        self, ours: Sequence[OwnMail], marks: Mapping[str, Mark], since: date
    ) -> Reading:
        """See ``Letterbox``."""
        self._answer()
        known = marks.get(INBOX, Mark(validity=1, uid=0))
        found = [
            read
            for received, content in self.mails[known.uid :]
            if received.date() >= since
            and wanted(content, ours)
            and (read := read_mail(content, received, ours)) is not None
        ]
        return Reading(
            replies=tuple(one for one in found if isinstance(one, Reply)),
            bounces=tuple(one for one in found if isinstance(one, Bounce)),
            marks={INBOX: Mark(validity=1, uid=len(self.mails))},
        )

    async def keep_sent(self, identifier: str, content: bytes) -> None:
        """See ``Letterbox``."""
        self._answer()
        self.sent.setdefault(identifier, content)

    async def close(self) -> None:
        """Nothing is held open."""

    def _answer(self) -> None:
        if self.fail is not None:
            raise self.fail
