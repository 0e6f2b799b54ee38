"""The worked example of ``docs/agents/planning.md``."""

from __future__ import annotations

from datetime import date, datetime

from workshop import ON, workshop_of

from regisseur import Company
from regisseur.agents.planning import PlanningAgent
from regisseur.agents.planning.causes import causes
from regisseur.agents.planning.engine.problem import weighted_tardiness
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.planned import planned
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.trying import Trials
from regisseur.graphs.agent import Brief
from regisseur.tools.erp.memory import MemoryERP

TUESDAY = date(2026, 11, 24)


def test_the_worked_example() -> None:
    erp = MemoryERP(today=ON)
    item, ordered = (erp.item(code, producible=True) for code in ("CASE", "CHEST"))
    erp.work_centre("Press", group="presses")
    routing = erp.routing("Cases", ("bending", "presses"))
    for one in (item, ordered):
        erp.bill(one, [], routing=routing)
    table = [{"operation": "bending", "per_piece": 120}]
    settings = PlanningSettings.model_validate({"budget": 0, "times": {"table": table}})
    customer = erp.customer("Garage Bellecour", email="compta@garage.example")
    a = erp.produce(ordered, 5, start=ON, end=TUESDAY, number="A")
    erp.sell(ordered, customer, 5, confirmed=date(2026, 11, 25))
    b = erp.produce(item, 2, start=ON, end=ON, number="B")
    c = erp.produce(item, 3, start=ON, end=TUESDAY, number="C")

    seen = Observation(workshop=workshop_of(erp, settings))
    brief: Brief[PlanningSettings] = Brief(
        company=Company(id="a", name="A", locale="en_GB"), on=ON, settings=settings
    )
    night = Night(seen, brief)
    found = planned(night)
    times = {one.order_id: (one.start, one.end) for one in found.timetable.slots}
    assert times == {
        b.id: (
            datetime.fromisoformat("2026-11-23T08:00"),
            datetime.fromisoformat("2026-11-23T12:00"),
        ),
        a.id: (
            datetime.fromisoformat("2026-11-23T13:00"),
            datetime.fromisoformat("2026-11-24T15:00"),
        ),
        c.id: (
            datetime.fromisoformat("2026-11-24T15:00"),
            datetime.fromisoformat("2026-11-25T12:00"),
        ),
    }
    assert [(one.label, one.late_days) for one in found.timetable.late()] == [("C", 1)]
    hours = weighted_tardiness(found.built.problem, found.plan) * 15 / 60 / 2
    assert hours == 12
    (cause,) = causes(night, Trials(night, found))
    assert (cause.why, cause.gained) == ("capacity", 1)
    judgement = PlanningAgent().judge(seen, brief)
    overtime = [one.arguments for one in judgement.proposals if one.kind == "propose_overtime"]
    assert [(one["day"], one["starts"], one["ends"]) for one in overtime] == [
        ("2026-11-23", "17:00:00", "19:00:00"),
        ("2026-11-24", "17:00:00", "19:00:00"),
    ]
    assert {float(one["daily_hours"]) for one in overtime} == {10}
