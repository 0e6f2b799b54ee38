"""Locks die with their process, and nothing else; death of an owner is proved, never guessed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from databases import BOTH, NewUrl, Server
from sqlalchemy import text

from regisseur.storage.database import Database
from regisseur.storage.errors import DatabaseBusy, DatabaseMisconfigured
from regisseur.storage.locks import Fate, Lock, Locks, Owner

PATIENCE = 60.0  # seconds to wait for what must happen; reached only when a test fails

HOLDER = """
import sys
from regisseur.storage.database import Database
from regisseur.storage.locks import Locks, Owner

with Database.open(sys.argv[1]) as database:
    locks = Locks.for_database(database)
    owner = Owner.new()
    announced = locks.announce(owner)
    lock = locks.try_hold("erp")
    print(owner if lock else "refused", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(params=["memory", *BOTH])
def locks(request: pytest.FixtureRequest, new_url: NewUrl) -> Iterator[Locks]:
    url = "sqlite://" if request.param == "memory" else new_url(request.param)
    with Database.open(url) as database:
        yield Locks.for_database(database)


class Holder:
    """Another process, which holds the lock "erp" and its owner's."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-c", HOLDER, url]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().strip()

    def kill(self) -> None:
        """End it at once, without reaping it, as when its parent is busy."""
        self.process.kill()
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)


@pytest.fixture
def holder(database_url: str) -> Iterator[Callable[[], Holder]]:
    with ExitStack() as stack:

        def start() -> Holder:
            started = Holder(database_url)
            stack.callback(started.process.communicate)
            stack.callback(started.process.kill)
            return started

        yield start


def held(lock: Lock | None) -> Lock:
    assert lock is not None
    return lock


def test_a_name_is_held_once(locks: Locks) -> None:
    lock = held(locks.try_hold("erp"))
    assert lock.alive()
    assert locks.try_hold("erp") is None
    with ThreadPoolExecutor() as pool:
        assert pool.submit(locks.try_hold, "erp").result() is None
    with held(locks.try_hold("other")):
        pass
    lock.release()
    assert not lock.alive()
    lock.release()
    with held(locks.try_hold("erp")) as again:
        assert again.alive()
        assert not lock.alive()
    held(locks.try_hold("erp")).release()


def test_a_lock_may_be_released_by_another_thread(locks: Locks) -> None:
    lock = held(locks.try_hold("erp"))
    with ThreadPoolExecutor() as pool:
        assert pool.submit(lock.alive).result()
        pool.submit(lock.release).result()
    held(locks.try_hold("erp")).release()


def test_waiting_ends_when_the_holder_releases(locks: Locks) -> None:
    first = held(locks.try_hold("erp"))
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(take_and_release, locks) for _ in range(3)]
        first.release()
        assert [future.result() for future in waiting] == [True] * 3


def take_and_release(locks: Locks) -> bool:
    with locks.hold("erp", timeout=PATIENCE) as lock:
        return lock.alive()


def test_waiting_ends_with_a_clear_error(locks: Locks) -> None:
    with held(locks.try_hold("erp")), pytest.raises(DatabaseBusy, match=r"'erp'.*0\.01 s"):
        locks.hold("erp", timeout=0.01)


def test_databases_have_locks_of_their_own(new_url: NewUrl, database: Database) -> None:
    with (
        held(Locks.for_database(database).try_hold("erp")),
        Database.open(new_url(database.dialect)) as other,
        held(Locks.for_database(other).try_hold("erp")) as lock,
    ):
        assert lock.alive()


def test_a_killed_process_loses_its_lock_at_once(
    database: Database, holder: Callable[[], Holder]
) -> None:
    locks = Locks.for_database(database)
    other = holder()
    assert locks.try_hold("erp") is None
    with locks.fate_of(Owner.parse(other.said)) as fate:
        assert fate is Fate.ALIVE
    other.kill()
    with locks.hold("erp", timeout=PATIENCE) as lock:
        assert lock.alive()
        assert holder().said == "refused"


def test_a_killed_owner_is_dead_by_proof(database: Database, holder: Callable[[], Holder]) -> None:
    locks = Locks.for_database(database)
    other = holder()
    owner = Owner.parse(other.said)
    other.kill()
    locks.hold(owner.lock_name, timeout=PATIENCE).release()  # the server needs a moment to notice
    with locks.fate_of(owner) as fate:
        assert fate is Fate.DEAD
    other.process.communicate()
    with locks.fate_of(owner) as fate:
        assert fate is Fate.DEAD
        with locks.fate_of(owner) as seen_by_a_peer:
            assert seen_by_a_peer is Fate.ALIVE, "only one may take over"


def test_a_frozen_process_keeps_its_lock(database: Database, holder: Callable[[], Holder]) -> None:
    locks = Locks.for_database(database)
    other = holder()
    other.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, other.process.pid, os.WSTOPPED | os.WNOWAIT)
    assert locks.try_hold("erp") is None
    with locks.fate_of(Owner.parse(other.said)) as fate:
        assert fate is Fate.ALIVE


def test_an_owner_without_lock_is_lost_while_its_process_may_run(locks: Locks) -> None:
    owner = Owner.new()
    with locks.announce(owner), locks.fate_of(owner) as fate:
        assert fate is Fate.ALIVE
    with locks.fate_of(owner) as fate:
        assert fate is Fate.LOST
    with locks.fate_of(replace(owner, host="elsewhere", pid=2**22 + 1)) as fate:
        assert fate is Fate.LOST, "a number from another host proves nothing"


def test_a_reused_process_number_is_told_apart() -> None:
    owner = Owner.new()
    assert not owner.process_is_gone()
    assert replace(owner, start="another").process_is_gone()
    assert replace(owner, pid=2**22 + 1).process_is_gone()  # above every Linux process number


def test_owners_differ_within_a_process_and_survive_writing() -> None:
    one, two = Owner.new(), Owner.new()
    assert one != two
    odd = replace(one, host="my-host-7.a1b2")
    assert [Owner.parse(str(owner)) for owner in (one, two, odd)] == [one, two, odd]
    with pytest.raises(ValueError, match="unpack"):
        Owner.parse("somebody")


@pytest.mark.postgresql
def test_a_cut_connection_loses_the_lock_without_proof_of_death(
    new_url: NewUrl, postgresql: Server
) -> None:
    with Database.open(new_url("postgresql")) as database:
        locks = Locks.for_database(database)
        owner = Owner.new()
        lock = locks.announce(owner)
        with database.read() as session:
            pid = session.scalar(text("SELECT pid FROM pg_locks WHERE locktype = 'advisory'"))
        postgresql.run(f"SELECT pg_terminate_backend({pid}, 10000)")
        assert not lock.alive()
        assert not lock.alive()
        with locks.fate_of(owner) as fate:
            assert fate is Fate.LOST
        lock.release()


@pytest.mark.postgresql
def test_a_lock_released_behind_our_back_is_noticed(new_url: NewUrl) -> None:
    with Database.open(new_url("postgresql")) as database:
        lock = held(Locks.for_database(database).try_hold("erp"))
        connection = lock._connection  # type: ignore[attr-defined]
        connection.execute(text("SELECT pg_advisory_unlock_all()"))
        assert not lock.alive()
        lock.release()


def test_a_replaced_lock_file_is_noticed(sqlite_database: Database) -> None:
    locks = Locks.for_database(sqlite_database)
    lock = held(locks.try_hold("erp"))
    [file] = lock_files(sqlite_database)
    file.unlink()
    assert not lock.alive()
    with held(locks.try_hold("erp")) as other:
        assert not lock.alive()
        lock.release()
        assert other.alive(), "releasing a lost lock must leave the new holder's alone"


def test_lock_files_go_away(sqlite_database: Database) -> None:
    locks = Locks.for_database(sqlite_database)
    with held(locks.try_hold("erp")), locks.announce(Owner.new()):
        assert len(lock_files(sqlite_database)) == 2
    assert lock_files(sqlite_database) == []


def lock_files(database: Database) -> list[Path]:
    assert database.path is not None
    return [*database.path.with_name(f"{database.path.name}.locks").iterdir()]


def test_a_place_that_cant_lock_is_told(sqlite_database: Database) -> None:
    assert sqlite_database.path is not None
    sqlite_database.path.with_name(f"{sqlite_database.path.name}.locks").write_text("in the way")
    with pytest.raises(DatabaseMisconfigured, match="local disk"):
        Locks.for_database(sqlite_database).try_hold("erp")
