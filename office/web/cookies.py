"""The cookies: who signed in, and which visitor a sign-in form belongs to."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

SESSION, VISITOR, PROVIDER = "regisseur", "regisseur-visitor", "regisseur-provider"
AT_PROVIDER = 600
"""Seconds that somebody may take to sign in with a provider."""


def session_of(request: Request) -> str | None:
    """The session's secret that the browser sent."""
    return request.cookies.get(_named(SESSION, request))


def visitor_of(request: Request) -> str:
    """The random name of a browser that nobody signed in with; empty where it has none yet."""
    return request.cookies.get(_named(VISITOR, request), "")


def begun_of(request: Request) -> str:
    """What was begun with a provider; empty where nothing was."""
    return unquote(request.cookies.get(_named(PROVIDER, request), ""))


def begin(answer: Response, request: Request, begun: str) -> None:
    """Let the browser carry what was begun with a provider."""
    _set(answer, request, PROVIDER, quote(begun), AT_PROVIDER)


def forget_begun(answer: Response, request: Request) -> None:
    """It has come to its end."""
    _delete(answer, request, PROVIDER)


def form_token(secret: str) -> str:
    """What the forms of one session (or visitor) carry; it can't be had from another page."""
    return hmac.new(secret.encode(), b"regisseur form", hashlib.sha256).hexdigest()


def name_visitor() -> str:
    """A new one."""
    return secrets.token_urlsafe(24)


def remember_visitor(answer: Response, request: Request, name: str) -> None:
    """Give the browser its name, for as long as it is open."""
    _set(answer, request, VISITOR, name, None)


def open_session(answer: Response, request: Request, secret: str, *, seconds: int) -> None:
    """Let the browser carry the session; the visitor's name, which was seen before, is dropped."""
    _set(answer, request, SESSION, secret, seconds)
    _delete(answer, request, VISITOR)


def close_session(answer: Response, request: Request) -> None:
    """Have the browser forget it."""
    _delete(answer, request, SESSION)


def _named(name: str, request: Request) -> str:
    """With the prefix that keeps any other host from setting it, where browsers know that."""
    return f"__Host-{name}" if _secure(request) else name


def _secure(request: Request) -> bool:
    return bool(request.app.state.server.secure)


def _set(answer: Response, request: Request, name: str, value: str, seconds: int | None) -> None:
    answer.set_cookie(
        _named(name, request),
        value,
        max_age=seconds,
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )


def _delete(answer: Response, request: Request, name: str) -> None:
    answer.delete_cookie(
        _named(name, request), secure=_secure(request), httponly=True, samesite="lax"
    )
