"""The crash matrix, seen from the test: a company to be crashed in, workers, and what must hold."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import matrix_child
from databases import NewUrl
from matrix_sides import FarSide, MemorySide, handed_over
from sqlalchemy import select, text

from regisseur.storage import audit
from regisseur.storage.database import Database
from regisseur.storage.tables import OPEN, ActionRow, DecisionRow, EffectRow, MissionRow
from regisseur.tools.actions.base import AnyKind, Kind
from regisseur.tools.actions.reminding import DeliveredKind
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
{side}"""
KILLED, FROZEN = -signal.SIGKILL, -signal.SIGSTOP


@cache
def kinds() -> dict[str, AnyKind]:
    """Every kind of action there is, found as the office finds them."""
    discovery: Discovery[AnyKind] = discover(
        "regisseur.tools.actions", "KIND", "regisseur.actions", name_of=lambda kind: kind.name
    )
    assert not discovery.problems
    return discovery.found


def tried() -> list[str]:
    """Whose matrix is run: of kinds that take their steps by the same code, one stands for all
    unless the full matrix is run.
    """
    families: dict[object, str] = {}
    for name, kind in sorted(kinds().items(), key=lambda item: (item[1].always_asks, item[0])):
        families.setdefault(name if full() else _steps_of(kind), name)
    return sorted(families.values())


def tried_at_the_erp() -> list[str]:
    """The same where only what is asked of the ERP matters: by the code of ``advance`` alone."""
    families: dict[object, str] = {}
    for name in tried():
        families.setdefault(name if full() else type(kinds()[name]).advance, name)
    return sorted(families.values())


def tried_in_doubt() -> list[str]:
    """The same where only matters what nobody can know after a silence: one of those whose step may
    be sent again (one that may have to be abandoned half made), one of those whose may not, and one
    that leaves before it is kept in the ERP. Of all others fewer boundaries are tried every day.
    """
    families: dict[object, str] = {}
    for name in sorted(tried(), key=_most_steps_first):
        kind = kinds()[name]
        family = name if full() else (kind.repeatable, isinstance(kind, DeliveredKind))
        families.setdefault(family, name)
    return sorted(families.values())


def _most_steps_first(name: str) -> tuple[object, ...]:
    kind = kinds()[name]
    return type(kind).abandon is Kind.abandon, kind.always_asks, name


def _steps_of(kind: AnyKind) -> tuple[object, ...]:
    """The code that its steps are: of its own and of its parents, below the one of all kinds."""
    names = ("look_up", "advance", "abandon", "drift", "reach", "has_left", "hand_over")
    return tuple(getattr(type(kind), name, None) for name in names)


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
        answer = self._parent.stdout.readline()
        assert answer, "the parent of all workers has ended; it says why on standard error"
        return int(answer)

    def close(self) -> None:
        """End it, and whatever it started."""
        self._parent.communicate()


@dataclass(frozen=True)
class World:
    """All that matters on the far side; two worlds are equal if nothing is different."""

    erp: Any
    handed_over: list[str]
    """Mails and letters."""

    @property
    def writes(self) -> list[Any]:
        """All that was written; of an in-memory ERP only."""
        return [*self.erp.writes, *self.handed_over]


@dataclass(frozen=True)
class Ended:
    """How a worker ended, and what it told if it came to its end."""

    code: int
    told: list[Any]
    passed: list[str]
    log: str


class Site:
    """A company's folder and database, with one proposal of one kind to be carried out."""

    def __init__(
        self, workers: Workers, folder: Path, url: str, kind: str, mode: str, side: FarSide
    ) -> None:
        self.workers, self.folder, self.url, self.kind = workers, folder, url, kinds()[kind]
        self.side = side
        self._jobs = 0
        self.kills = 0
        proposal = side.begin(kind)
        (folder / "proposals.json").write_text(json.dumps([proposal.model_dump(mode="json")]))
        settings = SETTINGS.format(url=url, mode=mode, side=side.settings)
        (folder / "regisseur.toml").write_text(settings)
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
            self.kills += 1
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
    def world(self) -> World:
        """All that matters on the far side."""
        return World(self.side.world(), handed_over(self.folder))

    def told(self, world: World) -> str:
        """A world, for the message of a failed test."""
        return "\n".join([self.side.told(world.erp), *world.handed_over])

    def size(self, world: World) -> int:
        """How many things are in a world: more of them is doubled, fewer is lost."""
        return self.side.size(world.erp) + len(world.handed_over)

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
    def votes(self) -> int:
        """Decisions; where several people are needed, each counts once: after a crash the first
        may have been asked again.
        """
        alone = [one.id for one in self.actions if one.quorum == 1]
        people = {(one.action_id, one.actor) for one in self.decisions}
        return sum(one.action_id in alone for one in self.decisions) + sum(
            action not in alone for action, _ in people
        )

    @property
    def to_check(self) -> bool:
        """Is a person told what to look at?"""
        return all(one.answer and one.answer.get("to_check") for one in self.effects)


