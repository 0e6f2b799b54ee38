"""What the agent reads: the workshop, its orders, its past, its stock and what customers wait for."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from pydantic import Field

from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.words import say
from regisseur.errors import Unsupported
from regisseur.graphs.agent import Tell
from regisseur.graphs.desk import Desk
from regisseur.graphs.past import Deed
from regisseur.graphs.told import Told
from regisseur.tools.erp.ports import Inventory, Production, Purchasing, Sales
from regisseur.tools.erp.together import together
from regisseur.tools.records import (
    BillOfMaterials,
    Cycle,
    Item,
    Offer,
    ProductionOrder,
    PurchaseOrder,
    Record,
    Routing,
    SaleLine,
    StockLevel,
    Supplier,
    WorkCentre,
)

T = TypeVar("T")
MONTH = 31


class Workshop(Record):
    """What the ERP knows; an ERP without purchasing or sales leaves those empty."""

    centres: tuple[WorkCentre, ...] = ()
    routings: tuple[Routing, ...] = ()
    bills: tuple[BillOfMaterials, ...] = ()
    orders: tuple[ProductionOrder, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    items: tuple[Item, ...] = ()
    stock: tuple[StockLevel, ...] = ()
    purchases: tuple[PurchaseOrder, ...] = ()
    offers: tuple[Offer, ...] = ()
    suppliers: tuple[Supplier, ...] = ()
    sales: tuple[SaleLine, ...] = ()
    buys: bool = True
    """Does the ERP know of purchases at all?"""
    dates_change_in: tuple[str, ...] = ()
    """See the port ``Production``."""


class Observation(Record):
    """All that tonight's judgement rests on."""

    workshop: Workshop
    told: tuple[Told, ...] = ()
    deeds: tuple[Deed, ...] = ()
    """What was carried out for this agent: overtime that was granted is among it."""
    before: dict[str, Any] = Field(default_factory=dict)
    """The papers of the last night before this one: the plan that people know."""


async def read_workshop(desk: Desk, settings: PlanningSettings, on: date, tell: Tell) -> Workshop:
    """Read it all, in a fixed number of requests times the pages they need."""
    production: Production = desk.port(Production)
    inventory: Inventory = desk.port(Inventory)
    since = on - timedelta(days=settings.history_months * MONTH)
    tell(say("Reading production orders, work centres and past times"))
    async with together() as reads:
        centres = reads.create_task(_all(production.work_centres()))
        routings = reads.create_task(_all(production.routings()))
        bills = reads.create_task(_all(production.bills()))
        orders = reads.create_task(_all(production.open_production()))
        cycles = reads.create_task(_all(production.cycles(since)))
        items = reads.create_task(_all(inventory.items()))
        stock = reads.create_task(_stock(inventory))
        bought = reads.create_task(_bought(desk))
        sales = reads.create_task(_sold(desk))
    purchases, offers, suppliers = bought.result() or ((), (), ())
    return Workshop(
        centres=centres.result(),
        routings=routings.result(),
        bills=bills.result(),
        orders=orders.result(),
        cycles=cycles.result(),
        items=items.result(),
        stock=stock.result(),
        purchases=purchases,
        offers=offers,
        suppliers=suppliers,
        sales=sales.result(),
        buys=bought.result() is not None,
        dates_change_in=tuple(sorted(production.dates_change_in)),
    )


async def _all(read: Awaitable[Sequence[T]]) -> tuple[T, ...]:
    return tuple(await read)


async def _stock(inventory: Inventory) -> tuple[StockLevel, ...]:
    """Of all warehouses: what lies in another one is not looked at by whom it doesn't concern."""
    levels: list[StockLevel] = []
    for warehouse in await inventory.warehouses():
        levels += await inventory.stock(warehouse.id)
    return tuple(levels)


async def _bought(
    desk: Desk,
) -> tuple[tuple[PurchaseOrder, ...], tuple[Offer, ...], tuple[Supplier, ...]] | None:
    """``None`` where the ERP knows of no purchases."""
    try:
        purchasing: Purchasing = desk.port(Purchasing)
    except Unsupported:
        return None
    async with together() as reads:
        orders = reads.create_task(_all(purchasing.open_orders()))
        offers = reads.create_task(_all(purchasing.offers()))
        suppliers = reads.create_task(_all(purchasing.suppliers()))
    return orders.result(), offers.result(), suppliers.result()


async def _sold(desk: Desk) -> tuple[SaleLine, ...]:
    try:
        sales: Sales = desk.port(Sales)
    except Unsupported:
        return ()
    return tuple(await sales.open_sales())
