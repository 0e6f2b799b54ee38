"""What a person writes to connect us to a mail server."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Security = Literal["starttls", "tls", "none"]
_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}


class OAuthSettings(BaseModel):
    """OAuth 2 in place of a password, for accounts at Microsoft or Google."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_url: str
    """For example ``https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`` or
    ``https://oauth2.googleapis.com/token``.
    """
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    refresh_token: SecretStr
    scope: str = ""
    """Microsoft wants ``https://outlook.office.com/SMTP.Send offline_access``; Google nothing."""

    @field_validator("token_url")
    @classmethod
    def _secure(cls, value: str) -> str:
        parts = urlsplit(value)
        if not parts.hostname or parts.scheme not in ("https", "http"):
            raise ValueError("write the whole address, for example https://host/token")
        if parts.scheme == "http" and not loopback(parts.hostname):
            raise ValueError("must begin with https://, or anybody could read the token")
        return value


class SmtpSettings(BaseModel):
    """One account at one mail server, used to hand mails in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(min_length=1, pattern=r"^[^\s/@]+$")
    """The server that takes outgoing mail, for example ``smtp.office365.com``."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """587 for ``starttls``, 465 for ``tls``, 25 for ``none`` unless set."""
    security: Security = "starttls"
    """``none`` sends everything in the clear: only for a server on this very machine."""
    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate, where it is your own."""
    user: str = ""
    """Empty for a server that asks nobody to sign in."""
    password: SecretStr | None = None
    oauth: OAuthSettings | None = None
    sent_folder: Path
    """Where copies of what was sent are kept, and what proves that it was. It must last, and
    belong to this account alone.
    """
    connect_seconds: float = Field(default=20, gt=0)
    """Until the connection stands and the server has greeted."""
    reply_seconds: float = Field(default=60, gt=0)
    """Longest silence before any other answer."""
    final_seconds: float = Field(default=300, gt=0)
    """Longest silence after the end of a mail; an answer missed here needs a person to look."""

    @model_validator(mode="after")
    def _whole(self) -> SmtpSettings:
        if self.password is not None and self.oauth is not None:
            raise ValueError("set password or oauth, not both")
        if bool(self.user) != (self.password is not None or self.oauth is not None):
            raise ValueError("user goes with password or oauth")
        if self.security == "none" and not loopback(self.host):
            raise ValueError("security = none is only for a server on this machine")
        return self

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port or _PORTS[self.security]

    @property
    def identity(self) -> str:
        """The account's name in locks and audit."""
        host, port = self.address
        return f"smtp:{host}:{port}/{self.user}"


def loopback(host: str) -> bool:
    """Does nothing sent there leave this machine?"""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
