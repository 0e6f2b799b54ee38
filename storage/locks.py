"""Locks that die with the process that holds them, and proof that an owner is dead.

A claim on work never expires by time: a frozen process keeps what it holds, a killed one loses it
at once. Beside a SQLite file it is a locked file (local disks only, as SQLite itself), on
PostgreSQL a session advisory lock on a connection of its own (through PgBouncer: session mode),
and for a database in memory a set of names in the process, which is all that can reach it.

Locks are never re-entrant, also not within a process: who holds a name holds it alone. A child
made by a bare ``os.fork`` inherits open locks and keeps them alive; start children by spawn or
forkserver instead.
"""

import enum
import hashlib
import os
import secrets
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self
from weakref import WeakKeyDictionary

from filelock import FileLock, Timeout
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from regisseur.storage.database import Database
from regisseur.storage.engines import explaining, noticing
from regisseur.storage.errors import DatabaseBusy, DatabaseMisconfigured, StorageError

_POLL = 0.05  # seconds between two attempts at a locked file


class Lock(ABC):
    """A lock that is held, until it is released or its process ends."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def alive(self) -> bool:
        """Tell whether it is really still held; ask before each thing that must not be doubled."""

    @abstractmethod
    def release(self) -> None:
        """Let it go; harmless when already released or lost."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Locks(ABC):
    """The locks around one database. Calls block: use them in a thread."""

    @staticmethod
    def for_database(database: Database) -> "Locks":
        """Choose the kind of lock that fits the database."""
        if database.dialect == "postgresql":
            return _ServerLocks(database)
        if database.path is None:
            return _MemoryLocks(database)
        return _FileLocks(database.path)

    def try_hold(self, name: str) -> Lock | None:
        """Take the lock if it is free, else return nothing at once."""
        return self._acquire(name, 0)

    def hold(self, name: str, *, timeout: float) -> Lock:
        """Take the lock, waiting up to ``timeout`` seconds for whoever holds it.

        Raises:
            DatabaseBusy: it was not free in time.
        """
        lock = self._acquire(name, timeout)
        if lock is None:
            raise DatabaseBusy(
                f"Another process or thread holds {name!r} for more than {timeout:g} s.",
                "Wait for it to finish, then try again.",
            )
        return lock

    def announce(self, owner: "Owner") -> Lock:
        """Hold the lock that says this owner lives; keep it as long as the owner works."""
        return self.hold(owner.lock_name, timeout=0)

    @contextmanager
    def fate_of(self, owner: "Owner") -> Iterator["Fate"]:
        """Find out what became of an owner, and keep others from acting on it meanwhile.

        Inside the ``with`` block a dead or lost owner's lock is ours: take over its work there, so
        that no other process takes over the same.
        """
        lock = self.try_hold(owner.lock_name)
        if lock is None:
            yield Fate.ALIVE
            return
        with lock:
            yield Fate.DEAD if owner.process_is_gone() else Fate.LOST

    @abstractmethod
    def _acquire(self, name: str, timeout: float) -> Lock | None: ...


class Fate(enum.Enum):
    """What became of an owner of work."""

    ALIVE = "alive"
    """Its lock is held (perhaps by somebody who examines it): leave its work alone."""
    DEAD = "dead"
    """Its lock is free and its process has ended: its work can be taken over."""
    LOST = "lost"
    """Its lock is free, yet it may still run (another machine, a cut connection): what it was
    doing has an unknown outcome."""


