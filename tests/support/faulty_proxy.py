"""A proxy in front of an ERP that lets one request go wrong, or all from one on.

It knows nothing of what passes but what the worker writes into two headers: what a request does to
the ERP (``read``, ``sign_in`` or ``write``) and the worker's pid. One request is handled at a time,
in the order of arrival, so that no outcome hangs on who is faster: whoever looks after a time-out
looks when the ERP has done all that it was going to do. While the ERP is at work the worker is told
so (``102 Processing``), so that only a planned silence lasts for long.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

EFFECT, WORKER = "X-Matrix-Effect", "X-Matrix-Worker"
PASSED_ON = ("Authorization", "Content-Type", "Accept-Encoding")
PASSED_BACK = ("Content-Type", "Content-Encoding")
AT_WORK = b"HTTP/1.1 102 Processing\r\n\r\n"
BEAT = 0.1
"""Seconds after which a worker that waits is told that the ERP is at work."""
SLOW = 0.25
"""Seconds that a slow answer lets wait, without a word."""


@dataclass(frozen=True)
class Fault:
    """What happens to a request: when the ERP gets it, and what the worker gets."""

    name: str
    carried_out: Literal["never", "at once", "late"]
    """``late``: when the next write has been carried out, or when all is well again."""
    answer: Literal["silence", "reset", "500", "429", "half", "slow", "whole"]

    @property
    def ambiguous(self) -> bool:
        """May the worker have to ask itself whether it was carried out?"""
        return self.answer not in ("429", "slow", "whole")


FAULTS = {
    one.name: one
    for one in (
        Fault("time-out before commit", "never", "silence"),
        Fault("time-out after commit", "at once", "silence"),
        Fault("time-out and late commit", "late", "silence"),
        Fault("reset before commit", "never", "reset"),
        Fault("reset after commit", "at once", "reset"),
        Fault("500 after commit", "at once", "500"),
        Fault("half a body", "at once", "half"),
        Fault("429", "never", "429"),
        Fault("slow first byte", "at once", "slow"),
    )
}
"""By name."""
_NONE = Fault("none", "at once", "whole")


@dataclass(frozen=True)
class Plan:
    """The n-th request (from 0) that reads, or that writes, is hit; ``outage``: and all after it.

    With ``kill`` the worker dies of it: after the ERP has had the request (if it is to get it) and
    before there is any answer.
    """

    fault: Fault
    writes: bool
    nth: int
    outage: bool = False
    kill: bool = False


@dataclass(frozen=True)
class Message:
    """A request or an answer."""

    headers: dict[str, str]
    body: bytes
    path: str = ""
    status: int = 0


class FaultyProxy:
    """Listens on a free port of the loopback until it is closed."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port
        self._turn = threading.Lock()
        self._plan: Plan | None = None
        self._late: list[Message] = []
        self.seen: Counter[bool] = Counter()
        """How many requests came since the last plan that read (False) and that wrote (True)."""
        self.struck = 0
        """How many of them were hit."""
        proxy = self

        class Handler(_Handler):
            """Of this proxy."""

        Handler.proxy = proxy
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def plan(self, plan: Plan | None) -> None:
        """From now on, this goes wrong."""
        with self._turn:
            self._plan, self.seen, self.struck = plan, Counter(), 0

    def lift(self) -> None:
        """All is well again; what was on its way arrives."""
        with self._turn:
            self._plan = None
            self._deliver()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def handle(self, request: Message) -> tuple[Fault, Message]:
        """What goes wrong, and the answer of the ERP if it was asked."""
        with self._turn:
            writes = request.headers.get(EFFECT) == "write"
            plan, answer = self._plan, Message({}, b"")
            fault = self._fault_of(writes)
            if fault.carried_out == "at once":
                answer = self._forwarded(request)
            if writes:
                self._deliver()
            if fault.carried_out == "late":
                self._late.append(request)
            if plan is not None and plan.kill and fault is not _NONE:
                os.kill(int(request.headers[WORKER]), signal.SIGKILL)
            return fault, answer

    def _fault_of(self, writes: bool) -> Fault:
        number = self.seen[writes]
        self.seen[writes] += 1
        plan = self._plan
        if plan is None:
            return _NONE
        first = writes == plan.writes and number == plan.nth
        if not (first or (self.struck and plan.outage)):
            return _NONE
        self.struck += 1
        if plan.fault.carried_out == "late" and not writes:
            return FAULTS["time-out before commit"]
        return plan.fault

    def _deliver(self) -> None:
        while self._late:
            self._forwarded(self._late.pop(0))

    def _forwarded(self, request: Message) -> Message:
        connection = HTTPConnection(self._host, self._port)
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        connection.request("POST", request.path, request.body, headers)
        response = connection.getresponse()
        body = response.read()
        kept = {name: text for name, text in response.getheaders() if name in PASSED_BACK}
        connection.close()
        return Message(kept | {"Content-Length": str(len(body))}, body, status=response.status)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a worker."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: FaultyProxy

    def do_POST(self) -> None:
        """Let the proxy decide, and act on it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self._telling_that_it_is_at_work():
            fault, answer = self.proxy.handle(Message(dict(self.headers), body, self.path))
        try:
            getattr(self, f"_answer_{fault.answer}")(answer)
        except OSError:
            self.close_connection = True  # the worker is gone

    @contextmanager
    def _telling_that_it_is_at_work(self) -> Iterator[None]:
        done = threading.Event()

        def tell() -> None:
            with suppress(OSError):
                while not done.wait(BEAT):
                    self.wfile.write(AT_WORK)

        telling = threading.Thread(target=tell)
        telling.start()
        try:
            yield
        finally:
            done.set()
            telling.join()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def _answer_whole(self, answer: Message) -> None:
        self.send_response(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(answer.body)

    def _answer_slow(self, answer: Message) -> None:
        time.sleep(SLOW)
        self._answer_whole(answer)

    def _answer_half(self, answer: Message) -> None:
        half = answer.body[: len(answer.body) // 2]
        self._answer_whole(Message(answer.headers, half, status=answer.status))
        self.close_connection = True

    def _answer_500(self, answer: Message) -> None:
        page = b"<h1>Internal Server Error</h1>"
        headers = {"Content-Type": "text/html", "Content-Length": str(len(page))}
        self._answer_whole(Message(headers, page, status=500))

    def _answer_429(self, answer: Message) -> None:
        self._answer_whole(Message({"Retry-After": "60", "Content-Length": "0"}, b"", status=429))

    def _answer_silence(self, answer: Message) -> None:
        """Until the worker hangs up."""
        self.connection.recv(1)
        self.close_connection = True

    def _answer_reset(self, answer: Message) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
        self.close_connection = True
