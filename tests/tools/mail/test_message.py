"""From a mail to its bytes: what may be in it, and what nothing in it can do."""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import getaddresses
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mail_contract import US, YOU, mail
from pydantic import ValidationError

from regisseur.errors import InvalidInput
from regisseur.tools.lines import one_line
from regisseur.tools.mail import (
    Attachment,
    Mailbox,
    Picture,
    compose,
    html_from_text,
    message_id,
)

HOSTILE = [
    "\r\nBcc: thief@evil.example",
    "a\nX-Header: 1",
    "Dupont\r\n\r\n<script>alert(1)</script>",
    'O"Hara, Smith <thief@evil.example>',
    "a, b@evil.example, c",
    "=?utf-8?q?=0D=0ABcc=3A_thief=40evil=2Eexample?=",
    "<thief@evil.example>",
    "x" * 2000,
    "é" * 400 + ", thief@evil.example",
    "\x00\x07\u2028\u2029\x85",
    "\u202egnp.exe",
    "(comment) \\",
    "\ud800",
]


def read(content: bytes) -> EmailMessage:
    parsed = BytesParser(policy=SMTP).parsebytes(content)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_whole_reminder() -> None:
    message = read(compose(mail(in_reply_to="<b@x.example>", references=("<a@x.example>",))))

    assert [str(one) for one in message["from"].addresses] == [
        '"Atelier Dupont, comptabilité" <compta@atelier.example>'
    ]
    assert message["reply-to"] == "relances@atelier.example"
    assert message["to"].addresses[0].display_name == "Client & Fils"
    assert message["cc"] == "direction@client.example"
    assert message["subject"] == "Rappel : facture F-12 échue"
    assert message["date"].datetime == mail().date
    assert message["message-id"].strip() == message_id(mail().key, US)
    assert message["in-reply-to"] == "<b@x.example>"
    assert message["references"] == "<a@x.example> <b@x.example>"
    assert message["content-language"] == "fr-FR"
    assert message["auto-submitted"] == "auto-generated"
    assert message["x-auto-response-suppress"] == "OOF, AutoReply"
    assert "bcc" not in message


def test_text_html_and_attachment_come_out_as_they_went_in() -> None:
    message = read(compose(mail()))

    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert message.get_content_type() == "multipart/mixed"
    assert text.get_content().replace("\r\n", "\n") == mail().text + "\n"
    assert "1 234,56 €" in html.get_content()
    (file,) = message.iter_attachments()
    assert file.get_filename() == "F-12.pdf"
    assert file.get_content() == mail().attachments[0].content


def test_without_html_it_is_plain_text_with_the_file() -> None:
    message = read(compose(mail(html="")))

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "text/plain",
        "application/pdf",
    ]
    assert read(compose(mail(html="", attachments=()))).get_content_type() == "text/plain"


def test_pictures_come_with_the_html_that_shows_them() -> None:
    shown = Picture(cid="stock@pack.regisseur", content=b"\x89PNG 1")
    sheet = Attachment(name="a.pdf", content=b"%PDF")
    html = '<p>Stock</p><img src="cid:stock@pack.regisseur">'
    written = mail(html=html, pictures=(shown,), attachments=(sheet,))
    message = read(compose(written))

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    (picture,) = (part for part in message.walk() if part.get_content_type() == "image/png")
    assert picture["content-id"] == "<stock@pack.regisseur>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == shown.content
    assert compose(written) == compose(written)


@pytest.mark.parametrize("html", ["", "<p>no picture</p>"])
def test_a_picture_that_nothing_shows_is_refused(html: str) -> None:
    one = Picture(cid="a@b.example", content=b"x")
    with pytest.raises(ValidationError, match=r"does not show the picture cid:a@b\.example"):
        mail(html=html, pictures=(one,))
    with pytest.raises(ValidationError, match="same cid"):
        mail(html='<img src="cid:a@b.example">', pictures=(one, one))


@pytest.mark.parametrize("cid", ["a", "a@b>\r\nX-Header: 1", "<a@b.example>", "a b@c.example"])
def test_a_picture_has_a_plain_name(cid: str) -> None:
    with pytest.raises(ValidationError):
        Picture(cid=cid, content=b"x")


def test_the_same_mail_makes_the_same_bytes() -> None:
    assert compose(mail()) == compose(mail())
    assert compose(mail("other")) != compose(mail())


def test_the_message_id_follows_from_key_and_domain_and_tells_nothing() -> None:
    one = message_id("send_reminder:acme:customer-7:1", US)

    assert one == message_id("send_reminder:acme:customer-7:1", US)
    assert one != message_id("send_reminder:acme:customer-7:2", US)
    assert re.fullmatch(r"<[0-9a-f]{32}\.regisseur@atelier\.example>", one)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_adds_no_header_and_no_recipient(text: str) -> None:
    content = compose(
        mail(
            sender=Mailbox(address=US.address, name=text),
            to=(Mailbox(address=YOU.address, name=text), Mailbox(address="b@c.example", name=text)),
            subject=text + " F-12",
            attachments=(Attachment(name=text + ".pdf", content=b"x"),),
        )
    )

    message = read(content)
    assert [one.addr_spec for one in message["to"].addresses] == [YOU.address, "b@c.example"]
    assert [one.addr_spec for one in message["from"].addresses] == [US.address]
    assert "bcc" not in message
    assert "x-header" not in message
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=120), min_size=1, max_size=4), st.text(max_size=200))
@example(["0" + "\xa1" * 7 + "\u0800" + "\U00010000" * 7, "a, b" * 30 + "é"], "é, b@c.example" * 9)
def test_whatever_names_and_subject_are_the_addresses_stay(names: list[str], subject: str) -> None:
    to = tuple(Mailbox(address=f"a{n}@client.example", name=name) for n, name in enumerate(names))

    content = compose(mail(to=to, subject="s" + subject))

    message = message_from_bytes(content)
    read = getaddresses([message["to"]])
    assert [address for _, address in read] == [one.address for one in to]
    assert [decoded(name) for name, _ in read] == [one.name for one in to]
    assert decoded(message["subject"]) == one_line("s" + subject)
    head = content.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) < 998


