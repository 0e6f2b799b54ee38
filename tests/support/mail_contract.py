"""What every mail account promises through its port, as tests.

A test module imports everything here and brings one fixture, ``mailer``: an account that has sent
nothing yet.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from regisseur.errors import NeedsPerson
from regisseur.tools.mail import (
    Attachment,
    Mailbox,
    Mailer,
    MailProbe,
    OutgoingMail,
    compose,
    html_from_text,
    message_id,
)
from regisseur.tools.mail.message import digest

US = Mailbox(address="compta@atelier.example", name="Atelier Dupont, comptabilité")
YOU = Mailbox(address="fournisseurs@client.example", name="Client & Fils")


def mail(key: str = "send_reminder:acme:customer-7:1", **changes: Any) -> OutgoingMail:
    """A reminder with everything a mail can have."""
    text = "Bonjour,\n\nla facture F-12 de 1 234,56 € est échue.\n.\n..\nCordialement"
    return OutgoingMail(
        **{
            "key": key,
            "date": datetime(2026, 11, 23, 8, 30, tzinfo=UTC),
            "sender": US,
            "reply_to": Mailbox(address="relances@atelier.example"),
            "to": (YOU,),
            "cc": (Mailbox(address="direction@client.example"),),
            "subject": "Rappel : facture F-12 échue",
            "text": text,
            "html": html_from_text(text, "fr"),
            "attachments": (Attachment(name="F-12.pdf", content=b"%PDF-1.7\r\n.\r\n\x00\xff"),),
            "language": "fr_FR",
            **changes,
        }
    )


def identifier(of: OutgoingMail) -> str:
    return message_id(of.key, of.sender)


def test_it_is_a_mailer(mailer: Mailer) -> None:
    assert isinstance(mailer, Mailer)
    assert mailer.identity.startswith(mailer.vendor)


def test_the_probe_says_who_answers(mailer: Mailer) -> None:
    probe = asyncio.run(mailer.probe())

    assert isinstance(probe, MailProbe)
    assert probe.vendor == mailer.vendor


def test_what_was_never_sent_is_not_found(mailer: Mailer) -> None:
    assert asyncio.run(mailer.find_sent("<nobody@atelier.example>")) is None


def test_what_was_sent_is_found_under_the_actions_key(mailer: Mailer) -> None:
    sent = asyncio.run(mailer.send(mail()))

    assert sent.message_id == identifier(mail())
    assert sent.recipients == ("fournisseurs@client.example", "direction@client.example")
    assert sent.digest == digest(compose(mail()))
    assert asyncio.run(mailer.find_sent(identifier(mail()))) == sent
    assert asyncio.run(mailer.find_sent(identifier(mail("another")))) is None


def test_sending_again_under_one_key_says_what_was_sent_then(mailer: Mailer) -> None:
    first = asyncio.run(mailer.send(mail()))
    tomorrow = mail(date=datetime(2026, 11, 24, 9, tzinfo=UTC))

    assert asyncio.run(mailer.send(mail())) == first
    assert asyncio.run(mailer.send(tomorrow)) == first


def test_another_mail_under_one_key_is_for_a_person(mailer: Mailer) -> None:
    asyncio.run(mailer.send(mail()))

    with pytest.raises(NeedsPerson, match="already sent"):
        asyncio.run(mailer.send(mail(subject="Something else")))


def test_two_at_once_under_one_key_send_one(mailer: Mailer) -> None:
    async def both() -> tuple[object, object]:
        return await asyncio.gather(
            mailer.send(mail()), mailer.send(mail()), return_exceptions=True
        )

    answers = asyncio.run(both())

    found = asyncio.run(mailer.find_sent(identifier(mail())))
    assert found in answers
    assert all(one == found or isinstance(one, NeedsPerson) for one in answers)


def test_closing_twice_is_no_harm(mailer: Mailer) -> None:
    asyncio.run(mailer.close())
    asyncio.run(mailer.close())
