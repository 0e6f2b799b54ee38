"""What the workshop prints, read back from the PDF."""

from __future__ import annotations

import shlex
from datetime import date, datetime, timedelta

import pypdfium2
import pytest
from timetables import CENTRES, ON, SETTINGS, timetable

from regisseur.agents.planning.agent import PlanningAgent
from regisseur.agents.planning.calendar import WorkshopCalendar
from regisseur.agents.planning.forms import FORMS
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.sheets import progress_sheet, work_lists
from regisseur.agents.planning.sheets.work_lists import duties, working_days
from regisseur.agents.planning.timetable import Timetable
from regisseur.errors import NotFound
from regisseur.graphs.agent import Brief
from regisseur.office.cli.parser import parse
from regisseur.tools.records import Company
from regisseur.tools.texts import plain_spaces

CALENDAR = WorkshopCalendar(SETTINGS.calendars, ON)
MARKUP = '#read("/etc/passwd") *bold* $x$ = @nobody <label> \\u{1F600} // no'
moment = datetime.fromisoformat


def pages(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(plain_spaces(text).split()) for text in texts]


def with_slot(table: Timetable, place: int, **changes: object) -> Timetable:
    slots = [*table.slots]
    slots[place] = slots[place].model_copy(update=changes)
    return table.model_copy(update={"slots": tuple(slots)})


def with_order(table: Timetable, place: int, **changes: object) -> Timetable:
    orders = [*table.orders]
    orders[place] = orders[place].model_copy(update=changes)
    return table.model_copy(update={"orders": tuple(orders)})


def test_each_centre_and_shift_has_its_list() -> None:
    found = pages(work_lists(timetable(60), CALENDAR, "fr_FR"))

    saw = next(one for one in found if "Après-midi, 24 nov. 2026, de 13:30 à 20:30" in one)
    assert saw.startswith("Scie à ruban")
    assert "suite jusqu’à 14:30 OF-2026-0009 45 u × SUP-2 Support moteur sciage, étape 1" in saw
    assert "pour Laiterie des Dombes, à finir le 8 déc. 2026 attend CA-0117" in saw
    assert "jusqu’à mer. 25, 06:45" in saw, "goes on in the next shift"
    assert "Fait En cours Bloqué Minutes passées Reste (min)" in " ".join(saw.split())


def test_all_that_is_done_in_the_two_days_is_on_a_list() -> None:
    table = timetable(60)
    end = moment("2026-11-25T00:00")
    listed = {(x.order_id, x.sequence) for one in duties(table, CALENDAR) for x in one.slots}

    assert listed == {(x.order_id, x.sequence) for x in table.slots if x.start < end}
    assert [duty.begins for duty in duties(table, CALENDAR)] == sorted(
        duty.begins for duty in duties(table, CALENDAR)
    )


def test_a_set_up_and_a_delay_stand_out() -> None:
    table = timetable(6)
    late = with_order(table, 0, late_days=3)
    (mill,) = [
        one
        for one in pages(work_lists(late, CALENDAR, "en_GB"))
        if "5 axes DMG Matin, 23 Nov 2026" in one
    ]

    assert "3 DAYS LATE" in mill
    assert "acier: 45 min" in mill


def test_a_part_is_made_for_the_order_that_needs_it() -> None:
    assert any(
        "for order OF-2026-0005, due" in one
        for one in pages(work_lists(timetable(6), CALENDAR, "en_GB"))
    )


def test_hours_that_no_shift_covers_have_a_list_of_their_own() -> None:
    table = timetable(6)
    begins, ends = moment("2026-11-24T21:00"), moment("2026-11-24T23:00")
    centres = [
        one.model_copy(update={"open": (*one.open, (begins, ends))}) for one in table.centres
    ]
    place = next(n for n, one in enumerate(table.slots) if one.centre_id == "1")
    granted = with_slot(table, place, start=begins, end=ends).model_copy(
        update={"centres": tuple(centres)}
    )

    last = pages(work_lists(granted, CALENDAR, "en_GB"))[-1]
    assert last.startswith("Scie à ruban Hours outside the shifts, 24 Nov 2026, 21:00 to 23:00")


