"""The invoices of a message on paper: what letters and statements say of them, and the statement
that goes with a mail where the ERP keeps no file of an invoice.
"""

from __future__ import annotations

from regisseur.tools.actions.reminding.arguments import Remind, Sender
from regisseur.tools.actions.reminding.wording import say
from regisseur.tools.letters import (
    Letterhead,
    LetterInvoice,
    Payment,
    Statement,
    statement_pdf,
)
from regisseur.tools.mail import Attachment
from regisseur.tools.records import Money
from regisseur.tools.texts import word

LOCALES = {"fr": "fr_FR", "en": "en_GB"}


def locale_of(arguments: Remind) -> str:
    """How figures and dates are written for the customer."""
    return LOCALES.get(arguments.language, "en_GB")


def letterhead(sender: Sender) -> Letterhead:
    """Who writes."""
    return Letterhead(
        name=sender.name, address=sender.address, contact=sender.contact, legal=sender.legal
    )


def listed(arguments: Remind) -> tuple[LetterInvoice, ...]:
    """The invoices that are asked for."""
    return tuple(
        LetterInvoice(
            number=one.number,
            issued=one.issued,
            due=one.due,
            amount=Money(amount=one.amount, currency=arguments.currency),
            open=Money(amount=one.open, currency=arguments.currency),
            days_late=(arguments.on - one.due).days,
        )
        for one in arguments.invoices
    )


def payment(arguments: Remind) -> Payment | None:
    """How to pay, from the company's settings; nothing where they name no account."""
    sender = arguments.sender
    if not sender.iban:
        return None
    reference = arguments.invoices[0].number if len(arguments.invoices) == 1 else ""
    return Payment(
        holder=sender.holder or sender.name, iban=sender.iban, bic=sender.bic, reference=reference
    )


def statement(arguments: Remind) -> Attachment:
    """The invoices of a message as a PDF."""
    locale = locale_of(arguments)
    title = word(say("Invoices to pay"), locale)
    content = statement_pdf(
        Statement(
            language=locale,
            on=arguments.on,
            title=title,
            letterhead=letterhead(arguments.sender),
            recipient=(arguments.customer_name,),
            invoices=listed(arguments),
            payment=payment(arguments),
        )
    )
    return Attachment(name=f"{title} {arguments.on.isoformat()}.pdf", content=content)
