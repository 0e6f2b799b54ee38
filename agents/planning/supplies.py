"""Who gets what: stock, receipts and output of production, handed out by urgency.

First customers' lines take what is finished or being made, which says what each production order
is due for. Then production orders take their material, the most urgent first, which says from when
each can start, and after which other orders. Quantities are in the item's stock unit, days are
dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from regisseur.agents.planning.observation import Workshop
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.tools.records import ProductionOrder, PurchaseOrder, RecordRef, SaleLine, Unit

Place = tuple[str, str]
"""An item and a warehouse."""
NOTHING = Decimal(0)
LONGEST_LEAD = 3660
"""Days beyond which a lead time is a slip of the pen: no calendar reaches as far."""


@dataclass
class Supply:
    """Something that is there or will be; what is taken from it is gone."""

    source: Literal["stock", "purchase", "production"]
    day: date
    """From when it can be used. Output of production comes when its order is planned to end, and
    this is only the day that the ERP has; the schedule decides."""
    left: Decimal
    record: RecordRef | None = None
    line_id: str = ""
    expected: date | None = None
    """The day that the ERP or a person has for it, where it comes from outside."""
    wish: bool = False
    """Output of an order that the ERP only wishes for."""

    @property
    def turn(self) -> tuple[bool, bool, date]:
        """When it is taken: what is there, what comes in, what is made, what is only wished for."""
        return self.source == "production", self.wish, self.day


@dataclass(frozen=True)
class Wait:
    """Material that is not there yet."""

    item_id: str
    quantity: Decimal
    source: Literal["purchase", "production", "to_order"]
    """``to_order``: nobody has ordered it; the day is the soonest if that is done today."""
    day: date
    record: RecordRef | None = None
    line_id: str = ""
    expected: date | None = None
    sequence: int | None = None
    """The step that a subcontractor sends back with it; else it is material for the first step."""


@dataclass(frozen=True)
class Material:
    """What an order still lacks."""

    waits: tuple[Wait, ...] = ()
    missing: tuple[tuple[str, Decimal], ...] = ()
    """Items and quantities that nobody makes or sells: such an order can't be planned."""

    @property
    def release(self) -> date | None:
        """The first day on which all material from outside is there; ``None``: at once."""
        bought = (x.day for x in self.waits if x.source != "production" and x.sequence is None)
        return max(bought, default=None)

    def back(self, sequence: int) -> date | None:
        """When a step is back from a subcontractor, where that is tied to a purchase."""
        return next((one.day for one in self.waits if one.sequence == sequence), None)

    @property
    def after(self) -> tuple[str, ...]:
        """Ids of the orders that have to end first."""
        made = {w.record.id for w in self.waits if w.source == "production" and w.record}
        return tuple(sorted(made))


@dataclass(frozen=True)
class Due:
    """What an order is made for."""

    day: date | None
    """``None``: only for other orders, whose own days count."""
    lines: tuple[SaleLine, ...] = ()
    """Customers' lines that wait for it, soonest first."""

    @property
    def promised(self) -> bool:
        """Is it a customer's day, before which it still has to be shipped?"""
        return any(line.confirmed or line.requested for line in self.lines)


