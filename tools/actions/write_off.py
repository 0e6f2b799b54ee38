"""Write off what is left of an invoice, too small to be asked for; always a person's decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints

from regisseur.tools.actions.base import Arguments, Difference, Fact, Found, Kind, Outside
from regisseur.tools.erp.ports import Connection, Receivables, WriteOffs
from regisseur.tools.records import (
    Day,
    Invoice,
    Message,
    Money,
    NewWriteOff,
    RecordRef,
    Speaker,
    UnappliedPayment,
)
from regisseur.tools.records.money import Currency

say = Speaker("regisseur.tools.actions")

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\r\n]*$"),
]


class WriteOffRest(Arguments):
    """All that is left of one invoice; never a part of it, never more."""

    customer_id: str
    customer_name: str
    invoice_id: str
    invoice_number: str
    on: date
    """Day of the entry in the books."""
    amount: Decimal = Field(gt=0)
    currency: Currency
    text: Line
    """What accountants read in the books, in the company's language."""


@dataclass(frozen=True)
class GivingUp:
    """The books, and what is given up in them."""

    books: Receivables
    write_offs: WriteOffs


class WriteOffKind(Kind[WriteOffRest, GivingUp]):
    """One entry under the key. Sent twice it is carried out once: the ERP refuses what isn't left
    any more.
    """

    name: ClassVar[str] = "write_off"
    arguments = WriteOffRest
    port: type[Any] = WriteOffs
    always_asks: ClassVar[bool] = True

    def reach(self, outside: Outside) -> GivingUp:
        """Through the ERP alone."""
        return GivingUp(outside.port(Receivables), outside.port(WriteOffs))

    def repeats(self, erp: Connection) -> bool:
        """See above; it has nothing to do with the ERP's drafts."""
        return True

    def subject(self, arguments: WriteOffRest) -> str:
        """The invoice."""
        return arguments.invoice_id

    def counterparty(self, arguments: WriteOffRest) -> str:
        """The customer."""
        return arguments.customer_id

    def amount(self, arguments: WriteOffRest) -> Money:
        """What is given up."""
        return Money(amount=arguments.amount, currency=arguments.currency)

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} rest written off", "{count} rests written off", count)

    def summary(self, arguments: WriteOffRest) -> Message:
        """How much of which invoice."""
        return say(
            "{customer}: write off {amount}, all that is left of {number}",
            customer=arguments.customer_name,
            amount=self.amount(arguments),
            number=arguments.invoice_number,
        )

    async def drift(
        self, port: GivingUp, key: str, arguments: WriteOffRest, facts: Sequence[Fact]
    ) -> list[Difference]:
        """Another sum is left, by a cent; it is disputed; money came in that is on no invoice."""
        found = await port.books.read_invoices([arguments.invoice_id])
        money = await port.books.unapplied_payments()
        return [
            *_differences(arguments, found[0] if found else None),
            *_paid_meanwhile(arguments, money),
        ]

    async def look_up(self, port: GivingUp, key: str, arguments: WriteOffRest) -> Found:
        """What was written off under the key: done if it is what was approved."""
        found = await port.write_offs.find_write_offs(arguments.invoice_id, key)
        if not found:
            return Found(state="nothing")
        written, approved = sum((one.amount for one in found), Decimal(0)), self.amount(arguments)
        differs = Difference(
            name=say("written off"),
            was=approved,
            now=Money(amount=written, currency=arguments.currency),
        )
        return Found(
            state="done" if written == arguments.amount else "conflict",
            reference=found[0].id,
            record=RecordRef(
                model="invoice", id=arguments.invoice_id, label=arguments.invoice_number
            ),
            differences=() if written == arguments.amount else (differs,),
        )

    async def advance(
        self, port: GivingUp, key: str, arguments: WriteOffRest, found: Found
    ) -> None:
        """Write it off, if it still is all that is left."""
        if found.state == "nothing":
            await port.write_offs.write_off(
                key,
                NewWriteOff(
                    invoice_id=arguments.invoice_id,
                    amount=arguments.amount,
                    currency=arguments.currency,
                    on=arguments.on,
                    text=arguments.text,
                ),
            )

    def to_check(self, key: str, arguments: WriteOffRest) -> Message:
        """Where to look for it."""
        return say(
            "Look at invoice {number} of {customer}: was {amount} written off with the reference "
            "{key}?",
            number=arguments.invoice_number,
            customer=arguments.customer_name,
            amount=self.amount(arguments),
            key=key,
        )


def _differences(arguments: WriteOffRest, now: Invoice | None) -> Iterator[Difference]:
    name = say("invoice {number}", number=arguments.invoice_number)
    if now is None or now.state == "cancelled":
        yield Difference(name=name, was=say("open"), now=say("cancelled"))
        return
    if (now.open, now.currency) != (arguments.amount, arguments.currency):
        yield Difference(
            name=say("balance of {number}", number=arguments.invoice_number),
            was=Money(amount=arguments.amount, currency=arguments.currency),
            now=Money(amount=now.open, currency=now.currency),
        )
    if now.dispute is not None:
        yield Difference(name=name, was=say("undisputed"), now=say("disputed"))


def _paid_meanwhile(
    arguments: WriteOffRest, money: Sequence[UnappliedPayment]
) -> Iterator[Difference]:
    """What came in since and stands on no invoice yet may well be what is left."""
    for one in money:
        if one.customer_id == arguments.customer_id and one.on >= arguments.on:
            amount = Money(amount=one.amount, currency=one.currency)
            name = say("payment of {day}, on no invoice yet", day=Day(date=one.on))
            yield Difference(name=name, was="", now=amount)


KIND = WriteOffKind()
