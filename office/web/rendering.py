"""Making pages from templates: autoescaped, strict about names, in the visitor's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from regisseur.graphs.authority import Right
from regisseur.office.reports import labels as labels_of_reports
from regisseur.office.reports.reader import clean, link
from regisseur.office.web import labels, static
from regisseur.office.web.visits import Visit
from regisseur.tools.records import Company, Message


@dataclass(frozen=True)
class Entry:
    """A page's place in the navigation of a company."""

    path: str
    label: Message
    order: int
    right: Right = "see"

    def of(self, company: Company) -> str:
        """Its address for a company."""
        return self.path.replace("{company}", company.id)


def page(visit: Visit, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page from a template that extends ``base.html.j2``.

    Templates know ``visit``, ``reader``, ``v`` (writes a Message or value in the visitor's
    language), ``link`` (of a RecordRef, if it may be followed), ``ours`` (the shared labels) and
    ``told`` (those of reports).
    """
    return HTMLResponse(rendered(visit, template, **values), status_code=status)


def rendered(visit: Visit, template: str, **values: Any) -> str:
    """The same as text: a piece of a page, for the script or for a stream."""
    known = {"visit": visit, "reader": visit.reader, "v": visit.reader.value}
    return _environment().get_template(template).render({**known, **values})


def navigation(visit: Visit) -> list[Entry]:
    """What the visitor may open in this company, in order."""
    entries: Sequence[Entry] = visit.request.app.state.navigation
    return [one for one in entries if visit.may(one.right)]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("regisseur.office.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.globals.update(
        link=link, ours=labels, told=labels_of_reports, navigation=navigation, static=static.address
    )
    return environment
