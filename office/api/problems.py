"""What goes wrong, as programs read it: one model, and one table of statuses by class of error.

What an error of ours says is meant for whoever asked and is handed on. Of any other error nothing is
told but that it happened; the log has it.
"""

from __future__ import annotations

import logging
from decimal import DecimalException
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from regisseur import errors
from regisseur.office.hooks import WrongToken
from regisseur.office.web.failing import TooLarge
from regisseur.storage.errors import StorageError

log = logging.getLogger(__name__)


class NotSignedIn(errors.RegisseurError):
    """Nobody signed in: send a bearer token, or the cookie of a session."""


class TooMany(errors.RetryLater):
    """More requests than one person may send; wait for ``after`` seconds."""


class Problem(BaseModel):
    """Why it was not done."""

    type: str = Field(examples=["ChangedSince"])
    """Class of the error; ``docs/API.md`` lists them."""
    message: str = Field(
        examples=["4f2a… has changed since you saw it and is now at revision 3; look at it again"]
    )
    """What happened and what to do, for people."""
    field: str | None = Field(default=None, examples=[None, "arguments.lines.0.quantity"])
    """The part of what was sent that is wrong, where one is."""


STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotSignedIn, 401),
    (WrongToken, 401),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.NotDecidable, 409),
    (TooLarge, 413),
    (errors.InvalidInput, 422),
    (TooMany, 429),
    (errors.Unsupported, 501),
    (errors.VendorRefused, 502),
    (errors.RetryLater, 503),
    (errors.OfficeClosed, 503),
    (StorageError, 503),
    (errors.Misconfigured, 500),
    (errors.RegisseurError, 409),
)
"""The first that fits."""

EXPLAINED = {
    400: "What was sent can't be read",
    401: "Nobody signed in, or the token has ended",
    403: "Whoever asks may not do this; the message says who may",
    404: "There is no such thing, or it isn't yours to see",
    409: "It stands otherwise than you think: decided, changed, or a person has to look",
    413: "That is too large",
    422: "What was sent is not acceptable; `field` names the part",
    429: "Too many requests: wait as `Retry-After` says",
    500: "A fault of our own, or of the settings",
    501: "The company's ERP can't do this",
    502: "The ERP said no",
    503: "Not now: nothing was changed, try again later",
}
ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": said} for status, said in EXPLAINED.items()
}
"""What any route may answer, for OpenAPI."""


def status_of(error: Exception) -> int:
    """The HTTP status that stands for a class of errors."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def problem_of(error: Exception) -> Problem:
    """An error of ours as programs read it."""
    field = getattr(error, "field", None)
    message = str(error)
    if field is not None:
        message = message.removeprefix(f"{field}: ")
    return Problem(type=type(error).__name__, message=message, field=field)


def told_by(app: FastAPI) -> None:
    """Have every failure of an app answered with a ``Problem``."""
    app.add_exception_handler(errors.RegisseurError, _ours)
    app.add_exception_handler(RequestValidationError, _not_acceptable)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(DecimalException, _too_big)
    app.add_exception_handler(Exception, _fault)


def _answer(problem: Problem, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(problem.model_dump(), status_code=status, headers=headers)


async def _ours(_: Request, error: Exception) -> JSONResponse:
    headers: dict[str, str] = {}
    status = status_of(error)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    after = getattr(error, "after", None)
    if after:
        headers["retry-after"] = str(max(1, round(after)))
    return _answer(problem_of(error), status, headers)


async def _not_acceptable(_: Request, error: Exception) -> JSONResponse:
    """The first thing that is wrong, without the value: it may be a secret."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    first = found[0] if found else {"loc": (), "msg": "can't be read"}
    place = [str(part) for part in first["loc"]]
    inside = place[1:] if place[:1] in (["body"], ["query"], ["path"]) else place
    said = str(first["msg"]).removeprefix("Value error, ")
    problem = Problem(type="InvalidInput", message=said, field=".".join(inside) or None)
    return _answer(problem, 422)


async def _of_http(_: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses: an unknown address, a method, a body that can't be read."""
    if isinstance(error.__cause__, errors.RegisseurError):
        return await _ours(_, error.__cause__)
    status = getattr(error, "status_code", 400)
    headers = getattr(error, "headers", None)
    named = {404: "NotFound", 405: "MethodNotAllowed"}.get(status, HTTPStatus(status).name.title())
    said = str(getattr(error, "detail", "")) or HTTPStatus(status).phrase
    return _answer(Problem(type=named.replace("_", ""), message=said), status, headers)


async def _too_big(_: Request, __: Exception) -> JSONResponse:
    said = "a number in it is too large, or too exact, to work with"
    return _answer(Problem(type="InvalidInput", message=said), 422)


async def _fault(request: Request, error: Exception) -> JSONResponse:
    log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
    said = "something went wrong here; it was written down for whoever looks after this system"
    return _answer(Problem(type="InternalError", message=said), 500)
