"""Working days of the customer's country, on which messages may go out and calls be made.

Public holidays and weekends come from the ``holidays`` library, those of Alsace-Moselle and of the
overseas departments included. Terms of payment and interest count calendar days: no use there.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from threading import Lock

from holidays import HolidayBase, country_holidays

from regisseur.errors import Misconfigured

DAY = timedelta(days=1)
FRENCH_REGIONS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "97133": "BL",
    "97150": "MF",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
"""Regions with holidays of their own, as the library names them, by beginnings of postcodes."""


class WorkingDays:
    """The working days of one place."""

    def __init__(self, holidays: HolidayBase) -> None:
        self._holidays = holidays
        self._reading = Lock()  # the library works a year out when it is first asked for

    def includes(self, day: date) -> bool:
        """Is this neither a weekend nor a public holiday?"""
        with self._reading:
            return self._holidays.is_working_day(day)

    def next(self, day: date) -> date:
        """The day itself if people work on it, else the first working day after it."""
        while not self.includes(day):
            day += DAY
        return day

    def after(self, day: date, count: int = 1) -> date:
        """So many working days later; one working day after a Friday is Monday."""
        for _ in range(count):
            day = self.next(day + DAY)
        return day


def working_days(country: str | None, postcode: str = "", *, home: str = "FR") -> WorkingDays:
    """The working days where a customer is, by country code (ISO 3166 alpha-2) and postcode.

    Without a country, or where the library doesn't know it, those of ``home`` hold, the company's
    own country; raises Misconfigured if that one isn't known either.
    """
    code = (country or home).strip().upper()
    found = _place(code, _region(code, postcode)) or _place(home, None)
    if found is None:
        raise Misconfigured(
            f"no public holidays are known for the country {home!r}; write its code, such as FR"
        )
    return found


def _region(country: str, postcode: str) -> str | None:
    """The French region of a postcode that has holidays of its own."""
    if country != "FR":
        return None
    digits = "".join(filter(str.isdigit, postcode))
    begins = (digits[:length] for length in (5, 3, 2))
    return next((FRENCH_REGIONS[one] for one in begins if one in FRENCH_REGIONS), None)


@lru_cache(maxsize=512)
def _place(country: str, region: str | None) -> WorkingDays | None:
    try:
        return WorkingDays(country_holidays(country, region))
    except NotImplementedError:
        return None
