"""Random lives of actions against a model of a page; what must hold is checked after every step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

import pytest
from desk import ATELIER, NOW, opened, registered
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from regisseur.errors import AlreadyDecided, ChangedSince, NotDecidable
from regisseur.storage import audit, ledger
from regisseur.storage.canonical import digest
from regisseur.storage.database import Database
from regisseur.storage.ledger import FINAL, OPEN, Draft, Outcome, Ruling, Who, seen_hash
from regisseur.storage.tables import (
    ActionRow,
    AuditRow,
    DecisionRow,
    EffectRow,
    MissionRow,
    RevisionRow,
)

SUBJECTS = ("steel", "oak")
PEOPLE = (Who("ann"), Who("bob"))
WORKERS = ("worker-1", "worker-1", "worker-2")
MATERIAL = 10
"""Quantities that differ by less are the same to whoever rejected one."""


def material(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return bool(abs(int(before["quantity"]) - int(after["quantity"])) >= MATERIAL)


@dataclass
class Life:
    """The model of one action: what a person would have written down about it."""

    subject: str
    occurrence: int
    quantity: int
    reason: str
    status: str = "proposed"
    revision: int = 1
    quorum: int = 1
    approvals: set[str] = field(default_factory=set)
    doubted: bool = False
    snoozed_until: datetime | None = None
    deadline: datetime | None = None
    assignee: str | None = None
    performer: str | None = None
    not_before: datetime | None = None
    approved: set[int] = field(default_factory=set)
    """Quantities that were approved at any time."""

    @property
    def arguments(self) -> dict[str, Any]:
        return {"quantity": self.quantity}

    def revise(self, quantity: int, reason: str) -> None:
        if quantity != self.quantity:
            self.snoozed_until = None
        self.quantity, self.reason = quantity, reason
        self.revision, self.approvals = self.revision + 1, set()

    def approve(self, who: str) -> None:
        self.approvals.add(who)
        if len(self.approvals) >= self.quorum:
            self.status, self.snoozed_until = "approved", None
            self.approved.add(self.quantity)


QUANTITIES = st.sampled_from([5, 6, 20])
T = TypeVar("T", ActionRow, RevisionRow, EffectRow, DecisionRow)
SUBJECT = st.sampled_from([*SUBJECTS[:1] * 4, *SUBJECTS[1:]])
"""One much more than the other, so that its action lives long."""
About = tuple[str, int]
ABOUT: st.SearchStrategy[About] = st.tuples(SUBJECT, st.sampled_from(range(8)))
"""A subject, and whether an unlikely action about it is meant (7)."""
REASONS = st.sampled_from(["low stock", "season"])


def some(*statuses: str) -> Callable[[Ledger], bool]:
    """Only when there is an action with such a status, so that most steps do something."""
    return lambda machine: any(one.status in statuses for one in machine.lives.values())


class Ledger(RuleBasedStateMachine):
    """Nights, people, workers and time, in any order."""

    database: ClassVar[Database]
    number: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        Ledger.number += 1
        self.company = ATELIER.model_copy(update={"id": f"company{Ledger.number}"})
        self.now = NOW
        self.lives: dict[str, Life] = {}
        self.past: dict[str, str] = {}
        self.hashes: dict[tuple[str, int], str] = {}

    @initialize(quorum=st.integers(1, 2))
    def founded(self, quorum: int) -> None:
        self.quorum = quorum
        registered(self.database, self.company)

    # --- what happens ---

    @rule(
        subject=SUBJECT,
        quantity=QUANTITIES,
        reason=REASONS,
        mode=st.sampled_from(["ask", "ask", "ask", "auto"]),
        days=st.sampled_from([None, None, None, 1, 2]),
    )
    def propose(
        self, subject: str, quantity: int, reason: str, mode: str, days: int | None
    ) -> None:
        deadline = None if days is None else self.now + timedelta(days=days)
        life = self._open(subject)
        rejected = self._rejected(subject)
        filed = self._write(self._file, subject, quantity, reason, mode, self.quorum, deadline)
        if life is None and rejected and abs(rejected.quantity - quantity) < MATERIAL:
            assert filed.outcome == "suppressed"
            return
        if life is None:
            assert filed.outcome == "new"
            count = sum(one.subject == subject for one in self.lives.values())
            life = self.lives[filed.action_id] = Life(subject, count + 1, quantity, reason)
        elif life.status != "proposed":
            assert filed.outcome == "kept"
            return
        elif (life.quantity, life.reason) == (quantity, reason):
            assert filed.outcome == "unchanged"
            deadline = _earlier(life.deadline, deadline)
        else:
            if life.quantity == quantity:
                deadline = _earlier(life.deadline, deadline)
            assert filed.outcome == "revised"
            life.revise(quantity, reason)
        life.quorum, life.deadline = self.quorum, deadline
        asleep = life.snoozed_until is not None and life.snoozed_until > self.now
        if mode == "auto" and not asleep:
            life.status = "approved"
            life.approved.add(quantity)

    @precondition(some("proposed"))
    @rule(
        about=ABOUT,
        verdict=st.sampled_from(["approve", "approve", "edit", "reject", "snooze", "reassign"]),
        who=st.sampled_from(PEOPLE),
        quantity=QUANTITIES,
        days=st.integers(1, 3),
        late=st.sampled_from([False, False, False, True]),
    )
    def decide(
        self, about: About, verdict: Any, who: Who, quantity: int, days: int, late: bool
    ) -> None:
        action, life = self._about(about, "proposed")
        until = self.now + timedelta(days=days)
        options: dict[str, dict[str, Any]] = {
            "edit": {"arguments": {"quantity": quantity}, "amount": Decimal(quantity)},
            "reject": {"reason": "not_needed"},
            "snooze": {"until": until},
            "reassign": {"assignee": who.name},
        }
        if not self._decided(
            action, life.revision - late, verdict, who, **options.get(verdict, {})
        ):
            return
        if verdict == "approve":
            life.approve(who.name)
        elif verdict == "edit":
            asleep = life.snoozed_until
            life.revise(quantity, life.reason)
            life.snoozed_until = asleep
            life.approve(who.name)
        elif verdict == "reject":
            life.status = "rejected"
        elif verdict == "snooze":
            life.snoozed_until = until
        else:
            life.assignee = who.name

    @rule(days=st.integers(0, 2))
    def time_passes(self, days: int) -> None:
        """And the sweeper sees which deadlines are over."""
        self.now += timedelta(days=days)
        for action, life in self.lives.items():
            due = life.deadline is not None and life.deadline <= self.now
            if life.status == "proposed" and due:
                life.status = "expired"
            assert self._write(ledger.expire, action, self.now).status == life.status

    @precondition(some("proposed"))
    @rule(kept=st.lists(ABOUT, min_size=1, max_size=3))
    def withdraw(self, kept: list[About]) -> None:
        keep = {self._about(one)[0] for one in kept}
        gone = self._write(self._withdraw, list(keep))
        proposed = {key for key, one in self.lives.items() if one.status == "proposed"}
        assert set(gone) == proposed - keep
        for action in gone:
            self.lives[action].status = "withdrawn"

    @precondition(some("approved"))
    @rule(about=ABOUT, worker=st.sampled_from(WORKERS))
    def claim(self, about: About, worker: str) -> None:
        action, life = self._about(about, "approved")
        due = life.not_before is None or life.not_before <= self.now
        free = life.status == "approved" and due
        if free:
            life.status, life.performer = "performing", worker
        assert (self._write(ledger.claim, action, worker, self.now) is not None) == free

    @precondition(some("performing"))
    @rule(
        about=ABOUT,
        worker=st.sampled_from(WORKERS),
        end=st.sampled_from(["done", "failed", "unknown", "release", "drift"]),
        wait=st.none() | st.integers(1, 2),
    )
    def work_ends(self, about: About, worker: str, end: Any, wait: int | None) -> None:
        action, life = self._about(about, "performing")
        if end == "release":
            until = None if wait is None else self.now + timedelta(days=wait)
            if self._by_its_worker(action, worker, "approved", ledger.release, until, "braked"):
                life.not_before = until
        elif end == "drift":
            drift = [{"name": "price", "was": "1", "now": "2"}]
            if self._by_its_worker(action, worker, "proposed", ledger.return_to_inbox, drift):
                life.revise(life.quantity, "drifted")
        else:
            self._by_its_worker(action, worker, end, ledger.finish, Outcome(end, reference="PO-1"))

    @precondition(some("performing"))
    @rule(about=ABOUT, dead=st.sampled_from(WORKERS), worker=st.sampled_from(WORKERS))
    def take_over(self, about: About, dead: str, worker: str) -> None:
        action, life = self._about(about, "performing")
        theirs = life.status == "performing" and life.performer == dead
        taken = self._write(ledger.take_over, action, dead, worker, self.now)
        assert (taken is not None) == theirs
        if theirs:
            life.performer = worker

    @precondition(some("unknown", "performing"))
    @rule(
        about=ABOUT,
        who=st.sampled_from(PEOPLE),
        state=st.sampled_from(["done", "failed"]),
        restored=st.sampled_from([False] * 8 + [True]),
    )
    def resolve(self, about: About, who: Who, state: Any, restored: bool) -> None:
        """A person settles it; seldom, a restored database doubts it."""
        action, life = self._about(about, "unknown")
        if restored:
            self._write(ledger.doubt, action, Outcome("unknown"), self.now)
            if life.status in OPEN:
                life.status, life.performer, life.doubted = "unknown", None, True
        elif life.status == "unknown":
            self._write(ledger.resolve, action, Outcome(state), who, self.now)
            life.status = state
        else:
            with pytest.raises(NotDecidable):
                self._write(ledger.resolve, action, Outcome(state), who, self.now)

    # --- what must hold ---

    @invariant()
    def all_of_it_holds(self) -> None:
        with self.database.read() as session:
            actions = list(self._all(session, ActionRow))
            revisions = list(self._all(session, RevisionRow))
            effects = list(self._all(session, EffectRow))
            decisions = list(self._all(session, DecisionRow))
        self._as_the_model_says({row.id: row for row in actions})
        self._every_revision_is_kept_as_it_was(revisions)
        self._keys_are_unique_and_count_up(actions)
        self._only_what_was_approved_is_carried_out({row.action_id: row for row in effects})
        # Nobody decides on what nobody saw.
        for row in decisions:
            assert self.hashes[row.action_id, row.revision] == row.seen_hash

    def _as_the_model_says(self, rows: dict[str, ActionRow]) -> None:
        assert rows.keys() == self.lives.keys()
        for action, life in self.lives.items():
            row = rows[action]
            told = (row.status, row.revision, row.arguments, row.performer, row.assignee)
            mine = life.performer if life.status == "performing" else None
            assert told == (life.status, life.revision, life.arguments, mine, life.assignee)
            assert row.snoozed_until == life.snoozed_until
            before = self.past.get(action)
            assert before not in FINAL or row.status == before, "what is final stays"
            self.past[action] = row.status
        still = [row.subject for row in rows.values() if row.status in OPEN]
        assert len(set(still)) == len(still), "at most one is open about a subject"

    def _every_revision_is_kept_as_it_was(self, rows: list[RevisionRow]) -> None:
        kept: defaultdict[str, list[int]] = defaultdict(list)
        for row in rows:
            assert row.arguments_hash == digest(row.arguments)
            assert row.seen_hash == seen_hash(row.revision, row.arguments, row.presented)
            before = self.hashes.setdefault((row.action_id, row.revision), row.seen_hash)
            assert before == row.seen_hash
            kept[row.action_id].append(row.revision)
        for action, life in self.lives.items():
            assert sorted(kept[action]) == list(range(1, life.revision + 1))

    def _keys_are_unique_and_count_up(self, rows: list[ActionRow]) -> None:
        assert len({row.key for row in rows}) == len(rows)
        for subject in SUBJECTS:
            mine = [row.occurrence for row in rows if row.subject == subject]
            assert sorted(mine) == list(range(1, len(mine) + 1))

    def _only_what_was_approved_is_carried_out(self, effects: dict[str, EffectRow]) -> None:
        assert len({row.key for row in effects.values()}) == len(effects)
        for action, effect in effects.items():
            life = self.lives[action]
            allowed = {digest({"quantity": one}) for one in life.approved}
            assert life.doubted or effect.executed_hash in allowed
        for action, life in self.lives.items():
            if life.status in ("performing", "done", "failed", "unknown"):
                assert effects[action].state == life.status

    def teardown(self) -> None:
        with self.database.read() as session:
            verdict = audit.verify(session, self.company.id)
            assert verdict.intact
            told = select(AuditRow.subject).where(AuditRow.company_id == self.company.id)
            assert set(self.lives) <= set(session.scalars(told))

    # --- how it is done ---

    def _write(self, function: Any, *arguments: Any) -> Any:
        with self.database.write() as session:
            return function(session, *arguments)

    def _all(self, session: Session, table: type[T]) -> Iterable[T]:
        query: Select[T] = select(table)
        return session.scalars(query.filter_by(company_id=self.company.id))

    def _about(self, about: About, *wanted: str) -> tuple[str, Life]:
        """Mostly one with such a status, seldom any other."""
        subject, which = about
        fit = [pair for pair in self.lives.items() if pair[1].status in wanted and which < 7]
        mine = [pair for pair in fit or self.lives.items() if pair[1].subject == subject]
        among = mine or fit or list(self.lives.items())
        return among[-1] if which < 7 else among[0]

    def _open(self, subject: str) -> Life | None:
        return next(
            (one for one in self.lives.values() if one.subject == subject and one.status in OPEN),
            None,
        )

    def _rejected(self, subject: str) -> Life | None:
        """The last of its actions that anybody decided on, if that was a rejection."""
        lapsed = ("withdrawn", "expired", "superseded")
        ruled = [
            one
            for one in self.lives.values()
            if one.subject == subject and one.status not in lapsed
        ]
        last = max(ruled, key=lambda one: one.occurrence, default=None)
        return last if last is not None and last.status == "rejected" else None

    def _file(
        self,
        session: Session,
        subject: str,
        quantity: int,
        reason: str,
        mode: str,
        quorum: int,
        deadline: datetime | None,
    ) -> ledger.Filed:
        mission = opened(session, company=self.company.id)
        draft = Draft(
            company_id=self.company.id,
            mission_id=mission.id,
            agent="tiny",
            kind="buy",
            subject=subject,
            arguments={"quantity": quantity},
            presented={"reason": reason, "facts": []},
            amount=Decimal(quantity),
            currency="EUR",
            counterparty=None,
            mode=mode,
            rule="a rule",
            quorum=quorum,
            deadline=deadline,
        )
        mission = session.get_one(MissionRow, draft.mission_id)
        with ledger.intake(session, mission, [draft], self.now) as intake:
            filed = intake.file(draft, material)
        if filed.outcome in ("new", "unchanged", "revised"):
            ledger.settle_by_policy(session, filed.action_id, self.now)
        return filed

    def _withdraw(self, session: Session, keep: list[str]) -> list[str]:
        mission = opened(session, company=self.company.id)
        session.flush()
        return ledger.withdraw_others(session, mission, keep, self.now)

    def _decided(self, action: str, revision: int, verdict: Any, who: Who, **more: Any) -> bool:
        """Did it count? If not, it was refused as the model says it must be."""
        life = self.lives[action]
        seen = self.hashes.get((action, revision), "nothing")
        ruling = Ruling(action, revision, seen, verdict, who, **more)
        if life.status == "proposed" and life.revision == revision:
            self._write(ledger.decide, ruling, self.now)
            return True
        with pytest.raises(NotDecidable) as refused:
            self._write(ledger.decide, ruling, self.now)
        if life.status == "proposed":
            assert isinstance(refused.value, ChangedSince)
            assert refused.value.now == life.arguments
        elif life.status == "rejected":
            assert isinstance(refused.value, AlreadyDecided)
        return False

    def _by_its_worker(
        self, action: str, worker: str, status: str, function: Any, *arguments: Any
    ) -> bool:
        life = self.lives[action]
        mine = life.status == "performing" and life.performer == worker
        changed = self._write(function, action, worker, *arguments, self.now)
        assert (changed is not None) == mine
        if mine:
            life.status, life.performer = status, None
        return mine


def _lived(database: Database, *, examples: int, steps: int) -> None:
    machine = type("Machine", (Ledger,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=set(Phase) - {Phase.explain},
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


@pytest.mark.timeout(900)  # shrinking a failure takes its time
def test_lives_of_actions_in_memory(memory_database: Database) -> None:
    _lived(memory_database, examples=60, steps=80)


def test_lives_of_actions_on_a_database_that_lasts(database: Database) -> None:
    _lived(database, examples=8, steps=60)


def _earlier(running: datetime | None, new: datetime | None) -> datetime | None:
    """A deadline runs on while the arguments stay, but for as long as there is to be one."""
    return new if new is None or running is None else min(new, running)
