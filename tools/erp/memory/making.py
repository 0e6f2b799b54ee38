"""How a test fills the in-memory ERP with what is made and sold, and lets people work on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

from regisseur.tools.erp.memory.records import Records, by_id, replaced
from regisseur.tools.records import (
    BillOfMaterials,
    Component,
    Customer,
    Cycle,
    Item,
    ProductionInput,
    ProductionOrder,
    ProductionState,
    ProductionStep,
    Routing,
    RoutingStep,
    SaleLine,
    StepState,
    Warehouse,
    WorkCentre,
)

Figure = Decimal | int | str
PREPARED: frozenset[ProductionState] = frozenset(("request", "draft"))
"""States in which an order has no steps yet."""


class Making(ABC):
    """Builders: each adds one record, or changes one, and returns it as it is then."""

    @abstractmethod
    def editing(self) -> AbstractContextManager[Records]:
        """The records, to be changed directly; not to be nested."""

    def work_centre(self, name: str, *, group: str | None = None, **more: Any) -> WorkCentre:
        """A place of work; those of one ``group`` can do each other's work."""
        with self.editing() as records:
            centre = WorkCentre(id=records.new_id(), name=name, group=group, **more)
            records.work_centres.append(centre)
            return centre

    def routing(self, name: str, *steps: str | tuple[str, str | None]) -> Routing:
        """A way of making things: each step is an operation's name, or its name and the group of
        work centres that can do it. The same name is the same operation everywhere.
        """
        with self.editing() as records:
            known = {one.operation: one for way in records.routings for one in way.steps}
            made: list[RoutingStep] = []
            for step in steps:
                operation, group = (step, None) if isinstance(step, str) else step
                operation_id = (
                    known[operation].operation_id if operation in known else records.new_id()
                )
                new = RoutingStep(operation_id=operation_id, operation=operation, group=group)
                known[operation] = new
                made.append(new)
            records.routings.append(Routing(id=records.new_id(), name=name, steps=tuple(made)))
            return records.routings[-1]

    def bill(
        self,
        item: Item,
        components: Iterable[tuple[Item, Figure]] = (),
        *,
        routing: Routing | None = None,
    ) -> BillOfMaterials:
        """What one unit of an item is made from, and by which steps."""
        with self.editing() as records:
            bill = BillOfMaterials(
                id=records.new_id(),
                item_id=item.id,
                components=tuple(
                    Component(item_id=part.id, quantity=Decimal(quantity))
                    for part, quantity in components
                ),
                routing_id=routing and routing.id,
            )
            records.bills.append(bill)
            return bill

    def produce(
        self,
        item: Item,
        quantity: Figure,
        *,
        start: date | None = None,
        end: date | None = None,
        state: ProductionState = "waiting",
        routing: Routing | None = None,
        warehouse: Warehouse | None = None,
        **more: Any,
    ) -> ProductionOrder:
        """An order in its item's unit, after the item's bill of materials if it has one.

        ``routing`` replaces the bill's. From ``waiting`` on it has steps, each on the first work
        centre of its group; from ``ready`` on its material is assigned, and once it runs, used.
        ``more`` are further fields of ``ProductionOrder``: ``number``, ``origin``, ``started_on`` …
        """
        with self.editing() as records:
            bill = next((one for one in records.bills if one.item_id == item.id), None)
            routing_id = routing.id if routing else bill and bill.routing_id
            way = by_id(records.routings, routing_id) if routing_id else None
            order = ProductionOrder(
                id=records.new_id(),
                number=more.pop("number", None)
                or (None if state == "request" else records.new_number("MO")),
                item_id=item.id,
                item_label=more.pop("item_label", f"{item.code} {item.name}".strip()),
                quantity=Decimal(quantity),
                unit=item.unit,
                warehouse_id=(warehouse or records.warehouses[0]).id,
                state=state,
                planned_start=start,
                planned_end=end,
                bill_id=bill and bill.id,
                routing_id=routing_id,
                routing_name=way.name if way else "",
                inputs=_inputs(bill, Decimal(quantity), state),
                stamp=records.new_stamp(),
                **more,
            )
            if state not in PREPARED:
                order = order.model_copy(update={"steps": new_steps(records, order)})
            records.productions.append(order)
            return order

    def start(self, order: ProductionOrder, on: date) -> ProductionOrder:
        """Somebody starts an order: its material leaves the stock and it runs."""
        with self.editing() as records:
            now = _now(records, order)
            if now.warehouse_id is not None:
                for part in now.inputs:
                    records.move(part.item_id, now.warehouse_id, -part.quantity)
            return put_order(records, now, state="running", started_on=on, inputs=())

    def report(
        self,
        order: ProductionOrder,
        place: int,
        minutes: Figure,
        on: date,
        *,
        state: StepState = "done",
    ) -> ProductionOrder:
        """Somebody reports time spent on the step at a ``place`` (0, 1 …) of an order."""
        with self.editing() as records:
            now = _now(records, order)
            step = now.steps[place]
            worked = step.model_copy(
                update={"state": state, "spent": step.spent + Decimal(minutes)}
            )
            if step.work_centre_id is not None:
                records.cycles.append(
                    Cycle(
                        order_id=now.id,
                        item_id=now.item_id,
                        quantity=now.quantity,
                        routing_id=now.routing_id,
                        operation_id=step.operation_id,
                        operation=step.operation,
                        work_centre_id=step.work_centre_id,
                        minutes=Decimal(minutes),
                        on=on,
                    )
                )
            steps = tuple(worked if one.id == step.id else one for one in now.steps)
            reported_at = max(now.reported_at or on, on)
            changed = now.model_copy(update={"steps": steps, "reported_at": reported_at})
            replaced(records.productions, changed)
            return changed

    def finish(self, order: ProductionOrder) -> ProductionOrder:
        """An order is done: what it makes is in stock."""
        with self.editing() as records:
            now = _now(records, order)
            if now.warehouse_id is not None:
                records.move(now.item_id, now.warehouse_id, now.quantity)
            steps = tuple(one.model_copy(update={"state": "done"}) for one in now.steps)
            return put_order(records, now, state="done", steps=steps, inputs=())

    def cycle(
        self,
        item: Item,
        quantity: Figure,
        routing: Routing,
        place: int,
        centre: WorkCentre,
        minutes: Figure,
        on: date,
        *,
        order_id: str | None = None,
    ) -> Cycle:
        """Past work on the step at a ``place`` (0, 1 …) of a routing, on an order that is gone."""
        with self.editing() as records:
            step = routing.steps[place]
            cycle = Cycle(
                order_id=order_id or records.new_id(),
                item_id=item.id,
                quantity=Decimal(quantity),
                routing_id=routing.id,
                operation_id=step.operation_id,
                operation=step.operation,
                work_centre_id=centre.id,
                minutes=Decimal(minutes),
                on=on,
            )
            records.cycles.append(cycle)
            return cycle

    def sell(
        self,
        item: Item,
        customer: Customer,
        quantity: Figure,
        *,
        requested: date | None = None,
        confirmed: date | None = None,
        **more: Any,
    ) -> SaleLine:
        """A line of a confirmed sale of its own, of which nothing is delivered yet.

        ``more`` are further fields of ``SaleLine``: ``sale_id`` and ``number`` of another line's
        sale, ``value`` (by default from the item's sale price) …
        """
        with self.editing() as records:
            price = item.sale_price
            given: dict[str, Any] = {
                "id": records.new_id(),
                "sale_id": more.get("sale_id") or records.new_id(),
                "number": more.get("number") or records.new_number("SO"),
                "customer_id": customer.id,
                "customer_name": customer.name,
                "item_id": item.id,
                "outstanding": Decimal(quantity),
                "requested": requested,
                "confirmed": confirmed,
                "value": None if price is None else price * Decimal(quantity),
            }
            records.sale_lines.append(SaleLine(**given | more))
            return records.sale_lines[-1]


