"""Real Tryton for tests: the demo company, built once, served once per worker.

A test marked ``tryton`` takes ``tryton`` to read (shared by the whole session of a worker: write
nothing to it) or ``fresh_tryton`` to write (a copy and a server of its own, about three seconds).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
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
    yield from _served(tryton_snapshot, tmp_path_factory.mktemp("tryton"))


@pytest.fixture
def fresh_tryton(tryton_snapshot: Path, tmp_path: Path) -> Iterator[TrytonServer]:
    """A server to write to: own copy, own process, gone after the test."""
    yield from _served(tryton_snapshot, tmp_path / "tryton")


def _served(snapshot: Path, folder: Path) -> Iterator[TrytonServer]:
    launch = demo_module("launch")
    with launch.serve(launch.copy_to(snapshot, folder)) as served:
        yield TrytonServer(
            url=served.url,
            database=served.database,
            user=served.user,
            password=served.password,
            admin_password=served.admin_password,
            on=served.on,
            folder=served.folder,
        )
