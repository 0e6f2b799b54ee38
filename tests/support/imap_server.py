"""A real mailbox on loopback: pymap's server over memory. A test's own client puts mails in and
looks at what became of them.
"""

from __future__ import annotations

import asyncio
import ssl
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

USER, PASSWORD = "compta@atelier.example", "pässwörd-8412"


@dataclass
class ImapServer:
    """What a test sees of it."""

    port: int
    host: str = "127.0.0.1"

    @contextmanager
    def client(self) -> Iterator[Any]:
        """Signed in as the person whose mailbox it is."""
        with IMAPClient(self.host, self.port, ssl=False, timeout=10) as client:
            client.plain_login(USER, PASSWORD)
            yield client

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> None:
        """A mail comes in."""
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.append(folder, content, msg_time=received)

    def mails(self, folder: str = "INBOX") -> list[tuple[bytes, tuple[bytes, ...]]]:
        """What lies there, with its flags."""
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]", "FLAGS"])
            return [(one[b"BODY[]"], one[b"FLAGS"]) for _, one in sorted(found.items())]


@contextmanager
def mailbox(portal: BlockingPortal, tls: ssl.SSLContext | None = None) -> Iterator[ImapServer]:
    """One server with one empty account; ``tls`` from the start."""

    async def start() -> asyncio.Server:
        told = {"host": "127.0.0.1", "port": 0, "debug": False, "cert": None, "key": None}
        more = {"tls": False, "proxy_protocol": None, "passlib_cfg": None, "demo_data": False}
        who = {"demo_user": USER, "demo_password": PASSWORD}
        args = Namespace(**told, **more, **who)
        plain = {
            "hash_context": BuiltinHash(rounds=1),
            "secure_auth": False,
            "invalid_user_sleep": 0.0,
        }
        backend, config = await DictBackend.init(args, **plain)
        config.apply_context()
        answer = ProxyProtocolReader(config.proxy_protocol).get_callback(
            IMAPServer(backend.login, config)
        )
        return await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)

    async def stop(server: asyncio.Server) -> None:
        server.close()
        await asyncio.sleep(0)

    server = portal.call(start)
    try:
        yield ImapServer(server.sockets[0].getsockname()[1])
    finally:
        portal.call(stop, server)


@pytest.fixture(scope="session")
def imap_portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def imap_server(imap_portal: BlockingPortal) -> Iterator[ImapServer]:
    """In the clear, on this machine."""
    with mailbox(imap_portal) as server:
        yield server
