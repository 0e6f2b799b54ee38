"""The past of the company, worked out backwards from what must be on hand on the anchor day.

Pure and deterministic: every item has a random stream of its own, derived from one seed, so that
changing one item leaves the others as they were. For each item the outflows are drawn first; then,
walking back from the anchor day, a receipt of one lot is placed wherever the stock after it would
have been a lot above its safety level. What remains at the first day is the opening inventory.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from statistics import pstdev

from atelier.data import ANCHOR, FIRST_DAY, SEED, Company, Item, Offer, Order

COUNTS = {date(2026, 1, 5): None, date(2026, 6, 29): ("raw", "semi")}
CLOSED = (
    (date(2025, 8, 4), date(2025, 8, 17)),
    (date(2025, 12, 22), date(2026, 1, 4)),
    (date(2026, 8, 3), date(2026, 8, 16)),
)
STOPPED_ON = date(2026, 3, 20)
IN_UNIT = {"b100": 100.0, "kg": 1000.0}
_ORDERS_SINCE, _ORDERS_UNTIL = date(2025, 11, 24), date(2026, 10, 30)
"""Production orders of the past ended in between."""
_STEP = {"u": 0, "kg": 2, "m": 2, "g": 0}
_LATENESS = {"BJU": 1.25, "ACR": 1.1, "MNX": 1.1, "KOE": 1.05}


@dataclass(frozen=True)
class Flow:
    """A movement of ``quantity`` (positive: into the warehouse) from or to a kind of place.

    ``documented`` flows are made by a document's own chain and not written in bulk.
    """

    item: str
    day: date
    quantity: float
    place: str
    documented: bool = False


@dataclass(frozen=True)
class Receipt:
    """A past purchase: days of order, promise and reception; quantity in stock units."""

    item: str
    offer: Offer
    quantity: float
    ordered: date
    promised: date
    received: date


@dataclass
class Plan:
    """What happened, item by item, and what it left."""

    opening: dict[str, float] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    counts: dict[date, dict[str, float]] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    on_hand: dict[str, float] = field(default_factory=dict)
    weekly: dict[str, float] = field(default_factory=dict)
    lots: dict[str, float] = field(default_factory=dict)
    order_points: dict[str, tuple[float, float]] = field(default_factory=dict)


def make_plan(company: Company, seed: int = SEED) -> Plan:
    """Work out the whole past. The same company and seed give the same plan."""
    plan = Plan()
    pending = _document_flows(company)
    for item in _from_finished_to_raw(company):
        _plan_item(plan, company, item, pending, Random(f"{seed}:{item.code}"))
    plan.flows.sort(key=lambda flow: (flow.day, flow.item, flow.quantity))
    plan.receipts.sort(key=lambda receipt: (receipt.ordered, receipt.item))
    plan.orders = _numbered(plan.orders)
    return plan


def round_to_unit(item: Item, quantity: float) -> float:
    """Round to what the unit of the item can hold."""
    return round(quantity, _STEP[item.unit])


def usual_offer(company: Company, item: Item) -> Offer | None:
    """The first offer of a supplier that is still active."""
    alive = (o for o in item.offers if not company.suppliers[o.party].archived)
    return next(alive, None)


def lead_days(company: Company, offer: Offer) -> int:
    """The stated lead time of an offer, in calendar days."""
    return offer.lead_days or company.suppliers[offer.party].lead_days


def workday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def in_stock_units(item: Item, quantity: float) -> float:
    """Translate a quantity in buying units."""
    return quantity * (IN_UNIT[item.buy_unit] if item.buy_unit else 1.0)


def _from_finished_to_raw(company: Company) -> list[Item]:
    rank = {"finished": 0, "semi": 1}
    return sorted(company.items.values(), key=lambda item: rank.get(item.family, 2))


def _document_flows(company: Company) -> dict[str, list[Flow]]:
    flows: dict[str, list[Flow]] = defaultdict(list)
    for sale in company.sales:
        if shipped := sale.done_on:
            for line in sale.lines:
                flow = Flow(line.item, shipped, -line.quantity, "customer", documented=True)
                flows[line.item].append(flow)
    for order in company.productions:
        if order.state in ("done", "running"):
            for code, quantity in eaten(company, order.product, order.quantity).items():
                flows[code].append(Flow(code, order.start, -quantity, "production", True))
        if order.state == "done":
            made = Flow(order.product, order.end, order.quantity, "production", True)
            flows[order.product].append(made)
    return flows


def eaten(company: Company, product: str, quantity: float) -> dict[str, float]:
    """What making ``quantity`` pieces takes out of stock."""
    bom = company.boms[product]
    batches = quantity / bom.makes
    return {
        code: round_to_unit(company.items[code], batches * each)
        for code, each in bom.inputs.items()
    }


def _plan_item(
    plan: Plan, company: Company, item: Item, pending: dict[str, list[Flow]], rng: Random
) -> None:
    flows = _own_demand(item, rng) + pending[item.code]
    weekly = -sum(f.quantity for f in flows if f.quantity < 0) / _weeks(item)
    offer = usual_offer(company, item)
    lead = lead_days(company, offer) / 7 if offer else 1.0
    lot = item.lot or _lot(item, offer, weekly, lead)
    flows += [
        Flow(item.code, day, _shrinkage(item, weekly, rng), "lost_found", documented=True)
        for day in _counted_on(item)
    ]
    safety = _swing(flows) * math.sqrt(lead + 1)
    stock = item.stock
    if stock is None:
        entered = sum(f.quantity for f in flows if f.documented and f.quantity > 0)
        comfort = max(weekly * (lead + 1) * 1.15 + 2.2 * safety, entered)
        stock = math.ceil(comfort) + math.ceil(lot * rng.uniform(0.1, 0.6))
    receipts = _receipts_backwards(item, flows, stock, lot, weekly * lead, rng)
    orders = _orders(company, item, receipts)
    receipts = [replace(flow, documented=flow in orders) for flow in receipts]
    plan.orders += orders.values()
    _record(plan, company, item, _Course(item, stock, flows, receipts), rng)
    plan.on_hand[item.code], plan.weekly[item.code], plan.lots[item.code] = stock, weekly, lot
    if item.minimum is not False:
        minimum = item.minimum or math.ceil(weekly * (lead + 1) + 1.5 * safety)
        plan.order_points[item.code] = (minimum, minimum + lot)
    for flow in receipts if item.made else ():
        day = orders[replace(flow, documented=False)].start if flow.documented else flow.day
        for code, quantity in eaten(company, item.code, flow.quantity).items():
            pending[code].append(Flow(code, day, -quantity, "production", flow.documented))


def _orders(company: Company, item: Item, lots: list[Flow]) -> dict[Flow, Order]:
    """The lots that a production order tells of, spread over the year.

    An order begins and ends in one week, so that no week's use of anything changes by it.
    """
    if not item.orders:
        return {}
    one_day = company.boms[item.code].routing == "assembly"
    fit = [
        lot
        for lot in lots
        if _ORDERS_SINCE <= lot.day <= _ORDERS_UNTIL
        and (one_day or lot.day.weekday() >= 2)
        and lots.count(lot) == 1
        and not any(first <= lot.day <= last for first, last in CLOSED)
    ]
    middle = (len(fit) * (2 * n + 1) // (2 * item.orders) for n in range(item.orders))
    chosen = [fit[n] for n in middle]
    starts = {lot: lot.day if one_day else monday_of(lot.day) for lot in chosen}
    return {
        lot: Order(item.code, round(lot.quantity), start, lot.day, "done")
        for lot, start in starts.items()
    }


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def _numbered(orders: list[Order]) -> list[Order]:
    """By year and week, as the workshop wrote them until it left numbering to the ERP."""
    ordered = sorted(orders, key=lambda order: (order.end, order.product))
    return [replace(o, number=f"{o.end:%y%V}-{n:02}") for n, o in enumerate(ordered, 1)]


def _weeks(item: Item) -> float:
    last = STOPPED_ON if item.demand.shape == "stopped" else ANCHOR
    return (last - FIRST_DAY).days / 7


def _swing(flows: list[Flow]) -> float:
    """Standard deviation of the weekly outflow."""
    totals: dict[int, float] = defaultdict(float)
    for flow in flows:
        if flow.place != "lost_found":
            totals[(flow.day - FIRST_DAY).days // 7] -= min(0.0, flow.quantity)
    return pstdev([totals[week] for week in range((ANCHOR - FIRST_DAY).days // 7)])


def _lot(item: Item, offer: Offer | None, weekly: float, lead: float) -> float:
    wanted = weekly * (5 + lead)
    if offer is None:
        return max(1.0, round_to_unit(item, wanted))
    wanted = max(wanted, in_stock_units(item, offer.at_least or 0))
    pack = in_stock_units(item, offer.pack or 1)
    return max(pack, math.ceil(wanted / pack) * pack)


def _counted_on(item: Item) -> list[date]:
    if item.counted == "never":
        return []
    return [day for day, families in COUNTS.items() if not families or item.family in families]


def _shrinkage(item: Item, weekly: float, rng: Random) -> float:
    if rng.random() < 0.6:
        return 0.0
    return round_to_unit(item, rng.gauss(-0.05, 0.15) * weekly)


def _own_demand(item: Item, rng: Random) -> list[Flow]:
    place = "customer" if item.sold else "production"
    flows = []
    monday = FIRST_DAY
    while item.demand.mean and monday < ANCHOR:
        total = _draw_week(item, monday, rng)
        for part in _split(total, rng):
            day = monday + timedelta(days=rng.randrange(5))
            flows.append(Flow(item.code, day, -round_to_unit(item, part), place))
        monday += timedelta(days=7)
    return flows


def _draw_week(item: Item, monday: date, rng: Random) -> int:
    mean, shape = item.demand.mean, item.demand.shape
    mean *= 0.2 if any(first <= monday <= last for first, last in CLOSED) else 1.0
    if shape == "seasonal":
        mean *= _season(monday)
    if shape == "stopped" and monday > STOPPED_ON:
        return 0
    chance = {"lumpy": 0.55, "intermittent": 0.3}.get(shape, 1.0)
    if rng.random() > chance:
        return 0
    return _negative_binomial(rng, mean / chance, dispersion=1.4)


def _season(day: date) -> float:
    """Heating season, by month; the year's mean is one."""
    months = (1.5, 1.1, 0.7, 0.4, 0.2, 0.15, 0.1, 0.15, 0.7, 1.6, 2.6, 2.8)
    return months[day.month - 1]


