"""Settings of the programs that are told what happens: ``[[company.hooks]]`` in regisseur.toml."""

from __future__ import annotations

from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

EventName = Literal[
    "action.proposed",
    "action.decided",
    "action.done",
    "action.failed",
    "action.unknown",
    "action.closed",
    "report.ready",
    "alarm",
]
EVENTS: tuple[EventName, ...] = get_args(EventName)
HERE = ("localhost", "127.0.0.1", "::1")
SHORTEST_SECRET = 16


class HookSettings(BaseModel):
    """One program: where it listens, what it is told, and for whom it may answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    url: str
    secret: SecretStr
    """Shared with the receiver, which checks by it that a message comes from here."""
    events: tuple[EventName, ...] = EVENTS
    answers_as: (
        Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1)] | None
    ) = None
    """The login of the person for whom the receiver may answer; without one it is only told."""
    plain_http: bool = False
    """Allow an address that isn't encrypted and not on this machine: whoever listens on the way can
    read what is told, and answer."""

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"write at least {SHORTEST_SECRET} characters that nobody can guess")
        return value

    @model_validator(mode="after")
    def _address(self) -> HookSettings:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url: write the whole address, https://…")
        if parts.username or parts.password:
            raise ValueError("url: leave name and password out; the receiver checks the signature")
        if parts.scheme == "http" and parts.hostname not in HERE and not self.plain_http:
            raise ValueError("url: use https, or allow it with plain_http = true")
        return self


def _distinct(hooks: tuple[HookSettings, ...]) -> tuple[HookSettings, ...]:
    names = [one.name for one in hooks]
    if len(set(names)) != len(names):
        raise ValueError("two hooks have the same name")
    return hooks


Hooks = Annotated[tuple[HookSettings, ...], AfterValidator(_distinct)]
"""All hooks of a company."""
