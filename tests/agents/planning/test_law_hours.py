"""What overtime may be proposed: each limit, what is left of the hours asked for, and agreements."""

from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regisseur.agents.planning.calendar import Span, WorkshopCalendar
from regisseur.agents.planning.law_hours import (
    FRENCH,
    HourLimits,
    LimitName,
    Ruling,
    may_work,
    overtime,
    weeks_around,
)
from regisseur.agents.planning.shifts import CalendarSettings
from regisseur.tools.records import WorkCentre
from regisseur.tools.texts import plain_spaces, word

LAW = HourLimits()
BENCH = WorkCentre(id="2", name="Bench")
MONDAY = date(2026, 11, 23)


def span(day: int, begins: str, ends: str) -> Span:
    """Times of a day, counted from Monday; an end before the begin is on the next day."""
    start, end = (datetime.fromisoformat(f"{MONDAY} {at}") for at in (begins, ends))
    later = timedelta(days=day)
    return Span(start + later, end + later + timedelta(days=end <= start))


def ruled(asked: Span, limits: HourLimits = LAW, **written: Any) -> Ruling:
    calendar = WorkshopCalendar(CalendarSettings.model_validate(written), MONDAY)
    ruling = overtime(calendar, BENCH, asked, limits)
    assert ruling is not None
    return ruling


def shift(*hours: str, days: str = "mon-fri", name: str = "Day") -> dict[str, Any]:
    return {"name": name, "days": days, "hours": hours}


def broken(ruling: Ruling) -> list[LimitName]:
    return [one.limit.name for one in ruling.refusals]


def test_a_saturday_morning_is_allowed_and_the_quota_is_told() -> None:
    asked = span(5, "08:00", "12:00")
    ruling = ruled(asked)

    assert (ruling.allowed, ruling.hours, ruling.refusals) == (asked, 4, ())
    (quota,) = (plain_spaces(word(one, "fr_FR")) for one in ruling.told())
    assert quota.startswith("compte dans les 220 h supplémentaires par an et par personne")


def test_the_day_has_ten_hours() -> None:
    """Eight regular ones leave two, next to the shift."""
    ruling = ruled(span(0, "17:00", "20:00"))

    assert ruling.allowed == span(0, "17:00", "19:00")
    assert broken(ruling) == ["day_hours"]
    assert plain_spaces(word(ruling.told()[0], "fr_FR")) == (
        "23 nov. 2026 : 11 h de travail, 10 h par jour au plus"
        " (Code du travail, art. L3121-18, à vérifier)"
    )


def test_the_week_has_forty_eight() -> None:
    ruling = ruled(span(5, "08:00", "18:00"))

    assert ruling.hours == 8
    assert broken(ruling) == ["week_hours"]


def test_twelve_weeks_have_forty_four_in_the_mean() -> None:
    """44 hours every week: a holiday among the twelve leaves room, as around 11 November."""
    full = shift("08:00-12:00", "13:00-17:48", name="Long")
    ruling = ruled(span(5 - 70, "08:00", "12:00"), shifts=[full])

    assert ruled(span(5, "08:00", "12:00"), shifts=[full]).refusals == ()
    assert broken(ruling) == ["average_hours"]
    assert ruling.hours == 0
    assert "12 weeks from" in word(ruling.told()[0], "en_GB")


def test_eleven_hours_lie_between_two_days_of_work() -> None:
    late = shift("14:00-21:00", name="Late")
    ruling = ruled(span(1, "06:00", "08:30"), shifts=[late])

    assert ruling.allowed == span(1, "08:00", "08:30")
    assert broken(ruling) == ["daily_rest_hours"]


def test_a_week_has_thirty_five_hours_of_rest_at_a_stretch() -> None:
    six_days = shift("06:00-12:00", days="mon-sat")
    at_night = shift("21:00-23:00", days="sun", name="Day")
    ruling = ruled(span(5, "12:00", "14:00"), shifts=[six_days, at_night])

    assert ruled(span(5, "12:00", "14:00"), shifts=[six_days]).refusals == ()
    assert ruling.hours == 0
    assert "weekly_rest_hours" in broken(ruling)


def test_nobody_is_asked_on_sundays_and_holidays() -> None:
    assert broken(ruled(span(6, "08:00", "10:00"))) == ["sunday_hours"]
    christmas = ruled(span(32, "08:00", "10:00"))
    assert (christmas.hours, broken(christmas)) == (0, ["holiday_hours"])


def test_the_part_before_a_holiday_may_be_worked() -> None:
    """A Thursday evening that runs into 1 January."""
    ruling = ruled(span(38, "22:00", "02:00"), shifts=[shift("14:00-20:00")])

    assert ruling.allowed == span(38, "22:00", "00:00")


def test_the_shift_that_may_do_more_is_asked() -> None:
    early, late = shift("06:00-14:00", name="Early"), shift("14:00-22:00", name="Late")
    ruling = ruled(span(0, "14:00", "16:00"), shifts=[late, early])

    assert (ruling.people, ruling.hours) == ("Early", 2)


def test_a_subcontractor_is_asked_for_nothing() -> None:
    calendar = WorkshopCalendar(CalendarSettings(outside={"bench": 3}), MONDAY)

    assert overtime(calendar, BENCH, span(5, "08:00", "12:00"), LAW) is None


def test_an_agreement_replaces_a_limit_from_its_day_on() -> None:
    def agreed(since: str) -> HourLimits:
        line = {"name": "day_hours", "value": 12, "since": since, "source": "Accord du 1er octobre"}
        return HourLimits.model_validate({"limits": [{**line, "status": "certain"}]})

    asked = span(0, "17:00", "22:00")
    before, after = ruled(asked, agreed("2026-12-01")), ruled(asked, agreed("2026-10-01"))

    assert (before.hours, after.hours) == (2, 4)
    assert word(after.told()[0], "en_GB").endswith("12 h a day at most (Accord du 1er octobre)")


def test_the_law_is_whole_dated_and_unverified() -> None:
    assert sorted(one.name for one in FRENCH) == sorted(get_args(LimitName))
    assert {one.status for one in FRENCH} == {"to verify"}
    with pytest.raises(LookupError, match="day_hours"):
        LAW.on("day_hours", date(2001, 1, 1))


@given(
    st.integers(0, 13),
    st.integers(0, 95),
    st.integers(1, 56),
    st.lists(st.tuples(st.integers(0, 13), st.integers(0, 90), st.integers(1, 30)), max_size=6),
)
@settings(max_examples=40)
def test_what_is_allowed_is_a_part_that_is_allowed_whole(
    day: int, quarter: int, length: int, worked: list[tuple[int, int, int]]
) -> None:
    def quarters(day: int, quarter: int, length: int) -> Span:
        begins = datetime.combine(MONDAY, datetime.min.time()) + timedelta(days=day)
        begins += timedelta(minutes=15 * quarter)
        return Span(begins, begins + timedelta(minutes=15 * length))

    asked, spans = quarters(day, quarter, length), [quarters(*one) for one in worked]
    ruling = may_work(asked, spans, LAW, lambda _: False)

    assert (ruling.allowed == asked) == (not ruling.refusals)
    if ruling.allowed:
        assert asked.begins <= ruling.allowed.begins < ruling.allowed.ends <= asked.ends
        assert not may_work(ruling.allowed, spans, LAW, lambda _: False).refusals
    assert ruling.hours <= 13
    assert weeks_around(asked, LAW)[0] < MONDAY
