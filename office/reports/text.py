"""The report in a terminal: the page's order and words, in plain spaces and a fixed width."""

import textwrap
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from regisseur.graphs.judgement import Finding, Section, Table
from regisseur.graphs.report import ActionLine, Report
from regisseur.office.reports import labels
from regisseur.office.reports.commands import commands
from regisseur.office.reports.reader import Reader, clean
from regisseur.tools.records import Message, Value
from regisseur.tools.texts import plain_spaces

E = TypeVar("E")

NARROWEST = 72
"""Columns under which a line of the agenda can't hold its figures."""


def render_text(report: Report, locale: str, width: int = 80) -> str:
    """The report for a terminal of ``width`` columns; 72 are used where there are fewer, so that a command stays whole.

    Raises InvalidInput where the locale is not known. No name from the ERP can move the cursor
    or colour the screen: control characters are left out.
    """
    sheet = _Sheet(Reader(report, locale), max(width, NARROWEST))
    lines = [plain_spaces(line).rstrip() for line in sheet.lines(report)]
    return "\n".join(lines) + "\n"


class _Sheet:
    """Lines in one reader's words; no-break spaces hold until the lines are broken."""

    def __init__(self, reader: Reader, width: int) -> None:
        self.reader, self.width = reader, width

    def lines(self, report: Report) -> Iterator[str]:
        yield from self.head(report)
        yield from self.agenda(report)
        yield from self.part(labels.DONE, report.done, self.each(self.finished))
        yield from self.part(labels.DECIDED, report.decided, self.each(self.closed))
        yield from self.part(labels.TO_SETTLE, report.unsettled, self.unsettled)
        yield from self.part(labels.IN_SHADOW, report.shadow, self.dated)
        yield from self.part(labels.HELD, report.held, self.each(self.told))
        yield from self.part(labels.FINDINGS, report.findings, self.each(self.told))
        for section in report.sections:
            yield from self.section(section)
        yield from self.foot(report)

    def head(self, report: Report) -> Iterator[str]:
        reader, read = self.reader, report.data_as_of
        title = [
            self.say(report.company.name).upper(),
            self.say(report.title),
            reader.long_day(report.on),
        ]
        yield from self.wrapped(" · ".join(title))
        fresh = labels.erp_read(reader.moment(read)) if read else labels.NOT_READ
        made = labels.made(reader.moment(report.created_at))
        yield from self.wrapped(f"{self.say(fresh)} · {self.say(made)}")
        yield ""
        yield from self.wrapped(self.say(report.headline))
        shadow = [labels.nothing_written(len(report.shadow))] if report.shadow else []
        for notice in (*report.notices, *shadow):
            yield from self.wrapped(self.say(notice), "! ", "  ")

    def agenda(self, report: Report) -> Iterator[str]:
        awaiting = report.awaiting
        yield ""
        if not awaiting:
            yield from self.wrapped(self.say(labels.nothing(report)))
            return
        amounts = self.reader.sums(action.amount for action in awaiting)
        costs = self.reader.sums(action.cost_of_waiting for action in awaiting)
        head = self.heading(labels.TO_DECIDE, len(awaiting))
        yield self.spread(head, self.figures(amounts, costs))
        yield from self.dated(awaiting)

    def dated(self, actions: Iterable[ActionLine]) -> Iterator[str]:
        marked = [(self.reader.deadline(action.decide_by), action) for action in actions]
        return self.actions(marked)

    def actions(self, marked: list[tuple[str, ActionLine]]) -> Iterator[str]:
        """Per action: deadline or state, what it is with its figures, then why and how."""
        margin = max((len(mark) for mark, _ in marked), default=0) + 2
        for mark, action in marked:
            figures = self.figures(
                self.reader.sums([action.amount]), self.reader.sums([action.cost_of_waiting])
            )
            room = self.width - margin - len(figures.lstrip()) - 2
            first, *more = textwrap.wrap(self.say(action.summary), max(room, 20)) or [""]
            yield self.spread(f"{mark:{margin}}{first}", figures)
            yield from (" " * margin + line for line in more)
            yield from self.explained(action, " " * margin)

    def explained(self, action: ActionLine, indent: str) -> Iterator[str]:
        for text in self.reasons(action):
            yield from self.wrapped(self.say(text), indent)
        for _, command in commands(action):
            yield f"{indent}{clean(command)}"

    def reasons(self, action: ActionLine) -> Iterator[Message]:
        yield action.reason
        for change in action.changed:
            yield labels.told(change.name, f"{self.say(change.was)} → {self.say(change.now)}")
        if action.to_check:
            yield labels.told(labels.TO_CHECK, self.say(action.to_check))
        if action.veto_until:
            yield labels.unless_refused(self.reader.moment(action.veto_until))

    def finished(self, action: ActionLine) -> Iterator[str]:
        yield from self.wrapped(self.say(action.summary), "- ", "  ")
        yield from self.wrapped(self.say(action.reason), "  ")
        if action.reference:
            yield from self.wrapped(self.say(labels.told(labels.NUMBER, action.reference)), "  ")
        yield from self.left(action)

    def left(self, action: ActionLine) -> Iterator[str]:
        """What a person still does by hand, and how to tell that it is done."""
        if action.to_do is not None:
            yield from self.wrapped(self.say(action.to_do.what), "  ")
            for _, command in commands(action):
                yield f"  {clean(command)}"

    def closed(self, action: ActionLine) -> Iterator[str]:
        state = self.reader.status(action)
        number = self.say(labels.told(labels.NUMBER, action.reference)) if action.reference else ""
        ended = ", ".join(filter(None, (state, number)))
        yield from self.wrapped(self.say(action.summary), "- ", "  ")
        yield from self.wrapped(ended, "  ")
        yield from self.left(action)

    def told(self, finding: Finding) -> Iterator[str]:
        *before, last = self.wrapped(self.say(finding.message), "- ", "  ")
        yield from before
        yield self.spread(last, self.say(finding.stake) if finding.stake else "")

    def section(self, section: Section) -> Iterator[str]:
        yield ""
        yield self.say(section.title).upper()
        for paragraph in section.paragraphs:
            yield from self.wrapped(self.say(paragraph))
        for picture in section.pictures:
            yield from self.wrapped(self.say(picture.alternative))
        for one in section.commands:
            yield from self.wrapped(self.say(one.what), "- ", "  ")
            yield f"  {clean(one.command)}"
        if section.table:
            yield from self.table(section.table)

    def table(self, table: Table) -> Iterator[str]:
        """Columns where they fit; otherwise each row in a paragraph of its own."""
        titles = [self.say(column.title) for column in table.columns]
        rows = [[self.flat(self.reader.value(cell)) for cell in row] for row in table.rows]
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        if sum(widths) + 2 * (len(widths) - 1) > self.width:
            for row in rows:
                named = (f"{name} {cell}" for name, cell in zip(titles[1:], row[1:], strict=True))
                yield from self.wrapped(", ".join((row[0], *named)), "- ", "  ")
            return
        left = [column.align == "left" for column in table.columns]
        for row in (titles, *rows):
            cells = zip(row, widths, left, strict=True)
            yield "  ".join(
                cell.ljust(width) if to_left else cell.rjust(width)
                for cell, width, to_left in cells
            )

    def foot(self, report: Report) -> Iterator[str]:
        yield ""
        if report.minutes_saved:
            saved = self.reader.duration(report.minutes_saved)
            yield f"{saved} {self.say(labels.SAVED)}"
        facts = (
            (labels.SOURCE, report.source),
            (labels.MISSION, report.mission_id),
            (labels.AUDIT_HEAD, report.audit_head),
        )
        for name, fact in facts:
            if fact:
                yield from self.wrapped(self.say(labels.told(name, fact)))

    def unsettled(self, actions: Iterable[ActionLine]) -> Iterator[str]:
        return self.actions([(self.reader.status(action), action) for action in actions])

    def part(
        self, name: Message, entries: tuple[E, ...], write: Callable[[tuple[E, ...]], Iterator[str]]
    ) -> Iterator[str]:
        if entries:
            yield ""
            yield self.heading(name, len(entries))
            yield from write(entries)

    def each(self, write: Callable[[E], Iterator[str]]) -> Callable[[tuple[E, ...]], Iterator[str]]:
        return lambda entries: chain.from_iterable(map(write, entries))

    def heading(self, name: Message, count: int) -> str:
        return self.say(labels.counted(self.say(name).upper(), count))

    def figures(self, amounts: str, costs: str) -> str:
        a_day = f"{costs}{self.say(labels.A_DAY)}" if costs else ""
        return f"{amounts:>11}{a_day:>13}" if amounts or costs else ""

    def spread(self, left: str, right: str) -> str:
        """Both ends of a line; the right end on a line of its own where there is no room."""
        right = right.lstrip()
        if len(left) + 2 + len(right) > self.width:
            return f"{left}\n{right:>{self.width}}"
        return f"{left}{right:>{self.width - len(left)}}"

    def wrapped(self, text: str, first: str = "", rest: str | None = None) -> list[str]:
        """Lines of the full width; ``first`` begins the first one, ``rest`` the others."""
        after = first if rest is None else rest
        lines = textwrap.wrap(text, self.width, initial_indent=first, subsequent_indent=after)
        return lines or [first]

    def say(self, value: Value) -> str:
        return self.flat(self.reader.value(value))

    def flat(self, text: str) -> str:
        """One line, without what a terminal would obey."""
        return clean(text).replace("\n", " ").replace("\t", " ")
