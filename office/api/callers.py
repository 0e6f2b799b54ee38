"""Who calls, and what they may do here: declared once, beside each route.

``async def inbox(caller: See)`` lets in whoever has the right ``see`` in the company of the path.
Whoever is no member of it is told that there is no such company.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar, cast

from fastapi import Depends, Path, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from regisseur.errors import InvalidInput, NotAllowed, RetryLater
from regisseur.graphs.authority import Right
from regisseur.office import people
from regisseur.office.api.problems import NotSignedIn, TooMany
from regisseur.office.core import Core
from regisseur.office.faces import AsyncOffice
from regisseur.office.people import SignedIn
from regisseur.office.web import cookies
from regisseur.storage.ledger import Who

P = ParamSpec("P")
T = TypeVar("T")

READING = ("GET", "HEAD")
FORM_TOKEN = "x-csrf-token"
"""With a session's cookie, whatever changes something carries the session's form token here."""

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of `regisseur token make`; it may do what its scopes and its person may.",
)
_cookie = APIKeyCookie(
    name=cookies.SESSION,
    auto_error=False,
    scheme_name="session",
    description=f"The pages' session; with `{FORM_TOKEN}` for whatever changes something.",
)


@dataclass(frozen=True)
class Caller:
    """One request of somebody who signed in."""

    office: AsyncOffice
    signed_in: SignedIn
    company: str = ""
    """That of the path; empty where it names none."""

    @property
    def who(self) -> Who:
        """As author of what is done; never from what was sent."""
        return self.signed_in.who

    async def do(
        self,
        operation: Callable[Concatenate[Core, P], Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """An operation of the office."""
        return await self.office.do(operation, *args, **kwargs)


async def _somebody(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> Caller:
    """Whoever signed in, with a token or with a browser; raises NotSignedIn, TooMany."""
    office: AsyncOffice = request.app.state.office
    secret = cookies.session_of(request) if bearer is None else None
    person: SignedIn | None = None
    if bearer is not None:
        person = await office.do(people.by_token, bearer.credentials)
    elif secret is not None:
        person = await office.do(people.signed_in, secret)
    _pace(request, person)
    if person is None:
        raise NotSignedIn("send Authorization: Bearer with a token that is still good")
    if secret is not None and request.method not in READING:
        _from_our_page(request, secret)
    _nothing_unknown(request)
    return Caller(office, person)


Somebody = Annotated[Caller, Security(_somebody)]
"""Whoever signed in, whatever they may do."""


async def _anyone(request: Request) -> AsyncOffice:
    """The office, for whoever brings what lets them in; raises TooMany."""
    _pace(request, None)
    office: AsyncOffice = request.app.state.office
    return office


Anyone = Annotated[AsyncOffice, Depends(_anyone)]
"""Whoever comes, no more often than others."""


async def _in_company(
    wanted: SecurityScopes,
    somebody: Somebody,
    company: Annotated[
        str,
        Path(
            description="The company's id, as in the settings",
            pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
            examples=["atelier"],
        ),
    ],
) -> Caller:
    """The same in the company of the path; raises NotFound, NotAllowed."""
    for right in wanted.scopes:
        somebody.signed_in.require(company, cast(Right, right))
    return Caller(somebody.office, somebody.signed_in, company)


See = Annotated[Caller, Security(_in_company, scopes=["see"])]
Run = Annotated[Caller, Security(_in_company, scopes=["run"])]
Tell = Annotated[Caller, Security(_in_company, scopes=["tell"])]
Decide = Annotated[Caller, Security(_in_company, scopes=["decide"])]
Manage = Annotated[Caller, Security(_in_company, scopes=["manage"])]


def _pace(request: Request, person: SignedIn | None) -> None:
    address = request.client.host if request.client else ""
    try:
        request.app.state.pace.count(person.person.id if person else f"at {address}")
    except RetryLater as error:
        raise TooMany(str(error), after=error.after) from error


def _from_our_page(request: Request, secret: str) -> None:
    sent = request.headers.get(FORM_TOKEN, "")
    if not hmac.compare_digest(sent.encode(), cookies.form_token(secret).encode()):
        raise NotAllowed(f"with a session's cookie, send its form token as {FORM_TOKEN}")


def _nothing_unknown(request: Request) -> None:
    """A misspelt filter would else be taken for none at all."""
    route: APIRoute = request.scope["route"]
    described = request.app.openapi()["paths"][route.path_format][request.method.lower()]
    known = {one["name"] for one in described.get("parameters", ()) if one["in"] == "query"}
    for name in request.query_params:
        if name not in known:
            raise InvalidInput("there is no such parameter", field=name)
