"""What customers owe in the demo company, over HTTP, with SQL on its tables as second opinion; and
what changes when somebody else pays, complains, archives or sends reminders meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from erp_contract import Subject, new_key, subject
from receivables_contract import *
from receivables_contract import found, open_invoice, said
from tryton_erp import connection, near, rows
from tryton_server import TrytonServer

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.records import Customer, Invoice, Record

pytestmark = pytest.mark.tryton

LONG_AGO = date(2025, 1, 1)


def named(reading: Subject, name: str) -> Customer:
    return next(one for one in reading.ask(reading.erp.customers()) if one.name == name)


def owed_by(reading: Subject, name: str) -> Invoice:
    customer = named(reading, name)
    invoices = reading.ask(reading.erp.open_invoices())
    (invoice,) = [one for one in invoices if one.customer_id == customer.id]
    return invoice


def now(writing: Subject, invoice: Invoice) -> Invoice:
    (read,) = writing.ask(writing.erp.read_invoices([invoice.id]))
    return read


def test_open_invoices_less_unapplied_payments_are_the_balance_of_the_books(
    reading: Subject, tryton: TrytonServer
) -> None:
    query = """
        SELECT line.party, sum(line.debit - line.credit)
        FROM account_move_line line
            JOIN account_account ON account_account.id = line.account
            JOIN account_account_type type ON type.id = account_account.type
        WHERE type.receivable
        GROUP BY 1 HAVING abs(sum(line.debit - line.credit)) > 0.001
    """
    expected = {str(party): total for party, total in rows(tryton, query)}
    totals: Counter[str] = Counter()
    for invoice in reading.ask(reading.erp.open_invoices()):
        totals[invoice.customer_id] += invoice.open  # type: ignore[assignment]
    for payment in reading.ask(reading.erp.unapplied_payments()):
        totals[payment.customer_id] -= payment.amount  # type: ignore[assignment]
    balances = {party: total for party, total in totals.items() if total}
    assert balances.keys() == expected.keys()
    assert all(near(Decimal(balances[party]), expected[party]) for party in expected)


def test_the_demo_has_one_customer_of_each_sort(reading: Subject) -> None:
    usual = named(reading, "Garage Bellecour")
    assert (usual.kind, usual.language) == ("business", "fr")
    assert usual.registration is not None
    assert len(usual.registration) == 9
    assert [one.email for one in usual.contacts if one.payables] == [
        "comptabilite@garage-bellecour.example"
    ]
    assert usual.address is not None
    assert (usual.address.city, usual.address.country) == ("Lyon", "FR")
    town = named(reading, "Ville de Givors")
    assert (town.kind, town.registration) == ("public", "216900910")
    foreign = named(reading, "Liffey Workshop Fit-Out Ltd")
    assert (foreign.kind, foreign.language) == ("business", "en")
    assert foreign.registration == "IE3628739L"
    assert named(reading, "Plasturgie Oyonnaxienne").contacts == ()
    (only,) = named(reading, "Froid Service Rhône").contacts
    assert (only.email, only.phone) == (None, "+33 4 65 71 24 24")


def test_the_demo_has_one_invoice_of_each_sort(reading: Subject, tryton: TrytonServer) -> None:
    for name, late in (("Liffey Workshop Fit-Out Ltd", 36), ("Plasturgie Oyonnaxienne", 101)):
        (part,) = owed_by(reading, name).instalments
        assert (tryton.on - part.due).days == late
    disputed = owed_by(reading, "Chantiers de Saône")
    assert "plateau rayé" in (disputed.dispute or "")
    part_paid = owed_by(reading, "Garage Bellecour")
    assert (part_paid.open, part_paid.total) == (Decimal("817.92"), Decimal("1363.20"))
    (payment,) = reading.ask(reading.erp.unapplied_payments())
    paid = owed_by(reading, "Usinage Delorme")
    assert (payment.customer_id, payment.amount, payment.on) == (
        paid.customer_id,
        paid.open,
        date(2026, 11, 19),
    )
    assert paid.number in payment.text
    assert paid.reference == "UD-3301"


def test_dunnings_that_were_sent_are_reminders(reading: Subject, tryton: TrytonServer) -> None:
    query = "SELECT id, state, level, date FROM account_dunning"
    dunnings = rows(tryton, query)
    told = reading.ask(reading.erp.reminders(LONG_AGO))
    assert {one.key for one in told} == {None}
    sent = {f"dunning:{n}": on for n, state, _, on in dunnings if state == "waiting"}
    raised = {f"dunning:{n}": level - 1 for n, state, level, _ in dunnings if state == "draft"}
    by_id = {one.id: one for one in told}
    for dunning, on in sent.items():
        assert by_id[dunning].on == date.fromisoformat(on)
    for dunning, level in raised.items():
        assert (by_id[dunning].step if level else None) == (f"level_{level}" if level else None)
    assert len(told) == len(sent) + sum(1 for level in raised.values() if level)


def test_the_agent_reads_the_books_and_writes_nothing_in_them(
    reading: Subject, tryton: TrytonServer
) -> None:
    erp = reading.erp
    assert isinstance(erp, Tryton)
    (invoice, *_) = reading.ask(erp.open_invoices())
    for call in (
        erp.client.write("model.account.invoice.write", [int(invoice.id)], {"comment": "x"}),
        erp.client.write("model.account.move.line.write", [1], {"maturity_date": tryton.on}),
        erp.client.write("model.account.dunning.write", [1], {"blocked": True}),
    ):
        with pytest.raises(VendorRefused):
            reading.ask(call)


def test_requests_for_receivables_grow_with_pages_only(tryton: TrytonServer) -> None:
    """With a page for everything each read takes a handful of requests, three of them once in a
    connection's life; with pages of ten, as many more as there are pages of the 47 parties, the 42
    invoices and the notes on the parties.
    """
    counts: dict[int, Counter[str]] = {}
    answers: dict[int, list[Any]] = {}
    for size in (10_000, 10):
        erp = connection(tryton.url, tryton.user, tryton.password, page_size=size)
        with subject(erp) as made:
            reads: dict[str, Callable[[], Coroutine[Any, Any, Sequence[Record]]]] = {
                "customers": erp.customers,
                "open_invoices": erp.open_invoices,
                "past_invoices": partial(erp.past_invoices, LONG_AGO),
                "unapplied_payments": erp.unapplied_payments,
                "reminders": partial(erp.reminders, LONG_AGO),
            }
            made.ask(erp.probe())
            counts[size], answers[size] = Counter(), []
            for name, read in reads.items():
                before = erp.requests
                answers[size].append(sorted(map(str, made.ask(read()))))
                counts[size][name] = erp.requests - before
            some = [one.id for one in made.ask(erp.open_invoices())][:5]
            before = erp.requests
            made.ask(erp.read_invoices(some))
            counts[size]["read_invoices"] = erp.requests - before
    assert answers[10_000] == answers[10]
    assert counts[10_000] == {
        "customers": 3,
        "open_invoices": 5,
        "past_invoices": 2,
        "unapplied_payments": 1,
        "reminders": 5,
        "read_invoices": 2,
    }
    more = {name: counts[10][name] - counts[10_000][name] for name in counts[10]}
    assert more == {
        "customers": 6,
        "open_invoices": 1,
        "past_invoices": 2,
        "unapplied_payments": 0,
        "reminders": 8,
        "read_invoices": 0,
    }


def test_a_payment_is_seen_at_once(writing: Subject, admin: Tryton) -> None:
    invoice = owed_by(writing, "Agri-Loire Coopérative")
    pay(writing, admin, invoice, Decimal(100))
    part = now(writing, invoice)
    assert (part.open, part.state) == (invoice.open - 100, "open")
    assert [one.open for one in part.instalments] == [part.open]
    assert [(one.on, one.amount) for one in part.settlements] == [(writing.today, Decimal(100))]
    assert part.stamp != invoice.stamp
    pay(writing, admin, invoice, part.open)
    done = now(writing, invoice)
    assert not done.open
    assert (done.state, len(done.settlements)) == ("paid", 2)
    assert done in writing.ask(writing.erp.past_invoices(done.issued))
    assert done.id not in {one.id for one in writing.ask(writing.erp.open_invoices())}
    assert writing.ask(writing.erp.last_payment()) == writing.today


def pay(writing: Subject, admin: Tryton, invoice: Invoice, amount: Decimal) -> None:
    """By Tryton's own assistant, as an accountant does."""
    name = "wizard.account.invoice.pay"
    about = {"active_model": "account.invoice", "active_id": int(invoice.id)}
    about["active_ids"] = [int(invoice.id)]

    async def clicked() -> None:
        read, write = admin.client.read, admin.client.write
        (method, *_) = await read(
            "model.account.invoice.payment.method.search_read", [], 0, 1, None, ["name"]
        )
        session, *_ = await write(f"{name}.create", **about)
        shown = await write(f"{name}.execute", session, {}, "start", **about)
        start = {k: v for k, v in shown["view"]["defaults"].items() if not k.endswith(".")}
        start |= {"amount": amount, "payment_method": method["id"], "description": "VIR"}
        start["date"] = writing.today
        shown = await write(f"{name}.execute", session, {"start": start}, "choice", **about)
        if "view" in shown:
            ask = {k: v for k, v in shown["view"]["defaults"].items() if not k.endswith(".")}
            answers = {"start": start, "ask": ask | {"type": "partial"}}
            await write(f"{name}.execute", session, answers, "pay", **about)
        await write(f"{name}.delete", session, **about)

    writing.ask(clicked())


