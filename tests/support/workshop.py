"""A small workshop in memory: three machines, two products, steel that comes late."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any, NamedTuple

from regisseur.agents.planning.observation import Workshop, read_workshop
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import BillOfMaterials, Item, Routing, WorkCentre

ON = date(2026, 11, 23)


class Shop(NamedTuple):
    """What a test needs to go on."""

    erp: MemoryERP
    steel: Item
    frame: Item
    bench: Item
    saw: WorkCentre
    press: WorkCentre
    line: WorkCentre
    cut: Routing
    build: Routing
    bill: BillOfMaterials


class _Desk:
    """Only the ERP of a desk."""

    def __init__(self, erp: MemoryERP) -> None:
        self.port = lambda wanted: erp


def workshop_of(erp: MemoryERP, settings: PlanningSettings, on: date = ON) -> Workshop:
    """What the planning agent reads there."""
    desk: Any = _Desk(erp)
    return asyncio.run(read_workshop(desk, settings, on, lambda _: None))


def shop() -> Shop:
    """Frames are cut and bent from steel; benches are assembled from frames."""
    erp = MemoryERP(today=ON)
    steel = erp.item("STEEL", name="Sheet", on_hand=400)
    frame = erp.item("FRAME", name="Frame", producible=True, purchasable=False)
    bench = erp.item("BENCH", name="Bench", producible=True, purchasable=False, sale_price=300)
    saw = erp.work_centre("Saw", group="saws")
    press = erp.work_centre("Press", group="presses")
    line = erp.work_centre("Line", group="lines")
    cut = erp.routing("Frames", ("cutting", "saws"), ("bending", "presses"))
    build = erp.routing("Benches", ("assembly", "lines"))
    bill = erp.bill(frame, [(steel, 2)], routing=cut)
    erp.bill(bench, [(frame, 1)], routing=build)
    for number in range(6):
        on = date(2026, 10, 1 + number)
        erp.cycle(frame, 10, cut, 0, saw, 100 + number, on)
        erp.cycle(frame, 10, cut, 1, press, 200 + number, on)
        erp.cycle(bench, 10, build, 0, line, 150 + number, on)
    return Shop(erp, steel, frame, bench, saw, press, line, cut, build, bill)
