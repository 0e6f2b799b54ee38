"""Errors by whom they are addressed to.

Every error of ours says who can mend it: the one who configured the product, time, a person, or
nobody because the vendor said no. Callers branch on the class, people read the message.
"""

from datetime import datetime


class RegisseurError(Exception):
    """Parent of all errors raised on purpose; its message says what to do."""


class Misconfigured(RegisseurError):
    """A setting, an address or a credential is wrong: correct it, then try again."""


class RetryLater(RegisseurError):
    """The other side is away, slow or busy, and nothing was changed: the same call may succeed later.

    ``after`` is the number of seconds the other side asked us to wait, if it did.
    """

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class NeedsPerson(RegisseurError):
    """A person has to look: the facts contradict each other or the data can't be trusted."""


class OutcomeUnknown(NeedsPerson):
    """A write was sent and no answer came: it may or may not have been carried out."""


class VendorRefused(RegisseurError):
    """The ERP understood and said no; repeating the same call will not help."""


class Unsupported(RegisseurError):
    """This ERP can't say or do this; see the adapter's page for what it offers."""


class InvalidInput(RegisseurError):
    """What was handed in is not acceptable; ``field`` names the part that is wrong."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message if field is None else f"{field}: {message}")
        self.field = field


class NotFound(RegisseurError):
    """No such record; the message says where to look."""


class OfficeClosed(RegisseurError):
    """The office was closed before this was asked of it."""


class NotDecidable(RegisseurError):
    """The action is in a state in which this can't be decided."""


class NotAllowed(RegisseurError):
    """Whoever asked may not do this; the message says who may, or whom to ask."""


class AlreadyDecided(NotDecidable):
    """Somebody was faster; says who, when and what."""

    def __init__(self, action_id: str, status: str, *, by: str, at: datetime, verdict: str) -> None:
        super().__init__(
            f"{action_id} was already decided by {by} at {at:%Y-%m-%d %H:%M:%S} UTC "
            f"({verdict}); it is now {status}"
        )
        self.by, self.at, self.verdict, self.status = by, at, verdict, status


class ChangedSince(NotDecidable):
    """What was decided on is not what stands now: look at the new revision and decide again."""

    def __init__(self, action_id: str, revision: int, *, was: object, now: object) -> None:
        super().__init__(
            f"{action_id} has changed since you saw it and is now at revision {revision}; "
            f"look at it again before deciding"
        )
        self.action_id, self.revision, self.was, self.now = action_id, revision, was, now
