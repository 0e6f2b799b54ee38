"""The pack as a mail: complete in itself, and nothing in it decides."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
import sample_pack

from regisseur.office.pack import PackView, digest_key, digest_mail
from regisseur.tools.mail.message import compose
from regisseur.tools.mail.records import Mailbox, OutgoingMail

BASE = "https://regisseur.atelier-martin.example"


def mailed(view: PackView, **more: str) -> OutgoingMail:
    return digest_mail(
        view,
        person="paul",
        to=Mailbox.of("paul@atelier-martin.example", "Paul"),
        sender=Mailbox.of("regisseur@atelier-martin.example"),
        date=datetime(2026, 11, 23, 5, 15, tzinfo=UTC),
        **more,
    )


def test_text_and_page_with_its_pictures_and_nothing_from_outside() -> None:
    mail = mailed(sample_pack.full(), base_url=BASE)
    parsed = message_from_bytes(compose(mail), policy=default)

    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    (picture,) = mail.pictures
    assert re.findall(r'src="([^"]*)"', mail.html) == [f"cid:{picture.cid}"]
    assert not re.search(r"<(script|link|form|iframe|style)|url\(", mail.html)
    assert picture.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("base_url", ["", BASE])
def test_links_lead_to_pages_of_ours_only(base_url: str) -> None:
    mail = mailed(sample_pack.full(), base_url=base_url)

    addresses = {*re.findall(r'href="([^"]*)"', mail.html), *re.findall(r"https?://\S+", mail.text)}
    assert all(one.startswith(f"{BASE}/atelier-martin/") for one in addresses)
    assert bool(addresses) == bool(base_url)
    assert not any(verb in one for one in addresses for verb in ("approve", "decide", "?"))


def test_one_mail_a_person_and_night_in_their_language() -> None:
    view = sample_pack.full()
    french, english = mailed(view), mailed(view, locale="en_GB")

    assert french.key == digest_key(view, "paul") == "digest:atelier-martin:2026-11-23:paul"
    assert french.subject.startswith("Atelier Martin, lun. 23 nov. : 7 décisions")
    assert english.subject.startswith("Atelier Martin, Mon 23 Nov: 7 decisions wait, 4 for today")
    assert compose(french) == compose(mailed(view))


def test_names_from_outside_stay_text() -> None:
    mail = mailed(sample_pack.hostile(), base_url=BASE)

    assert "<script" not in mail.html
    assert "\u202e" not in mail.html + mail.text + mail.subject
    assert mail.pictures  # its alternative is a name from outside too
