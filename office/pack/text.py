"""The first screen in a terminal, and as the plain part of a mail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import zip_longest

from regisseur.office.pack import labels
from regisseur.office.pack.model import Decision, Pack
from regisseur.office.pack.reader import FIRST, PackReader
from regisseur.office.reports.reader import clean
from regisseur.tools.records import Value
from regisseur.tools.texts import plain_spaces

NARROWEST = 60
"""Columns under which what waits and what it costs don't fit beside each other."""
GAP = 2


def render_text(pack: Pack, locale: str, width: int = 80) -> str:
    """The pack's first screen in plain lines of ``width`` columns, at least 60.

    Raises InvalidInput where the locale is not known. No name from the ERP can move the cursor or
    colour the screen.
    """
    sheet = _Sheet(PackReader(pack, locale), max(width, NARROWEST))
    lines = [plain_spaces(line).rstrip() for line in sheet.lines()]
    return "\n".join(lines) + "\n"


class _Sheet:
    """Lines in one reader's words."""

    def __init__(self, reader: PackReader, width: int) -> None:
        self.reader, self.pack, self.width = reader, reader.pack, width

    def lines(self) -> Iterator[str]:
        yield from self.head()
        yield from self.overlaps()
        yield from self.decisions()
        yield from self.unsettled()
        for _, title, told, between in self.reader.rest():
            yield from self.entry(title, between.join(told))

    def head(self) -> Iterator[str]:
        reader = self.reader
        day = reader.long_day(self.pack.on)
        name = self.flat(self.pack.company.name).upper()
        yield from self.wrapped(f"{name} · {day} · {reader.ended()}")
        yield from self.entry(self.say(labels.DATA), ", ".join(reader.data()), upper=False)
        for warning in reader.warnings():
            yield from self.wrapped(f"! {warning}", "  ")

    def overlaps(self) -> Iterator[str]:
        for overlap in self.pack.overlaps:
            told = " + ".join(self.say(one.line.summary) for one in overlap.actions)
            head = self.say(labels.named(labels.TOGETHER, overlap.about))
            yield from self.wrapped(f"! {head} – {told}", "  ")

    def decisions(self) -> Iterator[str]:
        pack = self.pack
        if not pack.waiting:
            nothing = labels.NOTHING if pack.judged else labels.NOTHING_JUDGED
            yield from self.entry(self.say(labels.TO_DECIDE), self.say(nothing))
        else:
            head = labels.named(self.say(labels.TO_DECIDE).upper(), labels.decisions(pack))
            yield self.spread(self.say(head), self.say(labels.IF_YOU_WAIT).upper())
            yield from self.table(pack.decisions[:FIRST])
        if notes := self.reader.notes():
            yield "  " + " · ".join(map(self.flat, notes))

    def table(self, decisions: tuple[Decision, ...]) -> Iterator[str]:
        """Number, deadline, what, and what waiting leads to, each in a column of its own."""
        marks = [self.flat(self.reader.by(one)) for one in decisions]
        margin = min(max(map(len, marks)), 16)
        right = (self.width - margin - 2 - 2 * GAP) * 2 // 5
        middle = self.width - margin - 2 - 2 * GAP - right
        for number, (mark, one) in enumerate(zip(marks, decisions, strict=True), 1):
            columns = (
                textwrap.wrap(mark, margin),
                textwrap.wrap(self.say(one.line.summary), middle),
                textwrap.wrap(self.flat(self.reader.if_you_wait(one.line)), right),
            )
            for at, (by, what, wait) in enumerate(zip_longest(*columns, fillvalue="")):
                head = f"{number:<2}" if not at else "  "
                gap = " " * GAP
                yield f"{head}{by:{margin}}{gap}{what:{middle}}{gap}{wait}"

    def unsettled(self) -> Iterator[str]:
        for one in self.pack.unsettled:
            line = one.line
            told = line.to_check if line.to_check is not None else line.reason
            text = f"{self.say(line.summary)} – {self.say(told)}"
            yield from self.entry(self.say(labels.TO_SETTLE), text)

    def entry(self, title: str, told: str, *, upper: bool = True) -> Iterator[str]:
        name = title.upper() if upper else title
        yield from self.wrapped(self.say(labels.named(name, told)), "  ")

    def spread(self, left: str, right: str) -> str:
        return f"{left}{right:>{max(self.width - len(left), len(right) + GAP)}}"

    def wrapped(self, text: str, rest: str = "") -> list[str]:
        return textwrap.wrap(self.flat(text), self.width, subsequent_indent=rest) or [""]

    def say(self, value: Value) -> str:
        return self.flat(self.reader.value(value))

    def flat(self, text: str) -> str:
        """One line, without what a terminal would obey."""
        return clean(text).replace("\n", " ").replace("\t", " ")
