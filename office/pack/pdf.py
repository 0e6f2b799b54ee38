"""The pack on paper: the first screen, then a page per agent.

All texts go to typst as JSON and are printed as they are; nothing is ever put into its markup. Only
the fonts that come with typst are used, so that a pack looks the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from importlib.resources import files
from typing import Any

from regisseur.errors import InvalidInput
from regisseur.graphs.judgement import Finding, Picture, Section, Table
from regisseur.graphs.report import ActionLine, Report
from regisseur.office.pack import labels
from regisseur.office.pack.model import Decision, Pack
from regisseur.office.pack.reader import PackReader
from regisseur.office.reports import labels as report_labels
from regisseur.office.reports.charts import to_svg
from regisseur.office.reports.reader import clean
from regisseur.tools.records import Message

FIRST = 12
"""Decisions on the first page, so that what is below them is on it too."""
PICTURE = 680
"""Units across a picture: text of 12 units is then 9 points high on A4."""


def render_pdf(pack: Pack, reports: Sequence[Report], locale: str) -> bytes:
    """A PDF/A of the pack. Raises InvalidInput where the locale is not known, or where it can't be
    laid out.
    """
    import typst

    sheet = _Sheet(PackReader(pack, locale))
    template = files("regisseur.office.pack").joinpath("templates", "pack.typ")
    try:
        return typst.compile(
            template.read_bytes(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(_harmless(sheet.data(reports)))},
            pdf_standards="a-2b",
            timestamp=datetime.combine(pack.on, time(), UTC),
        )
    except typst.TypstError as error:
        raise InvalidInput(f"can't be laid out: {error.message}", field="pack") from error


def _harmless(value: Any) -> Any:
    """Every text without what is not seen and can deceive."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _harmless(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_harmless(part) for part in value]
    return value


class _Sheet:
    """Everything in one reader's words, as JSON."""

    def __init__(self, reader: PackReader) -> None:
        self.reader, self.pack = reader, reader.pack

    def data(self, reports: Sequence[Report]) -> dict[str, Any]:
        pack, say, reader = self.pack, self.reader.value, self.reader
        nothing = labels.NOTHING if pack.judged else labels.NOTHING_JUDGED
        return {
            "language": reader.culture.language,
            "company": pack.company.name,
            "title": say(labels.MORNING_PACK),
            "day": reader.heading_day(),
            "ended": reader.ended(),
            "headline": reader.headline(),
            "data": say(labels.named(labels.DATA, ", ".join(reader.data()))),
            "warnings": reader.warnings(),
            "together": [self._overlap(one.about, one.actions) for one in pack.overlaps],
            "heads": self._heads(),
            "to_decide": say(labels.TO_DECIDE),
            "count": say(labels.decisions(pack)) if pack.waiting else "",
            "nothing": say(nothing),
            "decisions": [self._decision(one) for one in pack.decisions[:FIRST]],
            "notes": reader.notes(FIRST),
            "more": [self._decision(one) for one in pack.decisions[FIRST:]],
            "to_settle": say(labels.TO_SETTLE),
            "unsettled": [self._unsettled(one.line) for one in pack.unsettled],
            "facts": [[title, told] for _, title, told, _ in reader.rest()],
            "foot": f"{pack.company.name} · {reader.long_day(pack.on)}",
            "pages": [self._page(one) for one in reports],
        }

    def _heads(self) -> list[str]:
        heads = (labels.BY, labels.WHAT, labels.AMOUNT, labels.IF_YOU_WAIT)
        return [self.reader.value(one) for one in heads]

    def _overlap(self, about: str, actions: Sequence[Decision]) -> str:
        told = " + ".join(self.reader.value(one.line.summary) for one in actions)
        return f"{self.reader.value(labels.named(labels.TOGETHER, about))} – {told}"

    def _decision(self, one: Decision) -> dict[str, str]:
        line = one.line
        return {
            "mark": self.reader.mark(one),
            "by": self.reader.by(one),
            "what": self.reader.value(line.summary),
            "amount": self.reader.value(line.amount) if line.amount else "",
            "wait": self.reader.if_you_wait(line),
        }

    def _unsettled(self, line: ActionLine) -> list[str]:
        told = line.to_check if line.to_check is not None else line.reason
        return [self.reader.value(line.summary), self.reader.value(told)]

    def _page(self, report: Report) -> dict[str, Any]:
        return {
            "title": self.reader.value(report.title),
            "headline": self.reader.value(report.headline),
            "lists": list(self._lists(report)),
            "sections": [self._section(one) for one in report.sections],
        }

    def _lists(self, report: Report) -> Iterator[dict[str, Any]]:
        """What the report tells one by one: each with its reason and what is at stake."""
        actions = (
            (report_labels.ONE_BY_ONE, report.awaiting),
            (report_labels.IN_SHADOW, report.shadow),
            (report_labels.DONE, report.done),
        )
        for title, lines in actions:
            yield from self._list(title, [self._told(one) for one in lines])
        findings = (
            (report_labels.HELD, report.held),
            (report_labels.FINDINGS, report.findings),
        )
        for title, found in findings:
            yield from self._list(title, [self._found(one) for one in found])

    def _list(self, title: Message, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        if lines:
            yield {"title": self.reader.value(title), "lines": lines}

    def _told(self, line: ActionLine) -> dict[str, Any]:
        say = self.reader.value
        return {
            "what": say(line.summary),
            "why": [say(one) for one in (line.reason, *line.details)],
            "stake": say(line.amount) if line.amount else "",
        }

    def _found(self, finding: Finding) -> dict[str, Any]:
        stake = self.reader.value(finding.stake) if finding.stake else ""
        return {"what": "", "why": [self.reader.value(finding.message)], "stake": stake}

    def _section(self, section: Section) -> dict[str, Any]:
        return {
            "title": self.reader.value(section.title),
            "paragraphs": [self.reader.value(one) for one in section.paragraphs],
            "pictures": [self._picture(one) for one in section.pictures],
            "table": None if section.table is None else self._table(section.table),
        }

    def _picture(self, picture: Picture) -> dict[str, str]:
        """Its words stand in where it can't be drawn."""
        try:
            drawn = to_svg(picture, self.reader.locale, "light", width=PICTURE)
        except InvalidInput:
            drawn = ""
        say = self.reader.value
        return {"title": say(picture.title), "words": say(picture.alternative), "svg": drawn}

    def _table(self, table: Table) -> dict[str, Any]:
        say = self.reader.value
        return {
            "heads": [say(one.title) for one in table.columns],
            "right": [one.align == "right" for one in table.columns],
            "rows": [[say(cell) for cell in row] for row in table.rows],
        }
