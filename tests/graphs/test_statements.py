"""A night asks the database as often for many proposals as for few: it is the server's round trips
that a large night would wait for. Rows that are written together are one statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from databases import NewUrl
from desk import ATELIER, NOW, ON, Tiny, Workshop, registered
from sqlalchemy import Engine, event

from regisseur import MemoryERP, Office
from regisseur.graphs.filing import Filing
from regisseur.storage.database import Database

FEW, MANY = 10, 40


@contextmanager
def counted(costs: list[str], step: str) -> Iterator[None]:
    """Note the step's name for each of its statements, on whatever connection."""

    def note(*_: object) -> None:
        costs.append(step)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _late(number: int) -> MemoryERP:
    """An ERP with so many sales that are late: one proposal each."""
    erp = MemoryERP(today=ON, company=ATELIER.name)
    for _ in range(number):
        erp.record("sale")
    return erp


def _in_the_office(url: str, number: int) -> Counter[str]:
    costs: list[str] = []
    with Office.open(
        company=ATELIER, erp=_late(number), agents=[Tiny()], database=url, clock=lambda: NOW
    ) as office:
        with counted(costs, "a night"):
            office.run("tiny", on=ON)
        with counted(costs, "the same night again"):
            office.run("tiny", on=ON, again=True)
        with counted(costs, "the inbox"):
            waiting = office.inbox()
        with counted(costs, "the reports"):
            (report,) = office.reports()
        assert len(waiting) == len(report.data.awaiting) == number
    return Counter(costs)


def test_a_night_and_what_people_see_of_it(
    new_url: NewUrl, database_kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # without settings
    few, many = (_in_the_office(new_url(database_kind), number) for number in (FEW, MANY))
    assert few == many
    assert len(few) == 4


async def _every_outcome(url: str, number: int) -> Counter[str]:
    costs: list[str] = []

    async def night(step: str, text: str | None) -> Filing:
        told = () if text is None else (workshop.note(one, text) for one in erp.records.others)
        with counted(costs, step):
            return (await workshop.night(*told))[1]

    with Database.open(url) as database:
        registered(database)
        workshop = Workshop(database, erp := _late(number))
        await night("new", "late")
        await night("unchanged", "late")
        for action in (await night("revised", "very late")).actions:
            await workshop.decide(action, "reject")
        rejected = await night("suppressed", "very late")
        await night("new after a rejection", "too late")
        await night("withdrawn", None)
        workshop.ruled_by(rules=[{"name": "all", "mode": "auto"}], auto_count=number)
        await night("approved by the policy", "too late")
        approved = await night("kept", "too late")
        for action in approved.actions:
            await workshop.perform(action)
        await night("new after it was done", "too late")
        workshop.alive.release()
    assert [one.tag for one in rejected.held] == ["rejected_before"] * number
    assert [one.tag for one in approved.held] == ["not_settled"] * number
    return Counter(costs)


@pytest.mark.anyio
async def test_filing_whatever_becomes_of_it(new_url: NewUrl, database_kind: str) -> None:
    few, many = [await _every_outcome(new_url(database_kind), number) for number in (FEW, MANY)]
    assert few == many
    assert len(few) == 9
