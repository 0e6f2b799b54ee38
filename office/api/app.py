"""The application: every route that was found, described for those who write programs for it."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from regisseur.office.api import problems, routes
from regisseur.office.faces import AsyncOffice
from regisseur.office.web.pace import Pace

ABOUT = """\
The operations of Régisseur's Python API over HTTP. Sign in with a token
(`Authorization: Bearer …`, made by `regisseur token make`); it may do what both its scopes and its
person may. A company that isn't yours isn't there: 404.

Amounts are decimals written as text, days are `YYYY-MM-DD`, moments have a time zone. What is sent
and not known is refused. Whatever fails is told as `{type, message, field}`; the message says what to
do. Every decision is bound to the revision and hash of what was seen, and carries the person who
signed in.
"""
TAGS = {
    "house": "Who one is, which companies, agents and kinds of action there are.",
    "inbox": "What waits for people, most urgent first, and their decisions on it.",
    "missions": "One run of an agent for a company and a night. LangGraph clients answer here.",
    "reports": "What the nights told, the morning packs, and what would be, if …",
    "telling": "What people tell agents: promises, disputes, pauses, bank statements.",
    "policy": "In which mode what runs, proposals to change that, and what agents have earned.",
    "keeping": "The doctor, the brake, the sweeper, the audit trail, who works here.",
    "hooks": "Other programs are told what happens, and may answer for a person.",
}


class Health(BaseModel):
    """It is up."""

    status: str = "ok"


async def health() -> Health:
    """For whoever watches over the process; tells nothing else."""
    return Health()


def make_api(office: AsyncOffice) -> FastAPI:
    """The API of an open office, to be mounted under ``/api/v1``."""
    app = FastAPI(
        title="Régisseur",
        version=version("regisseur"),
        description=ABOUT,
        openapi_tags=[{"name": name, "description": said} for name, said in TAGS.items()],
        servers=[{"url": "/api/v1"}],
        root_path_in_servers=False,
        docs_url=None,
        redoc_url=None,
        responses=problems.ANSWERS,
        generate_unique_id_function=_named,
    )
    server = office.opened.core.house.settings.server
    app.state.office, app.state.server = office, server
    app.state.pace = Pace(server.requests_per_minute)
    problems.told_by(app)
    app.add_api_route("/health", health, tags=["house"], summary="Is it up?")
    for found in sorted(pkgutil.iter_modules(routes.__path__), key=lambda one: one.name):
        app.include_router(import_module(f"{routes.__name__}.{found.name}").ROUTER)
    return app


def _named(route: APIRoute) -> str:
    """The operation's name in generated clients."""
    return route.name
