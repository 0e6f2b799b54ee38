"""How the set-up's pages are made: the house's look, without an office behind it."""

from __future__ import annotations

from functools import cache
from typing import Any

from babel import Locale, negotiate_locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from regisseur.office.reports.reader import clean
from regisseur.office.setup import words
from regisseur.office.web import static
from regisseur.tools.records import Value
from regisseur.tools.texts import shown

LANGUAGES = ("fr", "en")
USUAL = "fr_FR"


def locale_of(request: Request) -> str:
    """The browser's language where we speak it, else French."""
    wanted = [
        one.partition(";")[0].strip().replace("-", "_")
        for one in request.headers.get("accept-language", "").split(",")
    ]
    found = negotiate_locale(wanted, [*LANGUAGES, "fr_FR", "en_GB", "en_US"])
    return found if found and "_" in found else {"en": "en_GB"}.get(found or "", USUAL)


def page(locale: str, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page in a language."""

    def v(value: Value | None) -> str:
        return "–" if value is None else shown(value, locale)

    culture = Locale.parse(locale)
    known = {"v": v, "words": words, "language": culture.language, **values}
    text = _environment().get_template(template).render(known)
    return HTMLResponse(text, status_code=status)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("regisseur.office.setup"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.globals["static"] = static.address
    return environment
