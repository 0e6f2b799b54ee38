"""What a visitor is told when something fails: the status, and words of ours in their language.

What an error of ours says is meant for people and is shown; of any other error nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from regisseur import errors
from regisseur.office.web.pace import TooOften
from regisseur.office.web.rendering import page
from regisseur.office.web.visits import Visit
from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.web")


class TooLarge(errors.RegisseurError):
    """More was sent than is taken."""


@dataclass(frozen=True)
class Failure:
    """A class of errors as visitors meet it."""

    status: int
    heading: Message
    advice: Message


BROKEN = Failure(
    500,
    say("Something went wrong here"),
    say("It was written down for whoever looks after this system. Nothing more is known."),
)
FAILURES: tuple[tuple[type[errors.RegisseurError], Failure], ...] = (
    (
        errors.NotFound,
        Failure(
            404,
            say("There is nothing here"),
            say("It may have been moved, or it isn't yours to see."),
        ),
    ),
    (
        errors.NotAllowed,
        Failure(
            403,
            say("You may not do this"),
            say("Ask an administrator of the company if you should."),
        ),
    ),
    (
        errors.AlreadyDecided,
        Failure(
            409,
            say("Somebody was faster"),
            say("It is decided; nothing of yours was carried out."),
        ),
    ),
    (
        errors.ChangedSince,
        Failure(
            409,
            say("It has changed since you saw it"),
            say("Nothing was decided. Look at it as it is now, then decide again."),
        ),
    ),
    (
        errors.NotDecidable,
        Failure(
            409,
            say("This can't be decided now"),
            say("Look at where it stands; nothing was changed."),
        ),
    ),
    (
        errors.InvalidInput,
        Failure(
            422,
            say("Something that you wrote can't be used"),
            say("Go back, correct it and send it again; nothing was changed."),
        ),
    ),
    (
        TooLarge,
        Failure(
            413,
            say("That is too much at once"),
            say("Send less of it; nothing was changed."),
        ),
    ),
    (
        TooOften,
        Failure(
            429,
            say("Slower, please"),
            say("That were too many requests. Wait a minute, then go on."),
        ),
    ),
    (
        errors.RetryLater,
        Failure(
            503,
            say("Not now"),
            say("Nothing was changed. Wait a little, then try again."),
        ),
    ),
    (
        errors.OfficeClosed,
        Failure(
            503,
            say("Just closing"),
            say("The office is being restarted. Wait a little, then try again."),
        ),
    ),
    (
        errors.RegisseurError,
        Failure(
            409,
            say("It could not be done"),
            say("Nothing more was done. What follows says what to do."),
        ),
    ),
)


def failure_of(error: Exception) -> Failure:
    """The first that fits."""
    return next((known for kind, known in FAILURES if isinstance(error, kind)), BROKEN)


def answer(visit: Visit, error: Exception) -> Response:
    """A page, or a piece of one, that tells it."""
    known = failure_of(error)
    said = str(error) if isinstance(error, errors.RegisseurError) and known.status != 404 else None
    template = "failure_piece.html.j2" if visit.wants_a_piece else "failure.html.j2"
    told = page(visit, template, status=known.status, failure=known, said=said)
    if isinstance(error, errors.RetryLater) and error.after:
        told.headers["retry-after"] = str(max(1, round(error.after)))
    return told
