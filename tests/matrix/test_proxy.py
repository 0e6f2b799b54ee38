"""The crash matrix behind a proxy that lets a real Tryton answer badly, or not at all.

Each row is one fault at the n-th write (or the n-th read) of carrying out an action of one kind,
once or from then on until the night is over; the worker lives, dies of it, or dies at the boundary
that comes next. Then all is well again, and the sweeper and the next night go on.

By default every two values of a row meet in some test, but for kinds that others of their family
stand for: such a one meets every third fault. ``CRASH_MATRIX=full`` tries every row of one kind; of
the others it tries every fault at every call on one database and in one mode each, dealt
out so that all places have as many: where an action is kept and how it was allowed is no business
of the code that speaks to the ERP.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import pytest
from faulty_proxy import FAULTS, Plan
from matrix import KILLED, Sites, full, tried_at_the_erp, tried_in_doubt
from matrix_tryton import CrashTryton
from pairs import pairwise

pytestmark = pytest.mark.tryton

IN_THE_ERP = "before the ERP's commit"
MORNINGS = ("morning", "morning_of_the_sweeper")
PATIENCE = 2.0 if full() else 0.5
"""Seconds after which a worker takes silence for a time-out; the full matrix may be run on a machine
that has other things to do.
"""
WHOLLY = "place_purchase_order"
"""The kind of which the full matrix tries the whole product: it takes the most steps."""


class Row(NamedTuple):
    """One night that is disturbed."""

    kind: str
    fault: str
    call: int
    lasts: str
    fate: str
    database: str
    mode: str


LASTS = ("once", "outage")
LIVES, DIES, DIES_NEXT = "lives", "dies of it", "dies next"
DATABASES, MODES = ("sqlite", "postgresql"), ("ask", "auto")
OF_READS = (
    "time-out before commit",
    "reset before commit",
    "500 after commit",
    "half a body",
    "429",
    "slow first byte",
)
"""The others make no difference to a read."""
SHARES = 3
"""Values of ``call``: where an action takes more calls, each stands for every third of them."""

ALONE: dict[str, tuple[Any, dict[bool, int]]] = {}
"""By kind: the ERP as it should be in the end, and how many calls read (False) and write (True)."""


def every_write() -> list[Row]:
    """All rows about writes."""
    shares, fates = range(SHARES), (LIVES, DIES, DIES_NEXT)
    all_of = product(tried_at_the_erp(), FAULTS, shares, LASTS, fates, DATABASES, MODES)
    return [Row(*one) for one in all_of]


def every_read() -> list[Row]:
    """All rows about reads."""
    shares, fates = range(SHARES), (LIVES, DIES)
    all_of = product(tried_in_doubt(), OF_READS, shares, LASTS, fates, DATABASES, MODES)
    return [Row(*one) for one in all_of]


def dealt(rows: list[Row]) -> list[Row]:
    """Each row on one database and in one mode only."""
    places = len(DATABASES) * len(MODES)
    return [row for n, row in enumerate(rows) if n % places == n // places % places]


def of_every_day() -> list[Row]:
    """The pairs of those faults that a kind meets."""
    faults, kinds, wholly = [*FAULTS], tried_at_the_erp(), tried_in_doubt()

    def meets(row: Row) -> bool:
        return (faults.index(row.fault) + kinds.index(row.kind)) % SHARES == 0

    return pairwise([row for row in every_write() if row.kind in wholly or meets(row)])


def of_the_full_matrix() -> list[Row]:
    """The whole product for one kind, and the others dealt out."""
    rows = every_write()
    wholly = [row for row in rows if row.kind == WHOLLY]
    return wholly + dealt([row for row in rows if row.kind != WHOLLY])


def parameters(rows: list[Row]) -> Callable[..., Any]:
    """A test of each row, which is marked with what it needs."""
    given = [
        pytest.param(
            row,
            id="-".join(map(str, row)).replace(" ", "_"),
            marks=[pytest.mark.postgresql] if row.database == "postgresql" else [],
        )
        for row in rows
    ]
    return pytest.mark.parametrize("row", given)


@parameters(of_the_full_matrix() if full() else of_every_day())
def test_a_write_that_goes_wrong_is_neither_lost_nor_doubled(
    tryton_sites: Sites, crash_tryton: CrashTryton, row: Row
) -> None:
    whole, calls = undisturbed(tryton_sites, crash_tryton, row.kind)
    for number in chosen(row.call, calls[True]):
        disturbed(tryton_sites, crash_tryton, row, planned(row, number, writes=True), whole)


@parameters(dealt(every_read()) if full() else pairwise(every_read()))
def test_a_read_that_goes_wrong_changes_nothing(
    tryton_sites: Sites, crash_tryton: CrashTryton, row: Row
) -> None:
    whole, calls = undisturbed(tryton_sites, crash_tryton, row.kind)
    for number in chosen(row.call, calls[False]):
        disturbed(tryton_sites, crash_tryton, row, planned(row, number, writes=False), whole)


def planned(row: Row, number: int, *, writes: bool) -> Plan:
    """What the proxy is to do."""
    outage, kill = row.lasts == "outage", row.fate == DIES
    return Plan(FAULTS[row.fault], writes, number, outage=outage, kill=kill)


def chosen(call: int, calls: int) -> list[int]:
    """Which calls are hit: one of those that ``call`` stands for, or all of them."""
    if full():
        return list(range(call, calls, SHARES))
    return [call % calls]


def undisturbed(sites: Sites, tryton: CrashTryton, kind: str) -> tuple[Any, dict[bool, int]]:
    """See ``ALONE``; tried once only."""
    if kind not in ALONE:
        site = sites.new("sqlite", kind)
        tryton.proxy.plan(None)
        night = site.run("night")
        assert (night.code, night.told) == (0, [{"status": "done"}]), night.log
        ALONE[kind] = site.world, dict(tryton.proxy.seen)
    return ALONE[kind]


def disturbed(sites: Sites, tryton: CrashTryton, row: Row, plan: Plan, whole: Any) -> None:
    """One night in which it goes wrong, the morning after it, and what must hold then."""
    site = sites.new(row.database, row.kind, row.mode)
    job: dict[str, Any] = {"patience": PATIENCE} if plan.fault.answer == "silence" else {}
    if row.fate == DIES_NEXT:
        job["kill_after"] = (IN_THE_ERP, plan.nth)
    tryton.proxy.plan(plan)
    night = site.run("night", **job)
    struck = tryton.proxy.struck
    tryton.proxy.lift()
    lives = row.fate == LIVES
    assert (night.code, struck > 0) == (0 if lives else KILLED, True), night.log
    morning = site.run(MORNINGS[plan.nth % 2], later=True)
    assert morning.code == 0, morning.log
    in_doubt = not lives or (plan.writes and plan.fault.ambiguous)
    found = sites.complaints(
        site,
        whole,
        may_be_unknown=in_doubt and not site.kind.repeatable,
        faults=struck,
        unseen=plan.fault.carried_out == "late" or (plan.outage and lives),
        cut_off=not plan.writes,
    )
    assert not found, f"{plan}: {found}\n{night.log}\n{morning.log}"
