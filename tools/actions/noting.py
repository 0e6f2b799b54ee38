"""What all kinds of action share that tell colleagues something: one note under the key, on the
record that it concerns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import StringConstraints

from regisseur.tools.actions.base import Arguments, Difference, Fact, Found, Kind, Outside
from regisseur.tools.erp.ports import Note, Notes
from regisseur.tools.records import Message, RecordRef, Speaker

say = Speaker("regisseur.tools.actions")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Noted(Arguments):
    """A note, worded already: the agent that proposes it words it in the company's language, so
    that people approve the very text that will stand in the ERP.
    """

    about: RecordRef
    """Where it is attached."""
    text: Text


A = TypeVar("A", bound=Noted)
R = TypeVar("R")


@dataclass(frozen=True)
class Noting(Generic[R]):
    """Where notes are kept, and the port whose records the guards read again."""

    notes: Notes
    records: R


class NoteKind(Kind[A, Noting[R]]):
    """One note under the key. There is no inert step: after a silence a person looks."""

    port: type[Any] = Notes
    reads: ClassVar[type[Any] | None] = None
    """The port ``R`` itself, ``None`` for a note that rests on nothing that is read again."""
    editable: ClassVar[frozenset[str]] = frozenset({"text"})
    repeatable: ClassVar[bool] = False

    def reach(self, outside: Outside) -> Noting[R]:
        """Through the notes, and what the guards read."""
        records: Any = None if self.reads is None else outside.port(self.reads)
        return Noting(outside.port(Notes), records)

    async def still_true(self, records: R, arguments: A) -> list[Difference]:
        """What the note rests on and is no longer as it was."""
        return []

    async def drift(
        self, port: Noting[R], key: str, arguments: A, facts: Sequence[Fact]
    ) -> list[Difference]:
        """See ``still_true``."""
        return await self.still_true(port.records, arguments)

    async def look_up(self, port: Noting[R], key: str, arguments: A) -> Found:
        """Notes under the key: done if they say what was approved."""
        return _found(arguments, await port.notes.find_notes(arguments.about, key))

    async def advance(self, port: Noting[R], key: str, arguments: A, found: Found) -> None:
        """Attach the note, if there still is none."""
        if found.state == "nothing" and not await port.notes.find_notes(arguments.about, key):
            await port.notes.add_note(arguments.about, arguments.text, key)

    def to_check(self, key: str, arguments: A) -> Message:
        """Where to look for the note."""
        return say(
            "Look at the notes on {record}: is there one with the reference {key}?",
            record=name_of(arguments.about),
            key=key,
        )


def name_of(record: RecordRef) -> str:
    """What a person recognises a record by."""
    return record.label or f"{record.model} {record.id}"


def same_text(one: str, other: str) -> bool:
    """Equal but for the line ends and blanks that an ERP may write differently?"""
    return one.split() == other.split()


def _found(arguments: Noted, notes: Sequence[Note]) -> Found:
    if not notes:
        return Found(state="nothing")
    others = [note for note in notes if not same_text(note.text, arguments.text)]
    return Found(
        state="conflict" if others else "done",
        record=arguments.about,
        differences=tuple(
            Difference(name=say("text of the note"), was=arguments.text, now=note.text)
            for note in others
        ),
    )
