"""What a letter says. Every text is data: it is printed as it is, whatever it holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import add
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from regisseur.tools.lines import one_line
from regisseur.tools.records import Money, Record


def _line(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_line)]
ADDRESS_LINES = 7
"""As many fit into the window of an envelope (France: NF Z 10-011 has six, and the country)."""


class Letterhead(Record):
    """Who writes."""

    name: Line = Field(min_length=1)
    address: tuple[Line, ...] = Field(default=(), max_length=8)
    contact: tuple[Line, ...] = Field(default=(), max_length=8)
    """Telephone, e-mail, site: one a line."""
    legal: Line = ""
    """What the law wants at the foot: form, capital, register, VAT number."""


class LetterInvoice(Record):
    """One invoice as the reader finds it in his own books."""

    number: Line
    issued: date
    due: date
    amount: Money
    """What it was for."""
    open: Money
    """What is still to be paid; credit notes are negative."""
    days_late: int = 0
    """On the letter's day; zero or less where it isn't due."""

    @property
    def received(self) -> Money:
        """Payments and credits."""
        return self.amount - self.open


class AmountLine(Record):
    """A sum with what it is for, worded in the reader's language."""

    text: Line
    amount: Money


class Payment(Record):
    """How to pay; from the company's own master data and nothing else."""

    holder: Line
    iban: Line
    bic: Line = ""
    reference: Line = ""
    """What to write on the transfer, so that it is recognised."""


class _Page(Record):
    """What letters and statements have in common."""

    language: str = Field(default="fr_FR", pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")
    """How words, dates and amounts are written; French and English have their own words."""
    on: date
    letterhead: Letterhead
    recipient: tuple[Line, ...] = Field(min_length=1)
    """Name and address as they stand in the window, one line each."""
    invoices: tuple[LetterInvoice, ...] = ()
    payment: Payment | None = None

    @field_validator("recipient")
    @classmethod
    def _fits_the_window(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        lines = tuple(line for line in value if line)
        if not 0 < len(lines) <= ADDRESS_LINES:
            raise ValueError(f"an address has one to {ADDRESS_LINES} lines")
        return lines

    @model_validator(mode="after")
    def _one_currency(self) -> _Page:
        currencies = {money.currency for money in self._amounts()}
        if len(currencies) > 1:
            raise ValueError(f"one currency a letter, not {', '.join(sorted(currencies))}")
        return self

    def _amounts(self) -> list[Money]:
        return [money for one in self.invoices for money in (one.amount, one.open)]

    @property
    def open(self) -> Money | None:
        """Sum of what is still to be paid on the invoices."""
        return total([one.open for one in self.invoices])


class Letter(_Page):
    """One letter: what the agent worded, the invoices it is about, and the sums it claims."""

    place: Line = ""
    mention: Line = ""
    """How it is posted, for example as registered mail with its number."""
    references: tuple[tuple[Line, Line], ...] = Field(default=(), max_length=5)
    """Label and value: our reference, your account …"""
    subject: Line = Field(min_length=1)
    opening: tuple[str, ...] = ()
    """Paragraphs before the invoices, the address of courtesy first."""
    claims: tuple[AmountLine, ...] = ()
    """Interest, indemnity: what is claimed beside the invoices, line by line."""
    closing: tuple[str, ...] = ()
    """Paragraphs after the sums."""
    signatory: tuple[Line, ...] = ()
    """Name and function, one line each; there is room to sign above them."""
    enclosures: tuple[Line, ...] = ()

    def _amounts(self) -> list[Money]:
        return [*super()._amounts(), *(one.amount for one in self.claims)]

    @property
    def claimed(self) -> Money | None:
        """The invoices and everything claimed beside them."""
        return total([*(one.open for one in self.invoices), *(one.amount for one in self.claims)])


class Statement(_Page):
    """What a customer's account holds on a day: goes with a mail as its enclosure."""

    title: Line = ""
    """``Statement of account`` where nothing is written; say so where it holds a part only."""
    account: Line = ""
    """The customer's number with us."""
    ageing: tuple[AmountLine, ...] = ()
    """The open sum by age, worded in the reader's language."""

    def _amounts(self) -> list[Money]:
        return [*super()._amounts(), *(one.amount for one in self.ageing)]


def total(amounts: Sequence[Money]) -> Money | None:
    """Their sum, ``None`` if there are none."""
    return reduce(add, amounts) if amounts else None
