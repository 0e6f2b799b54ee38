"""A Tryton on a real socket that knows marked secrets and repeats them wherever it can, and the hunt
for these marks in whatever a mission leaves behind.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import traceback
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import quote

import httpx
from fake_tryton import FakeTryton, result
from sqlalchemy import MetaData, select

from regisseur.errors import RegisseurError
from regisseur.storage.database import Database

PASSWORD = 'MARKED-"pass&word/7f3a'
SESSION_KEY = "MARKED-session-91bc"
TOKEN = base64.b64encode(f"agent:2:{SESSION_KEY}".encode()).decode()
DATABASE = "MARKED-database-55aa"
MARKS = {
    form
    for secret in (PASSWORD, SESSION_KEY, TOKEN, DATABASE, "MARKED")
    for form in (
        secret,
        json.dumps(secret)[1:-1],
        html.escape(secret),
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode().rstrip("=")[:-1],
    )
}
"""Each secret as it is and as it may be written; "MARKED" finds what was cut off too."""


class Tattler(FakeTryton):
    """Signs in whoever knows the marked password."""

    def login(self, params: list[Any]) -> httpx.Response:
        user, given, _ = params
        if given != {"password": PASSWORD}:
            return httpx.Response(401, html="<h1>Unauthorized</h1>")
        self.live = {f"Session {base64.b64encode(f'{user}:2:{SESSION_KEY}'.encode()).decode()}"}
        return result([2, SESSION_KEY, None])


class Hangs(Exception):
    """The answer never comes."""


class BreaksOff(Exception):
    """Half an answer comes."""


@contextmanager
def served(fake: FakeTryton) -> Iterator[str]:
    """Its address while the block runs. An answer may be a function of the request itself."""
    over = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = f"http://tryton.example{self.path}"
            request = httpx.Request("POST", url, headers=dict(self.headers), content=body)
            fake.answers["the request itself"] = f"{dict(self.headers)} {body.decode()}"
            try:
                answer = fake(request)
            except Hangs:
                over.wait(60)
                return
            except BreaksOff:
                answer = httpx.Response(200, content=b"{" + body)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that hung up

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        over.set()
        server.shutdown()
        thread.join()


def marks_in(text: str | bytes) -> list[str]:
    """The marks in it, with what stands around them."""
    whole = text if isinstance(text, bytes) else text.encode(errors="replace")
    found = []
    for mark in MARKS:
        place = whole.find(mark.encode())
        if place >= 0:
            found.append(repr(whole[max(0, place - 120) : place + 60]))
    return found


def in_the_database(url: str) -> list[str]:
    """Every value of every row, packed ones unpacked."""
    found = []
    with Database.open(url) as database, database.read() as session:
        tables = MetaData()
        tables.reflect(session.connection())
        for table in tables.sorted_tables:
            for row in session.execute(select(table)):
                for name, value in row._mapping.items():
                    found += [f"{table.name}.{name}: {one}" for one in _in_value(value)]
    return found


def _in_value(value: object) -> list[str]:
    if not isinstance(value, bytes):
        return marks_in(str(value))
    try:
        return marks_in(value) + marks_in(zlib.decompress(value))
    except zlib.error:
        return marks_in(value)


def in_the_files(folder: Path) -> list[str]:
    """Every byte of every file."""
    files = [one for one in folder.rglob("*") if one.is_file()]
    return [f"{one.name}: {mark}" for one in files for mark in marks_in(one.read_bytes())]


def in_the_logs(records: list[logging.LogRecord]) -> list[str]:
    """Messages, arguments, and exceptions with all their causes."""
    found = []
    for one in records:
        told = f"{one.name} {one.getMessage()} {one.args!r} {one.exc_text or ''}"
        if one.exc_info and one.exc_info[1] is not None:
            told += chain_of(one.exc_info[1])
        found += [f"log {one.name}: {mark}" for mark in marks_in(told)]
    return found


def chain_of(error: BaseException) -> str:
    """An exception as it is printed, and whatever hangs on each of its causes."""
    told = "".join(traceback.format_exception(error))
    before: BaseException | None = error
    while before is not None:
        ours = vars(before) if isinstance(before, RegisseurError) else {}
        told += f"{type(before).__name__}: {before} {before.args!r} {ours!r}\n"
        before = before.__cause__ or (None if before.__suppress_context__ else before.__context__)
    return told
