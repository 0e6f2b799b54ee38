"""Open the ERP's own dispute record about an invoice that its customer contests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from regisseur.tools.actions.base import Arguments, Difference, Fact, Found, Kind, Outside
from regisseur.tools.erp.ports import Disputes, Receivables
from regisseur.tools.records import Dispute, Invoice, Message, NewDispute, RecordRef, Speaker

say = Speaker("regisseur.tools.actions")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class OpenDispute(Arguments):
    """One dispute about one invoice, worded in the company's language."""

    customer_id: str
    customer_name: str
    invoice_id: str
    invoice_number: str
    on: date
    """Day on which it was told."""
    text: Text


@dataclass(frozen=True)
class Contesting:
    """The books, and the disputes beside them."""

    books: Receivables
    disputes: Disputes


class OpenDisputeKind(Kind[OpenDispute, Contesting]):
    """One dispute under the key. There is no inert step: after a silence a person looks."""

    name: ClassVar[str] = "open_dispute"
    arguments = OpenDispute
    port: type[Any] = Disputes
    editable: ClassVar[frozenset[str]] = frozenset({"text"})
    repeatable: ClassVar[bool] = False

    def reach(self, outside: Outside) -> Contesting:
        """Through the ERP alone."""
        return Contesting(outside.port(Receivables), outside.port(Disputes))

    def subject(self, arguments: OpenDispute) -> str:
        """The invoice."""
        return arguments.invoice_id

    def counterparty(self, arguments: OpenDispute) -> str:
        """The customer."""
        return arguments.customer_id

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} dispute opened", "{count} disputes opened", count)

    def summary(self, arguments: OpenDispute) -> Message:
        """Who contests which invoice."""
        return say(
            "{customer}: open a dispute about {number} in the ERP",
            customer=arguments.customer_name,
            number=arguments.invoice_number,
        )

    async def drift(
        self, port: Contesting, key: str, arguments: OpenDispute, facts: Sequence[Fact]
    ) -> list[Difference]:
        """The invoice is settled, or somebody opened a dispute about it meanwhile."""
        found = await port.books.read_invoices([arguments.invoice_id])
        return list(_differences(arguments, found[0] if found else None))

    async def look_up(self, port: Contesting, key: str, arguments: OpenDispute) -> Found:
        """Disputes about the invoice under the key: done if they say what was approved."""
        return _found(arguments, await port.disputes.find_disputes(arguments.invoice_id, key))

    async def advance(
        self, port: Contesting, key: str, arguments: OpenDispute, found: Found
    ) -> None:
        """Open it, if there still is none."""
        there = await port.disputes.find_disputes(arguments.invoice_id, key)
        if found.state == "nothing" and not there:
            await port.disputes.open_dispute(
                key,
                NewDispute(
                    customer_id=arguments.customer_id,
                    invoice_id=arguments.invoice_id,
                    on=arguments.on,
                    text=arguments.text,
                ),
            )

    def to_check(self, key: str, arguments: OpenDispute) -> Message:
        """Where to look for it."""
        return say(
            "Look at the disputes of {customer} in the ERP: is there one about {number} with the "
            "reference {key}?",
            customer=arguments.customer_name,
            number=arguments.invoice_number,
            key=key,
        )


def _differences(arguments: OpenDispute, now: Invoice | None) -> Iterator[Difference]:
    name = say("invoice {number}", number=arguments.invoice_number)
    if now is None or now.state == "cancelled":
        yield Difference(name=name, was=say("open"), now=say("cancelled"))
    elif not now.open:
        yield Difference(name=name, was=say("open"), now=say("paid"))
    elif now.dispute is not None:
        yield Difference(name=name, was=say("undisputed"), now=say("disputed"))


def _found(arguments: OpenDispute, disputes: Sequence[Dispute]) -> Found:
    if not disputes:
        return Found(state="nothing")
    others = [one for one in disputes if _plain(one.text) != _plain(arguments.text)]
    return Found(
        state="conflict" if others else "done",
        reference=disputes[0].id,
        record=RecordRef(model="invoice", id=arguments.invoice_id, label=arguments.invoice_number),
        differences=tuple(
            Difference(name=say("text of the dispute"), was=arguments.text, now=one.text)
            for one in others
        ),
    )


def _plain(text: str) -> str:
    """Without the line ends and blanks that an ERP may write differently."""
    return " ".join(text.split())


KIND = OpenDisputeKind()
