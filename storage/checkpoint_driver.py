"""The checkpointer's way to the driver: statements compiled once, then only text and values.

What SQLAlchemy does around each execution takes longer than SQLite's own work, and a checkpointer
is called several times a step. Connections and their errors stay those of the engine; the one used
last stays at hand for a moment, because its way to the pool and back costs a fifth of a call.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from threading import Lock
from time import monotonic
from typing import Any, TypeVar, cast

import sqlalchemy.exc
from sqlalchemy import JSON, ClauseElement, Dialect, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection, QueuePool
from sqlalchemy.sql.compiler import SQLCompiler

from regisseur.storage.engines import BUSY_TIMEOUT
from regisseur.storage.errors import DatabaseBusy, DatabaseUnreachable, StorageError, fault_of

Values = Sequence[Any]
"""What the parameters of a statement stand for, in their order."""

Row = tuple[Any, ...]

T = TypeVar("T")

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
        compiled = statement.compile(dialect=_by_position(dialect))
        assert isinstance(compiled, SQLCompiler)
        self._text = str(compiled)
        self._order = compiled.positiontup or ()
        self._fixed = dict(compiled.params)
        types = [compiled.binds[name].type for name in self._order]
        self._json = [
            (place, process)
            for place, type_ in enumerate(types)
            if isinstance(type_, JSON)
            and (process := type_.dialect_impl(dialect).bind_processor(dialect))
        ]

    def arranged(self, values: Mapping[str, Any]) -> Values:
        """Put named values in their order; there may be more than the statement asks for."""
        given = {**self._fixed, **values}
        return [given[name] for name in self._order]

    def execute(self, cursor: DBAPICursor, values: Values) -> None:
        """Run it."""
        if self._json:
            given = [*values]
            for place, process in self._json:
                given[place] = process(given[place])
            values = given
        cursor.execute(self._text, values)


def _by_position(dialect: Dialect) -> Dialect:
    """Give a dialect whose parameters have places, not names."""
    if dialect.positional:
        return dialect
    make: Any = type(dialect)
    return cast(Dialect, make(paramstyle="format"))


class _Turn:
    """Lets the writers of this process queue: SQLite has those wait by sleeping and retrying."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_TIMEOUT):
            raise DatabaseBusy(*_BUSY)

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Driver:
    """Runs statements on connections of an engine, each call whole or not at all."""

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._begin = _BEGIN[engine.dialect.name]
        self._postgresql = engine.dialect.name == "postgresql"
        # A database in memory is its one connection, which others need too.
        self._keeps = isinstance(engine.pool, QueuePool) and engine.url.database is not None
        self._turn = nullcontext() if self._postgresql else _Turn()
        self._kept: list[tuple[PoolProxiedConnection, float]] = []
        event.listen(engine, "engine_disposed", self._forget)

    def speak(self, statement: ClauseElement) -> Spoken:
        """Compile a statement."""
        return Spoken(statement, self.dialect)

    def read(self, statement: Spoken, values: Mapping[str, Any]) -> Sequence[Row]:
        """Fetch what one statement finds, with named values.

        Raises:
            StorageError: as any use of the engine does.
        """
        given = statement.arranged(values)

        def fetch(connection: PoolProxiedConnection) -> Sequence[Row]:
            cursor = connection.cursor()
            statement.execute(cursor, given)
            return cursor.fetchall()

        return self._on_a_connection(fetch)

    def write(self, statements: Sequence[Spoken], values: Sequence[Values]) -> None:
        """Run statements, several of them in a transaction; one needs none.

        Raises:
            StorageError: as any use of the engine does; nothing was changed then.
        """

        def store(connection: PoolProxiedConnection) -> None:
            cursor = connection.cursor()
            if len(statements) > 1:
                cursor.execute(self._begin)
            for statement, given in zip(statements, values, strict=True):
                statement.execute(cursor, given)
            connection.commit()

        with self._turn:
            self._on_a_connection(store)

    def _on_a_connection(self, work: Callable[[PoolProxiedConnection], T]) -> T:
        """Do something on a connection that commits by itself what is in no transaction."""
        connection: PoolProxiedConnection | None = None
        try:
            connection = self._borrowed()
            result = work(connection)
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
        return result

    def _borrowed(self) -> PoolProxiedConnection:
        try:
            connection, since = self._kept.pop()
        except IndexError:  # other threads take too
            return self._fresh()
        if monotonic() - since < _KEPT_FOR:
            return connection
        connection.invalidate()
        return self._fresh()

    def _fresh(self) -> PoolProxiedConnection:
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
        cut = connection is None or self.dialect.is_disconnect(
            error, connection.dbapi_connection, None
        )
        fault = fault_of(error, cut=cut)
        # A driver may have been told of the end before it sees the connection closed.
        if connection is not None and isinstance(fault, DatabaseUnreachable):
            self._engine.dispose()
        return fault


def _autocommit(connection: PoolProxiedConnection, on: bool) -> None:
    driver: Any = connection.driver_connection
    driver.autocommit = on
