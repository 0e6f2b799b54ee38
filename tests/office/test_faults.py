"""The database fails in the middle of a mission: the error says what to do, and the mission then goes
on, with nothing done twice and nothing lost.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from clerk import AGENT
from databases import NewUrl, Server
from matrix import full
from misfortunes import Moments, counting, locked
from shop import ON, Shop
from sqlalchemy import Engine, event, select, text
from sqlalchemy.pool import Pool

from regisseur import MemoryERP, Office
from regisseur.errors import NeedsPerson
from regisseur.office.watermark import Watermark
from regisseur.storage.database import Database
from regisseur.storage.errors import (
    DatabaseBusy,
    DatabaseUnreachable,
    StorageError,
)
from regisseur.storage.tables import ActionRow, MissionRow

SETTINGS = """\
database = "{url}"
[company]
id = "atelier"
locale = "en_GB"
[[company.policy.rules]]
name = "as the test wants"
mode = "auto"
"""


@dataclass
class Place:
    """A company that has two orders to place in a night, without asking anybody."""

    folder: Path
    url: str

    def __post_init__(self) -> None:
        self.folder.mkdir()
        erp = MemoryERP(today=ON, file=self.folder / "erp.json")
        for code, supplier in (("STEEL", "Mill"), ("OAK", "Sawmill")):
            item = erp.item(code, on_hand=4)
            erp.offer(item, erp.supplier(supplier), price="1.35", lead_time=14)
        (self.folder / "regisseur.toml").write_text(SETTINGS.format(url=self.url))

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.url.removeprefix("sqlite:///").partition("?")[0])

    @contextmanager
    def open(self) -> Iterator[Office]:
        """Its office."""
        erp = MemoryERP(file=self.folder / "erp.json")
        with Office.open(self.folder / "regisseur.toml", erp=erp, agents=[AGENT]) as office:
            yield office

    def complaints(self) -> list[str]:
        """What is wrong once the night came to its end."""
        erp = MemoryERP(file=self.folder / "erp.json")
        with self.open() as office:
            chain = office.audit_verify()
        with Database.open(self.url) as database, database.read() as session:
            actions = sorted(one.status for one in session.scalars(select(ActionRow)))
            missions = [one.status for one in session.scalars(select(MissionRow))]
        found = {
            "the audit chain": (chain.intact, True),
            "actions": (actions, ["done", "done"]),
            "missions": (missions, ["closed"]),
            "orders": ([one.state for one in erp.records.orders], ["confirmed", "confirmed"]),
            "writes": (len(erp.writes), 4),
        }
        return [f"{what}: {is_!r}" for what, (is_, ought) in found.items() if is_ != ought]


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Moments:
    """The moments at which something is kept."""
    return counting(monkeypatch)


NewPlace = Callable[[str], Place]


@pytest.fixture
def new_place(tmp_path: Path, new_url: NewUrl) -> NewPlace:
    """Makes a company on ``sqlite`` or ``postgresql``."""

    def make(database: str) -> Place:
        url = new_url(database)
        url += "?timeout=0.05" if database == "sqlite" else ""
        return Place(tmp_path / f"place{len(list(tmp_path.glob('place*')))}", url)

    return make


def undisturbed(place: Place, moments: Moments) -> int:
    """How many moments a night has."""
    with place.open() as office:
        moments.passed = 0
        assert office.run("clerk", on=ON).status == "closed"
        count = moments.passed
    assert place.complaints() == []
    return count


def chosen(count: int, begin: int) -> list[int]:
    """One moment in eleven; all of them in the full matrix."""
    return list(range(count)) if full() else list(range(begin, count, 11))


def suffered(office: Office, moments: Moments, strike: Callable[[Any], object], **at: int) -> str:
    """A night in which something strikes; what was told of it."""
    moments.passed, moments.strike = 0, strike
    moments.before, moments.after = at.get("before"), at.get("after")
    try:
        office.run("clerk", on=ON)
    except StorageError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        with moments.striking:
            moments.before = moments.after = None
    return ""


def test_somebody_locks_the_file_for_longer_than_we_wait(
    new_place: NewPlace, moments: Moments
) -> None:
    wrong = []
    for at in chosen(undisturbed(new_place("sqlite"), moments) - 1, 0):
        place = new_place("sqlite")
        with ExitStack() as somebody, place.open() as office:
            lock = locked(place.file)
            told = suffered(office, moments, partial(_entered, somebody, lock), after=at)
            somebody.close()
            office.run("clerk", on=ON)
        found = place.complaints()
        if not told.startswith(DatabaseBusy.__name__) or "try again" not in told:
            found.append(f"told {told!r}")
        wrong += [f"{at}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)


def _entered(somebody: ExitStack, lock: AbstractContextManager[None], _: object) -> None:
    somebody.enter_context(lock)


@contextmanager
def holding_no_more_than(pages: int) -> Iterator[None]:
    """New connections to SQLite find the disk full once the file has so many pages."""

    def limit(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Pool, "connect", limit)
    try:
        yield
    finally:
        event.remove(Pool, "connect", limit)


def test_the_disk_is_full(new_place: NewPlace) -> None:
    """One page more each time, until the night fits."""
    wrong: list[str] = []
    told: list[str] = []
    for more in range(100):
        place = new_place("sqlite")
        with closing(sqlite3.connect(place.file)) as file:
            (pages,) = file.execute("PRAGMA page_count").fetchone()
        with place.open() as office:
            database = office.opened.core.house.database
            engines = (database.ledger, database.reader, database.checkpoints)
            with holding_no_more_than(pages + more):
                _renew(*engines)
                try:
                    office.run("clerk", on=ON)
                    break
                except StorageError as error:
                    told.append(f"{type(error).__name__}: {error}")
            _renew(*engines)
            office.run("clerk", on=ON)
        wrong += [f"{more} pages: {one}" for one in place.complaints()]
    assert len(told) > 1
    wrong += [one for one in told if not one.startswith("DiskFull") or "free some space" not in one]
    assert not wrong, "\n".join(wrong)


def _renew(*engines: Engine) -> None:
    for engine in engines:
        engine.dispose()


ON_A_SMALL_DISK = """
set -e
mkdir disk larger
mount -t tmpfs -o size=2m none disk
cp -r erp.json regisseur.db regisseur.toml disk
cd disk
head -c 2m /dev/zero > filler 2>/dev/null || true
truncate -s -{left}k filler
set +e
{python} -m regisseur run clerk --on 2026-11-23
echo "code $?"
rm filler
cp -r . ../larger/
"""


@pytest.mark.parametrize("left", [0, 60, 200])
def test_a_disk_that_is_really_full(shop: Shop, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    alone = ["unshare", "-rm", "sh", "-c"]
    if subprocess.run([*alone, "mount -t tmpfs none /mnt"], check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    script = ON_A_SMALL_DISK.format(left=left, python=sys.executable)
    ran = subprocess.run(
        [*alone, script], cwd=shop.folder, env=shop.environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    assert "free some space" in ran.stderr, ran
    assert ran.stdout.splitlines()[-1] == "code 5", ran
    monkeypatch.chdir(shop.folder / "larger")
    assert shop.run("run", "clerk", "--on", str(ON)).code == 0
    assert "Intact" in shop.run("audit", "verify").out
    assert len(shop.ids()) == 2


def test_a_mark_that_cant_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "mark").mkdir()
    with pytest.raises(NeedsPerson, match="can't be written"):
        Watermark(tmp_path / "nowhere" / "mark").raise_to("atelier", 3)


@pytest.mark.postgresql
def test_who_waits_for_a_frozen_transaction_gives_up(new_url: NewUrl) -> None:
    """For PostgreSQL nobody would give up by itself."""
    url = new_url("postgresql")
    impatient = f"{url}{'&' if '?' in url else '?'}options=-c%20lock_timeout%3D50"
    with Database.open(url) as frozen, Database.open(impatient) as other:
        with frozen.read() as session:
            assert session.scalar(text("SHOW lock_timeout")) == "30s"
        with frozen.write() as session:
            session.execute(text("LOCK TABLE company"))
            with (
                pytest.raises(DatabaseBusy, match="try again"),
                other.write() as waiting,
            ):
                waiting.execute(text("LOCK TABLE company"))


@pytest.mark.postgresql
@pytest.mark.parametrize("what", ["a connection is cut", "the server is restarted"])
def test_the_server_hangs_up_before_a_commit(
    new_place: NewPlace, moments: Moments, postgresql: Server, what: str
) -> None:
    wrong = []
    count = undisturbed(new_place("postgresql"), moments)
    begin = 3 * (what == "a connection is cut")
    for at in chosen(count, begin):
        place = new_place("postgresql")
        name = place.url.partition("?")[0].rpartition("/")[2]

        def hang_up(connection: Any, name: str = name) -> None:
            which = f"datname = '{name}'"
            if what == "a connection is cut" and connection is not None:
                which = f"pid = {connection.driver_connection.info.backend_pid}"
            postgresql.run(
                f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {which}"
                " AND pid <> pg_backend_pid()"
            )

        with place.open() as office:
            told = suffered(office, moments, hang_up, before=at)
            office.run("clerk", on=ON)
        found = place.complaints()
        if not told.startswith(DatabaseUnreachable.__name__) or "try again" not in told:
            found.append(f"told {told!r}")
        wrong += [f"{at}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)