def new_steps(records: Records, order: ProductionOrder) -> tuple[ProductionStep, ...]:
    """Steps of an order's routing, each on the first work centre of its group; raises LookupError
    where a group has none.
    """
    way = by_id(records.routings, order.routing_id) if order.routing_id else None
    return tuple(
        ProductionStep(
            id=records.new_id(),
            sequence=sequence,
            operation_id=step.operation_id,
            operation=step.operation,
            work_centre_id=_first_centre(records, step.group),
            group=step.group,
            state="to_do",
        )
        for sequence, step in enumerate(way.steps if way else ())
    )


def put_order(records: Records, order: ProductionOrder, **values: object) -> ProductionOrder:
    """The order with other values and a new stamp, in the place of the old one."""
    changed = order.model_copy(update={"stamp": records.new_stamp(), **values})
    replaced(records.productions, changed)
    return changed


def _first_centre(records: Records, group: str | None) -> str | None:
    if group is None:
        return None
    centres = [one.id for one in records.work_centres if one.group == group and one.active]
    if not centres:
        raise LookupError(f"no work centre is in the group {group}")
    return centres[0]


def _inputs(
    bill: BillOfMaterials | None, quantity: Decimal, state: ProductionState
) -> tuple[ProductionInput, ...]:
    if bill is None or state in ("running", "done", "cancelled"):
        return ()
    return tuple(
        ProductionInput(
            item_id=part.item_id, quantity=part.quantity * quantity, assigned=state == "ready"
        )
        for part in bill.components
    )


def _now(records: Records, order: ProductionOrder) -> ProductionOrder:
    now = by_id(records.productions, order.id)
    if now is None:
        raise LookupError(f"there is no production order {order.id}")
    return now
