"""Signing in and out, and the start: where whoever comes without an address is sent."""

from __future__ import annotations

from math import ceil

from starlette.responses import RedirectResponse, Response

from regisseur.errors import NotAllowed, NotFound, RetryLater
from regisseur.office import people
from regisseur.office.web import cookies, labels
from regisseur.office.web.addresses import ours
from regisseur.office.web.pages import Visit, acts, page, shows
from regisseur.office.web.provider import Begun, Provider
from regisseur.tools.records import Message

LONGEST_PASSWORD = 1000
"""Characters that are looked at: working out the hash of more would cost us, not them."""


async def start(visit: Visit) -> Response:
    """The inbox of the only company, or the choice among several."""
    if visit.person is None:
        return RedirectResponse("/sign-in", status_code=303)
    own = [one for one in visit.person.rights if one in visit.office.opened.core.house.desks]
    if len(own) == 1:
        return visit.to(f"/{own[0]}/inbox")
    desks = visit.office.opened.core.house.desks
    return page(visit, "companies.html.j2", companies=[desks[one].company for one in own])


async def ask(visit: Visit) -> Response:
    """The form; whoever is signed in already goes on."""
    wanted = ours(visit.request.query_params.get("next", ""))
    if visit.person is not None:
        return visit.to(wanted)
    return _form(visit, wanted)


def _form(
    visit: Visit, wanted: str, *, login: str = "", wrong: Message | None = None, status: int = 200
) -> Response:
    name = cookies.visitor_of(visit.request) or cookies.name_visitor()
    answer = page(
        visit,
        "sign_in.html.j2",
        status=status,
        token=cookies.form_token(name),
        wanted=wanted,
        login=login,
        wrong=wrong,
        provider=bool(visit.office.opened.core.house.settings.signing.oidc.issuer),
    )
    cookies.remember_visitor(answer, visit.request, name)
    return answer


async def sign_in(visit: Visit) -> Response:
    """Open a session; what is wrong is said in the same words whatever it is."""
    wanted = ours(str(visit.form.get("next", "")))
    login = str(visit.form.get("login", ""))[:200]
    password = str(visit.form.get("password", ""))[:LONGEST_PASSWORD]
    client = visit.request.client
    try:
        secret = await visit.do(
            people.sign_in, login, password, address=client.host if client else ""
        )
    except RetryLater as error:
        wrong = labels.wait_a_while(max(1, ceil((error.after or 60) / 60)))
        answer = _form(visit, wanted, login=login, wrong=wrong, status=429)
        answer.headers["retry-after"] = str(ceil(error.after or 60))
        return answer
    except NotAllowed:
        return _form(visit, wanted, login=login, wrong=labels.REFUSED, status=403)
    return _opened(visit, wanted, secret)


def _opened(visit: Visit, wanted: str, secret: str) -> Response:
    answer = visit.to(wanted)
    hours = visit.office.opened.core.house.settings.signing.hours
    cookies.open_session(answer, visit.request, secret, seconds=round(hours * 3600))
    return answer


async def leave_for_provider(visit: Visit) -> Response:
    """Send the browser to the OpenID provider of the settings."""
    begun = Begun.new(ours(visit.request.query_params.get("next", "")))
    answer = RedirectResponse(await _provider(visit).address(begun), status_code=303)
    cookies.begin(answer, visit.request, str(begun))
    return answer


async def back_from_provider(visit: Visit) -> Response:
    """Open a session for whom the provider says it is, if somebody here is known by that."""
    asked = visit.request.query_params
    begun = Begun.parse(cookies.begun_of(visit.request))
    provider = _provider(visit)
    known = await provider.known(begun, asked.get("state", ""), asked.get("code", ""))
    try:
        secret = await visit.do(people.sign_in_oidc, known.issuer, known.subject, email=known.email)
    except NotAllowed:
        return _form(visit, begun.wanted, wrong=labels.NOT_KNOWN_HERE, status=403)
    answer = _opened(visit, ours(begun.wanted), secret)
    cookies.forget_begun(answer, visit.request)
    return answer


def _provider(visit: Visit) -> Provider:
    settings = visit.office.opened.core.house.settings.signing.oidc
    if not settings.issuer:
        raise NotFound("no provider is set up in [signing.oidc]")
    return Provider(settings, f"{visit.request.app.state.server.address}/sign-in/provider/back")


async def sign_out(visit: Visit) -> Response:
    """End the session, here and in the database."""
    secret = cookies.session_of(visit.request)
    if secret is not None:
        await visit.do(people.sign_out, secret)
    answer = visit.to("/sign-in")
    cookies.close_session(answer, visit.request)
    return answer


ROUTES = [
    shows("/", start, right="anyone"),
    shows("/sign-in", ask, right="anyone"),
    acts("/sign-in", sign_in, right="anyone"),
    shows("/sign-in/provider", leave_for_provider, right="anyone"),
    shows("/sign-in/provider/back", back_from_provider, right="anyone"),
    acts("/sign-out", sign_out, right="person"),
]
