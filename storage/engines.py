"""The engines that lead to the database, set up for their use, with errors that people can act on.

The ledger's commits are on disk when they return (`synchronous=FULL`, PostgreSQL's default). The
checkpointer's may be lost, the last of them, at a power cut, never at a crash of ours, and are
many times faster (`synchronous=NORMAL`, `synchronous_commit=off`): the ledger decides, and a
checkpoint that is lost is a step run again.
"""

import math
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy.exc
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from regisseur.storage.errors import (
    DatabaseBusy,
    DatabaseMisconfigured,
    DatabaseUnreachable,
    fault_of,
)

BUSY_TIMEOUT = 30.0
"""Seconds that a transaction waits for others before it gives up with `DatabaseBusy`; the URL may
say else: ``sqlite:///file?timeout=5``, ``postgresql://…?options=-c%20lock_timeout%3D5s``."""

_IDLE_BEFORE_PING = 10.0
"""Seconds after which a pooled connection to a server is asked whether it still lives."""


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """Open a connection of an engine.

    Raises:
        DatabaseBusy: others use all of the engine's connections.
    """
    try:
        connection = engine.connect()
    except sqlalchemy.exc.TimeoutError as error:
        raise DatabaseBusy(
            "All connections to the database are in use.",
            "Nothing was changed; try again in a moment.",
        ) from error
    with connection:
        yield connection


def shown(url: URL) -> str:
    """Write a URL without the secrets in it."""
    secret = {key: "***" for key in url.query if "password" in key}
    return url.update_query_dict(secret).render_as_string(hide_password=True)


def read_url(text: str) -> URL:
    """Read a database URL and complete it: the driver, and the whole path of a file.

    Raises:
        DatabaseMisconfigured: it is no URL of a database we support.
    """
    try:
        url = make_url(text)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise DatabaseMisconfigured(
            "The database URL can't be read.",
            "Write sqlite:///regisseur.db or postgresql://user:password@host/name.",
        ) from None  # it may quote a part of the password
    if "@" in (url.host or ""):
        raise DatabaseMisconfigured(
            "The database URL has more than one @.", "Write %40 for an @ in the password."
        )
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise DatabaseMisconfigured(
            f"The database URL {shown(url)} asks for {url.drivername}.",
            "Write sqlite:///… or postgresql://…; no other database or driver is supported.",
        )
    if url.database in (None, "", ":memory:"):
        return url.set(database=None)
    return url.set(database=str(Path(str(url.database)).resolve()))


def engines(url: URL) -> tuple[Engine, Engine, Engine]:
    """Make the ledger's engine, one that reads one moment of it, and the checkpointer's."""
    if url.get_backend_name() == "postgresql":
        cut = _Cut()
        ledger = explaining(_postgresql_engine(url, cut), cut)
        reader = ledger.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        checkpoints = _postgresql_engine(url, cut, "SET synchronous_commit = off")
        cut.suspects = explaining(checkpoints, cut)
        # Its driver disposes of it by itself where it is the first to notice.
        event.listen(checkpoints, "engine_disposed", cut.notice)
        return ledger, reader, checkpoints
    if url.database is None:
        # One connection is the database: threads take turns, and reading isn't kept from writing.
        only = _sqlite_engine(url, "OFF", poolclass=QueuePool, pool_size=1, max_overflow=0)
        return only, only.execution_options(sqlite_begin="BEGIN"), only
    _prepare_file(Path(url.database), url)
    ledger, checkpoints = _sqlite_engine(url, "FULL"), _sqlite_engine(url, "NORMAL")
    reader = _sqlite_engine(url, "FULL").execution_options(sqlite_begin="BEGIN")
    event.listen(reader, "connect", _refuse_writes)
    return ledger, reader, checkpoints


def _refuse_writes(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # Once per connection: a PRAGMA makes SQLite prepare all its statements again.
    connection.execute("PRAGMA query_only = ON")


def _prepare_file(path: Path, url: URL) -> None:
    """Create the file for its owner's eyes only: it will hold personal data."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseMisconfigured(
            f"The database {shown(url)} can't be opened: {error.strerror}.",
            f"The folder {path.parent} must exist and be writable.",
        ) from error


def _sqlite_engine(url: URL, synchronous: str, **pool: Any) -> Engine:
    waiting = {} if "timeout" in url.query else {"timeout": BUSY_TIMEOUT}
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, **waiting},
        pool_timeout=BUSY_TIMEOUT,
        **({"max_overflow": -1} | pool),
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if statement := options.get("sqlite_begin", "BEGIN IMMEDIATE"):
            connection.exec_driver_sql(statement)

    return explaining(engine)


def noticing(url: URL) -> dict[str, int]:
    """Give what makes a connection notice a dead server in half a minute; the URL may say else."""
    wanted = {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,  # milliseconds; keep-alives don't cover a question on its way
    }
    return {name: value for name, value in wanted.items() if name not in url.query}


@dataclass
class _Cut:
    """When a connection was last found to be cut: a server that hung up on one, as when it is
    restarted, may have hung up on all.
    """

    at: float = -math.inf
    suspects: Engine | None = None
    """Keeps connections at hand that are not asked whether they live."""

    def notice(self, *_: object) -> None:
        self.at = time.monotonic()

    def tell(self) -> None:
        self.notice()
        if self.suspects is not None:
            self.suspects.dispose()


def _postgresql_engine(url: URL, cut: _Cut, *session: str) -> Engine:
    """Make an engine whose connections begin with some statements."""
    try:
        engine = create_engine(url, connect_args=noticing(url), max_overflow=15)
    except ModuleNotFoundError as error:
        raise DatabaseMisconfigured(
            "PostgreSQL needs its driver.", "Install it: pip install 'regisseur[postgresql]'."
        ) from error

    # Without it a worker frozen in a transaction would keep all others waiting for ever.
    waiting = f"SET lock_timeout = '{BUSY_TIMEOUT:g}s'"
    told = "lock_timeout" in str(url.query.get("options", ""))

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["asked"] = time.monotonic()
        cursor = connection.cursor()
        for statement in session if told else (waiting, *session):
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    @event.listens_for(engine, "checkin")
    def note(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["idle since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(
        connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection
    ) -> None:
        # SQLAlchemy's own pre-ping costs a round trip at every checkout.
        now = time.monotonic()
        idle = now - entry.info.get("idle since", now)
        # One that was out while another was cut may have come back without anybody noticing.
        if idle > _IDLE_BEFORE_PING or entry.info["asked"] <= cut.at:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise sqlalchemy.exc.DisconnectionError from error
            entry.info["asked"] = now

    return engine


def explaining(engine: Engine, cut: _Cut | None = None) -> Engine:
    """Make an engine raise our errors where a driver's error is a matter of operation."""

    @event.listens_for(engine, "handle_error")
    def explain(context: ExceptionContext) -> None:
        connecting = context.connection is None and not context.is_pre_ping
        lost = context.is_disconnect or connecting
        fault = fault_of(context.original_exception, cut=lost)
        if cut is not None and isinstance(fault, DatabaseUnreachable):
            context.is_disconnect = True  # which a driver may not know yet while it commits
            cut.tell()
        if fault is not None and not context.is_pre_ping:
            raise fault from context.original_exception

    return engine