def in_doubt(kind: AnyKind, passed: list[str], boundary: int) -> bool:
    """May whoever is killed there leave something that nobody can know? Only while a write may be
    under way of a kind that must not be sent again, or while a mail may be leaving.
    """
    begin, end = passed.index("after commit of _claim"), passed.index("before the ERP's commit")
    if not kind.repeatable:
        return begin <= boundary <= end
    leaving, left = f"after {matrix_child.LEAVING}", f"before {matrix_child.LEFT}"
    return leaving in passed and passed.index(leaving) <= boundary <= passed.index(left)


def complaints(
    site: Site, whole: Any, *, may_be_unknown: bool, unseen: bool = False, cut_off: bool = False
) -> list[str]:
    """What is wrong after a crash and the morning after it; ``whole`` is the far side's world after
    a night that nothing disturbed. ``unseen``: what is unknown may be there, because it came late
    or because nobody could look. ``cut_off``: there may have been a night that could not even look.
    """
    books, world = site.books(), site.world
    found = [*_about_the_books(books, cut_off=cut_off)]
    statuses = [one.status for one in books.actions]
    if statuses == ["unknown"] and may_be_unknown:
        if not books.to_check:
            found.append("unknown, and nobody is told what to check")
        if world != site.start_of_world and not (unseen and world == whole):
            found.append(f"unknown, though it is there: {site.told(world)}")
    elif statuses != ["done"]:
        found.append(
            f"lost or doubled: {[(one.key, one.status) for one in books.actions]}, "
            f"{[(one.state, one.error, one.answer) for one in books.effects]}"
        )
    elif world != whole:
        found.append(f"the far side is not as it would be: {site.told(world)}")
    return found


@dataclass(frozen=True)
class Ending:
    """What became of a company that was crashed in, for the figures."""

    side: str
    database: str
    kind: str
    kills: int
    faults: int
    ended: str
    """``done``, ``unknown, told``, ``unknown, untold``, ``lost`` or ``doubled``."""

    @classmethod
    def of(cls, site: Site, whole: Any, faults: int = 0) -> Ending:
        """As it stands now."""
        books, world = site.books(), site.world
        database = site.url.partition(":")[0].partition("+")[0]
        ended = _ended(books, site.size(world) - site.size(whole), world == whole)
        return cls(site.side.name, database, site.kind.name, site.kills, faults, ended)


def _ended(books: Books, more: int, whole: bool) -> str:
    if more > 0 or len(books.actions) > 1:
        return "doubled"
    if [one.status for one in books.actions] == ["unknown"]:
        return "unknown, told" if books.to_check else "unknown, untold"
    return "done" if [one.status for one in books.actions] == ["done"] and whole else "lost"


def _about_the_books(books: Books, *, cut_off: bool) -> Iterator[str]:
    if not books.chain.intact:
        yield f"the audit chain is broken: {books.chain}"
    subjects = [(one.kind, one.subject) for one in books.actions if one.status in OPEN]
    if len(set(subjects)) < len(subjects):
        yield "two open actions about one subject"
    if len({one.key for one in books.effects}) != len(books.actions):
        yield f"{len(books.effects)} effects of {len(books.actions)} actions"
    if books.votes > sum(one.quorum for one in books.actions):
        yield "decided twice"
    wanted = "waiting" if any(one.status in OPEN for one in books.actions) else "closed"
    nights = [one.status for one in books.missions]
    if [one for one in nights if not (cut_off and one == "failed")] != [wanted]:
        yield f"missions are {nights}, not one that is {wanted}"


class Sites:
    """Makes companies to crash in, by default each with an in-memory ERP in a file of its own."""

    def __init__(
        self,
        workers: Workers,
        folder: Path,
        new_url: NewUrl,
        side_in: Callable[[Path], FarSide] = MemorySide,
    ) -> None:
        self._workers, self._folder, self._new_url = workers, folder, new_url
        self._side_in = side_in
        self.endings: list[Ending] = []

    def new(self, database: str, kind: str, mode: str = "ask") -> Site:
        """A fresh one, in which nothing has happened yet."""
        folder = self._folder / f"site{len([*self._folder.glob('site*')])}"
        folder.mkdir()
        url = self._new_url(database)
        return Site(self._workers, folder, url, kind, mode, self._side_in(folder))

    def complaints(
        self, site: Site, whole: Any, *, may_be_unknown: bool, faults: int = 0, **also: bool
    ) -> list[str]:
        """What is wrong in the end (see ``complaints``); the end is kept for the figures."""
        self.endings.append(Ending.of(site, whole, faults))
        return complaints(site, whole, may_be_unknown=may_be_unknown, **also)


@cache
def full() -> bool:
    """Is every boundary to be tried, and not only some of them?"""
    return os.environ.get("CRASH_MATRIX") == "full"
