"""What the conformance suite leaves out: real graphs, forks, history, typed filters, damage."""

import asyncio
import operator
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    Checkpoint,
    CheckpointTuple,
    empty_checkpoint,
)
from langgraph.checkpoint.serde.types import INTERRUPT
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send, interrupt
from sqlalchemy import Engine, NullPool, create_engine, func, select

from regisseur.storage.checkpoint import PruneRefused, SqlAlchemySaver
from regisseur.storage.checkpoint_tables import TABLES, blob
from regisseur.storage.database import Database
from regisseur.storage.errors import DatabaseDamaged

LARGE = "long " * 400  # longer than what goes with a checkpoint


@pytest.fixture
def saver(database: Database) -> SqlAlchemySaver:
    return SqlAlchemySaver.on(database)


Config = Any
"""A RunnableConfig, whose keys are all optional to type checkers."""


def at(thread: str = "t", ns: str = "", **more: Any) -> Config:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ns, **more}}


def put(
    saver: SqlAlchemySaver,
    values: dict[str, Any],
    config: Config = None,
    versions: Any = None,
    **metadata: Any,
) -> Config:
    """Store a checkpoint in which every value is new."""
    versions = versions or {channel: saver.get_next_version(None, None) for channel in values}
    facts: Any = {"source": "loop", "step": 0} | metadata
    return saver.put(config or at(), holding(values, versions), facts, versions)


def holding(values: dict[str, Any], versions: Any) -> Checkpoint:
    made = empty_checkpoint()
    made["channel_values"] = values
    made["channel_versions"] = versions
    return made


def get(saver: SqlAlchemySaver, config: Config) -> CheckpointTuple:
    found = saver.get_tuple(config)
    assert found is not None
    return found


def values(saver: SqlAlchemySaver, config: Config) -> dict[str, Any]:
    return get(saver, config).checkpoint["channel_values"]


def count(database: Database) -> dict[str, int]:
    with database.checkpoints.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in TABLES
        }


class Trail(TypedDict):
    steps: list[str]
    text: str


def three_steps(saver: SqlAlchemySaver | None) -> Any:
    """A graph that pauses for an answer between two steps, with a small and a large channel."""

    def first(state: Trail) -> Trail:
        return {"steps": [*state["steps"], "first"], "text": LARGE}

    def ask(state: Trail) -> dict[str, Any]:
        return {"steps": [*state["steps"], interrupt("Go on?")]}

    def last(state: Trail) -> dict[str, Any]:
        return {"steps": [*state["steps"], "last"]}

    graph = StateGraph(Trail)
    for node in (first, ask, last):
        graph.add_node(node)
    graph.add_edge(START, "first")
    graph.add_edge("first", "ask")
    graph.add_edge("ask", "last")
    graph.add_edge("last", END)
    return graph.compile(checkpointer=saver)


def test_a_graph_pauses_and_resumes(saver: SqlAlchemySaver) -> None:
    graph = three_steps(saver)
    paused = graph.invoke({"steps": []}, at(), durability="sync")
    assert [question.value for question in paused["__interrupt__"]] == ["Go on?"]
    assert graph.get_state(at()).next == ("ask",)
    done = graph.invoke(Command(resume="yes"), at(), durability="sync")
    assert done == {"steps": ["first", "yes", "last"], "text": LARGE}


def test_sync_and_async_store_and_read_the_same(saver: SqlAlchemySaver) -> None:
    graph = three_steps(saver)
    graph.invoke({"steps": []}, at("sync"), durability="sync")
    graph.invoke(Command(resume="yes"), at("sync"), durability="sync")

    async def other_way() -> list[CheckpointTuple]:
        await graph.ainvoke({"steps": []}, at("async"), durability="sync")
        await graph.ainvoke(Command(resume="yes"), at("async"), durability="sync")
        return [item async for item in saver.alist(at("async"))]

    found = asyncio.run(other_way())
    assert found == [*saver.list(at("async"))]
    assert [outline(item) for item in found] == [outline(item) for item in saver.list(at("sync"))]
    assert len(found) == 5
    assert asyncio.run(saver.aget_tuple(at("async"))) == saver.get_tuple(at("async"))


def outline(item: CheckpointTuple) -> tuple[Any, ...]:
    """What a checkpoint says, without its ids, versions and times."""
    channels = item.checkpoint["channel_values"].items()
    mine = {name: value for name, value in channels if not name.startswith("__pregel")}
    writes = [
        (channel, [question.value for question in value] if channel == INTERRUPT else value)
        for _, channel, value in item.pending_writes or []
    ]
    return item.metadata.get("step"), item.metadata.get("source"), mine, writes


