"""Opening, transactions, threads and errors of the database, on both kinds."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from databases import NewUrl, Server
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from regisseur.storage import engines
from regisseur.storage.database import Database
from regisseur.storage.engines import shown
from regisseur.storage.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseMisconfigured,
    DatabaseUnreachable,
    DiskFull,
    StorageError,
)

ADD = text(
    "INSERT INTO company (id, name, locale, currency, timezone, restored, created_at)"
    " VALUES (:id, 'Atelier', 'fr_FR', 'EUR', 'Europe/Paris', false, '2026-11-23 06:00:00')"
)


def add(session: Session, name: str) -> str:
    session.execute(ADD, {"id": name})
    return name


def add_and_fail(session: Session) -> None:
    add(session, "lost")
    raise ZeroDivisionError


def names(session: Session) -> list[str]:
    return [*session.scalars(text("SELECT id FROM company ORDER BY id"))]


def companies(database: Database) -> list[str]:
    with database.read() as session:
        return names(session)


def test_a_write_is_kept_and_a_failed_one_is_not(database: Database) -> None:
    with database.write() as session:
        add(session, "kept")
    with pytest.raises(ZeroDivisionError):
        asyncio.run(database.in_write(add_and_fail))
    assert companies(database) == ["kept"]


def test_reading_can_change_nothing(database: Database) -> None:
    with pytest.raises((DBAPIError, StorageError)), database.read() as session:
        add(session, "x")
    with database.write() as session:  # the same pooled connection writes again
        add(session, "y")
    assert companies(database) == ["y"]


def test_reading_sees_one_moment(database: Database) -> None:
    with database.read() as session:
        assert names(session) == []
        with ThreadPoolExecutor() as pool:
            pool.submit(write_one, database, "new").result()
        assert names(session) == []
    assert companies(database) == ["new"]


def write_one(database: Database, name: str) -> None:
    with database.write() as session:
        add(session, name)


def test_writers_take_turns(database: Database) -> None:
    """Each adds one more than it saw; on SQLite nobody may see the same."""

    def count_up(_: int) -> None:
        with database.write() as session:
            session.execute(
                text("UPDATE company SET locale = :new WHERE id = 'counter'"),
                {"new": str(int(session.scalars(LOCKED).one()) + 1)},
            )

    with database.write() as session:
        add(session, "counter")
        session.execute(text("UPDATE company SET locale = '0'"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(40)))
    with database.read() as session:
        assert session.scalars(text("SELECT locale FROM company")).one() == "40"


LOCKED = text("SELECT locale FROM company WHERE id = 'counter'")


@pytest.fixture(autouse=True)
def lock_rows_where_writers_are_many(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if "postgresql" in request.node.name:
        locked = text(f"{LOCKED.text} FOR UPDATE")
        monkeypatch.setattr(sys.modules[__name__], "LOCKED", locked)


def test_async_helpers_give_results_and_errors(database: Database) -> None:
    async def use() -> None:
        assert await database.in_write(add, "a") == "a"
        assert await database.in_read(names) == ["a"]
        with pytest.raises(IntegrityError):
            await database.in_write(add, name="a")

    asyncio.run(use())


def test_a_cancelled_caller_waits_for_the_commit(database: Database) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slowly(session: Session) -> None:
        add(session, "decided")
        started.set()
        assert go_on.wait(60)

    async def use() -> None:
        task = asyncio.create_task(database.in_write(slowly))
        await asyncio.to_thread(started.wait)
        for _ in range(2):  # insisting changes nothing
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await database.in_read(names) == ["decided"]

    asyncio.run(use())


def test_shutting_the_loop_down_waits_for_the_commit(database: Database) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slowly(session: Session) -> None:
        add(session, "decided")
        started.set()
        assert go_on.wait(60)

    async def leave_early() -> None:
        task = asyncio.create_task(database.in_write(slowly))
        await asyncio.to_thread(started.wait)
        task.add_done_callback(lambda _: None)
        asyncio.get_running_loop().call_soon(go_on.set)

    asyncio.run(leave_early())
    assert companies(database) == ["decided"]


def test_threads_share_a_database_in_memory(memory_database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: write_one(memory_database, f"{n:02}"), range(30)))
    assert len(companies(memory_database)) == 30


def test_foreign_keys_hold_on_sqlite(sqlite_database: Database) -> None:
    brake = "INSERT INTO brake VALUES ('nobody', 'purchasing', 'a', 'r', '2026-11-23 06:00:00')"
    with pytest.raises(IntegrityError), sqlite_database.write() as session:
        session.execute(text(brake))


def test_sqlite_is_set_up_for_its_two_uses(sqlite_database: Database) -> None:
    def pragmas(engine: Engine) -> list[object]:
        with engine.connect() as connection:
            wanted = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted]

    assert pragmas(sqlite_database.ledger) == ["wal", 2, 1, 30_000]
    assert pragmas(sqlite_database.checkpoints) == ["wal", 1, 1, 30_000]


@pytest.mark.postgresql
def test_postgresql_is_set_up_for_its_two_uses(new_url: NewUrl) -> None:
    with Database.open(new_url("postgresql")) as database:
        with database.checkpoints.connect() as connection:
            assert connection.scalar(text("SHOW synchronous_commit")) == "off"
        with database.ledger.connect() as connection:
            source = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
            assert connection.scalar(text(source)) != "session"


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path}/new.db") as database:
        database.upgrade()
        assert database.path == tmp_path / "new.db"
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_relative_file_stays_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Database.open("sqlite:///here.db") as database:
        monkeypatch.chdir("/")
        database.upgrade()
        assert (tmp_path / "here.db").stat().st_size


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/at/all.db", r"sqlite:////nowhere/at/all.db.*folder /nowhere/at"),
        ("sqlite:////tmp", "Is a directory"),
        ("not a url: s3cret", "Write sqlite:///"),
        ("mysql://u:s3cret@host/name", r"mysql.*Write sqlite:///"),
        ("postgresql+asyncpg://u:s3cret@host/name", "asyncpg"),
        ("sqlite+aiosqlite:///x.db", "aiosqlite"),
    ],
)
def test_a_wrong_url_is_told_without_its_password(url: str, said: str) -> None:
    with pytest.raises(DatabaseMisconfigured, match=said) as told:
        Database.open(url)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("password", [":s3cret@", "@"])
def test_a_server_that_is_away_is_told_without_the_password(password: str) -> None:
    extra = "" if "s3cret" in password else "?password=s3cret"
    with pytest.raises(DatabaseUnreachable, match="Check that it runs") as told:
        Database.open(f"postgresql://me{password}127.0.0.1:1/name{extra}")
    assert "s3cret" not in str(told.value)
    assert "s3cret" not in shown(make_url(f"postgresql://me{password}h/n{extra}"))


@pytest.mark.postgresql
def test_a_database_that_is_missing_on_the_server_is_named(postgresql: Server) -> None:
    with pytest.raises((DatabaseMisconfigured, DatabaseUnreachable), match="no_such"):
        Database.open(postgresql.url("no_such"))


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear customer, " * 100)
    with pytest.raises(DatabaseDamaged, match="restore the last backup"):
        Database.open(f"sqlite:///{tmp_path}/letter.db")


def test_a_locked_file_is_busy(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT", 0.01)
    with (
        Database.open(f"sqlite:///{sqlite_database.path}") as hasty,
        sqlite_database.write() as session,
    ):
        add(session, "x")
        with pytest.raises(DatabaseBusy, match="try again"), hasty.write():
            pass
        assert companies(hasty) == []  # readers are not kept waiting


def test_a_connection_that_never_comes_free_is_busy(
    memory_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_database.ledger.pool, "_timeout", 0.01)
    with (
        memory_database.write(),
        pytest.raises(DatabaseBusy, match="in use"),
        memory_database.read(),
    ):
        pass


def test_a_full_disk_is_told_and_changes_nothing(sqlite_database: Database) -> None:
    def fill(session: Session) -> None:
        pages = session.scalar(text("PRAGMA page_count"))
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(10_000):
            add(session, f"company {number}")

    with pytest.raises(DiskFull, match="free some space"):
        asyncio.run(sqlite_database.in_write(fill))
    assert companies(sqlite_database) == []


@pytest.mark.postgresql
def test_a_cut_connection_is_told_and_the_next_works(new_url: NewUrl, postgresql: Server) -> None:
    def cut_in_the_middle(session: Session) -> None:
        add(session, "lost")
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        postgresql.run(f"SELECT pg_terminate_backend({pid}, 10000)")
        add(session, "never")

    with Database.open(new_url("postgresql")) as database:
        with pytest.raises(DatabaseUnreachable, match="try again"):
            asyncio.run(database.in_write(cut_in_the_middle))
        write_one(database, "kept")
        assert companies(database) == ["kept"]


@pytest.mark.postgresql
def test_a_connection_cut_while_idle_is_replaced_unnoticed(
    new_url: NewUrl, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_IDLE_BEFORE_PING", -1)
    with Database.open(new_url("postgresql")) as database:
        with database.read() as session:
            pid = session.scalar(text("SELECT pg_backend_pid()"))
        postgresql.run(f"SELECT pg_terminate_backend({pid}, 10000)")
        assert companies(database) == []


def test_many_processes_open_a_new_file_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from regisseur.storage.database import Database\n"
        "sys.stdin.readline()\n"
        "with Database.open(sys.argv[1]) as database: database.revision()"
    )
    url = f"sqlite:///{tmp_path}/new.db"
    started = [
        subprocess.Popen([sys.executable, "-c", program, url], stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in started:
        process.communicate()
        assert process.returncode == 0
    with sqlite3.connect(tmp_path / "new.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
