"""The night's judgement: pure, from what was read to what is proposed, told and held."""

from __future__ import annotations

from regisseur.agents.invoice_followup.correspondence import PAPER
from regisseur.agents.invoice_followup.findings import findings, held
from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.observation import Observation
from regisseur.agents.invoice_followup.report import (
    figures,
    freshness,
    headline,
    minutes_saved,
    sections,
)
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.uncollected import uncollected
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Judgement


def judge(observation: Observation, brief: Brief[InvoiceFollowupSettings]) -> Judgement:
    """Conclude. Neither the order of the records nor anything outside them matters."""
    with uncollected():
        night = Night(observation, brief)
        return Judgement(
            headline=headline(night),
            figures=tuple(figures(night)),
            freshness=tuple(freshness(night)),
            findings=tuple(findings(night)),
            proposals=tuple(night.proposals),
            held=tuple(held(night)),
            sections=tuple(sections(night)),
            minutes_saved=minutes_saved(night),
            papers={PAPER: observation.correspondence.paper},
        )
