"""What the follow-up would have changed in the ERP: disputes that were told, rests, contacts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from books import ON, Shop

from regisseur.agents.invoice_followup.forms import WrongContact
from regisseur.errors import InvalidInput
from regisseur.graphs.judgement import Proposal
from regisseur.graphs.past import Deed
from regisseur.tools.actions.correct_contact import KIND as CORRECT
from regisseur.tools.actions.correct_contact import CorrectContact
from regisseur.tools.records import Address, Settlement, UnappliedPayment
from regisseur.tools.texts import word

ALL = ("disputes", "write_offs", "contacts")
KINDS = ("open_dispute", "write_off", "correct_contact")


@pytest.fixture
def shop() -> Shop:
    """One customer; all can be done in its ERP."""
    made = Shop(offers=ALL)
    made.customer("Bati-Sud")
    return made


def wanted(shop: Shop) -> list[Proposal]:
    return [one for one in shop.judgement.proposals if one.kind in KINDS]


def done(shop: Shop, proposal: Proposal, ago: int = 0) -> None:
    """It was carried out, so many days ago."""
    on = shop.on - timedelta(days=ago)
    shop.deeds.append(Deed(kind=proposal.kind, key="k", arguments=proposal.arguments, on=on))


# --- disputes ---


def test_a_dispute_that_was_told_is_opened_in_the_erp(shop: Shop) -> None:
    one, other = shop.invoice("c1", 20), shop.invoice("c1", 3)
    shop.tell("dispute", customer="c1", invoices=[one], reason="quality", comment="2 rayés")
    (found,) = wanted(shop)
    assert (found.kind, found.arguments["invoice_id"]) == ("open_dispute", one)
    assert found.arguments["text"].splitlines() == [
        "Le client conteste la qualité\N{NO-BREAK SPACE}; dit par boss le 23 mars 2026.",
        "2 rayés",
    ]
    shop.tell("dispute", customer="c1", reason="price")
    assert {one.arguments["invoice_id"] for one in wanted(shop)} == {one, other}


def test_none_is_opened_where_the_erp_has_one(shop: Shop) -> None:
    shop.invoice("c1", 20, dispute="Litige: rayés")
    shop.tell("dispute", customer="c1", reason="quality")
    assert wanted(shop) == []


def test_a_dispute_that_was_closed_in_the_erp_is_told_and_not_opened_again(shop: Shop) -> None:
    shop.invoice("c1", 20)
    shop.tell("dispute", customer="c1", reason="quality")
    done(shop, wanted(shop)[0])
    assert wanted(shop) == []
    assert "withdraw" in word(shop.finding("dispute_closed").message, "en")
    shop.deeds[0] = shop.deeds[0].model_copy(update={"on": ON - timedelta(days=9)})
    assert [one.kind for one in wanted(shop)] == ["open_dispute"], "it was told again since"


# --- rests ---


def rest(
    shop: Shop, late: int = 90, amount: str = "1000", paid: str = "997.50", **more: Any
) -> str:
    return shop.invoice("c1", late, amount, paid=paid, **more)


def test_a_small_old_rest_is_proposed_with_what_is_left(shop: Shop) -> None:
    id_ = rest(shop)
    (found,) = wanted(shop)
    assert (found.kind, found.arguments["invoice_id"], found.arguments["amount"]) == (
        "write_off",
        id_,
        "2.50",
    )
    assert found.arguments["text"] == "Solde de F-2026-0001, écart de règlement"


@pytest.mark.parametrize(
    ("late", "paid", "settings", "more"),
    [
        (89, "997.50", {}, {}),
        (90, "994.99", {}, {}),
        (90, "997.50", {"write_off_up_to": 2}, {}),
        (90, "997.50", {"tolerance": 2}, {}),
        (90, "997.50", {"write_off_up_to": 0}, {}),
        (90, "997.50", {"write_off_after": 91}, {}),
        (90, "997.50", {}, {"currency": "USD"}),
        (90, "997.50", {}, {"factored": True}),
        (90, "997.50", {}, {"dispute": "rayé"}),
        (90, "997.50", {}, {"blocked": True}),
    ],
)
def test_what_is_young_large_held_or_foreign_is_not_written_off(
    shop: Shop, late: int, paid: str, settings: dict[str, Any], more: dict[str, Any]
) -> None:
    shop.settings |= settings
    rest(shop, late, paid=paid, **more)
    assert wanted(shop) == []


def test_an_invoice_that_was_never_paid_is_no_rest(shop: Shop) -> None:
    shop.invoice("c1", 200, "4")
    assert wanted(shop) == []


def test_nothing_is_written_off_on_old_knowledge_or_with_money_about(shop: Shop) -> None:
    rest(shop)
    assert wanted(shop)
    shop.unapplied.append(
        UnappliedPayment(id="u1", customer_id="c1", on=ON, amount=Decimal("2.50"), currency="EUR")
    )
    assert wanted(shop) == []
    shop.unapplied.clear()
    shop.tell("insolvency", customer="c1", opened_on=ON)
    assert wanted(shop) == []
    shop.told.clear()
    shop.last_payment = ON - timedelta(days=9)
    assert wanted(shop) == []


def test_an_old_rest_of_the_first_night_is_asked_about(shop: Shop) -> None:
    shop.first_night = ON
    rest(shop, settlements=(Settlement(on=ON - timedelta(days=80), amount=Decimal("997.50")),))
    assert [one.kind for one in wanted(shop)] == ["write_off"]


# --- contacts ---


def test_a_right_value_that_was_told_is_proposed_and_then_used(shop: Shop) -> None:
    shop.invoice("c1", 20)
    shop.tell("wrong_contact", customer="c1", contact="c1-p", email="new@c1.example")
    assert "prepare_letter" in {one.kind for one in shop.judgement.proposals}
    (found,) = wanted(shop)
    arguments = CORRECT.parse(found.arguments)
    assert (arguments.contact_id, arguments.before, arguments.after) == (
        "c1-p",
        "pay@c1.example",
        "new@c1.example",
    )
    done(shop, found)
    correct(shop, email="new@c1.example")
    assert wanted(shop) == []
    assert shop.proposal("send_reminder").arguments["recipient"]["email"] == "new@c1.example"


def correct(shop: Shop, **values: Any) -> None:
    """The customer's contact has other values now."""
    (contact,) = shop.customers[0].contacts
    contacts = (contact.model_copy(update=values),)
    shop.customers[0] = shop.customers[0].model_copy(update={"contacts": contacts})


