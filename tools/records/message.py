"""Sentences that stay data: an English template of ours plus typed values.

A message is stored once and read in any language: the words are translated and the values are
written as the reader's locale writes them. Values that come from outside (names, notes) are only
ever filled in, never interpreted.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from regisseur.tools.records.base import Record
from regisseur.tools.records.money import Money, Rough


class Quantity(Record):
    """A number of units; ``unit`` is the symbol people know (kg, u, m)."""

    type: Literal["quantity"] = "quantity"
    value: Decimal
    unit: str = ""


class Day(Record):
    """A calendar day, written as the reader's locale does."""

    type: Literal["day"] = "day"
    date: date


class Number(Record):
    """A plain number shown with at most ``digits`` decimals."""

    type: Literal["number"] = "number"
    value: Decimal
    digits: int = 0


class Percent(Record):
    """A share; 0.05 is shown as 5 %."""

    type: Literal["percent"] = "percent"
    value: Decimal
    digits: int = 0


class Message(Record):
    """A template with its values; ``domain`` is the package whose ``locale`` folder translates it.

    ``plural`` and ``count`` choose between two templates as the reader's language counts.
    """

    type: Literal["message"] = "message"
    domain: str
    text: str
    values: dict[str, Value] = Field(default_factory=dict)
    plural: str | None = None
    count: int | None = None

    @model_validator(mode="after")
    def _counted(self) -> Message:
        if (self.plural is None) != (self.count is None):
            raise ValueError("plural and count go together")
        return self


Typed = Annotated[
    Money | Rough | Quantity | Day | Number | Percent | Message, Field(discriminator="type")
]
Value = Typed | int | str
Message.model_rebuild()


class Speaker:
    """Makes messages of one package: ``say = Speaker(__name__)``, then ``say("{n} left", n=3)``.

    The domain is the package itself, so each plug-in carries its own translations.
    """

    def __init__(self, domain: str) -> None:
        self.domain = domain

    def __call__(self, text: str, /, **values: Value) -> Message:
        """One sentence."""
        return Message(domain=self.domain, text=text, values=values)

    def counted(self, one: str, many: str, count: int, /, **values: Value) -> Message:
        """One of two sentences by number; both may use ``{count}``."""
        return Message(
            domain=self.domain,
            text=one,
            plural=many,
            count=count,
            values={"count": count, **values},
        )