def decoded(text: str) -> str:
    return str(make_header(decode_header(text.replace("\r\n", ""))))


@given(st.text(min_size=1, max_size=80))
@settings(deadline=None, max_examples=60)
def test_whatever_an_attachment_is_called_its_name_is_read(name: str) -> None:
    one = Attachment(name=f"a{name}b", content=b"x")

    (file,) = read(compose(mail(attachments=(one,)))).iter_attachments()

    assert file.get_filename() == one.name


@settings(deadline=None, max_examples=60)
@given(st.text(), st.text())
def test_whatever_is_written_is_read(text: str, html: str) -> None:
    content = compose(mail(text="t" + text, html="h" + html))

    message = read(content)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().splitlines() == ("t" + text).splitlines()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "nobody@",
        "@client.example",
        "a@localhost",
        "a@[127.0.0.1]",
        "a b@client.example",
        "a@client.example\r\nBcc: thief@evil.example",
        "a@client.example,thief@evil.example",
        "Thief <thief@evil.example>",
        '"a b"@client.example',
        "a@client..example",
        "-a@-client.example",
        "a@client.example\x00",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Mailbox(address=address)
    with pytest.raises(InvalidInput, match="address"):
        Mailbox.of(address)


def test_domains_of_other_scripts_travel_in_ascii() -> None:
    box = Mailbox.of("compta@boulangerie-élysée.example", "Élysée")

    assert box.wire == "compta@xn--boulangerie-lyse-mqbd.example"
    assert read(compose(mail(to=(box,))))["to"].addresses[0].addr_spec == box.wire


def test_a_local_part_of_other_scripts_travels_as_it_is() -> None:
    box = Mailbox.of("rené@élysée.example")

    content = compose(mail(to=(box,)))

    assert box.wire == "rené@élysée.example"
    assert "\r\nTo: rené@élysée.example\r\n" in content.decode()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("F/12:a.pdf", "F-12-a.pdf"),
        ("a\r\nb.pdf", "a b.pdf"),
    ],
)
def test_an_attachments_name_is_no_path(name: str, kept: str) -> None:
    assert Attachment(name=name, content=b"").name == kept


def test_a_mail_needs_a_moment_with_a_zone_a_recipient_and_known_fields() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        mail(date=datetime(2026, 11, 23))  # noqa: DTZ001
    with pytest.raises(ValidationError, match="to"):
        mail(to=())
    with pytest.raises(ValidationError, match="bcc"):
        mail(bcc="x@y.example")
    with pytest.raises(ValidationError, match="in_reply_to"):
        mail(in_reply_to="<a@b>\r\nBcc: thief@evil.example")


def test_names_are_inert_in_the_html_made_from_text() -> None:
    html = html_from_text("Bonjour </p><script>alert(\"1\")</script>,\n\n& 'merci'", '"><b')

    assert "<script" not in html
    assert "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)" in html
    assert '"><b' not in html
    assert html.count("<p ") == 2


def test_bullets_in_text_are_lists_in_html() -> None:
    html = html_from_text("Due:\n• F-1: 5 €\n• <b>F-2</b>\nThank you\n\n- one\n-two")

    bare = re.sub(r' style="[^"]*"', "", html)
    assert (
        "<p>Due:</p>\n<ul><li>F-1: 5 €</li><li>&lt;b&gt;F-2&lt;/b&gt;</li></ul>\n"
        "<p>Thank you</p>\n<ul><li>one</li></ul>\n<p>-two</p>"
    ) in bare


@given(st.text())
def test_every_word_of_a_text_is_in_its_html_and_no_mark(text: str) -> None:
    html = html_from_text(text)

    body = html.partition('max-width:640px">')[2].partition("</div>")[0]
    tags = set(re.findall(r"</?[a-z]+", body))
    assert tags <= {"<p", "</p", "<br", "<ul", "</ul", "<li", "</li"}


@given(st.text(alphabet=st.characters(), max_size=400))
@example("a  =?b ")
@example("\u202e" + "x" * 300)
def test_one_line_is_one_harmless_line(text: str) -> None:
    line = one_line(text)

    assert one_line(line) == line
    assert line == line.strip()
    assert len(line) <= 300
    assert len(line.splitlines()) <= 1
    assert not {"Cc", "Zl", "Zp", "Cs"} & {category(char) for char in line}
    assert "=?" not in line
    assert "\u202e" not in line
