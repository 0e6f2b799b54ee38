"""What the company's data and settings lack, as ``regisseur doctor`` tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.words import days, money, named, say
from regisseur.tools.records import Customer, Message


def readiness(night: Night) -> Iterator[Message]:
    """The accounts of mail and bank, what is known of payments, then customers who owe."""
    settings = night.brief.settings
    if not night.observation.mail:
        yield say("No mail account is connected: reminders become letters.")
    elif settings.sender_email is None:
        yield say("sender_email is not set: reminders become letters.")
    if not settings.payment.iban:
        yield say("payment.iban is not set: no message says which account to pay to.")
    known = night.holds.payments_until
    if known is None:
        yield say("No payment of a customer is known.")
    else:
        yield say("Age of the last payment known: {age}.", age=days((night.on - known).days))
    yield from _unreachable(night)
    yield from _of_unknown_kind(night)


def _unreachable(night: Night) -> Iterator[Message]:
    """Overdue money of customers whose address for invoices nobody has entered."""
    currency = night.brief.company.currency
    late = [
        one
        for one in night.standings
        if one.late and one.invoice.currency == currency and not _has_payables_mail(one.customer)
    ]
    if late:
        yield say.counted(
            "{total} overdue from one customer without an e-mail address for invoices: {names}.",
            "{total} overdue from {count} customers without an e-mail address for invoices: "
            "{names}.",
            len({one.customer.id for one in late}),
            total=money(sum((one.open for one in late), Decimal(0)), currency),
            names=_named(one.customer for one in late),
        )


def _has_payables_mail(customer: Customer) -> bool:
    return any(one.payables and one.email for one in customer.contacts)


def _of_unknown_kind(night: Night) -> Iterator[Message]:
    """The law of late payment differs; without it no sum is claimed."""
    unknown = [one.customer for one in night.standings if one.customer.kind == "unknown"]
    if unknown:
        yield say.counted(
            "One customer who owes is of unknown kind (business, public, consumer): no interest "
            "can be claimed from {names}.",
            "{count} customers who owe are of unknown kind (business, public, consumer): no "
            "interest can be claimed from {names}.",
            len({one.id for one in unknown}),
            names=_named(unknown),
        )


def _named(customers: Iterable[Customer]) -> str:
    """The first few, each once and in the order of the alphabet."""
    return named(sorted({one.name for one in customers}))
