"""The checkpointer's way to the driver: statements compiled once, then only text and values.

What SQLAlchemy does around each execution takes longer than SQLite's own work, and a checkpointer
is called several times a step. Connections and their errors stay those of the engine; the one used
last stays at hand for a moment, because its way to the pool and back costs a fifth of a call.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from time import monotonic
from typing import Any

import sqlalchemy.exc
from sqlalchemy import JSON, ClauseElement, Dialect, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection, QueuePool
from sqlalchemy.sql.compiler import SQLCompiler

from regisseur.storage.engines import BUSY_TIMEOUT
from regisseur.storage.errors import DatabaseBusy, StorageError, fault_of

Values = Mapping[str, Any]
"""What the parameters of a statement stand for, by name; there may be more than it asks for."""

Row = tuple[Any, ...]

_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}
"""Locks before the first write: a transaction that reads first can't wait for the lock."""

_BUSY = ("The database is in use by others.", "Nothing was changed; try again in a moment.")

_KEPT_FOR = 5.0
"""Seconds for which a connection is taken to be alive; the engine's own are asked after ten."""


class Spoken:
    """A Core statement in the words of a driver.

    Only JSON is translated: text, whole numbers and bytes are what drivers take and give anyway.
    """

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self._text = str(compiled)
        self._order = compiled.positiontup  # nothing where the driver takes names
        self._fixed = compiled.params
        self._written = {
            name: process
            for name, bind in compiled.binds.items()
            if isinstance(bind.type, JSON)
            and name in compiled.params  # others are names that it had while it was compiled
            and (process := bind.type.dialect_impl(dialect).bind_processor(dialect))
        }

    def execute(self, cursor: DBAPICursor, values: Values) -> None:
        """Run it, with the values its parameters ask for."""
        given = {**self._fixed, **values}
        for name, process in self._written.items():
            given[name] = process(given[name])
        order = self._order
        cursor.execute(self._text, given if order is None else [given[name] for name in order])


class Driver:
    """Runs statements on connections of an engine, each call whole or not at all."""

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._begin = _BEGIN[engine.dialect.name]
        self._postgresql = engine.dialect.name == "postgresql"
        # A database in memory is its one connection, which others need too.
        self._keeps = isinstance(engine.pool, QueuePool) and engine.url.database is not None
        self._writing = Lock()
        self._kept: list[tuple[PoolProxiedConnection, float]] = []
        event.listen(engine, "engine_disposed", self._forget)

    def speak(self, statement: ClauseElement) -> Spoken:
        """Compile a statement."""
        return Spoken(statement, self.dialect)

    def read(self, statement: Spoken, values: Values) -> Sequence[Row]:
        """Fetch what one statement finds.

        Raises:
            StorageError: as any use of the engine does.
        """
        with self._connection() as connection:
            cursor = connection.cursor()
            statement.execute(cursor, values)
            found: Sequence[Row] = cursor.fetchall()
            return found

    def write(self, statements: Sequence[Spoken], values: Sequence[Values]) -> None:
        """Run statements, several of them in a transaction; one needs none.

        Raises:
            StorageError: as any use of the engine does; nothing was changed then.
        """
        with self._turn(), self._connection() as connection:
            cursor = connection.cursor()
            if len(statements) > 1:
                cursor.execute(self._begin)
            for statement, given in zip(statements, values, strict=True):
                statement.execute(cursor, given)
            connection.commit()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let the writers of this process queue: SQLite has those wait by sleeping and retrying."""
        if self._postgresql:
            yield
            return
        if not self._writing.acquire(timeout=BUSY_TIMEOUT):
            raise DatabaseBusy(*_BUSY)
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _connection(self) -> Iterator[PoolProxiedConnection]:
        """Borrow a connection that commits by itself what is in no transaction."""
        connection: PoolProxiedConnection | None = None
        try:
            connection = self._borrowed()
            yield connection
        except BaseException as error:
            fault = self._fault(error, connection)
            if connection is not None and self._postgresql:
                connection.invalidate()  # it may be anywhere in a transaction
            elif connection is not None:
                connection.close()  # the pool rolls back
            if fault is not None:
                raise fault from error
            raise
        if self._keeps and not self._kept:
            self._kept.append((connection, monotonic()))
        else:
            self._give_back(connection)

    def _borrowed(self) -> PoolProxiedConnection:
        with suppress(IndexError):  # other threads take too
            connection, since = self._kept.pop()
            if monotonic() - since < _KEPT_FOR:
                return connection
            connection.invalidate()
        connection = self._engine.raw_connection()
        if self._postgresql:
            _autocommit(connection, True)
        return connection

    def _give_back(self, connection: PoolProxiedConnection) -> None:
        if self._postgresql:
            _autocommit(connection, False)
        connection.close()

    def _forget(self, _: Engine) -> None:
        while self._kept:
            self._kept.pop()[0].invalidate()

    def _fault(
        self, error: BaseException, connection: PoolProxiedConnection | None
    ) -> StorageError | None:
        """Say what an error means to us; of a cut connection, forget all those in the pool."""
        if isinstance(error, sqlalchemy.exc.TimeoutError):
            return DatabaseBusy(*_BUSY)
        if not isinstance(error, self.dialect.loaded_dbapi.Error):
            return None
        cut = connection is None
        if connection is not None:
            cut = self.dialect.is_disconnect(error, connection.dbapi_connection, None)
            if cut:
                self._engine.dispose()
        return fault_of(error, cut=cut)


def _autocommit(connection: PoolProxiedConnection, on: bool) -> None:
    driver: Any = connection.driver_connection
    driver.autocommit = on
