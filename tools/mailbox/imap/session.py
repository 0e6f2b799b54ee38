"""One conversation with an IMAP server; blocking, to be run in a thread.

Folders are opened for reading only (EXAMINE) and parts are fetched by PEEK, so that nothing is
marked as read. What goes wrong is told by whom it concerns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from regisseur.errors import Misconfigured, RetryLater
from regisseur.tools.connecting import certificates, reaching
from regisseur.tools.lines import one_line
from regisseur.tools.mail.smtp.session import Secret
from regisseur.tools.mailbox.imap.settings import ImapSettings

LATER = ("[UNAVAILABLE]", "[LIMIT]", "[INUSE]")
"""Codes of RFC 5530 with which a server refuses for now."""


@contextmanager
def session(settings: ImapSettings, secret: Secret) -> Iterator[Any]:
    """A signed-in ``IMAPClient``; raises Misconfigured or RetryLater, also for what goes wrong
    while it is used.
    """
    with _told(settings, secret.value):
        client = _connected(settings)
        try:
            _sign_in(client, settings, secret)
            yield client
            with suppress(Exception):  # what was read is read, whatever the server says to it
                client.logout()
        finally:
            with suppress(Exception):
                client.shutdown()


def opened(client: Any, folder: str) -> dict[bytes, Any]:
    """Open a folder for reading; its figures. Raises Misconfigured where there is none."""
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

    try:
        found: dict[bytes, Any] = client.select_folder(folder, readonly=True)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        known = ", ".join(one_line(str(name)) for _, _, name in client.list_folders()[:20])
        raise Misconfigured(
            f"mailbox: there is no folder {folder!r} to be read ({one_line(str(error))}); those "
            f"of the account are: {known}"
        ) from error
    return found


def _connected(settings: ImapSettings) -> Any:
    from imapclient import IMAPClient, SocketTimeout

    host, port = settings.address
    context = certificates(settings.ca_file, "mailbox.ca_file")
    patience: Any = SocketTimeout(settings.connect_seconds, settings.reply_seconds)
    client = IMAPClient(
        host,
        port,
        ssl=settings.security == "tls",
        ssl_context=context,
        timeout=patience,
    )
    client.normalise_times = False
    if settings.security == "starttls":
        try:
            client.starttls(context)
        except BaseException:
            client.shutdown()
            raise
    return client


def _sign_in(client: Any, settings: ImapSettings, secret: Secret) -> None:
    if secret.is_token:
        client.oauth2_login(settings.user, secret.value)
    elif secret.value.isascii() and settings.user.isascii():
        client.login(settings.user, secret.value)
    else:
        client.plain_login(settings.user, secret.value)


@contextmanager
def _told(settings: ImapSettings, secret: str) -> Iterator[None]:
    from imapclient.exceptions import (
        CapabilityError,
        IMAPClientAbortError,
        IMAPClientError,
        LoginError,
    )

    host, port = settings.address
    server = f"{host}:{port}"
    try:
        with reaching(host, port):
            yield
    except LoginError as error:
        said = _said(error, secret)
        cut_off = isinstance(error.__context__, IMAPClientAbortError)
        if cut_off or any(code in said.upper() for code in LATER):
            raise RetryLater(f"{server} lets nobody sign in now: {said}") from error
        raise Misconfigured(
            f"{server} does not accept {settings.user} with this password or token: {said}"
        ) from None
    except CapabilityError as error:
        raise Misconfigured(f"{server}: {_said(error, secret)}; check security") from error
    except (OSError, IMAPClientError) as error:
        raise RetryLater(
            f"{server} can't be reached, broke off or refused ({_said(error, secret)}). Check that "
            "it runs and that host, port and security are right."
        ) from None


def _said(error: Exception, secret: str) -> str:
    """An answer as people may read it, without what we proved ourselves with."""
    return one_line(str(error).replace(secret, "***") if secret else str(error))