def test_forks_of_one_checkpoint_keep_their_own_values(saver: SqlAlchemySaver) -> None:
    graph = three_steps(saver)
    graph.invoke({"steps": []}, at(), durability="sync")
    base = graph.get_state(at()).config
    left = graph.update_state(base, {"text": "left " + LARGE})
    right = graph.update_state(base, {"text": "right " + LARGE})
    assert values(saver, left)["text"].startswith("left")
    assert values(saver, right)["text"].startswith("right")
    assert values(saver, base)["text"] == LARGE
    resumed = graph.invoke(Command(resume="yes"), left, durability="sync")
    assert resumed["text"].startswith("left")


def test_versions_grow_and_never_repeat(saver: SqlAlchemySaver) -> None:
    versions = [saver.get_next_version(None, None)]
    for _ in range(120):
        versions.append(saver.get_next_version(versions[-1], None))
    assert versions == sorted(versions)
    again = saver.get_next_version(versions[4], None)
    assert versions[4] < again < versions[6]
    assert again != versions[5]


def test_threads_work_at_once(saver: SqlAlchemySaver) -> None:
    graph = three_steps(saver)

    def run(name: str) -> Any:
        graph.invoke({"steps": []}, at(name), durability="sync")
        return graph.invoke(Command(resume=name), at(name), durability="sync")["steps"]

    names = [f"thread {number}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(run, names)] == [["first", name, "last"] for name in names]


def test_a_channel_without_a_value_stays_absent(saver: SqlAlchemySaver) -> None:
    versions = dict.fromkeys(("none", "empty", "absent"), saver.get_next_version(None, None))
    config = put(saver, {"none": None, "empty": ""}, versions=versions)
    assert values(saver, config) == {"none": None, "empty": ""}


@pytest.mark.parametrize(
    "value",
    [
        True,
        0,
        1.5,
        -(2**63),
        "é" * 256,
        "é" * 257,
        "",
        b"\x00\xff",
        bytearray(b"\x00"),
        [1, {"a": None}],
        {1: "x"},
    ],
    ids=lambda value: repr(value)[:20],
)
def test_values_come_back_as_they_were(saver: SqlAlchemySaver, value: Any) -> None:
    found = values(saver, put(saver, {"value": value}))["value"]
    assert found == value
    assert type(found) is type(value)


def test_an_unchanged_large_value_is_kept_once(saver: SqlAlchemySaver, database: Database) -> None:
    first = put(saver, {"text": LARGE, "step": 1})
    versions: Any = get(saver, first).checkpoint["channel_versions"]
    step: Any = {"step": saver.get_next_version(versions["step"], None)}
    second = holding({"text": LARGE, "step": 2}, versions | step)
    config = saver.put(first, second, {"source": "loop"}, step)
    assert values(saver, config) == {"text": LARGE, "step": 2}
    assert values(saver, first) == {"text": LARGE, "step": 1}
    assert count(database)["checkpoint_blob"] == 1


def test_a_lost_value_is_told_not_dropped(saver: SqlAlchemySaver, database: Database) -> None:
    config = put(saver, {"text": LARGE})
    with database.checkpoints.begin() as connection:
        connection.execute(blob.delete())
    with pytest.raises(DatabaseDamaged, match=r"lacks its text.*earlier checkpoint"):
        saver.get_tuple(config)


def test_pending_writes_come_in_the_order_of_tasks(saver: SqlAlchemySaver) -> None:
    config = put(saver, {})
    saver.put_writes(config, [("b", 1), ("b", 2)], "task 1", "path 2")
    saver.put_writes(config, [("a", 3)], "task 3", "path 1")
    saver.put_writes(config, [("a", 4)], "task 2", "path 1")
    assert get(saver, config).pending_writes == [
        ("task 2", "a", 4),
        ("task 3", "a", 3),
        ("task 1", "b", 1),
        ("task 1", "b", 2),
    ]


@pytest.mark.parametrize("channel", WRITES_IDX_MAP)
def test_langgraphs_own_writes_are_replaced(saver: SqlAlchemySaver, channel: str) -> None:
    config = put(saver, {})
    saver.put_writes(config, [(channel, "old")], "task")
    saver.put_writes(config, [("plain", 1), (channel, "new")], "task")
    assert get(saver, config).pending_writes == [
        ("task", channel, "new"),
        ("task", "plain", 1),
    ]


def test_a_tasks_own_writes_are_kept(saver: SqlAlchemySaver) -> None:
    config = put(saver, {})
    saver.put_writes(config, [("plain", "first")], "task")
    saver.put_writes(config, [("plain", "second"), ("more", 2)], "task")
    assert get(saver, config).pending_writes == [("task", "plain", "first"), ("task", "more", 2)]


MARKS = [1, 2, True, False, 1.5, "1", "true", "null", None, "é'\"", "NaN"]


@pytest.mark.parametrize("wanted", MARKS, ids=repr)
def test_filters_tell_types_apart(saver: SqlAlchemySaver, wanted: Any) -> None:
    for mark in MARKS:
        put(saver, {}, mark=mark)
    found = [item.metadata["mark"] for item in saver.list(at(), filter={"mark": wanted})]  # type: ignore[typeddict-item]
    assert [(type(mark), mark) for mark in found] == [(type(wanted), wanted)]


def test_filtering_for_none_finds_the_absent_too(saver: SqlAlchemySaver) -> None:
    put(saver, {}, mark=None)
    put(saver, {})
    put(saver, {}, mark=0)
    assert len([*saver.list(at(), filter={"mark": None})]) == 2


@pytest.mark.parametrize("key", ["a.b", "a b", "$.a", "a'b", "[0]", "*"])
def test_filters_take_odd_keys(saver: SqlAlchemySaver, key: str) -> None:
    marked: dict[str, Any] = {key: "this", "a": {"b": "that"}}
    put(saver, {}, **marked)
    put(saver, {}, **marked | {key: "that"})
    assert len([*saver.list(at(), filter={key: "this"})]) == 1


def test_a_filter_that_cant_be_compared_is_refused(saver: SqlAlchemySaver) -> None:
    with pytest.raises(TypeError, match="'writes'"):
        saver.list(at(), filter={"writes": {"a": 1}})


def test_long_lists_are_read_in_pages_without_gaps(saver: SqlAlchemySaver) -> None:
    made = [put(saver, {"n": n}, at(f"thread {n % 3}")) for n in range(120)]
    found = ids(saver.list(None))
    assert found == sorted(config["configurable"]["checkpoint_id"] for config in made)[::-1]
    assert len(ids(saver.list(at("thread 1")))) == 40
    assert ids(saver.list(None, limit=0)) == []
    assert ids(saver.list(None, limit=60)) == found[:60]
    assert ids(saver.list(None, before=at(checkpoint_id=found[100]))) == found[101:]


def ids(items: Iterable[CheckpointTuple]) -> list[str]:
    return [item.checkpoint["id"] for item in items]


def test_a_pruned_thread_resumes_where_it_waits(saver: SqlAlchemySaver, database: Database) -> None:
    graph = three_steps(saver)
    graph.invoke({"steps": []}, at(), durability="sync")
    saver.prune(["t"])
    left = count(database)
    large = {"sqlite": 1, "postgresql": 2}[database.dialect]  # SQLite keeps a short list inline
    assert (left["checkpoint"], left["checkpoint_blob"]) == (1, large)
    assert get(saver, at()).parent_config is None
    done = graph.invoke(Command(resume="yes"), at(), durability="sync")
    assert done == {"steps": ["first", "yes", "last"], "text": LARGE}


def test_pruning_keeps_the_latest_of_each_namespace(saver: SqlAlchemySaver) -> None:
    for ns in ("", "child:1"):
        config = at(ns=ns)
        for number in range(3):
            config = put(saver, {"n": number, "text": f"{ns} {number} {LARGE}"}, config)
            saver.put_writes(config, [("w", number)], "task")
    other = put(saver, {"text": LARGE}, at("other"))
    saver.prune(["t", "unknown"])
    for ns in ("", "child:1"):
        found = get(saver, at(ns=ns))
        assert found.checkpoint["channel_values"] == {"n": 2, "text": f"{ns} 2 {LARGE}"}
        assert found.pending_writes == [("task", "w", 2)]
        assert len([*saver.list(at(ns=ns))]) == 1
    assert values(saver, other) == {"text": LARGE}


def test_pruning_by_delete_and_delete_thread_leave_no_row(
    saver: SqlAlchemySaver, database: Database
) -> None:
    for name in ("a", "b", "c"):
        config = put(saver, {"text": LARGE}, at(name))
        saver.put_writes(config, [("w", 1)], "task")
    saver.prune(["a"], strategy="delete")
    saver.delete_thread("b")
    assert set(count(database).values()) == {1}
    assert saver.get_tuple(at("c")) is not None
    saver.prune(["c"], strategy="delete")
    assert set(count(database).values()) == {0}


def test_an_unknown_way_of_pruning_is_refused(saver: SqlAlchemySaver) -> None:
    with pytest.raises(ValueError, match="keep_latest"):
        saver.prune(["t"], strategy="keep_some")


def test_deleting_a_run_leaves_the_others_whole(saver: SqlAlchemySaver, database: Database) -> None:
    first = put(saver, {"text": "1 " + LARGE}, run_id="one")
    saver.put_writes(first, [("w", 1)], "task")
    shared = get(saver, first).checkpoint["channel_versions"]
    second = holding({"text": "1 " + LARGE}, shared)
    kept = saver.put(first, second, {"source": "loop", "run_id": "two"}, {})
    saver.delete_for_runs(["one", "unknown"])
    assert saver.get_tuple(first) is None
    found = get(saver, kept)
    assert found.checkpoint["channel_values"] == {"text": "1 " + LARGE}
    assert found.parent_config is None
    assert count(database) == {"checkpoint": 1, "checkpoint_blob": 1, "checkpoint_write": 0}
    saver.delete_for_runs(["two"])
    assert set(count(database).values()) == {0}


def test_a_copied_thread_goes_its_own_way(saver: SqlAlchemySaver) -> None:
    graph = three_steps(saver)
    graph.invoke({"steps": []}, at("source"), durability="sync")
    saver.copy_thread("source", "copy")
    graph.invoke(Command(resume="copied"), at("copy"), durability="sync")
    assert graph.get_state(at("copy")).values["steps"] == ["first", "copied", "last"]
    assert graph.get_state(at("source")).next == ("ask",)
    saver.delete_thread("source")
    assert graph.get_state(at("copy")).values["text"] == LARGE


def test_copying_onto_a_thread_is_refused(saver: SqlAlchemySaver) -> None:
    put(saver, {}, at("source"))
    put(saver, {}, at("copy"))
    with pytest.raises(ValueError, match="copy exists already"):
        saver.copy_thread("source", "copy")


def appended(state: list[str], writes: Sequence[list[str]]) -> list[str]:
    return state + [item for write in writes for item in write]


class Story(TypedDict):
    told: Annotated[list[str], DeltaChannel(appended, snapshot_frequency=3)]


def story(saver: SqlAlchemySaver) -> Any:
    def tell(state: Story) -> dict[str, Any]:
        return {"told": [f"{len(state['told'])} {LARGE}"]}

    graph = StateGraph(Story)
    graph.add_node("tell", tell)
    graph.add_edge(START, "tell")
    graph.add_edge("tell", END)
    return graph.compile(checkpointer=saver)


def test_delta_channels_are_rebuilt_and_protected(saver: SqlAlchemySaver) -> None:
    graph = story(saver)
    refused, told = 0, []
    for length in range(2, 12, 2):
        graph.invoke({"told": ["heard"]}, at(), durability="sync")
        told = graph.get_state(at()).values["told"]
        assert len(told) == length
        try:
            saver.prune(["t"])
        except PruneRefused:
            refused += 1
        assert graph.get_state(at()).values["told"] == told
    assert refused
    saver.copy_thread("t", "copy")
    assert graph.get_state(at("copy")).values["told"] == told
    assert asyncio.run(graph.aget_state(at("copy"))).values["told"] == told


class Counting(SqlAlchemySaver):
    """Tells when four tasks have stored what they wrote."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.tasks: set[str] = set()
        self.four = threading.Event()

    def put_writes(
        self, config: Config, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        super().put_writes(config, writes, task_id, task_path)
        if any(channel == "done" and value for channel, value in writes):  # not the empty input
            self.tasks.add(task_id)
        if len(self.tasks) == 4:
            self.four.set()


class Sums(TypedDict):
    done: Annotated[list[int], operator.add]


def test_parallel_branches_keep_what_their_siblings_wrote(database: Database) -> None:
    saver = Counting(database.checkpoints)
    ran: list[int] = []

    def branch(state: Any) -> dict[str, Any]:
        if state == 3 and not saver.four.is_set():
            assert saver.four.wait(60)
            raise OSError("no")
        ran.append(state)
        return {"done": [state]}

    def spread(_: Any) -> list[Send]:
        return [Send("branch", number) for number in range(5)]

    builder: Any = StateGraph(Sums)
    builder.add_node("branch", branch)
    builder.add_conditional_edges(START, spread, ["branch"])
    graph = builder.compile(checkpointer=saver)
    with pytest.raises(OSError, match="no"):
        graph.invoke({"done": []}, at(), durability="sync")
    assert graph.invoke(None, at(), durability="sync")["done"] == [0, 1, 2, 3, 4]
    assert sorted(ran) == [0, 1, 2, 3, 4]


def test_it_works_alone_after_setup(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'alone.db'}", poolclass=NullPool)
    saver = SqlAlchemySaver(engine)
    saver.setup()
    saver.setup()
    graph = three_steps(saver)
    graph.invoke({"steps": []}, at(), durability="sync")
    assert graph.invoke(Command(resume="ok"), at(), durability="sync")["steps"][1] == "ok"
    assert asyncio.run(graph.aget_state(at())).next == ()


def test_it_works_on_one_connection_in_memory(memory_database: Database) -> None:
    graph = three_steps(SqlAlchemySaver.on(memory_database))

    async def run(name: str) -> None:
        await graph.ainvoke({"steps": []}, at(name), durability="sync")

    async def both() -> None:
        await asyncio.gather(run("a"), run("b"), run("c"))

    asyncio.run(both())
    assert graph.get_state(at("b")).next == ("ask",)
