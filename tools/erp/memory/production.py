"""What is made and what customers wait for, as the in-memory ERP answers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from regisseur.errors import VendorRefused
from regisseur.tools.erp.memory.making import PREPARED, new_steps, put_order
from regisseur.tools.erp.memory.records import Records, Write, by_id, replaced
from regisseur.tools.records import (
    BillOfMaterials,
    Cycle,
    ProductionOrder,
    ProductionState,
    Requirement,
    Routing,
    SaleLine,
    WorkCentre,
)

T = TypeVar("T")
ENDED: frozenset[ProductionState] = frozenset(("done", "cancelled"))


class MemoryProduction(ABC):
    """The ports ``Production`` and ``Sales``; requests are counted, logged and spoilt where they
    are carried out.
    """

    dates_change_in: frozenset[ProductionState]

    @abstractmethod
    async def _read(self, operation: str, work: Callable[[Records], T]) -> T:
        """Carry out a read."""

    @abstractmethod
    async def _write(self, operation: str, work: Callable[[Records], T]) -> T:
        """Carry out a write."""

    async def work_centres(self) -> Sequence[WorkCentre]:
        """See ``Production``."""
        return await self._read(
            "work_centres", lambda records: [one for one in records.work_centres if one.active]
        )

    async def routings(self) -> Sequence[Routing]:
        """See ``Production``."""
        return await self._read("routings", lambda records: list(records.routings))

    async def bills(self) -> Sequence[BillOfMaterials]:
        """See ``Production``."""
        return await self._read("bills", lambda records: list(records.bills))

    async def open_production(self) -> Sequence[ProductionOrder]:
        """See ``Production``."""
        return await self._read(
            "open_production",
            lambda records: [one for one in records.productions if one.state not in ENDED],
        )

    async def cycles(self, since: date) -> Sequence[Cycle]:
        """See ``Production``."""
        return await self._read(
            "cycles",
            lambda records: sorted((one for one in records.cycles if one.on >= since), key=_day),
        )

    async def read_production(self, order_id: str) -> ProductionOrder | None:
        """See ``Production``."""
        return await self._read(
            "read_production", lambda records: by_id(records.productions, order_id)
        )

    async def set_planned(self, order: ProductionOrder, start: date, end: date) -> None:
        """See ``Production``; refused where the end comes before the start."""

        def write(records: Records) -> None:
            now = _guarded(records, order, self.dates_change_in)
            if now.stamp != order.stamp:
                raise VendorRefused(
                    f"production order {order.id} was changed by somebody else; read it again"
                )
            if end < start:
                raise VendorRefused(f"production order {order.id} can't end before it starts")
            put_order(records, now, planned_start=start, planned_end=end)
            _log(records, "set_planned", order)

        await self._write("set_planned", write)

    async def reopen(self, order: ProductionOrder) -> None:
        """See ``Production``; the steps are gone."""

        def take_back(records: Records) -> None:
            now = _guarded(records, order, frozenset(("waiting",)))
            if any(step.state != "to_do" for step in now.steps):
                raise VendorRefused(f"work on production order {order.id} has begun")
            put_order(records, now, state="draft", steps=())
            _log(records, "reopen", order)

        await self._write("reopen", take_back)

    async def release(self, order: ProductionOrder) -> None:
        """See ``Production``; new steps, each on the first work centre of its group."""

        def hand_out(records: Records) -> None:
            now = _guarded(records, order, frozenset(("draft",)))
            try:
                steps = new_steps(records, now)
            except LookupError as error:
                raise VendorRefused(f"production order {order.id}: {error}") from error
            put_order(records, now, state="waiting", steps=steps)
            _log(records, "release", order)

        await self._write("release", hand_out)

    async def move_step(self, order: ProductionOrder, step_id: str, work_centre_id: str) -> None:
        """See ``Production``; the order's stamp stays, as steps are records of their own."""

        def move(records: Records) -> None:
            now = _guarded(records, order, frozenset(("waiting", "ready", "running")))
            step = by_id(now.steps, step_id)
            if step is None:
                raise VendorRefused(f"production order {order.id} has no step {step_id}")
            if step.state != "to_do":
                raise VendorRefused(f"step {step.operation} of order {order.id} has started")
            centre = by_id(records.work_centres, work_centre_id)
            if centre is None or not centre.active or centre.group != step.group:
                raise VendorRefused(
                    f"{step.operation} of order {order.id} can't be done at {work_centre_id}"
                )
            moved = step.model_copy(update={"work_centre_id": work_centre_id})
            steps = tuple(moved if one.id == step_id else one for one in now.steps)
            replaced(records.productions, now.model_copy(update={"steps": steps}))
            _log(records, "move_step", order)

        await self._write("move_step", move)

    async def open_sales(self) -> Sequence[SaleLine]:
        """See ``Sales``."""
        return await self._read(
            "open_sales", lambda records: [one for one in records.sale_lines if one.outstanding]
        )


def needs_of_orders(records: Records, warehouse_id: str) -> Iterator[Requirement]:
    """What open production and sales still take from a warehouse; sales, from the first one."""
    for order in records.productions:
        if order.state not in ENDED and order.warehouse_id == warehouse_id:
            for part in order.inputs:
                yield Requirement(
                    item_id=part.item_id,
                    warehouse_id=warehouse_id,
                    date=order.planned_start or records.today,
                    quantity=part.quantity,
                    use="production",
                    firm=order.state not in PREPARED,
                    reserved=part.assigned,
                    source=order.ref(),
                )
    if warehouse_id == records.warehouses[0].id:
        for line in records.sale_lines:
            if line.outstanding:
                yield Requirement(
                    item_id=line.item_id,
                    warehouse_id=warehouse_id,
                    date=line.confirmed or line.requested or records.today,
                    quantity=line.outstanding,
                    use="sale",
                    firm=True,
                    source=line.ref(),
                )


def _guarded(
    records: Records, order: ProductionOrder, states: frozenset[ProductionState]
) -> ProductionOrder:
    now = by_id(records.productions, order.id)
    if now is None:
        raise VendorRefused(f"there is no production order {order.id}")
    if now.state not in states:
        raise VendorRefused(
            f"production order {order.id} is {now.state}; this needs {' or '.join(sorted(states))}"
        )
    return now


def _log(records: Records, operation: str, order: ProductionOrder) -> None:
    records.writes.append(Write(operation=operation, record_id=order.id))


def _day(cycle: Cycle) -> date:
    return cycle.on
