"""Taking a slot: whatever processes begin, finish, fail or die, it is done once or told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest
from desk import ATELIER, registered
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from regisseur.storage import slots
from regisseur.storage.database import Database
from regisseur.storage.slots import Rule, Slot

BEGINS = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
RULE = Rule(until=BEGINS + timedelta(hours=2), attempts=3, pause=timedelta(minutes=5))
SLOT = Slot(ATELIER.id, "night", date(2026, 11, 23))
Step = Literal["finishes", "fails", "dies", "is stopped", "goes on"]


@dataclass
class Simulation:
    """Processes that look at a slot as time passes; the lock is with whoever is still at work."""

    session: Session
    now: datetime = BEGINS
    at_work: str | None = None
    runs: list[str] = field(default_factory=list)
    lost: int = 0
    """Attempts that failed or died."""

    def look(self, process: str, step: Step) -> None:
        if self.at_work is not None:
            return  # its lock is held by somebody who lives
        row = slots.take(self.session, SLOT, process, self.now, RULE)
        self.session.flush()
        if row is None or row.state != "running":
            return
        self.at_work = process
        self.runs.append(process)
        self.come_to(step)

    def come_to(self, step: Step) -> None:
        """What becomes of whoever is at work."""
        process = self.at_work
        if process is None or step == "goes on":
            return
        self.at_work = None
        self.lost += step in ("fails", "dies")
        if step == "finishes":
            assert slots.end(self.session, SLOT, process, "done", self.now)
        if step in ("fails", "is stopped"):
            error = "no answer" if step == "fails" else None
            assert slots.give_back(self.session, SLOT, process, error)
        self.session.flush()

    @property
    def state(self) -> str | None:
        rows = slots.of_nights(self.session, SLOT.company_id, [SLOT.on])
        return rows[0].state if rows else None


steps = st.sampled_from(["finishes", "fails", "dies", "is stopped", "goes on"])
moves = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["a", "b", "c"]), steps), max_size=12
)


@pytest.fixture
def slot_session(memory_database: Database) -> Iterator[Session]:
    """A transaction that is undone."""
    registered(memory_database)
    with Session(memory_database.ledger) as session:
        yield session


@given(moves=moves)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_done_once_or_told(slot_session: Session, moves: list[tuple[int, str, Step]]) -> None:
    simulation = Simulation(slot_session)
    for minutes, process, step in moves:
        simulation.now += timedelta(minutes=minutes)
        before, runs = simulation.state, len(simulation.runs)
        simulation.come_to(step) if simulation.at_work else simulation.look(process, step)
        if len(simulation.runs) > runs:
            assert before in (None, "running")
            assert simulation.now < RULE.until
    if simulation.state in (None, "running") and simulation.at_work is None:
        # Inside its window, and not tried too often, a last look always has it.
        simulation.now += RULE.pause
        simulation.look("last", "finishes")
        late = simulation.now >= RULE.until
        if late or simulation.lost >= 3:
            assert simulation.state in ("failed", "missed")
        else:
            assert simulation.state == "done"
    slot_session.rollback()


def test_who_lost_a_slot_cannot_end_it(database: Database) -> None:
    """A connection to a server was cut and another process took over: it tells how it ended."""
    registered(database)
    for process in ("a", "b"):
        with database.write() as session:
            assert slots.take(session, SLOT, process, BEGINS, RULE) is not None
    with database.write() as session:
        assert not slots.end(session, SLOT, "a", "failed", BEGINS)
        assert not slots.give_back(session, SLOT, "a", "late")
        assert slots.end(session, SLOT, "b", "done", BEGINS)
        assert slots.take(session, SLOT, "c", BEGINS, RULE) is None


def test_what_is_ticked_off_once_is_ticked_off(database: Database) -> None:
    registered(database)
    for first in (True, False):
        with database.write() as session:
            assert slots.once(session, Slot(ATELIER.id, "alarm", SLOT.on), BEGINS) is first
