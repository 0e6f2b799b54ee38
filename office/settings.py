"""Settings from ``regisseur.toml`` and the environment; a wrong key or value is named.

The environment wins over the file: ``REGISSEUR_COMPANY__ERP__PASSWORD`` sets ``password`` in the
table ``[company.erp]``. What an ERP adapter or an agent understands is checked by that plug-in's
own model when the office opens; until then a value from the environment stays the text it is.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from regisseur.errors import Misconfigured
from regisseur.graphs.policy import Policy
from regisseur.graphs.trust import TrustSettings
from regisseur.office.hook_settings import Hooks
from regisseur.office.night_settings import NightSettings
from regisseur.office.web.settings import ServerSettings
from regisseur.tools.bank import CsvLayout
from regisseur.tools.records import Company

PREFIX = "REGISSEUR_"
FILE = "regisseur.toml"


class CompanySettings(BaseModel):
    """One company: who it is, its ERP, its policy and its agents' own settings."""

    model_config = ConfigDict(extra="forbid")

    id: str = "company"
    name: str = ""
    locale: str = "fr_FR"
    currency: str = "EUR"
    timezone: str = "Europe/Paris"
    erp: dict[str, Any] = Field(default_factory=dict, repr=False)
    """``vendor`` names the adapter, the rest is the adapter's."""
    mail: dict[str, Any] = Field(default_factory=dict)
    """The account that mails are sent from, written in the same way; empty for none."""
    mailbox: dict[str, Any] = Field(default_factory=dict)
    """Where answers to these mails are read; empty for nowhere."""
    post: dict[str, Any] = Field(default_factory=dict)
    """Where letters wait to be posted; empty for nowhere."""
    banks: dict[str, CsvLayout] = Field(default_factory=dict)
    """How banks write their CSV files, by a name of your own; CAMT.053 and OFX need none."""
    hooks: Hooks = ()
    """Programs that are told what happens, and may answer; see docs/API.md."""
    policy: Policy = Policy()
    """Until a version of it is proposed; from then on the stored versions hold (docs/POLICY.md)."""
    trust: TrustSettings = TrustSettings()
    """When an agent's record speaks for more trust, and when for less."""
    sender: str = ""
    """The address that mails to your own people come from; left out, that of the mail account."""
    bulk_up_to: Decimal = Field(default=Decimal(1000), ge=0)
    """Amounts above, in company currency, are left out where many actions are decided at once."""
    night: NightSettings = NightSettings()
    """When the night begins and the pack is expected; see docs/RUNNING.md."""
    agents: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Settings by agent; an agent runs for the company unless it has ``enabled = false``."""

    def company(self) -> Company:
        """The company as missions know it."""
        named = self.model_dump(include={"id", "locale", "currency", "timezone"})
        return Company(**named, name=self.name or self.id)


class OidcSettings(BaseModel):
    """Where people sign in instead of here: an OpenID provider. Empty for nowhere."""

    model_config = ConfigDict(extra="forbid")

    issuer: str = ""
    """Its address, for example ``https://login.example.com/realms/atelier``."""
    client_id: str = ""
    client_secret: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _whole(self) -> OidcSettings:
        if bool(self.issuer) != bool(self.client_id):
            raise ValueError("issuer and client_id belong together")
        return self


class SigningSettings(BaseModel):
    """How people sign in, for how long, and how many attempts they have."""

    model_config = ConfigDict(extra="forbid")

    hours: float = Field(default=12, gt=0)
    """A session ends by itself after so many."""
    idle_minutes: float = Field(default=60, gt=0)
    """And before that where it isn't used for so many."""
    attempts: int = Field(default=5, ge=1)
    """Wrong passwords for a login before it is locked."""
    attempts_per_address: int = Field(default=30, ge=1)
    """Failed attempts from one address before it has to wait, whatever the login."""
    lock_minutes: float = Field(default=15, gt=0)
    """So long an attempt counts, and a login or an address stays locked."""
    oidc: OidcSettings = OidcSettings()


class _FromEnvironment(str):
    """A value whose type only a plug-in knows: text as it stands, or JSON if text won't do."""


