"""What the agent reads: a compact picture of stock, use, needs, offers and orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.errors import Misconfigured
from regisseur.graphs.agent import Tell
from regisseur.tools.erp.ports import Inventory, Purchasing
from regisseur.tools.erp.together import together
from regisseur.tools.records import (
    Demand,
    Item,
    Offer,
    PurchaseOrder,
    Receipt,
    Record,
    ReorderRule,
    Requirement,
    Speaker,
    StockLevel,
    Supplier,
    Warehouse,
)

say = Speaker("regisseur.agents.purchasing")
MONTH = 30.44
"""Mean days of a month."""


class Use(Record):
    """Weekly use of one item, oldest week first; the last week ends the day before the night.

    An empty tuple means that there was none. Floats, because they only feed statistics.
    """

    item_id: str
    first: date
    last: date
    sold: tuple[float, ...] = ()
    consumed: tuple[float, ...] = ()


class Site(Record):
    """What concerns one warehouse."""

    warehouse: Warehouse
    stock: tuple[StockLevel, ...] = ()
    uses: tuple[Use, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    rules: tuple[ReorderRule, ...] = ()


class Observation(Record):
    """All that tonight's judgement rests on."""

    on: date
    weeks: int
    """Length of the weekly use of every item."""
    items: tuple[Item, ...] = ()
    suppliers: tuple[Supplier, ...] = ()
    offers: tuple[Offer, ...] = ()
    orders: tuple[PurchaseOrder, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    sites: tuple[Site, ...] = ()
    replanned: int = 0
    """Needs of production that stand on another day than the ERP's, by tonight's plan."""


def history_weeks(settings: PurchasingSettings) -> int:
    """Whole weeks within the months of history."""
    return int(settings.history_months * MONTH // 7)


async def observe(
    inventory: Inventory,
    purchasing: Purchasing,
    settings: PurchasingSettings,
    on: date,
    tell: Tell,
) -> Observation:
    """Read it all, as much of it at once as the connection allows: a fixed number of requests, and
    another for each warehouse, times the pages they need.
    """
    weeks = history_weeks(settings)
    since = on - timedelta(weeks=weeks)
    chosen = _chosen(await inventory.warehouses(), settings.warehouses)
    items = [item for item in await inventory.items() if item.active and item.purchasable]
    tell(say("Reading {count} items", count=len(items)))
    bought = {item.id for item in items}
    async with together() as reads:
        sites = reads.create_task(_sites(inventory, chosen, bought, since, on, tell))
        suppliers = reads.create_task(purchasing.suppliers())
        offers = reads.create_task(purchasing.offers())
        orders = reads.create_task(purchasing.open_orders())
        receipts = reads.create_task(purchasing.receipts(since))
    return Observation(
        on=on,
        weeks=weeks,
        items=tuple(items),
        suppliers=tuple(suppliers.result()),
        offers=tuple(o for o in offers.result() if o.item_id in bought),
        orders=tuple(orders.result()),
        receipts=tuple(receipts.result()),
        sites=sites.result(),
    )


def _chosen(warehouses: Sequence[Warehouse], wanted: Sequence[str]) -> list[Warehouse]:
    known = {warehouse.id: warehouse for warehouse in warehouses}
    for number, name in enumerate(wanted):
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise Misconfigured(
                f"agents.purchasing.warehouses[{number}]: the ERP has no warehouse {name!r} "
                f"(it has: {there})"
            )
    return [known[name] for name in sorted(wanted or known)]


async def _sites(
    inventory: Inventory,
    chosen: Iterable[Warehouse],
    bought: set[str],
    since: date,
    on: date,
    tell: Tell,
) -> tuple[Site, ...]:
    """One warehouse after the other: the use of each is the most that is read at all."""
    return tuple([await _site(inventory, one, bought, since, on, tell) for one in chosen])


async def _site(
    inventory: Inventory, warehouse: Warehouse, bought: set[str], since: date, on: date, tell: Tell
) -> Site:
    tell(say("Reading stock and use of {warehouse}", warehouse=warehouse.name))
    async with together() as reads:
        uses = reads.create_task(_uses(inventory, warehouse.id, bought, since, on))
        stock = reads.create_task(inventory.stock(warehouse.id))
        requirements = reads.create_task(inventory.requirements(warehouse.id))
        rules = reads.create_task(inventory.reorder_rules(warehouse.id))
    return Site(
        warehouse=warehouse,
        stock=tuple(x for x in stock.result() if x.item_id in bought),
        uses=uses.result(),
        requirements=tuple(x for x in requirements.result() if x.item_id in bought),
        rules=tuple(x for x in rules.result() if x.item_id in bought),
    )


async def _uses(
    inventory: Inventory, warehouse: str, bought: set[str], since: date, on: date
) -> tuple[Use, ...]:
    demand = await inventory.demand(warehouse, since, on)
    return weekly_use((row for row in demand if row.item_id in bought), since, on)


def weekly_use(demand: Iterable[Demand], since: date, until: date) -> tuple[Use, ...]:
    """Sum daily use into weeks, exactly; rows of nothing or outside the dates are left out."""
    sums: dict[str, dict[tuple[str, int], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    days: dict[str, tuple[date, date]] = {}
    for row in demand:
        if row.quantity <= 0 or not since <= row.date < until:
            continue
        sums[row.item_id][row.use, (row.date - since).days // 7] += row.quantity
        first, last = days.get(row.item_id, (row.date, row.date))
        days[row.item_id] = (min(first, row.date), max(last, row.date))
    weeks = (until - since).days // 7
    return tuple(_use(item, *days[item], sums[item], weeks) for item in sorted(sums))


def _use(
    item: str, first: date, last: date, sums: dict[tuple[str, int], Decimal], weeks: int
) -> Use:
    def series(use: str) -> tuple[float, ...]:
        if not any(name == use for name, _ in sums):
            return ()
        return tuple(float(sums.get((use, week), 0)) for week in range(weeks))

    return Use(
        item_id=item, first=first, last=last, sold=series("sale"), consumed=series("production")
    )
