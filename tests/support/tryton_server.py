"""Real Tryton for tests: the demo company, built once, served once per worker.

A test marked ``tryton`` takes ``tryton`` to read (shared by the whole session of a worker: write
nothing to it) or ``fresh_tryton`` to write (a copy and a server of its own, about three seconds).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

DEMO = Path(__file__).resolve().parents[2] / "demo"


@dataclass(frozen=True)
class TrytonServer:
    """A demo company answering at ``url``, its clock standing on ``on``."""

    url: str
    database: str
    user: str
    password: str
    admin_password: str
    on: date
    folder: Path
    mail_port: int
    """Of a mail server beside it, which keeps what it takes as ``.eml`` in ``mailbox``."""
    mailbox: Path


def demo_module(name: str) -> ModuleType:
    """A module of ``demo/``, which is no part of the package: ``launch``, ``atelier.plan``…"""
    if str(DEMO) not in sys.path:
        sys.path.append(str(DEMO))
    return importlib.import_module(name)


@pytest.fixture(scope="session")
def tryton_snapshot() -> Path:
    """The folder of the built demo company; builders in other workers wait for one another."""
    folder: Path = demo_module("launch").ensure_built()
    return folder


@pytest.fixture(scope="session")
def tryton(
    tryton_snapshot: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TrytonServer]:
    """A server to read from, shared by all tests of this worker."""
    with served(tryton_snapshot, tmp_path_factory.mktemp("tryton")) as server:
        yield server


@pytest.fixture
def fresh_tryton(tryton_snapshot: Path, tmp_path: Path) -> Iterator[TrytonServer]:
    """A server to write to: own copy, own process, gone after the test."""
    with served(tryton_snapshot, tmp_path / "tryton") as server:
        yield server


@contextmanager
def served(snapshot: Path, folder: Path) -> Iterator[TrytonServer]:
    """A copy of the demo company in a folder, served until the block is left."""
    launch = demo_module("launch")
    with launch.serve(launch.copy_to(snapshot, folder)) as started:
        yield TrytonServer(
            url=started.url,
            database=started.database,
            user=started.user,
            password=started.password,
            admin_password=started.admin_password,
            on=started.on,
            folder=started.folder,
            mail_port=started.mail_port,
            mailbox=started.mailbox,
        )
