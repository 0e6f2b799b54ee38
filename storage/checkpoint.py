"""A LangGraph checkpointer on SQLAlchemy Core, for SQLite and PostgreSQL.

One statement reads a checkpoint with its values and its pending writes, so that what is read is
one moment of the database. What is stored is stored whole or not at all. The asynchronous methods
run the same code in threads, which is faster than the asynchronous drivers (measured, on both).

What is stored is never executed: only allow-listed types are rebuilt from msgpack, whatever the
environment says; anything else comes back as plain data, with a warning of LangGraph's in the log.
"""

import json
import secrets
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    Sequence,
)
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import Any, ParamSpec, Self, TypeVar, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_serializable_checkpoint_metadata,
    writes_sort_key,
)
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from sqlalchemy import ColumnElement, Connection, Engine

from regisseur.storage.base import metadata as declared
from regisseur.storage.checkpoint_driver import Driver
from regisseur.storage.checkpoint_placing import INLINE, Placings, placed
from regisseur.storage.checkpoint_puts import Puts
from regisseur.storage.checkpoint_sql import (
    ASKED,
    HEAD,
    LAST,
    PLACE,
    WRITE,
    Statements,
    asked,
    configurable,
    filters,
)
from regisseur.storage.checkpoint_tables import TABLES
from regisseur.storage.database import Database
from regisseur.storage.engines import connected
from regisseur.storage.errors import DatabaseDamaged, StorageError
from regisseur.storage.threads import settled

P = ParamSpec("P")
T = TypeVar("T")

_PAGE = 50
"""Checkpoints that `list` reads at a time."""


class PruneRefused(StorageError):
    """Removing these checkpoints would destroy state that later ones are rebuilt from."""