def _negative_binomial(rng: Random, mean: float, dispersion: float) -> int:
    if mean <= 0:
        return 0
    rate = rng.gammavariate(mean / (dispersion - 1), dispersion - 1)
    if rate > 60:
        return max(0, round(rng.gauss(rate, math.sqrt(rate))))
    limit, count, product = math.exp(-rate), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def _split(total: int, rng: Random) -> list[int]:
    if total < 4:
        return [total] if total else []
    first = rng.randint(1, total - 1)
    return [first, total - first]


def _receipts_backwards(
    item: Item, flows: list[Flow], stock: float, lot: float, lead_demand: float, rng: Random
) -> list[Flow]:
    by_day: dict[date, float] = defaultdict(float)
    entered: dict[date, float] = defaultdict(float)
    for flow in flows:
        by_day[flow.day] += flow.quantity
        entered[flow.day] += max(0.0, flow.quantity)
    ahead = sum(entered.values())
    place = "production" if item.made else "supplier"
    receipts, level = [], stock
    ceiling = max(lot + lead_demand * rng.uniform(0.3, 0.8), stock + 0.2 * lot)
    for day in sorted(by_day, reverse=True):
        level -= by_day[day]
        ahead -= entered[day]
        while level - ahead >= ceiling:
            arrival = max(FIRST_DAY, workday(day - timedelta(days=rng.randint(1, 3))))
            receipts.append(Flow(item.code, arrival, lot, place))
            level -= lot
            ceiling = lot + lead_demand * rng.uniform(0.2, 0.7)
    return receipts