class _Environment(EnvSettingsSource):
    """Leaves alone what only a plug-in can read: a password may look like a number or like JSON."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        self.env_vars = {
            name: None if text is None else _FromEnvironment(text)
            for name, text in self.env_vars.items()
        }

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: Any) -> Any:
        """JSON where the type is ours, else the text."""
        return value if field is None else super().decode_complex_value(field_name, field, value)


class OfficeSettings(BaseSettings):
    """Everything that can be set. ``company`` is for one, ``companies`` for many."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", validate_default=True
    )

    database: str = Field(default="sqlite:///regisseur.sqlite", repr=False)
    """SQLAlchemy URL; a relative SQLite path is meant from the settings file's folder."""
    folder: Path = Path(".")
    """Where the settings file lies; what has no better place is kept there."""
    signing: SigningSettings = SigningSettings()
    company: CompanySettings | None = None
    companies: dict[str, CompanySettings] = Field(default_factory=dict)
    server: ServerSettings = Field(default_factory=ServerSettings)
    """Where the pages are served."""

    @model_validator(mode="after")
    def _gather(self) -> OfficeSettings:
        if self.company is not None and self.companies:
            raise ValueError("write [company] for one or [companies.ID] for many, not both")
        for key, one in self.companies.items():
            one.id = key
        return self

    def all(self) -> list[CompanySettings]:
        """Every company."""
        return [self.company] if self.company is not None else list(self.companies.values())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what was read from the file."""
        return _Environment(settings_cls), init_settings


def load(path: Path | None = None) -> OfficeSettings:
    """Read the settings; raises Misconfigured naming the file and the key that is wrong.

    Without ``path``, the file is ``REGISSEUR_CONFIG`` or ``regisseur.toml`` in the working folder;
    that one may be missing, a file that was named may not.
    """
    named = path or (
        Path(os.environ["REGISSEUR_CONFIG"]) if "REGISSEUR_CONFIG" in os.environ else None
    )
    file = named or Path(FILE)
    written = _read(file, must_exist=named is not None)
    _known_variables()
    try:
        settings = OfficeSettings(**written)
    except ValidationError as error:
        raise Misconfigured(_explain(file, error)) from None  # it holds the values: secrets too
    except SettingsError as error:
        raise Misconfigured(f"in the environment: {error}") from None
    for one in settings.all():
        where = ("company",) if settings.company is not None else ("companies", one.id)
        try:
            one.company()
        except ValidationError as error:
            raise Misconfigured(_explain(file, error, where)) from None
    settings.database = _beside(file, settings.database)
    settings.folder = file.resolve().parent
    return settings


def _read(file: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if must_exist:
            raise Misconfigured(
                f"there is no settings file {file}; write one with `regisseur init`"
            ) from error
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} is not valid TOML: {error}") from error


def _known_variables() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in OfficeSettings.model_fields}
    for name in os.environ:
        ours = name.startswith(PREFIX) and name != "REGISSEUR_CONFIG"
        if ours and name.split("__")[0] not in known:
            raise Misconfigured(f"the environment variable {name} is no setting of ours")


def _explain(file: Path, error: ValidationError, where: tuple[str, ...] = ()) -> str:
    lines = []
    for one in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part) for part in (*where, *one["loc"]))
        variable = PREFIX + key.replace(".", "__").upper()
        source = variable if variable in os.environ else file
        lines.append(f"{source}: {key}: {_fault(one)}" if key else f"{source}: {_fault(one)}")
    return "\n".join(lines)


def _fault(one: ErrorDetails) -> str:
    """What is wrong, without the value: it may be a secret."""
    if one["type"] == "extra_forbidden":
        return "there is no such setting"
    return "is missing" if one["type"] == "missing" else one["msg"].removeprefix("Value error, ")


def _beside(file: Path, url: str) -> str:
    """A relative SQLite path belongs beside the settings, wherever the command is run."""
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if not url.startswith(prefix) or path.startswith(("/", ":memory:")) or not path:
        return url
    return f"{prefix}{file.resolve().parent / path}"


def parse_part(
    model: type[BaseModel], data: dict[str, Any], where: str, folder: Path = Path()
) -> Any:
    """A plug-in's own settings; raises Misconfigured naming the key, never printing a value.

    Relative paths in it are meant from ``folder``, where the settings lie.
    """
    try:
        parsed = _validated(model, data)
        paths = {name: folder / value for name, value in parsed if isinstance(value, Path)}
        return parsed.model_copy(update=paths)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join([where, *(str(part) for part in first["loc"])])
        raise Misconfigured(f"{key}: {_fault(first)}") from None  # it holds the values


def _validated(model: type[BaseModel], data: dict[str, Any]) -> BaseModel:
    """Text from the environment as it is; where the model wants more than text, read as JSON."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        places = [one["loc"] for one in error.errors(include_url=False)]
    again = deepcopy(data)
    for place in places:
        _decode(again, place)
    return model.model_validate(again)


def _decode(data: Any, place: Sequence[str | int]) -> None:
    *before, last = place or ("",)
    for part in before:
        data = data.get(part) if isinstance(data, dict) else None
    value = data.get(last) if isinstance(data, dict) else None
    if isinstance(value, _FromEnvironment):
        try:
            data[last] = json.loads(value)
        except ValueError:
            return
