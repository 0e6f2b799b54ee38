"""How Tryton's customers and invoices are understood, whatever somebody wrote into them."""

import asyncio
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fake_tryton import Answer, FakeTryton, error, settings
from hypothesis import given
from hypothesis import strategies as st

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.erp.tryton.customers import _address, _contacts, _kind, _siren, _vat
from regisseur.tools.erp.tryton.invoices import _instalments, _settlements
from regisseur.tools.records import Invoice


@pytest.mark.parametrize(
    ("numbers", "kind", "registration"),
    [
        ([], "unknown", None),
        ([("fr_siren", "732829320")], "business", "732829320"),
        ([("fr_siret", "73282932000074")], "business", "732829320"),
        ([("fr_tva", "44732829320")], "business", "732829320"),
        ([("fr_siren", "216900910")], "public", "216900910"),
        ([("fr_siret", "13002526500013")], "public", "130025265"),
        ([("fr_siren", "103456789")], "unknown", "103456789"),
        ([("fr_siren", "73"), ("fr_tva", "44732829320")], "business", "732829320"),
        ([("eu_vat", "IE3628739L")], "business", "IE3628739L"),
        ([("de_handelsregisternummer", "AACHENHRB3004")], "unknown", None),
        ([("fr_nir", "253072B07300470")], "unknown", None),
        ([("", "732829320")], "unknown", None),
    ],
)
def test_who_pays_is_told_by_numbers_alone(
    numbers: list[tuple[str, str]], kind: str, registration: str | None
) -> None:
    assert _kind(numbers) == kind
    assert (_siren(numbers) or _vat(numbers)) == registration


def mechanism(number: int, kind: str, value: str | None, **more: Any) -> dict[str, Any]:
    values = {"id": number, "type": kind, "value": value, "name": None, "sequence": None}
    return values | {"invoice": False, "language.": None} | more


def test_contacts_are_mailboxes_and_telephones_in_trytons_order() -> None:
    rows = [
        mechanism(1, "email", " a@x.example ", sequence=2, invoice=True),
        mechanism(2, "mobile", "06 39 98 00 00", name="Mme Petit"),
        mechanism(3, "fax", "01"),
        mechanism(4, "website", "http://x.example"),
        mechanism(5, "email", "  "),
        mechanism(6, "email", None),
        mechanism(7, "email", "b@x.example", sequence=1, **{"language.": {"code": "en"}}),
    ]
    contacts = list(_contacts(rows, "fr"))
    assert [(one.id, one.email, one.phone, one.language) for one in contacts] == [
        ("2", None, "06 39 98 00 00", "fr"),
        ("7", "b@x.example", None, "en"),
        ("1", "a@x.example", None, "fr"),
    ]
    assert [one.payables for one in contacts] == [False, False, True]
    assert contacts[0].name == "Mme Petit"


def place(number: int, **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("party_name", "attn", "street", "postal_code", "city", "sequence"))
    return {"id": number, "invoice": False, "country.": None} | empty | more


def test_letters_go_to_the_address_for_invoices() -> None:
    assert _address([]) is None
    assert _address([place(1), place(2, **{"country.": {"code": "FR"}})]) is None
    first = place(1, street="1 rue A\n\nBât. B ", city="Lyon")
    billing = place(2, attn="Comptabilité", postal_code="69002", city="Lyon", invoice=True)
    chosen = _address([place(3), first])
    assert chosen is not None
    assert (chosen.lines, chosen.city) == (("1 rue A", "Bât. B"), "Lyon")
    chosen = _address([first, billing])
    assert chosen is not None
    assert (chosen.lines, chosen.postcode) == (("Comptabilité",), "69002")


def line(number: int, amount: Decimal | int, **more: Any) -> dict[str, Any]:
    amount = Decimal(amount)
    values: dict[str, Any] = {
        "id": number,
        "debit": max(amount, Decimal(0)),
        "credit": max(-amount, Decimal(0)),
        "second_currency": None,
        "amount_second_currency": None,
        "reconciliation": None,
        "maturity_date": date(2026, 1, 1) + timedelta(days=number),
        "date": date(2026, 2, 1) + timedelta(days=number),
    }
    return values | more


