"""Mails as they come back to whoever sent one: answers, and reports of mail servers."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from regisseur.tools.mailbox import OwnMail

RECEIVED = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
OURS = OwnMail(
    message_id="<4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a.regisseur@atelier.example>",
    sender="compta@atelier.example",
    recipient="fournisseurs@client.example",
)


def answer(text: str = "Nous payons vendredi.", about: OwnMail = OURS, **headers: str) -> bytes:
    """A person's answer; headers by their names, ``_`` for ``-``."""
    mail = EmailMessage(policy=SMTP)
    shown = {
        "From": f"Paul Client <{about.recipient}>",
        "To": about.sender,
        "Subject": "RE: Rappel",
        "Date": format_datetime(RECEIVED),
        "Message-ID": "<1@client.example>",
        "In-Reply-To": about.message_id,
    }
    for name, value in (shown | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def report(
    about: OwnMail = OURS,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    returned: str = "message/rfc822",
    recipient: str | None = None,
) -> bytes:
    """A report as RFC 3464 has it."""
    original = f"Message-ID: {about.message_id}\r\nSubject: Rappel\r\n"
    body = "\r\nBonjour\r\n" if returned == "message/rfc822" else ""
    return "\r\n".join(
        [
            "Return-Path: <>",
            "From: Mail Delivery System <MAILER-DAEMON@mx.client.example>",
            f"To: {about.sender}",
            "Subject: Undelivered Mail Returned to Sender",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            "I'm sorry to have to inform you that your message could not be delivered.",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.client.example",
            "",
            f"Final-Recipient: rfc822; {recipient or about.recipient}",
            f"Action: {action}",
            f"Status: {status}",
            f"Diagnostic-Code: smtp; 550 {status} no such user",
            "",
            "--b",
            f"Content-Type: {returned}",
            "",
            f"{original}{body}",
            "--b--",
            "",
        ]
    ).encode()


def plain_report(words: str, about: OwnMail = OURS, sender: str = "Mailer-Daemon@mx") -> bytes:
    """A report in free words that repeats our mail below them."""
    return (
        f"From: Mail Delivery System <{sender}.example>\r\nTo: {about.sender}\r\n"
        f"Subject: Mail delivery failed\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied\r\n\r\n"
        f"{words}\r\n\r\n------ This is a copy of the message, including all the headers. ------\r\n"
        f"\r\nMessage-ID: {about.message_id}\r\nSubject: Rappel 450 \r\n\r\nBonjour\r\n"
    ).encode()
