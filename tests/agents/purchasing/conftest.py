"""A small ERP and short ways to see a night through it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from regisseur.agents.purchasing import PurchasingAgent
from regisseur.agents.purchasing.observation import Observation
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Judgement
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import Company, Item

ON = date(2026, 11, 23)


@pytest.fixture
def on() -> date:
    """The night: a Monday."""
    return ON


@pytest.fixture
def erp() -> MemoryERP:
    """An empty ERP with one warehouse."""
    return MemoryERP(today=ON)


@pytest.fixture
def brief() -> Callable[..., Brief[PurchasingSettings]]:
    """A brief with these settings."""

    def make(**settings: Any) -> Brief[PurchasingSettings]:
        company = Company(id="atelier", name="Atelier")
        return Brief(company=company, on=ON, settings=PurchasingSettings(**settings))

    return make


@pytest.fixture
def see(erp: MemoryERP, brief: Callable[..., Brief[PurchasingSettings]]) -> Callable[..., Any]:
    """What the agent observes in the ERP."""

    def observe(**settings: Any) -> Observation:
        agent = PurchasingAgent()
        return asyncio.run(agent.observe(erp, brief(**settings), lambda message: None))

    return observe


@pytest.fixture
def night(
    see: Callable[..., Observation], brief: Callable[..., Brief[PurchasingSettings]]
) -> Callable[..., Judgement]:
    """Observe and judge with these settings."""

    def run(**settings: Any) -> Judgement:
        return PurchasingAgent().judge(see(**settings), brief(**settings))

    return run


@pytest.fixture
def steady(erp: MemoryERP) -> Callable[..., Item]:
    """An item used evenly: ``weekly`` units in each of the last ``weeks`` weeks."""

    def make(code: str, weekly: int | str, *, weeks: int = 77, **more: Any) -> Item:
        use = more.pop("use", "sale")
        counted = min(timedelta(weeks=weeks), timedelta(days=60))
        item = erp.item(code, counted=ON - counted, **more)
        for week in range(1, weeks + 1):
            erp.used(item, Decimal(weekly), ON - timedelta(days=7 * week - 3), use=use)
        return item

    return make
