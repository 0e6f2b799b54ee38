"""How a bank writes its CSV files; declared once a bank."""

from __future__ import annotations

import codecs
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from regisseur.tools.records.money import Currency


class CsvLayout(BaseModel):
    """Which column says what. Names are those of the file's own heading, in any case.

    What stands before the heading is skipped.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = Field(min_length=1)
    """IBAN of the account: such files rarely tell."""
    currency: Currency = "EUR"
    booked: str
    """Column with the day of booking."""
    amount: str | None = None
    """Column with the signed amount; or ``credit`` and ``debit``."""
    credit: str | None = None
    debit: str | None = None
    """Column with what was paid out, with or without a minus."""
    value: str | None = None
    counterparty: str | None = None
    counterparty_iban: str | None = None
    text: tuple[str, ...] = ()
    """Columns whose words are joined."""
    reference: str | None = None
    balance: str | None = None
    """Column with the balance after each line: what doesn't add up is refused."""
    delimiter: str = Field(default=";", min_length=1, max_length=1)
    decimal: Literal[",", "."] = ","
    dates: str = "%d/%m/%Y"
    """As in Python's ``strptime``."""
    encoding: str = "utf-8"
    """``cp1252`` for files of older Windows programs."""

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            return "utf-8-sig" if codecs.lookup(value).name == "utf-8" else value
        except LookupError as error:
            raise ValueError("no such encoding; write utf-8 or cp1252") from error

    @field_validator("dates")
    @classmethod
    def _tells_a_day(cls, value: str) -> str:
        if not all(one in value.lower() for one in ("%d", "%m", "%y")):
            raise ValueError("needs %d, %m and %Y, for example %d/%m/%Y")
        date(2026, 1, 1).strftime(value)
        return value

    @model_validator(mode="after")
    def _one_amount(self) -> CsvLayout:
        both = self.credit is not None and self.debit is not None
        if (self.amount is not None) == both or (self.credit is None) != (self.debit is None):
            raise ValueError("name the column `amount`, or both `credit` and `debit`")
        return self

    def columns(self) -> tuple[str, ...]:
        """Every column that must be there."""
        named = (
            self.booked,
            self.amount,
            self.credit,
            self.debit,
            self.value,
            self.counterparty,
            self.counterparty_iban,
            self.reference,
            self.balance,
            *self.text,
        )
        return tuple(name for name in named if name is not None)