@dataclass
class Supplies:
    """All supplies of a night by item and warehouse, soonest first, to be handed out once."""

    on: date
    workshop: Workshop
    settings: PlanningSettings
    orders: Sequence[ProductionOrder]
    """Those that are planned: what others would make never comes."""
    postponed: Mapping[str, date] = field(default_factory=dict)
    """By purchase order: the day that a person has told, in place of the ERP's."""

    def __post_init__(self) -> None:
        self._supplies: dict[Place, list[Supply]] = defaultdict(list)
        self._reserved: dict[Place, Decimal] = defaultdict(Decimal)
        self._lead = self._leads()
        self._fill()

    def dues(self) -> dict[str, Due]:
        """By production order: for whom it is made, and by when that is due."""
        lines: dict[str, list[SaleLine]] = defaultdict(list)
        for line in sorted(self.workshop.sales, key=_line_key):
            for order_id in self._serve(line):
                lines[order_id].append(line)
        return {order.id: _due(order, lines[order.id]) for order in self.orders}

    def materials(self, urgency: Mapping[str, Due]) -> dict[str, Material]:
        """By production order: what it waits for. The most urgent order is served first."""
        ranked = sorted(self.orders, key=lambda order: (_urgency(order, urgency), order.id))
        return {order.id: self._material(order) for order in ranked}

    def _fill(self) -> None:
        assigned: dict[Place, Decimal] = defaultdict(Decimal)
        for order in self.workshop.orders:
            for one in order.inputs:
                if one.assigned:
                    assigned[one.item_id, self._warehouse(order.warehouse_id)] += one.quantity
        for level in self.workshop.stock:
            place = level.item_id, level.warehouse_id
            # What is put aside for production is no longer among the inputs that look for stock.
            self._reserved[place] = max(level.reserved - assigned[place], NOTHING)
            free = level.on_hand - level.reserved
            self._add(place, Supply("stock", self.on, max(free, NOTHING)))
        for purchase in self.workshop.purchases:
            self._add_purchase(purchase)
        for order in self.orders:
            self._add_output(order)
        for supplies in self._supplies.values():
            supplies.sort(key=lambda one: one.turn)

    def _add(self, place: Place, supply: Supply) -> None:
        if supply.left > 0:
            self._supplies[place].append(supply)

    def _add_purchase(self, purchase: PurchaseOrder) -> None:
        units = {item.id: item.unit for item in self.workshop.items}
        for line in purchase.lines:
            unit = units.get(line.item_id or "")
            outstanding = None if unit is None else _converted(line.outstanding, line.unit, unit)
            if line.item_id is None or outstanding is None:
                continue
            expected = self.postponed.get(purchase.id, line.expected)
            self._add(
                (line.item_id, self._warehouse(purchase.warehouse_id)),
                Supply(
                    "purchase",
                    self._comes(purchase, expected, line.item_id),
                    outstanding,
                    purchase.ref(),
                    line.id,
                    expected,
                ),
            )

    def sent_back(self, purchase_id: str, sequence: int) -> Wait | None:
        """A step that comes back with a purchase order, on the day of its last line; ``None`` where
        it is no longer open, or has no day yet: then its usual lead time counts.
        """
        purchase = next((x for x in self.workshop.purchases if x.id == purchase_id), None)
        if purchase is None:
            return None
        lines = [line for line in purchase.lines if line.outstanding > 0]
        told = self.postponed.get(purchase_id)
        days = filter(None, [told] if told else [line.expected for line in lines])
        expected = max(days, default=None)
        if expected is None or not lines:
            return None
        late = self.on + timedelta(days=self.settings.late_receipt_days)
        day = expected if expected >= self.on else late
        line = lines[-1]
        return Wait(
            line.item_id or "",
            line.outstanding,
            "purchase",
            day,
            purchase.ref(),
            line.id,
            expected,
            sequence,
        )

    def _comes(self, purchase: PurchaseOrder, expected: date | None, item: str) -> date:
        """A late receipt is reckoned with after the set days; a draft as if ordered today."""
        soonest = self.on + timedelta(days=self._lead.get(item, self.settings.unknown_lead_days))
        if purchase.state in ("draft", "quoted") or expected is None:
            return max(expected or soonest, soonest)
        if expected < self.on:
            return self.on + timedelta(days=self.settings.late_receipt_days)
        return expected

    def _add_output(self, order: ProductionOrder) -> None:
        units = {item.id: item.unit for item in self.workshop.items}
        unit = units.get(order.item_id, order.unit)
        made = _converted(order.quantity, order.unit, unit)
        if made is not None:
            ends = max(order.planned_end or self.on, self.on)
            wish = order.state == "request"
            supply = Supply("production", ends, made, order.ref(), wish=wish)
            self._add((order.item_id, self._warehouse(order.warehouse_id)), supply)

    def _warehouse(self, warehouse_id: str | None) -> str:
        """What names none belongs to the company's first one."""
        if warehouse_id is not None:
            return warehouse_id
        shop = self.workshop
        named: list[str | None] = [one.warehouse_id for one in shop.stock]
        named += [one.warehouse_id for one in shop.orders]
        named += [one.warehouse_id for one in shop.purchases]
        return min(filter(None, named), default="")

    def _leads(self) -> dict[str, int]:
        """Days until an item could be there if it were ordered today, of all that is offered."""
        known: dict[str, int] = {}
        offered = [offer for offer in self.workshop.offers if offer.active]
        for offer in offered:
            if offer.lead_time is not None:
                lead = min(max(offer.lead_time, 0), LONGEST_LEAD)
                known[offer.item_id] = min(known.get(offer.item_id, lead), lead)
        unknown = dict.fromkeys((x.item_id for x in offered), self.settings.unknown_lead_days)
        return unknown | known

    def _to_order(self, item_id: str) -> date | None:
        """When it is there if it is ordered today; ``None`` where nobody offers it. An ERP that
        knows nothing of purchases can't tell.
        """
        unheard = None if self.workshop.buys else self.settings.unknown_lead_days
        lead = self._lead.get(item_id, unheard)
        return None if lead is None else self.on + timedelta(days=lead)

    def _serve(self, line: SaleLine) -> list[str]:
        """Take what a customer waits for; the production orders that some of it comes from."""
        wanted, found = max(line.outstanding, NOTHING), []
        for place in sorted(place for place in self._reserved if place[0] == line.item_id):
            put_aside = min(self._reserved[place], wanted)
            self._reserved[place] -= put_aside
            wanted -= put_aside
        places = sorted(place for place in self._supplies if place[0] == line.item_id)
        anywhere = (supply for place in places for supply in self._supplies[place])
        for supply, _ in _taken(sorted(anywhere, key=lambda one: one.turn), wanted):
            if supply.source == "production" and supply.record is not None:
                found.append(supply.record.id)
        return found

    def _material(self, order: ProductionOrder) -> Material:
        waits: list[Wait] = []
        missing: list[tuple[str, Decimal]] = []
        for one in order.inputs:
            if one.assigned or one.quantity <= 0:
                continue
            wanted = one.quantity
            place = one.item_id, self._warehouse(order.warehouse_id)
            for supply, taken in _taken(self._supplies.get(place, ()), wanted, but=order.id):
                wanted -= taken
                waits += _wait(one.item_id, supply, taken)
            soonest = self._to_order(one.item_id)
            if wanted > 0 and soonest is not None:
                waits.append(Wait(one.item_id, wanted, "to_order", soonest))
            elif wanted > 0:
                missing.append((one.item_id, wanted))
        return Material(tuple(waits), tuple(missing))


