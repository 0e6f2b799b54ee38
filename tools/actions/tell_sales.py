"""Tell the sales team something where they work: a note on the record that it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from regisseur.tools.actions.base import Arguments, Difference, Fact, Found, Kind
from regisseur.tools.erp.ports import Note, Notes
from regisseur.tools.records import Message, RecordRef, Speaker

say = Speaker("regisseur.tools.actions")

Topic = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class TellSales(Arguments):
    """A note, worded already: the agent that proposes it words it in the company's language, so
    that people approve the very text that will stand in the ERP.
    """

    about: RecordRef
    topic: Topic
    """What it is about, for example ``late_delivery``: one open note per record and topic."""
    text: Text


class TellSalesKind(Kind[TellSales, Notes]):
    """One note under the key. There is no inert step: after a silence a person looks."""

    name: ClassVar[str] = "tell_sales"
    arguments = TellSales
    port: type[Any] = Notes
    editable: ClassVar[frozenset[str]] = frozenset({"text"})
    repeatable: ClassVar[bool] = False

    def subject(self, arguments: TellSales) -> str:
        """The record and the topic."""
        return f"{arguments.about.model}/{arguments.about.id}/{arguments.topic}"

    def summary(self, arguments: TellSales) -> Message:
        """Where the note goes, and the note itself."""
        return say("Note on {record}: {text}", record=_name(arguments.about), text=arguments.text)

    async def drift(
        self, port: Notes, key: str, arguments: TellSales, facts: Sequence[Fact]
    ) -> list[Difference]:
        """A note rests on nothing that is read again."""
        return []

    async def look_up(self, port: Notes, key: str, arguments: TellSales) -> Found:
        """Notes under the key: done if they say what was approved."""
        return _found(arguments, await port.find_notes(arguments.about, key))

    async def advance(self, port: Notes, key: str, arguments: TellSales, found: Found) -> None:
        """Attach the note, if there still is none."""
        if found.state == "nothing" and not await port.find_notes(arguments.about, key):
            await port.add_note(arguments.about, arguments.text, key)

    def to_check(self, key: str, arguments: TellSales) -> Message:
        """Where to look for the note."""
        return say(
            "Look at the notes on {record}: is there one with the reference {key}?",
            record=_name(arguments.about),
            key=key,
        )


def _found(arguments: TellSales, notes: Sequence[Note]) -> Found:
    if not notes:
        return Found(state="nothing")
    others = [note for note in notes if _plain(note.text) != _plain(arguments.text)]
    return Found(
        state="conflict" if others else "done",
        record=arguments.about,
        differences=tuple(
            Difference(name=say("text of the note"), was=arguments.text, now=note.text)
            for note in others
        ),
    )


def _plain(text: str) -> str:
    """Without the line ends and blanks that an ERP may write differently."""
    return " ".join(text.split())


def _name(record: RecordRef) -> str:
    return record.label or f"{record.model} {record.id}"


KIND = TellSalesKind()
