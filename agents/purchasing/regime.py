"""Each item follows exactly one regime."""

from __future__ import annotations

from datetime import date
from typing import Literal

from regisseur.agents.purchasing.history import Outlook
from regisseur.agents.purchasing.observation import MONTH
from regisseur.agents.purchasing.settings import PurchasingSettings

Regime = Literal["needs", "forecast", "stop", "unknown"]
"""``unknown``: nothing to judge by, so a person decides."""


def regime(
    outlook: Outlook | None,
    last_need: int | None,
    cover: int,
    on: date,
    settings: PurchasingSettings,
    *,
    in_stock: bool,
) -> Regime:
    """How an item is bought.

    ``last_need`` is the day of its last known need (``None`` without any), ``cover`` the days
    that an order must cover: lead time and review period.
    """
    idle = outlook is None or (on - outlook.last_use).days > settings.stop_after_months * MONTH
    young = outlook is None or outlook.weeks < settings.minimum_history_weeks
    if last_need is not None:
        follows = outlook is not None and outlook.production_share >= settings.dependent_share
        return "needs" if young or idle or (follows and last_need >= cover) else "forecast"
    if outlook is None:
        return "stop" if in_stock else "unknown"
    if idle:
        return "stop"
    return "unknown" if young else "forecast"
