"""Access tokens for OAuth 2 (RFC 6749, section 6), renewed a minute before they end."""

from __future__ import annotations

import time
from urllib.parse import urlencode, urlsplit

from regisseur.errors import Misconfigured
from regisseur.tools.erp.http import Answer, Call, Http, HttpSettings
from regisseur.tools.lines import one_line
from regisseur.tools.mail.smtp.settings import OAuthSettings

EARLY = 60.0
"""Seconds before its end from which a token is not used any more."""


class Tokens:
    """The token in use, and how to get the next one."""

    def __init__(self, settings: OAuthSettings) -> None:
        self._settings = settings
        self._refresh = settings.refresh_token.get_secret_value()
        self._token = ""
        self._until = 0.0
        self._server = urlsplit(settings.token_url).hostname
        self._http: Http | None = None

    async def current(self) -> str:
        """A token that still holds; raises Misconfigured or RetryLater."""
        if not self._token or time.monotonic() >= self._until:
            self._keep(await self._ask())
        return self._token

    def forget(self) -> None:
        """The mail server didn't take it: ask for a new one next time."""
        self._token = ""

    async def close(self) -> None:
        """Release sockets."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _ask(self) -> Answer:
        if self._http is None:
            patience = HttpSettings(read_seconds=20, total_seconds=30, attempts=3)
            self._http = Http(self._settings.token_url, "the token server", patience)
        form = {
            "grant_type": "refresh_token",
            "client_id": self._settings.client_id,
            "refresh_token": self._refresh,
        }
        if self._settings.client_secret is not None:
            form["client_secret"] = self._settings.client_secret.get_secret_value()
        if self._settings.scope:
            form["scope"] = self._settings.scope
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        content = urlencode(form).encode()
        return await self._http.send(
            Call("renew token", "sign_in", "", content=content, headers=headers)
        )

    def _keep(self, answer: Answer) -> None:
        said = answer.data if isinstance(answer.data, dict) else {}
        token = said.get("access_token")
        if answer.status != 200 or not isinstance(token, str) or not token.isascii():
            why = one_line(str(said.get("error", answer.status)))
            raise Misconfigured(
                f"mail.oauth: {self._server} gives no access ({why}); check client_id and scope, "
                "or sign in again and set the new refresh_token"
            )
        renewed = said.get("refresh_token")
        if isinstance(renewed, str) and renewed:
            self._refresh = renewed
        lasts = said.get("expires_in", 0)
        seconds = float(lasts) if isinstance(lasts, int | str) and str(lasts).isdecimal() else 0.0
        self._token, self._until = token, time.monotonic() + seconds - EARLY
