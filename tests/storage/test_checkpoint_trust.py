"""What is stored is data: a crafted row runs nothing, a foreign class comes back as plain data."""

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import ormsgpack
import pytest
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.serde.jsonplus import EXT_CONSTRUCTOR_SINGLE_ARG, JsonPlusSerializer
from langgraph.graph import START, StateGraph
from sqlalchemy import update

from regisseur.storage.checkpoint import SqlAlchemySaver
from regisseur.storage.checkpoint_tables import TABLES
from regisseur.storage.database import Database

HERE: Any = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}


def store(saver: SqlAlchemySaver, value: Any) -> Any:
    """Store a checkpoint with a value, and the same value as a pending write."""
    versions: Any = {"value": saver.get_next_version(None, None)}
    made = empty_checkpoint()
    made["channel_values"] = {"value": value}
    made["channel_versions"] = versions
    config = saver.put(HERE, made, {"source": "loop"}, versions)
    saver.put_writes(config, [("value", value)], "task")
    return config


def crafted(marker: Path) -> bytes:
    """A msgpack value that says: build me by calling os.system."""
    call = ormsgpack.packb(("os", "system", f"touch '{marker}'"))
    return ormsgpack.packb(ormsgpack.Ext(EXT_CONSTRUCTOR_SINGLE_ARG, call))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_crafted_row_runs_nothing(sqlite_database: Database, tmp_path: Path, table: Any) -> None:
    marker = tmp_path / "was run"
    saver = SqlAlchemySaver.on(sqlite_database)
    store(saver, ["long enough to be kept as a blob"] * 50)
    with sqlite_database.checkpoints.begin() as connection:
        connection.execute(update(table).values(type="msgpack", data=crafted(marker)))
    try:
        saver.get_tuple(HERE)
    except TypeError:
        assert table.name == "checkpoint"  # its body is not even a mapping any more
    assert not marker.exists()
    permissive = JsonPlusSerializer(allowed_msgpack_modules=True)
    permissive.loads_typed(("msgpack", crafted(marker)))
    assert marker.exists(), "the row was harmless, so this test showed nothing"


def test_pickles_are_not_opened(sqlite_database: Database) -> None:
    saver = SqlAlchemySaver.on(sqlite_database)
    store(saver, ["x" * 2000])
    with sqlite_database.checkpoints.begin() as connection:
        connection.execute(update(TABLES[1]).values(type="pickle", data=b"cposix\nsystem\n."))
    with pytest.raises(NotImplementedError, match="pickle"):
        saver.get_tuple(HERE)


@dataclass
class Parcel:
    weight: int


def test_a_dataclass_comes_back_as_plain_data_and_is_told(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    saver = SqlAlchemySaver.on(sqlite_database)
    store(saver, Parcel(3))
    with caplog.at_level(logging.WARNING):
        found = saver.get_tuple(HERE)
    assert found is not None
    assert found.checkpoint["channel_values"] == {"value": {"weight": 3}}
    assert "Parcel" in caplog.text


def test_an_allowed_dataclass_comes_back_whole(sqlite_database: Database) -> None:
    saver = SqlAlchemySaver.on(sqlite_database, allowed=[Parcel])
    store(saver, Parcel(3))
    found = saver.get_tuple(HERE)
    assert found is not None
    assert found.checkpoint["channel_values"] == {"value": Parcel(3)}


def test_what_a_graph_declares_is_allowed_for_that_graph(sqlite_database: Database) -> None:
    class State(TypedDict):
        parcel: Parcel

    saver = SqlAlchemySaver.on(sqlite_database)

    def weigh(state: State) -> State:
        return {"parcel": Parcel(state["parcel"].weight + 1)}

    builder = StateGraph(State)
    builder.add_node(weigh)
    builder.add_edge(START, "weigh")
    graph = builder.compile(checkpointer=saver)
    graph.invoke({"parcel": Parcel(1)}, HERE)
    assert graph.get_state(HERE).values == {"parcel": Parcel(2)}


def test_what_cant_be_stored_fails_at_once(sqlite_database: Database) -> None:
    with pytest.raises(TypeError):
        store(SqlAlchemySaver.on(sqlite_database), object())


@pytest.mark.parametrize("first", ["regisseur.storage.checkpoint", "regisseur.storage.errors"])
def test_langgraph_is_strict_when_imported_after_us(first: str) -> None:
    check = "from langgraph.checkpoint.serde import _msgpack as m; print(m.STRICT_MSGPACK_ENABLED)"
    assert run(f"import {first}; {check}") == "True"


def test_the_saver_is_strict_whatever_was_imported_or_said_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes(crafted(tmp_path / "was run"))
    program = (
        "import langgraph.checkpoint.base, sqlalchemy\n"
        "from regisseur.storage.checkpoint import SqlAlchemySaver\n"
        "saver = SqlAlchemySaver(sqlalchemy.create_engine('sqlite://'))\n"
        f"print(saver.serde.loads_typed(('msgpack', open({str(data)!r}, 'rb').read())))"
    )
    assert run(program, strict="false").startswith("touch")
    assert not (tmp_path / "was run").exists()


def run(program: str, strict: str | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "LANGGRAPH_STRICT_MSGPACK"}
    if strict is not None:
        environment["LANGGRAPH_STRICT_MSGPACK"] = strict
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()
