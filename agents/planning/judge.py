"""The night's judgement, from what was read to what is proposed, told and held."""

from __future__ import annotations

from typing import Any

from regisseur.agents.planning.causes import causes
from regisseur.agents.planning.findings import findings, held
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.observation import Observation
from regisseur.agents.planning.planned import Schedule, planned
from regisseur.agents.planning.proposals import Proposer
from regisseur.agents.planning.remedies import remedies
from regisseur.agents.planning.report import (
    figures,
    freshness,
    headline,
    minutes_saved,
    sections,
)
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.trying import Trials
from regisseur.agents.planning.words import say
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Judgement


def judge(seen: Observation, brief: Brief[PlanningSettings]) -> Judgement:
    """Conclude. The same observation, settings and solver give the same plan."""
    night = Night(seen, brief)
    found = planned(night)
    if not found.timetable.orders:
        nothing = held(night, found, set())
        return Judgement(headline=say("There is nothing to plan."), held=nothing)
    trials = Trials(night, found)
    reasons = causes(night, trials)
    helps = remedies(night, trials, reasons)
    proposer = Proposer(night, found, reasons)
    proposals = proposer.all(helps)
    return Judgement(
        headline=headline(night, found),
        figures=tuple(figures(night, found.timetable)),
        freshness=tuple(freshness(found.timetable)),
        findings=findings(night, found, reasons, helps),
        proposals=proposals,
        held=held(night, found, proposer.withheld),
        sections=sections(night, found, reasons),
        minutes_saved=minutes_saved(found.timetable, proposals),
        papers={
            "timetable": found.timetable.model_dump(mode="json"),
            "material_needs": material_needs(night, found),
        },
    )


def material_needs(night: Night, found: Schedule) -> list[dict[str, Any]]:
    """What each order takes from stock and from when on, for purchasing: dates of the plan in place
    of the ERP's.
    """
    return [
        {
            "order_id": work.order.id,
            "item_id": one.item_id,
            "quantity": str(one.quantity),
            "on": found.timetable.order(work.order.id).start.date().isoformat(),
        }
        for work in found.built.works
        for one in work.order.inputs
        if not one.assigned and not work.begun
    ]
