"""Reminders carried out: never for what was paid meanwhile, never twice, and kept in the ERP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from desk import KINDS, ON, Workshop
from reminding import BY_POST, reminder

from regisseur.errors import RetryLater, VendorRefused
from regisseur.graphs.judgement import Proposal
from regisseur.storage import entries
from regisseur.storage.ledger import Who
from regisseur.storage.tables import ActionRow
from regisseur.tools.actions.formal_notice import FormalNoticeKind
from regisseur.tools.actions.hand_over import HandOverKind
from regisseur.tools.actions.prepare_call import PrepareCallKind
from regisseur.tools.actions.prepare_letter import PrepareLetterKind
from regisseur.tools.actions.send_reminder import SendReminderKind
from regisseur.tools.mail import compose, message_id
from regisseur.tools.mail.memory import MemoryMailer
from regisseur.tools.mailbox import MemoryLetterbox
from regisseur.tools.post import MemoryPostRoom
from regisseur.tools.records import Address, Customer, Invoice

pytestmark = pytest.mark.anyio

OURS = (
    SendReminderKind(),
    PrepareLetterKind(),
    PrepareCallKind(),
    FormalNoticeKind(),
    HandOverKind(),
)
ADDRESS = Address(lines=("1 rue Basse",), postcode="69001", city="Lyon", country="FR")


@dataclass
class Office:
    """A workshop with a mail account and a post room, and a customer who owes."""

    workshop: Workshop
    mailer: MemoryMailer
    room: MemoryPostRoom
    customer: Customer
    invoices: list[Invoice]

    def proposal(self, kind: str = "send_reminder", **changed: Any) -> Proposal:
        """A reminder about all invoices."""
        return reminder(kind, self.customer, self.invoices, **changed)

    async def approved(self, kind: str = "send_reminder") -> ActionRow:
        """Filed and approved."""
        return await self.workshop.approved(self.proposal(kind))

    async def performed(self, kind: str = "send_reminder") -> ActionRow:
        """Filed, approved and carried out as far as may be."""
        return await self.workshop.perform((await self.approved(kind)).id)

    @property
    def kept(self) -> list[str | None]:
        """Keys of what the ERP has kept."""
        return [one.key for one in self.workshop.erp.records.reminders]


@pytest.fixture
def office(workshop: Workshop) -> Office:
    """Two invoices are late."""
    erp = workshop.erp
    customer = erp.customer(
        "Bâti </p><script>\r\nBcc: x@y.z",
        email="pay@customer.example",
        phone="+33 4",
        kind="business",
        address=ADDRESS,
    )
    late = ON - timedelta(days=10)
    invoices = [erp.invoice(customer, amount, due=late) for amount in (1000, 234)]
    mailer, room = MemoryMailer(), MemoryPostRoom()
    kinds = {**KINDS, **{one.name: one for one in OURS}}
    workshop.desk = replace(workshop.desk, kinds=kinds, others=(mailer, room))
    return Office(workshop, mailer, room, customer, invoices)


async def test_a_mail_is_sent_once_and_kept(office: Office) -> None:
    done = await office.performed()
    assert (done.status, office.kept) == ("done", [done.key])
    (mail,) = office.mailer.mails
    assert [one.address for one in mail.to] == ["pay@customer.example"]
    assert (mail.cc, mail.subject, mail.sender.address) == ((), "Rappel", "us@atelier.example")
    await office.workshop.perform(done.id)
    assert len(office.mailer.mails) == 1


async def test_a_statement_goes_along_where_the_erp_keeps_no_file(office: Office) -> None:
    await office.performed()
    (mail,) = office.mailer.mails
    (file,) = mail.attachments
    page = pypdfium2.PdfDocument(file.content)[0].get_textpage().get_text_range()
    assert file.name == f"Factures à payer {ON}.pdf"
    assert all(one.number in page for one in office.invoices)


@pytest.mark.parametrize("fails", [False, True])
async def test_a_copy_of_what_was_sent_is_kept_and_may_fail(office: Office, fails: bool) -> None:
    box = MemoryLetterbox()
    box.fail = RetryLater("away") if fails else None
    desk = office.workshop.desk
    office.workshop.desk = replace(desk, others=(*desk.others, box))
    done = await office.performed()
    assert (done.status, len(office.mailer.mails)) == ("done", 1)
    (mail,) = office.mailer.mails
    kept = {} if fails else {message_id(mail.key, mail.sender): compose(mail)}
    assert box.sent == kept


@pytest.mark.parametrize("kind", BY_POST)
async def test_a_letter_lies_in_the_post_room(office: Office, kind: str) -> None:
    done = await office.performed(kind)
    assert (done.status, office.kept) == ("done", [done.key])
    (content,) = office.room.documents.values()
    assert content.startswith(b"%PDF")


async def test_a_call_is_a_sheet_in_the_erp(office: Office) -> None:
    done = await office.performed("prepare_call")
    (sheet,) = office.workshop.erp.records.reminders
    assert (done.status, sheet.channel) == ("done", "call")
    assert "+33 4" in sheet.text


@pytest.mark.parametrize("kind", ["formal_notice", "hand_over"])
async def test_no_policy_issues_a_formal_notice_by_itself(office: Office, kind: str) -> None:
    office.workshop.ruled_by(
        rules=[{"name": "all", "mode": "auto"}], auto_count=9, auto_amount=10**9
    )
    row = await office.workshop.proposed(office.proposal(kind))
    assert (row.status, row.mode) == ("proposed", "ask")
    assert "always asks" in row.rule


@pytest.mark.parametrize("kind", [one.name for one in OURS])
async def test_what_was_paid_after_the_approval_is_not_chased(office: Office, kind: str) -> None:
    action = await office.approved(kind)
    office.workshop.erp.pay(office.invoices[0], None, ON)
    row = await office.workshop.perform(action.id)
    assert (row.status, office.mailer.mails, office.room.documents, office.kept) == (
        "proposed",
        [],
        {},
        [],
    )
    assert row.drift is not None


async def test_the_same_in_auto_mode(office: Office) -> None:
    office.workshop.ruled_by(rules=[{"name": "all", "mode": "auto"}])
    row = await office.workshop.proposed(office.proposal())
    assert row.status == "approved"
    office.workshop.erp.pay(office.invoices[1], 1, ON)
    assert (await office.workshop.perform(row.id)).status == "proposed"
    assert office.mailer.mails == []


def dispute(office: Office) -> None:
    _change(office, office.invoices[0], dispute="wrong colour")


def status(office: Office) -> None:
    _change(office, office.invoices[0], status=210)


def cancelled(office: Office) -> None:
    office.workshop.erp.cancel(office.invoices[1])


def new_address(office: Office) -> None:
    contact = office.customer.contacts[0].model_copy(update={"email": "new@evil.example"})
    _change(office, office.customer, contacts=(contact,))


def silenced(office: Office) -> None:
    _change(office, office.customer, do_not_contact=True)


def archived(office: Office) -> None:
    _change(office, office.customer, active=False)


def said_meanwhile(office: Office) -> None:
    office.workshop.erp.reminder(office.customer, office.invoices, ON - timedelta(days=2))


def money_on_account(office: Office) -> None:
    office.workshop.erp.payment(office.customer, 1234, ON)


def _change(office: Office, record: Customer | Invoice, **values: Any) -> None:
    with office.workshop.erp.editing() as records:
        kept: list[Any] = records.customers if isinstance(record, Customer) else records.invoices
        kept[:] = [one.model_copy(update=values) if one.id == record.id else one for one in kept]


@pytest.mark.parametrize(
    "happens",
    [
        dispute,
        status,
        cancelled,
        new_address,
        silenced,
        archived,
        said_meanwhile,
        money_on_account,
    ],
)
async def test_what_happens_after_the_approval_brings_it_back(office: Office, happens: Any) -> None:
    action = await office.approved()
    happens(office)
    row = await office.workshop.perform(action.id)
    assert (row.status, office.mailer.mails) == ("proposed", [])
    assert row.drift


async def test_what_somebody_tells_after_the_night_brings_it_back(office: Office) -> None:
    action = await office.approved()
    office.workshop.clock.forward(hours=1)
    with office.workshop.database.write() as session:
        entries.add(
            session,
            office.workshop.company.id,
            "tiny",
            "promise",
            office.customer.id,
            {"on": str(ON)},
            Who("ana"),
            office.workshop.clock(),
        )
    row = await office.workshop.perform(action.id)
    assert (row.status, office.mailer.mails) == ("proposed", [])
    office.workshop.clock.forward(hours=1)
    await office.workshop.decide(row.id, "approve")
    assert (await office.workshop.perform(row.id)).status == "done"


async def test_a_mail_without_an_answer_is_never_sent_again(office: Office) -> None:
    office.mailer.commit_late("send", unseen_by=100)
    row = await office.performed()
    answer = office.workshop.effect(row.id).answer or {}
    assert (row.status, answer["state"]) == ("unknown", "doubtful")
    assert answer["to_check"]["values"]["key"] == row.key
    await office.workshop.perform(row.id)
    assert len(office.mailer.mails) <= 1


async def test_a_refused_address_fails_and_nothing_is_kept(office: Office) -> None:
    office.mailer.refuse("pay@customer.example")
    row = await office.performed()
    assert (row.status, office.kept) == ("failed", [])


async def test_a_server_that_is_away_is_tried_later(office: Office) -> None:
    office.mailer.fail_next("send", RetryLater("421 come back"))
    row = await office.performed()
    assert (row.status, office.mailer.mails) == ("approved", [])
    office.workshop.clock.forward(hours=1)
    assert (await office.workshop.perform(row.id)).status == "done"
    assert len(office.mailer.mails) == 1


async def test_an_erp_that_is_away_after_the_mail_gets_its_note_later(office: Office) -> None:
    office.workshop.erp.fail_next("log_reminder", RetryLater("away"))
    row = await office.performed()
    assert (row.status, len(office.mailer.mails), office.kept) == ("approved", 1, [])
    office.workshop.erp.pay(office.invoices[0], None, ON)
    office.workshop.clock.forward(hours=1)
    assert (await office.workshop.perform(row.id)).status == "done"
    assert (len(office.mailer.mails), office.kept) == (1, [row.key])


async def test_a_refused_note_leaves_the_mail_for_a_person_to_settle(office: Office) -> None:
    office.workshop.erp.fail_next("log_reminder", VendorRefused("no rights"))
    row = await office.performed()
    assert (row.status, len(office.mailer.mails)) == ("unknown", 1)
    assert "must not be sent again" in (office.workshop.effect(row.id).error or "")


async def test_the_total_is_the_amount(office: Office) -> None:
    row = await office.workshop.proposed(
        office.proposal(claim={"interest": "12.30", "indemnity": "80"})
    )
    assert (row.amount, row.currency) == (Decimal("1326.30"), "EUR")


async def test_a_letter_abroad_names_the_country(office: Office) -> None:
    dublin = Address(lines=("1 Quay",), postcode="D01", city="Dublin", country="IE")
    _change(office, office.customer, address=dublin)
    office.customer = office.customer.model_copy(update={"address": dublin})
    await office.performed("prepare_letter")
    (content,) = office.room.documents.values()
    page = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
    assert "IRLANDE" in page
