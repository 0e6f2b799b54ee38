"""Companies to crash in, and the processes that crash."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from databases import NewUrl
from faulty_proxy import FaultyProxy
from matrix import Sites, Workers, full
from matrix_figures import PROPERTY, Figures, Progress
from matrix_tryton import CrashTryton, TrytonSide
from tryton_server import served


def pytest_configure(config: pytest.Config) -> None:
    """The full matrix leaves its figures, and the selection of every day where it is asked for;
    with xdist, where the run is controlled from.
    """
    if hasattr(config, "workerinput"):
        return
    if full():
        config.pluginmanager.register(Figures(Progress()), "figures")
    elif "CRASH_FIGURES" in os.environ:
        config.pluginmanager.register(Figures(), "figures")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The full matrix goes on where it was cut off."""
    if not full():
        return
    figures = config.pluginmanager.get_plugin("figures")
    passed = set(figures.passed if figures else config.workerinput[PROPERTY])  # type: ignore[attr-defined]
    done = [one for one in items if one.nodeid in passed]
    config.hook.pytest_deselected(items=done)
    items[:] = [one for one in items if one.nodeid not in passed]


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """The warm parent; all its children end with the run."""
    made = Workers()
    yield made
    made.close()


@pytest.fixture
def sites(
    workers: Workers, tmp_path: Path, new_url: NewUrl, request: pytest.FixtureRequest
) -> Iterator[Sites]:
    """Companies to crash in, each with an in-memory ERP."""
    made = Sites(workers, tmp_path, new_url)
    yield made
    _kept(made, request)


@pytest.fixture(scope="session")
def crash_tryton(
    tryton_snapshot: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CrashTryton]:
    """A Tryton of this test worker's own."""
    with served(tryton_snapshot, tmp_path_factory.mktemp("crash")) as server:
        proxy = FaultyProxy(server.url)
        yield CrashTryton(server, proxy, tmp_path_factory.mktemp("starts"))
        proxy.close()


@pytest.fixture
def tryton_sites(
    workers: Workers,
    tmp_path: Path,
    new_url: NewUrl,
    crash_tryton: CrashTryton,
    request: pytest.FixtureRequest,
) -> Iterator[Sites]:
    """Companies to crash in, one after the other, on a real Tryton behind a proxy."""

    made = Sites(workers, tmp_path, new_url, lambda _: TrytonSide(crash_tryton))
    yield made
    _kept(made, request)


def _kept(sites: Sites, request: pytest.FixtureRequest) -> None:
    endings = [asdict(one) for one in sites.endings]
    request.node.user_properties.append((PROPERTY, endings))
