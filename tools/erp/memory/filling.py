"""How a test fills the in-memory ERP, and how "somebody else" changes it meanwhile."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar

from regisseur.tools.erp.memory.records import UNITS, PastUse, Records, by_id, replaced
from regisseur.tools.records import (
    Customer,
    Demand,
    Invoice,
    Item,
    Offer,
    OrderState,
    PriceBreak,
    ProductionOrder,
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    RecordRef,
    ReorderRule,
    Requirement,
    SaleLine,
    StockLevel,
    Supplier,
    Unit,
    Warehouse,
    WorkCentre,
)

Figure = Decimal | int | str
Use = Literal["sale", "production"]
Changed = TypeVar(
    "Changed",
    Item,
    Supplier,
    Offer,
    PurchaseOrder,
    Customer,
    Invoice,
    WorkCentre,
    ProductionOrder,
    SaleLine,
)


class Filling(ABC):
    """Builders: each adds one record and returns it. The first warehouse is the usual one."""

    @abstractmethod
    def editing(self) -> AbstractContextManager[Records]:
        """The records, to be changed directly; not to be nested."""

    def warehouse(self, name: str) -> Warehouse:
        """A further warehouse."""
        with self.editing() as records:
            records.warehouses.append(Warehouse(id=records.new_id(), name=name))
            return records.warehouses[-1]

    def item(
        self,
        code: str,
        *,
        name: str | None = None,
        unit: str | Unit = "u",
        cost: Figure | None = None,
        sale_price: Figure | None = None,
        on_hand: Figure | None = None,
        reserved: Figure = 0,
        counted: date | None = None,
        warehouse: Warehouse | None = None,
        **more: Any,
    ) -> Item:
        """An item, with its stock in one warehouse if ``on_hand`` is given.

        ``more`` are further fields of ``Item``: ``active``, ``purchasable``, ``producible``, ``url``.
        """
        with self.editing() as records:
            item = Item(
                id=records.new_id(),
                code=code,
                name=name or code.capitalize(),
                unit=UNITS[unit] if isinstance(unit, str) else unit,
                cost=None if cost is None else Decimal(cost),
                sale_price=None if sale_price is None else Decimal(sale_price),
                **more,
            )
            records.items.append(item)
            if on_hand is not None:
                records.set_level(
                    StockLevel(
                        item_id=item.id,
                        warehouse_id=_place(records, warehouse),
                        on_hand=Decimal(on_hand),
                        reserved=Decimal(reserved),
                        last_counted=counted,
                    )
                )
            return item

    def move(
        self,
        item: Item,
        quantity: Figure,
        on: date,
        *,
        use: Use | None = None,
        warehouse: Warehouse | None = None,
    ) -> None:
        """Goods in, or out where ``quantity`` is negative; with ``use`` it counts as demand."""
        with self.editing() as records:
            records.move(item.id, _place(records, warehouse), Decimal(quantity))
        if use is not None:
            self.used(item, -Decimal(quantity), on, use=use, warehouse=warehouse)

    def used(
        self,
        item: Item,
        quantity: Figure,
        on: date,
        *,
        use: Use = "sale",
        warehouse: Warehouse | None = None,
    ) -> None:
        """Past demand that the stock level reflects already."""
        with self.editing() as records:
            demand = Demand(item_id=item.id, date=on, quantity=Decimal(quantity), use=use)
            place = _place(records, warehouse)
            records.past_use.append(PastUse(warehouse_id=place, demand=demand))

    def need(
        self,
        item: Item,
        quantity: Figure,
        on: date,
        *,
        use: Use = "sale",
        firm: bool = True,
        reserved: bool = False,
        source: RecordRef | None = None,
        warehouse: Warehouse | None = None,
    ) -> Requirement:
        """A need known in advance; its source is a new sale or production unless given."""
        source = source or self.record(use)
        with self.editing() as records:
            requirement = Requirement(
                item_id=item.id,
                warehouse_id=_place(records, warehouse),
                date=on,
                quantity=Decimal(quantity),
                use=use,
                firm=firm,
                reserved=reserved,
                source=source,
            )
            records.requirements.append(requirement)
            return requirement

    def rule(
        self, item: Item, minimum: Figure, target: Figure, *, warehouse: Warehouse | None = None
    ) -> ReorderRule:
        """The ERP's own minimum and target."""
        with self.editing() as records:
            rule = ReorderRule(
                item_id=item.id,
                warehouse_id=_place(records, warehouse),
                minimum=Decimal(minimum),
                target=Decimal(target),
            )
            records.rules.append(rule)
            return rule

    def supplier(self, name: str, **more: Any) -> Supplier:
        """A supplier; ``more`` are further fields of ``Supplier``."""
        with self.editing() as records:
            records.suppliers.append(Supplier(id=records.new_id(), name=name, **more))
            return records.suppliers[-1]

    def offer(
        self,
        item: Item,
        supplier: Supplier,
        *,
        price: Figure | None = None,
        breaks: Mapping[int, Figure] | None = None,
        unit: str | Unit | None = None,
        currency: str | None = None,
        lead_time: int | None = None,
        minimum: Figure = 0,
        multiple: Figure = 0,
        **more: Any,
    ) -> Offer:
        """What a supplier asks: ``price`` from the first unit on, ``breaks`` by minimum quantity."""
        steps = {Decimal(start): Decimal(cost) for start, cost in (breaks or {}).items()}
        if price is not None:
            steps[Decimal(0)] = Decimal(price)
        with self.editing() as records:
            offer = Offer(
                id=records.new_id(),
                item_id=item.id,
                supplier_id=supplier.id,
                unit=UNITS[unit] if isinstance(unit, str) else unit or item.unit,
                currency=currency or records.currency,
                breaks=tuple(
                    PriceBreak(minimum=start, unit_price=cost)
                    for start, cost in sorted(steps.items())
                ),
                lead_time=lead_time,
                minimum_quantity=Decimal(minimum),
                multiple=Decimal(multiple),
                **more,
            )
            records.offers.append(offer)
            return offer

    def order(
        self,
        supplier: Supplier,
        lines: Iterable[tuple[Item, Figure]],
        *,
        state: OrderState = "confirmed",
        price: Figure = 1,
        ordered_on: date | None = None,
        expected: date | None = None,
        key: str | None = None,
        warehouse: Warehouse | None = None,
    ) -> PurchaseOrder:
        """An order that somebody made, each line in its item's unit at the same ``price``."""
        received = state in ("received", "cancelled")
        with self.editing() as records:
            order = PurchaseOrder(
                id=records.new_id(),
                number=None if state == "draft" else records.new_number(),
                key=key,
                supplier_id=supplier.id,
                warehouse_id=_place(records, warehouse),
                currency=records.currency,
                state=state,
                ordered_on=ordered_on or records.today,
                lines=tuple(
                    PurchaseOrderLine(
                        id=records.new_id(),
                        item_id=item.id,
                        quantity=Decimal(quantity),
                        outstanding=Decimal(0 if received else quantity),
                        unit=item.unit,
                        unit_price=Decimal(price),
                        expected=expected,
                    )
                    for item, quantity in lines
                ),
                stamp=records.new_stamp(),
            )
            records.orders.append(order)
            return order

    def receipt(
        self, supplier: Supplier, item: Item, quantity: Figure, ordered_on: date, received_on: date
    ) -> Receipt:
        """A past receipt, from which lead times are learned."""
        with self.editing() as records:
            receipt = Receipt(
                supplier_id=supplier.id,
                item_id=item.id,
                ordered_on=ordered_on,
                received_on=received_on,
                quantity=Decimal(quantity),
            )
            records.receipts.append(receipt)
            return receipt

    def record(self, model: str, label: str | None = None) -> RecordRef:
        """A record of another kind (a sale, a customer …), for needs and notes to point at."""
        with self.editing() as records:
            new = records.new_id()
            label = label or f"{model.upper()}-{new}"
            records.others.append(RecordRef(model=model, id=new, label=label))
            return records.others[-1]

    def change(self, record: Changed, **values: Any) -> Changed:
        """Somebody else changes fields of a record: archives a supplier, raises a price …"""
        with self.editing() as records:
            if isinstance(record, PurchaseOrder):
                values = {"stamp": records.new_stamp(), "ours_untouched": False} | values
            elif isinstance(record, (Invoice, ProductionOrder)):
                values = {"stamp": records.new_stamp()} | values
            kept = _list_of(records, record)
            now = by_id(kept, record.id)
            if now is None:
                raise LookupError(f"there is no {type(record).__name__} {record.id}")
            changed = type(record).model_validate(dict(now) | values)
            replaced(kept, changed)
            return changed

    def receive(self, order: PurchaseOrder, on: date) -> PurchaseOrder:
        """The goods of an order arrive, all of them: stock, receipts and the order say so."""
        with self.editing() as records:
            for line in order.lines:
                if line.item_id is not None and order.warehouse_id is not None:
                    item = by_id(records.items, line.item_id)
                    unit = line.unit if item is None else item.unit
                    arrived = line.outstanding * line.unit.factor / unit.factor
                    records.move(line.item_id, order.warehouse_id, arrived)
                    records.receipts.append(
                        Receipt(
                            supplier_id=order.supplier_id,
                            item_id=line.item_id,
                            ordered_on=order.ordered_on or on,
                            received_on=on,
                            quantity=arrived,
                        )
                    )
        lines = tuple(line.model_copy(update={"outstanding": Decimal(0)}) for line in order.lines)
        return self.change(order, state="received", lines=lines)


def _place(records: Records, warehouse: Warehouse | None) -> str:
    return (warehouse or records.warehouses[0]).id


def _list_of(records: Records, record: Changed) -> list[Changed]:
    lists: dict[type, Any] = {
        Item: records.items,
        Supplier: records.suppliers,
        Offer: records.offers,
        PurchaseOrder: records.orders,
        Customer: records.customers,
        Invoice: records.invoices,
        WorkCentre: records.work_centres,
        ProductionOrder: records.productions,
        SaleLine: records.sale_lines,
    }
    kept: list[Changed] = lists[type(record)]
    return kept
