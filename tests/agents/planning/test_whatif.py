"""What-if: wrong names are told clearly, and the plan beside it is the night's own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from workshop import ON, Shop, shop, workshop_of

from regisseur import Company
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.planned import planned
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.whatif import explore
from regisseur.errors import InvalidInput
from regisseur.graphs.agent import Brief
from regisseur.graphs.exploring import Answer, Scenario
from regisseur.tools.texts import word

DUE = date(2026, 11, 26)
SETTINGS = PlanningSettings(budget=0)
COMPANY = Company(id="a", name="A", locale="en_GB")
BRIEF = Brief[PlanningSettings](company=COMPANY, on=ON, settings=SETTINGS)


def seen(made: Shop) -> Observation:
    return Observation(workshop=workshop_of(made.erp, SETTINGS))


def asked(made: Shop, *texts: str) -> Answer:
    return explore(seen(made), BRIEF, [Scenario.written(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("hurry item=BENCH", "what_if"),
        ('rush item="BENCH', "what_if"),
        ("rush BENCH", "rush"),
        ("rush item=BANCH quantity=1 due=2026-11-26", "rush.item"),
        ("rush item=STEEL quantity=1 due=2026-11-26", "rush.item"),
        ("rush item=BENCH quantity=0 due=2026-11-26", "rush.quantity"),
        ("rush item=BENCH quantity=1 due=tomorrow", "rush.due"),
        ("down centre=Pres begins=2026-11-24T06:00 ends=2026-11-24T07:00", "down.centre"),
        ("down centre=Press begins=2026-11-24T06:00 ends=2026-11-23T06:00", "down"),
        ("down centre=Press begins=2026-11-24T06:00Z ends=2026-11-25T06:00Z", "down"),
        ("overtime centre=Press day=2026-11-24 hours=17:00-27:00", "overtime.hours"),
        ("overtime centre=Press day=2026-11-24 hours=08:00-07:00", "overtime"),
        ("overtime centre=Pres day=2026-11-24 hours=17:00-19:00", "overtime.centre"),
        ("overtime centre=Press day=2026-11-24 hours=17:00-19:00 skill=magic", "overtime.skill"),
        ("late order=PO7 on=2026-12-01", "late.order"),
    ],
)
def test_what_is_wrong_is_named(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        asked(shop(), text)
    assert caught.value.field == field


def test_the_plan_beside_it_is_the_night_s_and_each_rush_order_is_one_of_its_own() -> None:
    made = shop()
    made.erp.produce(made.frame, 60, start=ON, end=DUE)
    rush = "rush item=FRAME quantity=5 due=2026-11-26"
    answer = asked(made, rush, rush, "rush item=BENCH quantity=100 due=2026-11-26")
    side_by_side, once, twice, bench, together = answer.sections
    night = planned(Night(seen(made), BRIEF), 0)
    assert side_by_side.table is not None
    assert side_by_side.table.rows[0][1] == len(night.timetable.late())
    assert [rushed(one) for one in (once, twice, bench, together)] == [1, 1, 0, 2]
    (unplanned,) = bench.paragraphs[:1]
    assert "nobody makes or offers" in word(unplanned, "en_GB")


def rushed(section: Any) -> int:
    rows = section.table.rows if section.table else ()
    return sum(row[0] == "FRAME *" for row in rows)
