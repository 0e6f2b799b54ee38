"""What has begun, and what starts soon, stays where it is; told progress is believed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from workshop import ON, Shop, shop, workshop_of

from regisseur import Company
from regisseur.agents.planning import PlanningAgent
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.planned import planned
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.timetable import Slot, Timetable
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Judgement
from regisseur.graphs.told import Told
from regisseur.tools.texts import word

FRIDAY = date(2026, 11, 20)


class Nights:
    """Nights of one workshop, each knowing the plan of the last one."""

    def __init__(self, made: Shop, **more: Any) -> None:
        self.made = made
        self.settings = PlanningSettings.model_validate({"budget": 0} | more)
        self.told: tuple[Told, ...] = ()
        self.before: dict[str, Any] = {}

    def tell(self, order_id: str, step: int, state: str) -> None:
        """Somebody reports a step."""
        at = f"{FRIDAY.isoformat()}T17:00:00"
        self.say("progress", {"order": order_id, "step": step, "state": state, "at": at})

    def say(self, form: str, body: dict[str, Any]) -> None:
        """Somebody tells the agent something."""
        at = datetime.combine(FRIDAY, datetime.min.time())
        self.told += (Told(id="t", form=form, subject="", body=body, by="chief", at=at),)

    def judged(self, on: date = ON) -> Judgement:
        """A night."""
        judgement = PlanningAgent().judge(*self._seen(on))
        self.before = judgement.papers
        return judgement

    def table(self, on: date = ON) -> Timetable:
        """Its plan alone."""
        return planned(Night(*self._seen(on))).timetable

    def _seen(self, on: date) -> tuple[Observation, Brief[PlanningSettings]]:
        workshop = workshop_of(self.made.erp, self.settings, on)
        seen = Observation(workshop=workshop, told=self.told, before=self.before)
        company = Company(id="atelier", name="Atelier", locale="en_GB")
        return seen, Brief(company=company, on=on, settings=self.settings)


def slots(table: Timetable, order_id: str) -> list[Slot]:
    found = [one for one in table.slots if one.order_id == order_id]
    return sorted(found, key=lambda one: one.sequence)


def test_an_order_that_people_work_on_is_planned_on_and_not_taken_back_to_draft() -> None:
    made = shop()
    made.erp.move(made.steel, -400, ON)  # it has its steel, whatever the ERP believes
    frames = made.erp.produce(made.frame, 40, start=ON, end=ON)
    nights = Nights(made)
    assert {one.tag for one in nights.judged().held} == {"no_material"}
    nights.tell(frames.id, 1, "in_progress")
    judgement = nights.judged()
    assert judgement.held == ()
    assert [one for one in judgement.proposals if one.kind == "reschedule_production"] == []
    assert judgement.papers["material_needs"] == []
    first, second = slots(nights.table(), frames.id)
    assert (first.started, first.fixed, second.started) == (True, True, False)


def test_what_the_erp_has_as_done_stays_done_whatever_was_told_before() -> None:
    made = shop()
    order = made.erp.start(made.erp.produce(made.frame, 8, start=ON, end=ON), FRIDAY)
    nights = Nights(made)
    nights.tell(order.id, 1, "blocked")
    assert {one.tag for one in nights.judged().held} == {"blocked"}
    made.erp.report(order, 0, 80, FRIDAY)
    assert [one.operation for one in slots(nights.table(), order.id)] == ["bending"]


def test_an_order_with_all_steps_done_is_told_to_be_closed() -> None:
    made = shop()
    order = made.erp.start(made.erp.produce(made.frame, 8, start=ON, end=ON), FRIDAY)
    bench = made.erp.produce(made.bench, 8, start=ON, end=ON)
    nights = Nights(made)
    nights.tell(order.id, 1, "done")
    nights.tell(order.id, 2, "done")
    judgement = nights.judged()
    assert [(one.tag, one.subject) for one in judgement.held] == [("all_done", order.id)]
    assert slots(nights.table(), bench.id)[0].start.date() == ON


def test_two_that_run_on_one_work_centre_follow_each_other_before_all_others() -> None:
    made = shop()
    running = [made.erp.start(made.erp.produce(made.frame, 8, end=ON), FRIDAY) for _ in range(2)]
    made.erp.produce(made.frame, 8, end=date(2026, 11, 1))
    nights = Nights(made)
    for one in running:
        nights.tell(one.id, 1, "in_progress")
    table = nights.table()
    first, then = sorted(slots(table, order.id)[0].start for order in running)
    assert first < then == min(s.end for s in table.slots if s.centre_id == made.saw.id)
    assert sum(slot.started and slot.fixed for slot in table.slots) == 2


def test_what_starts_within_a_day_stays_though_something_more_urgent_comes_in() -> None:
    made = shop()
    kept = made.erp.produce(made.frame, 40, start=ON, end=date(2026, 12, 4))
    nights = Nights(made)
    nights.judged()
    planned_before = slots(nights.table(), kept.id)
    tuesday = ON + timedelta(days=1)
    made.erp.produce(made.frame, 40, start=ON, end=tuesday)
    first, *_ = slots(nights.table(), kept.id)
    assert (first.start, first.fixed) == (planned_before[0].start, True)


def test_what_is_at_a_subcontractor_s_comes_back_when_it_was_to_come_back() -> None:
    made = shop()
    order = made.erp.start(made.erp.produce(made.bench, 8, start=ON, end=ON), FRIDAY)
    nights = Nights(made, calendars={"outside": {"Line": 5}})
    nights.tell(order.id, 1, "in_progress")
    judgement = nights.judged()
    assert "to_report" not in {one.tag for one in judgement.findings}
    back = slots(nights.table(), order.id)[0].end
    for later in (1, 2, 3):
        on = ON + timedelta(days=later)
        assert slots(nights.table(on), order.id)[0].end == back
        nights.judged(on)


@pytest.mark.parametrize(("step", "begun"), [(2, False), (1, True)])
def test_what_a_subcontractor_does_comes_back_with_its_purchase(step: int, begun: bool) -> None:
    made = shop()
    order = made.erp.produce(made.frame, 8, start=ON, end=ON)
    nights = Nights(made, calendars={"outside": {"Press" if step == 2 else "Saw": 5}})
    if begun:
        made.erp.start(order, FRIDAY)
        nights.tell(order.id, 1, "in_progress")
    usual = slots(nights.table(), order.id)[step - 1].end
    zinc = made.erp.supplier("Zinc & Fils")
    bought = made.erp.order(zinc, [(made.steel, 1)], expected=date(2026, 12, 8))
    nights.say("subcontracted", {"order": order.id, "step": step, "purchase": bought.id})
    table = nights.table()
    back = slots(table, order.id)[step - 1]
    assert usual < back.end == datetime.fromisoformat("2026-12-08")
    assert bought.ref() in table.order(order.id).waits_for
    nights.say("expected", {"order": bought.id, "on": "2026-12-10"})
    assert slots(nights.table(), order.id)[step - 1].end == datetime.fromisoformat("2026-12-10")
    (late,) = [one for one in nights.judged().findings if one.tag == "late_order"]
    assert f"comes back with purchase order {bought.number}" in word(late.message, "en_GB")


def test_a_subcontracted_step_whose_purchase_is_gone_takes_its_usual_time() -> None:
    made = shop()
    order = made.erp.produce(made.frame, 8, start=ON, end=ON)
    nights = Nights(made, calendars={"outside": {"Press": 5}})
    usual = slots(nights.table(), order.id)[1].end
    nights.say("subcontracted", {"order": order.id, "step": 2, "purchase": "gone"})
    assert slots(nights.table(), order.id)[1].end == usual


def test_a_work_centre_without_a_shift_is_named() -> None:
    made = shop()
    made.erp.produce(made.frame, 8, start=ON, end=ON)
    shifts = [{"name": "day", "hours": ["08:00-16:00"], "centres": ["Saw"]}]
    (held,) = Nights(made, calendars={"shifts": shifts}).judged().held
    assert held.tag == "no_calendar"


def test_a_start_in_the_year_one_does_not_keep_the_night_busy() -> None:
    made = shop()
    made.erp.start(made.erp.produce(made.frame, 8, start=date.min, end=date.max), date.min)
    assert "to_report" in {one.tag for one in Nights(made).judged().findings}
