"""What ``doctor`` says of the company's data and settings."""

from datetime import timedelta

from books import ON, Shop

from regisseur.agents.invoice_followup.readiness import readiness
from regisseur.tools.records import Contact
from regisseur.tools.texts import plain_spaces, word


def told(shop: Shop) -> list[str]:
    return [plain_spaces(word(one, "en_GB")) for one in readiness(shop.night)]


def test_nothing_is_lacking() -> None:
    shop = Shop(last_payment=ON)
    shop.settings["payment"] = {"iban": "FR7630006000011234567890189"}
    shop.invoice(shop.customer("Garage"), 10)

    assert told(shop) == ["Age of the last payment known: 0 days."]


def test_no_way_to_write_and_none_to_pay() -> None:
    assert told(Shop(mail=False))[:2] == [
        "No mail account is connected: reminders become letters.",
        "payment.iban is not set: no message says which account to pay to.",
    ]
    assert told(Shop(settings={}))[0] == "sender_email is not set: reminders become letters."


def test_overdue_money_of_customers_without_an_address_for_invoices() -> None:
    shop = Shop(last_payment=ON - timedelta(days=3))
    general = Contact(id="g", email="hello@cycles.example")
    by_phone = Contact(id="p", phone="+33 4 00", payables=True)
    for name, contacts in (("Cycles", (general,)), ("Atelier", (by_phone,)), ("Brico", ())):
        customer = shop.customer(name, contacts=contacts)
        shop.invoice(customer, 10, "100.50")
        shop.invoice(customer, -10, "4000")  # not late
    shop.invoice(shop.customer("Garage"), 10, "7000")

    assert told(shop)[-1] == (
        "€301.50 overdue from 3 customers without an e-mail address for invoices: "
        "Atelier, Brico, Cycles."
    )
    assert told(shop)[-2] == "Age of the last payment known: 3 days."


def test_customers_of_unknown_kind_who_owe() -> None:
    shop = Shop()
    shop.invoice(shop.customer("Garage", kind="unknown"), -5)
    shop.customer("Owes nothing", kind="unknown")

    assert told(shop)[-1].startswith("One customer who owes is of unknown kind")
    assert "Garage" in told(shop)[-1]


def test_nothing_is_known_of_payments() -> None:
    shop = Shop()
    observation = shop.observation
    books = observation.books.model_copy(update={"last_payment": None})
    night = shop.night
    bare = type(night)(observation.model_copy(update={"books": books}), shop.brief)

    assert "No payment of a customer is known." in [word(one, "en_GB") for one in readiness(bare)]
