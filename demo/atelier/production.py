# SPDX-License-Identifier: GPL-3.0-or-later
"""Production orders of the recent past and the coming weeks, with their operations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from atelier.data import SEED, Company, Order
from atelier.erp import Erp
from atelier.masters import Masters
from atelier.settings import Settings

_LEAD = timedelta(days=6)
_MINUTES_A_PIECE = {"Découpe": 4, "Pliage": 6, "Soudage": 9, "Peinture": 5, "Montage": 18}


def plan_productions(
    erp: Erp,
    settings: Settings,
    company: Company,
    masters: Masters,
    on: Callable[[date, Callable[[], None]], None],
) -> None:
    """Note down what happens to each production order, and when."""
    planner = _Planner(erp, settings, company, masters)
    for order in company.productions:
        typed_on = min(order.start - _LEAD, date(2026, 11, 20))
        on(typed_on, partial(planner.prepare, order, on))


class _Planner:
    def __init__(self, erp: Erp, settings: Settings, company: Company, masters: Masters) -> None:
        self.erp, self.settings, self.company, self.masters = erp, settings, company, masters

    def prepare(self, order: Order, on: Callable[[date, Callable[[], None]], None]) -> None:
        """Write the order and bring it as far as it got."""
        Production = self.erp.model("production")
        production = self._production(order)
        production.save()
        if order.state in ("request", "draft"):
            return
        Production.wait([production])
        if order.state in ("running", "done"):
            on(order.start, partial(self._start, production.id))
        if order.state == "done":
            on(order.end, partial(self._finish, production.id, order))

    def _production(self, order: Order) -> Any:
        Production = self.erp.model("production")
        bom = self.company.boms[order.product]
        production = Production(
            company=self.settings.company,
            warehouse=self.masters.warehouse,
            type="assembly",
            state="request" if order.state == "request" else "draft",
            product=self.masters.products[order.product],
            bom=self.masters.boms[order.product],
            routing=self.masters.routings[bom.routing],
            quantity=float(order.quantity),
            planned_start_date=order.start,
            planned_date=order.end,
        )
        if order.state != "request":
            production.work_center = self.masters.workshop
        production.on_change_warehouse()
        production.unit = production.product.default_uom
        production.explode_bom()
        return production

    def _start(self, production_id: int) -> None:
        Production = self.erp.model("production")
        production = Production(production_id)
        Production.assign_force([production])
        Production.run([production])

    def _finish(self, production_id: int, order: Order) -> None:
        Production, Cycle = self.erp.model("production"), self.erp.model("production.work.cycle")
        production = Production(production_id)
        rng = Random(f"{SEED}:{order.product}:{order.start}")
        cycles = []
        for work in production.works:
            minutes = order.quantity * _MINUTES_A_PIECE[work.operation.name] * rng.uniform(0.8, 1.3)
            cycles.append(Cycle(work=work, duration=timedelta(minutes=round(minutes))))
        Cycle.save(cycles)
        Cycle.run(cycles)
        Cycle.do(cycles)
        Production.do([Production(production_id)])
