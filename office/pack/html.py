"""The pack as one page: the first screen, then a page per agent; self-contained, without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from markupsafe import Markup

from regisseur.graphs.report import Report
from regisseur.office.pack import labels as words
from regisseur.office.pack.model import Decision, Pack
from regisseur.office.pack.reader import FIRST, PackReader
from regisseur.office.reports import labels
from regisseur.office.reports.commands import commands
from regisseur.office.reports.html import drawings, environment
from regisseur.office.reports.reader import link


def render_html(pack: Pack, reports: Sequence[Report], locale: str, base_url: str = "") -> str:
    """The whole page. Raises InvalidInput where the locale is not known.

    Names and notes from the ERP are shown as they are and never interpreted: everything is
    escaped, and the page forbids itself scripts and anything from outside.
    """
    reader = PackReader(pack, locale)
    anchors = dict(_anchors(reports))

    def address(decision: Decision) -> str:
        """The card of an action: on the server, or further down on this page."""
        if base_url:
            return action_url(base_url, pack, decision)
        return f"#{anchors.get(decision.line.id, decision.agent)}"

    return (
        environment("regisseur.office.pack")
        .get_template("pack.html.j2")
        .render(
            pack=pack,
            reader=reader,
            v=reader.value,
            words=words,
            labels=labels,
            address=address,
            warnings=reader.warnings(),
            first=pack.decisions[:FIRST],
            others=pack.decisions[FIRST:],
            notes=reader.notes(),
            pages=[(one, _page(one, reader)) for one in reports],
        )
    )


def company_url(base_url: str, pack: Pack, page: str) -> str:
    """A page of the company."""
    return f"{base_url.rstrip('/')}/{quote(pack.company.id, safe='')}/{page}"


def action_url(base_url: str, pack: Pack, decision: Decision) -> str:
    """The page of an action; it only shows it, whoever decides does so there."""
    return company_url(base_url, pack, f"actions/{quote(decision.line.id, safe='')}")


def _anchors(reports: Sequence[Report]) -> Iterator[tuple[str, str]]:
    for report in reports:
        for what, lines in (("action", report.awaiting), ("unsettled", report.unsettled)):
            for number, line in enumerate(lines, 1):
                yield line.id, f"{report.agent}-{what}-{number}"


def _page(report: Report, reader: PackReader) -> Markup:
    """What an agent tells after its first screen, every anchor with the agent's name before it."""
    template = environment().get_template("sections.html.j2")
    return Markup(
        template.render(
            report=report,
            reader=reader,
            v=reader.value,
            link=link,
            commands=commands,
            labels=labels,
            draw=lambda picture: drawings(picture, reader.locale),
            at=f"{report.agent}-",
        )
    )
