"""Orders stay on the days that people know; a scenario moves only what it has to do with."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from workshop import ON, Shop, shop, workshop_of

from regisseur import Company
from regisseur.agents.planning.engine.problem import weighted_tardiness
from regisseur.agents.planning.engine.schedule import schedule
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.planned import planned
from regisseur.agents.planning.published import leaves_its_days
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.whatif import explore
from regisseur.graphs.agent import Brief
from regisseur.graphs.exploring import Scenario

SETTINGS = PlanningSettings(budget=0)
BRIEF = Brief[PlanningSettings](
    company=Company(id="a", name="A", locale="en_GB"), on=ON, settings=SETTINGS
)


def busy(seed: int) -> Shop:
    """Chests of four steps, some with days that can't be kept, some with weeks to spare."""
    made, random = shop(), Random(seed)
    chest = made.erp.item("CHEST", producible=True, purchasable=False)
    steps = [
        ("cutting", "saws"),
        ("bending", "presses"),
        ("assembly", "lines"),
        ("cutting", "saws"),
    ]
    made.erp.bill(chest, [(made.steel, 1)], routing=made.erp.routing("Chests", *steps))
    for _ in range(10):
        start = ON + timedelta(days=random.randrange(0, 25))
        end = start + timedelta(days=random.randrange(2, 8))
        made.erp.produce(chest, random.randrange(2, 12), start=start, end=end)
    return made


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_later_for_staying_where_people_know_it(seed: int) -> None:
    night = Night(Observation(workshop=workshop_of(busy(seed).erp, SETTINGS)), BRIEF)
    found = planned(night)
    problem = found.built.problem
    soonest = schedule(problem, 0).plan
    assert weighted_tardiness(problem, found.plan) <= weighted_tardiness(problem, soonest)
    orders = {one.id: one for one in night.orders}
    moved = [one for one in found.timetable.orders if leaves_its_days(one, orders[one.id])]
    assert len(moved) <= 1


def test_a_scenario_that_touches_nothing_moves_nothing() -> None:
    seen = Observation(workshop=workshop_of(busy(1).erp, SETTINGS))
    far = Scenario.written("overtime centre=Line day=2027-02-20 hours=08:00-12:00")
    _, difference = explore(seen, BRIEF, [far]).sections
    assert difference.table is None
