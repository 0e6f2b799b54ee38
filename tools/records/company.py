"""The company for which a mission runs."""

from typing import Annotated

from pydantic import StringConstraints, field_validator

from regisseur.tools.records.base import Record
from regisseur.tools.records.money import Currency


class Company(Record):
    """A tenant: how people there read, count and live by the clock."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    name: str
    locale: str = "fr_FR"
    currency: Currency = "EUR"
    timezone: str = "Europe/Paris"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError):
            raise ValueError("not an IANA time zone; write for example Europe/Paris") from None
        return value

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, value: str) -> str:
        from babel import Locale, UnknownLocaleError

        try:
            return str(Locale.parse(value))
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError("not a known locale; write for example fr_FR or en_GB") from error
