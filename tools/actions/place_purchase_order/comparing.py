"""What the ERP has under the key, compared with what was approved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from regisseur.tools.actions.base import Difference, Found
from regisseur.tools.actions.place_purchase_order.arguments import OrderedItem, PlacePurchaseOrder
from regisseur.tools.actions.place_purchase_order.wording import about, price_changed, quantity, say
from regisseur.tools.records import Day, Message, PurchaseOrder, PurchaseOrderLine

BOUND = ("confirmed", "received")


def ranked(orders: Sequence[PurchaseOrder]) -> list[PurchaseOrder]:
    """Ours first: the one that binds us if there is one, else the one with the lowest id."""
    return sorted(orders, key=lambda order: order.state not in BOUND)


def found_among(arguments: PlacePurchaseOrder, orders: Sequence[PurchaseOrder]) -> Found:
    """What ``ranked`` orders amount to: ours, and perhaps surplus drafts to be cleaned up."""
    if not orders:
        return Found(state="nothing")
    ours, *surplus = orders
    differences = (*_differences(arguments, ours), *_more_than_drafts(surplus))
    state = "done" if ours.state in BOUND and not surplus else "partial"
    return Found.model_validate(
        {
            "state": "conflict" if differences else state,
            "reference": ours.number,
            "record": ours.ref(),
            "differences": differences,
        }
    )


def _more_than_drafts(surplus: Sequence[PurchaseOrder]) -> Iterator[Difference]:
    kept = [order for order in surplus if order.state != "draft" or not order.ours_untouched]
    if kept:
        yield Difference(name=say("orders with this reference"), was=1, now=1 + len(kept))


def _differences(arguments: PlacePurchaseOrder, order: PurchaseOrder) -> Iterator[Difference]:
    """In what an order differs from the approved one, as far as the vendor says it."""
    if order.state == "cancelled":
        yield Difference(name=say("order"), was=say("wanted"), now=say("cancelled"))
    if order.supplier_id != arguments.supplier_id:
        yield Difference(
            name=say("supplier"),
            was=arguments.supplier_name,
            now=say("supplier number {id}", id=order.supplier_id),
        )
    if order.warehouse_id not in (None, arguments.warehouse_id):
        yield Difference(
            name=say("warehouse"), was=arguments.warehouse_id, now=order.warehouse_id or ""
        )
    if order.currency != arguments.currency:
        yield Difference(name=say("currency"), was=arguments.currency, now=order.currency)
    if order.ordered_on not in (None, arguments.on):
        yield from _day_changed(say("order date"), arguments.on, order.ordered_on)
    wanted = {line.item_id: line for line in arguments.lines}
    for there in order.lines:
        approved = wanted.pop(there.item_id or "", None)
        if approved is None:
            yield Difference(
                name=say("item number {id}", id=there.item_id or "?"),
                was=say("not ordered"),
                now=quantity(there.quantity, there.unit),
            )
        else:
            yield from _line_differences(arguments, approved, there)
    for line in wanted.values():
        yield Difference(
            name=about(line),
            was=quantity(line.quantity, line.unit),
            now=say("not on the order"),
        )


def _line_differences(
    arguments: PlacePurchaseOrder, approved: OrderedItem, there: PurchaseOrderLine
) -> Iterator[Difference]:
    if (approved.quantity, approved.unit.id) != (there.quantity, there.unit.id):
        yield Difference(
            name=say("quantity of {item}", item=about(approved)),
            was=quantity(approved.quantity, approved.unit),
            now=quantity(there.quantity, there.unit),
        )
    if approved.unit_price != there.unit_price:
        yield price_changed(arguments, approved, there.unit_price)
    if there.expected is not None:
        yield from _day_changed(
            say("date of {item}", item=about(approved)), approved.expected, there.expected
        )


def _day_changed(name: Message, was: date, now: date | None) -> Iterator[Difference]:
    if now is not None and now != was:
        yield Difference(name=name, was=Day(date=was), now=Day(date=now))
