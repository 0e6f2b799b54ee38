"""When a claim lapses.

For warnings, so the earlier day is taken where the law leaves a doubt; whether a claim has lapsed is
for counsel to say. Sources: C. com. L110-4, C. conso. L218-2, C. civ. 2224 and 2228 to 2244, law
68-1250 of 31 December 1968 (public bodies).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from regisseur.tools.records.receivables import PayerKind

BUSINESS_YEARS = 5
CONSUMER_YEARS = 2
PUBLIC_YEARS = 4
"""Counted from the 1 January that follows."""


def lapses(since: date, payer: PayerKind, interrupted: Iterable[date] = ()) -> date:
    """Last day on which a claim can be brought before a court.

    ``since`` is the day on which the time begins: that the service was completed, or earlier to be
    safe the invoice's. ``interrupted`` are the days from which it began anew, as a person entered
    them: an acknowledgement of the debt, the end of proceedings, an act of enforcement. A reminder
    or a registered letter is none of these, whatever it says.
    """
    start = max((since, *interrupted))
    match payer:
        case "business":
            return _years_later(start, BUSINESS_YEARS)
        case "public":
            return min(_years_later(start, BUSINESS_YEARS), date(start.year + PUBLIC_YEARS, 12, 31))
        case "consumer" | "unknown":
            return _years_later(start, CONSUMER_YEARS)


def _years_later(day: date, years: int) -> date:
    """The same day of a later year; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
