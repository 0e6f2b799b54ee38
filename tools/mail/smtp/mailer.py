"""A mail account reached by SMTP, with a folder that remembers what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from anyio import to_thread

from regisseur.errors import Misconfigured, RetryLater, VendorRefused
from regisseur.tools.mail.journal import Journal
from regisseur.tools.mail.message import compose, digest, message_id, needs_utf8
from regisseur.tools.mail.records import MailProbe, OutgoingMail, Sent
from regisseur.tools.mail.smtp.session import Envelope, Secret, Session, session
from regisseur.tools.mail.smtp.settings import SmtpSettings
from regisseur.tools.mail.smtp.tokens import Tokens


class SmtpMailer:
    """A ``Mailer``; each mail is a conversation of its own, begun when it is sent."""

    vendor = "smtp"

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self.identity = settings.identity
        self._journal = Journal(settings.sent_folder)
        self._tokens = None if settings.oauth is None else Tokens(settings.oauth)

    async def probe(self) -> MailProbe:
        """See ``Mailer``; tries the folder too."""
        await to_thread.run_sync(self._journal.prepare)
        secret = await self._secret()
        return await to_thread.run_sync(self._probe, secret)

    async def find_sent(self, message_id: str) -> Sent | None:
        """See ``Mailer``; asks the folder, since no server can be asked."""
        return await to_thread.run_sync(self._journal.find, message_id)

    async def send(self, mail: OutgoingMail) -> Sent:
        """See ``Mailer``."""
        content = compose(mail)
        await to_thread.run_sync(self._journal.prepare)
        sent = await to_thread.run_sync(self._journal.sent_before, mail, content)
        if sent is not None:
            return sent
        secret = await self._secret()
        return await to_thread.run_sync(self._send, mail, content, secret)

    async def close(self) -> None:
        """Release what was held open for tokens."""
        if self._tokens is not None:
            await self._tokens.close()

    async def _secret(self) -> Secret | None:
        if self._tokens is not None:
            return Secret(await self._tokens.current(), is_token=True)
        if self.settings.password is None:
            return None
        return Secret(self.settings.password.get_secret_value(), is_token=False)

    def _probe(self, secret: Secret | None) -> MailProbe:
        with self._session(secret) as talk:
            talk.check()
            return MailProbe(
                vendor=self.vendor,
                server=talk.server,
                user=self.settings.user,
                secure=talk.secure,
                largest=talk.largest,
            )

    def _send(self, mail: OutgoingMail, content: bytes, secret: Secret | None) -> Sent:
        """The whole conversation in one thread, which a cancelled task can't cut short."""
        identifier = message_id(mail.key, mail.sender)
        envelope = Envelope(mail.sender.wire, mail.recipients, len(content), needs_utf8(mail))
        with self._session(secret) as talk:
            talk.announce(envelope)
            self._journal.begin(identifier, content)
            try:
                answer = talk.deliver(content)
            except (VendorRefused, RetryLater, Misconfigured):
                self._journal.undo(identifier)
                raise
            sent = Sent(
                message_id=identifier,
                recipients=mail.recipients,
                digest=digest(content),
                answer=answer,
            )
            self._journal.finish(sent)
            return sent

    @contextmanager
    def _session(self, secret: Secret | None) -> Iterator[Session]:
        try:
            with session(self.settings, secret) as talk:
                yield talk
        except Misconfigured:
            if self._tokens is not None:
                self._tokens.forget()
            raise