def _taken(
    supplies: Iterable[Supply], wanted: Decimal, *, but: str | None = None
) -> Iterable[tuple[Supply, Decimal]]:
    """Hand out from the first on; ``but`` names an order that can't feed itself."""
    if wanted > 0:
        for supply in supplies:
            own = supply.source == "production" and supply.record and supply.record.id == but
            taken = NOTHING if own else min(supply.left, wanted)
            if taken > 0:
                supply.left -= taken
                wanted -= taken
                yield supply, taken


def _converted(quantity: Decimal, unit: Unit, into: Unit) -> Decimal | None:
    """The same in another unit; ``None`` between units that don't convert."""
    if unit.id == into.id:
        return quantity
    if unit.category != into.category or not into.factor:
        return None
    return quantity * unit.factor / into.factor


def _wait(item_id: str, supply: Supply, taken: Decimal) -> Iterable[Wait]:
    if supply.source != "stock":
        yield Wait(
            item_id,
            taken,
            supply.source,
            supply.day,
            supply.record,
            supply.line_id,
            supply.expected,
        )


def _line_key(line: SaleLine) -> tuple[date, str]:
    return (line.confirmed or line.requested or date.max, line.id)


def _due(order: ProductionOrder, lines: Sequence[SaleLine]) -> Due:
    """The soonest customer counts; an order that no customer waits for has the ERP's day."""
    promised = [day for one in lines if (day := one.confirmed or one.requested) is not None]
    return Due(min(promised, default=order.planned_end), tuple(lines))


def _urgency(order: ProductionOrder, urgency: Mapping[str, Due]) -> tuple[bool, bool, date]:
    """What runs already comes first, then what people have ordered, what is due first; what the ERP
    only wishes for takes what is left.
    """
    due = urgency.get(order.id)
    day = due.day if due and due.day else date.max
    return order.state != "running", order.state == "request", day
