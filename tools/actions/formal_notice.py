"""Issue a formal notice: a registered letter that summons to pay; always a person's decision."""

from __future__ import annotations

from typing import ClassVar

from regisseur.tools.actions.reminding.letters import LetterKind, RemindByPost
from regisseur.tools.actions.reminding.wording import say
from regisseur.tools.records import Message


class FormalNotice(RemindByPost):
    """A summons to pay, with the sums worked out to the cent."""


class FormalNoticeKind(LetterKind[FormalNotice]):
    """See ``LetterKind``."""

    name: ClassVar[str] = "formal_notice"
    arguments = FormalNotice
    always_asks: ClassVar[bool] = True
    mention: ClassVar[Message | None] = say("Registered letter with acknowledgement of receipt")

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} formal notice", "{count} formal notices", count)


KIND = FormalNoticeKind()