class SqlAlchemySaver(BaseCheckpointSaver[str]):
    """Checkpoints in the database behind an engine.

    The tables come with the migrations of `Database.upgrade`; `setup` makes them for whoever uses
    the saver alone. ``allowed`` lists the classes that may be rebuilt from stored state, beside
    messages and the standard library's values; ``serde`` replaces the serializer altogether, e.g.
    by LangGraph's ``EncryptedSerializer`` around a strict ``JsonPlusSerializer``. ``executor``
    serves the asynchronous methods.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        allowed: Iterable[type | tuple[str, ...]] = (),
        serde: SerializerProtocol | None = None,
        executor: Executor | None = None,
    ) -> None:
        strict = JsonPlusSerializer(allowed_msgpack_modules=tuple(allowed) or None)
        super().__init__(serde=serde or strict)
        self._engine = engine
        self._executor = executor
        self._driver = Driver(engine)
        self._sql = Statements.of(engine.dialect.name)
        self._latest = self._driver.speak(self._sql.latest)
        self._pinned = self._driver.speak(self._sql.pinned)
        self._page = cache(lambda asked: self._driver.speak(self._sql.page(asked)))
        self._puts = Puts(self._driver)
        self._placings = Placings()
        self._inline = INLINE[engine.dialect.name]

    @classmethod
    def on(cls, database: Database, *, allowed: Iterable[type | tuple[str, ...]] = ()) -> Self:
        """Make the saver of an open database."""
        return cls(database.checkpoints, allowed=allowed, executor=database.threads)

    def setup(self) -> None:
        """Create the tables if they are missing, without migrations."""
        declared.create_all(self._engine, tables=TABLES)

    def get_next_version(self, current: str | None, channel: None) -> str:
        """Give a version that sorts after ``current`` and that no fork of the thread repeats."""
        number = 0 if current is None else int(str(current).partition(".")[0])
        return f"{number + 1:012}.{secrets.token_hex(6)}"

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Read the checkpoint named in ``config``, or the latest of its thread and namespace."""
        thread_id, ns = _place(config)
        place = {"thread_id": thread_id, "ns": ns, "id": get_checkpoint_id(config)}
        reading = self._latest if place["id"] is None else self._pinned
        parts = self._driver.read(reading, place)
        if not parts:
            return None
        one, held = self._tuple(parts)
        self._placings.note(thread_id, ns, one.checkpoint, held)
        return one

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """List checkpoints, newest first, reading them page by page.

        ``filter`` compares metadata with strings, numbers, booleans and None.

        Raises:
            TypeError: a value in ``filter`` is of another type.
        """
        size = _PAGE if limit is None else max(1, min(limit, _PAGE))
        marked = filters(self._engine.dialect.name, filter)
        return islice(self._pages(asked(config, before), marked, size), limit)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint and those of its large values that are new."""
        thread_id, ns = _place(config)
        facts = get_serializable_checkpoint_metadata(config, metadata)
        before = self._placings.of(thread_id, ns)
        pack = self.serde.dumps_typed
        inline, held, blobs = placed(checkpoint, new_versions, before, self._inline, pack)
        body = pack({**checkpoint, "channel_values": inline})
        origin = (get_checkpoint_id(config), facts.get("run_id"))
        row = (thread_id, ns, checkpoint["id"], *origin, facts, held or None, *body)
        self._puts.checkpoint(row, [(thread_id, ns, *blob) for blob in blobs])
        self._placings.note(thread_id, ns, checkpoint, held)
        return _config(thread_id, ns, checkpoint["id"])

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Store what a task wrote since the checkpoint: all of it or nothing.

        A write that is there already stays as it is, except LangGraph's own (errors, interrupts,
        resume values), which are replaced.
        """
        place = (*_place(config), configurable(config)["checkpoint_id"], task_id)
        rows = {}
        for index, (channel, value) in enumerate(writes):
            number = WRITES_IDX_MAP.get(channel, index)
            packed = self.serde.dumps_typed(value)
            rows[number] = (*place, number, task_path, channel, *packed)
        if rows:
            self._puts.writes([*rows.values()])

    def delete_thread(self, thread_id: str) -> None:
        """Remove everything of a thread."""
        with self._transaction() as connection:
            self._sql.delete_thread(connection, str(thread_id))

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Remove the checkpoints that these runs made, with their writes and unshared values.

        Raises:
            PruneRefused: a thread would lose history that its DeltaChannels are rebuilt from.
        """
        with self._transaction() as connection:
            for run_id in run_ids:
                threads = self._sql.threads_of_run(connection, str(run_id))
                self._sql.delete_run(connection, str(run_id))
                for thread_id in threads:
                    self._tidy(connection, thread_id)

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy a whole thread under another id.

        Raises:
            ValueError: the target exists already.
        """
        with self._transaction() as connection:
            if self._sql.thread_exists(connection, str(target_thread_id)):
                raise ValueError(f"Thread {target_thread_id} exists already; copy to a new id.")
            self._sql.copy_thread(connection, str(source_thread_id), str(target_thread_id))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Reduce threads to their latest checkpoint per namespace, or ``"delete"`` them.

        Raises:
            PruneRefused: a thread to be reduced has DeltaChannels, which need their history.
            ValueError: another strategy.
        """
        if strategy not in ("keep_latest", "delete"):
            raise ValueError(f"Prune by 'keep_latest' or 'delete', not {strategy!r}.")
        with self._transaction() as connection:
            for thread_id in map(str, thread_ids):
                if strategy == "delete":
                    self._sql.delete_thread(connection, thread_id)
                else:
                    self._sql.delete_older(connection, thread_id)
                    self._tidy(connection, thread_id)

    def _tidy(self, connection: Connection, thread_id: str) -> None:
        """Make whole what is left of a thread after some of its checkpoints were deleted."""
        if self._sql.rests_on_history(connection, thread_id):
            raise PruneRefused(
                f"Thread {thread_id} has DeltaChannels, whose state is rebuilt from its history.",
                "Delete the whole thread, or keep it whole; nothing was changed.",
            )
        self._sql.tidy(connection, thread_id)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Do `get_tuple` in a thread."""
        return await self._settled(self.get_tuple, config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Do `list` in threads, a page at a time."""
        found = self.list(config, filter=filter, before=before, limit=limit)
        while page := await self._settled(lambda: [*islice(found, _PAGE)]):
            for item in page:
                yield item

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Do `put` in a thread."""
        return await self._settled(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Do `put_writes` in a thread."""
        await self._settled(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """Do `delete_thread` in a thread."""
        await self._settled(self.delete_thread, thread_id)

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Do `delete_for_runs` in a thread."""
        await self._settled(self.delete_for_runs, run_ids)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Do `copy_thread` in a thread."""
        await self._settled(self.copy_thread, source_thread_id, target_thread_id)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Do `prune` in a thread."""
        await self._settled(self.prune, thread_ids, strategy=strategy)

    async def _settled(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await settled(self._executor, function, *args, **kwargs)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with connected(self._engine) as connection, connection.begin():
            yield connection
        self._placings.forget()  # values may be gone

    def _tuples(self, parts: Iterable[Sequence[Any]]) -> Iterator[CheckpointTuple]:
        """Put together what a page's reading found, newest first."""
        by_place: dict[tuple[str, str, str], list[Sequence[Any]]] = {}
        for part in parts:
            by_place.setdefault(tuple(part[PLACE]), []).append(part)
        for place in sorted(by_place, reverse=True):
            yield self._tuple(by_place[place])[0]

    def _tuple(self, parts: Sequence[Sequence[Any]]) -> tuple[CheckpointTuple, KeysView[str]]:
        """Put together one checkpoint, and name the channels whose values have their own rows."""
        unpacked = self.serde.loads_typed
        id_, thread_id, ns = parts[0][PLACE]
        parent, metadata = None, {}
        checkpoint: Any = {}
        values, lost, writes = {}, [], []
        for kind, _, _, _, name, channel, index, path, type_, data, facts in parts:
            if kind == HEAD:
                parent, metadata = name, json.loads(facts)
                checkpoint = unpacked((type_, data))
            elif kind == WRITE:
                write = (name, channel, unpacked((type_, data)))
                writes.append((writes_sort_key(path, name, index), write))
            elif type_ is None:
                lost.append(channel)
            else:
                values[channel] = unpacked((type_, data))
        if lost:
            raise DatabaseDamaged(
                f"Checkpoint {id_} of thread {thread_id} lacks its {', '.join(lost)}.",
                "Resume the thread from an earlier checkpoint, or restore the last backup.",
            )
        checkpoint["channel_values"].update(values)
        return CheckpointTuple(
            config=_config(thread_id, ns, id_),
            checkpoint=checkpoint,
            metadata=cast(CheckpointMetadata, metadata),
            parent_config=None if parent is None else _config(thread_id, ns, parent),
            pending_writes=[write for _, write in sorted(writes, key=itemgetter(0))],
        ), values.keys()

    def _pages(
        self, values: Mapping[str, str], marked: Sequence[ColumnElement[bool]], size: int
    ) -> Iterator[CheckpointTuple]:
        while True:
            names = tuple(name for name in ASKED if name in values)
            if marked:
                reading = self._driver.speak(self._sql.page(names, marked))
            else:
                reading = self._page(names)
            page = [*self._tuples(self._driver.read(reading, {**values, "size": size}))]
            yield from page
            if len(page) < size:
                return
            last = configurable(page[-1].config)
            place = (last["checkpoint_id"], last["thread_id"], last["checkpoint_ns"])
            values = {**values, "last": "", **dict(zip(LAST, place, strict=True))}


def _place(config: RunnableConfig) -> tuple[str, str]:
    where = configurable(config)
    return str(where["thread_id"]), where.get("checkpoint_ns", "")


def _config(thread_id: str, ns: str, id_: str) -> RunnableConfig:
    place = {"thread_id": thread_id, "checkpoint_ns": ns, "checkpoint_id": id_}
    return {"configurable": place}
