"""A closed mission keeps its last checkpoints only, whatever happens while it is closed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypedDict

import clerk
import pytest
from databases import NewUrl
from langgraph.channels.delta import DeltaChannel
from langgraph.graph import START, StateGraph
from sqlalchemy import Engine, event, func, select

from regisseur import Agent, MemoryERP, Office, Record, Settings, Speaker
from regisseur.graphs.desk import Desk
from regisseur.storage.checkpoint_tables import TABLES, checkpoint
from regisseur.storage.database import Database
from regisseur.storage.errors import DatabaseBusy

ON = date(2026, 11, 23)
BUYER = "buyer@atelier.example"
SETTINGS = """\
database = "{url}"
[company]
id = "atelier"
locale = "en_GB"
[[company.policy.rules]]
name = "as the test wants"
mode = "{mode}"
"""

PRUNING, CLOSING = "DELETE FROM checkpoint", "UPDATE mission SET status="


class Place:
    """A company that has two orders to place in a night."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        erp = MemoryERP(today=ON, file=folder / "erp.json")
        for code, supplier in (("STEEL", "Mill"), ("OAK", "Sawmill")):
            item = erp.item(code, on_hand=4)
            erp.offer(item, erp.supplier(supplier), price="1.35", lead_time=14)

    @contextmanager
    def open(self, mode: str = "auto", agent: Any = clerk.AGENT) -> Iterator[Office]:
        """Its office, which places orders by itself (``auto``) or asks (``ask``)."""
        settings = self.folder / "regisseur.toml"
        settings.write_text(SETTINGS.format(url=self.url, mode=mode))
        with Office.open(settings, erp=MemoryERP(file=self.erp), agents=[agent]) as office:
            yield office

    @property
    def erp(self) -> Path:
        """The ERP's file."""
        return self.folder / "erp.json"

    @property
    def orders(self) -> list[str]:
        """The states of the ERP's orders."""
        return [order.state for order in MemoryERP(file=self.erp).records.orders]

    def checkpoints(self, mission_id: str) -> dict[str, int]:
        """How many checkpoints there are of a mission, by namespace."""
        where = checkpoint.c.thread_id == mission_id
        count = select(checkpoint.c.ns, func.count()).where(where).group_by(checkpoint.c.ns)
        with Database.open(self.url) as database, database.checkpoints.connect() as connection:
            return {ns.partition(":")[0]: number for ns, number in connection.execute(count)}

    def rows(self) -> int:
        """How many rows the checkpointer has."""
        with Database.open(self.url) as database, database.checkpoints.connect() as connection:
            counts = [select(func.count()).select_from(table) for table in TABLES]
            return sum(connection.scalar(count) or 0 for count in counts)


@pytest.fixture
def place(tmp_path: Path, new_url: NewUrl, database_kind: str) -> Place:
    return Place(tmp_path, new_url(database_kind))


@contextmanager
def when(statement: str, strike: Callable[[], object]) -> Iterator[None]:
    """Something strikes instead of a statement that begins so."""

    def watch(_: Any, __: Any, said: str, *___: Any) -> None:
        if said.startswith(statement):
            strike()

    event.listen(Engine, "before_cursor_execute", watch)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", watch)


def busy() -> None:
    raise DatabaseBusy("Somebody else writes.", "Try again in a moment.")


def test_a_mission_keeps_its_history_until_it_closes(place: Place) -> None:
    with place.open("ask") as office:
        mission = office.run("clerk", on=ON)
        assert mission.status == "waiting"
        assert place.checkpoints(mission.id)[""] > 2
        before = place.rows()
        assert len(office.interrupts(mission.id)) == 1
        for action in office.inbox():
            office.decide(action, "approve", by=BUYER)
        closed = office.mission(mission.id)
        assert closed.status == "closed"
        assert set(place.checkpoints(mission.id).values()) == {1}
        assert place.rows() < before
        assert office.interrupts(mission.id) == {}
        assert closed.report is not None
        assert mission.report is not None
        assert closed.report.headline == mission.report.headline
        assert "PO-2" in closed.report.text()
    assert place.orders == ["confirmed"] * 2


