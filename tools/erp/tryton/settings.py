"""What a person writes to connect us to a Tryton."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from regisseur.tools.erp.http import HttpSettings


class TrytonSettings(BaseModel):
    """One user's account in one Tryton database; give the product a user of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    """Where the server answers, for example ``https://tryton.example.com``."""
    database: str = Field(min_length=1)
    user: str = Field(min_length=1)
    password: SecretStr
    company: int | None = None
    """Tryton's number of the company; only needed where the user works for several."""
    write_off: str | None = None
    """Name of Tryton's write-off method; only needed where there are several."""
    page_size: int = Field(default=2000, ge=1)
    """Records asked for at once; Tryton takes a fifth less for each than in pages of 1,000."""
    http: HttpSettings = HttpSettings()

    @field_validator("url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write the whole address, for example https://tryton.example.com")
        if "@" in value:
            raise ValueError("put the name into `user` and the password into `password`")
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("the port is a number, as in https://erp.example.com:8000") from None
        if parts.query or parts.fragment:
            raise ValueError("write the server's address only, without what follows ? or #")
        return value.rstrip("/")

    @property
    def identity(self) -> str:
        """The connection's name in locks and audit: which database, never who."""
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return f"tryton:{parts.hostname}:{port}{parts.path}/{self.database}"
