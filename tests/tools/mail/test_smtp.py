"""What the SMTP account makes of everything a real server can do to it."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
from anyio.from_thread import BlockingPortal
from mail_contract import identifier, mail
from pydantic import ValidationError
from smtp_server import DROP, SmtpServer, free_port, running

from regisseur.errors import (
    Misconfigured,
    OutcomeUnknown,
    RegisseurError,
    RetryLater,
    VendorRefused,
)
from regisseur.tools.mail import Attachment, Mailbox, Sent, compose
from regisseur.tools.mail.smtp import SmtpMailer, SmtpSettings

BEFORE_THE_MAIL = ["greeting", "ehlo", "mail", "rcpt", "data"]
PASSWORD = "pässwörd-8412"


def account(server: SmtpServer, folder: Path, **changes: Any) -> SmtpMailer:
    settings = {
        "host": server.host,
        "port": server.port,
        "security": "none",
        "sent_folder": folder,
        "reply_seconds": 5,
        **changes,
    }
    return SmtpMailer(SmtpSettings.model_validate(settings))


@pytest.fixture
def mailer(smtp_server: SmtpServer, tmp_path: Path) -> SmtpMailer:
    return account(smtp_server, tmp_path)


def send(mailer: SmtpMailer, **changes: Any) -> Sent:
    return asyncio.run(mailer.send(mail(**changes)))


def found(mailer: SmtpMailer) -> Sent | None:
    return asyncio.run(mailer.find_sent(identifier(mail())))


def failure(mailer: SmtpMailer, kind: type[RegisseurError], **changes: Any) -> str:
    with pytest.raises(kind) as caught:
        send(mailer, **changes)
    assert type(caught.value) is kind
    return str(caught.value)


def nothing_was_sent(mailer: SmtpMailer, server: SmtpServer) -> None:
    """And so it may be sent again, under the same key."""
    assert server.taken == []
    assert found(mailer) is None
    assert send(mailer) == found(mailer)
    assert len(server.taken) == 1


def test_the_mail_arrives_byte_by_byte(mailer: SmtpMailer, smtp_server: SmtpServer) -> None:
    sent = send(mailer)

    (taken,) = smtp_server.taken
    assert taken.content == compose(mail())
    assert taken.sender == "compta@atelier.example"
    assert taken.recipients == ("fournisseurs@client.example", "direction@client.example")
    assert sent.answer == "250 2.0.0 queued as 4F2A"


def test_it_is_kept_as_a_file_that_any_mail_program_opens(
    mailer: SmtpMailer, tmp_path: Path
) -> None:
    send(mailer)

    (copy,) = tmp_path.glob("*.eml")
    assert copy.read_bytes() == compose(mail())
    assert {one.suffix for one in tmp_path.iterdir()} == {".eml", ".json"}


def test_a_repeat_does_not_even_connect(mailer: SmtpMailer, smtp_server: SmtpServer) -> None:
    send(mailer)
    before = list(smtp_server.commands)

    send(mailer)

    assert smtp_server.commands == before
    assert len(smtp_server.taken) == 1


@pytest.mark.parametrize("step", BEFORE_THE_MAIL)
def test_cut_off_before_the_mail_nothing_was_sent(
    mailer: SmtpMailer, smtp_server: SmtpServer, step: str
) -> None:
    smtp_server.fault(step, DROP)

    assert "nothing was sent" in failure(mailer, RetryLater)

    nothing_was_sent(mailer, smtp_server)


def test_cut_off_inside_a_large_mail_nothing_was_sent(
    mailer: SmtpMailer, smtp_server: SmtpServer
) -> None:
    """More than the buffers of both sides hold, so that we notice before its end has left."""
    smtp_server.fault("body", DROP)

    large = Attachment(name="a.bin", content=bytes(24_000_000))
    assert "nothing was sent" in failure(mailer, RetryLater, attachments=(large,))

    nothing_was_sent(mailer, smtp_server)


def test_cut_off_inside_a_small_mail_nobody_here_knows(
    mailer: SmtpMailer, smtp_server: SmtpServer
) -> None:
    """All of it, its end too, had left before we could notice."""
    smtp_server.fault("body", DROP)

    failure(mailer, OutcomeUnknown)

    with pytest.raises(OutcomeUnknown):
        found(mailer)


@pytest.mark.parametrize("step", ["end", "answer"])
def test_cut_off_after_the_mail_nobody_here_knows(
    mailer: SmtpMailer, smtp_server: SmtpServer, step: str
) -> None:
    smtp_server.fault(step, DROP)

    assert "may have been sent" in failure(mailer, OutcomeUnknown)

    with pytest.raises(OutcomeUnknown, match=identifier(mail())):
        found(mailer)
    before = len(smtp_server.taken)
    assert before == (1 if step == "answer" else 0)
    failure(mailer, OutcomeUnknown)
    assert len(smtp_server.taken) == before


def test_silence_after_the_mail_is_unknown(smtp_server: SmtpServer, tmp_path: Path) -> None:
    mailer = account(smtp_server, tmp_path, final_seconds=0.1)
    smtp_server.hold("end")

    failure(mailer, OutcomeUnknown)

    with pytest.raises(OutcomeUnknown):
        found(mailer)


def test_a_slow_greeting_is_not_waited_for(smtp_server: SmtpServer, tmp_path: Path) -> None:
    mailer = account(smtp_server, tmp_path, connect_seconds=0.1)
    smtp_server.hold("greeting")

    failure(mailer, RetryLater)

    nothing_was_sent(account(smtp_server, tmp_path), smtp_server)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "end"])
def test_a_temporary_no_is_tried_later(
    mailer: SmtpMailer, smtp_server: SmtpServer, step: str
) -> None:
    smtp_server.fault(step, "451 4.3.0 grey-listed, come back")

    said = failure(mailer, RetryLater)

    assert "451 4.3.0 grey-listed, come back" in said
    nothing_was_sent(mailer, smtp_server)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "end"])
def test_a_definite_no_is_told_in_the_servers_words(
    mailer: SmtpMailer, smtp_server: SmtpServer, step: str
) -> None:
    smtp_server.fault(step, "550 5.1.1 no such user here")

    said = failure(mailer, VendorRefused)

    assert "550 5.1.1 no such user here" in said
    nothing_was_sent(mailer, smtp_server)


def test_one_refused_recipient_keeps_the_others_from_getting_it(
    mailer: SmtpMailer, smtp_server: SmtpServer
) -> None:
    smtp_server.fault("rcpt", "450 4.2.1 mailbox busy")
    smtp_server.fault("rcpt", "550 5.1.1 unknown")

    said = failure(mailer, VendorRefused)

    assert "direction@client.example" in said
    nothing_was_sent(mailer, smtp_server)


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail"])
def test_a_server_that_closes_is_tried_later(
    mailer: SmtpMailer, smtp_server: SmtpServer, step: str
) -> None:
    smtp_server.fault(step, "421 4.3.2 shutting down")

    assert "421 4.3.2 shutting down" in failure(mailer, RetryLater)

    nothing_was_sent(mailer, smtp_server)


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("greeting", "554 5.7.1 no service for you"),
        ("ehlo", "550 5.0.0 never"),
        ("mail", "530 5.7.0 authentication required"),
        ("data", "200 what?"),
    ],
)
def test_a_server_that_is_no_use_is_a_matter_of_settings(
    mailer: SmtpMailer, smtp_server: SmtpServer, step: str, answer: str
) -> None:
    smtp_server.fault(step, answer)

    assert answer in failure(mailer, Misconfigured)

    nothing_was_sent(mailer, smtp_server)


def test_an_odd_answer_to_the_mail_is_unknown(mailer: SmtpMailer, smtp_server: SmtpServer) -> None:
    smtp_server.fault("end", "299 perhaps")

    assert "299 perhaps" in failure(mailer, OutcomeUnknown)


def test_nobody_listens(tmp_path: Path) -> None:
    mailer = account(SmtpServer(port=free_port()), tmp_path)

    assert "nothing was sent" in failure(mailer, RetryLater)
    assert found(mailer) is None


def test_a_host_that_does_not_exist(tmp_path: Path) -> None:
    settings = SmtpSettings(host="no-such-host.invalid", security="tls", sent_folder=tmp_path)

    with pytest.raises((Misconfigured, RetryLater), match="no-such-host"):
        send(SmtpMailer(settings))


def test_a_host_that_can_not_exist(tmp_path: Path) -> None:
    settings = SmtpSettings(host="mail..example", security="tls", sent_folder=tmp_path)

    failure(SmtpMailer(settings), Misconfigured)


def test_a_mail_too_large_for_the_server_stays(smtp_portal: BlockingPortal, tmp_path: Path) -> None:
    with running(smtp_portal, data_size_limit=500) as server:
        mailer = account(server, tmp_path)

        assert "500 bytes" in failure(mailer, VendorRefused)
        assert asyncio.run(mailer.probe()).largest == 500
        assert "mail" not in server.commands


def test_an_address_with_letters_needs_a_server_that_knows_them(
    smtp_portal: BlockingPortal, smtp_server: SmtpServer, tmp_path: Path
) -> None:
    to = (Mailbox.of("rené@élysée.example", "René"),)
    send(account(smtp_server, tmp_path / "a"), to=to, cc=())
    assert smtp_server.taken[0].recipients == ("rené@élysée.example",)

    with running(smtp_portal) as server:
        failure(account(server, tmp_path / "b"), VendorRefused, to=to, cc=())
        assert server.taken == []


@pytest.mark.parametrize("mechanisms", [(), ("PLAIN",)])
def test_signing_in_with_a_password(
    smtp_server: SmtpServer, smtp_portal: BlockingPortal, tmp_path: Path, mechanisms: tuple[str]
) -> None:
    with running(smtp_portal, auth_required=True, auth_exclude_mechanism=mechanisms) as server:
        server.users["compta"] = PASSWORD
        good = account(server, tmp_path, user="compta", password=PASSWORD)
        bad = account(server, tmp_path, user="compta", password="wrong-4711")

        said = failure(bad, Misconfigured)
        assert "compta" in said
        assert "wrong-4711" not in said
        with pytest.raises(Misconfigured):
            asyncio.run(bad.probe())
        assert asyncio.run(good.probe()).user == "compta"
        nothing_was_sent(good, server)


def test_without_signing_in_where_it_is_wanted(smtp_portal: BlockingPortal, tmp_path: Path) -> None:
    with running(smtp_portal, auth_required=True) as server:
        assert "sign in" in failure(account(server, tmp_path), Misconfigured)


def test_a_sign_in_that_is_put_off_is_tried_later(smtp_server: SmtpServer, tmp_path: Path) -> None:
    smtp_server.users["compta"] = PASSWORD
    mailer = account(smtp_server, tmp_path, user="compta", password=PASSWORD)
    smtp_server.fault("auth", "454 4.7.0 too many attempts")

    failure(mailer, RetryLater)

    nothing_was_sent(mailer, smtp_server)


def test_a_server_without_any_sign_in(smtp_portal: BlockingPortal, tmp_path: Path) -> None:
    everything = ("PLAIN", "LOGIN", "XOAUTH2")
    with running(smtp_portal, auth_exclude_mechanism=everything) as server:
        mailer = account(server, tmp_path, user="compta", password=PASSWORD)

        assert "PLAIN" in failure(mailer, Misconfigured)


def test_what_proves_us_is_shown_nowhere(tmp_path: Path) -> None:
    mailer = account(SmtpServer(port=25), tmp_path, user="compta", password=PASSWORD)

    assert PASSWORD not in repr(mailer.settings) + mailer.identity + repr(vars(mailer))
    assert mailer.identity == "smtp:127.0.0.1:25/compta"


class TestTls:
    """Nothing is ever sent in the clear because something went wrong with the encryption."""

    @pytest.fixture
    def ca(self, authority: trustme.CA, tmp_path: Path) -> Path:
        file = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(file))
        return file

    def test_starttls(
        self, smtp_portal: BlockingPortal, server_tls: ssl.SSLContext, ca: Path, tmp_path: Path
    ) -> None:
        with running(smtp_portal, tls_context=server_tls, require_starttls=True) as server:
            mailer = account(server, tmp_path / "m", security="starttls", ca_file=ca)

            assert asyncio.run(mailer.probe()).secure
            nothing_was_sent(mailer, server)

    def test_tls_from_the_start(
        self, smtp_portal: BlockingPortal, server_tls: ssl.SSLContext, ca: Path, tmp_path: Path
    ) -> None:
        with running(smtp_portal, implicit_tls=server_tls) as server:
            mailer = account(server, tmp_path / "m", security="tls", ca_file=ca)

            assert asyncio.run(mailer.probe()).secure
            nothing_was_sent(mailer, server)

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_certificate_of_a_stranger(
        self,
        smtp_portal: BlockingPortal,
        server_tls: ssl.SSLContext,
        tmp_path: Path,
        security: str,
    ) -> None:
        how = {"implicit_tls" if security == "tls" else "tls_context": server_tls}
        with running(smtp_portal, **how) as server:
            mailer = account(server, tmp_path / "m", security=security)

            assert "certificate" in failure(mailer, Misconfigured)
            assert "mail" not in server.commands

    def test_a_certificate_of_another_name(
        self, smtp_portal: BlockingPortal, authority: trustme.CA, ca: Path, tmp_path: Path
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("elsewhere.example").configure_cert(context)
        with running(smtp_portal, tls_context=context) as server:
            mailer = account(server, tmp_path / "m", security="starttls", ca_file=ca)

            assert "certificate" in failure(mailer, Misconfigured)

    def test_a_server_without_starttls_gets_nothing(
        self, smtp_server: SmtpServer, tmp_path: Path
    ) -> None:
        mailer = account(
            smtp_server, tmp_path, security="starttls", user="compta", password=PASSWORD
        )

        assert "STARTTLS" in failure(mailer, Misconfigured)
        assert smtp_server.commands == ["greeting", "ehlo"]

    def test_starttls_that_breaks_off(
        self, smtp_portal: BlockingPortal, server_tls: ssl.SSLContext, ca: Path, tmp_path: Path
    ) -> None:
        with running(smtp_portal, tls_context=server_tls) as server:
            mailer = account(server, tmp_path / "m", security="starttls", ca_file=ca)
            server.fault("starttls", DROP)
            failure(mailer, RetryLater)
            server.fault("starttls", "454 4.7.0 not now")
            failure(mailer, RetryLater)
            nothing_was_sent(mailer, server)

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    @pytest.mark.parametrize(
        ("step", "kind"),
        [
            ("ehlo", RetryLater),
            ("rcpt", RetryLater),
            ("data", RetryLater),
            ("end", OutcomeUnknown),
            ("answer", OutcomeUnknown),
        ],
    )
    def test_cut_off_means_the_same_as_in_the_clear(
        self,
        smtp_portal: BlockingPortal,
        server_tls: ssl.SSLContext,
        ca: Path,
        tmp_path: Path,
        security: str,
        step: str,
        kind: type[RegisseurError],
    ) -> None:
        how = {"implicit_tls" if security == "tls" else "tls_context": server_tls}
        with running(smtp_portal, **how) as server:
            mailer = account(server, tmp_path / "m", security=security, ca_file=ca)
            server.fault(step, DROP)

            failure(mailer, kind)

            if kind is RetryLater:
                nothing_was_sent(mailer, server)

    def test_a_port_that_speaks_no_tls(self, smtp_server: SmtpServer, tmp_path: Path) -> None:
        failure(account(smtp_server, tmp_path, security="tls"), Misconfigured)

    def test_an_authority_that_is_no_file(self, smtp_server: SmtpServer, tmp_path: Path) -> None:
        mailer = account(smtp_server, tmp_path, security="tls", ca_file=tmp_path / "none.pem")

        assert "ca_file" in failure(mailer, Misconfigured)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"host": "mail.example", "security": "none"}, "this machine"),
        ({"user": "x"}, "password or oauth"),
        ({"password": "x"}, "user goes with"),
        ({"host": "a b"}, "host"),
        ({"port": 0}, "port"),
        ({"sent_folder": None}, "sent_folder"),
        (
            {
                "user": "x",
                "oauth": {"token_url": "http://a.example", "client_id": "a", "refresh_token": "b"},
            },
            "https",
        ),
    ],
)
def test_settings_that_can_not_be_meant(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        SmtpSettings.model_validate(
            {"host": "127.0.0.1", "security": "none", "sent_folder": "x", **changes}
        )


CHILD = """
import asyncio, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from mail_contract import mail
from regisseur.tools.mail.smtp import SmtpMailer, SmtpSettings
settings = SmtpSettings(
    host="127.0.0.1", port=int(sys.argv[1]), security="none", sent_folder=Path(sys.argv[2])
)
asyncio.run(SmtpMailer(settings).send(mail()))
"""


@pytest.mark.parametrize(
    ("step", "known"), [("rcpt", True), ("data", True), ("end", False), ("answer", False)]
)
def test_killed_at_any_moment_the_folder_does_not_lie(
    smtp_server: SmtpServer, mailer: SmtpMailer, tmp_path: Path, step: str, known: bool
) -> None:
    held = smtp_server.hold(step)
    support = Path(__file__).parents[2] / "support"
    arguments = [str(smtp_server.port), str(tmp_path), str(support)]
    with subprocess.Popen([sys.executable, "-c", CHILD, *arguments]) as child:
        assert held.reached.wait(60)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    if known:
        nothing_was_sent(mailer, smtp_server)
    else:
        with pytest.raises(OutcomeUnknown):
            found(mailer)
        failure(mailer, OutcomeUnknown)


def test_a_folder_that_can_not_be_written_to_sends_nothing(
    smtp_server: SmtpServer, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    failure(account(smtp_server, tmp_path / "file"), Misconfigured)

    assert smtp_server.taken == []
