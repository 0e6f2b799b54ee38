"""What every adapter promises about receivables, as tests; see ``erp_contract`` for the fixtures.

Both ERPs have open invoices (one part paid, one disputed, one credit note or none), paid ones, a
payment that is on no invoice, and reminders that somebody else has sent.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from erp_contract import YEAR, Subject, floats_in, new_key

from regisseur.errors import VendorRefused
from regisseur.tools.erp.ports import Receivables
from regisseur.tools.records import Customer, Invoice, NewReminder, Record, Reminder

NOBODY = ("987654321", "no number", "")
HOSTILE = (
    'Écrit à « compta@x.example »\n\n\tF-1 : 40 €, "urgent" 📦 100 %',
    "[regisseur k:1]\n[said 2026-01-01 email reminder_1 invoices 1]\n[regisseur k:1]",
    "</p><script>alert(1)</script>\r\nBcc: all@x.example",
    "%_[]",
)


def open_invoice(writing: Subject) -> Invoice:
    return next(one for one in writing.ask(writing.erp.open_invoices()) if one.open > 0)


def said(invoice: Invoice, on: date, **values: object) -> NewReminder:
    given = {
        "customer_id": invoice.customer_id,
        "on": on,
        "step": "reminder_1",
        "channel": "email",
        "invoice_ids": (invoice.id,),
        "text": "Reminder 1 to the accountants",
    }
    return NewReminder.model_validate(given | values)


def found(writing: Subject, customer_id: str, key: str) -> list[Reminder]:
    return list(writing.ask(writing.erp.find_reminders(customer_id, key)))


def test_it_implements_receivables(reading: Subject) -> None:
    assert isinstance(reading.erp, Receivables)


def test_receivables_are_never_floats(reading: Subject) -> None:
    erp, since = reading.erp, reading.today - 2 * YEAR
    everything: list[Record] = [
        *reading.ask(erp.open_invoices()),
        *reading.ask(erp.past_invoices(since)),
        *reading.ask(erp.unapplied_payments()),
        *reading.ask(erp.reminders(since)),
    ]
    assert {type(one).__name__ for one in everything} == {
        "Invoice",
        "Reminder",
        "UnappliedPayment",
    }
    assert floats_in(everything) == []


def test_whoever_owes_paid_or_was_reminded_is_a_customer(reading: Subject) -> None:
    erp, since = reading.erp, reading.today - 2 * YEAR
    customers = reading.ask(erp.customers())
    ids = [customer.id for customer in customers]
    assert len(set(ids)) == len(ids)
    contacts = [contact.id for customer in customers for contact in customer.contacts]
    assert len(set(contacts)) == len(contacts)
    named = {
        *(one.customer_id for one in reading.ask(erp.open_invoices())),
        *(one.customer_id for one in reading.ask(erp.past_invoices(since))),
        *(one.customer_id for one in reading.ask(erp.unapplied_payments())),
        *(one.customer_id for one in reading.ask(erp.reminders(since))),
    }
    assert named <= set(ids)


def test_there_is_somebody_to_write_to(reading: Subject) -> None:
    contacts = [one for who in reading.ask(reading.erp.customers()) for one in who.contacts]
    assert any(contact.payables and contact.email for contact in contacts)
    assert all(contact.email or contact.phone for contact in contacts)


def balanced(invoice: Invoice) -> bool:
    """Its parts add up to what it says itself."""
    parts, paid = invoice.instalments, invoice.settlements
    return (
        sum(part.amount for part in parts) == invoice.total
        and sum(part.open for part in parts) == invoice.open
        and sum(one.amount for one in paid) == invoice.total - invoice.open
        and all(part.open * part.amount >= 0 for part in parts)
        and all(abs(part.open) <= abs(part.amount) for part in parts)
    )


def test_open_invoices_add_up_oldest_first(reading: Subject) -> None:
    invoices = reading.ask(reading.erp.open_invoices())
    assert all(balanced(invoice) for invoice in invoices)
    assert all(invoice.open and invoice.state == "open" for invoice in invoices)
    assert all(invoice.credit_note == (invoice.total < 0) for invoice in invoices)
    assert all(one.issued <= other.issued for one, other in pairwise(invoices))
    assert any(0 < invoice.open < invoice.total for invoice in invoices)
    assert any(invoice.dispute for invoice in invoices)
    assert all(invoice.number for invoice in invoices)


def test_what_is_paid_on_account_pays_the_oldest_part(reading: Subject) -> None:
    for invoice in reading.ask(reading.erp.open_invoices()):
        assert list(invoice.instalments) == sorted(invoice.instalments, key=lambda one: one.due)
        touched = [part for part in invoice.instalments if part.open != part.amount]
        assert touched == list(invoice.instalments[: len(touched)])
        assert all(part.open == 0 for part in touched[:-1])


def test_paid_invoices_start_with_the_day_asked_for(reading: Subject) -> None:
    paid = reading.ask(reading.erp.past_invoices(reading.today - 2 * YEAR))
    assert all(one.state == "paid" and not one.open and not one.credit_note for one in paid)
    assert all(balanced(invoice) for invoice in paid)
    assert all(invoice.settlements for invoice in paid)
    day = max(invoice.issued for invoice in paid)
    last = reading.ask(reading.erp.past_invoices(day))
    assert {invoice.issued for invoice in last} == {day}
    assert list(reading.ask(reading.erp.past_invoices(reading.today + YEAR))) == []


def test_payments_on_no_invoice_are_told(reading: Subject) -> None:
    payments = reading.ask(reading.erp.unapplied_payments())
    assert payments
    assert all(payment.amount > 0 for payment in payments)
    last = reading.ask(reading.erp.last_payment())
    assert last is not None
    assert max(payment.on for payment in payments) <= last <= reading.today


def test_reminders_start_with_the_day_and_belong_to_the_customer(reading: Subject) -> None:
    erp = reading.erp
    everything = reading.ask(erp.reminders(reading.today - 2 * YEAR))
    assert all(one.on <= other.on for one, other in pairwise(everything))
    last = everything[-1]
    assert {one.on for one in reading.ask(erp.reminders(last.on))} == {last.on}
    assert list(reading.ask(erp.reminders(last.on + timedelta(days=1)))) == []
    theirs = reading.ask(erp.reminders(reading.today - 2 * YEAR, last.customer_id))
    assert list(theirs) == [one for one in everything if one.customer_id == last.customer_id]
    for nobody in NOBODY:
        assert list(reading.ask(erp.reminders(reading.today - 2 * YEAR, nobody))) == []


def test_one_record_reads_like_all_of_them(reading: Subject) -> None:
    erp = reading.erp
    customers, invoices = reading.ask(erp.customers()), reading.ask(erp.open_invoices())
    some = [customers[0], customers[-1]]
    assert [reading.ask(erp.read_customer(one.id)) for one in some] == some
    asked = [invoices[0].id, invoices[-1].id, *NOBODY]
    assert sorted(reading.ask(erp.read_invoices(asked)), key=str) == sorted(
        [invoices[0], invoices[-1]], key=str
    )
    assert list(reading.ask(erp.read_invoices([]))) == []
    paid = reading.ask(erp.past_invoices(reading.today - 2 * YEAR))[0]
    assert list(reading.ask(erp.read_invoices([paid.id]))) == [paid]


@pytest.mark.parametrize("nobody", NOBODY)
def test_who_and_what_is_not_there_is_none(reading: Subject, nobody: str) -> None:
    assert reading.ask(reading.erp.read_customer(nobody)) is None
    assert reading.ask(reading.erp.invoice_document(nobody)) is None
    assert found(reading, nobody, "k:1") == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_reminder_reads_back_as_written(writing: Subject, text: str) -> None:
    key, invoice = new_key(), open_invoice(writing)
    wanted = said(invoice, writing.today, step="formal_notice", channel="letter", text=text)
    reminder_id = writing.ask(writing.erp.log_reminder(key, wanted))
    (kept,) = found(writing, invoice.customer_id, key)
    assert kept == Reminder(id=reminder_id, key=key, **dict(wanted))
    assert kept in writing.ask(writing.erp.reminders(writing.today))
    assert kept in writing.ask(writing.erp.reminders(writing.today, invoice.customer_id))


@pytest.mark.parametrize("key", ["a:1", "100%", "a_c", 'L\'été « 50 % » "x"', "📦:1", "[x]"])
def test_a_reminder_is_found_by_exactly_its_key(writing: Subject, key: str) -> None:
    invoice = open_invoice(writing)
    own = f"{new_key()}:{key}"
    reminder_id = writing.ask(writing.erp.log_reminder(own, said(invoice, writing.today)))
    assert [one.id for one in found(writing, invoice.customer_id, own)] == [reminder_id]
    for other in (f"{own}0", own[:-1], own.upper() + "X", "%", "_" * len(own), key):
        assert reminder_id not in [one.id for one in found(writing, invoice.customer_id, other)]


def test_a_reminder_is_kept_with_its_customer(writing: Subject) -> None:
    key, invoice = new_key(), open_invoice(writing)
    writing.ask(writing.erp.log_reminder(key, said(invoice, writing.today)))
    other = another(writing, invoice)
    assert found(writing, other.id, key) == []


def test_two_reminders_with_one_key_come_in_order(writing: Subject) -> None:
    key, invoice = new_key(), open_invoice(writing)
    ids = [writing.ask(writing.erp.log_reminder(key, said(invoice, writing.today)))]
    ids.append(writing.ask(writing.erp.log_reminder(key, said(invoice, writing.today))))
    assert [one.id for one in found(writing, invoice.customer_id, key)] == ids


def test_a_reminder_needs_a_customer_and_its_own_invoices(writing: Subject) -> None:
    key, invoice = new_key(), open_invoice(writing)
    other = another(writing, invoice)
    for wrong in (
        {"customer_id": "987654321"},
        {"invoice_ids": (invoice.id, "987654321")},
        {"customer_id": other.id},
    ):
        with pytest.raises(VendorRefused):
            writing.ask(writing.erp.log_reminder(key, said(invoice, writing.today, **wrong)))
    assert found(writing, invoice.customer_id, key) == []
    assert found(writing, other.id, key) == []


def test_what_is_logged_changes_no_balance(writing: Subject) -> None:
    before = writing.ask(writing.erp.open_invoices())
    writing.ask(writing.erp.log_reminder(new_key(), said(before[0], writing.today)))
    assert list(writing.ask(writing.erp.open_invoices())) == list(before)
    assert sum((one.open for one in before), Decimal(0)) > 0


def another(writing: Subject, invoice: Invoice) -> Customer:
    customers = writing.ask(writing.erp.customers())
    return next(one for one in customers if one.id != invoice.customer_id)
