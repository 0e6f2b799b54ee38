"""The report as one page: self-contained, without scripts, for screens of any width and for paper."""

from functools import cache, lru_cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from regisseur.errors import InvalidInput
from regisseur.graphs.judgement import Picture
from regisseur.graphs.report import Report
from regisseur.office.reports import labels
from regisseur.office.reports.charts import WIDTH, to_svg, variables
from regisseur.office.reports.commands import commands
from regisseur.office.reports.reader import Reader, clean, link

PHONE_WIDTH = 343
"""A picture on a phone: 375 px less the margins; drawn anew, so that its text stays readable."""


def render_html(report: Report, locale: str) -> str:
    """The whole page. Raises InvalidInput where the locale is not known.

    Names and notes from the ERP are shown as they are and never interpreted: everything is
    escaped, only http and https addresses become links, and the page forbids itself scripts and
    anything from outside.
    """
    reader = Reader(report, locale)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            reader=reader,
            v=reader.value,
            link=link,
            commands=commands,
            labels=labels,
            draw=lambda picture: drawings(picture, reader.locale),
        )
    )


def drawings(picture: Picture, locale: str) -> tuple[Markup, Markup] | None:
    """The picture for a wide page and for a phone; ``None`` where it can't be drawn.

    The page then says in words what the picture would have shown.
    """
    return _drawn(picture.model_dump_json(), locale)


@lru_cache(maxsize=128)
def _drawn(picture: str, locale: str) -> tuple[Markup, Markup] | None:
    """The same picture is drawn once: each takes a tenth of a second, and a page is read by many."""
    told = Picture.model_validate_json(picture)
    try:
        wide, narrow = (to_svg(told, locale, "page", width=w) for w in (WIDTH, PHONE_WIDTH))
    except InvalidInput:
        return None
    return Markup(wide), Markup(narrow)


@cache
def environment(*packages: str) -> Environment:
    """Templates of a report, and before them those of packages that build on them."""
    loaders = [PackageLoader(one) for one in (*packages, "regisseur.office.reports")]
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.globals["chart_colours"] = {
        "light": Markup(variables("light")),
        "dark": Markup(variables("dark")),
    }
    return environment
