"""How the checkpointer reads and deletes.

Reading: a selection of checkpoints is joined with the blobs they hold and the writes made since,
as one UNION ALL with a ``part`` column. One statement is one round trip and sees one moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import get_checkpoint_id
from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Table,
    TableValuedAlias,
    Text,
    and_,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from regisseur.storage.checkpoint_tables import TABLES, blob, checkpoint, write

HEAD: Final = 0
BLOB: Final = 1
WRITE: Final = 2

NEWEST: Final = (checkpoint.c.id, checkpoint.c.thread_id, checkpoint.c.ns)
"""What checkpoints are listed by, in falling order."""

LAST: Final = ("last_id", "last_thread_id", "last_ns")

ASKED: Final[Mapping[str, ColumnElement[bool]]] = {
    "thread_id": checkpoint.c.thread_id == bindparam("thread_id"),
    "ns": checkpoint.c.ns == bindparam("ns"),
    "id": checkpoint.c.id == bindparam("id"),
    "before": checkpoint.c.id < bindparam("before"),
    "last": tuple_(*NEWEST) < tuple_(*(bindparam(name, type_=Text) for name in LAST)),
}
"""What `list` may be asked for, by the value that says it; ``last`` needs the values of `LAST`."""

_DELTA = "counters_since_delta_snapshot"  # LangGraph's metadata key, absent after a full snapshot

PLACE: Final = slice(1, 4)
"""Where a row read tells of which checkpoint it is: id, thread and namespace, as `NEWEST`."""

COLUMNS: Final[Mapping[str, type[TypeEngine[Any]]]] = {
    "name": Text,  # the parent of a head, the task of a write
    "channel": Text,
    "idx": Integer,
    "path": Text,
    "type": Text,
    "data": LargeBinary,
    "facts": Text,  # a head's metadata, as JSON
}
"""What a row read tells after its part and place, by name; NULL where that part has none."""

Reading = CompoundSelect[*tuple[Any, ...]]


class Statements:
    """Everything the saver says to one kind of database."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        everything = select(checkpoint).where(ASKED["thread_id"], ASKED["ns"])
        newest = everything.order_by(checkpoint.c.id.desc()).limit(literal_column("1"))
        self.latest = self._reading(newest)
        self.pinned = self._reading(everything.where(ASKED["id"]))

    @staticmethod
    @cache
    def of(dialect: str) -> "Statements":
        """Give the statements for ``"sqlite"`` or ``"postgresql"``."""
        return Statements(dialect)

    def page(self, asked: Iterable[str], filters: Iterable[ColumnElement[bool]] = ()) -> Reading:
        """Read the newest checkpoints for which hold: those of `ASKED` that are named, and filters.

        ``size`` says how many.
        """
        where = [*(ASKED[name] for name in asked), *filters]
        newest = [key.desc() for key in NEWEST]
        size = bindparam("size", type_=Integer)
        return self._reading(select(checkpoint).where(*where).order_by(*newest).limit(size))

    def _reading(self, selection: Select[Any]) -> Reading:
        """Read everything of some checkpoints, in the columns of `COLUMNS`."""
        chosen = selection.cte("chosen")
        return union_all(self._heads(chosen), self._blobs(chosen), self._writes(chosen))

    def _heads(self, chosen: CTE) -> Select[Any]:
        return _part(
            HEAD,
            chosen,
            name=chosen.c.parent_id,
            type=chosen.c.type,
            data=chosen.c.data,
            facts=cast(chosen.c.metadata, Text),
        )

    def _blobs(self, chosen: CTE) -> Select[Any]:
        held = self._held(chosen.c.held)
        blobs, where = self._looked_up(
            blob,
            blob.c.thread_id == chosen.c.thread_id,
            blob.c.ns == chosen.c.ns,
            blob.c.channel == held.c.key,
            blob.c.version == held.c.value,
        )
        found = {"channel": held.c.key, "type": blobs.c.type, "data": blobs.c.data}
        # Joined to the outer side, so that a lost one shows.
        rows = chosen.join(held, true()).outerjoin(blobs, where)
        return _part(BLOB, chosen, **found).select_from(rows)

    def _writes(self, chosen: CTE) -> Select[Any]:
        writes, where = self._looked_up(
            write,
            write.c.thread_id == chosen.c.thread_id,
            write.c.ns == chosen.c.ns,
            write.c.id == chosen.c.id,
        )
        found = {
            "name": writes.c.task_id,
            "channel": writes.c.channel,
            "idx": writes.c.idx,
            "path": writes.c.task_path,
            "type": writes.c.type,
            "data": writes.c.data,
        }
        return _part(WRITE, chosen, **found).select_from(chosen.join(writes, where))

    def delete_thread(self, connection: Connection, thread_id: str) -> None:
        """Remove everything of a thread."""
        for table in TABLES:
            connection.execute(delete(table).where(table.c.thread_id == thread_id))

    def thread_exists(self, connection: Connection, thread_id: str) -> bool:
        """Tell whether a thread has any checkpoint."""
        found = exists().where(checkpoint.c.thread_id == thread_id)
        return connection.scalar(select(found)) is True

    def copy_thread(self, connection: Connection, source: str, target: str) -> None:
        """Copy all rows of a thread under another id."""
        for table in TABLES:
            others = [column for column in table.c if column.name != "thread_id"]
            rows = select(literal(target), *others).where(table.c.thread_id == source)
            names = ["thread_id", *(column.name for column in others)]
            connection.execute(insert(table).from_select(names, rows))

    def threads_of_run(self, connection: Connection, run_id: str) -> Sequence[str]:
        """List the threads in which a run made checkpoints."""
        found = select(checkpoint.c.thread_id).where(checkpoint.c.run_id == run_id).distinct()
        return connection.scalars(found).all()

    def delete_run(self, connection: Connection, run_id: str) -> None:
        """Remove a run's checkpoints and the writes made since them."""
        self._delete(connection, checkpoint.c.run_id == run_id)

    def delete_older(self, connection: Connection, thread_id: str) -> None:
        """Remove all checkpoints of a thread but the latest of each namespace, and their writes."""
        latest = (
            select(checkpoint.c.ns, func.max(checkpoint.c.id))
            .where(checkpoint.c.thread_id == thread_id)
            .group_by(checkpoint.c.ns)
        )
        older = tuple_(checkpoint.c.ns, checkpoint.c.id).not_in(latest)
        self._delete(connection, and_(checkpoint.c.thread_id == thread_id, older))

    def _delete(self, connection: Connection, where: ColumnElement[bool]) -> None:
        gone = select(checkpoint.c.thread_id, checkpoint.c.ns, checkpoint.c.id).where(where)
        owned = tuple_(write.c.thread_id, write.c.ns, write.c.id).in_(gone)
        connection.execute(delete(write).where(owned))
        connection.execute(delete(checkpoint).where(where))

    def rests_on_history(self, connection: Connection, thread_id: str) -> bool:
        """Tell whether a checkpoint of the thread has state that is only in earlier writes."""
        counters = checkpoint.c.metadata[_DELTA].as_string().is_not(None)
        found = exists().where(checkpoint.c.thread_id == thread_id, counters)
        return connection.scalar(select(found)) is True

    def tidy(self, connection: Connection, thread_id: str) -> None:
        """Forget parents that are gone, and remove the blobs that nobody holds."""
        parent = checkpoint.alias("parent")
        found = exists().where(
            parent.c.thread_id == checkpoint.c.thread_id,
            parent.c.ns == checkpoint.c.ns,
            parent.c.id == checkpoint.c.parent_id,
        )
        orphans = update(checkpoint).where(checkpoint.c.thread_id == thread_id, not_(found))
        connection.execute(orphans.values(parent_id=None))
        held = self._held(checkpoint.c.held)
        needed = (
            select(checkpoint.c.ns, held.c.key, held.c.value)
            .select_from(checkpoint.join(held, true()))
            .where(checkpoint.c.thread_id == thread_id)
        )
        unneeded = tuple_(blob.c.ns, blob.c.channel, blob.c.version).not_in(needed)
        connection.execute(delete(blob).where(blob.c.thread_id == thread_id, unneeded))

    def _looked_up(
        self, table: Table, *where: ColumnElement[bool]
    ) -> tuple[FromClause, ColumnElement[bool]]:
        """Give a table, and how it is joined: row by row by its key, as SQLite does anyway.

        PostgreSQL can't know how many blobs a checkpoint holds. It guesses a hundred, and reads
        whole tables (measured: list was 11 times slower), if OFFSET doesn't keep it from that.
        """
        if self._dialect == "sqlite":
            return table, and_(*where)
        return select(table).where(*where).offset(literal_column("0")).lateral(), true()

    def _held(self, held: ColumnElement[Any]) -> TableValuedAlias:
        """Spread {channel: version} over rows with a key and a value."""
        spread = func.json_each if self._dialect == "sqlite" else func.jsonb_each_text
        return spread(held).table_valued(column("key", Text), column("value", Text))