@pytest.mark.parametrize(("ago", "expected"), [(0, "2026-03-24"), (29, "2026-02-23"), (30, None)])
def test_what_goes_to_a_newly_changed_contact_takes_two_people(
    shop: Shop, ago: int, expected: str | None
) -> None:
    shop.invoice("c1", 20)
    shop.tell("wrong_contact", customer="c1", contact="c1-p", email="new@c1.example")
    (found,) = wanted(shop)
    correct(shop, email="new@c1.example")
    done(shop, found, ago)
    assert shop.proposal("send_reminder").arguments["recipient_changed"] == expected
    shop.deeds[0].arguments["customer_id"] = "c2"
    assert shop.proposal("send_reminder").arguments["recipient_changed"] is None


def test_a_letter_to_a_newly_changed_address_takes_two_people(shop: Shop) -> None:
    shop.mail = False
    shop.invoice("c1", 20)
    shop.tell(
        "wrong_contact", customer="c1", street="9 rue Neuve; Bât. B", postcode="69003", city="Lyon"
    )
    (found,) = wanted(shop)
    after = Address(lines=("9 rue Neuve", "Bât. B"), postcode="69003", city="Lyon", country="FR")
    arguments = CORRECT.parse(found.arguments)
    assert (arguments.way, arguments.address_after) == ("address", after)
    assert shop.proposal("prepare_letter").arguments["recipient_changed"] is None
    done(shop, found)
    shop.customers[0] = shop.customers[0].model_copy(update={"address": after})
    assert wanted(shop) == []
    assert shop.proposal("prepare_letter").arguments["recipient_changed"] == "2026-03-24"


def test_a_correction_that_somebody_undid_is_not_made_again(shop: Shop) -> None:
    shop.tell("wrong_contact", customer="c1", contact="c1-p", phone="+33 4 65 71 99 99")
    (found,) = wanted(shop)
    assert found.arguments["before"] == "+33 4 00"
    done(shop, found)
    assert wanted(shop) == []


def test_a_value_without_a_contact_is_a_new_contact(shop: Shop) -> None:
    shop.tell("wrong_contact", customer="c1", email="more@c1.example", comment="au téléphone")
    (found,) = wanted(shop)
    assert isinstance(CORRECT.parse(found.arguments), CorrectContact)
    assert (found.arguments["contact_id"], found.arguments["before"]) == ("", "")
    assert "au téléphone" in word(found.reason, "fr")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"contact": "c1-p", "email": "none"},
        {"contact": "c1-p", "phone": "04 65 71 99 99"},
        {"email": "a@x.example", "phone": "+33 4 65 71 99 99"},
        {"contact": "c1-p", "city": "Lyon"},
        {"city": "Lyon", "country": "France"},
    ],
)
def test_what_makes_no_sense_is_refused_when_it_is_told(values: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        WrongContact.filled_in({"customer": "c1"} | values)


# --- what the ERP lets us do ---


def test_what_the_erp_does_not_let_us_do_is_left_to_people(shop: Shop) -> None:
    shop.offers = ()
    rest(shop)
    shop.tell("dispute", customer="c1", invoices=[shop.invoice("c1", 20)], reason="price")
    shop.tell("wrong_contact", customer="c1", contact="c1-p", email="new@c1.example")
    assert wanted(shop) == []
    told = [word(one.message, "fr") for one in shop.judgement.findings if one.tag == "by_hand"]
    assert len(told) == 3
    assert all("à la main" in one for one in told)