@dataclass
class _Course:
    """What came and went of one item, up to the stock of the anchor day."""

    item: Item
    stock: float
    flows: list[Flow]
    receipts: list[Flow]

    def opening(self) -> float:
        return self.at_end_of(FIRST_DAY - timedelta(days=1))

    def at_end_of(self, day: date) -> float:
        after = sum(f.quantity for f in self.flows + self.receipts if f.day > day)
        return round_to_unit(self.item, self.stock - after)


def _record(plan: Plan, company: Company, item: Item, course: _Course, rng: Random) -> None:
    bulk = list(course.receipts)
    if offer := usual_offer(company, item):
        documented, rest = bulk[: item.documents], bulk[item.documents :]
        plan.receipts += [_receipt(company, flow, offer, rng) for flow in documented]
        bulk = [*(replace(flow, documented=True) for flow in documented), *rest]
    if item.counted == "never":
        first = Flow(item.code, FIRST_DAY, course.opening(), "supplier")
        bulk = [_entered_late(flow) for flow in [*bulk, first]]
    else:
        plan.opening[item.code] = course.opening()
        for day in _counted_on(item):
            plan.counts.setdefault(day, {})[item.code] = course.at_end_of(day)
    plan.flows += [flow for flow in course.flows + bulk if flow.quantity]


def _entered_late(flow: Flow) -> Flow:
    """A receipt that somebody typed in five weeks after the goods came."""
    day = min(flow.day + timedelta(days=38), ANCHOR - timedelta(days=10))
    return replace(flow, day=workday(day))


def _receipt(company: Company, flow: Flow, offer: Offer, rng: Random) -> Receipt:
    stated = lead_days(company, offer)
    actual = round(stated * _LATENESS.get(offer.party, 1.0) * rng.uniform(0.85, 1.25))
    ordered = workday(flow.day - timedelta(days=max(1, actual)))
    promised = ordered + timedelta(days=stated)
    return Receipt(flow.item, offer, flow.quantity, ordered, promised, flow.day)
