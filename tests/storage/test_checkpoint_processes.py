"""A thread is started by one process and goes on in another, also after kill -9."""

import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, signal, sys
from pathlib import Path
from typing import TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from regisseur.storage.checkpoint import SqlAlchemySaver
from regisseur.storage.database import Database

url, effects, step = sys.argv[1:]


class State(TypedDict):
    answer: str


def note(name):
    with Path(effects).open("a") as file:
        file.write(name + "\\n")


def prepare(state):
    note("prepare")


def ask(state):
    return {"answer": interrupt({"question": "Order?"})}


def order(state):
    note("order " + state["answer"])
    if step == "answer and die":
        os.kill(os.getpid(), signal.SIGKILL)


def close(state):
    note("close")


builder = StateGraph(State)
for node in (prepare, ask, order, close):
    builder.add_node(node)
builder.add_edge(START, "prepare")
builder.add_edge("prepare", "ask")
builder.add_edge("ask", "order")
builder.add_edge("order", "close")
with Database.open(url) as database:
    graph = builder.compile(checkpointer=SqlAlchemySaver.on(database))
    given = {"start": {"answer": ""}, "answer and die": Command(resume="yes")}.get(step)
    config = {"configurable": {"thread_id": "mission"}}
    graph.invoke(given, config, durability="sync")
    print(graph.get_state(config).next)
"""


def test_a_mission_goes_on_in_other_processes(database_url: str, tmp_path: Path) -> None:
    effects = tmp_path / "effects"

    def process(step: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", PROGRAM, database_url, str(effects), step]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    started = process("start")
    assert started.stdout == "('ask',)\n", started.stderr
    answered = process("answer and die")
    assert answered.returncode == -signal.SIGKILL, answered.stderr
    recovered = process("recover")
    assert recovered.stdout == "()\n", recovered.stderr
    # Only the node in which the process died ran twice.
    lines = effects.read_text().splitlines()
    assert lines == ["prepare", "order yes", "order yes", "close"]
