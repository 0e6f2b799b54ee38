"""The database behind everything: one SQLite file, or a PostgreSQL server, by URL.

Everything is synchronous; `in_write` and `in_read` are the way in from an event loop.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Concatenate, Literal, ParamSpec, Self, TypeVar

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from regisseur.storage import migrations
from regisseur.storage.engines import connected, engines, read_url, shown
from regisseur.storage.errors import DatabaseNewer
from regisseur.storage.threads import settled

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 8
"""Threads that serve the event loop; of its own, so that no other blocking work can starve it."""


class Database:
    """An open database. Close it, or use it as a context manager."""

    def __init__(self, url: URL, ledger: Engine, reader: Engine, checkpoints: Engine) -> None:
        self.url = url
        self.ledger = ledger
        self.reader = reader
        self.checkpoints = checkpoints
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="regisseur-database")

    @classmethod
    def open(cls, url: str) -> Self:
        """Open ``sqlite:///path``, ``sqlite://`` (in memory) or ``postgresql://user@host/name``.

        A missing SQLite file is created, its folder is not. Tables are made by `upgrade`.

        Raises:
            DatabaseMisconfigured: the URL can't be read, or what it names can't be opened.
            DatabaseNewer: the database belongs to a later version of Régisseur.
            DatabaseUnreachable: the server doesn't answer.
        """
        parsed = read_url(url)
        database = cls(parsed, *engines(parsed))
        try:
            revision = database.revision()
            if revision is not None and revision not in migrations.known():
                raise DatabaseNewer(
                    f"The database {database} is at revision {revision}, "
                    f"which this version of Régisseur (up to {migrations.head()}) doesn't know.",
                    "Install the version that wrote it, or a later one; nothing was changed.",
                )
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Finish what runs and close every connection."""
        self.threads.shutdown()
        for engine in (self.ledger, self.reader, self.checkpoints):
            engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        return shown(self.url)

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        """Which of the two databases this is."""
        return "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"

    @cached_property
    def path(self) -> Path | None:
        """The SQLite file; nothing for a database in memory or on a server."""
        if self.dialect == "postgresql" or self.url.database is None:
            return None
        return Path(self.url.database)

    def revision(self) -> str | None:
        """Tell which migration the database stands at; nothing if it is empty."""
        with connected(self.reader) as connection:
            return migrations.current(connection)

    def upgrade(self) -> None:
        """Bring the tables to this version. Safe to repeat, and from several processes at once."""
        if self.revision() != migrations.head():
            from regisseur.storage.migrations import runner  # Alembic, needed once per version

            runner.upgrade(self.ledger)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session in a write transaction: committed at the end, rolled back on an error.

        On SQLite it holds the only write lock from its first line (BEGIN IMMEDIATE), so that what
        was read in it is still true when it commits: keep it short and never wait inside.
        """
        with self._session(self.ledger) as session, session.begin():
            session.connection()  # begins here, not at the first statement
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one moment of the database and can't change it.

        A write fails, except in memory, where it is dropped at the end.
        """
        with self._session(self.reader) as session:
            yield session

    async def in_write(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``function(session, …)`` in a write transaction in a thread, to its end.

        A cancelled caller gets its cancellation after the commit or rollback, not instead of it.
        """

        def work() -> T:
            with self.write() as session:
                return function(session, *args, **kwargs)

        return await settled(self.threads, work)

    async def in_read(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``function(session, …)`` on one moment of the database in a thread."""

        def work() -> T:
            with self.read() as session:
                return function(session, *args, **kwargs)

        return await settled(self.threads, work)

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        # Nothing expires: what a thread returns is read after its session has ended.
        with connected(engine) as connection, Session(connection, expire_on_commit=False) as opened:
            yield opened
