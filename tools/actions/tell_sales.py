"""Tell the sales team something where they work: a note on the record that it concerns."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from regisseur.tools.actions.noting import Noted, NoteKind, name_of, say
from regisseur.tools.records import Message

Topic = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class TellSales(Noted):
    """What sales should know about a record."""

    topic: Topic
    """What it is about, for example ``late_delivery``: one open note per record and topic."""


class TellSalesKind(NoteKind[TellSales, None]):
    """See ``NoteKind``; such a note rests on nothing that is read again."""

    name: ClassVar[str] = "tell_sales"
    arguments = TellSales

    def subject(self, arguments: TellSales) -> str:
        """The record and the topic."""
        return f"{arguments.about.model}/{arguments.about.id}/{arguments.topic}"

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} note to sales", "{count} notes to sales", count)

    def summary(self, arguments: TellSales) -> Message:
        """Where the note goes, and the note itself."""
        about = arguments.about
        if about.model == "sale":
            number = about.label or about.id
            return say("Note on sale {number}: {text}", number=number, text=arguments.text)
        return say("Note on {record}: {text}", record=name_of(about), text=arguments.text)


KIND = TellSalesKind()
