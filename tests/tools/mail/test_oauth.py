"""Signing in at a mail server with OAuth 2 in place of a password."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from mail_contract import mail
from smtp_server import SmtpServer, free_port

from regisseur.errors import Misconfigured, RetryLater
from regisseur.tools.mail.smtp import OAuthSettings, SmtpMailer, SmtpSettings


@dataclass
class TokenServer:
    """Gives out numbered tokens; ``answers`` go before them."""

    address: str = ""
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    lasts: int = 3600

    def answer(self, body: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(parse_qs(body))
        if self.answers:
            return self.answers.pop(0)
        return 200, {"access_token": f"token-{len(self.asked)}", "expires_in": self.lasts}


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    state = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            status, said = state.answer(body)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        state.address = f"http://127.0.0.1:{server.server_address[1]}/token"
        yield state
        server.shutdown()
        thread.join()


def account(server: SmtpServer, address: str, folder: Path) -> SmtpMailer:
    oauth = {
        "token_url": address,
        "client_id": "id-1",
        "client_secret": "secret-77",
        "refresh_token": "refresh-88",
        "scope": "https://outlook.office.com/SMTP.Send offline_access",
    }
    return SmtpMailer(
        SmtpSettings(
            host=server.host,
            port=server.port,
            security="none",
            user="compta@atelier.example",
            oauth=OAuthSettings.model_validate(oauth),
            sent_folder=folder,
        )
    )


def send(mailer: SmtpMailer, *keys: str) -> None:
    async def all_of_them() -> None:
        try:
            for key in keys:
                await mailer.send(mail(key))
        finally:
            await mailer.close()

    asyncio.run(all_of_them())


def test_one_token_serves_until_it_ends(
    smtp_server: SmtpServer, tokens: TokenServer, tmp_path: Path
) -> None:
    smtp_server.tokens["compta@atelier.example"] = "token-1"

    send(account(smtp_server, tokens.address, tmp_path), "a", "b")

    assert len(smtp_server.taken) == 2
    assert tokens.asked == [
        {
            "grant_type": ["refresh_token"],
            "client_id": ["id-1"],
            "client_secret": ["secret-77"],
            "refresh_token": ["refresh-88"],
            "scope": ["https://outlook.office.com/SMTP.Send offline_access"],
        }
    ]


def test_a_token_about_to_end_is_renewed_with_the_newest_refresh_token(
    smtp_server: SmtpServer, tokens: TokenServer, tmp_path: Path
) -> None:
    smtp_server.tokens["compta@atelier.example"] = "token"
    short = {"access_token": "token", "expires_in": 30, "refresh_token": "refresh-99"}
    tokens.answers = [(200, short), (200, short)]

    send(account(smtp_server, tokens.address, tmp_path), "a", "b")

    assert [one["refresh_token"] for one in tokens.asked] == [["refresh-88"], ["refresh-99"]]


def test_a_token_that_the_mail_server_refuses_is_not_used_again(
    smtp_server: SmtpServer, tokens: TokenServer, tmp_path: Path
) -> None:
    mailer = account(smtp_server, tokens.address, tmp_path)
    smtp_server.tokens["compta@atelier.example"] = "token-2"

    with pytest.raises(Misconfigured, match="token") as caught:
        send(mailer, "a")
    send(mailer, "a")

    assert "token-1" not in str(caught.value)
    assert len(smtp_server.taken) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (400, {"error": "invalid_grant", "error_description": "AADSTS700082"}),
        (401, {"error": "invalid_client"}),
        (200, {"expires_in": 3600}),
        (200, {"access_token": 7}),
    ],
)
def test_no_access_is_a_matter_of_settings(
    smtp_server: SmtpServer,
    tokens: TokenServer,
    tmp_path: Path,
    answer: tuple[int, dict[str, Any]],
) -> None:
    tokens.answers = [answer]

    with pytest.raises(Misconfigured, match="refresh_token") as caught:
        send(account(smtp_server, tokens.address, tmp_path), "a")

    assert "refresh-88" not in str(caught.value)
    assert smtp_server.commands == []


def test_a_token_server_that_is_away_is_tried_later(
    smtp_server: SmtpServer, tmp_path: Path
) -> None:
    with pytest.raises(RetryLater):
        send(account(smtp_server, f"http://127.0.0.1:{free_port()}/token", tmp_path), "a")

    assert smtp_server.taken == []
