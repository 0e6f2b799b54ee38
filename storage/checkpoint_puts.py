"""How the checkpointer stores: in as few trips to the database as there can be.

On PostgreSQL a checkpoint and its blobs are one statement, which needs no transaction around it.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from langgraph.checkpoint.base import Checkpoint
from sqlalchemy import Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from regisseur.storage.checkpoint_driver import Driver, Spoken
from regisseur.storage.checkpoint_tables import blob, checkpoint, write

Row = tuple[Any, ...]
"""Values in the order of a table's columns."""

_INLINE_LENGTH = 256
"""Strings up to here live in the checkpoint's row. May grow, must never shrink: a checkpoint may
count on a blob that an earlier one wrote."""

_SMALL = (type(None), bool, int, float)

_AT_ONCE = 50
"""Rows in a statement: databases limit its parameters, and each number of rows is compiled once."""


def parted(checkpoint: Checkpoint) -> tuple[dict[str, Any], dict[str, str]]:
    """Part the values into those for the row itself and the versions of those kept as blobs.

    A channel without a value (never written, consumed, or rebuilt from history) is in neither.
    """
    small: dict[str, Any] = {}
    large: dict[str, str] = {}
    values = checkpoint["channel_values"]
    for channel, version in checkpoint["channel_versions"].items():
        if channel not in values:
            continue
        value = values[channel]
        kind = type(value)
        if kind in _SMALL or (kind is str and len(value) <= _INLINE_LENGTH):
            small[channel] = value
        else:
            large[channel] = str(version)
    return small, large


class Puts:
    """The two things that are stored, each of them whole or not at all."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._sqlite = driver.dialect.name == "sqlite"
        self._checkpoint: Callable[[int], Sequence[Spoken]] = cache(self._checkpoint_with)
        self._writes: Callable[[int], Spoken] = cache(self._writes_of)

    def checkpoint(self, row: Row, blobs: Sequence[Row]) -> None:
        """Store a checkpoint and values it holds; a value that is there already stays."""
        statements = self._checkpoint(len(blobs))
        values = _named(checkpoint, [row]) | _named(blob, blobs)
        self._driver.write(statements, [values] * len(statements))

    def writes(self, rows: Sequence[Row]) -> None:
        """Store what one task wrote. Negative indices are LangGraph's own, and replace."""
        parts = [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
        statements = [self._writes(len(part)) for part in parts]
        self._driver.write(statements, [_named(write, part) for part in parts])

    def _checkpoint_with(self, blobs: int) -> Sequence[Spoken]:
        row = self._replacing(checkpoint, 1)
        if blobs == 0:
            return [self._driver.speak(row)]
        values = self._insert(blob, blobs).on_conflict_do_nothing()
        if self._sqlite:
            return [self._driver.speak(values), self._driver.speak(row)]
        return [self._driver.speak(row.add_cte(values.cte("blobs")))]

    def _writes_of(self, rows: int) -> Spoken:
        return self._driver.speak(self._replacing(write, rows))

    def _insert(self, table: Table, rows: int) -> sqlite.Insert | postgresql.Insert:
        statement = sqlite.insert(table) if self._sqlite else postgresql.insert(table)
        names = iter(_names(table, rows))
        return statement.values(
            [{key.name: bindparam(next(names)) for key in table.c} for _ in range(rows)]
        )

    def _replacing(self, table: Table, rows: int) -> sqlite.Insert | postgresql.Insert:
        """Insert rows or replace those that are there, of writes only LangGraph's own."""
        statement = self._insert(table, rows)
        new = statement.excluded
        keys = [key.name for key in table.primary_key]
        return statement.on_conflict_do_update(
            index_elements=keys,
            set_={name: value for name, value in new.items() if name not in keys},
            where=new.idx < 0 if table is write else None,
        )


@cache
def _names(table: Table, rows: int) -> Sequence[str]:
    """Name the parameters of an insert of some rows, as they follow each other."""
    return [f"{table.name}_{place}_{key.name}" for place in range(rows) for key in table.c]


def _named(table: Table, rows: Sequence[Row]) -> dict[str, Any]:
    return dict(zip(_names(table, len(rows)), chain.from_iterable(rows), strict=True))
