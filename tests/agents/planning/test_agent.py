"""The planning agent on a small workshop in memory, planned by rule (a budget of nothing)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from workshop import ON, Shop, shop, workshop_of

from regisseur import Company, Office, Settings
from regisseur.agents.planning import PlanningAgent
from regisseur.agents.planning.checker import check
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.planned import planned
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.errors import InvalidInput
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Judgement, Proposal
from regisseur.tools.actions.propose_new_date import ProposeNewDate
from regisseur.tools.actions.reschedule_production import RescheduleProduction
from regisseur.tools.records import Message, Percent
from regisseur.tools.texts import word

COMPANY = Company(id="atelier", name="Atelier", locale="en_GB")
LAST_WEEK = date(2026, 11, 16)


def office(made: Shop) -> Office:
    opened = Office.open(company=COMPANY, erp=made.erp, database="sqlite://")
    return opened


def seen_by(made: Shop, **settings: Any) -> tuple[Observation, Brief[PlanningSettings]]:
    """What the agent reads tonight, and what it is told."""
    chosen = PlanningSettings.model_validate({"budget": 0} | settings)
    return Observation(workshop=workshop_of(made.erp, chosen)), Brief(
        company=COMPANY, on=ON, settings=chosen
    )


def judged(made: Shop, **settings: Any) -> Judgement:
    return PlanningAgent().judge(*seen_by(made, **settings))


def of_kind(judgement: Judgement, kind: str) -> list[Proposal]:
    return [one for one in judgement.proposals if one.kind == kind]


def tags(judgement: Judgement) -> set[str]:
    return {one.tag for one in (*judgement.findings, *judgement.held)}


def test_an_order_on_its_days_is_left_alone() -> None:
    made = shop()
    made.erp.produce(made.frame, 8, start=ON, end=ON)
    assert judged(made).proposals == ()


def test_an_order_that_ends_later_is_rescheduled_with_its_places() -> None:
    made = shop()
    order = made.erp.produce(made.frame, 40, start=ON, end=ON)
    (one,) = of_kind(judged(made), "reschedule_production")
    wanted = RescheduleProduction.model_validate(one.arguments)
    assert (wanted.order_id, wanted.start_after, wanted.end_after) == (
        order.id, ON, date(2026, 11, 25),
    )  # fmt: skip
    assert [step.after.name for step in wanted.steps] == ["Saw", "Press"]


def test_what_is_built_from_another_order_waits_for_it_and_sales_is_told() -> None:
    made = shop()
    customer = made.erp.customer("Garage Bellecour", email="compta@garage.example")
    frames = made.erp.produce(made.frame, 40, start=ON, end=ON)
    benches = made.erp.produce(made.bench, 40, start=ON, end=ON)
    line = made.erp.sell(made.bench, customer, 40, requested=ON, confirmed=date(2026, 11, 24))
    seen, brief = seen_by(made)
    table = planned(Night(seen, brief)).timetable
    assert table.order(benches.id).start >= table.order(frames.id).end
    (told,) = of_kind(PlanningAgent().judge(seen, brief), "propose_new_date")
    wanted = ProposeNewDate.model_validate(told.arguments)
    assert wanted.about.id == line.sale_id
    assert wanted.lines[0].confirmed == date(2026, 11, 24) < wanted.lines[0].expected


def test_late_steel_is_the_cause_and_the_buyer_is_asked_for_an_earlier_day() -> None:
    made = shop()
    made.erp.move(made.steel, -400, ON)
    mill = made.erp.supplier("Steel mill")
    made.erp.order(mill, [(made.steel, 200)], expected=date(2026, 12, 8))
    made.erp.produce(made.frame, 10, start=ON, end=date(2026, 11, 27))
    judgement = judged(made)
    (one,) = of_kind(judgement, "expedite_purchase")
    assert one.arguments["needed"] == "2026-11-27"
    assert "late_order" in tags(judgement)


def test_overtime_is_proposed_where_it_saves_days_and_within_the_law() -> None:
    made = shop()
    made.erp.produce(made.frame, 40, start=ON, end=date(2026, 11, 24))
    judgement = judged(made, hourly_rate="32")
    (one, *_) = of_kind(judgement, "propose_overtime")
    assert one.arguments["work_centre_name"] == "Press"
    figures = {told.tag.partition("/")[0]: told.value for told in judgement.figures}
    assert isinstance(figures["late_orders"], Message)
    assert word(figures["late_orders"], "fr_FR") == "1 sur 1"
    assert isinstance(figures["load"], Percent)
    assert one.otherwise is not None
    assert "plus tard" in word(one.otherwise, "fr_FR")
    assert float(one.arguments["daily_hours"]) <= 10


@pytest.mark.parametrize(
    ("spoil", "tag"),
    [
        (lambda m: m.erp.bill(m.steel, [(m.steel, 1)], routing=m.cut), "contains_itself"),
        (lambda m: m.erp.routing("Nowhere", "glueing"), "no_work_centre"),
        (lambda m: m.erp.routing("Unheard of", ("welding", "saws")), "no_time"),
    ],
)
def test_a_wrong_record_is_named_and_the_rest_is_planned(spoil: Any, tag: str) -> None:
    made = shop()
    made.erp.produce(made.frame, 8, start=ON, end=ON)
    spoiled = spoil(made)
    item = made.steel if tag == "contains_itself" else made.bench
    routing = None if tag == "contains_itself" else spoiled
    if tag == "no_work_centre":
        for number in range(3):
            made.erp.cycle(made.bench, 10, spoiled, 0, made.saw, 60, date(2026, 10, 1 + number))
    made.erp.produce(item, 5, start=ON, end=ON, routing=routing)
    judgement = judged(made)
    assert tag in {one.tag for one in judgement.held}
    assert len(judgement.papers["timetable"]["orders"]) == 1


def test_an_order_longer_than_the_calendar_is_named_and_the_rest_is_planned() -> None:
    made = shop()
    made.erp.produce(made.frame, 8, start=ON, end=ON)
    made.erp.produce(made.frame, 180, start=ON, end=ON)
    judgement = judged(made, calendars={"weeks": 1})
    assert [one.tag for one in judgement.held] == ["too_long"]


def test_a_running_order_without_a_report_is_asked_about_and_not_published() -> None:
    made = shop()
    order = made.erp.produce(made.frame, 8, start=LAST_WEEK, end=LAST_WEEK)
    made.erp.start(order, LAST_WEEK)
    made.erp.produce(made.frame, 8, start=ON, end=ON)
    judgement = judged(made)
    assert tags(judgement) >= {"to_report", "progress_unknown", "due_in_the_past"}
    assert judgement.proposals == ()


def test_who_waits_for_an_order_whose_plan_is_not_published_is_told() -> None:
    made = shop()
    order = made.erp.produce(made.frame, 8, start=LAST_WEEK, end=LAST_WEEK)
    made.erp.start(order, LAST_WEEK)
    made.erp.produce(made.frame, 8, start=ON, end=ON)
    customer = made.erp.customer("Garage Bellecour", email="compta@garage.example")
    line = made.erp.sell(made.frame, customer, 12, requested=ON, confirmed=ON)
    judgement = judged(made)
    (one,) = [held for held in judgement.held if held.tag == "progress_unknown"]
    assert "waiting for it: Garage Bellecour" in word(one.message, "en_GB")
    assert line.ref() in one.evidence
    assert judgement.proposals == ()


def test_reported_progress_is_planned_on_and_the_plan_is_kept_from_night_to_night() -> None:
    made = shop()
    order = made.erp.produce(made.frame, 8, start=ON, end=ON)
    running = made.erp.start(order, date(2026, 11, 20))
    made.erp.produce(made.bench, 20, start=ON, end=ON)
    with office(made) as opened:
        entry = opened.record(
            "progress", by="chief", order=running.number, step=1, state="done",
            at="2026-11-20T17:00",
        )  # fmt: skip
        assert entry.body["order"] == order.id
        first = opened.run("planning", on=ON)
        assert first.report is not None
        again = opened.run("planning", on=date(2026, 11, 24))
        assert again.report is not None
        assert "SINCE THE LAST PLAN" in again.report.text()
        with pytest.raises(InvalidInput, match="no step 7"):
            opened.record(
                "progress", by="chief", order=running.number, step=7, state="done",
                at="2026-11-20T17:00",
            )  # fmt: skip


def test_what_if_compares_and_writes_nothing() -> None:
    made = shop()
    made.erp.produce(made.frame, 30, start=ON, end=date(2026, 11, 26))
    with office(made) as opened:
        told = opened.plan(
            [
                "rush item=BENCH quantity=5 due=2026-11-26",
                {"name": "overtime", "centre": "Press", "day": ON, "hours": "17:00-19:00"},
            ],
            on=ON,
        ).text()
        with pytest.raises(InvalidInput, match="quantity"):
            opened.plan(["rush item=BENCH quantity=0 due=2026-11-26"], on=ON)
        assert opened.inbox() == []
    assert "Rush order: BENCH" in told
    assert "All of these" in told
    assert made.erp.writes == []


def test_granted_overtime_opens_the_work_centre_the_next_night() -> None:
    made = shop()
    made.erp.produce(made.frame, 40, start=ON, end=date(2026, 11, 24))
    with office(made) as opened:
        opened.run("planning", on=ON)
        action = next(one for one in opened.inbox() if one.kind == "propose_overtime")
        assert opened.decide(action, "approve", by="chief").status == "done"
        before = opened.plan(on=ON).data.headline
        assert before is not None
        later = opened.run("planning", on=ON, again=True)
        assert later.report is not None
        centres = {one["name"]: one for one in _paper(opened, later.id)["centres"]}
    day = action.arguments["day"]
    closing = [end for _, end in centres["Press"]["open"] if end.startswith(day)]
    assert max(closing) > f"{day}T17:00"


def _paper(opened: Office, mission_id: str) -> dict[str, Any]:
    import json

    from regisseur.storage import missions

    house = opened.opened.core.house
    with house.database.read() as session:
        judged = missions.judgement_of(session, mission_id)
    assert judged is not None
    paper: dict[str, Any] = json.loads(judged)["papers"]["timetable"]
    return paper


def test_every_plan_passes_the_check_and_the_same_night_gives_the_same_plan() -> None:
    made = shop()
    for number in range(5):
        made.erp.produce(made.frame, 10 + number, start=ON, end=ON)
    seen, brief = seen_by(made, budget=0.3)
    one, other = planned(Night(seen, brief)), planned(Night(seen, brief))
    assert one.plan == other.plan
    assert check(one.built.problem, one.plan) == ()


def test_settings_that_make_no_sense_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="two families"):
        PlanningSettings.model_validate({"setups": {"painting": {"pairs": {"white": 3}}}})
    assert issubclass(PlanningSettings, Settings)
