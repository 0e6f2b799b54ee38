"""The words of a message in the customer's language: our texts, or the company's own.

A text is a file ``texts/LANGUAGE/STEP.txt``: its first line is the title, ``$name`` stands for a
value. What is filled in is data and never read as a template again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from string import Template

from regisseur.agents.invoice_followup.choice import Message
from regisseur.agents.invoice_followup.claims import Sums
from regisseur.agents.invoice_followup.law import wording as law
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.standing import Standing
from regisseur.agents.invoice_followup.words import day, days, money, named, say
from regisseur.errors import Misconfigured
from regisseur.tools.actions.reminding.wording import LIST_OF_INVOICES
from regisseur.tools.records import Company, Customer, Value
from regisseur.tools.records import Message as Sentence
from regisseur.tools.texts import shown, word

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
"""Languages that we have texts in, and how figures and dates are written in them."""
BULLET = "• "
USUAL = {"call": "call", "notice": "formal_notice", "hand_over": "hand_over"}
"""Whose text a step of the company's own has until it has one: by what it is, so that a formal
notice never goes out in the words of a reminder. Letters and mails have those of the first one."""


class Writer:
    """Words messages for one company; pure."""

    def __init__(
        self, company: Company, settings: InvoiceFollowupSettings, own: Mapping[str, str]
    ) -> None:
        self.company = company
        self.settings = settings
        self.own = own

    def language(self, customer: Customer) -> str:
        """The customer's language where there are texts in it, else the company's, else English."""
        for wanted in (customer.language, self.company.locale, "en"):
            language = (wanted or "")[:2].lower()
            if language in LOCALES:
                return language
        return "en"

    def written(self, message: Message, sums: Sums) -> tuple[str, str]:
        """Title and text; raises Misconfigured naming a text of the company that can't be used."""
        language = self.language(message.customer)
        name = f"{language}/{message.step.name}"
        usual = USUAL.get(message.step.means, "reminder_1")
        template = self.own.get(name) or _ours(name) or _ours(f"{language}/{usual}")
        if template is None:
            raise Misconfigured(f"there is no text {name}.txt")
        try:
            filled = Template(template).substitute(self._values(message, sums, LOCALES[language]))
        except (KeyError, ValueError) as error:
            raise Misconfigured(f"the text {name}.txt can't be filled in: {error}") from error
        title, _, text = filled.strip().partition("\n")
        return title.strip(), _without_gaps(text)

    def _values(self, message: Message, sums: Sums, locale: str) -> dict[str, str]:
        claimed = sums.claimed if message.step.claim == "ask" else None
        beside = Decimal(0) if claimed is None else claimed.interest + claimed.indemnity
        values: dict[str, Value] = {
            "numbers": named(one.invoice.number for one in message.invoices),
            "open": money(message.open, message.currency),
            "total": money(message.open + beside, message.currency),
            "date": day(message.invoices[0].on),
            "payment": "" if message.by_post else self._payment(),
            "dispute": self._dispute(),
        }
        return {
            **{name: shown(value, locale) for name, value in values.items()},
            "customer": message.customer.name,
            "contact": self._contact(message),
            "invoices": _invoices(message, locale),
            "penalties": "\n".join(word(one, locale) for one in self._penalties(message, sums)),
            "signature": self._signature(),
        }

    def _payment(self) -> Sentence:
        payment = self.settings.payment
        if not payment.iban:
            return say("Please pay as it stands on the invoice, with its number as reference.")
        return say(
            "Please pay to {holder}, IBAN {iban}, BIC {bic}, with the invoice number as reference.",
            holder=payment.holder or self.company.name,
            iban=payment.iban,
            bic=payment.bic or "–",
        )

    def _dispute(self) -> Sentence:
        address = self.settings.dispute_email or self.settings.sender_email
        if address is None:
            return say("please let us know")
        return say("please write to {address}", address=address)

    def _contact(self, message: Message) -> str:
        contact = message.contact
        if contact is None:
            return message.customer.name
        return " ".join(part for part in (contact.name, contact.phone or "") if part)

    def _signature(self) -> str:
        settings = self.settings
        lines = (settings.sender_name, self.company.name, settings.sender_phone)
        return "\n".join(dict.fromkeys(line for line in lines if line))

    def _penalties(self, message: Message, sums: Sums) -> Iterator[Sentence]:
        """Nothing, a mention, or the sums line by line, as the step has it and the law allows."""
        if message.step.claim == "none" or message.customer.kind not in ("business", "public"):
            return
        if message.step.claim == "ask" and sums.claimed is not None:
            for one, found in sums.claims:
                number = one.invoice.number
                yield say("{number}: {sums}", number=number, sums=law.summary(found))
                for segment in found.segments:
                    yield say("– {line}", line=law.line(segment, found.currency))
        elif message.customer.kind == "public":
            yield say(
                "Interest for late payment and an indemnity of 40 € an invoice run by law "
                "(Code de la commande publique, L2192-13)."
            )
        else:
            yield say(
                "Interest for late payment and an indemnity of 40 € an invoice run by law "
                "(C. com., L441-10)."
            )


def _invoices(message: Message, locale: str) -> str:
    """A line each; a letter has a table in their place, and how to pay below it."""
    if message.by_post:
        return LIST_OF_INVOICES[locale[:2]]
    return "\n".join(_invoice(one, locale) for one in message.invoices)


def _invoice(one: Standing, locale: str) -> str:
    about: dict[str, Value] = {
        "number": one.invoice.number,
        "issued": day(one.invoice.issued),
        "due": day(one.due),
        "open": money(one.open, one.invoice.currency),
    }
    if one.late:
        line = say(
            "{number} of {issued}, due on {due}, late by {late}: {open}",
            late=days(one.days_late),
            **about,
        )
    else:
        line = say("{number} of {issued}, due on {due}: {open}", **about)
    return BULLET + word(line, locale)


def _without_gaps(text: str) -> str:
    """Empty values leave no holes: never more than one empty line."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for place, line in enumerate(lines) if line or lines[place - 1]]
    return "\n".join(kept)


@cache
def _ours(name: str) -> str | None:
    file = files("regisseur.agents.invoice_followup").joinpath("texts", f"{name}.txt")
    return file.read_text(encoding="utf-8") if file.is_file() else None
