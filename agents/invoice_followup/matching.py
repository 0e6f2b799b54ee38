"""Money that is probably a customer's payment and stands on no invoice yet.

A reminder for a paid invoice costs more trust than it earns, so a doubt holds the reminder. The
rules, in this order: a bank line that names an invoice; an amount that is exactly what one invoice
has open; exactly all that the customer owes; else the oldest invoices as far as the money goes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from regisseur.agents.invoice_followup.observation import Observation
from regisseur.graphs.bank import BankLine
from regisseur.tools.records import Customer, Invoice

SAME_PAYMENT = timedelta(days=7)
"""A bank line and a payment in the ERP of the same amount within so many days are one."""
SHORTEST_NUMBER = 4
"""Shorter numbers are found by chance in any text."""
LEGAL_FORMS = frozenset(
    {
        *("sa", "sas", "sasu", "sarl", "eurl", "sci", "snc", "scop", "ei", "eirl"),
        *("gmbh", "ag", "kg", "ltd", "llc", "inc", "plc", "bv", "nv", "srl", "spa", "sl"),
    }
)


@dataclass(frozen=True)
class Probable:
    """Why an invoice is probably paid."""

    on: date
    amount: Decimal
    currency: str
    text: str
    """Who paid or what was written, as the bank or the ERP has it."""


def probable_payments(observation: Observation) -> dict[str, Probable]:
    """By invoice: the money that is probably its payment."""
    books = observation.books
    found: dict[str, Probable] = {}
    open_of = _open_invoices(books.invoices)
    for one in books.unapplied:
        money = Probable(one.on, one.amount, one.currency, one.text)
        _allot(money, open_of.get((one.customer_id, one.currency), []), found)
    matcher = _Bank(books.customers, books.invoices, (*books.invoices, *books.past))
    for credit in observation.bank:
        matcher.match(credit, open_of, found)
    return found


def _open_invoices(invoices: Iterable[Invoice]) -> dict[tuple[str, str], list[Invoice]]:
    """By customer and currency, oldest first."""
    found: dict[tuple[str, str], list[Invoice]] = defaultdict(list)
    for one in sorted(invoices, key=lambda each: (each.issued, each.id)):
        if one.open > 0 and not one.credit_note:
            found[one.customer_id, one.currency].append(one)
    return found


def _allot(money: Probable, invoices: Sequence[Invoice], found: dict[str, Probable]) -> None:
    """Put money of a known customer on its invoices."""
    waiting = [one for one in invoices if one.id not in found]
    exact = [one for one in waiting if one.open == money.amount]
    if exact:
        found[exact[0].id] = money
        return
    left = money.amount
    for one in waiting:
        if left <= 0:
            return
        found[one.id] = money
        left -= one.open


class _Bank:
    """Finds whose payment a line of a bank statement is."""

    def __init__(
        self,
        customers: Iterable[Customer],
        invoices: Iterable[Invoice],
        settled: Iterable[Invoice],
    ) -> None:
        self._by_number = {
            number: one for one in invoices if len(number := _plain(one.number)) >= SHORTEST_NUMBER
        }
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for customer in customers:
            self._by_name[_name(customer.name)].append(customer.id)
        self._recorded: dict[tuple[Decimal, str], list[date]] = defaultdict(list)
        for one in settled:
            for payment in one.settlements:
                self._recorded[payment.amount, one.currency].append(payment.on)

    def match(
        self,
        credit: BankLine,
        open_of: dict[tuple[str, str], list[Invoice]],
        found: dict[str, Probable],
    ) -> None:
        """Note which invoices a credit probably pays."""
        if credit.amount <= 0 or self._is_recorded(credit):
            return
        money = Probable(credit.on, credit.amount, credit.currency, credit.name or credit.text)
        named = [one for one in self._named(credit.text) if one.currency == credit.currency]
        if named:
            found.update((one.id, money) for one in named)
            return
        customers = self._by_name.get(_name(credit.name), [])
        if len(customers) == 1:
            _allot(money, open_of.get((customers[0], credit.currency), []), found)

    def _named(self, text: str) -> Iterator[Invoice]:
        """Invoices whose numbers stand in a text; two words may be one number."""
        words = [_plain(word) for word in re.split(r"[\s,;:]+", text)]
        pairs = (one + other for one, other in pairwise(words))
        for word in dict.fromkeys((*words, *pairs)):
            if word in self._by_number:
                yield self._by_number[word]

    def _is_recorded(self, credit: BankLine) -> bool:
        """The ERP has it already."""
        days = self._recorded.get((credit.amount, credit.currency), [])
        return any(abs(day - credit.on) <= SAME_PAYMENT for day in days)


def _plain(text: str) -> str:
    """Letters and digits only, in capitals: ``F-2026/012`` is ``F2026012``."""
    return "".join(char for char in text.upper() if char.isalnum())


def _name(text: str) -> str:
    """A company's name without accents, legal form and punctuation."""
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", flat)
    return " ".join(word for word in words if word not in LEGAL_FORMS)
