"""Disputes, write-offs and corrected contacts carried out: once, only what was approved, and with
as many people as the kind wants.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from desk import BOSS, BUYER, KINDS, ON, Workshop, say
from reminding import reminder

from regisseur.errors import InvalidInput
from regisseur.graphs.judgement import Proposal
from regisseur.storage import ledger
from regisseur.storage.tables import ActionRow
from regisseur.tools.actions.correct_contact import KIND as CORRECT
from regisseur.tools.actions.open_dispute import KIND as DISPUTE
from regisseur.tools.actions.prepare_call import KIND as CALL
from regisseur.tools.actions.write_off import KIND as WRITE_OFF
from regisseur.tools.records import Address, Customer, Invoice

pytestmark = pytest.mark.anyio

OURS = {one.name: one for one in (DISPUTE, WRITE_OFF, CORRECT, CALL)}
ADDRESS = Address(lines=("1 rue Basse",), postcode="69001", city="Lyon", country="FR")


@dataclass
class Books:
    """A workshop, a customer, and 2.50 € left of its invoice."""

    workshop: Workshop
    customer: Customer
    invoice: Invoice

    @property
    def now(self) -> Invoice:
        """The invoice as it is."""
        return next(one for one in self.workshop.erp.records.invoices if one.id == self.invoice.id)

    @property
    def contact(self) -> str | None:
        """The customer's e-mail address as it is."""
        return self.workshop.erp.records.customers[0].contacts[0].email

    @property
    def written(self) -> list[str]:
        """What was written to the ERP."""
        return [one.operation for one in self.workshop.erp.writes]

    def _about(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer.id,
            "customer_name": self.customer.name,
            "invoice_id": self.invoice.id,
            "invoice_number": self.invoice.number,
            "on": str(ON),
        }

    def rest(self) -> Proposal:
        """Write it off."""
        money = {"amount": "2.50", "currency": "EUR", "text": "Balance written off"}
        reason = say("It is little.")
        return Proposal(kind="write_off", arguments=self._about() | money, reason=reason)

    def dispute(self) -> Proposal:
        """Open a dispute about it."""
        arguments = self._about() | {"text": "Two are\nscratched"}
        return Proposal(kind="open_dispute", arguments=arguments, reason=say("They say so."))

    def correction(self, **changed: Any) -> Proposal:
        """Another e-mail address."""
        arguments = {
            "customer_id": self.customer.id,
            "customer_name": self.customer.name,
            "way": "email",
            "contact_id": self.customer.contacts[0].id,
            "before": "pay@garage.example",
            "after": "accounts@garage.example",
        }
        return Proposal(
            kind="correct_contact", arguments=arguments | changed, reason=say("They say so.")
        )

    async def approved(self, proposal: Proposal) -> ActionRow:
        """Filed, and approved by as many as it takes."""
        row = await self.workshop.approved(proposal)
        if row.status == "proposed":
            row = await self.workshop.decide(row.id, "approve", BOSS)
        assert row.status == "approved"
        return row

    async def performed(self, proposal: Proposal) -> ActionRow:
        """Carried out as far as may be."""
        return await self.workshop.perform((await self.approved(proposal)).id)


@pytest.fixture
def books(workshop: Workshop) -> Books:
    proposes = {name: (*kinds, *OURS) for name, kinds in workshop.desk.proposes.items()}
    workshop.desk = replace(workshop.desk, kinds={**KINDS, **OURS}, proposes=proposes)
    customer = workshop.erp.customer(
        "Garage", email="pay@garage.example", phone="+33 4 65 71 01 01", address=ADDRESS
    )
    invoice = workshop.erp.invoice(customer, 1200, due=ON - timedelta(days=120))
    invoice = workshop.erp.pay(invoice, "1197.50", ON - timedelta(days=100))
    return Books(workshop, customer, invoice)


