"""The crash matrix: kill -9 at each boundary, for every kind of action, on both databases.

By default each kind is killed at every boundary of carrying out its action, and the other
boundaries are dealt out among kinds, modes and databases. ``CRASH_MATRIX=full`` tries all.
"""

from __future__ import annotations

from itertools import product

import pytest
from databases import BOTH
from matrix import KILLED, Site, Sites, full, in_doubt, tried

FILED = "after commit of _file_once"
CLAIMED, IN_THE_ERP = "after commit of _claim", "before the ERP's commit"
TAKEN, ENDED = "after commit of take_over", "after commit of finish"
CLOSING = "before commit of become"

MODES: tuple[str, ...] = ("ask", "auto")
MORNINGS = ("morning", "morning_of_the_sweeper")
DATABASES: tuple[str, ...] = ("sqlite", "postgresql")
SHARES: list[tuple[str, str, str]] = list(product(DATABASES, MODES, tried()))
"""Among whom boundaries are dealt out: all of them together have every one."""


def chosen(passed: list[str], database: str, mode: str, kind: str) -> list[int]:
    """Where to kill this time."""
    if full():
        return list(range(len(passed)))
    asks = mode == "ask"
    begin = passed.index(FILED) if asks else 0  # until then it is the same night
    share = SHARES.index((database, mode, kind))
    dealt = set(range(begin + share, len(passed), len(SHARES)))
    if asks and database == "sqlite":
        dealt |= set(range(passed.index(CLAIMED), passed.index(ENDED) + 1))
    return sorted(dealt)


def _last(passed: list[str], name: str) -> int:
    return len(passed) - 1 - passed[::-1].index(name)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", tried())
@pytest.mark.parametrize("database", BOTH)
def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_doubled(
    sites: Sites, database: str, kind: str, mode: str
) -> None:
    undisturbed = sites.new(database, kind, mode)
    first = undisturbed.run("night")
    assert first.code == 0, first.log
    whole = undisturbed.world
    assert whole != undisturbed.start_of_world, f"the example of {kind} changes nothing"
    assert sites.complaints(undisturbed, whole, may_be_unknown=False) == []
    wrong: list[str] = []
    for boundary in chosen(first.passed, database, mode, kind):
        site = sites.new(database, kind, mode)
        killed = site.run("night", kill_at=boundary)
        assert killed.code == KILLED, f"boundary {boundary} was not reached: {killed.log}"
        after = site.run(MORNINGS[boundary % 2], later=True)
        found = [after.log] if after.code else []
        allowed = in_doubt(site.kind, first.passed, boundary)
        found += sites.complaints(site, whole, may_be_unknown=allowed)
        wrong += [f"killed {first.passed[boundary]} ({boundary}): {one}" for one in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("moment", [FILED, CLOSING])
@pytest.mark.parametrize("kind", tried())
def test_a_night_cut_off_after_it_filed_files_nothing_again(
    sites: Sites, kind: str, moment: str
) -> None:
    undisturbed = sites.new("sqlite", kind, "auto")
    passed = undisturbed.run("night").passed
    site = sites.new("sqlite", kind, "auto")
    site.run("night", kill_at=_last(passed, moment))
    site.run("morning", later=True)
    assert sites.complaints(site, undisturbed.world, may_be_unknown=False) == []


@pytest.mark.parametrize("kind", tried())
def test_whoever_takes_over_from_the_dead_may_be_killed_too(sites: Sites, kind: str) -> None:
    undisturbed = sites.new("sqlite", kind)
    first = undisturbed.run("night")

    def cut_off() -> Site:
        site = sites.new("sqlite", kind)
        site.run("night", kill_at=first.passed.index(IN_THE_ERP))
        return site

    one = cut_off()
    passed = one.run("sweep", later=True).passed
    again = range(passed.index(TAKEN), passed.index(ENDED) + 1)
    step, begin = (1, 0) if full() else (len(tried()), tried().index(kind))
    for boundary in again[begin::step]:
        site = cut_off()
        assert site.run("sweep", later=True, kill_at=boundary).code == KILLED
        site.run("morning", later=True)
        allowed = not site.kind.repeatable
        found = sites.complaints(site, undisturbed.world, may_be_unknown=allowed)
        assert found == [], f"killed {passed[boundary]} ({boundary})"
