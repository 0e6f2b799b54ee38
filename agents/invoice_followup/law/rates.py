"""The dated rates that interest is computed from: ours, and a company's own lines over them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from regisseur.tools.records import Record

HalfYear = Annotated[str, StringConstraints(pattern=r"^\d{4}-H[12]$")]
"""``2026-H1`` from 1 January to 30 June, ``2026-H2`` from 1 July to 31 December."""
RateName = Literal["ecb", "legal_other"]
"""The ECB's main refinancing rate on the first day of the half-year, without any points added;
the French legal interest rate of the half-year for claims other than those of individuals."""

ECB_POINTS = Decimal(8)
"""The fewest points that the law adds to the ECB rate."""


def half_year_of(day: date) -> HalfYear:
    """The half-year in which a day lies."""
    return f"{day.year:04}-H{1 if day.month <= 6 else 2}"


def first_day(half_year: HalfYear) -> date:
    """1 January or 1 July."""
    return date(int(half_year[:4]), 1 if half_year.endswith("1") else 7, 1)


class Rate(Record):
    """One line of the table: a rate of one half-year, in percent a year, and where it was read."""

    half_year: HalfYear
    name: RateName
    percent: Annotated[Decimal, Field(ge=0, le=100)]
    source: str
    status: Literal["certain", "to verify"] = "to verify"
    """``certain`` once a person has read it in the official source."""

    @model_validator(mode="after")
    def _bare(self) -> Rate:
        if self.name == "ecb" and self.percent >= ECB_POINTS:
            raise ValueError("write the ECB rate itself, without the 8 or 10 points")
        return self


class Rates(Record):
    """A table of rates, at most one line for each name and half-year."""

    lines: tuple[Rate, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Rates:
        seen = set()
        for line in self.lines:
            if (line.name, line.half_year) in seen:
                raise ValueError(f"{line.name} of {line.half_year} is there twice; keep one line")
            seen.add((line.name, line.half_year))
        return self

    def find(self, name: RateName, half_year: HalfYear) -> Rate | None:
        """The line of exactly this half-year; no rate is ever carried forward."""
        for line in self.lines:
            if line.name == name and line.half_year == half_year:
                return line
        return None

    def overridden(self, own: Iterable[Rate]) -> Rates:
        """This table with a company's own lines added, which win over the lines here."""
        own = tuple(own)
        written = {(line.name, line.half_year) for line in own}
        kept = (line for line in self.lines if (line.name, line.half_year) not in written)
        return Rates(lines=(*kept, *own))


@cache
def official() -> Rates:
    """The table that comes with the product (``rates.toml`` in this package)."""
    text = (
        files("regisseur.agents.invoice_followup.law")
        .joinpath("rates.toml")
        .read_text(encoding="utf-8")
    )
    return Rates(lines=tomllib.loads(text, parse_float=Decimal)["rates"])
