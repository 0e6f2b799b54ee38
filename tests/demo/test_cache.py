"""When the demo company is built again, and what a killed build leaves."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from tryton_server import DEMO, demo_module

cache = demo_module("atelier.cache")


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    copy = tmp_path / "demo"
    shutil.copytree(DEMO / "atelier", copy / "atelier", ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(DEMO / name, copy)
    return copy


def test_the_place_of_the_repository_does_not_matter(demo: Path) -> None:
    assert cache.company_key(demo) == cache.company_key(DEMO)
    assert cache.base_key(demo) == cache.base_key(DEMO)


def test_other_pins_are_another_company(demo: Path) -> None:
    base, company = cache.base_key(demo), cache.company_key(demo)
    with (demo / "uv.lock").open("a") as lock:
        lock.write("# another pin\n")
    assert cache.base_key(demo) != base
    assert cache.company_key(demo) != company


def test_other_figures_keep_the_empty_tryton(demo: Path) -> None:
    base, company = cache.base_key(demo), cache.company_key(demo)
    with (demo / "atelier" / "data" / "items.toml").open("a") as items:
        items.write("# another figure\n")
    assert cache.base_key(demo) == base
    assert cache.company_key(demo) != company


def test_a_failed_build_leaves_nothing_that_looks_finished(tmp_path: Path) -> None:
    final = tmp_path / "atelier-1"
    with pytest.raises(KeyboardInterrupt):
        _build_and_die(final)
    assert not cache.is_built(final)
    with cache.under_construction(final) as site:
        assert len(list(tmp_path.glob("building-*"))) == 1
        sqlite3.connect(site / cache.DATABASE_FILE).close()
    assert cache.is_built(final)
    assert [path.name for path in tmp_path.iterdir()] == ["atelier-1"]


def _build_and_die(final: Path) -> None:
    with cache.under_construction(final) as site:
        sqlite3.connect(site / cache.DATABASE_FILE).close()
        raise KeyboardInterrupt


def test_what_a_builder_still_holds_open_is_in_the_snapshot(tmp_path: Path) -> None:
    final = tmp_path / "atelier-1"
    with cache.under_construction(final) as site:
        writer = sqlite3.connect(site / cache.DATABASE_FILE)
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE t AS SELECT 42 AS answer")
        writer.commit()
    writer.close()
    reader = sqlite3.connect(final / cache.DATABASE_FILE)
    assert reader.execute("SELECT answer FROM t").fetchone() == (42,)
    reader.close()
    assert [path.name for path in final.iterdir()] == [cache.DATABASE_FILE]


def test_a_fresh_copy_forgets_what_was_there(tmp_path: Path) -> None:
    snapshot, folder = tmp_path / "snapshot", tmp_path / "copy"
    snapshot.mkdir()
    (snapshot / cache.DATABASE_FILE).write_bytes(b"new")
    folder.mkdir()
    (folder / cache.DATABASE_FILE).write_bytes(b"old")
    (folder / f"{cache.DATABASE_FILE}-wal").write_bytes(b"old")
    cache.copy_snapshot(snapshot, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        cache.DATABASE_FILE: b"new"
    }
