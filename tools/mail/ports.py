"""What agents may ask of a mail account, in our own words.

There is no way to ask an SMTP server whether it took a mail. What can be known is what was kept
here, around the one moment that matters: the end of the message. So a mailer keeps a note before
it and another one after the server's answer, and ``find_sent`` has three answers: it was sent, it
was not, or nobody here can know.
"""

from typing import Protocol, runtime_checkable

from regisseur.tools.mail.records import MailProbe, OutgoingMail, Sent


@runtime_checkable
class Mailer(Protocol):
    """One account that mails are sent from."""

    vendor: str
    """Short name of the adapter, for example ``smtp``."""
    identity: str
    """Names the account in locks and audit (vendor, server, user); holds no secret."""

    async def probe(self) -> MailProbe:
        """Sign in without sending; raises ``Misconfigured`` or ``RetryLater``."""
        ...

    async def find_sent(self, message_id: str) -> Sent | None:
        """What was sent under this ``Message-ID``; ``None`` means that nothing was, for sure.

        Raises ``OutcomeUnknown`` where it was handed over and no answer is known.
        """
        ...

    async def send(self, mail: OutgoingMail) -> Sent:
        """Hand it over to all its recipients or to none; never twice under one key.

        A mail that was sent already is not sent again: what was sent then is returned. Raises
        ``VendorRefused`` (a definite no, nothing was sent), ``RetryLater`` (nothing was sent),
        ``OutcomeUnknown`` (it may have been: it can't be sent again under this key),
        ``Misconfigured``, and ``InvalidInput`` for a mail that can't be written.
        """
        ...

    async def close(self) -> None:
        """Release what is held open."""
        ...
