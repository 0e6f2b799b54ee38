"""What people tell agents, and statements of the bank, through the Python API."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest

from regisseur import Company, MemoryERP, Office
from regisseur.errors import InvalidInput, NotDecidable, NotFound
from regisseur.graphs.agent import Agent, Settings
from regisseur.graphs.told import Form
from regisseur.storage import bank
from regisseur.tools.records import Customer, Record, Speaker

say = Speaker("tests")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LINES = ["18/11/2026;VIR GARAGE BELLECOUR;817,92", "19/11/2026;PRLV EDF;-240,00"]
SETTINGS = """\
[companies.atelier]
[companies.atelier.banks.ours]
account = "FR7630006000011234567890189"
booked = "Date"
text = ["Libellé"]
amount = "Montant"
[companies.atelier.erp]
vendor = "memory"
file = "erp.json"
[companies.workshop.erp]
vendor = "memory"
file = "other.json"
"""


@pytest.fixture
def erp(tmp_path: Path) -> MemoryERP:
    """The ERP of the first company; there is one for the other, too."""
    MemoryERP(today=NOW.date(), file=tmp_path / "other.json").warehouse("Workshop")
    return MemoryERP(today=NOW.date(), file=tmp_path / "erp.json")


@pytest.fixture
def customer(erp: MemoryERP) -> Customer:
    """Of the first company."""
    return erp.customer("Garage Bellecour", email="pay@garage.example")


@pytest.fixture
def office(tmp_path: Path, customer: Customer) -> Iterator[Office]:
    """Of two companies."""
    (tmp_path / "regisseur.toml").write_text(SETTINGS)
    moments = (NOW + timedelta(seconds=one) for one in count())
    with Office.open(tmp_path / "regisseur.toml", clock=lambda: next(moments)) as opened:
        yield opened


def statement(folder: Path, *lines: str, name: str = "november.csv") -> Path:
    """A file as the bank writes it."""
    file = folder / name
    file.write_text("\n".join(("Date;Libellé;Montant", *lines)) + "\n", encoding="utf-8")
    return file


def test_what_was_told_stands_until_it_is_withdrawn(office: Office, customer: Customer) -> None:
    first = office.record(
        "promise", by="nora", company="atelier", customer=customer.id, on=date(2026, 12, 4)
    )
    second = office.record(
        "do_not_contact", by="nora", company="atelier", customer="Garage Bellecour"
    )

    assert [first.subject, second.subject] == [customer.id] * 2
    assert first.body["on"] == "2026-12-04"
    assert (first.by, first.agent) == ("nora", "invoice_followup")
    assert first.at > NOW
    assert office.entries("invoice_followup", company="atelier") == [first, second]

    office.withdraw(first.id, by="mo", company="atelier")

    assert office.entries("invoice_followup", company="atelier") == [second]
    with pytest.raises(NotDecidable, match="mo"):
        office.withdraw(first.id, by="nora", company="atelier")
    events = [one["event"] for one in office.audit_export(company="atelier")]
    assert events == ["entered", "entered", "withdrawn"]


@pytest.mark.parametrize("who", ["", "  "])
def test_somebody_must_say_it(who: str, office: Office, customer: Customer) -> None:
    with pytest.raises(InvalidInput) as told:
        office.record("do_not_contact", by=who, company="atelier", customer=customer.id)
    assert told.value.field == "by"
    entry = office.record("do_not_contact", by="nora", company="atelier", customer=customer.id)
    with pytest.raises(InvalidInput):
        office.withdraw(entry.id, by=who, company="atelier")


def test_a_wrong_field_keeps_nothing(office: Office, customer: Customer) -> None:
    with pytest.raises(InvalidInput) as told:
        office.record("promise", by="nora", company="atelier", customer=customer.id, on="soon")
    assert told.value.field == "on"
    with pytest.raises(InvalidInput) as told:
        office.record("do_not_contact", by="nora", company="atelier", customer="nobody")
    assert told.value.field == "customer"
    with pytest.raises(NotFound, match="no form"):
        office.record("praise", by="nora", company="atelier")
    assert office.entries("invoice_followup", company="atelier") == []


def test_another_company_is_out_of_reach(office: Office, customer: Customer) -> None:
    entry = office.record("do_not_contact", by="nora", company="atelier", customer=customer.id)

    assert office.entries("invoice_followup", company="workshop") == []
    with pytest.raises(NotFound):
        office.withdraw(entry.id, by="nora", company="workshop")
    with pytest.raises(InvalidInput):  # its customer isn't theirs
        office.record("do_not_contact", by="nora", company="workshop", customer=customer.id)
    assert office.entries("invoice_followup", company="atelier") == [entry]


class Weather(Form):
    """What it is like outside."""

    sky: str

    @property
    def subject(self) -> str:
        return ""


class Watcher(Agent[Record, Settings]):
    """Somebody else's, with a form of a name that is taken."""

    title = say("Watcher")
    settings, observation = Settings, Record
    forms: ClassVar[Mapping[str, type[Form]]] = {"promise": Weather, "weather": Weather}

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]


def test_who_is_told_where_several_have_such_a_form(tmp_path: Path, erp: MemoryERP) -> None:
    with Office.open(
        company=Company(id="atelier", name="Atelier"),
        erp=erp,
        agents=[Watcher("watcher")],
        database=f"sqlite:///{tmp_path}/office.db",
    ) as office:
        with pytest.raises(InvalidInput, match="invoice_followup, watcher") as told:
            office.record("promise", by="nora", sky="blue")
        assert told.value.field == "agent"
        entry = office.record("promise", by="nora", agent="watcher", sky="blue")
        assert (entry.agent, entry.body) == ("watcher", {"sky": "blue"})
        assert office.record("weather", by="nora", sky="grey").agent == "watcher"


def test_a_statement_is_read_once(office: Office, tmp_path: Path) -> None:
    ours = {"by": "nora", "bank": "ours", "company": "atelier"}
    file = statement(tmp_path, *LINES)

    first = office.read_statement(file, **ours)
    again = office.read_statement(file, **ours)
    longer = statement(tmp_path, *LINES, "20/11/2026;VIR CYCLES FONTAINE;50,00", name="later.csv")
    overlapping = office.read_statement(longer, **ours)

    assert (first.lines, first.new, first.known_until) == (2, 2, date(2026, 11, 19))
    assert (again.lines, again.new) == (2, 0)
    assert (overlapping.lines, overlapping.new) == (3, 1)
    database = office.opened.core.house.database
    with database.read() as session:
        kept = bank.lines_since(session, "atelier", date(2026, 1, 1))
        assert [one.amount for one in kept] == [Decimal("817.92"), Decimal(-240), Decimal(50)]
        assert bank.lines_since(session, "workshop", date(2026, 1, 1)) == []
        assert bank.known_until(session, "atelier") == date(2026, 11, 20)


def test_a_file_that_is_wrong_anywhere_keeps_nothing(office: Office, tmp_path: Path) -> None:
    file = statement(tmp_path, *LINES, "31/02/2026;VIR;1,00")

    with pytest.raises(InvalidInput):
        office.read_statement(file, by="nora", bank="ours", company="atelier")

    with office.opened.core.house.database.read() as session:
        assert bank.lines_since(session, "atelier", date(2026, 1, 1)) == []
        assert bank.known_until(session, "atelier") is None


def test_a_bank_that_is_not_set_up(office: Office, tmp_path: Path) -> None:
    with pytest.raises(
        NotFound, match=r"\[company\.banks\.theirs\] is not set up; those are: ours"
    ):
        office.read_statement(tmp_path, by="nora", bank="theirs", company="atelier")
