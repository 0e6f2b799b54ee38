"""Working time, against a loop over the units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regisseur.agents.planning.engine.problem import Interval
from regisseur.agents.planning.engine.working import TooShort, WorkingTime, union

LENGTHS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), min_size=1, max_size=5)


def opens(lengths: list[tuple[int, int]]) -> list[Interval]:
    intervals, time = [], 0
    for closed, length in lengths:
        intervals.append((time + closed, time + closed + length))
        time += closed + length
    return intervals


def units(intervals: list[Interval]) -> list[int]:
    return [unit for begin, end in intervals for unit in range(begin, end)]


@given(LENGTHS)
def test_clock_and_working_time_agree_at_every_unit(lengths: list[tuple[int, int]]) -> None:
    intervals = opens(lengths)
    time, worked = WorkingTime(intervals), units(intervals)
    assert [time.done(clock) for clock in range(60)] == [
        sum(unit < clock for unit in worked) for clock in range(60)
    ]
    assert [time.start(work) for work in range(time.total)] == worked
    assert [time.end(work) for work in range(1, time.total + 1)] == [unit + 1 for unit in worked]
    with pytest.raises(TooShort):
        time.start(time.total)
    with pytest.raises(TooShort):
        time.end(time.total + 1)


@given(LENGTHS, st.integers(0, 25), st.integers(1, 6))
def test_parts_and_unbroken_work(lengths: list[tuple[int, int]], work: int, size: int) -> None:
    intervals = opens(lengths)
    time, worked = WorkingTime(intervals), units(intervals)
    assert units(time.parts(work, work + size)) == worked[work : work + size]
    whole = [
        place
        for place in range(work, len(worked) - size + 1)
        if worked[place + size - 1] - worked[place] == size - 1
    ]
    if whole:
        assert time.unbroken(work, size) == whole[0]
    else:
        with pytest.raises(TooShort):
            time.unbroken(work, size)


@given(LENGTHS, LENGTHS)
def test_a_union_is_open_when_one_of_them_is(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    both = union([WorkingTime(opens(one)), WorkingTime(opens(other))])
    expected = sorted({*units(opens(one)), *units(opens(other))})
    assert [both.start(work) for work in range(both.total)] == expected
