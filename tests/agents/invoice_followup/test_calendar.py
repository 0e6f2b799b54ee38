"""Working days: French ones, regional ones, those of other countries, and unknown places."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regisseur.agents.invoice_followup.calendar import FRENCH_REGIONS, working_days
from regisseur.errors import Misconfigured

GOOD_FRIDAY, BOXING_DAY = date(2027, 3, 26), date(2028, 12, 26)
FRENCH = [
    date(2027, 1, 1),
    date(2027, 3, 29),
    date(2027, 5, 1),
    date(2027, 5, 6),
    date(2027, 5, 8),
    date(2027, 5, 17),
    date(2027, 7, 14),
    date(2027, 8, 15),
    date(2027, 11, 1),
    date(2027, 11, 11),
    date(2027, 12, 25),
]


@pytest.mark.parametrize("day", FRENCH)
def test_nobody_works_on_the_eleven_french_holidays(day: date) -> None:
    assert not working_days("FR").includes(day)


def test_nobody_works_on_weekends() -> None:
    france = working_days("FR")

    week = [date(2026, 11, 23 + n) for n in range(7)]
    assert [france.includes(day) for day in week] == [True] * 5 + [False] * 2


@pytest.mark.parametrize("postcode", ["67000", "68 100", "F-57050"])
def test_alsace_and_moselle_have_two_more(postcode: str) -> None:
    there, elsewhere = working_days("FR", postcode), working_days("FR", "54000")

    for day in (GOOD_FRIDAY, BOXING_DAY):
        assert not there.includes(day)
        assert elsewhere.includes(day)


def test_a_postcode_of_another_country_is_no_french_region() -> None:
    assert working_days("FR", "67000") is not working_days("FR")
    assert working_days("BE", "6700") is working_days("BE")


@pytest.mark.parametrize("begin", FRENCH_REGIONS)
def test_the_library_knows_each_region(begin: str) -> None:
    assert working_days("FR", f"{begin:0<5}") is not working_days("FR")


def test_each_country_has_its_own() -> None:
    belgian, bastille, belgians_day = working_days("BE"), date(2027, 7, 14), date(2027, 7, 21)

    assert belgian.includes(bastille)
    assert not belgian.includes(belgians_day)
    assert working_days("FR").includes(belgians_day)


@pytest.mark.parametrize("country", [None, "", "XX", "atlantis"])
def test_an_unknown_country_follows_the_senders(country: str | None) -> None:
    assert working_days(country) is working_days("FR")
    assert working_days(country, home="BE") is working_days("BE")


def test_a_small_letter_is_no_other_country() -> None:
    assert working_days(" be ") is working_days("BE")


def test_the_senders_own_country_must_be_known() -> None:
    with pytest.raises(Misconfigured, match="'XX'"):
        working_days("YY", home="XX")


def test_the_next_working_day() -> None:
    france = working_days("FR")

    assert france.next(date(2026, 12, 24)) == date(2026, 12, 24)
    assert france.next(date(2026, 12, 25)) == date(2026, 12, 28)
    assert france.after(date(2026, 12, 24)) == date(2026, 12, 28)
    assert france.after(date(2026, 12, 24), 4) == date(2026, 12, 31)
    assert france.after(date(2026, 12, 31)) == date(2027, 1, 4)
    assert france.after(date(2026, 12, 26), 0) == date(2026, 12, 26)


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.sampled_from(["FR", "BE", "DE", "AE", "XX"]),
    st.integers(1, 6),
)
def test_a_day_found_is_a_working_day(day: date, country: str, count: int) -> None:
    there = working_days(country)

    assert there.includes(there.next(day))
    assert there.next(day) >= day
    assert there.includes(there.after(day, count))
    assert there.after(day, count) == there.after(there.after(day, count - 1))
