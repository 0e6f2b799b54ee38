"""Where values are kept, with their checkpoint or in rows of their own, makes no difference to read."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.base import empty_checkpoint
from sqlalchemy import func, select

from regisseur.storage import checkpoint_placing
from regisseur.storage.checkpoint import SqlAlchemySaver
from regisseur.storage.checkpoint_placing import INLINE
from regisseur.storage.checkpoint_tables import blob
from regisseur.storage.database import Database

SHORT, LONG = ["short"], ["long"] * 1_000


class Thread:
    """A thread that somebody goes on with, value by value."""

    def __init__(self, name: str = "t") -> None:
        self.config: Any = {"configurable": {"thread_id": name, "checkpoint_ns": ""}}
        self.values: dict[str, Any] = {}
        self.versions: dict[str, Any] = {}

    def put(self, saver: SqlAlchemySaver, **new: Any) -> Any:
        """Store the next checkpoint, in which some channels are new."""
        fresh: Any = {name: saver.get_next_version(self.versions.get(name), None) for name in new}
        self.values, self.versions = self.values | new, self.versions | fresh
        made = empty_checkpoint()
        made["channel_values"], made["channel_versions"] = {**self.values}, {**self.versions}
        self.config = saver.put(self.config, made, {"source": "loop"}, fresh)
        return self.config


def read(saver: SqlAlchemySaver, config: Any) -> dict[str, Any]:
    found = saver.get_tuple(config)
    assert found is not None
    return found.checkpoint["channel_values"]


def rows(database: Database) -> int:
    """How many values have a row of their own."""
    with database.checkpoints.connect() as connection:
        return connection.scalar(select(func.count()).select_from(blob)) or 0


def test_short_values_go_with_their_checkpoint_on_sqlite(database: Database) -> None:
    saver, thread = SqlAlchemySaver.on(database), Thread()
    limit = INLINE[database.dialect]
    thread.put(saver, a=SHORT, b=["x" * (limit - 4 if limit else 400)])
    assert rows(database) == (0 if limit else 2)
    assert read(saver, thread.config) == thread.values
    thread.put(saver, b=["x" * limit])
    assert rows(database) == (1 if limit else 3)
    assert read(saver, thread.config) == thread.values


def test_what_another_process_stored_is_neither_lost_nor_kept_twice(database: Database) -> None:
    thread = Thread()
    first = thread.put(SqlAlchemySaver.on(database), a=LONG, b=SHORT)
    another = SqlAlchemySaver.on(database)  # knows nothing, and does not even read
    second = thread.put(another, b=["other"])
    assert read(another, first) == {"a": LONG, "b": SHORT}
    assert read(another, second) == {"a": LONG, "b": ["other"]}
    with database.checkpoints.connect() as connection:
        kept = select(func.count()).select_from(blob).where(blob.c.channel == "a")
        assert connection.scalar(kept) == 1


def test_a_saver_that_read_goes_on_where_values_are(database: Database) -> None:
    thread = Thread()
    thread.put(SqlAlchemySaver.on(database), a=LONG, b=SHORT)
    another = SqlAlchemySaver.on(database)
    before = read(another, thread.config)
    thread.values["a"] = "would be seen if it were stored anew"
    assert read(another, thread.put(another)) == before


def test_a_value_that_comes_late_under_an_old_version_is_kept(database: Database) -> None:
    saver, thread = SqlAlchemySaver.on(database), Thread()
    thread.put(saver, b=SHORT)
    thread.versions["a"] = saver.get_next_version(None, None)
    without = thread.put(saver)
    thread.values["a"] = LONG
    assert read(saver, without) == {"b": SHORT}
    assert read(saver, thread.put(saver)) == {"a": LONG, "b": SHORT}


@pytest.mark.parametrize("way", ["delete_thread", "prune", "run"])
def test_nothing_deleted_is_counted_on(database: Database, way: str) -> None:
    saver, thread = SqlAlchemySaver.on(database), Thread()
    thread.put(saver, a=LONG)
    if way == "delete_thread":
        saver.delete_thread("t")
    elif way == "prune":
        saver.prune(["t"], strategy="delete")
    else:
        thread.config = saver.put(
            thread.config, {**empty_checkpoint(), "channel_values": {}}, {"run_id": "r"}, {}
        )
        saver.delete_for_runs(["r"])
    assert read(saver, thread.put(saver, b=1)) == {"a": LONG, "b": 1}


def test_a_saver_forgets_before_it_grows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_placing, "_REMEMBERED", 2)
    saver = SqlAlchemySaver.on(database)
    threads = [Thread(f"t{number}") for number in range(5)]
    for _ in range(2):
        for thread in threads:
            thread.put(saver, a=LONG) if not thread.values else thread.put(saver, b=SHORT)
    assert all(read(saver, one.config) == {"a": LONG, "b": SHORT} for one in threads)


SIZES = st.sampled_from([0, 10, 300, 1_020, 1_021, 1_030, 5_000])
STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),  # which saver
        st.sampled_from(["put", "fork", "read", "prune"]),
        st.integers(0, 30),  # which checkpoint to fork
        st.dictionaries(st.sampled_from("abc"), SIZES, max_size=3),
    ),
    max_size=25,
)


@pytest.fixture
def savers(database: Database) -> tuple[SqlAlchemySaver, SqlAlchemySaver]:
    return SqlAlchemySaver.on(database), SqlAlchemySaver.on(database)


@given(steps=STEPS)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_checkpoint_reads_as_it_was_put(
    savers: tuple[SqlAlchemySaver, SqlAlchemySaver], steps: Any
) -> None:
    """Two savers go on with one thread in turns, fork it anywhere, and prune it."""
    savers[0].delete_thread("t")
    thread = Thread()
    told: list[tuple[Any, dict[str, Any], dict[str, Any]]] = []
    for number, (which, what, back, sizes) in enumerate(steps):
        saver = savers[which]
        if what == "prune":
            saver.prune(["t"])
            told = told[-1:]
        elif what == "read":
            assert all(read(saver, config) == values for config, values, _ in told)
        else:
            if what == "fork" and told:
                thread.config, thread.values, thread.versions = told[back % len(told)]
            new = {name: f"{number:04}" + "x" * size for name, size in sizes.items()}
            config = thread.put(saver, **new)
            told.append((config, thread.values, thread.versions))
    assert all(read(savers[0], config) == values for config, values, _ in told)
