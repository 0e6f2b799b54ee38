"""Workers of the crash matrix that stop somewhere, and an office in the test's own process that
looks at them.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from databases import Server
from matrix import FROZEN, Ended, Site, Sites, World, full, tried_in_doubt
from matrix_child import LATER, Nothing, Prompted

from regisseur import MemoryERP, Office
from regisseur.graphs.agent import Brief, Settings
from regisseur.graphs.judgement import Judgement, Proposal
from regisseur.tools.mail.folder import FolderMailer
from regisseur.tools.post.folder import FolderPostRoom

CLAIMED, DECIDED = "after commit of _claim", "after commit of _decided"
BEFORE_WRITING, AFTER_WRITING = "before the ERP's commit", "after the ERP's commit"


def _company(database: str, kind: str, *more: str) -> Any:
    marks = [pytest.mark.postgresql] if database == "postgresql" else []
    return pytest.param(database, kind, *more, id="-".join((database, kind, *more)), marks=marks)


_EACH = [
    *(("sqlite", kind) for kind in tried_in_doubt()),
    *(("postgresql", kind) for kind in tried_in_doubt()[None if full() else -1 :]),
]
each = pytest.mark.parametrize(("database", "kind"), [_company(*one) for one in _EACH])
"""What hangs on the kind: each of them on one database, and one on the other."""
_EITHER = _EACH if full() else [_EACH[0], _EACH[-1]]
on_either = pytest.mark.parametrize(("database", "kind"), [_company(*one) for one in _EITHER])
"""What hangs on the database and not on the kind: each database with some kind."""


def _while_writing() -> list[Any]:
    """Each of ``_EACH`` in the middle of its write, and at one of the other two moments in turn; at
    all of them in the full matrix.
    """
    others = ([CLAIMED], [AFTER_WRITING])
    return [
        _company(*one, moment)
        for number, one in enumerate(_EACH)
        for moment in ([CLAIMED, AFTER_WRITING] if full() else others[number % 2])
        + [BEFORE_WRITING]
    ]


each_while_writing = pytest.mark.parametrize(("database", "kind", "boundary"), _while_writing())
"""What hangs on the kind and on how far it came."""

_ALONE: dict[tuple[str, str], tuple[World, list[str]]] = {}


def filed(sites: Sites, database: str, kind: str, mode: str = "ask") -> Site:
    """A company after its night."""
    site = sites.new(database, kind, mode)
    night = site.run("file")
    assert night.code == 0, night.log
    return site


def undisturbed(sites: Sites, database: str, kind: str) -> tuple[World, list[str]]:
    """The ERP as it should be in the end, and what a person passes who approves alone; tried once
    only.
    """
    if (database, kind) not in _ALONE:
        site = filed(sites, database, kind)
        alone = site.run("approve")
        assert (alone.code, alone.told) == (0, [{"status": "done"}]), alone.log
        _ALONE[database, kind] = site.world, alone.passed
    return _ALONE[database, kind]


class Frozen:
    """A worker that has stopped where it was told to."""

    def __init__(self, site: Site, does: str, **more: object) -> None:
        self._site = site
        self.name, self.pid = site.begin(does, **more)
        reached = site.end(self.name, self.pid)
        assert reached.code == FROZEN, reached.log

    def woken(self) -> Ended:
        """Let it go on to its end."""
        os.kill(self.pid, signal.SIGCONT)
        return self._site.end(self.name, self.pid)

    def killed(self) -> Ended:
        """End it where it stands."""
        os.kill(self.pid, signal.SIGKILL)
        return self._site.end(self.name, self.pid)


def nothing() -> None:
    """What happens in a quiet night."""


class Busy(Prompted):
    """The matrix's agent, in a night in which something happens between reading and filing."""

    def __init__(self, proposals: tuple[Proposal, ...], meanwhile: Callable[[], object]) -> None:
        super().__init__(proposals)
        self.meanwhile = meanwhile

    def judge(self, observation: Nothing, brief: Brief[Settings]) -> Judgement:
        self.meanwhile()
        return super().judge(observation, brief)


@contextmanager
def office_of(
    site: Site, now: datetime = LATER, meanwhile: Callable[[], object] = nothing
) -> Iterator[Office]:
    """The company's office as another process has it open; ``meanwhile`` happens after its night
    has read and before it files.
    """
    proposals = json.loads((site.folder / "proposals.json").read_text())
    agent = Busy(tuple(Proposal.model_validate(one) for one in proposals), meanwhile)
    with Office.open(
        site.folder / "regisseur.toml",
        erp=MemoryERP(file=site.folder / "erp.json"),
        others=(FolderMailer(site.folder / "mail"), FolderPostRoom(site.folder / "post")),
        agents=[agent],
        clock=lambda: now,
    ) as office:
        yield office


def propose(site: Site, *proposals: Any) -> None:
    """What the company's nights propose from now on."""
    (site.folder / "proposals.json").write_text(json.dumps(proposals))


def proposed(site: Site) -> Any:
    """What they have proposed so far."""
    (proposal,) = json.loads((site.folder / "proposals.json").read_text())
    return proposal


def lose_locks(site: Site, server: Server | None) -> None:
    """Take from the living what says that they live: the files of their locks are removed by a tidy
    hand, or the server hangs up on the connections that hold them.
    """
    if server is None:
        for file in Path(f"{site.url.removeprefix('sqlite:///')}.locks").iterdir():
            file.unlink()
        return
    name = site.url.partition("?")[0].rpartition("/")[2]
    server.run(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"
        f" AND database = (SELECT oid FROM pg_database WHERE datname = '{name}')"
    )


def hang_up(site: Site, server: Server) -> None:
    """The server ends every connection to the company's database, as when it is restarted."""
    name = site.url.partition("?")[0].rpartition("/")[2]
    server.run(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    )
