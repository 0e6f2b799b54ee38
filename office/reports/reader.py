"""Whoever reads a report: a language, and the clock on the company's wall."""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time, get_timezone

from regisseur.errors import InvalidInput
from regisseur.graphs.policy import NO_RULE
from regisseur.graphs.report import ActionLine, Report
from regisseur.office.reports import labels
from regisseur.tools.records import Company, Money, RecordRef, Value
from regisseur.tools.texts import shown

INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
NO_CHARACTERS = {"\ufffe", "\uffff"}
KEPT = {"\n", "\t", "\N{SOFT HYPHEN}", "\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}


class Night(Protocol):
    """What is read is about a company and a date."""

    @property
    def company(self) -> Company:
        """Whose clocks are meant."""
        ...

    @property
    def on(self) -> date:
        """The night's date."""
        ...


class Reader:
    """Words, values, days and hours of one report in one locale (``fr_FR`` or ``fr-FR``).

    Raises InvalidInput where the locale is not known.
    """

    def __init__(self, report: Night, locale: str) -> None:
        try:
            self.culture = Locale.parse(locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError) as error:
            raise InvalidInput("not known; write for example fr_FR", field="locale") from error
        self.locale = str(self.culture)
        self.on = report.on
        self.zone = get_timezone(report.company.timezone)

    def value(self, value: Value | None) -> str:
        """A value that may be missing."""
        return "–" if value is None else shown(value, self.locale)

    def sums(self, amounts: Iterable[Money | None]) -> str:
        """The total of what is known, one sum per currency; empty where nothing is."""
        totals: dict[str, Money] = {}
        for amount in filter(None, amounts):
            before = totals.get(amount.currency)
            totals[amount.currency] = amount if before is None else before + amount
        return " + ".join(self.value(total) for total in totals.values())

    def long_day(self, day: date) -> str:
        """The day as the head of a page names it."""
        return format_date(day, "full", locale=self.culture)

    def day(self, day: date) -> str:
        """A day near the night, without its year."""
        return str(format_skeleton("MMMEd", day, locale=self.culture))

    def deadline(self, day: date | None) -> str:
        """How soon, seen from the night's date."""
        if day is None:
            return self.value(labels.NO_DATE)
        if day < self.on:
            return self.value(labels.overdue(self.day(day)))
        if day == self.on:
            return self.value(labels.TODAY)
        if day == self.on + timedelta(days=1):
            return self.value(labels.TOMORROW)
        return self.day(day)

    def urgency(self, day: date | None) -> str:
        """``late``, ``soon`` or ``calm``: what the deadline is marked with."""
        if day is None or day > self.on + timedelta(days=1):
            return "calm"
        return "soon" if day > self.on else "late"

    def moment(self, at: datetime) -> str:
        """An hour at the company; with its day where that is not the night's."""
        local = at.astimezone(self.zone)
        hour = format_time(local, "short", tzinfo=self.zone, locale=self.culture)
        return hour if local.date() == self.on else f"{self.day(local.date())}, {hour}"

    def stamp(self, at: datetime) -> str:
        """A day and hour that can be filed: with its year and zone."""
        return format_datetime(at, "long", tzinfo=self.zone, locale=self.culture)

    def duration(self, minutes: int) -> str:
        """Working time."""
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest:02} min" if hours else f"{rest} min"

    def status(self, action: ActionLine) -> str:
        """Where it stands."""
        return self.value(labels.STATUSES.get(action.status, action.status))

    def mode(self, action: ActionLine) -> str:
        """How the policy lets it be done."""
        return self.value(labels.MODES.get(action.mode, action.mode))

    def rule(self, action: ActionLine) -> str:
        """The name of the policy's rule as people wrote it; ours where none matched."""
        return self.value(labels.NO_RULE_MATCHED if action.rule == NO_RULE else action.rule)

    def others(self, report: Report) -> list[tuple[str, str, int]]:
        """What the report holds beside decisions: field, name and number of each list."""
        counted = [
            (field, self.value(name), len(getattr(report, field)))
            for field, name in labels.IN_SHORT.items()
        ]
        return [entry for entry in counted if entry[2]]


def clean(text: str) -> str:
    """Text without what is not seen and can deceive: terminal escapes, reversed reading order."""
    return "".join(char for char in text if _harmless(char))


def _harmless(char: str) -> bool:
    return char in KEPT or not (char in NO_CHARACTERS or unicodedata.category(char) in INVISIBLE)


def link(ref: RecordRef) -> str | None:
    """The address of a record where it is a web address; anything else is not followed."""
    try:
        parts = urlsplit(ref.url or "")
    except ValueError:
        return None
    return ref.url if parts.scheme in {"http", "https"} and parts.hostname else None
