"""Several processes at one action: two people, two nights, a person and a sweeper, a frozen worker.

Nobody sleeps: a worker freezes itself (SIGSTOP) where the test wants it, and goes on when told.
"""

from __future__ import annotations

import os
import signal

from frozen import (
    AFTER_WRITING,
    BEFORE_WRITING,
    DECIDED,
    each,
    each_while_writing,
    filed,
    on_either,
    undisturbed,
)
from matrix import FROZEN, KILLED, Site, Sites, complaints


def last(passed: list[str], name: str) -> int:
    """Its last boundary of this name: where two people decide, the second one's."""
    return len(passed) - 1 - passed[::-1].index(name)


def frozen(site: Site, does: str, **more: object) -> tuple[str, int]:
    """A worker that has stopped where it was told to."""
    worker = site.begin(does, **more)
    reached = site.end(*worker)
    assert reached.code == FROZEN, reached.log
    return worker


@on_either
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


@on_either
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


@on_either
def test_a_sweeper_that_is_faster_than_the_person_who_decided(
    sites: Sites, database: str, kind: str
) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    person = frozen(site, "approve", freeze_at=last(passed, DECIDED))
    (swept,) = site.run("sweep").told
    assert swept == [one.id for one in site.books().actions]
    assert site.world == whole
    os.kill(person[1], signal.SIGCONT)
    assert site.end(*person).told == [{"status": "done"}]
    assert complaints(site, whole, may_be_unknown=False) == []


@each_while_writing
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
    allowed = boundary != AFTER_WRITING and not site.kind.repeatable
    assert complaints(site, whole, may_be_unknown=allowed) == []


@each
def test_a_frozen_worker_that_wakes_up_goes_on(sites: Sites, database: str, kind: str) -> None:
    whole, passed = undisturbed(sites, database, kind)
    site = filed(sites, database, kind)
    name, pid = frozen(site, "approve", freeze_at=passed.index(BEFORE_WRITING))
    assert site.run("sweep", later=True).told == [[]]
    os.kill(pid, signal.SIGCONT)
    assert site.end(name, pid).told == [{"status": "done"}]
    assert complaints(site, whole, may_be_unknown=False) == []
