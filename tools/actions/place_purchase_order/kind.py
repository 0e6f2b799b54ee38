"""The kind itself: one draft, one confirmation, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from regisseur.errors import InvalidInput
from regisseur.tools.actions.base import Difference, Fact, Found, Kind, changed_paths
from regisseur.tools.actions.place_purchase_order.arguments import OrderedItem, PlacePurchaseOrder
from regisseur.tools.actions.place_purchase_order.comparing import BOUND, found_among, ranked
from regisseur.tools.actions.place_purchase_order.guards import PRICE_RISE, Ordering, still_true
from regisseur.tools.actions.place_purchase_order.wording import say
from regisseur.tools.records import Message, Money, Quantity

OTHER_QUANTITY = Decimal("0.2")
"""A rejected line comes back when its quantity has changed by more than this share."""


MOST_NAMED = 5
"""Items named in a summary; the action's details have them all."""


class PlaceOrderKind(Kind[PlacePurchaseOrder, Ordering]):
    """Converges to exactly one confirmed order under the key."""

    name: ClassVar[str] = "place_purchase_order"
    arguments = PlacePurchaseOrder
    port: type[Any] = Ordering
    editable: ClassVar[frozenset[str]] = frozenset({"lines.*.quantity", "lines.*.expected"})

    def subject(self, arguments: PlacePurchaseOrder) -> str:
        """As fine as one order in the ERP."""
        return f"{arguments.supplier_id}/{arguments.warehouse_id}/{arguments.currency}"

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} purchase order", "{count} purchase orders", count)

    def summary(self, arguments: PlacePurchaseOrder) -> Message:
        """Supplier and what is ordered: quantity and item, or the items where there are more."""
        first, *others = arguments.lines
        if not others:
            return say(
                "{supplier}: {quantity} of {item}",
                supplier=arguments.supplier_name,
                quantity=Quantity(value=first.quantity, unit=first.unit.symbol),
                item=f"{first.item_code} {first.item_name}".strip(),
            )
        named = [line.item_code or line.item_name for line in arguments.lines]
        return say(
            "{supplier}: {items}",
            supplier=arguments.supplier_name,
            items=", ".join(named[:MOST_NAMED]) + (" …" if len(named) > MOST_NAMED else ""),
        )

    def amount(self, arguments: PlacePurchaseOrder) -> Money:
        """The order's total before taxes."""
        return arguments.total

    def counterparty(self, arguments: PlacePurchaseOrder) -> str:
        """The supplier's id."""
        return arguments.supplier_id

    def edit(self, before: PlacePurchaseOrder, changed: Mapping[str, Any]) -> PlacePurchaseOrder:
        """Quantities and dates may change, lines may be left out; lines are matched by item."""
        after = self.parse(changed)
        head = {"lines"}
        for path in changed_paths(before.model_dump(exclude=head), after.model_dump(exclude=head)):
            raise InvalidInput("can't be changed by an edit; reject it instead", field=path)
        known = {line.item_id: line for line in before.lines}
        for position, line in enumerate(after.lines):
            if line.item_id not in known:
                raise InvalidInput("can't be added by an edit", field=f"lines.{position}")
            for path in changed_paths(known[line.item_id].model_dump(), line.model_dump()):
                if f"lines.*.{path}" not in self.editable:
                    raise InvalidInput(
                        "can't be changed by an edit; reject it instead",
                        field=f"lines.{position}.{path}",
                    )
        return self.after_edit(after)

    def after_edit(self, arguments: PlacePurchaseOrder) -> PlacePurchaseOrder:
        """Prices from the breaks; the supplier's minimum and pack size are kept to."""
        return arguments.priced()

    def material(self, before: PlacePurchaseOrder, after: PlacePurchaseOrder) -> bool:
        """Other items, or a quantity or price that a buyer would think about again; dates of two
        nights always differ and don't count.
        """
        old = {line.item_id: line for line in before.lines}
        if old.keys() != {line.item_id for line in after.lines}:
            return True
        return any(_worth_asking(old[line.item_id], line) for line in after.lines)

    async def drift(
        self,
        port: Ordering,
        key: str,
        arguments: PlacePurchaseOrder,
        facts: Sequence[Fact],
    ) -> list[Difference]:
        """Supplier, offers, prices, items, and whether the need was met meanwhile.

        What is under our own key never counts as drift; once an order there binds us, nothing does.
        """
        ours = await port.find_orders(key)
        if any(order.state in BOUND for order in ours):
            return []
        return await still_true(port, arguments, facts, {order.id for order in ours})

    async def look_up(self, port: Ordering, key: str, arguments: PlacePurchaseOrder) -> Found:
        """The order under the key; further untouched drafts there make it partial."""
        return found_among(arguments, ranked(await port.find_orders(key)))

    async def advance(
        self, port: Ordering, key: str, arguments: PlacePurchaseOrder, found: Found
    ) -> None:
        """Write the draft, or discard one surplus draft, or confirm: whichever comes next.

        Nothing is done where the ERP has changed since ``found``: the next look-up sees it.
        """
        orders = ranked(await port.find_orders(key))
        if found_among(arguments, orders) != found:
            return
        if found.state == "nothing":
            await port.draft_order(key, arguments.draft())
        elif found.state == "partial" and len(orders) > 1:
            await port.discard_draft(orders[-1])
        elif found.state == "partial":
            await port.confirm_order(orders[0])

    async def abandon(
        self, port: Ordering, key: str, arguments: PlacePurchaseOrder, found: Found
    ) -> None:
        """Discard every draft under the key that only we have written to."""
        for order in await port.find_orders(key):
            if order.state == "draft" and order.ours_untouched:
                await port.discard_draft(order)

    def to_check(self, key: str, arguments: PlacePurchaseOrder) -> Message:
        """Which order to look for."""
        return say(
            "Look for orders to {supplier} with the reference {key}: is there one, is it confirmed,"
            " and is its total {total}?",
            supplier=arguments.supplier_name,
            key=key,
            total=arguments.total,
        )


def _worth_asking(before: OrderedItem, after: OrderedItem) -> bool:
    return (
        before.unit != after.unit
        or abs(after.quantity - before.quantity) > before.quantity * OTHER_QUANTITY
        or abs(after.unit_price - before.unit_price) > before.unit_price * PRICE_RISE
    )
