"""What mail servers of every protocol have in common: certificates, and errors on the way to them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regisseur.errors import Misconfigured, RetryLater
from regisseur.tools.lines import one_line


def certificates(ca_file: Path | None, setting: str) -> ssl.SSLContext:
    """Whom to trust: the system's authorities, or a file of one's own. Raises Misconfigured naming
    the setting where that can't be read.
    """
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except OSError as error:
        raise Misconfigured(f"{setting}: {ca_file} can't be read: {error}") from error


@contextmanager
def reaching(host: str, port: int, but: str = "") -> Iterator[None]:
    """Errors of names and certificates, told by whom they concern; ``but`` says what did not happen.
    All others pass: what a server says is its protocol's business.
    """
    server = f"{host}:{port}"
    try:
        yield
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        raise RetryLater(f"{server} broke off a secure connection{but}") from error
    except ssl.SSLError as error:
        raise Misconfigured(
            f"No secure connection to {server}: {one_line(str(error))}. Check host, port, security "
            "and the server's certificate (ca_file for one of your own)."
        ) from error
    except (socket.gaierror, UnicodeError) as error:
        if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
            raise RetryLater(f"{server}: the name can't be looked up now") from error
        raise Misconfigured(f"No such host: {host}. Check the host setting.") from error