def invoice(lines: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "state": "posted",
        "currency.": {"id": 1, "code": "EUR"},
        "invoice_date": date(2026, 1, 1),
        "lines_to_pay.": list(lines),
        "payment_lines.": [],
        "reconciliation_lines.": [],
    }
    return values | more


def parts(row: dict[str, Any], still_open: int | str) -> list[tuple[str, str, str]]:
    found = _instalments(row, Decimal(still_open))
    return [(one.id, str(one.amount), str(one.open)) for one in found]


def test_what_is_paid_on_account_is_taken_from_the_oldest_line() -> None:
    """Trap 3 of the facts: the line keeps its full amount until it is paid as a whole."""
    lines = [line(3, 300), line(1, 100), line(2, 200)]
    assert parts(invoice(lines), 600) == [
        ("1", "100", "100"),
        ("2", "200", "200"),
        ("3", "300", "300"),
    ]
    assert parts(invoice(lines), 350) == [
        ("1", "100", "0"),
        ("2", "200", "50"),
        ("3", "300", "300"),
    ]
    credit = [line(1, -100), line(2, -50)]
    assert parts(invoice(credit), -30) == [("1", "-100", "0"), ("2", "-50", "-30")]


def test_a_reconciled_line_is_paid_and_the_rest_is_shared_out() -> None:
    lines = [line(1, 100, reconciliation=9), line(2, 200), line(3, 300)]
    assert parts(invoice(lines), 400) == [
        ("1", "100", "0"),
        ("2", "200", "100"),
        ("3", "300", "300"),
    ]
    assert parts(invoice([line(1, 100, reconciliation=9)]), 0) == [("1", "100", "0")]


def test_lines_that_a_new_schedule_replaced_are_left_out() -> None:
    lines = [
        line(1, 100, reconciliation=9),
        line(2, -100, reconciliation=9),
        line(3, 60),
        line(4, 40),
    ]
    assert parts(invoice(lines), 100) == [("3", "60", "60"), ("4", "40", "40")]


def test_amounts_are_in_the_currency_of_the_invoice() -> None:
    foreign = {"second_currency": 2, "amount_second_currency": Decimal(120)}
    row = invoice([line(1, 100, **foreign)], **{"currency.": {"id": 2, "code": "USD"}})
    assert parts(row, 120) == [("1", "120", "120")]


def test_an_undated_line_is_due_with_the_invoice() -> None:
    (part,) = _instalments(invoice([line(1, 100, maturity_date=None)]), Decimal(100))
    assert part.due == date(2026, 1, 1)


amounts = st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(amounts, min_size=1, max_size=6), st.data())
def test_parts_always_add_up(values: list[Decimal], data: st.DataObject) -> None:
    total = sum(values, Decimal(0))
    still_open = data.draw(st.integers(1, int(total * 100)).map(lambda cents: Decimal(cents) / 100))
    found = list(_instalments(invoice(line(n, v) for n, v in enumerate(values)), still_open))
    assert sum(part.open for part in found) == still_open
    assert sum(part.amount for part in found) == total
    assert all(0 <= part.open <= part.amount for part in found)


def settled(row: dict[str, Any], paid: int) -> list[tuple[int, str]]:
    return [(one.on.day, str(one.amount)) for one in _settlements(row, Decimal(paid))]


def test_payments_are_told_once_by_day_and_never_more_than_was_paid() -> None:
    part, rest = line(8, -40), line(5, -60)
    row = invoice(
        [line(1, 100)], **{"payment_lines.": [part], "reconciliation_lines.": [rest, part]}
    )
    assert settled(row, 100) == [(6, "60"), (9, "40")]
    assert settled(invoice([line(1, 100)]), 0) == []


