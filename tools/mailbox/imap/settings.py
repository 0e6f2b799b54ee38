"""What a person writes to let us read a mailbox."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from regisseur.tools.mail.smtp.settings import OAuthSettings, loopback

Security = Literal["tls", "starttls", "none"]
_PORTS: dict[Security, int] = {"tls": 993, "starttls": 143, "none": 143}
Folder = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ImapSettings(BaseModel):
    """One account at one IMAP server, to be read and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(min_length=1, pattern=r"^[^\s/@]+$")
    """The server, for example ``outlook.office365.com`` or ``imap.gmail.com``."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """993 for ``tls``, 143 for ``starttls`` and ``none`` unless set."""
    security: Security = "tls"
    """``none`` reads everything in the clear: only for a server on this very machine."""
    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate, where it is your own."""
    user: str = Field(min_length=1)
    password: SecretStr | None = None
    oauth: OAuthSettings | None = None
    """In place of ``password``; Microsoft's scope is
    ``https://outlook.office.com/IMAP.AccessAsUser.All offline_access``.
    """
    folders: tuple[Folder, ...] = Field(default=("INBOX",), min_length=1, max_length=20)
    """Where answers and reports of failure arrive; add the one for junk if they end there."""
    sent_folder: str = ""
    """Folder of the account that gets a copy of each mail sent; empty for none, as at Google or
    Microsoft, whose servers keep one themselves.
    """
    connect_seconds: float = Field(default=20, gt=0)
    """Until the connection stands."""
    reply_seconds: float = Field(default=30, gt=0)
    """Longest silence before any other answer."""

    @model_validator(mode="after")
    def _whole(self) -> ImapSettings:
        if (self.password is None) == (self.oauth is None):
            raise ValueError("set password or oauth, one of them")
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
        return f"imap:{host}:{port}/{self.user}"
