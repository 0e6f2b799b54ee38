"""The chain of what happened: whole, or found to be broken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from desk import ATELIER, NOW, registered
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from regisseur.storage import audit
from regisseur.storage.audit import GENESIS, Entry, Verdict
from regisseur.storage.database import Database
from regisseur.storage.tables import AuditHeadRow, AuditPersonRow, AuditRow

OTHER = ATELIER.model_copy(update={"id": "other", "name": "Other"})
LENGTH = 6


def entry(number: int, *, actor: str = "worker:1", company: str = "atelier", **more: Any) -> Entry:
    detail = {"number": number, "amount": "12.50", "parts": [1, "é", None]}
    moment = NOW + timedelta(seconds=number, microseconds=7)
    return Entry(company, moment, actor, "happened", f"thing-{number}", detail, **more)


def fill(database: Database, length: int = LENGTH, **more: Any) -> None:
    for number in range(1, length + 1):
        with database.write() as session:
            audit.record(session, entry(number, **more))


def verified(database: Database, company: str = "atelier", head: str | None = None) -> Verdict:
    with database.read() as session:
        return audit.verify(session, company, head=head)


def head(database: Database, company: str = "atelier") -> str:
    with database.read() as session:
        return audit.head_of(session, company)


@pytest.fixture
def chain(memory_database: Database) -> Database:
    registered(memory_database)
    fill(memory_database)
    return memory_database


def test_an_untouched_chain_is_intact(database: Database) -> None:
    registered(database)
    assert verified(database) == Verdict(0, GENESIS)
    fill(database)
    assert verified(database) == Verdict(LENGTH, head(database))
    assert verified(database, head=head(database)).intact


def test_the_head_of_an_older_report_is_still_in_the_chain(chain: Database) -> None:
    printed = head(chain)
    fill(chain, 3)
    assert verified(chain, head=printed) == Verdict(LENGTH + 3, head(chain))


CHANGES: dict[str, Any] = {
    "at": datetime(2020, 1, 1, tzinfo=UTC),
    "actor": "worker:2",
    "event": "never happened",
    "subject": "thing-0",
    "detail": {"number": 3, "amount": "12.51", "parts": [1, "é", None]},
    "previous": "f" * 64,
    "digest": "f" * 64,
}


@pytest.mark.parametrize("sequence", [1, 3, LENGTH])
@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_entry_is_found(chain: Database, column: str, sequence: int) -> None:
    with chain.write() as session:
        row = AuditRow.sequence == sequence
        session.execute(update(AuditRow).where(row).values({column: CHANGES[column]}))
    verdict = verified(chain)
    assert verdict.broken_at is not None
    assert sequence <= verdict.broken_at <= sequence + 1
    assert verdict.entries == verdict.broken_at - 1


@pytest.mark.parametrize("sequence", range(1, LENGTH + 1))
def test_a_removed_entry_is_found(chain: Database, sequence: int) -> None:
    with chain.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.sequence == sequence))
    assert verified(chain).broken_at == sequence


@pytest.mark.parametrize("sequence", range(1, LENGTH))
def test_two_entries_that_changed_places_are_found(chain: Database, sequence: int) -> None:
    with chain.write() as session:
        for was, now in ((sequence, 99), (sequence + 1, sequence), (99, sequence + 1)):
            row = AuditRow.sequence == was
            session.execute(update(AuditRow).where(row).values(sequence=now))
    assert verified(chain).broken_at == sequence


def test_entries_closed_up_after_a_removal_are_found(chain: Database) -> None:
    with chain.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.sequence == 3))
        for number in range(4, LENGTH + 1):
            row = AuditRow.sequence == number
            session.execute(update(AuditRow).where(row).values(sequence=number - 1))
    verdict = verified(chain)
    assert (verdict.broken_at, verdict.why) == (3, "it does not follow the entry before it")


def test_a_tail_that_was_cut_off_is_found(chain: Database) -> None:
    with chain.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.sequence > 4))
    verdict = verified(chain)
    assert verdict.broken_at == 5
    assert verdict.why is not None
    assert verdict.why.startswith("entries after this one are missing")


CELLS = [
    *((AuditRow, column, sequence) for column in (one.name for one in AuditRow.__table__.columns)
      for sequence in range(1, LENGTH + 1)),
    *((AuditHeadRow, column, None) for column in (one.name for one in AuditHeadRow.__table__.columns)),
]  # fmt: skip
"""Every cell of a chain and of the row that says where it ends."""


@pytest.mark.parametrize("cell", CELLS, ids=lambda one: f"{one[0].__tablename__}.{one[1]}.{one[2]}")
def test_a_change_of_any_cell_is_found(chain: Database, cell: tuple[Any, str, int | None]) -> None:
    table, column, sequence = cell
    registered(chain, OTHER)
    other = {
        "company_id": "other",
        "sequence": 99,
        "at": NOW - timedelta(days=1),
        "detail": {"number": sequence},
    }.get(column, "f" * 64)
    with chain.write() as session:
        session.execute(delete(AuditHeadRow).where(AuditHeadRow.company_id == "other"))
        query = update(table).where(table.company_id == "atelier")
        if sequence is not None:
            query = query.where(AuditRow.sequence == sequence)
        session.execute(query.values({column: other}))
    verdict = verified(chain)
    assert not verdict.intact
    assert verdict.broken_at is not None
    assert (sequence or LENGTH) <= verdict.broken_at <= (sequence or LENGTH) + 1


def test_the_row_of_the_newest_entry_can_t_be_missing(chain: Database) -> None:
    with chain.write() as session:
        session.execute(delete(AuditHeadRow))
    assert not verified(chain).intact


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_no_order_but_the_right_one_and_no_part_of_it_verifies(
    lasting: Database, data: st.DataObject
) -> None:
    """Rows put back in any other order, or without some of them, with numbers that fit again."""
    company = ATELIER.model_copy(update={"id": f"o{next(NUMBERS)}"})
    registered(lasting, company)
    fill(lasting, 5, company=company.id)
    right = list(range(1, 6))
    order = data.draw(st.lists(st.sampled_from(right), unique=True).filter(lambda x: x != right))
    names = [one.name for one in AuditRow.__table__.columns if one.name != "sequence"]
    with lasting.write() as session:
        mine = AuditRow.company_id == company.id
        rows = {one.sequence: one for one in session.scalars(select(AuditRow).where(mine))}
        kept = [{name: getattr(rows[one], name) for name in names} for one in order]
        session.execute(delete(AuditRow).where(mine))
        session.expunge_all()
        session.add_all(AuditRow(sequence=n, **one) for n, one in enumerate(kept, start=1))
    verdict = verified(lasting, company.id)
    assert not verdict.intact
    first = next(n for n, one in enumerate([*order, 0], start=1) if one != n)
    assert verdict.broken_at == first


def rewrite_tail(session: Session, keep: int) -> None:
    """What somebody does who knows how the chain is made: all of it fits again."""
    session.execute(delete(AuditRow).where(AuditRow.sequence > keep))
    last = session.get_one(AuditRow, ("atelier", keep))
    mark = session.get_one(AuditHeadRow, "atelier")
    mark.sequence, mark.digest = keep, last.digest
    audit.record(session, entry(50))


def test_a_tail_rewritten_consistently_is_found_by_a_printed_head(chain: Database) -> None:
    printed = head(chain)
    with chain.write() as session:
        rewrite_tail(session, 4)
    assert verified(chain).intact
    verdict = verified(chain, head=printed)
    assert not verdict.intact
    assert verdict.why == "the head given is not in this chain"


def test_a_chain_emptied_whole_is_found_by_a_printed_head(chain: Database) -> None:
    printed = head(chain)
    with chain.write() as session:
        session.execute(delete(AuditRow))
        session.execute(delete(AuditHeadRow))
    assert verified(chain).intact
    assert not verified(chain, head=printed).intact


@pytest.mark.parametrize(
    ("column", "nonsense"),
    [("detail", "{not json"), ("at", "yesterday"), ("detail", '{"amount": 1.5}')],
)
def test_what_we_never_wrote_breaks_the_chain_and_not_the_verifier(
    chain: Database, column: str, nonsense: str
) -> None:
    with chain.write() as session:
        statement = text(f"UPDATE audit SET {column} = :nonsense WHERE sequence = 3")
        session.execute(statement, {"nonsense": nonsense})
    verdict = verified(chain)
    assert not verdict.intact
    assert verdict.why in ("it can't be read", "its content was changed")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
DETAIL = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
EVENTS = st.lists(
    st.tuples(TEXT, st.dictionaries(TEXT, DETAIL, max_size=3), st.booleans(), st.booleans()),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Database]:
    with Database.open("sqlite://") as opened:
        opened.upgrade()
        yield opened


@settings(deadline=None, max_examples=60)
@given(events=EVENTS, data=st.data())
def test_any_content_verifies_and_any_change_of_it_is_found(
    lasting: Database, events: list[Any], data: st.DataObject
) -> None:
    company = ATELIER.model_copy(update={"id": f"c{next(NUMBERS)}"})
    registered(lasting, company)
    for actor, detail, person, alone in events:
        with lasting.write() as session:
            one = Entry(company.id, NOW, actor, "event", "subject", detail, person=person)
            audit.record(session, one)
            if not alone:
                audit.record(session, one)
    verdict = verified(lasting, company.id)
    assert verdict.intact
    at = data.draw(st.integers(1, verdict.entries))
    with lasting.write() as session:
        row = session.get_one(AuditRow, (company.id, at))
        session.delete(row) if data.draw(st.booleans()) else setattr(row, "event", "other")
    assert verified(lasting, company.id).broken_at == at


NUMBERS = iter(range(1_000_000))


def test_who_it_was_can_be_erased_and_the_chain_stays_whole(database: Database) -> None:
    registered(database)
    fill(database, 2, actor="buyer@atelier.example", person=True)
    with database.write() as session:
        (person,) = session.scalars(select(AuditPersonRow))
        assert person.value == "buyer@atelier.example"
        actors = set(session.scalars(select(AuditRow.actor)))
        assert actors == {f"person:{person.digest}"}
        session.delete(person)
    assert verified(database).intact
    fill(database, 1, actor="buyer@atelier.example", person=True)
    with database.read() as session:
        assert len(set(session.scalars(select(AuditRow.actor)))) == 2, "a new salt, a new name"
    assert verified(database).intact


def test_the_same_person_in_two_companies_has_two_names(database: Database) -> None:
    registered(database)
    registered(database, OTHER)
    fill(database, 1, actor="buyer@atelier.example", person=True)
    fill(database, 1, actor="buyer@atelier.example", person=True, company="other")
    with database.read() as session:
        assert len(set(session.scalars(select(AuditRow.actor)))) == 2


def test_an_entry_lives_and_dies_with_its_transaction(database: Database) -> None:
    registered(database)

    def fail(session: Session) -> None:
        audit.record(session, entry(1, actor="buyer@atelier.example", person=True))
        raise LookupError

    with pytest.raises(LookupError), database.write() as session:
        fail(session)
    assert verified(database) == Verdict(0, GENESIS)
    with database.write() as session:
        audit.record(session, entry(1))
    assert verified(database).entries == 1


def test_a_session_that_is_used_again_tells_only_what_stands(memory_database: Database) -> None:
    registered(memory_database)
    with Session(memory_database.ledger) as session:
        for number in range(4):
            session.begin()
            audit.record(session, entry(number))
            session.rollback() if number % 2 else session.commit()
    assert verified(memory_database).entries == 2


def test_a_savepoint_neither_loses_nor_invents_an_entry(memory_database: Database) -> None:
    registered(memory_database)
    with memory_database.write() as session:
        audit.record(session, entry(1))
        with session.begin_nested() as savepoint:
            with pytest.raises(RuntimeError, match="savepoint"):
                audit.record(session, entry(2))
            savepoint.rollback()
    assert verified(memory_database).entries == 1


def test_two_companies_have_a_chain_each(database: Database) -> None:
    registered(database)
    registered(database, OTHER)
    with database.write() as session:
        for number in range(4):
            audit.record(session, entry(number, company="other" if number % 2 else "atelier"))
    mine, theirs = verified(database), verified(database, "other")
    assert (mine.entries, theirs.entries) == (2, 2)
    assert mine.head != theirs.head
    with database.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.company_id == "other"))
    assert verified(database).intact
    assert not verified(database, "other").intact


def test_writers_at_the_same_time_make_one_chain_without_gaps(database: Database) -> None:
    """All of them act for one person whom nobody knows yet, in the same moment."""
    registered(database)
    workers, each = 6, 8
    start = threading.Barrier(workers)

    def work(worker: int) -> None:
        start.wait()
        for number in range(each):
            with database.write() as session:
                audit.record(session, entry(number, actor="buyer", person=True))
                audit.record(session, entry(number, actor=f"worker:{worker}"))

    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(work, range(workers)))
    assert verified(database) == Verdict(workers * each * 2, head(database))
    with database.read() as session:
        assert session.scalar(select(func.count(AuditPersonRow.digest))) == 1


def test_an_exported_chain_can_be_verified_without_the_database(chain: Database) -> None:
    from regisseur.storage.canonical import digest

    with chain.read() as session:
        exported = list(audit.export(session, "atelier"))
    previous = GENESIS
    for one in exported:
        content = {name: value for name, value in one.items() if name != "digest"}
        assert one["previous"] == previous
        previous = digest({**content, "company": "atelier"})
        assert one["digest"] == previous
    assert previous == head(chain)