def test_of_a_payment_for_several_invoices_only_the_share_is_told() -> None:
    other, bulk = line(2, 900), line(3, -1000)
    row = invoice([line(1, 100, reconciliation=9)], **{"reconciliation_lines.": [other, bulk]})
    assert settled(row, 100) == [(4, "100")]
    cancelled = row | {"state": "cancelled"}
    assert settled(cancelled, 100) == []


WHOLE = {
    "id": 12,
    "number": "F-12",
    "party": 31,
    "total_amount": Decimal(100),
    "amount_to_pay": Decimal(100),
    "reference": None,
    "_timestamp": "1.5",
    **invoice([line(1, 100, **{"dunnings.": [{"blocked": 0}, {"blocked": 1}]})]),
}


def only(**answers: Answer) -> Invoice:
    known: dict[str, Answer] = {
        "model__account__move__line__fields_get": {"dunnings": {}},
        "model__account__invoice__fields_get": {"sales": {}},
        "model__sale__complaint__fields_get": {"origin": {}},
        "model__sale__complaint__search_read": [],
        "model__account__invoice__search_read": [WHOLE | {"sales.": []}],
    }
    fake = FakeTryton(**(known | answers))
    erp = Tryton(settings(), httpx.MockTransport(fake))
    (found,) = asyncio.run(erp.read_invoices(["12"]))
    return found


def complaint(origin: str | None, **more: Any) -> dict[str, Any]:
    values = {"id": 4, "origin": origin, "description": None, "reference": None, "number": "C4"}
    return values | {"type.": {"name": "Litige"}} | more


def test_what_is_blocked_or_not_delivered_is_seen() -> None:
    assert only().instalments[0].blocked
    for method, state, undelivered in (
        ("order", "waiting", True),
        ("order", "partially shipped", True),
        ("order", "sent", False),
        ("order", "none", False),
        ("fulfillment", "partially shipped", False),
    ):
        sale = {"id": 3, "invoice_method": method, "shipment_state": state, "reference": None}
        row = [WHOLE | {"sales.": [sale]}]
        assert only(model__account__invoice__search_read=row).undelivered is undelivered


@pytest.mark.parametrize(
    ("origin", "disputed"),
    [
        ("account.invoice,12", True),
        ("account.invoice,13", False),
        ("account.invoice.line,70", True),
        ("account.invoice.line,71", False),
        ("sale.sale,3", True),
        ("sale.line,80", True),
        ("sale.sale,12", False),
        (None, False),
    ],
)
def test_a_complaint_about_any_part_is_a_dispute(origin: str | None, disputed: bool) -> None:
    sale = {"id": 3, "invoice_method": "order", "shipment_state": "sent", "reference": "UD-1"}
    found = only(
        model__account__invoice__search_read=[WHOLE | {"sales.": [sale]}],
        model__sale__complaint__search_read=[complaint(origin)],
        model__account__invoice__line__search_read=[
            {"id": 70, "invoice": 12},
            {"id": 71, "invoice": 13},
        ],
        model__sale__line__search_read=[{"id": 80, "sale": 3}],
    )
    assert found.dispute == ("Litige: C4" if disputed else None)
    assert found.reference == "UD-1"


def test_a_tryton_without_the_modules_has_no_disputes_and_no_dunnings() -> None:
    missing = {
        "model__account__move__line__fields_get": {},
        "model__account__invoice__fields_get": {},
        "model__sale__complaint__fields_get": error("'sale.complaint'", ""),
        "model__account__invoice__search_read": [WHOLE],
    }
    found = only(**missing)
    assert (found.dispute, found.undelivered) == (None, False)


def test_who_may_not_look_is_told_and_nothing_is_assumed() -> None:
    denied = error("UserError", ["You are not allowed to access sale.complaint", "", None])
    with pytest.raises(VendorRefused, match="not allowed"):
        only(model__sale__complaint__search_read=denied)
