"""A few of many: rows in which every two values that meet anywhere still meet."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import reduce
from itertools import combinations
from operator import or_
from typing import TypeVar

Row = TypeVar("Row", bound=tuple[Hashable, ...])


def pairwise(rows: Sequence[Row]) -> list[Row]:
    """Some of the rows, so that each pair of values of two columns that occurs in any row occurs
    in one of them. Greedy: few, not fewest; always the same ones.
    """
    numbers: dict[object, int] = {}
    pairs = [
        sum(1 << numbers.setdefault(pair, len(numbers)) for pair in combinations(enumerate(row), 2))
        for row in rows
    ]
    chosen: list[Row] = []
    left = reduce(or_, pairs, 0)
    while left:
        best = max(range(len(rows)), key=lambda one: (pairs[one] & left).bit_count())
        chosen.append(rows[best])
        left &= ~pairs[best]
    return chosen
