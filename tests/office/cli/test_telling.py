"""Telling agents something at the command line, and handing in what the bank says."""

from datetime import date
from pathlib import Path

import pytest
from shop import Shop

from regisseur.tools.records import Contact, Customer, Invoice

STATEMENT = """\
Date;Libellé;Montant
18/11/2026;VIR GARAGE BELLECOUR F-2026-0012;817,92
19/11/2026;PRLV EDF;-240,00
"""
LAYOUT = """\
[company.banks.credit_lyonnais]
account = "FR7630006000011234567890189"
booked = "Date"
text = ["Libellé"]
amount = "Montant"
"""


@pytest.fixture
def garage(empty_shop: Shop) -> Customer:
    """Owes two invoices."""
    contact = Contact(id="k1", name="Comptabilité", email="pay@garage.example", payables=True)
    customer = empty_shop.erp.customer("Garage Bellecour", code="C01", contacts=(contact,))
    for number, amount in (("F-2026-0012", "817.92"), ("F-2026-0019", "120")):
        empty_shop.erp.invoice(customer, amount, due=date(2026, 9, 30), number=number)
    return customer


@pytest.fixture
def others(empty_shop: Shop) -> Invoice:
    """What somebody else of a similar name owes."""
    customer = empty_shop.erp.customer("Garage des Brotteaux")
    return empty_shop.erp.invoice(customer, 50, due=date(2026, 9, 30), number="F-2026-0020")


def test_a_promise_by_the_number_of_an_invoice(empty_shop: Shop, garage: Customer) -> None:
    ran = empty_shop.run("tell", "promise", "invoice=f-2026-0012", "on=2026-12-04", "--by", "nora")

    assert (ran.code, ran.err) == (0, "")
    assert "promise · customer Garage Bellecour · invoices F-2026-0012" in ran.out
    (entry,) = empty_shop.run("told", "--json").json["entries"]
    assert entry["agent"] == "invoice_followup"
    assert (entry["subject"], entry["by"]) == (garage.id, "nora")
    assert entry["body"]["invoices_named"] == ["F-2026-0012"]
    assert f"regisseur withdraw {entry['id'][:8]}" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_several_invoices_and_a_customer_by_part_of_its_name(
    empty_shop: Shop, garage: Customer, others: Invoice
) -> None:
    words = ("customer=bellecour", "invoices=F-2026-0012, F-2026-0019", "reason=price")
    entry = empty_shop.run("tell", "dispute", *words, "--json").json["entry"]

    assert entry["body"]["customer"] == garage.id
    assert len(entry["body"]["invoices"]) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("promises customer=Bellecour", "there is no form 'promises', only announced, called"),
        ("promise customer=Bellecour", "on: Field required"),
        ("promise customer=Bellecour on=soon", "on: Input should be a valid date"),
        ("promise on=2026-12-04", "customer: Field required"),
        ("promise customer=garage on=2026-12-04", "customer: 'garage' may be Garage Bellecour ("),
        ("promise customer=Vasseur on=2026-12-04", "customer: there is no customer 'Vasseur'"),
        ("promise invoices=F-9 on=2026-12-04", "invoices: there is no open invoice 'F-9'"),
        (
            "promise customer=C01 invoices=F-2026-0020 on=2026-12-04",
            "invoices: there is no open invoice 'F-2026-0020' of Garage Bellecour",
        ),
        (
            "promise invoices=F-2026-0012,F-2026-0020 on=2026-12-04",
            "invoices: these are invoices of several customers",
        ),
        ("promise customer=C01 customer=C02 on=2026-12-04", "customer: is given twice"),
        ("promise customer=C01 by=nora on=2026-12-04", "by: is an option: --by"),
        ("pause until=2026-12-04 colour=red", "colour: "),
        ("wrong_contact customer=C01 contact=x", "contact: Garage Bellecour has no such contact"),
        ("triage customer=C01 verdict=start step=shout", "step: there is no such step, only court"),
        ("posted key=nothing on=2026-11-24", "key: nothing was prepared under this key"),
        ("promise --agent purchasing on=2026-12-04", "purchasing has no form 'promise'"),
    ],
)
def test_what_means_nothing_is_refused_by_its_name(
    words: str, told: str, empty_shop: Shop, garage: Customer, others: Invoice
) -> None:
    ran = empty_shop.run("tell", *words.split())

    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert empty_shop.run("told", "--json").json == {"entries": []}


def test_a_wrong_field_for_scripts(empty_shop: Shop, garage: Customer) -> None:
    error = empty_shop.run("tell", "promise", "customer=C01", "on=x", "--json").json["error"]

    assert (error["type"], error["field"]) == ("InvalidInput", "on")


