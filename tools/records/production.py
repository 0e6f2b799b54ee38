"""What is made, by which steps, where, and what is known of how long that takes.

Durations are minutes of working time, for the whole quantity unless said otherwise.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from regisseur.tools.records.base import Record, RecordRef
from regisseur.tools.records.items import Unit

ProductionState = Literal["request", "draft", "waiting", "ready", "running", "done", "cancelled"]
"""``request``: the ERP's own wish; ``draft``: being prepared; ``waiting``: released, material not
assigned; ``ready``: material assigned; ``running``: started."""

StepState = Literal["to_do", "running", "done"]


class WorkCentre(Record):
    """A machine, a bench, a team: where steps are done."""

    id: str
    name: str
    group: str | None = None
    """Those of one group can do each other's work, as far as the ERP knows."""
    active: bool = True
    url: str | None = None


class RoutingStep(Record):
    """One step of a way of making things."""

    operation_id: str
    operation: str
    """Name of what is done: cutting, welding …"""
    group: str | None = None
    """The group of work centres that can do it; ``None`` where nobody entered it."""


class Routing(Record):
    """The steps by which something is made, in order."""

    id: str
    name: str
    steps: tuple[RoutingStep, ...]


class Component(Record):
    """What goes into one unit of output, in the component's stock unit."""

    item_id: str
    quantity: Decimal


class BillOfMaterials(Record):
    """What an item is made from."""

    id: str
    item_id: str
    components: tuple[Component, ...]
    routing_id: str | None = None


class ProductionStep(Record):
    """A step of one production order."""

    id: str
    sequence: int
    """Its position: 0, 1, 2 …"""
    operation_id: str
    operation: str
    work_centre_id: str | None
    group: str | None
    """The group of work centres among which it may move; ``None`` where there is none."""
    state: StepState
    spent: Decimal = Decimal(0)
    """Minutes that were reported on it so far."""


class ProductionInput(Record):
    """What a production order still takes from stock."""

    item_id: str
    quantity: Decimal
    """In the item's stock unit."""
    assigned: bool = False
    """Already put aside for this order."""


class ProductionOrder(Record):
    """An order to make something, as the ERP has it now."""

    id: str
    number: str | None
    item_id: str
    item_label: str
    quantity: Decimal
    """In ``unit``."""
    unit: Unit
    warehouse_id: str | None
    state: ProductionState
    planned_start: date | None
    planned_end: date | None
    """The day on which it is to be finished."""
    started_on: date | None = None
    reported_at: date | None = None
    """Day of the newest progress that was reported on it, ``None`` if there is none."""
    bill_id: str | None = None
    routing_id: str | None = None
    routing_name: str = ""
    steps: tuple[ProductionStep, ...] = ()
    """In their order; empty where the ERP has not made them yet (a request, a draft)."""
    inputs: tuple[ProductionInput, ...] = ()
    origin: RecordRef | None = None
    """What it is made for, where the ERP knows: a ``sale`` or another ``production``."""
    stamp: str | None = None
    """The ERP's optimistic lock on the order itself, where it has one; work that is reported on a
    step, or a step that is moved, need not change it."""
    url: str | None = None

    def ref(self) -> RecordRef:
        """A link to this order."""
        return RecordRef(model="production", id=self.id, label=self.number or self.id, url=self.url)


class Cycle(Record):
    """Work on a step that was finished and timed."""

    order_id: str
    item_id: str
    quantity: Decimal
    """Of the whole order, in the item's stock unit."""
    routing_id: str | None
    operation_id: str
    operation: str
    work_centre_id: str
    minutes: Decimal
    on: date


class SaleLine(Record):
    """What a customer has ordered and not got yet. Three dates, never mixed up: asked for by the
    customer, confirmed by sales, and (worked out by planning, not kept here) expected.
    """

    id: str
    sale_id: str
    number: str | None
    customer_id: str
    customer_name: str
    item_id: str
    outstanding: Decimal
    """Not delivered yet, in the item's stock unit."""
    requested: date | None = None
    confirmed: date | None = None
    """The day that sales promised."""
    value: Decimal | None = None
    """Of what is outstanding, without tax, in company currency."""
    url: str | None = None

    def ref(self) -> RecordRef:
        """A link to the order."""
        return RecordRef(model="sale", id=self.sale_id, label=self.number or "", url=self.url)
