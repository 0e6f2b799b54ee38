"""The parent of the kinds that put a letter into the post room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from anyio import to_thread
from babel import Locale
from pydantic import model_validator

from regisseur.tools.actions.base import Outside, ToDo
from regisseur.tools.actions.reminding.arguments import Remind
from regisseur.tools.actions.reminding.enclosing import (
    letterhead,
    listed,
    locale_of,
    payment,
)
from regisseur.tools.actions.reminding.kind import DeliveredKind
from regisseur.tools.actions.reminding.wording import LIST_OF_INVOICES, say
from regisseur.tools.erp.ports import Receivables
from regisseur.tools.letters import AmountLine, Letter, letter_pdf
from regisseur.tools.post import PostRoom
from regisseur.tools.records import Channel, Message, Money
from regisseur.tools.texts import word

HOME = "FR"
"""Letters to this country don't name it."""


class RemindByPost(Remind):
    """A letter to an address that the master data have."""

    @model_validator(mode="after")
    def _addressed(self) -> RemindByPost:
        if self.recipient.address is None:
            raise ValueError("a letter needs a postal address")
        return self

    @property
    def locale(self) -> str:
        """How figures and dates are written in it."""
        return locale_of(self)


@dataclass(frozen=True)
class ByPost:
    """The ERP's books, and the place where letters wait to be posted."""

    books: Receivables
    room: PostRoom


A = TypeVar("A", bound=RemindByPost)


class LetterKind(DeliveredKind[A, ByPost]):
    """A PDF under the key; it counts as said once a person has entered that it was posted."""

    channel: ClassVar[Channel] = "letter"
    mention: ClassVar[Message | None] = None
    """How it is to be posted."""

    def reach(self, outside: Outside) -> ByPost:
        """Through the books and a post room."""
        return ByPost(outside.port(Receivables), outside.port(PostRoom))

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} letter", "{count} letters", count)

    def summary(self, arguments: A) -> Message:
        """To whom, and for how much."""
        return say.counted(
            "{customer}: {step} by post for one invoice, {total}",
            "{customer}: {step} by post for {count} invoices, {total}",
            len(arguments.invoices),
            customer=arguments.customer_name,
            step=arguments.step_title,
            total=arguments.total,
        )

    async def has_left(self, port: ByPost, key: str, arguments: A) -> bool:
        """It lies in the post room."""
        return await port.room.find(key) is not None

    async def hand_over(self, port: ByPost, key: str, arguments: A) -> None:
        """Lay it out and put it there."""
        content = await to_thread.run_sync(self.laid_out, key, arguments)
        await port.room.put(key, self.title_of(arguments), content)

    def to_do(self, key: str, arguments: A) -> ToDo:
        """Printing and posting; it counts as said from then on."""
        title = self.title_of(arguments)
        if self.mention is None:
            what = say("Print and post the letter “{title}”, then tell it:", title=title)
        else:
            what = say(
                "Print the letter “{title}” and post it as registered mail, then tell it, with its "
                "number (number=…):",
                title=title,
            )
        return ToDo(what=what, form="posted", fields={"key": key})

    def title_of(self, arguments: A) -> str:
        """What people find the letter by."""
        return f"{arguments.on.isoformat()} {arguments.customer_name} {arguments.step_title}"

    def laid_out(self, key: str, arguments: A) -> bytes:
        """The letter as PDF."""
        before, _, after = arguments.text.partition(
            LIST_OF_INVOICES.get(arguments.language, LIST_OF_INVOICES["en"])
        )
        sender = arguments.sender
        return letter_pdf(
            Letter(
                language=arguments.locale,
                on=arguments.on,
                letterhead=letterhead(sender),
                recipient=tuple(_window(arguments)),
                mention="" if self.mention is None else word(self.mention, arguments.locale),
                subject=arguments.title,
                opening=_paragraphs(before),
                invoices=listed(arguments),
                claims=_claims(arguments),
                payment=payment(arguments),
                closing=_paragraphs(after),
                signatory=(sender.name,),
            )
        )


def _window(arguments: RemindByPost) -> Iterator[str]:
    """Name and address as they stand in the window of the envelope."""
    address = arguments.recipient.address
    yield arguments.customer_name
    if arguments.recipient.name not in ("", arguments.customer_name):
        yield arguments.recipient.name
    if address is not None:
        yield from address.lines[:3]
        yield f"{address.postcode} {address.city}".strip()
        if address.country not in (None, HOME):
            names = Locale.parse(arguments.locale).territories
            yield names.get(address.country, address.country).upper()


def _paragraphs(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in text.split("\n\n"))
    return tuple(part for part in parts if part)


def _claims(arguments: RemindByPost) -> tuple[AmountLine, ...]:
    if arguments.claim is None:
        return ()
    sums = (
        (say("Interest for late payment"), arguments.claim.interest),
        (say("Indemnity for recovery costs"), arguments.claim.indemnity),
    )
    return tuple(
        AmountLine(
            text=word(text, arguments.locale),
            amount=Money(amount=amount, currency=arguments.currency),
        )
        for text, amount in sums
        if amount
    )
