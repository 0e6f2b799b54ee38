"""What every adapter promises about disputes, write-offs and contacts, as tests; see
``erp_contract`` for the fixtures. ``amending`` may do all of it, and has a customer with contacts
and at least two open invoices that nobody disputes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erp_contract import Subject, new_key

from regisseur.errors import VendorRefused
from regisseur.tools.erp.ports import Contacts, Disputes, WriteOffs
from regisseur.tools.records import (
    Address,
    Contact,
    ContactWay,
    Customer,
    Invoice,
    NewDispute,
    NewWriteOff,
)

NOBODY = ("987654321", "no number", "")
HOSTILE = '</p><script>\r\nBcc: x@x.example\n[regisseur k:1] « 50 % » "x" 📦'


def undisputed(amending: Subject) -> Invoice:
    found = amending.ask(amending.erp.open_invoices())
    return next(one for one in found if one.open > 0 and one.dispute is None)


def now(amending: Subject, invoice: Invoice) -> Invoice:
    (read,) = amending.ask(amending.erp.read_invoices([invoice.id]))
    return read


def contested(amending: Subject, invoice: Invoice, **values: Any) -> NewDispute:
    given = {
        "customer_id": invoice.customer_id,
        "invoice_id": invoice.id,
        "on": amending.today,
        "text": "Two are scratched",
    }
    return NewDispute.model_validate(given | values)


def rest(amending: Subject, invoice: Invoice, **values: Any) -> NewWriteOff:
    given = {
        "invoice_id": invoice.id,
        "amount": invoice.open,
        "currency": invoice.currency,
        "on": amending.today,
        "text": f"Rest of {invoice.number}",
    }
    return NewWriteOff.model_validate(given | values)


def reachable(amending: Subject) -> tuple[Customer, Contact]:
    for customer in amending.ask(amending.erp.customers()):
        for contact in customer.contacts:
            if contact.email and customer.address:
                return customer, contact
    raise AssertionError("nobody can be reached")


def again(amending: Subject, customer: Customer) -> Customer:
    read = amending.ask(amending.erp.read_customer(customer.id))
    assert read is not None
    return read


def test_it_implements_what_can_be_amended(amending: Subject) -> None:
    erp = amending.erp
    assert isinstance(erp, Disputes)
    assert isinstance(erp, WriteOffs)
    assert isinstance(erp, Contacts)
    for may in (erp.may_open_disputes, erp.may_write_off, erp.may_change_contacts):
        assert amending.ask(may()) is True


def test_a_dispute_is_kept_under_its_key_and_the_invoice_is_disputed(amending: Subject) -> None:
    erp, key, invoice = amending.erp, new_key(), undisputed(amending)
    wanted = contested(amending, invoice, text=HOSTILE)
    made = amending.ask(erp.open_dispute(key, wanted))
    (kept,) = amending.ask(erp.find_disputes(invoice.id, key))
    assert (kept.id, kept.key) == (made, key)
    assert (kept.customer_id, kept.invoice_id, kept.on) == (
        wanted.customer_id,
        wanted.invoice_id,
        wanted.on,
    )
    assert kept.text.split() == HOSTILE.split()
    assert now(amending, invoice).dispute is not None
    for other in (f"{key}0", key[:-1], "%", "_" * len(key)):
        assert list(amending.ask(erp.find_disputes(invoice.id, other))) == []
    for other in (undisputed(amending).id, *NOBODY):
        assert list(amending.ask(erp.find_disputes(other, key))) == []


def test_a_dispute_needs_an_invoice_of_the_customer(amending: Subject) -> None:
    invoice = undisputed(amending)
    other = next(
        one for one in amending.ask(amending.erp.customers()) if one.id != invoice.customer_id
    )
    for wrong in ({"invoice_id": "987654321"}, {"customer_id": other.id}):
        with pytest.raises(VendorRefused):
            amending.ask(
                amending.erp.open_dispute(new_key(), contested(amending, invoice, **wrong))
            )
    assert now(amending, invoice).dispute is None


def test_all_that_is_left_is_written_off_once(amending: Subject) -> None:
    erp, key, invoice = amending.erp, new_key(), undisputed(amending)
    for amount in (invoice.open - 1, invoice.open + Decimal("0.01")):
        with pytest.raises(VendorRefused):
            amending.ask(erp.write_off(key, rest(amending, invoice, amount=amount)))
    assert list(amending.ask(erp.find_write_offs(invoice.id, key))) == []
    assert now(amending, invoice) == invoice
    amending.ask(erp.write_off(key, rest(amending, invoice)))
    (kept,) = amending.ask(erp.find_write_offs(invoice.id, key))
    assert (kept.invoice_id, kept.amount, kept.key) == (invoice.id, invoice.open, key)
    settled = now(amending, invoice)
    assert (settled.open, settled.state) == (Decimal(0), "paid")
    with pytest.raises(VendorRefused):
        amending.ask(erp.write_off(key, rest(amending, invoice)))
    assert list(amending.ask(erp.find_write_offs(invoice.id, key))) == [kept]
    assert list(amending.ask(erp.find_write_offs(invoice.id, key[:-1]))) == []
    assert list(amending.ask(erp.find_write_offs(undisputed(amending).id, key))) == []
    for nobody in NOBODY:
        assert list(amending.ask(erp.find_write_offs(nobody, key))) == []


def test_what_is_not_there_is_not_written_off(amending: Subject) -> None:
    invoice = undisputed(amending)
    for nobody in NOBODY:
        with pytest.raises(VendorRefused):
            amending.ask(
                amending.erp.write_off(new_key(), rest(amending, invoice, invoice_id=nobody))
            )


def test_a_contact_is_changed_only_where_it_is_as_it_was_seen(amending: Subject) -> None:
    erp = amending.erp
    customer, contact = reachable(amending)
    before = contact.email or ""
    with pytest.raises(VendorRefused):
        amending.ask(
            erp.change_contact(customer.id, contact.id, "email", before="x@x.example", after=before)
        )
    amending.ask(
        erp.change_contact(customer.id, contact.id, "email", before=before, after="new@x.example")
    )
    changed = contact.model_copy(update={"email": "new@x.example"})
    assert changed in again(amending, customer).contacts
    with pytest.raises(VendorRefused):
        amending.ask(
            erp.change_contact(customer.id, contact.id, "email", before=before, after="a@x.example")
        )
    with pytest.raises(VendorRefused):
        amending.ask(
            erp.change_contact(
                "987654321", contact.id, "email", before="new@x.example", after="a@x.example"
            )
        )
    assert changed in again(amending, customer).contacts


def test_a_contact_is_added_for_invoices(amending: Subject) -> None:
    customer, _ = reachable(amending)
    values: dict[ContactWay, str] = {"email": "more@x.example", "phone": "+33 4 65 71 99 99"}
    for way, value in values.items():
        made = amending.ask(amending.erp.add_contact(customer.id, way, value))
        (added,) = [one for one in again(amending, customer).contacts if one.id == made]
        assert (getattr(added, way), added.payables) == (value, True)
    with pytest.raises(VendorRefused):
        amending.ask(amending.erp.add_contact("987654321", "email", "more@x.example"))


def test_the_postal_address_is_changed_only_where_it_is_as_it_was_seen(amending: Subject) -> None:
    erp = amending.erp
    customer, _ = reachable(amending)
    before = customer.address
    after = Address(lines=("9 rue Neuve", "Bât. B"), postcode="69003", city="Lyon", country="FR")
    with pytest.raises(VendorRefused):
        amending.ask(erp.change_address(customer.id, before=None, after=after))
    assert again(amending, customer).address == before
    amending.ask(erp.change_address(customer.id, before=before, after=after))
    assert again(amending, customer).address == after
    with pytest.raises(VendorRefused):
        amending.ask(erp.change_address(customer.id, before=before, after=after))
