"""Where built databases live, what makes one stale, and how two builders keep out of each other.

Standard library only: the main project and its tests use this without Tryton.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

DEMO = Path(__file__).resolve().parent.parent
DATABASE_FILE = "tryton.sqlite"
_NOT_SEED = {"cache.py", "build.py", "serve.py", "facts.py", "mailbox.py"}


def cache_folder() -> Path:
    """``REGISSEUR_DEMO_CACHE``, or ``.demo`` at the top of the repository (git ignores it)."""
    return Path(os.environ.get("REGISSEUR_DEMO_CACHE") or DEMO.parent / ".demo").resolve()


def base_key(demo: Path = DEMO) -> str:
    """What an empty Tryton depends on: the pinned packages."""
    return "base-" + _digest([demo / "pyproject.toml", demo / "uv.lock"], demo)


def company_key(demo: Path = DEMO) -> str:
    """What the built company depends on: the pins, and every source and figure of the seed."""
    sources = [
        path
        for path in (demo / "atelier").rglob("*")
        if path.suffix in (".py", ".toml") and path.name not in _NOT_SEED
    ]
    return "atelier-" + _digest([demo / "pyproject.toml", demo / "uv.lock", *sources], demo)


def _digest(paths: Iterable[Path], demo: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(demo).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def is_built(folder: Path) -> bool:
    """A folder only gets its final name once it is complete."""
    return (folder / DATABASE_FILE).is_file()


@contextmanager
def lock(cache: Path) -> Iterator[None]:
    """Hold the builders' lock; it is free again when its process dies."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def under_construction(final: Path) -> Iterator[Path]:
    """A folder to build in, renamed to ``final`` when all went well. Call it under the lock."""
    for abandoned in final.parent.glob("building-*"):
        shutil.rmtree(abandoned)
    folder = Path(tempfile.mkdtemp(prefix="building-", dir=final.parent))
    site = folder / "site"
    site.mkdir()
    yield site
    _pour_into_one_file(site / DATABASE_FILE, folder / DATABASE_FILE)
    shutil.rmtree(site)
    folder.rename(final)


def _pour_into_one_file(database: Path, to: Path) -> None:
    """Copy without the write-ahead files, which the builder's connections still hold."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("VACUUM INTO ?", (str(to),))
    finally:
        connection.close()


def copy_snapshot(snapshot: Path, to: Path) -> None:
    """Put a fresh copy of a snapshot in a folder, over whatever database is there."""
    to.mkdir(parents=True, exist_ok=True)
    for leftover in to.glob(DATABASE_FILE + "*"):
        leftover.unlink()
    shutil.copyfile(snapshot / DATABASE_FILE, to / DATABASE_FILE)