def test_a_complaint_is_a_dispute_until_it_is_settled(writing: Subject, admin: Tryton) -> None:
    invoice = owed_by(writing, "Cycles Fontaine")
    assert invoice.dispute is None

    async def complain() -> int:
        (kind, *_) = await admin.client.read(
            "model.sale.complaint.type.search_read", [], 0, 1, None, ["name"]
        )
        values = {
            "customer": int(invoice.customer_id),
            "type": kind["id"],
            "origin": f"account.invoice,{invoice.id}",
            "description": "</p><script>\r\nBcc: x",
        }
        (made,) = await admin.client.write("model.sale.complaint.create", [values])
        return int(made)

    complaint = writing.ask(complain())
    assert "</p><script>" in (now(writing, invoice).dispute or "")
    writing.ask(admin.client.write("model.sale.complaint.cancel", [complaint]))
    assert now(writing, invoice).dispute is None


def test_a_dunning_can_be_blocked_and_sent_in_tryton(writing: Subject, admin: Tryton) -> None:
    invoice = owed_by(writing, "Ville de Givors")
    before = writing.ask(writing.erp.reminders(LONG_AGO, invoice.customer_id))
    assert list(before) == []
    (dunning,) = writing.ask(
        admin.client.read_all(
            "account.dunning", [["party", "=", int(invoice.customer_id)]], ["state"]
        )
    )
    name = "wizard.account.dunning.process"
    about = {"active_model": "account.dunning", "active_id": dunning["id"]}
    about["active_ids"] = [dunning["id"]]

    async def clicked() -> None:
        session, *_ = await admin.client.write(f"{name}.create", **about)
        await admin.client.write(f"{name}.execute", session, {}, "process", **about)
        await admin.client.write(f"{name}.delete", session, **about)

    writing.ask(clicked())
    (told,) = writing.ask(writing.erp.reminders(writing.today, invoice.customer_id))
    assert (told.step, told.on, told.key) == ("level_1", writing.today, None)
    assert told.invoice_ids == (invoice.id,)
    assert not now(writing, invoice).instalments[0].blocked
    change = {"blocked": True}
    writing.ask(admin.client.write("model.account.dunning.write", [dunning["id"]], change))
    assert now(writing, invoice).instalments[0].blocked


