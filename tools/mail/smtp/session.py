"""One conversation with a mail server, by the standard library; blocking, to be run in a thread.

What matters is what an error proves. Until the end of the message has left (a dot alone on a
line), the server can't have taken it: whatever happens, nothing was sent. After it, only the
server's answer tells.
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from regisseur.errors import (
    Misconfigured,
    OutcomeUnknown,
    RegisseurError,
    RetryLater,
    VendorRefused,
)
from regisseur.tools.connecting import certificates, reaching
from regisseur.tools.lines import one_line
from regisseur.tools.mail.smtp.settings import SmtpSettings

_WE_ARE = "[127.0.0.1]"
"""What we call ourselves: no name of the machine leaves, and none has to be looked up."""
_SIGN_IN_FIRST = frozenset({530, 534, 535, 538})
_LEAVING_SECONDS = 5.0


@dataclass(frozen=True)
class Secret:
    """What proves who we are."""

    value: str = field(repr=False)
    is_token: bool


@dataclass(frozen=True)
class Envelope:
    """Whom a message goes to, as the server is told."""

    sender: str
    recipients: tuple[str, ...]
    size: int
    """Bytes of the message."""
    utf8: bool


class Session:
    """Signed in and ready; made by ``session``."""

    def __init__(self, settings: SmtpSettings, smtp: smtplib.SMTP) -> None:
        self.settings = settings
        self.server = f"{settings.host}:{settings.address[1]}"
        self._smtp = smtp

    @property
    def largest(self) -> int | None:
        """Bytes of the largest message that is taken, where the server says so."""
        said = self._smtp.esmtp_features.get("size", "")
        return int(said) if said.isdecimal() and int(said) > 0 else None

    @property
    def secure(self) -> bool:
        """Nobody on the way can read along."""
        return isinstance(self._smtp.sock, ssl.SSLSocket)

    def check(self) -> None:
        """Raises where the server does not answer."""
        self._expect("NOOP", 250)

    def announce(self, envelope: Envelope) -> None:
        """Until the server waits for the message; whatever is raised, nothing was sent."""
        self._fits(envelope)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if envelope.utf8 else []
        if self._smtp.has_extn("size"):
            options.append(f"SIZE={envelope.size}")
        with self._unsent():
            code, words = self._smtp.mail(envelope.sender, options)
        if code != 250:
            raise self._refusal(f"to send as {envelope.sender}", code, words)
        self._recipients(envelope.recipients)
        self._expect("DATA", 354)

    def deliver(self, content: bytes) -> str:
        """The server's words when it took the message.

        Raises ``OutcomeUnknown`` only where the end of the message had left.
        """
        with self._unsent():
            self._sock.sendall(_stuffed(content))
        return self._end()

    def secure_and_sign_in(self, context: ssl.SSLContext, secret: Secret | None) -> None:
        """From the greeting to a session in which mail may be handed over."""
        self._expect_ehlo()
        if self.settings.security == "starttls":
            if not self._smtp.has_extn("starttls"):
                raise Misconfigured(
                    f'{self.server} offers no STARTTLS; try security = "tls" (port 465)'
                )
            with self._unsent():
                self._smtp.starttls(context=context)
            self._expect_ehlo()
        if secret is not None:
            self._sign_in(secret)

    def _fits(self, envelope: Envelope) -> None:
        if envelope.utf8 and not self._smtp.has_extn("smtputf8"):
            raise VendorRefused(
                f"{self.server} takes no address with letters such as é before the @; "
                "nothing was sent. Enter another address."
            )
        if self.largest is not None and envelope.size > self.largest:
            raise VendorRefused(
                f"{self.server} takes mails up to {self.largest} bytes, this one has "
                f"{envelope.size}; nothing was sent. Attach less."
            )

    def _recipients(self, recipients: tuple[str, ...]) -> None:
        """All or none: the first definite refusal counts for more than any delay."""
        refusals: list[RegisseurError] = []
        for address in recipients:
            with self._unsent():
                code, words = self._smtp.rcpt(address)
            if code not in (250, 251):
                refusals.append(self._refusal(f"the recipient {address}", code, words))
        refusals.sort(key=lambda error: isinstance(error, RetryLater))
        if refusals:
            raise refusals[0]

    def _end(self) -> str:
        """From here on the server may have taken it."""
        try:
            self._sock.settimeout(self.settings.final_seconds)
            self._sock.sendall(b".\r\n")
            code, words = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise OutcomeUnknown(
                f"{self.server} got the whole mail and gave no answer "
                f"({one_line(str(error))}); it may have been sent"
            ) from error
        if code == 250:
            return _said(code, words)
        if 400 <= code < 600:
            raise self._refusal("the mail", code, words)
        raise OutcomeUnknown(
            f"{self.server} got the whole mail and answered {_said(code, words)!r}; "
            "it may have been sent"
        )

    def _expect_ehlo(self) -> None:
        with self._unsent():
            code, words = self._smtp.ehlo()
        if code != 250:
            raise self._unusable("EHLO", code, words)

    def _expect(self, command: str, wanted: int) -> None:
        with self._unsent():
            code, words = self._smtp.docmd(command)
        if code != wanted:
            raise self._refusal(command, code, words)

    def _sign_in(self, secret: Secret) -> None:
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        method = next((one for one in _methods(secret) if one in offered), None)
        if method is None:
            raise Misconfigured(
                f"{self.server} takes none of {', '.join(_methods(secret))} to sign in, only "
                f"{one_line(' '.join(offered)) or 'nothing'}"
            )
        first, *rest = _proofs(method, self.settings.user, secret.value)
        with self._unsent():
            code, words = self._smtp.docmd("AUTH", f"{method} {first}")
            for proof in rest:
                if code == 334:
                    code, words = self._smtp.docmd(proof)
        if code == 235:
            return
        if 400 <= code < 500:
            raise self._refusal("signing in", code, words)
        raise Misconfigured(
            f"{self.server} does not accept {self.settings.user} with this "
            f"{'token' if secret.is_token else 'password'}: {_said(code, words, secret.value)}"
        )

    @property
    def _sock(self) -> socket.socket:
        if self._smtp.sock is None:
            raise RetryLater(f"{self.server} has hung up; nothing was sent")
        return self._smtp.sock

    @contextmanager
    def _unsent(self) -> Iterator[None]:
        """What goes wrong inside proves that nothing was sent."""
        with unsent(self.settings):
            yield

    def _refusal(self, what: str, code: int, words: bytes) -> RegisseurError:
        """A temporary or a definite no."""
        said = _said(code, words)
        if 400 <= code < 500:
            return RetryLater(f"{self.server} can't take {what} now: {said}; nothing was sent")
        if code in _SIGN_IN_FIRST:
            return Misconfigured(f"{self.server} wants us to sign in: {said}; nothing was sent")
        if 500 <= code < 600:
            return VendorRefused(f"{self.server} refuses {what}: {said}; nothing was sent")
        return self._unusable(what, code, words)

    def _unusable(self, what: str, code: int, words: bytes) -> RegisseurError:
        said = _said(code, words)
        if 400 <= code < 500:
            return RetryLater(f"{self.server} does not talk to us now: {said}; nothing was sent")
        return Misconfigured(
            f"{self.server} answers {said!r} to {what}; check host, port and security"
        )


@contextmanager
def session(settings: SmtpSettings, secret: Secret | None) -> Iterator[Session]:
    """A signed-in conversation; raises Misconfigured or RetryLater."""
    context = certificates(settings.ca_file, "mail.ca_file")
    with unsent(settings):
        smtp = _connected(settings, context)
    try:
        talk = Session(settings, smtp)
        if smtp.sock is not None:
            smtp.sock.settimeout(settings.reply_seconds)
        talk.secure_and_sign_in(context, secret)
        yield talk
        _leave(smtp)
    finally:
        smtp.close()


@contextmanager
def unsent(settings: SmtpSettings) -> Iterator[None]:
    """Errors of a conversation in which no message has left, told by whom they concern."""
    host, port = settings.address
    server = f"{host}:{port}"
    try:
        with reaching(host, port, "; nothing was sent"):
            yield
    except smtplib.SMTPResponseException as error:
        said = _said(error.smtp_code, error.smtp_error)
        if 400 <= error.smtp_code < 500:
            text = f"{server} does not talk to us now: {said}; nothing was sent"
            raise RetryLater(text) from error
        raise Misconfigured(f"{server} does not talk to us: {said}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise RetryLater(
            f"{server} can't be reached or broke off ({one_line(str(error))}); nothing was sent. "
            "Check that it runs and that host, port and security are right."
        ) from error


def _connected(settings: SmtpSettings, context: ssl.SSLContext) -> smtplib.SMTP:
    host, port = settings.address
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            host, port, _WE_ARE, timeout=settings.connect_seconds, context=context
        )
    return smtplib.SMTP(host, port, _WE_ARE, timeout=settings.connect_seconds)


def _leave(smtp: smtplib.SMTP) -> None:
    """Politely, but what was done is done whatever the server says to it."""
    with suppress(OSError, smtplib.SMTPException):
        if smtp.sock is not None:
            smtp.sock.settimeout(_LEAVING_SECONDS)
        smtp.quit()


def _methods(secret: Secret) -> tuple[str, ...]:
    return ("XOAUTH2",) if secret.is_token else ("PLAIN", "LOGIN")


def _proofs(method: str, user: str, secret: str) -> tuple[str, ...]:
    """What is said in turn; a token that isn't taken is followed by an empty line."""
    if method == "XOAUTH2":
        return _base64(f"user={user}\x01auth=Bearer {secret}\x01\x01"), ""
    if method == "PLAIN":
        return (_base64(f"\0{user}\0{secret}"),)
    return _base64(user), _base64(secret)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _said(code: int, words: bytes | str, secret: str = "") -> str:
    """An answer as people may read it, without what we proved ourselves with."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    for hidden in filter(None, (secret, _base64(secret) if secret else "")):
        text = text.replace(hidden, "***")
    return one_line(f"{code} {text}")


def _stuffed(content: bytes) -> bytes:
    """Dots at the start of a line doubled (RFC 5321, 4.5.2), and a line end at the end."""
    dotted = re.sub(rb"(?m)^\.", b"..", content)
    return dotted if dotted.endswith(b"\r\n") else dotted + b"\r\n"