def test_a_contact_by_its_address(empty_shop: Shop, garage: Customer) -> None:
    ran = empty_shop.run(
        "tell", "wrong_contact", "customer=C01", "contact=Pay@garage.example", "--json"
    )

    assert ran.json["entry"]["body"]["contact"] == "k1"


def test_a_pause_of_the_whole_company(empty_shop: Shop) -> None:
    entry = empty_shop.run("tell", "pause", "until=2026-12-04", "--json").json["entry"]

    assert entry["subject"] == ""


def test_taking_it_back(empty_shop: Shop, garage: Customer) -> None:
    for day in ("2026-12-04", "2026-12-11"):
        empty_shop.run("tell", "promise", "customer=C01", f"on={day}")
    first, second = (one["id"] for one in empty_shop.run("told", "--json").json["entries"])

    ran = empty_shop.run("withdraw", first[:8], "--by", "nora")

    assert ran.code == 0
    assert ran.out.startswith("No longer holds:\n")
    standing = empty_shop.run("told", "invoice_followup", "--json").json["entries"]
    assert [one["id"] for one in standing] == [second]
    again = empty_shop.run("withdraw", first)
    assert again.code == 6
    assert "nora" in again.err
    assert empty_shop.run("withdraw", "ffff").code == 2


def test_nothing_was_told(empty_shop: Shop) -> None:
    assert empty_shop.run("told").out == "Nothing that was told still holds.\n"
    assert empty_shop.run("told", "nobody").code == 2


def test_a_corrected_contact_takes_a_second_person(empty_shop: Shop, garage: Customer) -> None:
    words = ("customer=C01", "contact=pay@garage.example", "email=new@garage.example")
    assert empty_shop.run("tell", "wrong_contact", *words).code == 0
    assert empty_shop.run("run", "invoice_followup", "--on", "2026-11-23").code == 0
    listed = empty_shop.run("inbox", "--json").json["actions"]
    (id_,) = [one["id"] for one in listed if one["kind"] == "correct_contact"]
    first = empty_shop.run("decide", id_, "approve", "--by", "nora")
    assert "another person has to agree" in " ".join(first.out.split())
    again = empty_shop.run("decide", id_, "approve", "--by", "nora")
    assert "another person has to agree" in " ".join(again.out.split())
    assert "done" in empty_shop.run("decide", id_, "approve", "--by", "boss").out


def test_help_lists_the_forms(empty_shop: Shop) -> None:
    ran = empty_shop.run("tell", "--help")

    assert ran.code == 0
    assert "forms of invoice_followup:\n  promise: The customer has promised" in ran.out
    assert "      customer=TEXT on=DATE [comment=TEXT] [invoices=TEXT,…] [amount=NUMBER]" in ran.out
    assert "reason=price|quantity|quality|delivery|order_number|other" in ran.out
    assert "_named" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 90


def test_a_statement_of_the_bank(empty_shop: Shop, garage: Customer) -> None:
    Path("november.csv").write_text(STATEMENT, encoding="utf-8")
    settings = Path("regisseur.toml").read_text()
    empty_shop.configure(settings + LAYOUT)

    ran = empty_shop.run("bank", "november.csv", "--layout", "credit_lyonnais")
    again = empty_shop.run("bank", "november.csv", "--layout", "credit_lyonnais", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert "november.csv · 2 movements · 2 new" in ran.out
    assert "Payments are known until 19 November 2026." in ran.out
    assert again.json["statement"]["new"] == 0


def test_a_statement_that_cannot_be_read(empty_shop: Shop) -> None:
    Path("letter.txt").write_text("Dear Sir")

    missing = empty_shop.run("bank", "nowhere.xml")
    assert (missing.code, "nowhere.xml can't be read" in missing.err) == (2, True)
    assert empty_shop.run("bank", "letter.txt").code == 2
    unknown = empty_shop.run("bank", "letter.txt", "--layout", "x")
    assert (unknown.code, "[company.banks.x] is not set up" in unknown.err) == (2, True)


def test_a_number_that_is_another_invoices_id(empty_shop: Shop, garage: Customer) -> None:
    """ERPs count both from one: what may be two is refused, unless the customer tells."""
    other = empty_shop.erp.customer("Cycles Fontaine")
    same = empty_shop.erp.invoice(other, 50, due=date(2026, 9, 30), number="F-2026-0021")
    empty_shop.erp.invoice(garage, 60, due=date(2026, 9, 30), number=same.id)

    ran = empty_shop.run("tell", "promise", f"invoice={same.id}", "on=2026-12-04")
    assert (ran.code, "may be" in ran.err) == (2, True)
    words = ("customer=cycles", f"invoice={same.id}", "on=2026-12-04", "--json")
    body = empty_shop.run("tell", "promise", *words).json["entry"]["body"]
    assert body["invoices"] == [same.id]
