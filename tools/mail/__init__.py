"""Mail: what is sent, and the accounts it is sent from.

Adapters are found like those of an ERP: a module of this package with a module-level ``ADAPTER``.
"""

from regisseur.tools.mail.message import compose, message_id
from regisseur.tools.mail.ports import Mailer
from regisseur.tools.mail.records import (
    Attachment,
    Mailbox,
    MailProbe,
    OutgoingMail,
    Picture,
    Sent,
)
from regisseur.tools.mail.wording import html_from_text

__all__ = [
    "Attachment",
    "MailProbe",
    "Mailbox",
    "Mailer",
    "OutgoingMail",
    "Picture",
    "Sent",
    "compose",
    "html_from_text",
    "message_id",
]