def test_where_shifts_overlap_work_is_listed_once() -> None:
    shifts = [
        {"name": "A", "hours": ["06:00-14:00"]},
        {"name": "B", "hours": ["13:00-21:00"]},
    ]
    settings = PlanningSettings.model_validate({"calendars": {"shifts": shifts}})
    table = with_slot(
        timetable(6), 0, start=moment("2026-11-23T13:00"), end=moment("2026-11-23T13:45")
    )
    found = duties(table, WorkshopCalendar(settings.calendars, ON))

    assert [str(one.title.values["shift"]) for one in found if table.slots[0] in one.slots] == ["A"]


def test_closed_days_are_no_working_days() -> None:
    friday = date(2026, 11, 27)
    table = timetable(6).model_copy(update={"on": friday})
    assert working_days(table, CALENDAR) == [friday, friday + timedelta(days=3)]

    closed = {"shifts": [], "closed": [{"first": ON, "last": ON + timedelta(days=60)}]}
    settings = PlanningSettings.model_validate({"calendars": closed})
    assert duties(table, WorkshopCalendar(settings.calendars, friday)) == []


def test_names_are_printed_as_they_are() -> None:
    named = with_order(timetable(6), 0, label=MARKUP, item=MARKUP)

    for pdf in (work_lists(named, CALENDAR, "fr_FR"), progress_sheet(named, "fr_FR")):
        assert MARKUP.replace(" ", "") in pages(pdf)[0].replace(" ", "")
    assert work_lists(named, CALENDAR, "fr_FR") == work_lists(named, CALENDAR, "fr_FR")


def test_the_progress_sheet_begins_with_what_has_to_be_reported() -> None:
    (page,) = pages(progress_sheet(timetable(60), "fr_FR"))

    assert page.index("À déclarer") < page.index("OF-2026-0001") < page.index("En cours, déclarés")
    assert page.index("En cours, déclarés") < page.index("OF-2026-0002")
    assert "OF-2026-0003" not in page


def test_a_line_of_the_progress_sheet_fills_the_form() -> None:
    (page,) = pages(progress_sheet(timetable(60), "en_GB"))
    line = page[page.index("regisseur tell progress") :].split(" remaining=")[0]
    given = parse(shlex.split(line)[1:])

    assert given.form in PlanningAgent.forms
    fields = dict(given.values)
    filled = fields | {"state": "done", "at": fields["at"].replace("__:__", "14:30")}
    assert FORMS["progress"].model_validate(filled).model_dump(exclude_defaults=True) == {
        "order": "OF-2026-0001",
        "step": 1,
        "state": "done",
        "at": moment("2026-11-23T14:30"),
    }


@pytest.mark.parametrize("name", PlanningAgent.sheets)
def test_the_agent_prints_from_the_papers_of_a_night(name: str) -> None:
    company = Company(id="m", name="Atelier Martin", locale="en_GB")
    brief: Brief[PlanningSettings] = Brief(
        company=company, on=ON + timedelta(days=1), settings=SETTINGS
    )
    papers = {"timetable": timetable(6).model_dump(mode="json")}

    first = pages(PlanningAgent().sheet(name, papers, brief))[0]
    assert "plan of 23 Nov 2026" in first
    with pytest.raises(NotFound, match="left no plan"):
        PlanningAgent().sheet(name, {"timetable": {"on": CENTRES[0][0]}}, brief)


def test_nothing_to_print_is_still_a_page() -> None:
    empty = Timetable(on=ON, unit_minutes=15)

    assert "Aucun ordre n’est en cours." in pages(progress_sheet(empty, "fr_FR"))[0]
    assert "Rien" in pages(work_lists(empty, CALENDAR, "fr_FR"))[0]
