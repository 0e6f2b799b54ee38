"""Is it still true? What an approved order rests on, read again just before the write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

from regisseur.errors import InvalidInput
from regisseur.tools.actions.base import Difference, Fact
from regisseur.tools.actions.place_purchase_order.arguments import OrderedItem, PlacePurchaseOrder
from regisseur.tools.actions.place_purchase_order.wording import (
    about,
    price_changed,
    quantity,
    say,
    unit_price_of,
)
from regisseur.tools.erp.ports import Inventory, Purchasing
from regisseur.tools.records import Item, Number, Offer, Quantity, Supplier, Unit

PRICE_RISE = Decimal("0.02")
"""A unit price up to this share above the approved one is still the approved price."""
MORE_ON_ORDER = Decimal("0.10")
"""This share of a line may have been ordered elsewhere since, as rounding and small top-ups."""
MORE_TO_HAND = Decimal("0.5")
"""Stock and orders together may have grown by this share of a line: returns, counts."""


def known_outstanding(item_id: str) -> str:
    """Name of the fact that says how much of an item was on order, from any supplier.

    In the item's stock unit, for the warehouse of the order, drafts included, and with what other
    proposals of the same night order of it.
    """
    return f"open_orders:{item_id}"


def known_on_hand(item_id: str) -> str:
    """Name of the fact that says how much of an item was on hand, in its stock unit.

    Guarded together with ``known_outstanding``, because a receipt turns the one into the other.
    """
    return f"on_hand:{item_id}"


@runtime_checkable
class Ordering(Purchasing, Inventory, Protocol):
    """Orders are written through purchasing; inventory says whether they are still needed."""


async def still_true(
    port: Ordering, arguments: PlacePurchaseOrder, facts: Sequence[Fact], ours: set[str]
) -> list[Difference]:
    """What changed materially; ``ours`` are ids of the orders under our own key."""
    now = await _Now.read(port, arguments, facts, ours)
    changed = list(_supplier_changed(arguments, now.supplier))
    for line in arguments.lines:
        changed += _offer_changed(arguments, line, now.offers.get(line.offer_id))
        item = now.items.get(line.item_id)
        changed += _item_changed(line, item)
        if item is not None and line.unit.category == item.unit.category:
            changed += _need_changed(line, item, now)
    return changed


def _supplier_changed(
    arguments: PlacePurchaseOrder, supplier: Supplier | None
) -> Iterator[Difference]:
    if supplier is None or not supplier.active:
        yield Difference(
            name=say("supplier {supplier}", supplier=arguments.supplier_name),
            was=say("active"),
            now=say("archived"),
        )


def _offer_changed(
    arguments: PlacePurchaseOrder, line: OrderedItem, offer: Offer | None
) -> Iterator[Difference]:
    price = None if offer is None else offer.price_for(line.quantity)
    if (
        offer is None
        or price is None
        or not offer.active
        or (offer.supplier_id, offer.item_id) != (arguments.supplier_id, line.item_id)
    ):
        yield Difference(
            name=say("offer for {item}", item=about(line)),
            was=unit_price_of(line.unit_price, arguments.currency, line.unit),
            now=say("withdrawn"),
        )
    elif offer.currency != arguments.currency:
        name = say("currency of the offer for {item}", item=about(line))
        yield Difference(name=name, was=arguments.currency, now=offer.currency)
    elif (offer.unit.id, offer.unit.factor) != (line.unit.id, line.unit.factor):
        name = say("unit of the offer for {item}", item=about(line))
        yield Difference(name=name, was=line.unit.symbol, now=offer.unit.symbol)
    elif price > line.unit_price * (1 + PRICE_RISE):
        yield price_changed(arguments, line, price)


def _item_changed(line: OrderedItem, item: Item | None) -> Iterator[Difference]:
    if item is None or not item.active:
        yield Difference(name=about(line), was=say("active"), now=say("archived"))
    elif not item.purchasable:
        yield Difference(name=about(line), was=say("purchased"), now=say("no longer purchased"))
    elif item.unit.category != line.unit.category:
        name = say("stock unit of {item}", item=about(line))
        yield Difference(name=name, was=line.unit.symbol, now=item.unit.symbol)


def _need_changed(line: OrderedItem, item: Item, now: _Now) -> Iterator[Difference]:
    """More on order or in stock than was known; a fact that isn't there isn't guarded."""
    was_outstanding = now.known.get(known_outstanding(item.id))
    if was_outstanding is None:
        return
    outstanding = Decimal(0)
    for unit, amount in now.outstanding.get(item.id, []):
        if unit.category != item.unit.category:
            name = say("unit in which {item} is on order", item=about(line))
            yield Difference(name=name, was=item.unit.symbol, now=unit.symbol)
            return
        outstanding += _converted(amount, unit, item.unit)
    wanted = _converted(line.quantity, line.unit, item.unit)
    if outstanding - was_outstanding > wanted * MORE_ON_ORDER:
        yield Difference(
            name=say("on order of {item}", item=about(line)),
            was=quantity(was_outstanding, item.unit),
            now=quantity(outstanding, item.unit),
        )
        return
    was_on_hand = now.known.get(known_on_hand(item.id))
    if was_on_hand is None:
        return
    was_to_hand = was_on_hand + was_outstanding
    to_hand = now.on_hand.get(item.id, Decimal(0)) + outstanding
    if to_hand - was_to_hand > wanted * MORE_TO_HAND:
        yield Difference(
            name=say("on hand and on order of {item}", item=about(line)),
            was=quantity(was_to_hand, item.unit),
            now=quantity(to_hand, item.unit),
        )


@dataclass(frozen=True)
class _Now:
    """What the guards compare with, read within seconds before the write."""

    supplier: Supplier | None
    offers: dict[str, Offer]
    items: dict[str, Item]
    known: dict[str, Decimal]
    outstanding: dict[str, list[tuple[Unit, Decimal]]]
    on_hand: dict[str, Decimal]

    @classmethod
    async def read(
        cls,
        port: Ordering,
        arguments: PlacePurchaseOrder,
        facts: Sequence[Fact],
        ours: set[str],
    ) -> _Now:
        item_ids = [line.item_id for line in arguments.lines]
        names = {
            name(item_id) for item_id in item_ids for name in (known_outstanding, known_on_hand)
        }
        known = {fact.name: _figure(fact) for fact in facts if fact.name in names}
        suppliers = {supplier.id: supplier for supplier in await port.suppliers()}
        orders = await port.open_orders() if known else []
        levels = await port.stock(arguments.warehouse_id) if known else []
        outstanding: dict[str, list[tuple[Unit, Decimal]]] = {}
        for order in orders:
            elsewhere = order.warehouse_id not in (None, arguments.warehouse_id)
            if order.id in ours or elsewhere:
                continue
            for line in order.lines:
                outstanding.setdefault(line.item_id or "", []).append((line.unit, line.outstanding))
        return cls(
            supplier=suppliers.get(arguments.supplier_id),
            offers={offer.id: offer for offer in await port.offers(item_ids)},
            items={item.id: item for item in await port.items()},
            known=known,
            outstanding=outstanding,
            on_hand={level.item_id: level.on_hand for level in levels},
        )


def _figure(fact: Fact) -> Decimal:
    match fact.value:
        case Quantity() | Number():
            return fact.value.value
        case int():
            return Decimal(fact.value)
    raise InvalidInput("must be a quantity", field=fact.name)


def _converted(quantity: Decimal, unit: Unit, into: Unit) -> Decimal:
    return quantity * unit.factor / into.factor
