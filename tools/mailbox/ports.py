"""What agents may ask of a mailbox, in our own words.

Nothing is ever deleted, moved or marked as read there; the only thing that may be added is a copy
of what was sent, in a folder that the company names.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

from regisseur.tools.mailbox.records import LetterboxProbe, Mark, OwnMail, Reading


@runtime_checkable
class Letterbox(Protocol):
    """The folders of one account to which answers and reports of failure come."""

    vendor: str
    """Short name of the adapter, for example ``imap``."""
    identity: str
    """Names the account in locks and audit (vendor, server, user); holds no secret."""

    async def probe(self) -> LetterboxProbe:
        """Sign in and look at the folders; raises ``Misconfigured`` or ``RetryLater``."""
        ...

    async def read(
        self, ours: Sequence[OwnMail], marks: Mapping[str, Mark], since: date
    ) -> Reading:
        """What came about our mails after these marks; from a day on where there is no mark.

        Raises ``Misconfigured`` or ``RetryLater``.
        """
        ...

    async def keep_sent(self, identifier: str, content: bytes) -> None:
        """Put a copy of a mail into the folder for sent ones, unless it lies there already; does
        nothing where no such folder is set. Raises ``Misconfigured`` or ``RetryLater``.
        """
        ...

    async def close(self) -> None:
        """Release what is held open."""
        ...
