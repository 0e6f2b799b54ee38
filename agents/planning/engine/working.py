"""Working time: how much of it has passed at a clock time, and back.

An operation lives in the working time of its machine, where closing time doesn't exist: its end is
its start plus its duration, whatever pauses lie between. Every question costs one bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from regisseur.agents.planning.engine.problem import Interval


class TooShort(Exception):
    """The calendar ends before the work does."""


class WorkingTime:
    """The open time of a calendar, counted from its beginning.

    ``opens`` are disjoint intervals in order.
    """

    __slots__ = ("begins", "done_before", "ends", "total")

    def __init__(self, opens: Iterable[Interval]) -> None:
        intervals = tuple(opens)
        self.begins = [begin for begin, _ in intervals]
        self.ends = [end for _, end in intervals]
        lengths = [end - begin for begin, end in intervals]
        self.done_before = list(accumulate(lengths, initial=0))[:-1]
        self.total = sum(lengths)

    def done(self, time: int) -> int:
        """Working units before a clock time."""
        place = bisect_right(self.begins, time) - 1
        if place < 0:
            return 0
        return self.done_before[place] + min(time, self.ends[place]) - self.begins[place]

    def start(self, work: int) -> int:
        """Clock time at which work starts that has so many working units before it.

        Raises TooShort if no unit follows.
        """
        if work >= self.total:
            raise TooShort
        place = bisect_right(self.done_before, work) - 1
        return self.begins[place] + work - self.done_before[place]

    def clock(self, work: int) -> int:
        """Clock time of the start of so much work; after the last unit, the end of the calendar."""
        return self.start(work) if work < self.total else self.ends[-1] if self.ends else 0

    def end(self, work: int) -> int:
        """Clock time at which so many working units (at least one) are done.

        Raises TooShort if there are fewer.
        """
        if work > self.total:
            raise TooShort
        place = bisect_left(self.done_before, work) - 1
        return self.begins[place] + work - self.done_before[place]

    def interval(self, work: int, end: bool) -> int:
        """Position of the interval in which so much work ends, or in which the next unit starts."""
        bisect = bisect_left if end else bisect_right
        return max(0, bisect(self.done_before, work) - 1)

    def unbroken(self, work: int, duration: int) -> int:
        """The first working unit from ``work`` on that begins so many without a pause.

        Raises TooShort if there is none.
        """
        place = bisect_right(self.done_before, work) - 1
        while place < len(self.begins):
            since = max(work, self.done_before[place])
            length = self.ends[place] - self.begins[place]
            if since + duration <= self.done_before[place] + length:
                return since
            place += 1
        raise TooShort

    def parts(self, work: int, until: int) -> list[Interval]:
        """The clock intervals in which the working units from one to another are done."""
        parts = []
        place = bisect_right(self.done_before, work) - 1
        while place < len(self.begins) and self.done_before[place] < until:
            shift = self.begins[place] - self.done_before[place]
            end = min(until + shift, self.ends[place])
            parts.append((max(work + shift, self.begins[place]), end))
            place += 1
        return parts


def union(calendars: Iterable[WorkingTime]) -> WorkingTime:
    """The time in which at least one of several calendars is open."""
    merged: list[Interval] = []
    for begin, end in sorted(
        interval for one in calendars for interval in zip(one.begins, one.ends, strict=True)
    ):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return WorkingTime(merged)