def _part(part: int, chosen: CTE, **found: ColumnElement[Any]) -> Select[Any]:
    """Select one kind of rows, with NULL for what it has not of `COLUMNS`."""
    columns = [found.get(name, cast(null(), kind)).label(name) for name, kind in COLUMNS.items()]
    place = (chosen.c.id, chosen.c.thread_id, chosen.c.ns)
    return select(literal_column(str(part)).label("part"), *place, *columns)


def asked(config: RunnableConfig | None, before: RunnableConfig | None) -> dict[str, str]:
    """Say which of `ASKED` are asked of `list`, and with which values."""
    values: dict[str, Any] = {}
    if config is not None:
        place = configurable(config)
        values["thread_id"] = str(place["thread_id"])
        values["ns"] = place.get("checkpoint_ns")
        values["id"] = get_checkpoint_id(config) or None
    if before is not None:
        values["before"] = get_checkpoint_id(before) or None
    return {name: value for name, value in values.items() if value is not None}


def filters(dialect: str, metadata: Mapping[str, Any] | None) -> list[ColumnElement[bool]]:
    """Say in SQL which metadata a checkpoint has."""
    same = _same_in_sqlite if dialect == "sqlite" else _same_in_postgresql
    for key, value in (metadata or {}).items():
        if not isinstance(value, str | int | float | None):
            raise TypeError(f"Metadata {key!r} can be compared with plain values, not {value!r}.")
    return [same(key, value) for key, value in (metadata or {}).items()]


def configurable(config: RunnableConfig) -> dict[str, Any]:
    """Give the part of a LangGraph config that names thread, namespace and checkpoint."""
    return config.get("configurable", {})


def _same_in_postgresql(key: str, value: str | float | None) -> ColumnElement[bool]:
    stored = checkpoint.c.metadata[key]
    same: ColumnElement[bool] = stored == cast(value, JSONB)
    return or_(same, stored.is_(None)) if value is None else same


def _same_in_sqlite(key: str, value: str | float | None) -> ColumnElement[bool]:
    path = f'$."{key}"'
    kind = func.json_type(checkpoint.c.metadata, path)
    if value is None:
        return func.coalesce(kind, "null") == "null"
    if isinstance(value, bool):  # a bool is an int to Python, and to json_extract
        return kind == ("true" if value else "false")
    right = kind == "text" if isinstance(value, str) else or_(kind == "integer", kind == "real")
    return and_(right, func.json_extract(checkpoint.c.metadata, path) == value)
