"""The crash matrix against a real Tryton: kill -9 around each of its commits, and elsewhere.

A write has three boundaries: before it is sent, when its answer has arrived and is not read yet, and
when it is read and nothing is recorded. By default each kind is killed at one of each write's, in
turn, and of each family one kind at all of them, dealt out among modes and databases.
``CRASH_MATRIX=full`` deals all boundaries out among all of these (``test_kills`` tries each of them
in each place, on an ERP that is quicker).
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from matrix import KILLED, Sites, full, in_doubt, tried_at_the_erp, tried_in_doubt

pytestmark = pytest.mark.tryton

MODES: tuple[str, ...] = ("ask", "auto")
MORNINGS = ("morning", "morning_of_the_sweeper")
SHARES: list[tuple[str, str]] = list(product(("sqlite", "postgresql"), MODES))


def places(kind: str) -> list[tuple[str, str]]:
    """On which database and in which mode a kind is tried: both of each, crossed the other way for
    the next kind; one of these for a kind that others of its family stand for.
    """
    if full():
        return SHARES
    if kind not in tried_in_doubt():
        return [SHARES[tried_at_the_erp().index(kind) % len(SHARES)]]
    crossed = tried_in_doubt().index(kind) % 2
    return [("sqlite", MODES[crossed]), ("postgresql", MODES[1 - crossed])]


def companies() -> list[Any]:
    """A test for each kind, database and mode, marked with what it needs."""
    return [
        pytest.param(
            kind,
            place,
            id="-".join((kind, *place)),
            marks=[pytest.mark.postgresql] if place[0] == "postgresql" else [],
        )
        for kind in tried_at_the_erp()
        for place in places(kind)
    ]


def chosen(passed: list[str], kind: str, share: int) -> list[int]:
    """Where to kill this time."""
    if full():
        return list(range(share, len(passed), len(SHARES)))
    at_the_erp = [number for number, name in enumerate(passed) if "the ERP's" in name]
    if kind in tried_in_doubt():
        return at_the_erp[share::2]
    writes = [at_the_erp[first : first + 3] for first in range(0, len(at_the_erp), 3)]
    turn = tried_at_the_erp().index(kind)
    return [boundaries[(turn + number) % 3] for number, boundaries in enumerate(writes)]


@pytest.mark.parametrize(("kind", "place"), companies())
def test_killed_while_a_real_erp_is_written_to_nothing_is_lost_and_nothing_is_doubled(
    tryton_sites: Sites, kind: str, place: tuple[str, str]
) -> None:
    database, mode = place
    undisturbed = tryton_sites.new(database, kind, mode)
    first = undisturbed.run("night")
    assert first.code == 0, first.log
    whole = undisturbed.world
    assert whole != undisturbed.start_of_world, f"the example of {kind} changes nothing"
    share = places(kind).index(place)
    wrong: list[str] = []
    for boundary in chosen(first.passed, kind, share):
        site = tryton_sites.new(database, kind, mode)
        killed = site.run("night", kill_at=boundary)
        assert killed.code == KILLED, f"boundary {boundary} was not reached: {killed.log}"
        after = site.run(MORNINGS[boundary % 2], later=True)
        found = [after.log] if after.code else []
        allowed = in_doubt(site.kind, first.passed, boundary)
        found += tryton_sites.complaints(site, whole, may_be_unknown=allowed)
        wrong += [f"killed {first.passed[boundary]} ({boundary}): {one}" for one in found]
    assert not wrong, "\n".join(wrong)
