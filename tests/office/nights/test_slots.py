"""When nights are due, on the clocks of many places: pure arithmetic."""

import re
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from regisseur.office.night_settings import DAYS, DayName, NightSettings
from regisseur.office.nights.slots import Night, moment, next_night, night_of, nights
from regisseur.office.settings import OfficeSettings

SECOND = timedelta(seconds=1)
PARIS = ZoneInfo("Europe/Paris")
EVERY_DAY = NightSettings(days=DAYS)
FEW = settings(max_examples=60)
zones = st.sampled_from(
    [
        "Europe/Paris",
        "America/New_York",
        "America/Nuuk",
        "America/Sao_Paulo",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Antarctica/Troll",
        "Africa/Casablanca",
        "Pacific/Apia",
        "UTC",
    ]
).map(ZoneInfo)
dates = st.one_of(
    st.dates(date(1995, 1, 1), date(2036, 12, 31)),
    st.sampled_from(
        [date(2026, 3, 29), date(2026, 10, 25), date(2011, 12, 30), date(2024, 3, 30),
         date(2026, 11, 1), date(2016, 10, 16), date(2026, 4, 5)]
    ),
)  # fmt: skip
hours = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))


def local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


@given(zones, dates, hours)
@settings(max_examples=200)
def test_an_hour_is_due_when_the_clocks_first_show_or_pass_it(
    zone: ZoneInfo, on: date, hour: time
) -> None:
    due, wall = moment(on, hour, zone), datetime.combine(on, hour)
    assert local(due, zone) >= wall > local(due - SECOND, zone)
    assert due.astimezone(zone).fold == 0


@given(zones, dates, hours, hours)
@FEW
def test_a_later_hour_is_never_due_earlier(
    zone: ZoneInfo, on: date, one: time, other: time
) -> None:
    first, last = sorted((one, other))
    assert moment(on, first, zone) <= moment(on, last, zone)


def test_the_night_that_lacks_an_hour_and_the_one_that_has_it_twice() -> None:
    half_past_two = NightSettings(at=time(2, 30), days=DAYS)
    spring = night_of(half_past_two, PARIS, date(2026, 3, 29))
    autumn = night_of(half_past_two, PARIS, date(2026, 10, 25))
    assert spring is not None
    assert autumn is not None
    assert spring.begins == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 2:00 becomes 3:00
    assert autumn.begins == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first 2:30
    assert spring.report_by == datetime(2026, 3, 29, 4, 0, tzinfo=UTC)
    assert autumn.report_by == datetime(2026, 10, 25, 5, 0, tzinfo=UTC)
    # One night each, although an hour comes twice.
    through = nights(half_past_two, PARIS, autumn.begins - timedelta(hours=3), autumn.ends - SECOND)
    assert [night.on for night in through] == [date(2026, 10, 25)]


def test_a_day_that_a_calendar_skips_has_no_night() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert night_of(EVERY_DAY, apia, date(2011, 12, 30)) is None
    assert night_of(EVERY_DAY, apia, date(2011, 12, 31)) is not None


@given(zones, dates, st.lists(st.integers(1, 60), min_size=1, max_size=6), st.sets(
    st.sampled_from(DAYS), min_size=1))  # fmt: skip
@FEW
def test_however_often_one_looks_each_night_is_found_once(
    zone: ZoneInfo, on: date, steps: list[int], days: set[DayName]
) -> None:
    wanted = NightSettings(days=tuple(days))
    start = moment(on, time(12), zone)
    seen: list[Night] = []
    since = start
    for step in steps:
        now = since + timedelta(hours=step)
        seen += nights(wanted, zone, since, now - SECOND)
        since = now
    found = [night.on for night in seen]
    assert found == sorted(set(found))
    assert seen == list(nights(wanted, zone, start, since - SECOND))
    assert {DAYS[day.weekday()] for day in found} <= days
    first, last = (at.astimezone(zone).date() for at in (start, since))
    between = [first + timedelta(days=days) for days in range(1, (last - first).days)]
    for day in between:  # whole days in between: none is lost
        night = night_of(wanted, zone, day)
        assert night is None or night.on in found


@given(zones, dates, st.integers(-30, 30), st.floats(0.5, 48))
@FEW
def test_the_window_for_catching_up_begins_with_the_night_and_has_its_length(
    zone: ZoneInfo, on: date, hour: int, window: float
) -> None:
    night = night_of(NightSettings(days=DAYS, catch_up_hours=window), zone, on)
    if night is not None:
        now = night.begins + timedelta(hours=hour)
        assert night.open_at(now) == (0 <= hour < window)


def test_the_next_night_skips_the_days_that_are_not_wanted() -> None:
    friday = datetime(2026, 11, 27, 12, tzinfo=UTC)
    coming = next_night(NightSettings(), PARIS, friday)
    assert coming is not None
    assert coming.on == date(2026, 11, 30)
    assert next_night(NightSettings(enabled=False), PARIS, friday) is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"at": "22:00"}, "after midnight"),
        ({"digest_at": "12:30"}, "after midnight"),
        ({"at": "04:30+01:00"}, "without a time zone"),
        ({"days": []}, "at least one day"),
        ({"days": ["monday"]}, "'mon'"),
        ({"catch_up_hours": 0}, "greater than 0"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        NightSettings.model_validate(wrong)


def test_the_page_tells_the_defaults() -> None:
    page = (Path(__file__).parents[3] / "docs" / "RUNNING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    told = OfficeSettings.model_validate(tomllib.loads(block))
    assert told.company is not None
    assert told.company.night == NightSettings()
