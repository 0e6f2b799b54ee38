"""What the workshop's data and settings lack, as ``regisseur doctor`` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from regisseur.agents.planning.naming import order_label
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.words import say
from regisseur.agents.planning.works import sorted_out
from regisseur.graphs.agent import Brief
from regisseur.tools.records import Message


def readiness(seen: Observation, brief: Brief[PlanningSettings]) -> Iterator[Message]:
    """Calendars, times, and the orders that can't be planned for want of them."""
    night = Night(seen, brief)
    assumed = night.calendar.assumption()
    if assumed is not None:
        yield assumed
    for centre in night.calendar.without_hours(night.centres.values()):
        yield say("{centre} has no shift: nothing can be planned there.", centre=centre.name)
    for name in night.calendar.unknown(night.workshop.centres):
        yield say("The settings name {name}, which is no work centre of the ERP.", name=name)
    works, doubts = sorted_out(night)
    steps = [task for work in works for task in work.tasks]
    learned = sum(task.estimate.source == "history" for task in steps)
    yield say(
        "Steps to plan: {steps}, of which {learned} by times learned from past cycles and {table} by "
        "the company's table.",
        steps=len(steps),
        learned=learned,
        table=len(steps) - learned,
    )
    for why, those in groupby(sorted(doubts, key=lambda one: one.why), key=lambda one: one.why):
        found = list(those)
        yield say(
            "Orders that can't be planned ({why}): {orders}.",
            why=why,
            orders=", ".join(order_label(night, one.order) for one in found),
        )
    if night.unreported:
        yield say.counted(
            "One running order has to be reported before its plan can be published.",
            "{count} running orders have to be reported before their plan can be published.",
            len(night.unreported),
        )
