"""A mailbox is read once, changed by nobody, and whatever is wrong with it is told by its name."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from anyio.from_thread import BlockingPortal
from imap_server import PASSWORD, USER, ImapServer, mailbox
from incoming import OURS, RECEIVED, answer, report
from pydantic import ValidationError
from smtp_server import free_port

from regisseur.errors import Misconfigured, RegisseurError, RetryLater
from regisseur.tools.mailbox import Letterbox, Mark, Reading
from regisseur.tools.mailbox.imap import ImapLetterbox, ImapSettings, letterbox

SINCE = date(2026, 11, 1)


def account(server: ImapServer, **changes: Any) -> ImapLetterbox:
    settings = {
        "host": server.host,
        "port": server.port,
        "security": "none",
        "user": USER,
        "password": PASSWORD,
        "reply_seconds": 10,
        **changes,
    }
    return ImapLetterbox(ImapSettings.model_validate(settings))


def read(of: ImapLetterbox, marks: Mapping[str, Mark] | None = None) -> Reading:
    return asyncio.run(of.read([OURS], marks or {}, SINCE))


def test_answers_and_reports_are_read_once_and_nothing_is_marked(imap_server: ImapServer) -> None:
    lately, long_ago = RECEIVED + timedelta(hours=2), RECEIVED - timedelta(days=40)
    imap_server.deliver(answer("An old one.", Message_ID="<0@x>"), long_ago)
    imap_server.deliver(report(), RECEIVED)
    imap_server.deliver(b"Subject: newsletter\r\n\r\nbuy", RECEIVED)
    imap_server.deliver(answer(), lately)
    before, of = imap_server.mails(), account(imap_server)

    first = read(of)
    again = read(of, first.marks)
    imap_server.deliver(answer("Encore moi.", Message_ID="<2@x>"), lately)
    after = read(of, again.marks)

    assert [one.words for one in first.bounces] == ["smtp; 550 5.1.1 no such user"]
    assert [(one.text, one.received) for one in first.replies] == [
        ("Nous payons vendredi.", lately)
    ]
    assert again == Reading(marks=first.marks)
    assert [one.text for one in after.replies] == ["Encore moi."]
    assert imap_server.mails()[: len(before)] == before


def test_folders_are_read_by_the_names_that_people_know(imap_server: ImapServer) -> None:
    imap_server.deliver(answer(), RECEIVED, "Courrier indésirable")
    imap_server.deliver(answer(), RECEIVED)

    found = read(account(imap_server, folders=["INBOX", "Courrier indésirable"]))

    assert len(found.replies) == 1  # the same mail in both
    assert set(found.marks) == {"INBOX", "Courrier indésirable"}


def test_a_folder_made_anew_is_read_from_its_beginning(imap_server: ImapServer) -> None:
    imap_server.deliver(answer(), RECEIVED)
    of = account(imap_server)
    mark = read(of).marks["INBOX"]

    other = mark.model_copy(update={"validity": mark.validity + 1})

    assert len(read(of, {"INBOX": other}).replies) == 1


def test_what_is_too_much_for_one_night_is_left_for_the_next(
    imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        imap_server.deliver(answer(Message_ID=f"<{number}@x>"), RECEIVED)
    monkeypatch.setattr(letterbox, "MOST_MAILS", 2)
    of = account(imap_server)

    first = read(of)
    second = read(of, first.marks)

    assert (len(first.replies), first.left) == (2, 1)
    assert (len(second.replies), second.left) == (1, 0)


def test_a_huge_mail_is_read_as_far_as_its_text(imap_server: ImapServer) -> None:
    imap_server.deliver(answer("Bonjour. " + "x" * 600_000), RECEIVED)

    assert read(account(imap_server)).replies[0].text.startswith("Bonjour.")


def test_a_copy_of_what_was_sent_is_kept_once(imap_server: ImapServer) -> None:
    folder = "Éléments envoyés"
    imap_server.deliver(b"Subject: older\r\n\r\n.", RECEIVED, folder)
    of, sent = account(imap_server, sent_folder=folder), b"Message-ID: <a@b.example>\r\n\r\nText"

    for _ in range(2):
        asyncio.run(of.keep_sent("<a@b.example>", sent))
    asyncio.run(account(imap_server).keep_sent("<c@b.example>", sent))

    (_, _), (content, flags) = imap_server.mails(folder)
    assert (content.strip(), rb"\Seen" in flags) == (sent, True)


def test_it_is_read_over_a_connection_that_is_checked(
    imap_portal: BlockingPortal,
    authority: trustme.CA,
    server_tls: ssl.SSLContext,
    tmp_path: Path,
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with mailbox(imap_portal, server_tls) as server:
        probe = asyncio.run(account(server, security="tls", ca_file=tmp_path / "ca.pem").probe())
        with pytest.raises(Misconfigured, match="certificate"):
            asyncio.run(account(server, security="tls").probe())

    assert (probe.secure, probe.user) == (True, USER)


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        ({"password": "wrong"}, Misconfigured, USER),
        ({"folders": ["INBOX", "Nowhere"]}, Misconfigured, "no folder 'Nowhere'"),
        ({"sent_folder": "Envoyés"}, Misconfigured, "no folder 'Envoyés'"),
        ({"security": "starttls"}, Misconfigured, "STARTTLS"),
        ({"port": free_port()}, RetryLater, "can't be reached"),
    ],
)
def test_what_is_wrong_is_told(
    imap_server: ImapServer, changes: dict[str, Any], kind: type[RegisseurError], told: str
) -> None:
    with pytest.raises(kind, match=told) as raised:
        asyncio.run(account(imap_server, **changes).probe())

    assert "pässwörd" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": None}, "set password or oauth"),
        ({"host": "imap.example.com"}, "only for a server on this machine"),
        ({"user": ""}, "user"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        account(ImapServer(143), **changes)


def test_it_is_a_letterbox() -> None:
    of = account(ImapServer(143))

    assert isinstance(of, Letterbox)
    assert of.identity == f"imap:127.0.0.1:143/{USER}"