@dataclass(frozen=True)
class Owner:
    """Who holds work: one running Office. Written ``host-pid-start-random``."""

    host: str
    pid: int
    start: str
    nonce: str

    @classmethod
    def new(cls) -> Self:
        """Make an identity for one Office of this process."""
        pid = os.getpid()
        return cls(_this_host(), pid, _start_of(pid) or "0", secrets.token_hex(4))

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read an identity back.

        Raises:
            ValueError: it was not written by `str(owner)`.
        """
        host, pid, start, nonce = written.rsplit("-", 3)
        return cls(host, int(pid), start, nonce)

    def __str__(self) -> str:
        return f"{self.host}-{self.pid}-{self.start}-{self.nonce}"

    @property
    def lock_name(self) -> str:
        """The lock it holds while it lives."""
        return f"owner:{self}"

    @property
    def machine(self) -> str:
        """Its host as people know it."""
        return self.host.rpartition(".")[0]

    def process_is_gone(self) -> bool:
        """Tell whether its process has provably ended: seen from the same host, never by time."""
        if os.name != "posix" or self.host != _this_host():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # somebody else's process has the number now, or hides its details from us
        start = _start_of(self.pid)
        return start is not None and start != self.start


def _this_host() -> str:
    """Name the place in which a process number means one process.

    Containers often share a host name; their process numbers are only comparable inside one PID
    namespace of one boot. On a machine itself the namespace is always the same, and its machine-id
    tells it from its namesakes, so that a reboot is seen as the end of what ran before.
    """
    namespace = _link("/proc/self/ns/pid")
    initial = namespace == "pid:[4026531836]"
    place = _line("/etc/machine-id") if initial else namespace + _boot()
    return f"{socket.gethostname()}.{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def _start_of(pid: int) -> str | None:
    """Say when a process began, in a form that no later process repeats; nothing if unknown.

    Ticks since boot, because a wall clock can be set while the process runs. A process that has
    ended and waits for its parent to notice counts as ended.
    """
    fields = _line(f"/proc/{pid}/stat").rpartition(") ")[2].split()
    if not fields:
        return None
    return "ended" if fields[0] in "ZX" else f"{_boot()[:8]}.{fields[19]}"


def _boot() -> str:
    return _line("/proc/sys/kernel/random/boot_id")


def _line(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


class _FileLocks(Locks):
    def __init__(self, database: Path) -> None:
        self._folder = database.with_name(f"{database.name}.locks")

    def _acquire(self, name: str, timeout: float) -> Lock | None:
        path = self._folder / hashlib.sha256(name.encode()).hexdigest()
        # Refuse to fall back to a marker file where the disk can't lock: that would outlive us.
        lock = FileLock(path, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            lock.acquire(timeout=timeout, poll_interval=_POLL, blocking=timeout > 0)
        except Timeout:
            return None
        except OSError as error:
            raise DatabaseMisconfigured(
                f"Files in {self._folder} can't be locked: {error.strerror}.",
                "Keep the database in a folder of a local disk that Régisseur may write to.",
            ) from error
        return _FileLock(name, lock, path)


class _FileLock(Lock):
    def __init__(self, name: str, lock: FileLock, path: Path) -> None:
        super().__init__(name)
        self._lock = lock
        self._path = path
        self._file = _identity(path)

    def alive(self) -> bool:
        # A file put in its place by a tidy hand could be locked by somebody else.
        return self._lock.is_locked and _identity(self._path) == self._file

    def release(self) -> None:
        if self.alive():
            # Safe while we hold it: whoever opened the file before sees that it has no name left
            # and starts over. Windows refuses, and the empty file stays.
            with suppress(OSError):
                self._path.unlink()
        self._lock.release()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


class _MemoryLocks(Locks):
    _held_in: ClassVar[WeakKeyDictionary[Database, set[str]]] = WeakKeyDictionary()
    _changed: ClassVar[threading.Condition] = threading.Condition()

    def __init__(self, database: Database) -> None:
        with self._changed:
            self._held = self._held_in.setdefault(database, set())

    def _acquire(self, name: str, timeout: float) -> Lock | None:
        with self._changed:
            if not self._changed.wait_for(lambda: name not in self._held, timeout):
                return None
            self._held.add(name)
        return _MemoryLock(name, self._held, self._changed)


class _MemoryLock(Lock):
    def __init__(self, name: str, held: set[str], changed: threading.Condition) -> None:
        super().__init__(name)
        self._held = held
        self._changed = changed
        self._ours = True

    def alive(self) -> bool:
        return self._ours

    def release(self) -> None:
        with self._changed:
            if self._ours:
                self._ours = False
                self._held.discard(self.name)
                self._changed.notify_all()


_SETTINGS = text(
    # The server notices a client that lost its power, and never hangs up on one that is quiet.
    """
    SELECT set_config('tcp_keepalives_idle', '10', false),
           set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', '3', false),
           set_config('idle_session_timeout', '0', false),
           set_config('statement_timeout', '0', false),
           set_config('lock_timeout', :wait, false)
    """
)
_TRY = text("SELECT pg_try_advisory_lock(CAST(:key AS bigint))")
_WAIT = text("SELECT pg_advisory_lock(CAST(:key AS bigint))")
_UNLOCK = text("SELECT pg_advisory_unlock(CAST(:key AS bigint))")
_HELD = text(
    """
    SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid = pg_backend_pid()
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (classid::bigint << 32 | objid::bigint) = CAST(:key AS bigint)
    )
    """
)


class _ServerLocks(Locks):
    """One connection per lock: a lost connection loses one lock, and no pool resets it."""

    def __init__(self, database: Database) -> None:
        self._engine = explaining(
            create_engine(
                database.url,
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
                connect_args=noticing(database.url) | {"application_name": "regisseur lock"},
            )
        )

    def _acquire(self, name: str, timeout: float) -> Lock | None:
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        connection = self._engine.connect()
        try:
            if _take(connection, key, timeout):
                return _ServerLock(name, connection, key)
        except BaseException:
            connection.close()
            raise
        connection.close()
        return None


def _take(connection: Connection, key: int, timeout: float) -> bool:
    milliseconds = max(1, round(timeout * 1000))
    connection.execute(_SETTINGS, {"wait": str(milliseconds)})
    if timeout <= 0:
        return connection.scalar(_TRY, {"key": key}) is True
    try:
        connection.execute(_WAIT, {"key": key})
    except DatabaseBusy:
        return False
    return True


class _ServerLock(Lock):
    def __init__(self, name: str, connection: Connection, key: int) -> None:
        super().__init__(name)
        self._connection = connection
        self._key = key
        self._asking = threading.Lock()

    def alive(self) -> bool:
        with self._asking:
            try:
                held: bool = self._connection.scalar(_HELD, {"key": self._key})
            except (StorageError, SQLAlchemyError):
                return False
            return held

    def release(self) -> None:
        with self._asking:
            if self._connection.closed:
                return
            # Closing alone would free it a moment later, when the server notices.
            with suppress(StorageError, SQLAlchemyError):
                self._connection.scalar(_UNLOCK, {"key": self._key})
            self._connection.close()
