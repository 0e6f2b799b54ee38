"""The checkpointer's own way to the driver: few statements, whole writes, and the engine's errors."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from databases import NewUrl, Server
from langgraph.checkpoint.base import empty_checkpoint
from sqlalchemy import create_engine, event, func, select

from regisseur.storage.checkpoint import SqlAlchemySaver
from regisseur.storage.checkpoint_tables import TABLES, write
from regisseur.storage.database import Database
from regisseur.storage.errors import DatabaseBusy, DatabaseUnreachable, DiskFull

LARGE = "long " * 400  # longer than what goes with a checkpoint


def at(thread: str = "t") -> Any:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}


def put(saver: SqlAlchemySaver, thread: str = "t", **values: Any) -> Any:
    versions: Any = {channel: saver.get_next_version(None, None) for channel in values}
    made = empty_checkpoint()
    made["channel_values"] = values
    made["channel_versions"] = versions
    return saver.put(at(thread), made, {"source": "loop", "step": 0}, versions)


def statements(database: Database, work: Callable[[], object]) -> list[str]:
    """Note what the database is asked, below SQLAlchemy."""
    seen: list[str] = []

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **options: Any) -> Any:
            seen.append(str(query))
            return super().execute(query, *args, **options)

    def note(connection: Any, _: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(seen.append)
        else:
            connection.cursor_factory = Noting

    event.listen(database.checkpoints, "connect", note)
    database.checkpoints.dispose()
    work()
    event.remove(database.checkpoints, "connect", note)
    database.checkpoints.dispose()
    return [text.split()[0] for text in seen]


def test_reading_takes_one_statement(database: Database) -> None:
    saver = SqlAlchemySaver.on(database)
    config = put(saver, text=LARGE, other=[LARGE])
    saver.put_writes(config, [("w", 1)], "task")
    assert statements(database, lambda: saver.get_tuple(at())) == ["WITH"]
    assert statements(database, lambda: saver.get_tuple(config)) == ["WITH"]
    assert statements(database, lambda: [*saver.list(at())]) == ["WITH"]


def test_storing_takes_one_statement_or_one_transaction(database: Database) -> None:
    saver = SqlAlchemySaver.on(database)
    in_one = ["BEGIN", "INSERT", "INSERT", "COMMIT"]
    with_blobs = in_one if database.dialect == "sqlite" else ["WITH"]
    assert statements(database, lambda: put(saver, text=LARGE, other=[LARGE])) == with_blobs
    assert statements(database, lambda: put(saver, number=1)) == ["INSERT"]
    config = put(saver)
    writes = [("a", 1), ("b", LARGE)]
    assert statements(database, lambda: saver.put_writes(config, writes, "task")) == ["INSERT"]


def test_a_task_may_write_more_than_a_statement_takes(database: Database) -> None:
    saver = SqlAlchemySaver.on(database)
    config = put(saver)
    saver.put_writes(config, [("w", number) for number in range(2_500)], "task")
    found = saver.get_tuple(config)
    assert found is not None
    assert found.pending_writes == [("task", "w", number) for number in range(2_500)]


def test_what_a_task_wrote_is_stored_whole_or_not_at_all(database: Database) -> None:
    saver = SqlAlchemySaver.on(database)
    config = put(saver)
    nameless: Any = None
    writes = [("w", number) for number in range(120)]
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.NotNullViolation)):
        saver.put_writes(config, [*writes, (nameless, 1)], "task")
    with database.checkpoints.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(write)) == 0
    saver.put_writes(config, writes, "task")
    found = saver.get_tuple(config)
    assert found is not None
    assert len(found.pending_writes or ()) == 120


def test_a_full_disk_is_told_and_nothing_is_half_stored(sqlite_database: Database) -> None:
    saver = SqlAlchemySaver.on(sqlite_database)
    config = put(saver, text=LARGE)

    def limit(connection: Any, _: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 10}")

    event.listen(sqlite_database.checkpoints, "connect", limit)
    sqlite_database.checkpoints.dispose()
    with pytest.raises(DiskFull, match="Nothing was changed"):
        put(saver, text="x" * 1_000_000)
    assert [item.config for item in saver.list(at())] == [config]
    small = put(saver, text="small")
    found = saver.get_tuple(at())
    assert found is not None
    assert found.config == small


@pytest.mark.postgresql
def test_a_cut_connection_is_told_once(new_url: NewUrl, postgresql: Server) -> None:
    with Database.open(new_url("postgresql")) as database:
        saver = SqlAlchemySaver.on(database)
        config = put(saver, text=LARGE)
        postgresql.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{database.url.database}'"
        )
        with pytest.raises(DatabaseUnreachable):
            saver.get_tuple(config)
        assert saver.get_tuple(config) is not None


def test_no_free_connection_means_busy(tmp_path: Path) -> None:
    engine = create_engine(
        f"sqlite:///{tmp_path / 'one.db'}", pool_size=1, max_overflow=0, pool_timeout=0.01
    )
    saver = SqlAlchemySaver(engine)
    saver.setup()
    with engine.connect(), pytest.raises(DatabaseBusy, match="in use by others"):
        put(saver)
    put(saver)
    engine.dispose()


def test_no_connection_outlives_the_database(database_url: str) -> None:
    opened: list[Any] = []
    with Database.open(database_url) as database:
        saver = SqlAlchemySaver.on(database)
        event.listen(
            database.checkpoints, "connect", lambda connection, _: opened.append(connection)
        )
        event.listen(database.checkpoints, "close", lambda connection, _: opened.remove(connection))
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(lambda number: put(saver, f"thread {number}"), range(40)))
        assert opened
    assert opened == []


def test_a_connection_is_kept_only_for_the_moment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the engine would ask whether it still lives must not be used unasked."""
    saver = SqlAlchemySaver.on(database)
    opened: list[Any] = []
    event.listen(database.checkpoints, "connect", lambda connection, _: opened.append(connection))
    database.checkpoints.dispose()
    put(saver)
    put(saver)
    assert len(opened) == 1
    monkeypatch.setattr("regisseur.storage.checkpoint_driver._KEPT_FOR", 0.0)
    put(saver)
    assert len(opened) == 2


def test_a_thousand_threads(database: Database) -> None:
    saver = SqlAlchemySaver.on(database)
    names = [f"thread {number}" for number in range(1_000)]
    with ThreadPoolExecutor(4) as pool:
        for config in pool.map(lambda name: put(saver, name, text=name + LARGE, n=1), names):
            saver.put_writes(config, [("w", config["configurable"]["thread_id"])], "task")
        for name, found in zip(names, pool.map(saver.get_tuple, map(at, names)), strict=True):
            assert found is not None
            assert found.checkpoint["channel_values"] == {"text": name + LARGE, "n": 1}
            assert found.pending_writes == [("task", "w", name)]
    listed: list[Any] = [item.config for item in saver.list(None)]
    assert sorted(config["configurable"]["thread_id"] for config in listed) == sorted(names)
    saver.prune(names[:500])
    saver.prune(names[500:], strategy="delete")
    with database.checkpoints.connect() as connection:
        for table in TABLES:
            assert connection.scalar(select(func.count()).select_from(table)) == 500
