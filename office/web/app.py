"""The application: every page that was found, the API beside them, and what guards them all."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from regisseur.errors import Misconfigured, NotFound
from regisseur.office.faces import AsyncOffice
from regisseur.office.web import failing, routes
from regisseur.office.web.pace import Pace
from regisseur.office.web.pages import Door, Entry
from regisseur.office.web.security import Headers, Largest
from regisseur.office.web.settings import ServerSettings
from regisseur.office.web.visits import Visit

API = "/api/v1"


def make_app(office: AsyncOffice, settings: ServerSettings | None = None) -> Starlette:
    """The pages and the API of an open office, as an ASGI application.

    Raises Misconfigured where a company's id is a page's name.
    """
    server = settings or office.opened.core.house.settings.server
    modules = _modules()
    doors = found_doors(modules)
    _no_company_is_called_like_a_page(office, doors)
    app = Starlette(
        routes=[*doors, *_api(office)],
        middleware=[
            Middleware(Headers, secure=server.secure),
            Middleware(TrustedHostMiddleware, allowed_hosts=server.names, www_redirect=False),
            Middleware(Largest, size=server.largest_request),
        ],
        exception_handlers={404: _no_page, 405: _no_page},
    )
    app.state.office, app.state.server = office, server
    app.state.pace = Pace(server.requests_per_minute)
    app.state.navigation = found_navigation(modules)
    return app


def _modules() -> list[ModuleType]:
    names = sorted(one.name for one in pkgutil.iter_modules(routes.__path__))
    return [import_module(f"{routes.__name__}.{name}") for name in names]


def found_doors(modules: Sequence[ModuleType]) -> list[Door]:
    """Every page, those of no company first: their paths' beginnings are no company's."""
    doors = [one for module in modules for one in getattr(module, "ROUTES", ())]
    for one in doors:
        if not isinstance(one, Door):
            raise TypeError(f"{one!r} doesn't say whom it lets in: make it with shows() or acts()")
    return sorted(doors, key=lambda one: one.path.startswith("/{company}"))


def found_navigation(modules: Sequence[ModuleType]) -> list[Entry]:
    """What the modules want in the navigation, in order."""
    entries = [cast(Entry, one) for module in modules for one in getattr(module, "NAVIGATION", ())]
    return sorted(entries, key=lambda one: one.order)


def _no_company_is_called_like_a_page(office: AsyncOffice, doors: Sequence[Door]) -> None:
    taken = {one.path.split("/")[1] for one in doors} | {API.split("/")[1]}
    for company in office.opened.core.house.desks:
        if company in taken:
            raise Misconfigured(f"company {company}: a page has this name; choose another id")


def _api(office: AsyncOffice) -> list[BaseRoute]:
    from regisseur.office.api.app import make_api

    return [Mount(API, make_api(office))]


async def _no_page(request: Request, error: Exception) -> Response:
    """For addresses that no door has; said in the same words as of what isn't the visitor's."""
    nobody = Visit(request, request.app.state.office, None, None, token="")
    return failing.answer(nobody, NotFound("no such page"))
