"""From a letter to its PDF.

All texts go to typst as JSON and are printed as they are; nothing is ever put into its markup.
Only the fonts that come with typst are used, so that a letter looks the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from importlib.resources import files
from typing import Any

from babel import Locale

from regisseur.errors import InvalidInput
from regisseur.tools.letters.records import (
    AmountLine,
    Letter,
    LetterInvoice,
    Payment,
    Statement,
    total,
)
from regisseur.tools.lines import one_line
from regisseur.tools.records import Day, Money, Speaker
from regisseur.tools.texts import shown, word

say = Speaker(__name__)

_LABELS = {
    "number": say("Invoice"),
    "issued": say("Dated"),
    "due": say("Due"),
    "late": say("Days late"),
    "amount": say("Amount"),
    "received": say("Received"),
    "open": say("To pay"),
    "sum": say("Total of the invoices"),
    "claimed": say("Total to pay"),
    "payment": say("How to pay"),
    "holder": say("Account of"),
    "iban": say("IBAN"),
    "bic": say("BIC"),
    "reference": say("Reference to state"),
    "subject": say("Subject"),
    "enclosures": say("Enclosures"),
    "statement": say("Statement of account"),
    "account": say("Your account"),
    "nothing": say("Nothing is open on this day."),
    "ageing": say("By age"),
}


def letter_pdf(letter: Letter) -> bytes:
    """The letter as PDF/A, for a French window envelope (address on the right).

    Raises InvalidInput where it can't be laid out.
    """
    return _typeset(
        letter,
        {
            "kind": "letter",
            "title": letter.subject,
            "mention": letter.mention,
            "references": [list(pair) for pair in letter.references],
            "subject": letter.subject,
            "opening": _paragraphs(letter.opening),
            "claims": _amounts(letter.claims, letter.language),
            "claimed": _money(letter.claimed, letter.language) if letter.claims else None,
            "closing": _paragraphs(letter.closing),
            "signatory": list(letter.signatory),
            "enclosures": list(letter.enclosures),
        },
    )


def statement_pdf(statement: Statement) -> bytes:
    """What a customer's account holds, as PDF/A.

    Raises InvalidInput where it can't be laid out.
    """
    account = word(_LABELS["account"], statement.language)
    return _typeset(
        statement,
        {
            "kind": "statement",
            "title": statement.title or word(_LABELS["statement"], statement.language),
            "references": [[account, statement.account]] if statement.account else [],
            "ageing": _amounts(statement.ageing, statement.language),
        },
    )


def _typeset(page: Letter | Statement, data: dict[str, Any]) -> bytes:
    import typst

    language = page.language
    head = page.letterhead
    data |= {
        "language": Locale.parse(language).language,
        "day": _day(page),
        "colon": "\N{NO-BREAK SPACE}: " if language.startswith("fr") else ": ",
        "head": {
            "name": head.name,
            "address": list(head.address),
            "contact": list(head.contact),
            "legal": head.legal,
        },
        "recipient": list(page.recipient),
        "invoices": [_invoice(one, language) for one in page.invoices],
        "sums": _sums(page.invoices, language),
        "payment": _payment(page.payment),
        "labels": {name: word(label, language) for name, label in _LABELS.items()},
    }
    template = files("regisseur.tools.letters").joinpath("templates", "page.typ").read_bytes()
    try:
        return typst.compile(
            template,
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
            pdf_standards="a-2a",
            timestamp=datetime.combine(page.on, time(), UTC),
        )
    except typst.TypstError as error:
        raise InvalidInput(f"can't be laid out: {error.message}", field="letter") from error


def _invoice(one: LetterInvoice, language: str) -> list[str]:
    return [
        one.number,
        _short(one.issued, language),
        _short(one.due, language),
        shown(one.days_late, language) if one.days_late > 0 else "–",
        _money(one.amount, language),
        _money(one.received, language) if one.received.amount else "–",
        _money(one.open, language),
    ]


def _sums(invoices: Iterable[LetterInvoice], language: str) -> list[str] | None:
    """Last row of the table: amount, received, open."""
    rows = list(invoices)
    amount, received, left = (
        total([one.amount for one in rows]),
        total([one.received for one in rows]),
        total([one.open for one in rows]),
    )
    if amount is None or received is None or left is None:
        return None
    return [
        _money(amount, language),
        _money(received, language) if received.amount else "–",
        _money(left, language),
    ]


def _amounts(lines: Iterable[AmountLine], language: str) -> list[list[str]]:
    return [[one.text, _money(one.amount, language)] for one in lines]


def _payment(payment: Payment | None) -> list[list[str]]:
    """Label and value, what is empty left out."""
    if payment is None:
        return []
    iban = "".join(payment.iban.split())
    groups = "\N{NO-BREAK SPACE}".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    rows = [
        ["holder", payment.holder],
        ["iban", groups],
        ["bic", payment.bic],
        ["reference", payment.reference],
    ]
    return [[name, value] for name, value in rows if value]


def _paragraphs(texts: Iterable[str]) -> list[list[str]]:
    """Each paragraph as its lines."""
    parts = (text.splitlines() for text in texts if text.strip())
    return [[one_line(line) for line in lines] for lines in parts]


def _money(money: Money | None, language: str) -> str:
    return "" if money is None else shown(money, language)


def _short(day: date, language: str) -> str:
    return shown(Day(date=day), language, dates="short")


def _day(page: Letter | Statement) -> str:
    """Where and when, as the head of a letter has it."""
    day, place = Day(date=page.on), page.place if isinstance(page, Letter) else ""
    dated = say("{place}, {day}", place=place, day=day) if place else say("{day}", day=day)
    return word(dated, page.language, dates="long")
