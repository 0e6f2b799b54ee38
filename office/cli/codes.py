"""Errors for scripts: exit codes (told in `docs/COMMANDS.md`) and JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from regisseur import errors
from regisseur.storage import errors as storage

FINE = 0
UNEXPECTED = 1
USAGE = 2
MISCONFIGURED = 3
RETRY_LATER = 4
NEEDS_PERSON = 5
REFUSED = 6
INTERRUPTED = 130
BROKEN_PIPE = 141

_BY_ADDRESSEE: tuple[tuple[type[Exception], int], ...] = (
    (errors.InvalidInput, USAGE),
    (errors.NotFound, USAGE),
    (errors.Misconfigured, MISCONFIGURED),
    (errors.Unsupported, MISCONFIGURED),
    (storage.DatabaseMisconfigured, MISCONFIGURED),
    (errors.RetryLater, RETRY_LATER),
    (storage.DatabaseUnavailable, RETRY_LATER),
    (errors.NeedsPerson, NEEDS_PERSON),
    (storage.DatabaseNeedsPerson, NEEDS_PERSON),
    (errors.VendorRefused, REFUSED),
    (errors.NotDecidable, REFUSED),
    (errors.NotAllowed, REFUSED),
)
_BY_SEVERITY = (FINE, USAGE, RETRY_LATER, MISCONFIGURED, REFUSED, NEEDS_PERSON, UNEXPECTED)
_OF_OUTCOME = {"failed": REFUSED, "unknown": NEEDS_PERSON, "queued": RETRY_LATER}


def of_error(error: type[BaseException]) -> int:
    """The code of a class of errors."""
    return next((code for one, code in _BY_ADDRESSEE if issubclass(error, one)), UNEXPECTED)


def of_cause(cause: str) -> int:
    """The code of an error known by the name of its class only."""
    known = getattr(errors, cause, None) or getattr(storage, cause, None)
    return of_error(known) if isinstance(known, type) else UNEXPECTED


def of_mission(status: str, error: str | None) -> int:
    """The code of a mission as it stands."""
    if status == "running":
        return RETRY_LATER
    return of_cause((error or "").partition(":")[0]) if status == "failed" else FINE


def of_outcome(status: str, *, came_back: bool) -> int:
    """The code of a decision's outcome; ``came_back``: approved, but the facts had changed."""
    return NEEDS_PERSON if came_back else _OF_OUTCOME.get(status, FINE)


def worst(codes: Iterable[int]) -> int:
    """The one that matters most; fine where there is none."""
    return max(codes, key=_BY_SEVERITY.index, default=FINE)


def described(error: Exception) -> dict[str, Any]:
    """An error for machines: its class, its exit code, its message, and what its class adds."""
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "code": of_error(type(error)),
        "message": str(error),
    }
    match error:
        case errors.InvalidInput():
            told["field"] = error.field
        case errors.RetryLater():
            told["after"] = error.after
        case errors.AlreadyDecided():
            told |= {"by": error.by, "at": error.at.isoformat(), "verdict": error.verdict}
            told["status"] = error.status
        case errors.ChangedSince():
            told |= {"revision": error.revision, "was": error.was, "now": error.now}
    return told
