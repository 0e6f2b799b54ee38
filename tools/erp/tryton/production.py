"""Production orders as they stand in Tryton, and the four things that planning may do to them.

Planned dates can only be written in a request or a draft. Taking a waiting order back to draft
deletes its works; releasing it makes new ones, and picks each one's work centre anew, at random,
among those of its category. Tryton's button for releasing would also take a running order back to
waiting, its material used up: so every button is pressed with the stamp of the order whose state
was looked at, and Tryton refuses it if anything was written to the order since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from regisseur.errors import VendorRefused
from regisseur.tools.erp.together import together
from regisseur.tools.erp.tryton.client import Client, Domain, Row
from regisseur.tools.erp.tryton.values import (
    model_and_id,
    number,
    numbered,
    place,
    quantity,
    unit,
    unit_fields,
)
from regisseur.tools.erp.tryton.workshop import (
    CENTRE,
    TrytonWorkshop,
    minutes,
    name_of,
    reported_on,
)
from regisseur.tools.records import (
    ProductionInput,
    ProductionOrder,
    ProductionState,
    ProductionStep,
    RecordRef,
    StepState,
)

MODEL = "production"
_WORK = "production.work"
STATES: dict[str, ProductionState] = {
    "request": "request",
    "draft": "draft",
    "waiting": "waiting",
    "assigned": "ready",
    "running": "running",
    "done": "done",
    "cancelled": "cancelled",
}
_STARTED = ("running", "done")
_PENDING = ("staging", "draft", "assigned")
_FIELDS = (
    "number",
    "state",
    "product.code",
    "product.name",
    "quantity",
    *unit_fields("unit"),
    "warehouse",
    "planned_start_date",
    "planned_date",
    "effective_start_date",
    "effective_date",
    "bom",
    "routing.name",
    "origin",
    "_timestamp",
    "inputs.product",
    "inputs.internal_quantity",
    "inputs.state",
    "works.sequence",
    "works.state",
    "works.operation.name",
    "works.operation.work_center_category.name",
    "works.work_center.children",
    "works.cycles.state",
    "works.cycles.duration",
    "works.cycles.create_date",
    "works.cycles.write_date",
)


class TrytonProduction(TrytonWorkshop):
    """The port ``Production`` on Tryton with its modules for routings and work."""

    client: Client
    dates_change_in: frozenset[ProductionState] = frozenset(("request", "draft"))

    async def open_production(self) -> Sequence[ProductionOrder]:
        """Orders neither done nor cancelled. What is taken apart instead of made, or names no
        product, is left out: nothing of it can be planned.
        """
        return await self._productions([["state", "not in", ["done", "cancelled"]]])

    async def read_production(self, order_id: str) -> ProductionOrder | None:
        """One order as it is now, in any state, ``None`` if there is none."""
        if numbered(order_id) is None:
            return None
        found = await self._productions([["id", "=", numbered(order_id)]])
        return found[0] if found else None

    async def set_planned(self, order: ProductionOrder, start: date, end: date) -> None:
        """Write both dates; Tryton lets the moves of material and product follow them."""
        _need_state(order, *self.dates_change_in)
        if end < start:
            raise VendorRefused(f"Production order {order.id} can't end before it starts.")
        dates = {"planned_start_date": start, "planned_date": end}
        await self.client.write(f"model.{MODEL}.write", [number(order.id)], dates, **_stamp(order))

    async def reopen(self, order: ProductionOrder) -> None:
        """Back to draft. Refused where work has begun: Tryton would keep what was begun and, at
        the next release, make all of its operations once more.
        """
        now = await self._now(order, "waiting")
        if any(step.state != "to_do" for step in now.steps):
            raise VendorRefused(f"Work on production order {order.id} has begun in Tryton.")
        await self.client.write(f"model.{MODEL}.draft", [number(order.id)], **_stamp(now))

    async def release(self, order: ProductionOrder) -> None:
        """To waiting, with new operations on work centres that Tryton picks."""
        now = await self._now(order, "draft")
        await self.client.write(f"model.{MODEL}.wait", [number(order.id)], **_stamp(now))

    async def move_step(self, order: ProductionOrder, step_id: str, work_centre_id: str) -> None:
        """Change the work centre of a work that has not started, within its category.

        Guarded by the work's own stamp, read before its state: the order's does not move when a
        work is written to, and Tryton itself would let a running one be moved.
        """
        asked = ["operation.work_center_category", "_timestamp"]
        found = await self.client.read_ids(_WORK, "id", [number(step_id)], [], asked)
        now = await self._now(order, "waiting", "ready", "running")
        step = next((one for one in now.steps if one.id == step_id), None)
        if step is None or not found:
            raise VendorRefused(f"Production order {order.id} has no operation {step_id} any more.")
        if step.state != "to_do":
            raise VendorRefused(f"{step.operation} of production order {order.id} has started.")
        (work,) = found
        category = work["operation."]["work_center_category"]
        if category is None or not await self._is_centre(work_centre_id, category):
            raise VendorRefused(
                f"{step.operation} of production order {order.id} can't be done at work centre "
                f"{work_centre_id}: it is not of the operation's category in Tryton."
            )
        stamp = {"_timestamp": {f"{_WORK},{step_id}": work["_timestamp"]}}
        change = {"work_center": number(work_centre_id)}
        await self.client.write(f"model.{_WORK}.write", [number(step_id)], change, **stamp)

    async def _is_centre(self, work_centre_id: str, category: int) -> bool:
        of_category = [["category", "=", category], ["children", "=", None]]
        numbers = [number(work_centre_id)]
        return bool(await self.client.read_ids(CENTRE, "id", numbers, of_category, ["name"]))

    async def _now(self, order: ProductionOrder, *states: ProductionState) -> ProductionOrder:
        """The order as it is now; raises VendorRefused unless it is in one of the states."""
        now = await self.read_production(order.id)
        if now is None:
            raise VendorRefused(f"There is no production order {order.id} in Tryton any more.")
        _need_state(now, *states)
        return now

    async def _productions(self, domain: Domain) -> list[ProductionOrder]:
        company = (await self.client.session()).company
        ours = [["company", "=", company], ["type", "=", "assembly"], ["product", "!=", None]]
        async with together() as reads:
            asked = reads.create_task(self.client.read_all(MODEL, [*ours, *domain], _FIELDS))
            today = reads.create_task(self.client.read("model.ir.date.today"))
        rows: list[Row] = asked.result()
        origins = await self._origins(rows)
        return [self._production(row, origins, today.result()) for row in rows]

    async def _origins(self, rows: Iterable[Row]) -> Mapping[int, RecordRef]:
        """The sale of each sale line that orders are made for, by the line's number.

        The module sale_supply_production links them; order points say no more than "for stock".
        """
        named = [model_and_id(row["origin"]) for row in rows]
        lines = [line for model, line in named if model == "sale.line"]
        fields = ["sale.number", "sale.reference"]
        found = await self.client.read_ids("sale.line", "id", lines, [], fields)
        return {
            row["id"]: self.client.ref(
                "sale", row["sale."]["id"], row["sale."]["number"] or row["sale."]["reference"]
            )
            for row in found
        }

    def _production(
        self, row: Row, origins: Mapping[int, RecordRef], today: date
    ) -> ProductionOrder:
        works = sorted(row["works."], key=place)
        days = [
            reported_on(cycle, row, today)
            for work in works
            for cycle in work["cycles."]
            if cycle["state"] in _STARTED
        ]
        product, routing = row["product."], row["routing."]
        model, origin = model_and_id(row["origin"])
        return ProductionOrder(
            id=str(row["id"]),
            number=row["number"] or None,
            item_id=str(product["id"]),
            item_label=f"{product['code'] or ''} {product['name']}".strip(),
            quantity=quantity(row["quantity"]),
            unit=unit(row["unit."]),
            warehouse_id=str(row["warehouse"]) if row["warehouse"] else None,
            state=STATES[row["state"]],
            planned_start=row["planned_start_date"],
            planned_end=row["planned_date"],
            started_on=row["effective_start_date"] if row["state"] in _STARTED else None,
            reported_at=max(days, default=None),
            bill_id=str(row["bom"]) if row["bom"] else None,
            routing_id=str(routing["id"]) if routing else None,
            routing_name=routing["name"] if routing else "",
            steps=tuple(_step(sequence, work) for sequence, work in enumerate(works)),
            inputs=tuple(_input(move) for move in row["inputs."] if move["state"] in _PENDING),
            origin=origins.get(origin) if model == "sale.line" else None,
            stamp=row["_timestamp"],
            url=self.client.link(MODEL, row["id"]),
        )


def _step(sequence: int, work: Row) -> ProductionStep:
    """A work; one on a mere group of centres (Tryton's choice where the operation has no category)
    has no place yet.
    """
    centre, operation = work["work_center."], work["operation."]
    done = [cycle["duration"] for cycle in work["cycles."] if cycle["state"] == "done"]
    return ProductionStep(
        id=str(work["id"]),
        sequence=sequence,
        operation_id=str(operation["id"]),
        operation=operation["name"],
        work_centre_id=str(centre["id"]) if centre and not centre["children"] else None,
        group=name_of(operation["work_center_category."]),
        state=_step_state(work),
        spent=sum((minutes(span) for span in done), Decimal(0)),
    )


def _step_state(work: Row) -> StepState:
    """A cycle that is entered but not started is no beginning; Tryton calls a work finished when
    all its cycles are.
    """
    if work["state"] in ("finished", "done"):
        return "done"
    begun = any(cycle["state"] in _STARTED for cycle in work["cycles."])
    return "running" if begun else "to_do"


def _input(move: Row) -> ProductionInput:
    return ProductionInput(
        item_id=str(move["product"]),
        quantity=quantity(move["internal_quantity"]),
        assigned=move["state"] == "assigned",
    )


def _need_state(order: ProductionOrder, *states: ProductionState) -> None:
    if order.state not in states:
        raise VendorRefused(
            f"Production order {order.id} is {order.state} in Tryton; "
            f"this needs {' or '.join(sorted(states))}."
        )


def _stamp(order: ProductionOrder) -> dict[str, Any]:
    """Tryton's optimistic lock, as context: refused if the order was written since."""
    return {"_timestamp": {f"{MODEL},{order.id}": order.stamp}} if order.stamp else {}
