"""The crash matrix: kill -9 at each boundary, for every kind of action, on both databases.

By default each kind is tried on both databases and in both modes, and killed around each thing that
it writes or sends; all boundaries, those of the ledger and of the checkpointer too, are dealt out
among kinds, modes and databases, and of each family one kind has all those of carrying out its
action. ``CRASH_MATRIX=full`` tries all.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from matrix import KILLED, Site, Sites, World, full, in_doubt, tried, tried_in_doubt

FILED = "after commit of _file_once"
CLAIMED, IN_THE_ERP = "after commit of _claim", "before the ERP's commit"
TAKEN, ENDED = "after commit of take_over", "after commit of finish"
CLOSING = "before commit of become"

WRITING = ("the ERP's", "mail", "letter")
"""Words of the boundaries at which something leaves us."""

MODES: tuple[str, ...] = ("ask", "auto")
MORNINGS = ("morning", "morning_of_the_sweeper")
DATABASES: tuple[str, ...] = ("sqlite", "postgresql")
Place = tuple[str, str, str]
"""Kind, database and mode."""

ALONE: dict[Place, tuple[World, list[str]]] = {}
"""What is in the end where nothing goes wrong, and what is passed."""


def places() -> list[Place]:
    """Where boundaries are tried: each kind on both databases and in both modes, crossed the other
    way for the next kind; all of them in the full matrix.
    """
    everywhere = product(tried(), DATABASES, MODES)
    if full():
        return list(everywhere)
    crossed = {kind: number % 2 for number, kind in enumerate(tried())}
    return [
        (kind, database, mode)
        for kind, database, mode in everywhere
        if DATABASES.index(database) == MODES.index(mode) ^ crossed[kind]
    ]


def chosen(passed: list[str], place: Place) -> list[int]:
    """Where to kill this time: all places together have every boundary."""
    if full():
        return list(range(len(passed)))
    kind, database, mode = place
    asking = [one for one in places() if one[2] == "ask"]
    filed = passed.index(FILED)  # until then it is the same night in both modes
    if mode == "ask":
        dealt = {*range(filed + asking.index(place), len(passed), len(asking))}
    else:
        others = [one for one in places() if one not in asking]
        dealt = {*range(others.index(place), filed, len(others))}
    if database == "sqlite":
        carrying_out = range(passed.index(CLAIMED), passed.index(ENDED) + 1)
        wholly = kind in tried_in_doubt()
        dealt |= {n for n in carrying_out if wholly or any(one in passed[n] for one in WRITING)}
    return sorted(dealt)


def _last(passed: list[str], name: str) -> int:
    return len(passed) - 1 - passed[::-1].index(name)


def undisturbed(sites: Sites, place: Place) -> tuple[World, list[str]]:
    """See ``ALONE``; tried once only."""
    if place not in ALONE:
        kind, database, mode = place
        site = sites.new(database, kind, mode)
        night = site.run("night")
        assert night.code == 0, night.log
        assert site.world != site.start_of_world, f"the example of {kind} changes nothing"
        assert sites.complaints(site, site.world, may_be_unknown=False) == []
        ALONE[place] = site.world, night.passed
    return ALONE[place]


def companies() -> list[Any]:
    """A test for each place, marked with what it needs."""
    return [
        pytest.param(
            place,
            id="-".join(place),
            marks=[pytest.mark.postgresql] if "postgresql" in place else [],
        )
        for place in places()
    ]


@pytest.mark.parametrize("place", companies())
def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_doubled(
    sites: Sites, place: Place
) -> None:
    kind, database, mode = place
    whole, passed = undisturbed(sites, place)
    wrong: list[str] = []
    for boundary in chosen(passed, place):
        site = sites.new(database, kind, mode)
        killed = site.run("night", kill_at=boundary)
        assert killed.code == KILLED, f"boundary {boundary} was not reached: {killed.log}"
        after = site.run(MORNINGS[boundary % 2], later=True)
        found = [after.log] if after.code else []
        allowed = in_doubt(site.kind, passed, boundary)
        found += sites.complaints(site, whole, may_be_unknown=allowed)
        wrong += [f"killed {passed[boundary]} ({boundary}): {one}" for one in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("moment", [FILED, CLOSING])
@pytest.mark.parametrize("kind", tried_in_doubt())
def test_a_night_cut_off_after_it_filed_files_nothing_again(
    sites: Sites, kind: str, moment: str
) -> None:
    whole, passed = undisturbed(sites, (kind, "sqlite", "auto"))
    site = sites.new("sqlite", kind, "auto")
    site.run("night", kill_at=_last(passed, moment))
    site.run("morning", later=True)
    assert sites.complaints(site, whole, may_be_unknown=False) == []


@pytest.mark.parametrize("kind", tried_in_doubt())
def test_whoever_takes_over_from_the_dead_may_be_killed_too(sites: Sites, kind: str) -> None:
    whole, first = undisturbed(sites, (kind, "sqlite", "ask"))

    def cut_off() -> Site:
        site = sites.new("sqlite", kind)
        site.run("night", kill_at=first.index(IN_THE_ERP))
        return site

    one = cut_off()
    passed = one.run("sweep", later=True).passed
    again = range(passed.index(TAKEN), passed.index(ENDED) + 1)
    step = 1 if full() else len(tried_in_doubt())
    for boundary in again[tried_in_doubt().index(kind) % step :: step]:
        site = cut_off()
        assert site.run("sweep", later=True, kill_at=boundary).code == KILLED
        site.run("morning", later=True)
        allowed = not site.kind.repeatable
        found = sites.complaints(site, whole, may_be_unknown=allowed)
        assert found == [], f"killed {passed[boundary]} ({boundary})"
