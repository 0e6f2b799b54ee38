"""The mail server's certificates, and a mailbox."""

from imap_server import imap_portal, imap_server
from smtp_server import authority, server_tls

__all__ = ["authority", "imap_portal", "imap_server", "server_tls"]
