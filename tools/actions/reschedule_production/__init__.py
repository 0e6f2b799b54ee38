"""Reschedule a production order: new planned dates, and each step on its work centre."""

from regisseur.tools.actions.reschedule_production.arguments import RescheduleProduction
from regisseur.tools.actions.reschedule_production.kind import RescheduleKind, Workshop

__all__ = ["KIND", "RescheduleKind", "RescheduleProduction", "Workshop"]

KIND = RescheduleKind()
