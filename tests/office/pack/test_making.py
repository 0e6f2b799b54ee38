"""Packs of a company whose ERP is in memory: made, kept, compared, and read as things stand."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from clerk import AGENT
from desk import NOW, Clock
from shop import Shop

from regisseur import Company, MemoryERP, Office
from regisseur.errors import NotFound
from regisseur.office import people
from regisseur.office.pack import PackView, compared, make_pack, packs, read_pack
from regisseur.storage import ledger

ON = date(2026, 11, 23)
ATELIER = Company(id="atelier", name="Atelier Martin", locale="en_GB")


@pytest.fixture
def erp() -> MemoryERP:
    """Two things have run low, and one has to be counted."""
    made = MemoryERP(today=ON)
    for code, supplier, price in (("STEEL", "Mill", "1.35"), ("OAK", "Sawmill", "38.50")):
        made.offer(made.item(code, on_hand=4), made.supplier(supplier), price=price, lead_time=14)
    made.item("NAILS", on_hand=-3)
    return made


@pytest.fixture
def clock() -> Clock:
    """The night's."""
    return Clock(NOW)


@pytest.fixture
def office(
    erp: MemoryERP, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """An office with one agent of its own."""
    monkeypatch.chdir(tmp_path)
    database = f"sqlite:///{tmp_path}/office.db"
    with Office.open(
        company=ATELIER, erp=erp, agents=[AGENT], database=database, clock=clock
    ) as opened:
        opened.run("clerk", on=ON)
        yield opened


def read(office: Office, on: date | None = None, who: str | None = None) -> PackView:
    return office.do(read_pack, on, who=None if who is None else ledger.Who(who))


def test_what_waits_is_in_it_as_it_stands_now(office: Office) -> None:
    before = read(office).data
    assert [one.line.id for one in before.decisions] == [one.id for one in office.inbox()]
    assert (before.waiting, len(before.held), before.decisions[0].agent) == (2, 1, "clerk")
    assert {str(one) for one in before.sums("amount")} == {"3985.00 EUR"}
    assert before.sums("cost_of_waiting")[0].amount == Decimal("8.40")

    first, second = office.inbox()
    office.decide(first, "approve", by="nora")
    office.decide(second, "reject", by="nora", reason="not_needed")

    after = read(office).data
    assert (after.waiting, after.decisions, after.changes) == (0, (), ())
    assert after.rates is not None
    assert (after.rates.approved, after.rates.rejected, after.rates.failed) == (1, 1, 0)


def test_reading_writes_nothing_and_making_keeps_the_last(office: Office, clock: Clock) -> None:
    read(office)
    assert office.do(packs) == []

    office.do(make_pack)
    clock.forward(hours=1)
    office.do(make_pack)

    (kept,) = office.do(packs)
    assert (kept.data.on, kept.data.made_at, kept.data.waiting) == (ON, clock(), 2)


def test_the_next_night_tells_what_changed_and_the_last_stays_as_it_was(
    office: Office, erp: MemoryERP, clock: Clock
) -> None:
    office.do(make_pack)
    first, second = office.inbox()
    clock.forward(hours=3)
    office.decide(first, "reject", by="nora", reason="not_needed")
    erp.offer(erp.item("PAINT", on_hand=1), erp.supplier("Painter"), price="9", lead_time=3)
    clock.forward(hours=21)
    office.run("clerk", on=ON + timedelta(days=1))

    now = read(office)
    assert now.data.compared_with == ON
    assert now.data.new == 1
    assert [(one.status, len(one.what)) for one in now.data.changes] == [("rejected", 1)]
    assert {one.line.id for one in now.data.decisions} >= {second.id}
    assert "SINCE YESTERDAY: 1 new · rejected: 1 purchase order" in now.text()

    past = read(office, ON)
    assert {one.line.id for one in past.data.decisions} == {first.id, second.id}
    beside = office.do(compared)
    assert beside.before is not None
    assert beside.before.data.on == ON
    assert beside.changes == ("1 new", "rejected: 1 purchase order")


def test_each_sees_their_own_and_how_much_waits_for_others(office: Office) -> None:
    small = people.Limit(up_to=Decimal(500))
    office.do(people.add_person, "boss", name="Boss", company="atelier",
              roles=("administrator",), by="setup")  # fmt: skip
    office.do(people.add_person, "nora", name="Nora", company="atelier", roles=("approver",),
              limits=(small,), by="boss")  # fmt: skip
    office.do(people.add_person, "paul", name="Paul", company="atelier", roles=("approver",),
              limits=(people.Limit(agents=("planning",)),), by="boss")  # fmt: skip

    hers = read(office, who="nora").data
    assert [str(one.line.amount) for one in hers.decisions] == ["135.00 EUR"]
    assert (hers.waiting, hers.others) == (1, 1)
    assert "1 waits for others" in read(office, who="nora").text()
    his = read(office, who="paul").data
    assert (his.waiting, his.others, his.decisions) == (0, 2, ())
    assert read(office, who="boss").data.waiting == 2


def test_what_keeps_a_night_from_being_whole_is_told_first(
    office: Office, erp: MemoryERP, clock: Clock
) -> None:
    office.stop(by="nora", reason="stocktaking")
    told = read(office)
    assert "stopped by nora: stocktaking" in told.text()
    missing = [str(one) for one in told.data.silent]
    assert len(missing) == 3  # the installed agents, which have not run
    assert told.headline.startswith("2 decisions wait")
    assert "No result from: " in told.headline

    office.go(by="nora")
    assert "stocktaking" not in read(office).text()


def test_a_night_that_nobody_worked_has_no_pack(office: Office) -> None:
    with pytest.raises(NotFound, match="no agent has told anything about 2026-11-01"):
        read(office, date(2026, 11, 1))


def test_nothing_is_listed_twice_and_many_are_cut(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regisseur.office.pack.making.MOST_LISTED", 1)
    pack = read(office).data

    assert (pack.waiting, len(pack.decisions)) == (2, 1)
    assert "… and 1 more" in read(office).text()


def test_the_command(night: Shop) -> None:
    shown = night.run("pack")
    assert shown.code == 0
    assert shown.out.startswith("ATELIER MARTIN · Monday, 23 November 2026 · night ended")
    assert night.run("pack", "--json").json["format"] == "regisseur.pack/1"
    assert night.run("pack", "--output", "pack.pdf").code == 0
    assert (night.folder / "pack.pdf").read_bytes().startswith(b"%PDF")
    assert night.run("pack", "--format", "html").out.startswith("<!doctype html>")
    assert night.run("pack", "--format", "pdf").code == 2
    assert night.run("pack", "--list", "--json").json["packs"][0]["on"] == "2026-11-23"
    assert "23 November 2026" in night.run("pack", "--list").out
