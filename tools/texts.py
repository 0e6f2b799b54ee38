"""Wording: a message becomes a sentence in the reader's language.

Words come from the catalogue ``locale/<language>.po`` next to the package that speaks (its
``domain``), values are written as the reader's locale writes them, by Babel. Where a translation
is missing, the English template is used. Nothing that a value holds is ever interpreted.
"""

from __future__ import annotations

import re
import sys
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache, reduce
from gettext import NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.support import Translations

from regisseur.tools.records import Day, Message, Money, Number, Percent, Quantity, Rough, Value

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
QUANTITY_DIGITS = 3
"""Decimals of a quantity that are shown at most: a gram of a kilogram."""

DateStyle = Literal["short", "medium", "long", "full"]


def word(message: Message, locale: str, *, dates: DateStyle = "medium") -> str:
    """The message as a sentence; a placeholder without a value stays visible as it is written."""

    def filled(match: re.Match[str]) -> str:
        value = message.values.get(match[1])
        return match[0] if value is None else shown(value, locale, dates=dates)

    return PLACEHOLDER.sub(filled, _template(message, Locale.parse(locale).language))


def shown(value: Value, locale: str, *, dates: DateStyle = "medium") -> str:
    """One value as the locale writes it, rounded half away from zero as invoices are."""
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        match value:
            case str():
                return value
            case int():
                return _decimal(value, 0, locale)
            case Money():
                return format_currency(value.amount, value.currency, locale=locale)
            case Rough():
                return _whole(value, locale)
            case Quantity():
                figure = _decimal(value.value, QUANTITY_DIGITS, locale)
                return f"{figure}\N{NO-BREAK SPACE}{value.unit}" if value.unit else figure
            case Number():
                return _decimal(value.value, value.digits, locale)
            case Percent():
                share = _rounded(value.value, value.digits + 2)
                return format_percent(share, locale=locale, decimal_quantization=False)
            case Day():
                return format_date(value.date, dates, locale=locale)
            case Message():
                return word(value, locale, dates=dates)


def plain_spaces(text: str) -> str:
    """The text with ordinary spaces only, for terminals that can't show the others."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def check(message: Message) -> None:
    """For tests: raises ValueError where a template names a value that the message doesn't have."""
    for template in filter(None, (message.text, message.plural)):
        if missing := placeholders(template) - message.values.keys():
            names = ", ".join(sorted(missing))
            raise ValueError(f"{message.domain}: no value for {names} in {template!r}")
    for value in message.values.values():
        if isinstance(value, Message):
            check(value)


def placeholders(template: str) -> set[str]:
    """Names of the values that a template asks for."""
    return set(PLACEHOLDER.findall(template))


def _template(message: Message, language: str) -> str:
    if not message.text:
        return ""
    catalogue = _catalogue(message.domain, language)
    if message.plural is None or message.count is None:
        return catalogue.gettext(message.text)
    return catalogue.ngettext(message.text, message.plural, message.count)


def _catalogue(domain: str, language: str) -> NullTranslations:
    if hasattr(sys.modules.get(domain.partition(".")[0]), "__path__"):
        return _read(domain, language)
    return NullTranslations()


@cache
def _read(domain: str, language: str) -> NullTranslations:
    file = catalogue_file(domain, language)
    if file is None:
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source))
    compiled.seek(0)
    return Translations(compiled)


def catalogue_file(domain: str, language: str) -> Traversable | None:
    """The catalogue of the nearest package around ``domain`` that has one in this language.

    ``domain`` may come from a database: only its first part is looked up among the modules that
    are loaded already, the rest are folder names, and nothing is imported.
    """
    top, *rest = domain.split(".")
    names = [name for name in rest if name.isidentifier()]
    for depth in range(len(names), -1, -1):
        path = [*names[:depth], "locale", f"{language}.po"]
        # Part by part: folders of a namespace package take no more at a time.
        file = reduce(lambda folder, part: folder.joinpath(part), path, files(sys.modules[top]))
        if file.is_file():
            return file
    return None


def _rounded(value: Decimal, digits: int) -> Decimal:
    return round(value, digits).normalize() + 0  # never "-0", never an exponent


def _whole(value: Rough, locale: str) -> str:
    """A sum as the locale writes sums, without the cents."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(
        _rounded(value.amount, 0), value.currency, pattern, locale=locale, currency_digits=False
    )


def _decimal(value: Decimal | int, digits: int, locale: str) -> str:
    figure = _rounded(Decimal(value), digits)
    return str(format_decimal(figure, locale=locale, decimal_quantization=False))
