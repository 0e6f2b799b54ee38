"""The crash matrix, seen from the test: a company to be crashed in, workers, and what must hold."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import matrix_child
from databases import NewUrl
from matrix_examples import example_of
from sqlalchemy import select, text

from regisseur.storage import audit
from regisseur.storage.database import Database
from regisseur.storage.tables import OPEN, ActionRow, DecisionRow, EffectRow, MissionRow
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.erp.memory import MemoryERP, Records
from regisseur.tools.plugins import Discovery, discover

SETTINGS = """\
database = "{url}"
[company]
id = "atelier"
name = "Atelier Martin"
locale = "en_GB"
[[company.policy.rules]]
name = "as the test wants"
mode = "{mode}"
"""
KILLED, FROZEN = -signal.SIGKILL, -signal.SIGSTOP


def kinds() -> dict[str, AnyKind]:
    """Every kind of action there is, found as the office finds them."""
    discovery: Discovery[AnyKind] = discover(
        "regisseur.tools.actions", "KIND", "regisseur.actions", name_of=lambda kind: kind.name
    )
    assert not discovery.problems
    return discovery.found


class Workers:
    """The warm parent of all workers of a test run."""

    def __init__(self) -> None:
        child: ModuleType = matrix_child
        path = [str(Path(str(child.__file__)).parent), os.environ.get("PYTHONPATH", "")]
        kept = {k: text for k, text in os.environ.items() if not k.startswith("REGISSEUR_")}
        self._parent = subprocess.Popen(
            [sys.executable, "-W", "error", str(child.__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**kept, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        )

    def start(self, job: dict[str, Any]) -> int:
        """A worker that does a job; its pid."""
        return self._ask({"start": job})

    def wait(self, pid: int) -> int:
        """How it ended, as ``Popen.returncode`` says it, or ``FROZEN``."""
        return self._ask({"wait": pid})

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def close(self) -> None:
        """End it, and whatever it started."""
        self._parent.communicate()


@dataclass(frozen=True)
class Ended:
    """How a worker ended, and what it told if it came to its end."""

    code: int
    told: list[Any]
    passed: list[str]
    log: str


class Site:
    """A company's folder and database, with one proposal of one kind to be carried out."""

    def __init__(self, workers: Workers, folder: Path, url: str, kind: str, mode: str) -> None:
        self.workers, self.folder, self.url, self.kind = workers, folder, url, kinds()[kind]
        self._jobs = 0
        folder.mkdir()
        erp = MemoryERP(today=matrix_child.ON, company="Atelier Martin", file=folder / "erp.json")
        proposal = example_of(kind)(erp)
        (folder / "proposals.json").write_text(json.dumps([proposal.model_dump(mode="json")]))
        (folder / "regisseur.toml").write_text(SETTINGS.format(url=url, mode=mode))
        self.start_of_world = self.world

    def begin(self, does: str, **more: Any) -> tuple[str, int]:
        """Start a worker; its name and its pid."""
        self._jobs += 1
        name = f"{self._jobs}-{does}"
        job = {"does": does, "name": name, "folder": str(self.folder), **more}
        return name, self.workers.start(job)

    def end(self, name: str, pid: int) -> Ended:
        """Wait for a worker to end or to freeze."""
        code = self.workers.wait(pid)
        result, log = self.folder / f"{name}.json", (self.folder / f"{name}.log").read_text()
        kept = json.loads(result.read_text()) if result.exists() else {"told": [], "passed": []}
        if code == KILLED:
            self.let_go()
        return Ended(code, kept["told"], kept["passed"], log)

    def run(self, does: str, **more: Any) -> Ended:
        """A worker, from its beginning to its end."""
        return self.end(*self.begin(does, **more))

    def let_go(self) -> None:
        """Until a PostgreSQL server has noticed the death of a client, that one's locks are held;
        of files this is the system's own doing. Nobody but the dead one is connected by now.
        """
        if self.url.startswith("postgresql"):
            held = text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            with Database.open(self.url) as database, database.read() as session:
                for _ in range(1000):
                    if not session.scalar(held):
                        return
                    session.execute(text("SELECT pg_sleep(0.01)"))
            raise AssertionError("the server holds a dead worker's locks after ten seconds")

    @property
    def world(self) -> Records:
        """All that the ERP has, with its log of writes."""
        return Records.read(self.folder / "erp.json")

    def books(self) -> Books:
        """All that the ledger has."""
        with Database.open(self.url) as database, database.read() as session:
            return Books(
                actions=list(session.scalars(select(ActionRow))),
                effects=list(session.scalars(select(EffectRow))),
                decisions=list(session.scalars(select(DecisionRow))),
                missions=list(session.scalars(select(MissionRow))),
                chain=audit.verify(session, "atelier"),
            )


@dataclass(frozen=True)
class Books:
    """What the ledger has in the end."""

    actions: list[ActionRow]
    effects: list[EffectRow]
    decisions: list[DecisionRow]
    missions: list[MissionRow]
    chain: audit.Verdict

    @property
    def status(self) -> str:
        """Of the only action."""
        (action,) = self.actions
        return action.status

    @property
    def to_check(self) -> bool:
        """Is a person told what to look at?"""
        return all(one.answer and one.answer.get("to_check") for one in self.effects)


def complaints(site: Site, whole: Records, *, may_be_unknown: bool) -> list[str]:
    """What is wrong after a crash and the morning after it; ``whole`` is the ERP of a night that
    nothing disturbed.
    """
    books, world = site.books(), site.world
    found = [*_about_the_books(books)]
    statuses = [one.status for one in books.actions]
    if statuses == ["unknown"] and may_be_unknown:
        if not books.to_check:
            found.append("unknown, and nobody is told what to check")
        if world != site.start_of_world:
            found.append(f"unknown, though the ERP has it: {world.writes}")
    elif statuses != ["done"]:
        found.append(
            f"lost or doubled: {[(one.key, one.status) for one in books.actions]}, "
            f"{[(one.state, one.error, one.answer) for one in books.effects]}"
        )
    elif world != whole:
        found.append(f"the ERP is not as it would be: {[one.operation for one in world.writes]}")
    return found


def _about_the_books(books: Books) -> Iterator[str]:
    if not books.chain.intact:
        yield f"the audit chain is broken: {books.chain}"
    subjects = [(one.kind, one.subject) for one in books.actions if one.status in OPEN]
    if len(set(subjects)) < len(subjects):
        yield "two open actions about one subject"
    if len({one.key for one in books.effects}) != len(books.actions):
        yield f"{len(books.effects)} effects of {len(books.actions)} actions"
    if len(books.decisions) > len(books.actions):
        yield "decided twice"
    wanted = "waiting" if any(one.status in OPEN for one in books.actions) else "closed"
    if [one.status for one in books.missions] != [wanted]:
        yield f"missions are {[one.status for one in books.missions]}, not one that is {wanted}"


class Sites:
    """Makes companies to crash in."""

    def __init__(self, workers: Workers, folder: Path, new_url: NewUrl) -> None:
        self._workers, self._folder, self._new_url = workers, folder, new_url

    def new(self, database: str, kind: str, mode: str = "ask") -> Site:
        """A fresh one, in which nothing has happened yet."""
        number = len([one for one in self._folder.iterdir() if one.is_dir()])
        url = self._new_url(database)
        return Site(self._workers, self._folder / f"site{number}", url, kind, mode)


@cache
def full() -> bool:
    """Is every boundary to be tried, and not only some of them?"""
    return os.environ.get("CRASH_MATRIX") == "full"
