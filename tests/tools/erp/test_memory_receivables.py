"""What the in-memory ERP keeps of customers, and how a test fills it and makes it misbehave."""

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from regisseur.errors import OutcomeUnknown, RetryLater
from regisseur.tools.erp.memory import MemoryERP, Write
from regisseur.tools.records import Contact, Invoice, NewReminder

TODAY = date(2026, 11, 23)
Make = Callable[[], MemoryERP]


@pytest.fixture(params=["memory", "file"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """The same ERP again where it is in a file."""
    if request.param == "file":
        return lambda: MemoryERP(today=TODAY, file=tmp_path / "erp.json")
    erp = MemoryERP(today=TODAY)
    return lambda: erp


def parts(invoice: Invoice) -> list[int]:
    return [int(part.open) for part in invoice.instalments]


def test_the_oldest_part_is_paid_first(make: Make) -> None:
    erp = make()
    garage = erp.customer("Garage", email="compta@garage.example")
    thirds = [(date(2026, 9, 1), 100), (date(2026, 8, 1), 200)]
    invoice = erp.invoice(garage, 600, due=date(2026, 10, 1), parts=thirds)
    assert [part.due.month for part in invoice.instalments] == [8, 9, 10]
    assert (invoice.issued, parts(invoice)) == (date(2026, 9, 1), [200, 100, 300])
    assert parts(erp.pay(invoice, 250, date(2026, 10, 5))) == [0, 50, 300]
    assert parts(erp.pay(invoice, 100, date(2026, 10, 2))) == [0, 0, 250]
    done = make().pay(invoice, None, date(2026, 10, 9))
    assert not done.open
    assert (done.state, parts(done)) == ("paid", [0, 0, 0])
    assert [one.on.day for one in done.settlements] == [2, 5, 9]
    assert asyncio.run(make().last_payment()) == date(2026, 10, 9)
    with pytest.raises(ValueError, match="0 open"):
        erp.pay(invoice, 1, TODAY)


def test_a_credit_note_is_set_off_as_far_as_it_reaches(make: Make) -> None:
    erp = make()
    garage = erp.customer("Garage")
    invoice = erp.invoice(garage, 600, due=TODAY)
    credit = erp.credit_note(garage, 800, issued=TODAY)
    assert (credit.total, credit.credit_note, parts(credit)) == (Decimal(-800), True, [-800])
    with pytest.raises(ValueError, match="does not fit"):
        erp.pay(credit, 10, TODAY)
    assert erp.apply(credit, invoice, TODAY).state == "paid"
    (left,) = asyncio.run(make().open_invoices())
    assert (left.id, left.open, parts(left)) == (credit.id, Decimal(-200), [-200])
    assert asyncio.run(make().last_payment()) is None


def test_a_cancelled_invoice_is_owed_no_more(make: Make) -> None:
    erp = make()
    garage = erp.customer("Garage")
    invoice = erp.cancel(erp.invoice(garage, 600, due=TODAY))
    assert (invoice.state, parts(invoice)) == ("cancelled", [0])
    assert list(asyncio.run(make().open_invoices())) == []
    assert list(asyncio.run(make().past_invoices(date.min))) == []
    assert list(asyncio.run(make().read_invoices([invoice.id]))) == [invoice]


def test_somebody_else_changes_a_customer_and_an_invoice(make: Make) -> None:
    erp = make()
    garage = erp.customer("Garage", contacts=(Contact(id="c", email="a@garage.example"),))
    invoice = erp.invoice(garage, 600, due=TODAY)
    changed = erp.change(invoice, dispute="Scratched")
    assert changed.stamp != invoice.stamp
    erp.change(garage, active=False)
    read = asyncio.run(make().read_customer(garage.id))
    assert read is not None
    assert (read.active, read.contacts) == (False, garage.contacts)


def test_a_document_survives_whatever_bytes_it_has(make: Make) -> None:
    erp = make()
    invoice = erp.invoice(erp.customer("Garage"), 600, due=TODAY)
    document = erp.document(invoice, b"%PDF-1.7 \xff\xfe\x00")
    assert document.name == f"{invoice.number}.pdf"
    assert asyncio.run(make().invoice_document(invoice.id)) == document


def reminder(invoice: Invoice) -> NewReminder:
    return NewReminder(
        customer_id=invoice.customer_id,
        on=TODAY,
        step="reminder_1",
        channel="email",
        invoice_ids=(invoice.id,),
        text="",
    )


def test_what_is_logged_is_a_write_and_fails_as_planned(make: Make) -> None:
    erp = make()
    garage = erp.customer("Garage")
    new = reminder(erp.invoice(garage, 600, due=TODAY))
    erp.fail_next("log_reminder", RetryLater("later"))
    with pytest.raises(RetryLater):
        asyncio.run(erp.log_reminder("k", new))
    assert list(make().writes) == []
    erp.lose_answer_of("log_reminder")
    with pytest.raises(OutcomeUnknown):
        asyncio.run(erp.log_reminder("k", new))
    (kept,) = asyncio.run(make().find_reminders(garage.id, "k"))
    assert list(make().writes) == [Write(operation="log_reminder", record_id=kept.id, key="k")]


def test_a_note_can_hang_on_a_customer_and_on_an_invoice(make: Make) -> None:
    erp = make()
    garage = erp.customer("Garage")
    for about in (garage.ref(), erp.invoice(garage, 600, due=TODAY).ref()):
        note_id = asyncio.run(erp.add_note(about, "Call them", "k"))
        assert [one.id for one in asyncio.run(make().find_notes(about, "k"))] == [note_id]
