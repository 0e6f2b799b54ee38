"""A mailbox at any server that speaks IMAP4rev1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from anyio import to_thread

from regisseur.errors import Misconfigured
from regisseur.tools.mail.smtp.session import Secret
from regisseur.tools.mail.smtp.tokens import Tokens
from regisseur.tools.mailbox.imap.session import opened, session
from regisseur.tools.mailbox.imap.settings import ImapSettings
from regisseur.tools.mailbox.reading import read_mail, wanted
from regisseur.tools.mailbox.records import (
    Bounce,
    LetterboxProbe,
    Mark,
    OwnMail,
    Reading,
    Reply,
)

PAGE = 200
"""Mails whose headers are asked for at a time."""
MOST_MAILS = 5000
"""Mails of a folder that are looked at in one night; the rest in the next."""
HEAD, WHOLE = 32 * 1024, 256 * 1024
"""Bytes of headers and of a mail that are read at most: enough for any text; the rest are files."""


class ImapLetterbox:
    """A ``Letterbox``; each request is a conversation of its own."""

    vendor = "imap"

    def __init__(self, settings: ImapSettings) -> None:
        self.settings = settings
        self.identity = settings.identity
        self._tokens = None if settings.oauth is None else Tokens(settings.oauth)

    async def probe(self) -> LetterboxProbe:
        """See ``Letterbox``."""
        return await to_thread.run_sync(self._probe, await self._secret())

    async def read(
        self, ours: Sequence[OwnMail], marks: Mapping[str, Mark], since: date
    ) -> Reading:
        """See ``Letterbox``."""
        return await to_thread.run_sync(self._read, ours, marks, since, await self._secret())

    async def keep_sent(self, identifier: str, content: bytes) -> None:
        """See ``Letterbox``."""
        if self.settings.sent_folder:
            await to_thread.run_sync(self._keep, identifier, content, await self._secret())

    async def close(self) -> None:
        """Release what was held open for tokens."""
        if self._tokens is not None:
            await self._tokens.close()

    async def _secret(self) -> Secret:
        if self._tokens is not None:
            return Secret(await self._tokens.current(), is_token=True)
        password = self.settings.password
        return Secret("" if password is None else password.get_secret_value(), is_token=False)

    @contextmanager
    def _session(self, secret: Secret) -> Iterator[Any]:
        try:
            with session(self.settings, secret) as client:
                yield client
        except Misconfigured:
            if self._tokens is not None:
                self._tokens.forget()
            raise

    def _probe(self, secret: Secret) -> LetterboxProbe:
        settings = self.settings
        with self._session(secret) as client:
            for folder in filter(None, (*settings.folders, settings.sent_folder)):
                opened(client, folder)
        return LetterboxProbe(
            vendor=self.vendor,
            server=f"{settings.host}:{settings.address[1]}",
            user=settings.user,
            secure=settings.security != "none",
        )

    def _read(
        self, ours: Sequence[OwnMail], marks: Mapping[str, Mark], since: date, secret: Secret
    ) -> Reading:
        found: list[Reply | Bounce] = []
        reached: dict[str, Mark] = {}
        left = 0
        with self._session(secret) as client:
            for folder in self.settings.folders:
                validity, uids, last = _unread(client, folder, marks.get(folder), since)
                chosen = uids[:MOST_MAILS]
                left += len(uids) - len(chosen)
                found += _about_ours(client, chosen, ours)
                uid = chosen[-1] if chosen else last
                reached[folder] = Mark(validity=validity, uid=uid)
        found = list({one.id: one for one in found}.values())
        found.sort(key=lambda one: (one.received, one.id))
        return Reading(
            replies=tuple(one for one in found if isinstance(one, Reply)),
            bounces=tuple(one for one in found if isinstance(one, Bounce)),
            marks=reached,
            left=left,
        )

    def _keep(self, identifier: str, content: bytes, secret: Secret) -> None:
        with self._session(secret) as client:
            opened(client, self.settings.sent_folder)
            if not client.search(["HEADER", "Message-ID", identifier]):
                client.append(self.settings.sent_folder, content, flags=(rb"\Seen",))


def _unread(client: Any, folder: str, mark: Mark | None, since: date) -> tuple[int, list[int], int]:
    """The folder's validity, what is new in it, and the last UID known where nothing is."""
    figures = opened(client, folder)
    validity = int(figures[b"UIDVALIDITY"])
    if mark is not None and mark.validity == validity:
        # A range up to ``*`` holds the last mail even where that is an older one.
        new = (uid for uid in client.search(f"UID {mark.uid + 1}:*") if uid > mark.uid)
        return validity, sorted(new), mark.uid
    known = int(figures.get(b"UIDNEXT", 1)) - 1
    return validity, sorted(client.search(["SINCE", since])), known


def _about_ours(
    client: Any, uids: Sequence[int], ours: Sequence[OwnMail]
) -> Iterator[Reply | Bounce]:
    for at in range(0, len(uids), PAGE):
        parts = ["INTERNALDATE", f"BODY.PEEK[HEADER]<0.{HEAD}>"]
        heads = client.fetch(uids[at : at + PAGE], parts)
        for uid, answer in sorted(heads.items()):
            if wanted(answer.get(b"BODY[HEADER]<0>") or b"", ours):
                found = _one(client, uid, answer[b"INTERNALDATE"], ours)
                if found is not None:
                    yield found


def _one(
    client: Any, uid: int, received: datetime, ours: Sequence[OwnMail]
) -> Reply | Bounce | None:
    answer = client.fetch([uid], [f"BODY.PEEK[]<0.{WHOLE}>"]).get(uid, {})
    return read_mail(answer.get(b"BODY[]<0>") or b"", received, ours)
