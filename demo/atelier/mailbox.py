# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server on the loopback that delivers nothing: what it takes lies in a folder as .eml."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@contextmanager
def mailbox(folder: Path) -> Iterator[int]:
    """Take mails until the block is left; gives the port. Whatever took one has it on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(_Keeper(folder), enable_SMTPUTF8=True, loop=loop), HOST, 0)
    )
    worker = threading.Thread(target=loop.run_forever, daemon=True)
    worker.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        worker.join()
        server.close()
        loop.close()


class _Keeper:
    """Numbers the mails, so that a folder lists them as they came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one mail, whole or not at all."""
        content = envelope.original_content or b""
        name = self._free_name(envelope.rcpt_tos[0])
        draft = self._folder / f"{name}.part"
        draft.write_bytes(content)
        draft.rename(self._folder / f"{name}.eml")
        return f"250 2.0.0 kept as {name}.eml"

    def _free_name(self, recipient: str) -> str:
        to = "".join(char if char.isalnum() or char in "@.-" else "_" for char in recipient)
        names = (f"{number:03} {to[:80]}" for number in itertools.count(1))
        return next(one for one in names if not list(self._folder.glob(f"{one[:3]} *.eml")))
