"""Hand a debt over: the file that a collector or a court needs; always a person's decision."""

from __future__ import annotations

from typing import ClassVar

from regisseur.tools.actions.reminding.letters import LetterKind, RemindByPost
from regisseur.tools.actions.reminding.wording import say
from regisseur.tools.records import Message


class HandOver(RemindByPost):
    """What was owed and said, put together for whoever takes the debt over."""


class HandOverKind(LetterKind[HandOver]):
    """See ``LetterKind``."""

    name: ClassVar[str] = "hand_over"
    arguments = HandOver
    always_asks: ClassVar[bool] = True

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted(
            "{count} hand-over for collection", "{count} hand-overs for collection", count
        )


KIND = HandOverKind()
