"""How the checkpointer stores: in as few trips to the database as there can be.

On PostgreSQL a checkpoint and its blobs are one statement, which needs no transaction around it.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Table, bindparam, literal_column
from sqlalchemy.dialects import postgresql, sqlite

from regisseur.storage.checkpoint_driver import Driver, Spoken
from regisseur.storage.checkpoint_tables import blob, checkpoint, write

Row = tuple[Any, ...]
"""Values in the order of a table's columns."""

_AT_ONCE = 50
"""Rows in a statement: databases limit its parameters, and each number of rows is compiled once."""


class Puts:
    """The two things that are stored, each of them whole or not at all."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._sqlite = driver.dialect.name == "sqlite"
        self._row = driver.speak(self._replacing(checkpoint, 1))
        self._blobs: Callable[[int], Spoken] = cache(self._blobs_of)
        self._both: Callable[[int], Spoken] = cache(self._checkpoint_with)
        self._writes: Callable[[int], Spoken] = cache(self._writes_of)

    def checkpoint(self, row: Row, blobs: Sequence[Row]) -> None:
        """Store a checkpoint and values it holds; a value that is there already stays."""
        if not blobs:
            self._driver.write([self._row], [row])
        elif self._sqlite:
            statements = [self._blobs(len(blobs)), self._row]
            self._driver.write(statements, [[*chain.from_iterable(blobs)], row])
        else:
            self._driver.write([self._both(len(blobs))], [[*chain.from_iterable(blobs), *row]])

    def writes(self, rows: Sequence[Row]) -> None:
        """Store what one task wrote. Negative indices are LangGraph's own, and replace."""
        parts = [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
        statements = [self._writes(len(part)) for part in parts]
        self._driver.write(statements, [[*chain.from_iterable(part)] for part in parts])

    def _blobs_of(self, rows: int) -> Spoken:
        return self._driver.speak(self._insert(blob, rows).on_conflict_do_nothing())

    def _checkpoint_with(self, blobs: int) -> Spoken:
        values = self._insert(blob, blobs).on_conflict_do_nothing()
        return self._driver.speak(self._replacing(checkpoint, 1).add_cte(values.cte("blobs")))

    def _writes_of(self, rows: int) -> Spoken:
        return self._driver.speak(self._replacing(write, rows))

    def _insert(self, table: Table, rows: int) -> sqlite.Insert | postgresql.Insert:
        """Insert rows, whose parameters follow each other as rows and columns do."""
        statement = sqlite.insert(table) if self._sqlite else postgresql.insert(table)
        return statement.values(
            [
                {key.name: bindparam(f"{table.name}_{row}_{key.name}") for key in table.c}
                for row in range(rows)
            ]
        )

    def _replacing(self, table: Table, rows: int) -> sqlite.Insert | postgresql.Insert:
        """Insert rows or replace those that are there, of writes only LangGraph's own."""
        statement = self._insert(table, rows)
        new = statement.excluded
        keys = [key.name for key in table.primary_key]
        return statement.on_conflict_do_update(
            index_elements=keys,
            set_={name: value for name, value in new.items() if name not in keys},
            where=new.idx < literal_column("0") if table is write else None,
        )