def test_an_archived_customer_is_listed_and_marked(writing: Subject, admin: Tryton) -> None:
    customer = named(writing, "Carrosserie Duchamp")
    write = partial(admin.client.write, "model.party.party.write", [int(customer.id)])
    writing.ask(write({"active": False}))
    assert named(writing, "Carrosserie Duchamp") == customer.model_copy(update={"active": False})
    read = writing.ask(writing.erp.read_customer(customer.id))
    assert read is not None
    assert not read.active
    writing.ask(write({"active": True}))


def test_only_the_invoice_itself_is_its_document(writing: Subject, admin: Tryton) -> None:
    invoice = open_invoice(writing)
    assert writing.ask(writing.erp.invoice_document(invoice.id)) is None

    def attach(name: str, content: bytes) -> None:
        values = {"resource": f"account.invoice,{invoice.id}", "name": name, "type": "data"}
        values["data"] = content  # type: ignore[assignment]
        writing.ask(admin.client.write("model.ir.attachment.create", [values]))

    attach("note interne.pdf", b"%PDF-1.7 internal")
    attach(f"{invoice.number}.pdf.exe", b"MZ")
    attach(f"{invoice.number}0.pdf", b"%PDF-1.7 of another")
    assert writing.ask(writing.erp.invoice_document(invoice.id)) is None
    attach(f"Facture {invoice.number}.pdf", b"%PDF-1.7 \xff\xfe")
    document = writing.ask(writing.erp.invoice_document(invoice.id))
    assert document is not None
    assert (document.name, document.media_type) == (
        f"Facture {invoice.number}.pdf",
        "application/pdf",
    )
    assert document.content == b"%PDF-1.7 \xff\xfe"


def test_a_note_that_a_colleague_has_made_from_ours_still_counts(
    writing: Subject, admin: Tryton
) -> None:
    """Tryton's notes can't be changed, but copied with a remark below."""
    key, invoice = new_key(), open_invoice(writing)
    first = writing.ask(writing.erp.log_reminder(key, said(invoice, writing.today)))
    (row,) = writing.ask(admin.client.read("model.ir.note.read", [int(first)], ["message"]))
    copy = {
        "resource": f"party.party,{invoice.customer_id}",
        "message": f"{row['message']}\nIl a rappelé : il paie vendredi.\n",
    }
    (second,) = writing.ask(admin.client.write("model.ir.note.create", [copy]))
    kept, copied = found(writing, invoice.customer_id, key)
    assert (kept.id, copied.id) == (first, str(second))
    assert copied.text.endswith("vendredi.\n")


def test_a_note_about_nothing_said_is_no_reminder(writing: Subject, admin: Tryton) -> None:
    customer = named(writing, "Garage Bellecour")
    texts = [
        "Client difficile.",
        "[regisseur k:9]",
        "[said 2026-11-01 email reminder_1 invoices 1]",
    ]
    notes = [{"resource": f"party.party,{customer.id}", "message": text} for text in texts]
    before = writing.ask(writing.erp.reminders(LONG_AGO, customer.id))
    writing.ask(admin.client.write("model.ir.note.create", notes))
    assert list(writing.ask(writing.erp.reminders(LONG_AGO, customer.id))) == list(before)
    since = writing.today - timedelta(days=1)
    assert found(writing, customer.id, "k:9") == []
    assert all(one.key != "k:9" for one in writing.ask(writing.erp.reminders(since)))
