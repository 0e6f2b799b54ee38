"""One reader's words: messages, days and hours in a company's language, safe for a terminal."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton

from regisseur.office.reports.reader import clean
from regisseur.tools.records import Company, Value
from regisseur.tools.texts import plain_spaces, shown


class Voice:
    """How the command line speaks to the people of a company."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._zone = ZoneInfo(company.timezone)

    def __call__(self, value: Value | None) -> str:
        """A sentence or a value, on one line; nothing in it can move a cursor or colour a screen."""
        text = "" if value is None else shown(value, self.company.locale)
        return plain_spaces(clean(text)).replace("\n", " ").replace("\t", " ")

    def day(self, day: date) -> str:
        """A day with its year."""
        return self(format_date(day, "long", locale=self.company.locale))

    def near(self, day: date | None) -> str:
        """A day without its year, short enough for a column."""
        if day is None:
            return ""
        return self(str(format_skeleton("MMMEd", day, locale=self.company.locale)))

    def local_day(self, at: datetime) -> date:
        """The day on the company's clocks."""
        return at.astimezone(self._zone).date()

    def moment(self, at: datetime) -> str:
        """A day and hour on the company's clocks."""
        return self(
            str(format_datetime(at, "short", tzinfo=self._zone, locale=self.company.locale))
        )

    def local(self, at: datetime) -> datetime:
        """A moment that was typed: without an offset, the company's clocks are meant."""
        return at if at.tzinfo else at.replace(tzinfo=self._zone)
