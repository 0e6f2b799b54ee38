"""Several processes at one action: two people, two nights, a person and a sweeper, a frozen worker.

Nobody sleeps: a worker freezes itself (SIGSTOP) where the test wants it, and goes on when told.
"""

from __future__ import annotations

import os
import signal

import pytest
from matrix import FROZEN, KILLED, Site, Sites, World, complaints, full, tried_in_doubt

CLAIMED, DECIDED = "after commit of _claim", "after commit of decide"
WRITING = ("before the ERP's commit", "after the ERP's commit")

ALONE: dict[tuple[str, str], tuple[World, list[str]]] = {}
"""The ERP as it should be in the end, and what a person passes who approves alone."""

pytestmark = pytest.mark.parametrize(
    ("database", "kind"),
    [
        *(pytest.param("sqlite", kind, id=f"sqlite-{kind}") for kind in tried_in_doubt()),
        *(
            pytest.param("postgresql", kind, id=f"postgresql-{kind}", marks=pytest.mark.postgresql)
            for kind in tried_in_doubt()[None if full() else -1 :]
        ),
    ],
)


def filed(sites: Sites, database: str, kind: str, mode: str = "ask") -> Site:
    """A company after its night."""
    site = sites.new(database, kind, mode)
    night = site.run("file")
    assert night.code == 0, night.log
    return site


def undisturbed(sites: Sites, database: str, kind: str) -> tuple[World, list[str]]:
    """See ``ALONE``; tried once only."""
    if (database, kind) not in ALONE:
        site = filed(sites, database, kind)
        alone = site.run("approve")
        assert (alone.code, alone.told) == (0, [{"status": "done"}]), alone.log
        ALONE[database, kind] = site.world, alone.passed
    return ALONE[database, kind]


def frozen(site: Site, does: str, **more: object) -> tuple[str, int]:
    """A worker that has stopped where it was told to."""
    worker = site.begin(does, **more)
    reached = site.end(*worker)
    assert reached.code == FROZEN, reached.log
    return worker


def test_of_two_people_at_once_one_decides_and_the_other_is_told_who(
    sites: Sites, database: str, kind: str
) -> None:
    whole, _ = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    people = {by: frozen(site, "decide", by=by) for by in ("ana", "bea")}
    for _, pid in people.values():
        os.kill(pid, signal.SIGCONT)
    told = {by: site.end(*worker).told[0] for by, worker in people.items()}
    (first,) = [by for by, one in told.items() if one["status"] == "done"]
    (second,) = told.keys() - {first}
    assert told[second]["status"] == "AlreadyDecided"
    assert f"by {first}" in told[second]["told"]
    assert complaints(site, whole, may_be_unknown=False) == []


def test_two_nights_at_once_are_one(sites: Sites, database: str, kind: str) -> None:
    whole, _ = undisturbed(sites, database, kind)
    site = sites.new(database, kind, "auto")
    nights = [frozen(site, "file", at_a_signal=True) for _ in range(2)]
    for _, pid in nights:
        os.kill(pid, signal.SIGCONT)
    for worker in nights:
        night = site.end(*worker)
        assert night.code == 0, night.log
    if site.kind.always_asks:
        site.run("approve")
    assert complaints(site, whole, may_be_unknown=False) == []


def test_a_sweeper_that_is_faster_than_the_person_who_decided(
    sites: Sites, database: str, kind: str
) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    person = frozen(site, "approve", freeze_at=passed.index(DECIDED))
    (swept,) = site.run("sweep").told
    assert swept == [one.id for one in site.books().actions]
    assert site.world == whole
    os.kill(person[1], signal.SIGCONT)
    assert site.end(*person).told == [{"status": "done"}]
    assert complaints(site, whole, may_be_unknown=False) == []


@pytest.mark.parametrize("boundary", [CLAIMED, *WRITING])
def test_a_frozen_worker_keeps_what_it_performs_until_it_is_dead(
    sites: Sites, database: str, kind: str, boundary: str
) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    name, pid = frozen(site, "approve", freeze_at=passed.index(boundary))
    (held,), world = site.books().actions, site.world
    for does in ("sweep", "approve", "file"):
        assert site.run(does, later=True).told in ([], [[]])
    (still,) = site.books().actions
    assert (still.status, still.performer) == ("performing", held.performer)
    assert site.world == world
    os.kill(pid, signal.SIGKILL)
    assert site.end(name, pid).code == KILLED
    assert site.run("sweep", later=True).told == [[held.id]]
    allowed = boundary != WRITING[1] and not site.kind.repeatable
    assert complaints(site, whole, may_be_unknown=allowed) == []


def test_a_frozen_worker_that_wakes_up_goes_on(sites: Sites, database: str, kind: str) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    name, pid = frozen(site, "approve", freeze_at=passed.index(WRITING[0]))
    assert site.run("sweep", later=True).told == [[]]
    os.kill(pid, signal.SIGCONT)
    assert site.end(name, pid).told == [{"status": "done"}]
    assert complaints(site, whole, may_be_unknown=False) == []
