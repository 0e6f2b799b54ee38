"""A real mail server on loopback (aiosmtpd) that can be told what to do wrong, and when.

``server.fault("rcpt", "450 4.2.1 busy")`` is used up by the next command of that step, ``DROP``
instead of an answer cuts the connection, and ``server.hold("end")`` makes the server silent there
until the server stops. Steps, in the order of a conversation: ``greeting``, ``ehlo``, ``starttls``,
``auth``, ``mail``, ``rcpt``, ``data`` (before the 354), ``body`` (after its first line), ``end``
(all read, not kept), ``answer`` (all read and kept, the answer not out yet).
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import threading
import warnings
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as SMTP_POLICY
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from anyio.from_thread import BlockingPortal, start_blocking_portal

DROP = "DROP"
STEPS = frozenset(
    ["greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "end", "answer"]
)


@dataclass(frozen=True)
class Taken:
    """A mail that the server kept."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = BytesParser(policy=SMTP_POLICY).parsebytes(self.content)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class Held:
    """The server's silence at one step: ``reached`` once somebody waits there."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops, in its own loop."""


@dataclass
class SmtpServer:
    """What the test sees of it; ``commands`` are the verbs as they came in."""

    host: str = "127.0.0.1"
    port: int = 0
    users: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    _planned: defaultdict[str, deque[str | Held]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _held: list[Held] = field(default_factory=list)

    def fault(self, step: str, answer: str) -> None:
        """The next time, answer this (``DROP``: cut the connection)."""
        self._plan(step).append(answer)

    def hold(self, step: str) -> Held:
        """The next time, say nothing; wait for ``reached`` to know that it has come to it."""
        held = Held()
        self._held.append(held)
        self._plan(step).append(held)
        return held

    def _plan(self, step: str) -> deque[str | Held]:
        if step not in STEPS:
            raise ValueError(f"no such step: {step}; one of {sorted(STEPS)}")
        return self._planned[step]

    async def due(self, step: str) -> str | None:
        """What was planned for this step, if anything; waits while it is held."""
        if not self._planned[step]:
            return None
        planned = self._planned[step].popleft()
        if isinstance(planned, str):
            return planned
        planned.reached.set()
        await planned.released.wait()
        return None

    def release(self) -> None:
        for held in self._held:
            held.released.set()


class _Talk(SMTP):
    """aiosmtpd's own conversation, with a look at the plan before each step."""

    def __init__(self, server: SmtpServer, **options: Any) -> None:
        super().__init__(
            _Keep(server, self),
            hostname="mail.example",
            authenticator=self._login,
            auth_require_tls=False,
            **options,
        )
        self.server = server

    def _login(
        self, talk: SMTP, session: Session, envelope: Envelope, mechanism: str, proof: Any
    ) -> AuthResult:
        known = isinstance(proof, LoginPassword) and (
            self.server.users.get(proof.login.decode()) == proof.password.decode()
        )
        return AuthResult(success=known, handled=False)

    async def auth_XOAUTH2(self, talk: SMTP, words: list[str]) -> AuthResult:
        said = base64.b64decode(words[1]).decode().split("\x01")
        user, token = said[0].removeprefix("user="), said[1].removeprefix("auth=Bearer ")
        if self.server.tokens.get(user) == token:
            return AuthResult(success=True, auth_data=user)
        await self.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)

    async def _planned(self, step: str) -> bool:
        """Was something done in place of the step?"""
        self.server.commands.append(step)
        answer = await self.server.due(step)
        return answer is not None and await self.instead(answer)

    async def instead(self, answer: str) -> bool:
        if answer == DROP:
            self.cut()
        else:
            await self.push(answer)
            if answer.startswith("421"):
                self.cut()
        return True

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def _handle_client(self) -> None:
        if not await self._planned("greeting"):
            await super()._handle_client()
        elif self.transport is not None:
            self.transport.close()

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._planned("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self._planned("starttls"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self._planned("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self._planned("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._planned("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self._planned("data"):
            return
        if self.server._planned["body"]:
            await self.push("354 go on")
            await self._reader.readuntil(b"\r\n")
            await self._planned("body")
            return
        await super().smtp_DATA(arg)


class _Keep:
    """Keeps mails as aiosmtpd's handler."""

    def __init__(self, server: SmtpServer, talk: _Talk) -> None:
        self._server, self._talk = server, talk

    async def handle_DATA(self, talk: SMTP, session: Session, envelope: Envelope) -> str:
        if (answer := await self._server.due("end")) is not None:
            return await self._said(answer)
        content = envelope.original_content or b""
        taken = Taken(envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
        self._server.taken.append(taken)
        answer = await self._server.due("answer")
        return "250 2.0.0 queued as 4F2A" if answer is None else await self._said(answer)

    async def _said(self, answer: str) -> str:
        if answer == DROP:
            self._talk.cut()
        return answer


Start = Callable[..., AbstractContextManager[SmtpServer]]


@contextmanager
def running(
    portal: BlockingPortal, *, implicit_tls: ssl.SSLContext | None = None, **options: Any
) -> Iterator[SmtpServer]:
    """One server; ``options`` are those of ``aiosmtpd.smtp.SMTP``."""
    state = SmtpServer()
    talks: list[_Talk] = []

    def make() -> _Talk:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # passwords in the clear, on this machine
            talk = _Talk(state, loop=asyncio.get_running_loop(), **options)
        talks.append(talk)
        return talk

    async def start() -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(make, state.host, 0, ssl=implicit_tls)

    async def stop(server: asyncio.Server) -> None:
        state.release()
        server.close()
        for talk in talks:
            talk.cut()
        await server.wait_closed()
        await asyncio.sleep(0)

    server = portal.call(start)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        portal.call(stop, server)


@pytest.fixture(scope="session")
def smtp_portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def smtp_server(smtp_portal: BlockingPortal) -> Iterator[SmtpServer]:
    """In the clear, on this machine."""
    with running(smtp_portal, enable_SMTPUTF8=True) as server:
        yield server


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs the certificates of the test servers."""
    return trustme.CA()


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
