"""A track record as one small bar, in parts as wide as their share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from regisseur.graphs.trust import Record
from regisseur.office.web.words import agents
from regisseur.tools.records import Message

WIDTH = 400
"""Units across."""
Worded = Callable[[int], Message]


@dataclass(frozen=True)
class Part:
    """A part of the bar."""

    name: str
    label: Message
    """With its count."""
    count: int
    x: float
    width: float


def parts_of(record: Record) -> list[Part]:
    """The parts that are there, left to right; empty where nothing came to an end."""
    counted = [
        ("unedited", agents.unedited, record.unedited),
        ("unasked", agents.unasked, record.unasked),
        ("edited", agents.edited, record.edited),
        ("rejected", agents.rejected, sum(record.rejected.values())),
        ("expired", agents.expired, record.expired),
    ]
    return list(_side_by_side([one for one in counted if one[2]]))


def _side_by_side(counted: list[tuple[str, Worded, int]]) -> Iterator[Part]:
    total, before = sum(count for _, _, count in counted), 0
    for name, label, count in counted:
        x = WIDTH * before / total
        yield Part(name, label(count), count, round(x, 2), round(WIDTH * count / total, 2))
        before += count
