"""Two nights side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from regisseur.office.pack.model import Pack
from regisseur.office.pack.reader import PackReader
from regisseur.office.pack.views import PackView


@dataclass(frozen=True)
class Comparison:
    """A pack and the one kept before it."""

    now: PackView
    before: PackView | None
    """``None`` for the first pack of a company."""
    changes: tuple[str, ...]
    """What changed, in the company's language."""
    figures: tuple[tuple[str, str, str], ...]
    """Name, then and now, in words; ``–`` where a night has none."""


def comparison(now: PackView, before: PackView | None) -> Comparison:
    """Beside each other, in the company's language."""
    reader = PackReader(now.data, now.locale)
    earlier = None if before is None else before.data
    return Comparison(now, before, tuple(reader.since()), tuple(_figures(reader, earlier)))


def _figures(reader: PackReader, before: Pack | None) -> Iterator[tuple[str, str, str]]:
    """Those of the night, then those that only the night before has."""
    known = {(one.agent, one.figure.tag): one.figure for one in (before.figures if before else ())}
    say = reader.value
    for one in reader.pack.figures:
        old = known.pop((one.agent, one.figure.tag), None)
        yield say(one.figure.name), say(old.value if old else None), say(one.figure.value)
    for gone in known.values():
        yield say(gone.name), say(gone.value), say(None)
