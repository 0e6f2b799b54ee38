"""Prepare a call: a sheet in the ERP for whoever calls; it counts once the call was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import model_validator

from regisseur.tools.actions.base import Found, Outside, ToDo
from regisseur.tools.actions.reminding import Remind, ReminderKind
from regisseur.tools.actions.reminding.wording import say
from regisseur.tools.erp.ports import Receivables
from regisseur.tools.records import Channel, Message, NewReminder


class PrepareCall(Remind):
    """A call to a number that the master data have."""

    @model_validator(mode="after")
    def _reachable(self) -> PrepareCall:
        if self.recipient.phone is None:
            raise ValueError("a call needs a telephone number")
        return self

    def record(self, channel: Channel) -> NewReminder:
        """The sheet itself: whoever calls reads it in the ERP."""
        kept = super().record(channel)
        sheet = f"{self.account}\n{self.recipient.phone}\n\n{self.text}"
        return kept.model_copy(update={"text": sheet})


@dataclass(frozen=True)
class ByPhone:
    """Only the books: calling is done by people."""

    books: Receivables


class PrepareCallKind(ReminderKind[PrepareCall, ByPhone]):
    """The sheet in the ERP is all."""

    name: ClassVar[str] = "prepare_call"
    arguments = PrepareCall
    channel: ClassVar[Channel] = "call"
    repeatable: ClassVar[bool] = False
    """After a silence a person looks: a second sheet would be a second call."""

    def reach(self, outside: Outside) -> ByPhone:
        """Through the books."""
        return ByPhone(outside.port(Receivables))

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} call prepared", "{count} calls prepared", count)

    def summary(self, arguments: PrepareCall) -> Message:
        """Whom to call, and about how much."""
        return say(
            "{customer}: call {phone} about {total}",
            customer=arguments.customer_name,
            phone=arguments.recipient.phone or "",
            total=arguments.total,
        )

    def to_do(self, key: str, arguments: PrepareCall) -> ToDo:
        """Calling; it counts as said once its outcome is told."""
        what = say(
            "Call {phone}, then tell what came of it (reached, not_reached or left_message):",
            phone=arguments.recipient.phone or "",
        )
        return ToDo(what=what, form="called", fields={"key": key, "outcome": "reached"})

    async def advance(self, port: ByPhone, key: str, arguments: PrepareCall, found: Found) -> None:
        """Put the sheet into the ERP."""
        if found.state == "nothing":
            await self.keep(port, key, arguments)


KIND = PrepareCallKind()
