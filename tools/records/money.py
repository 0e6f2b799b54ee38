"""Money: an exact amount that never loses its currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal

from pydantic import StringConstraints

from regisseur.tools.records.base import Record

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Money(Record):
    """An amount in one currency (ISO 4217); adding two currencies is an error, not a guess."""

    type: Literal["money"] = "money"
    amount: Decimal
    currency: Currency

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Shorthand for an exact amount; floats are not accepted."""
        return cls(amount=Decimal(amount), currency=currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"can't combine {self.currency} with {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(amount=self.amount - other.amount, currency=self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(amount=self.amount * factor, currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def rounded(self, places: int = 2) -> Money:
        """To the cent by default, halves away from zero as invoices are."""
        step = Decimal(1).scaleb(-places)
        return Money(
            amount=self.amount.quantize(step, rounding=ROUND_HALF_UP), currency=self.currency
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Rough(Record):
    """A sum that nobody knows to the cent, such as a forecast: shown in whole units."""

    type: Literal["rough"] = "rough"
    amount: Decimal
    currency: Currency
