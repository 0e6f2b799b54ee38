"""What befalls a database at a chosen moment of a mission: for tests that count the moments."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

from regisseur.storage.checkpoint_driver import Driver

Strike = Callable[[Any], object]


@dataclass
class Moments:
    """Every commit of the ledger and every step of the checkpointer, numbered as they come; before
    or after one of them, something strikes. ``strike`` gets the driver's connection of a ledger's
    commit, nothing for a step of the checkpointer.
    """

    passed: int = 0
    before: int | None = None
    after: int | None = None
    strike: Strike = field(default=lambda _: None)
    striking: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while it strikes: another thread may have suffered from it before it is over."""

    @contextmanager
    def one_more(self, connection: Any = None) -> Iterator[None]:
        """Something is kept inside of the block."""
        number, self.passed = self.passed, self.passed + 1
        if number == self.before:
            self._struck(connection)
        yield
        if number == self.after:
            self._struck(connection)

    def _struck(self, connection: Any) -> None:
        with self.striking:
            self.strike(connection)


def counting(monkeypatch: pytest.MonkeyPatch) -> Moments:
    """The moments of this process, from now on."""
    counted = Moments()
    commit: Any = DefaultDialect.do_commit
    write: Any = Driver.write

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        with counted.one_more(connection):
            commit(self, connection)

    def do_write(self: Driver, *args: Any) -> None:
        with counted.one_more():
            write(self, *args)

    monkeypatch.setattr(DefaultDialect, "do_commit", do_commit)
    monkeypatch.setattr(Driver, "write", do_write)
    return counted


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Somebody else keeps the only write lock of an SQLite file."""
    other = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()
