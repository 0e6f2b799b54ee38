# SPDX-License-Identifier: GPL-3.0-or-later
"""Production orders of the past year and the coming weeks, with their operations."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from atelier.data import SEED, Company, Cycle, Order
from atelier.erp import Erp
from atelier.masters import Masters
from atelier.plan import eaten
from atelier.settings import Settings

On = Callable[[date, Callable[[], None]], None]

MINUTES = {
    "sheet": {"Découpe": (20, 2.5), "Pliage": (30, 15), "Soudage": (25, 6), "Peinture": (20, 3)},
    "profile": {"Découpe": (15, 2), "Peinture": (20, 2)},
    "welding": {"Découpe": (15, 5), "Soudage": (25, 14), "Peinture": (20, 5)},
    "assembly": {"Montage": (15, 16)},
}
"""What an operation takes, by routing: to get ready, and for each piece."""
NOISE = 0.12
"""Spread of the time an order takes: standard deviation of its logarithm."""
TYPED_IN = (date(2026, 1, 4), date(2026, 6, 28), date(2026, 11, 14))
"""Days, each before a count, on which the orders done since the last are written all at once."""
_LEAD = timedelta(days=6)
_LAST_DAY = date(2026, 11, 20)
_FIRST_SHIFT = time(7, 30)


def plan_productions(
    erp: Erp,
    settings: Settings,
    company: Company,
    masters: Masters,
    past: Sequence[Order],
    on: On,
) -> None:
    """Note down what happens to each production order, and when."""
    planner = _Planner(erp, settings, company, masters)
    days: dict[tuple[date, bool], list[Order]] = defaultdict(list)
    for order in [*past, *company.productions]:
        done = order.state == "done"
        if done:
            day = next(day for day in TYPED_IN if day >= order.end)
        else:
            day = min(order.start - _LEAD, _LAST_DAY)
        days[day, done].append(order)
    on(TYPED_IN[0], planner.leave_numbers)
    for (day, done), orders in days.items():
        on(day, partial(planner.write_done if done else partial(planner.prepare, on), orders))


class _Planner:
    def __init__(self, erp: Erp, settings: Settings, company: Company, masters: Masters) -> None:
        self.erp, self.settings, self.company, self.masters = erp, settings, company, masters

    def leave_numbers(self) -> None:
        """Orders are numbered as they are written down; the ERP goes on after them."""
        Configuration = self.erp.model("production.configuration")
        sequence = Configuration(1).get_multivalue(
            "production_sequence", company=self.settings.company
        )
        sequence.number_next = 1 + sum(1 for order in self.company.productions if order.number)
        sequence.save()

    def prepare(self, on: On, orders: list[Order]) -> None:
        """Write the orders and bring them as far as they got."""
        productions = self.erp.save([self._production(order) for order in orders])
        waiting = [
            (order, production)
            for order, production in zip(orders, productions, strict=True)
            if order.state not in ("request", "draft")
        ]
        self._wait(waiting)
        for order, production in waiting:
            if order.state == "running":
                on(order.start, partial(self._start, production.id, order))

    def write_done(self, orders: list[Order]) -> None:
        """Orders that began and ended on days gone by, with the time each operation took."""
        Production = self.erp.model("production")
        productions = []
        for order in orders:
            production = self._production(order)
            production.effective_start_date = order.start
            production.effective_date = order.end
            for moves, day in ((production.inputs, order.start), (production.outputs, order.end)):
                for move in moves:
                    move.effective_date = day
            productions.append(production)
        self.erp.save(productions)
        self._wait(list(zip(orders, productions, strict=True)))
        Production.assign_force(productions)
        Production.run(productions)
        productions = Production.browse([production.id for production in productions])
        cycles = [
            (work, cycle)
            for order, production in zip(orders, productions, strict=True)
            for work, cycle in zip(production.works, self._worked(order), strict=True)
        ]
        self._work(cycles)
        Production.do(productions)

    def _production(self, order: Order) -> Any:
        Production = self.erp.model("production")
        bom = self.company.boms[order.product]
        production = Production(
            company=self.settings.company,
            warehouse=self.masters.warehouse,
            type="assembly",
            state="request" if order.state == "request" else "draft",
            number=order.number or None,
            reference=order.reference or None,
            product=self.masters.products[order.product],
            bom=self.masters.boms[order.product],
            routing=None if order.bare else self.masters.routings[bom.routing],
            quantity=float(order.quantity),
            planned_start_date=order.start,
            planned_date=order.end,
        )
        if order.state != "request" and not order.bare:
            production.work_center = self.masters.workshop
        production.on_change_warehouse()
        production.unit = production.product.default_uom
        production.explode_bom()
        needs = eaten(self.company, order.product, order.quantity)
        for move in production.inputs:
            # Tryton rounds up, and six times 0.4 kg is a little over 2.4 kg in its floats.
            move.quantity = needs[move.product.code]
        return production

    def _wait(self, orders: list[tuple[Order, Any]]) -> None:
        """Tryton throws dice for the machine of each operation: they fall the same every time."""
        Production, Work = self.erp.model("production"), self.erp.model("production.work")
        random.seed(f"{SEED}:{[order.number for order, _ in orders]}")
        Production.wait([production for _, production in orders])
        for order, production in orders:
            for work in Production(production.id).works if order.centres else ():
                if machine := order.centres.get(work.operation.name):
                    Work.write([work], {"work_center": self.masters.machines[machine]})

    def _start(self, production_id: int, order: Order) -> None:
        Production = self.erp.model("production")
        production = Production(production_id)
        Production.assign_force([production])
        Production.run([production])
        works = {work.operation.name: work for work in Production(production_id).works}
        self._work([(works[cycle.operation], cycle) for cycle in order.cycles])

    def _worked(self, order: Order) -> list[Cycle]:
        """How long each operation took, spread over the days of the order."""
        times = MINUTES[self.company.boms[order.product].routing]
        rng = Random(f"{SEED}:{order.product}:{order.start}")
        days, last = (order.end - order.start).days, max(1, len(times) - 1)
        cycles = []
        for step, (operation, (fixed, each)) in enumerate(times.items()):
            minutes = (fixed + each * order.quantity) * rng.lognormvariate(0, NOISE)
            day = order.start + timedelta(days=days * step // last)
            at = datetime.combine(day, _FIRST_SHIFT) + timedelta(hours=2 * step)
            cycles.append(Cycle(operation, at, round(minutes)))
        return cycles

    def _work(self, cycles: list[tuple[Any, Cycle]]) -> None:
        """Tryton keeps no day of a cycle but those on which it was written and last changed."""
        Record = self.erp.model("production.work.cycle")
        records = self.erp.save(
            [
                Record(work=work, duration=timedelta(minutes=cycle.minutes or 0) or None)
                for work, cycle in cycles
            ]
        )
        Record.run(records)
        Record.do(
            [
                record
                for record, (_, cycle) in zip(records, cycles, strict=True)
                if cycle.minutes is not None
            ]
        )
        table, cursor = Record.__table__(), self.erp.cursor()
        columns = [table.create_date, table.write_date]
        for record, (_, cycle) in zip(records, cycles, strict=True):
            values = [cycle.at, cycle.at]
            cursor.execute(*table.update(columns, values, where=table.id == record.id))
