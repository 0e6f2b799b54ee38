"""The plan as charts and tables: read back from what is drawn."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from timetables import CENTRES, ON, timetable

from regisseur.agents.planning import loads
from regisseur.agents.planning.gantt import Gantt, Window, gantt, kinds, short_names, windows
from regisseur.agents.planning.pages import pages
from regisseur.agents.planning.timetable import Centre, Load, Timetable
from regisseur.agents.planning.words import number
from regisseur.graphs.judgement import Picture
from regisseur.office.reports.charts import WIDTH, to_svg
from regisseur.office.reports.html import PHONE_WIDTH
from regisseur.tools.records import Percent
from regisseur.tools.texts import plain_spaces, word

SVG = "{http://www.w3.org/2000/svg}"


at = datetime.fromisoformat


def texts(picture: Picture, width: int, locale: str = "fr_FR") -> list[str]:
    drawn = ElementTree.fromstring(to_svg(picture, locale, "light", width=width))
    return [plain_spaces(node.text or "") for node in drawn.iter(f"{SVG}text")]


def test_a_chart_names_the_days_and_the_orders_where_there_is_room() -> None:
    first = gantt(timetable(60))[0]
    wide, narrow = texts(first, WIDTH), texts(first, PHONE_WIDTH)

    assert {"lun. 23 nov.", "ven. 27 nov.", "Centre d’usinage 5 axes DMG", "fermé"} <= {*wide}
    assert {"lun. 23", "ven. 27", "Centre d’usinage 5 axes DMG"} <= {*narrow}
    assert {"OF-2026-0007", "8"} <= {*wide}, "in full where it fits, else by its number"
    assert "OF-2026-0007" not in narrow
    assert "7" in narrow
    assert 20 < sum(text.isdigit() for text in narrow) < sum(text.isdigit() for text in wide)


def test_there_is_a_chart_for_every_five_days_with_work() -> None:
    table = timetable(60)

    assert [one.days[0] for one in windows(table)] == [ON + timedelta(weeks=n) for n in range(4)]
    assert len(gantt(table)) == 4
    assert len(gantt(timetable(6))) == 1
    assert word(gantt(timetable(6))[0].alternative, "en_GB") == (
        "23 Nov 2026 to 27 Nov 2026: 6 orders on 7 work centres; none of them late"
    )


def test_nights_are_cut_out_unless_somebody_works() -> None:
    days = windows(timetable(6))[0]
    evening, morning = at("2026-11-23T20:30"), at("2026-11-24T06:00")

    assert (days.begins, days.ends) == (6 * 60, 20 * 60 + 30)
    assert days.at(evening) == days.at(at("2026-11-24T02:00")) == days.at(morning) == days.length
    assert days.at(at("2026-12-24T00:00")) == days.width

    around = Centre(id="1", name="Four", open=((evening, at("2026-11-26T04:00")),))
    (whole,) = windows(Timetable(on=ON, unit_minutes=15, centres=(around,)))
    assert whole == Window(tuple(date(2026, 11, 23 + n) for n in range(4)), 0, 24 * 60)


def test_a_change_over_takes_the_last_open_minutes() -> None:
    table = timetable(60)
    slot = next(one for one in table.slots if one.setup_minutes)
    start = at("2026-11-24T06:15")
    moved = slot.model_copy(update={"start": start, "end": start + timedelta(hours=1)})
    one = Gantt(table, windows(table)[0], {})
    centre = next(one for one in table.centres if one.id == slot.centre_id)

    marks = list(one._change(moved, centre, 0))
    across = one.window.at
    assert [(mark["x"], mark["x2"]) for mark in marks] == [
        (across(at("2026-11-24T06:00")), across(start)),
        (across(at("2026-11-23T20:00")), across(at("2026-11-23T20:30"))),
    ]


def test_an_order_that_others_need_is_as_late_as_they_are() -> None:
    table = timetable(6)
    orders = {one.id: one for one in table.orders}
    late = orders["105"].model_copy(update={"late_days": 2})
    table = table.model_copy(
        update={"orders": tuple(late if x.id == "105" else x for x in table.orders)}
    )

    assert late.after == ("104",)
    assert not orders["104"].customers
    assert kinds(table) == {one: "late" if one in ("104", "105") else "in_time" for one in orders}


def test_short_names_are_never_shared() -> None:
    orders = timetable(6).orders
    twin = orders[0].model_copy(update={"label": "B-2"})
    bare = orders[0].model_copy(update={"label": "Bride inox"})

    assert short_names([*orders, twin, bare])["OF-2026-0001"] == "1"
    assert not {"OF-2026-0002", "B-2", "Bride inox"} & {*short_names([*orders, twin, bare])}


@pytest.mark.parametrize(
    ("minutes", "style"), [(0, "series"), (84, "series"), (85, "limit"), (95, "alarm")]
)
def test_a_full_work_centre_alarms(minutes: int, style: str) -> None:
    load = Load(centre_id="1", week=ON, open_minutes=100, work_minutes=minutes)
    centres = (Centre(id="1", name=CENTRES[0][1]),)
    table = Timetable(on=ON, unit_minutes=15, centres=centres, loads=(load,))
    picture = loads.pictured(table)

    used = {
        layer["mark"].get("style")
        for layer in picture.spec["layer"]
        if layer["mark"]["type"] == "rect" and layer["data"]["values"]
    }
    assert used == {"past", style}
    assert f"{minutes} %" in texts(picture, PHONE_WIDTH)
    assert (CENTRES[0][1] in word(picture.alternative, "fr_FR")) == (style == "alarm")
    share = Percent(value=Decimal(minutes) / 100)
    assert loads.tabled(table).rows == ((CENTRES[0][1], number(minutes / 60), number(0), share),)


def test_pages_without_a_plan_are_empty() -> None:
    assert pages(Timetable(on=ON, unit_minutes=15)) == ()


def test_pages_show_plan_load_and_the_customers_who_would_wait() -> None:
    plan, load, customers = pages(timetable(60))

    assert len(plan.pictures) == 4
    assert "18 déc. 2026" in word(plan.paragraphs[1], "fr_FR")
    assert load.table is not None
    assert len(load.table.rows) == 7
    assert customers.table is not None
    assert len(customers.table.rows) == sum(len(one.customers) for one in timetable(60).late())
