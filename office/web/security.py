"""Who gets through a door, and what every answer says to the browser.

In this order: the pace; who signed in; for what is posted, that it comes from our own page (its
origin, and the session's token in the form); the company of the path, which isn't there for whoever
is no member of it; the right.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers as Sent
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regisseur.errors import NotAllowed, NotFound, RegisseurError
from regisseur.office import people
from regisseur.office.web import cookies, failing, notices
from regisseur.office.web.visits import Admitted, Endpoint, Visit
from regisseur.tools.records import Company

log = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content security: nothing but our own files, and no script or style written into a page."""
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
TRANSPORT = "max-age=31536000; includeSubDomains"
READING = ("GET", "HEAD")
MOST_FIELDS = 5000


class Headers:
    """Puts the headers on every answer; one that an answer has already is left to it."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"strict-transport-security": TRANSPORT} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the headers with its answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=_raw(message))
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


def _raw(message: Message) -> MutableMapping[str, Any]:
    message.setdefault("headers", [])
    return message


class Largest:
    """Refuses requests that are larger than a page of ours would ever send."""

    def __init__(self, app: ASGIApp, *, size: int) -> None:
        self._app, self._size = app, size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what comes."""
        came = 0
        if scope["type"] == "http" and _announced(scope) > self._size:
            await PlainTextResponse("too large", status_code=413)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._size:
                raise failing.TooLarge(f"a request may have {self._size} bytes at most")
            return message

        await self._app(scope, counted, send)


def _announced(scope: Scope) -> int:
    length = Sent(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def guarded(inside: Endpoint, admitted: Admitted) -> Callable[[Request], Awaitable[Response]]:
    """The page behind a door, for those whom it admits; every failure becomes a page too."""

    async def enter(request: Request) -> Response:
        visit = _unknown(request)
        try:
            visit = await _recognised(request)
            refused = await _refused(visit, admitted)
            if refused is not None:
                return refused
            visit = await _arrived(visit, admitted)
            answer = await inside(visit)
        except Exception as error:
            if not isinstance(error, RegisseurError):
                log.exception("%s %s failed", request.method, request.url.path)
            return failing.answer(visit, error)
        if visit.notice is not None and answer.status_code == 200:
            answer.delete_cookie(notices.COOKIE)
        return answer

    return enter


def _unknown(request: Request) -> Visit:
    """A visit of nobody, for a page that tells that something failed."""
    return Visit(request, request.app.state.office, None, None, token="")


async def _recognised(request: Request) -> Visit:
    """The visit with whoever signed in."""
    office, secret = request.app.state.office, cookies.session_of(request)
    person = None if secret is None else await office.do(people.signed_in, secret)
    address = request.client.host if request.client else ""
    request.app.state.pace.count(person.person.id if person else f"at {address}")
    name = secret if person else cookies.visitor_of(request)
    token = cookies.form_token(name) if name else ""
    notice = notices.handed_over(request.cookies.get(notices.COOKIE, ""), token)
    return Visit(request, office, person, None, token, notice=notice)


async def _refused(visit: Visit, admitted: Admitted) -> Response | None:
    """What whoever has to sign in first is answered."""
    if admitted == "anyone" or visit.person is not None:
        return None
    request = visit.request
    if visit.wants_a_piece:
        return Response(status_code=401)
    wanted = f"{request.url.path}?{request.url.query}".rstrip("?")
    here = f"?next={quote(wanted)}" if request.method in READING and wanted != "/" else ""
    return RedirectResponse(f"/sign-in{here}", status_code=303)


async def _arrived(visit: Visit, admitted: Admitted) -> Visit:
    """The visit with its company and what was posted; raises NotFound, NotAllowed."""
    request = visit.request
    company = _company(visit)
    arrived = Visit(request, visit.office, visit.person, company, visit.token, notice=visit.notice)
    if request.method not in READING:
        arrived = await _from_our_page(arrived)
    if admitted != "anyone" and admitted != "person":
        arrived.someone.require(arrived.here.id, admitted)
    return arrived


def _company(visit: Visit) -> Company | None:
    name = visit.request.path_params.get("company")
    if name is None or visit.person is None:
        return None
    desk = visit.office.opened.core.house.desks.get(name)
    if desk is None or name not in visit.person.rights:
        raise NotFound(f"there is no company {name!r}")
    return desk.company


async def _from_our_page(visit: Visit) -> Visit:
    """With what was posted, if our own page posted it; raises NotAllowed."""
    request = visit.request
    if not _same_origin(request):
        raise NotAllowed("this was sent from a page that isn't ours")
    form = await request.form(max_files=10, max_fields=MOST_FIELDS)
    sent = form.get("token")
    known = visit.token and isinstance(sent, str)
    if not known or not hmac.compare_digest(str(sent).encode(), visit.token.encode()):
        raise NotAllowed("this page is too old: open it again, then repeat what you did")
    return Visit(
        request, visit.office, visit.person, visit.company, visit.token, form, visit.notice
    )


def _same_origin(request: Request) -> bool:
    """Does the browser say that it comes from our own page? A browser that says nothing doesn't."""
    host = request.headers.get("host", "")
    ours = {f"{request.url.scheme}://{host}", request.app.state.server.address}
    origin = request.headers.get("origin")
    if origin is not None:
        return origin in ours
    referer = urlsplit(request.headers.get("referer", ""))
    return f"{referer.scheme}://{referer.netloc}" in ours