@pytest.mark.parametrize("kind", ["rest", "dispute", "correction"])
@pytest.mark.parametrize("mishap", ["none", "answer lost", "late"])
async def test_it_is_carried_out_once_whatever_becomes_of_the_answer(
    books: Books, kind: str, mishap: str
) -> None:
    operation = {"rest": "write_off", "dispute": "open_dispute", "correction": "change_contact"}[
        kind
    ]
    if mishap == "answer lost":
        books.workshop.erp.lose_answer_of(operation)
    if mishap == "late":
        books.workshop.erp.commit_late(operation, unseen_by=2)
    row = await books.performed(getattr(books, kind)())
    repeated = kind == "rest" or mishap != "late"
    assert row.status == ("done" if repeated else "unknown")
    for _ in range(3):
        await books.workshop.erp.open_invoices()
    assert books.written == [operation]
    if row.status == "unknown":
        answer = books.workshop.effect(row.id).answer
        assert answer
        assert answer["to_check"]
    if kind == "rest":
        (kept,) = books.workshop.erp.records.write_offs
        assert (kept.amount, kept.key) == (Decimal("2.50"), row.key)
        assert (books.now.open, books.now.state) == (Decimal(0), "paid")


async def test_what_was_paid_between_approval_and_writing_is_not_written_off(books: Books) -> None:
    row = await books.approved(books.rest())
    books.workshop.erp.pay(books.invoice, "1.00", ON)
    row = await books.workshop.perform(row.id)
    assert (row.status, books.written) == ("proposed", [])
    (changed,) = row.presented["changed"]
    assert (changed["was"]["amount"], changed["now"]["amount"]) == ("2.50", "1.50")


async def test_a_payment_that_slips_in_after_the_guards_is_refused_by_the_erp(
    books: Books,
) -> None:
    row = await books.approved(books.rest())
    books.workshop.erp.before(
        "write_off", lambda: books.workshop.erp.pay(books.invoice, "1.00", ON)
    )
    row = await books.workshop.perform(row.id)
    assert (row.status, books.written, books.now.open) == ("failed", [], Decimal("1.50"))


@pytest.mark.parametrize("what", ["disputed", "money on account", "cancelled", "settled"])
async def test_a_rest_or_a_dispute_that_is_none_any_more_goes_back_to_the_inbox(
    books: Books, what: str
) -> None:
    rest, dispute = await books.approved(books.rest()), await books.approved(books.dispute())
    erp = books.workshop.erp
    if what == "cancelled":
        erp.cancel(books.invoice)
    elif what == "settled":
        erp.pay(books.invoice, None, ON)
    elif what == "money on account":
        erp.payment(books.customer, "2.50", ON)
    else:
        with erp.editing() as records:
            records.invoices[0] = books.now.model_copy(update={"dispute": "by hand"})
    assert (await books.workshop.perform(rest.id)).status == "proposed"
    if what != "money on account":
        assert (await books.workshop.perform(dispute.id)).status == "proposed"
    assert books.written == []


async def test_a_refusal_says_so_and_leaves_nothing(books: Books) -> None:
    with books.workshop.erp.editing() as records:
        records.may_amend = False
    for proposal in (books.rest(), books.dispute(), books.correction()):
        row = await books.performed(proposal)
        assert row.status == "failed"
        assert "may not" in (books.workshop.effect(row.id).error or "")
    assert books.written == []


async def test_somebody_elses_value_is_not_overwritten(books: Books) -> None:
    row = await books.approved(books.correction())
    with books.workshop.erp.editing() as records:
        (contact,) = records.customers[0].contacts
        other = contact.model_copy(update={"email": "third@garage.example"})
        records.customers[0] = records.customers[0].model_copy(update={"contacts": (other,)})
    row = await books.workshop.perform(row.id)
    assert (row.status, row.quorum) == ("proposed", 2)
    assert (books.contact, books.written) == ("third@garage.example", [])


