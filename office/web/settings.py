"""Where the pages are served, and under which names."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator


class ServerSettings(BaseModel):
    """The table ``[server]``. By default only this machine is served, and without encryption:
    put a proxy that speaks https in front before anybody else is let in.
    """

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    """The address that is listened on."""
    port: int = Field(default=8765, ge=0, le=65535)
    base_url: str = ""
    """How people reach the pages from outside (``https://regisseur.example``); links in mails begin
    with it. Left out, the address listened on."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed."""
    requests_per_minute: int = Field(default=1200, ge=1)
    """Most requests of one person, or of one address that nobody signed in from."""
    largest_request: int = Field(default=12_000_000, ge=1)
    """Bytes that a request may have: bank statements and pictures of invoices fit, no more."""

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("write it with its scheme, for example https://regisseur.example")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("the pages stand at the root: leave the path out")
        return value.rstrip("/")

    @property
    def address(self) -> str:
        """Where people find the pages, without a slash at its end."""
        return self.base_url or f"http://{_bracketed(self.host)}:{self.port}"

    @property
    def secure(self) -> bool:
        """Do people come over https? Cookies then travel on no other way."""
        return self.address.startswith("https:")

    @property
    def names(self) -> list[str]:
        """The ``Host`` names that are answered to; any other is somebody else's page."""
        own = urlsplit(self.address).hostname or self.host
        return sorted({own, self.host, "127.0.0.1", "localhost", "::1"} - {"0.0.0.0", "::"})


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