def test_a_mission_that_asks_nobody_is_pruned_too(place: Place) -> None:
    with place.open() as office:
        mission = office.run("clerk", on=ON)
        assert mission.status == "closed"
        assert set(place.checkpoints(mission.id).values()) == {1}
        assert office.run("clerk", on=ON).id == mission.id
    assert place.orders == ["confirmed"] * 2


@pytest.mark.parametrize("moment", [PRUNING, CLOSING])
def test_a_fault_at_the_end_of_a_run_loses_nothing(place: Place, moment: str) -> None:
    with place.open() as office:
        with when(moment, busy), pytest.raises(DatabaseBusy):
            office.run("clerk", on=ON)
        assert place.orders == ["confirmed"] * 2
        office.sweep()
        mission = office.run("clerk", on=ON)
        assert (mission.status, mission.report is None) == ("closed", False)
        assert set(place.checkpoints(mission.id).values()) == {1}
    assert place.orders == ["confirmed"] * 2


@pytest.mark.parametrize("moment", [PRUNING, CLOSING])
def test_a_fault_after_the_last_decision_loses_nothing(place: Place, moment: str) -> None:
    with place.open("ask") as office:
        mission = office.run("clerk", on=ON)
        first, last = office.inbox()
        office.decide(first, "reject", by=BUYER, reason="not_needed")
        with when(moment, busy), pytest.raises(DatabaseBusy):
            office.decide(last, "approve", by=BUYER)
        assert office.action(last.id).status == "done"
        assert office.mission(mission.id).status == "waiting"
        office.sweep()
        assert office.mission(mission.id).status == "closed"
        assert set(place.checkpoints(mission.id).values()) == {1}
    assert place.orders == ["confirmed"]


DYING = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{support!r}, {here!r}]
from test_pruning import CLOSING, ON, when
import clerk
from regisseur import MemoryERP, Office
folder = Path({folder!r})
erp = MemoryERP(file=folder / "erp.json")
with Office.open(folder / "regisseur.toml", erp=erp, agents=[clerk.AGENT]) as office:
    with when(CLOSING, lambda: os.kill(os.getpid(), signal.SIGKILL)):
        office.run("clerk", on=ON)
"""


def test_killed_between_pruning_and_closing(place: Place) -> None:
    with place.open():
        pass  # writes the settings
    support = str(Path(clerk.__file__).parent)
    program = DYING.format(
        support=support, here=str(Path(__file__).parent), folder=str(place.folder)
    )
    died = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ}, capture_output=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert place.orders == ["confirmed"] * 2
    with place.open() as office:
        (swept,) = office.sweep()
        (mission_id,) = swept.resumed
        mission = office.mission(mission_id)
        assert (mission.status, mission.report is None) == ("closed", False)
        assert set(place.checkpoints(mission_id).values()) == {1}
    assert place.orders == ["confirmed"] * 2


def joined(state: list[str], writes: Sequence[list[str]]) -> list[str]:
    return state + [item for write in writes for item in write]


class Diary(TypedDict, total=False):
    """State whose lines are kept as what was added to them."""

    mission: str
    lines: Annotated[list[str], DeltaChannel(joined, snapshot_frequency=100)]


class Diarist(Agent[Record, Settings]):
    """Needs its history: it writes a long list, and nothing else."""

    name, title = "diarist", Speaker("tests.pruning")("Diarist")
    settings, observation = Settings, Record

    def graph(self) -> Any:
        graph: Any = StateGraph(Diary, context_schema=Desk)
        for number in range(3):
            graph.add_node(f"day_{number}", lambda _, number=number: {"lines": [f"day {number}"]})
        graph.add_edge(START, "day_0")
        graph.add_edge("day_0", "day_1")
        graph.add_edge("day_1", "day_2")
        return graph


def test_a_thread_that_rests_on_its_history_keeps_it(place: Place) -> None:
    with place.open(agent=Diarist()) as office:
        mission = office.run("diarist", on=ON)
        assert mission.status == "closed"
        assert place.checkpoints(mission.id)[""] > 3
