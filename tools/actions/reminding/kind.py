"""The parent of the kinds that ask a customer to pay."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from regisseur.errors import (
    InvalidInput,
    NeedsPerson,
    OutcomeUnknown,
    RetryLater,
    VendorRefused,
)
from regisseur.tools.actions.base import Difference, Fact, Found, Kind
from regisseur.tools.actions.reminding.arguments import Remind
from regisseur.tools.actions.reminding.comparing import logged
from regisseur.tools.actions.reminding.guards import still_true
from regisseur.tools.actions.reminding.wording import say
from regisseur.tools.erp.ports import Connection, Receivables
from regisseur.tools.records import Channel, Day, Message, Money


class Through(Protocol):
    """What such a kind works through: the ERP's books, and its own way to the customer."""

    @property
    def books(self) -> Receivables:
        """Where invoices are read and what was said is kept."""
        ...


A = TypeVar("A", bound=Remind)
T = TypeVar("T", bound=Through)


class ReminderKind(Kind[A, T]):
    """One message to one customer under the key, kept in the ERP."""

    port: type[Any] = Receivables
    channel: ClassVar[Channel]
    editable: ClassVar[frozenset[str]] = frozenset({"title", "text"})

    def subject(self, arguments: A) -> str:
        """The customer: one message at a time."""
        return arguments.customer_id

    def counterparty(self, arguments: A) -> str:
        """The customer."""
        return arguments.customer_id

    def amount(self, arguments: A) -> Money:
        """All that is asked for."""
        return arguments.total

    def people(self, arguments: A) -> int:
        """Two where it goes to a newly changed address."""
        return 1 if arguments.recipient_changed is None else 2

    def material(self, before: A, after: A) -> bool:
        """After a rejection: another step or other invoices. The text of two nights may differ by
        a day of interest and is no reason to ask again.
        """
        return _about(before) != _about(after)

    async def drift(
        self, port: T, key: str, arguments: A, facts: Sequence[Fact]
    ) -> list[Difference]:
        """Customer, recipient, every invoice, and what was said to the customer meanwhile."""
        return await still_true(port.books, key, arguments)

    async def look_up(self, port: T, key: str, arguments: A) -> Found:
        """What the ERP has kept."""
        reminders = await port.books.find_reminders(arguments.customer_id, key)
        return logged(arguments, reminders) or Found(state="nothing")

    async def keep(self, port: T, key: str, arguments: A) -> None:
        """Let the ERP keep it."""
        await port.books.log_reminder(key, arguments.record(self.channel))

    def to_check(self, key: str, arguments: A) -> Message:
        """Where to look for the message."""
        return say(
            "Was the message {key} of {day} to {customer} handed over? Look at what was sent and "
            "at the customer's notes in the ERP, then settle it.",
            key=key,
            day=Day(date=arguments.on),
            customer=arguments.customer_name,
        )


class DeliveredKind(ReminderKind[A, T]):
    """A message that leaves first and is kept in the ERP then.

    Its own way to the customer (mail account, post room) can say for sure that nothing has left,
    so that it is handed over again after a crash; where it can't, a person has to look.
    """

    def repeats(self, erp: Connection) -> bool:
        """See above; it has nothing to do with the ERP's drafts."""
        return True

    async def drift(
        self, port: T, key: str, arguments: A, facts: Sequence[Fact]
    ) -> list[Difference]:
        """Once it has left, nothing counts any more: it only remains to be kept."""
        if await self.has_left(port, key, arguments):
            return []
        return await super().drift(port, key, arguments, facts)

    async def look_up(self, port: T, key: str, arguments: A) -> Found:
        """What the ERP has kept; else whether the message has left."""
        found = await super().look_up(port, key, arguments)
        if found.state != "nothing":
            return found
        left = await self.has_left(port, key, arguments)
        if left is None:
            return Found(state="doubtful")
        return Found(state="partial" if left else "nothing")

    async def advance(self, port: T, key: str, arguments: A, found: Found) -> None:
        """Hand it over, or keep in the ERP that it was."""
        if found.state == "nothing":
            await self.hand_over(port, key, arguments)
        elif found.state == "partial":
            try:
                await self.keep(port, key, arguments)
            except OutcomeUnknown as error:
                # It may still be kept, late: looked for again after a while, not kept twice.
                raise RetryLater(f"whether {key} is kept in the ERP is not known yet") from error
            except (VendorRefused, InvalidInput) as error:
                raise NeedsPerson(
                    f"the message has left and must not be sent again; the ERP refused to keep it: "
                    f"{error}. Write it down there by hand"
                ) from error

    @abstractmethod
    async def has_left(self, port: T, key: str, arguments: A) -> bool | None:
        """Whether the message has left, ``None`` where nobody can know."""

    @abstractmethod
    async def hand_over(self, port: T, key: str, arguments: A) -> None:
        """Let the message leave; never twice under one key."""


def _about(arguments: Remind) -> tuple[str, frozenset[str]]:
    return arguments.step, frozenset(one.id for one in arguments.invoices)
