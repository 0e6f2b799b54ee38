"""The workshop's hours: shifts, nights, holidays, closings, crews, and units of the clock."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from regisseur.agents.planning.calendar import Turn, Units, WorkshopCalendar, stacked
from regisseur.agents.planning.shifts import CalendarSettings, Closing, Opening
from regisseur.tools.records import WorkCentre
from regisseur.tools.texts import plain_spaces, word

NIGHT = date(2026, 11, 24)
"""A Tuesday."""
HOUR = 4
DAY = 24 * HOUR
LASER = WorkCentre(id="1", name="Laser", group="Cutting")
BENCH = WorkCentre(id="2", name="Bench")
DAY_SHIFT = {"name": "Day", "hours": ["08:00-12:00", "13:00-17:00"], "people": {"fitting": 2}}
NIGHT_SHIFT = {
    "name": "Night",
    "days": "mon-thu, sun",
    "hours": ["21:00-01:00", "01:30-05:00"],
    "centres": ["cutting"],
}


def calendar(night: date = NIGHT, **written: Any) -> WorkshopCalendar:
    opened = [Opening.model_validate(one) for one in written.pop("openings", ())]
    closed = [Closing.model_validate(one) for one in written.pop("closings", ())]
    known = CalendarSettings.model_validate({"weeks": 1, **written})
    return WorkshopCalendar(known, night, openings=opened, closings=closed)


def days(of: WorkshopCalendar, centre: WorkCentre = BENCH) -> list[date]:
    return sorted({of.units.moment(begins).date() for begins, _ in of.open(centre)})


def test_without_shifts_office_hours_are_assumed_and_told() -> None:
    plain = calendar()
    told = plain.assumption()

    assert plain.open(BENCH)[:2] == ((8 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR))
    assert len(plain.open(BENCH)) == 10
    assert told is not None
    assert "est supposé pour chaque poste" in word(told, "fr_FR")
    assert calendar(shifts=[DAY_SHIFT]).assumption() is None


def test_a_night_shift_crosses_midnight_and_the_start_of_the_plan() -> None:
    laser = calendar(shifts=[DAY_SHIFT, NIGHT_SHIFT])

    assert laser.open(LASER)[:3] == ((0, 4), (6, 20), (21 * HOUR, 25 * HOUR))
    assert laser.open(BENCH)[0] == (8 * HOUR, 12 * HOUR)


def test_shifts_that_meet_are_open_without_a_break() -> None:
    early = {"name": "Early", "hours": ["06:00-13:50"]}
    late = {"name": "Late", "hours": ["13:50-21:40"]}

    assert calendar(shifts=[early, late]).open(BENCH)[0] == (6 * HOUR, 21 * HOUR + 2)


def test_a_centre_that_no_shift_names_has_no_hours() -> None:
    only_laser = calendar(shifts=[NIGHT_SHIFT])

    assert only_laser.open(BENCH) == ()
    assert only_laser.without_hours([LASER, BENCH]) == [BENCH]


def test_names_that_no_work_centre_bears_are_told() -> None:
    lost = calendar(shifts=[{**DAY_SHIFT, "centres": ["Lazer", "laser"]}], outside={"Zinc": 3})

    assert lost.unknown([LASER, BENCH]) == ["Lazer", "Zinc"]


@pytest.mark.parametrize(("region", "open_days"), [("", 5), ("6AE", 4), ("57", 4)])
def test_public_holidays_are_closed_two_more_in_alsace_and_moselle(
    region: str, open_days: int
) -> None:
    good_friday_week = calendar(date(2027, 3, 22), region=region, shifts=[DAY_SHIFT])

    assert len(days(good_friday_week)) == open_days


def test_holidays_may_be_worked_and_other_days_closed() -> None:
    whit = date(2027, 5, 17)
    worked = calendar(whit, worked_holidays=[whit])
    closed = calendar(whit, closed=[{"first": "2027-05-18", "last": "2027-05-19"}])

    assert days(worked)[0] == whit
    assert days(closed) == [date(2027, 5, 20), date(2027, 5, 21)]


def test_granted_overtime_opens_and_a_closing_wins_over_everything() -> None:
    saturday = {"centre": "bench", "day": "2026-11-28", "hours": ["08:00-12:00"]}
    down = {"centre": "Bench", "begins": "2026-11-28 10:05", "ends": "2026-11-28 11:00"}
    both = calendar(openings=[saturday], closings=[down])
    at = 4 * DAY

    assert both.open(BENCH)[-4:-2] == ((at + 32, at + 40), (at + 44, at + 48))
    assert both.open(LASER) == calendar().open(LASER)


def test_openings_shrink_to_whole_units() -> None:
    odd = calendar(shifts=[{"name": "Odd", "hours": ["07:55-12:10", "12:20-12:25"]}])

    assert odd.open(BENCH)[0] == (8 * HOUR, 12 * HOUR)
    assert len(odd.open(BENCH)) == 5


def test_people_of_a_skill_add_up_over_shifts_and_leave_with_the_workshop() -> None:
    early = {"name": "Early", "hours": ["06:00-10:10"], "people": {"fitting": 1}}
    all_down = {"begins": "2026-11-24 15:00", "ends": "2026-11-24 16:00"}
    (fitters,) = calendar(shifts=[DAY_SHIFT, early], closings=[all_down]).crews()

    assert fitters.name == "fitting"
    assert fitters.heads[:5] == ((24, 32, 1), (32, 40, 3), (40, 48, 2), (52, 60, 2), (64, 68, 2))
    assert calendar().crews() == ()


def test_a_subcontractor_takes_working_days() -> None:
    """Sent on Friday at noon with two days: back on Tuesday at noon."""
    outside = calendar(outside={"laser": 2})

    assert outside.open(LASER) == ((0, 4 * DAY), (6 * DAY, 7 * DAY))
    assert (outside.lead_days(LASER), outside.lead_units(LASER)) == (2, 2 * DAY)
    assert outside.lead_days(BENCH) is None
    assert outside.without_hours([LASER]) == []


def test_a_moment_belongs_to_a_shift() -> None:
    both = calendar(shifts=[DAY_SHIFT, {**NIGHT_SHIFT, "centres": []}])

    def named(at: str) -> str | None:
        turn = both.shift_at(BENCH, datetime.fromisoformat(f"2026-11-{at}"))
        return turn.name if turn else None

    assert [named(at) for at in ("24 08:00", "24 12:30", "24 17:00")] == ["Day", "Day", None]
    assert [named(at) for at in ("25 01:15", "25 05:00", "28 22:00")] == ["Night", None, None]


def test_a_shift_is_told_by_name_and_hours() -> None:
    turn = calendar(shifts=[DAY_SHIFT]).turns(BENCH, NIGHT, NIGHT)[0]
    overtime = Turn("", turn.stretches, overtime=True)

    assert plain_spaces(word(turn.told(), "fr_FR")) == "Day, 24 nov. 2026, de 08:00 à 17:00"
    assert word(overtime.told(), "fr_FR").startswith("Heures supplémentaires")


@pytest.mark.parametrize(
    "written",
    [
        {"shifts": [{"name": "Day", "hours": ["13:00-17:00", "08:00-12:00"]}]},
        {"shifts": [{"name": "Day", "hours": ["08:00-12:00", "11:00-17:00"]}]},
        {"shifts": [{"name": "Day", "hours": ["8-12"]}]},
        {"shifts": [{"name": "Day", "hours": ["08:00-12:00"], "days": "monday"}]},
        {"closed": [{"first": "2026-12-31", "last": "2026-12-24"}]},
        {"country": "XX"},
        {"unit_minutes": 7},
    ],
)
def test_hours_that_make_no_sense_are_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CalendarSettings.model_validate(written)


def test_a_closing_has_no_zone_and_goes_forward() -> None:
    for ends in ("2026-11-24T08:00:00", "2026-11-24T09:00:00Z"):
        with pytest.raises(ValidationError):
            Closing.model_validate({"begins": "2026-11-24T08:00:00", "ends": ends})


units = st.builds(Units, st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from([5, 15, 60]))


@given(units, st.integers(-5000, 50_000))
def test_a_unit_and_its_moment_are_the_same(of: Units, unit: int) -> None:
    assert of.floor(of.moment(unit)) == of.ceil(of.moment(unit)) == unit


@given(units, st.timedeltas(timedelta(-9), timedelta(99)), st.floats(0.1, 5000))
def test_openings_shrink_and_durations_grow_by_less_than_a_unit(
    of: Units, after: timedelta, minutes: float
) -> None:
    moment, one = of.start + after, timedelta(minutes=of.minutes)

    assert of.moment(of.floor(moment)) <= moment < of.moment(of.floor(moment)) + one
    assert of.moment(of.ceil(moment)) - one < moment <= of.moment(of.ceil(moment))
    assert 0 <= of.duration(minutes) * of.minutes - minutes + 1e-6 < of.minutes + 1e-6


clocks = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15 + 7:02}")


@given(st.lists(st.tuples(clocks, st.integers(1, 900), st.integers(0, 3)), max_size=4))
@settings(max_examples=40)
def test_a_centre_is_open_in_a_unit_when_a_shift_is_there_all_the_time(
    rows: list[tuple[str, int, int]],
) -> None:
    """Compared minute by minute."""
    shifts = []
    for begins, minutes, people in rows:
        ends = datetime.fromisoformat(f"2026-11-24 {begins}") + timedelta(minutes=minutes)
        hours = [f"{begins}-{ends:%H:%M}"]
        shifts.append({"name": begins, "days": "tue", "hours": hours, "people": {"any": people}})
    mine = calendar(shifts=[*shifts, {"name": "never", "days": "mon", "hours": ["00:00-00:15"]}])
    minute = [0] * 3 * 24 * 60
    heads = [0] * 3 * 24 * 60
    for shift, (begins, length, people) in zip(shifts, rows, strict=True):
        first = int(begins[:2]) * 60 + int(begins[3:])
        assert shift["name"] == begins
        for at in range(first, first + length):
            minute[at], heads[at] = 1, heads[at] + people

    def of_units(each: list[int]) -> dict[int, int]:
        fewest = {at // 15: min(each[at : at + 15]) for at in range(0, 2 * 24 * 60, 15)}
        return {unit: count for unit, count in fewest.items() if count}

    opened = {unit: 1 for first, end in mine.open(BENCH) for unit in range(first, end)}
    crews = {x: n for crew in mine.crews() for a, b, n in crew.heads for x in range(a, b)}
    assert {unit: n for unit, n in opened.items() if unit < 2 * DAY} == of_units(minute)
    assert {unit: n for unit, n in crews.items() if unit < 2 * DAY} == of_units(heads)


def test_what_overlaps_adds_up() -> None:
    assert stacked([(0, 4, 1), (2, 6, 2), (6, 8, 2)]) == [(0, 2, 1), (2, 4, 3), (4, 8, 2)]
