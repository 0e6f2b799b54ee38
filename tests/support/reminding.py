"""A reminder to one customer, as an agent would propose it, for tests of what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk import ON

from regisseur.graphs.judgement import Proposal
from regisseur.tools.records import Customer, Invoice, Speaker

say = Speaker("tests")
BY_POST = ("prepare_letter", "formal_notice", "hand_over")


def reminder(
    kind: str, customer: Customer, invoices: Sequence[Invoice], **changed: Any
) -> Proposal:
    """Ask for all that is open on some invoices."""
    way = "phone" if kind == "prepare_call" else "email"
    contact = next(one for one in customer.contacts if getattr(one, way))
    address = None if customer.address is None else customer.address.model_dump()
    recipient = {
        "contact_id": contact.id,
        "name": customer.name,
        "email": contact.email if kind == "send_reminder" else None,
        "phone": contact.phone if kind == "prepare_call" else None,
        "address": address if kind in BY_POST else None,
    }
    chased = [
        {
            "id": one.id,
            "number": one.number,
            "issued": str(one.issued),
            "amount": str(one.total),
            "due": str(one.instalments[0].due),
            "open": str(one.open),
            "balance": str(one.open),
        }
        for one in invoices
    ]
    arguments = {
        "customer_id": customer.id,
        "customer_name": customer.name,
        "step": "reminder_1",
        "step_title": "first reminder",
        "on": str(ON),
        "language": "fr",
        "sender": {"name": "Atelier", "email": "us@atelier.example"},
        "recipient": recipient,
        "currency": "EUR",
        "invoices": chased,
        "gap_days": 7,
        "title": "Rappel",
        "text": "Bonjour,\n\n[liste des factures]\n\nMerci.",
        "account": "first reminder",
    }
    return Proposal(kind=kind, arguments=arguments | changed, reason=say("It is late."))