async def test_an_address_and_a_new_contact_are_written_too(books: Books) -> None:
    after = ADDRESS.model_copy(update={"lines": ("9 rue Neuve",)})
    empty = {"contact_id": "", "before": "", "after": ""}
    moved = books.correction(
        **empty,
        way="address",
        address_before=ADDRESS.model_dump(),
        address_after=after.model_dump(),
    )
    assert (await books.performed(moved)).status == "done"
    assert books.workshop.erp.records.customers[0].address == after
    added = books.correction(contact_id="", before="")
    assert (await books.performed(added)).status == "done"
    assert [one.email for one in books.workshop.erp.records.customers[0].contacts] == [
        "pay@garage.example",
        "accounts@garage.example",
    ]


@pytest.mark.parametrize("mode", ["auto", "veto", "ask"])
async def test_no_policy_spares_the_second_person(books: Books, mode: str) -> None:
    hour = {"veto_until": "09:00"} if mode == "veto" else {}
    books.workshop.ruled_by(rules=[{"name": "all", "mode": mode, **hour}])
    row = await books.workshop.proposed(books.correction())
    assert (row.status, row.mode, row.quorum) == ("proposed", "ask", 2)
    assert "needs 2 people" in row.rule
    for _ in range(2):
        assert (await books.workshop.decide(row.id, "approve", BUYER)).status == "proposed"
    assert (await books.workshop.perform(row.id)).status == "proposed"
    assert books.contact == "pay@garage.example"
    assert (await books.workshop.decide(row.id, "approve", BOSS)).status == "approved"
    assert (await books.workshop.perform(row.id)).status == "done"
    assert books.contact == "accounts@garage.example"


async def test_a_policy_may_want_more_people_than_the_kind(books: Books) -> None:
    books.workshop.ruled_by(rules=[{"name": "three", "mode": "ask", "quorum": 3}])
    row = await books.workshop.proposed(books.correction())
    assert (row.quorum, row.rule) == (3, "three")


async def test_what_was_filed_for_one_person_still_needs_two(books: Books) -> None:
    """By an earlier version of the kind, or by a hand in the database."""
    row = await books.workshop.proposed(books.correction())
    with books.workshop.database.write() as session:
        ledger.get(session, row.id).quorum = 1
    row = await books.workshop.decide(row.id, "approve", BUYER)
    assert (row.status, row.quorum) == ("proposed", 2)


async def test_a_reminder_to_a_new_address_takes_two_and_an_edit_does_not_spare_one(
    books: Books,
) -> None:
    books.workshop.ruled_by(rules=[{"name": "auto", "mode": "auto"}])
    usual = await books.workshop.proposed(reminder("prepare_call", books.customer, [books.invoice]))
    assert usual.status == "approved"
    other = books.workshop.erp.customer("Forge", phone="+33 4 65 71 02 02")
    owed = books.workshop.erp.invoice(other, 300, due=ON - timedelta(days=30))
    proposal = reminder("prepare_call", other, [owed], recipient_changed=str(ON))
    row = await books.workshop.proposed(proposal)
    assert (row.status, row.mode, row.quorum) == ("proposed", "ask", 2)
    with pytest.raises(InvalidInput):
        await books.workshop.decide(row.id, "edit", arguments={"recipient_changed": None})
    row = await books.workshop.decide(row.id, "edit", arguments={"title": "Other words"})
    assert (row.status, row.quorum) == ("proposed", 2)
    assert (await books.workshop.decide(row.id, "approve", BOSS)).status == "approved"


@pytest.mark.parametrize(
    "changed",
    [
        {"after": "no address"},
        {"after": "a@x.example\r\nBcc: b@x.example"},
        {"after": ""},
        {"before": ""},
        {"contact_id": ""},
        {"way": "phone", "after": "04 65 71 01 01"},
        {"way": "address"},
        {"address_after": ADDRESS.model_dump()},
        {"iban": "FR76"},
    ],
)
def test_what_is_no_whole_correction_is_refused(books: Books, changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        CORRECT.parse(books.correction(**changed).arguments)
