"""From decided lines to proposals that a person can approve as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from regisseur.agents.purchasing.batch import Order
from regisseur.agents.purchasing.line import Line
from regisseur.agents.purchasing.position import Ordered
from regisseur.agents.purchasing.sales import Endangered
from regisseur.agents.purchasing.sentence import explained, order_reason
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.words import amount, day, item_ref, quantity, record, say, title
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Proposal
from regisseur.tools.actions.base import Fact
from regisseur.tools.actions.place_purchase_order import (
    OrderedItem,
    PlacePurchaseOrder,
    known_on_hand,
    known_outstanding,
)
from regisseur.tools.actions.tell_sales import TellSales
from regisseur.tools.records import Message, Money, Quantity, RecordRef
from regisseur.tools.texts import word

SURE = Decimal("0.95")
LEAST_SURE = Decimal("0.30")
FEW_USES = 8


def order_proposal(
    order: Order,
    ordered: Mapping[str, Ordered],
    brief: Brief[PurchasingSettings],
) -> Proposal:
    """One purchase order; ``ordered`` is what all of tonight's proposals bring by ``Case.key``."""
    lines, first = order.lines, order.lines[0]
    currency = brief.company.currency
    arguments = PlacePurchaseOrder(
        supplier_id=first.supplier.id,
        supplier_name=first.supplier.name,
        warehouse_id=first.case.warehouse.id,
        currency=first.option.candidate.offer.currency,
        on=brief.on,
        lines=tuple(_ordered(line, brief) for line in lines),
    )
    return Proposal(
        kind="place_purchase_order",
        arguments=arguments.model_dump(mode="json"),
        reason=order_reason(lines, list(_extras(order, brief)), brief),
        details=tuple(explained(line, brief) for line in lines),
        facts=tuple(fact for line in lines for fact in _facts(line, ordered[line.case.key])),
        evidence=tuple(ref for line in lines for ref in _evidence(line)),
        cost_of_waiting=amount(sum(line.waiting_day for line in lines), currency),
        otherwise=out_of_stock(lines, brief),
        decide_by=min(
            (max(line.order_by, brief.on) for line in lines if line.order_by), default=None
        ),
        confidence=min(confidence(line) for line in lines),
    )


def out_of_stock(lines: Sequence[Line], brief: Brief[PurchasingSettings]) -> Message | None:
    """Which item is out first, and when; nothing where none of them is in sight of it."""
    out = [
        (line.stock_out, line.case.item.code, line) for line in lines if line.stock_out is not None
    ]
    if not out:
        return None
    days, _, line = min(out, key=lambda entry: entry[:2])
    item = line.case.item.code or line.case.item.name
    return say("{item} out of stock on {day}", item=item, day=day(brief.on + timedelta(days=days)))


def _ordered(line: Line, brief: Brief[PurchasingSettings]) -> OrderedItem:
    candidate, item = line.option.candidate, line.case.item
    return OrderedItem(
        item_id=item.id,
        item_code=item.code,
        item_name=item.name,
        offer_id=candidate.offer.id,
        unit=candidate.offer.unit,
        quantity=line.option.quantity,
        unit_price=line.option.unit_price,
        breaks=candidate.offer.breaks,
        minimum_quantity=candidate.offer.minimum_quantity,
        multiple=candidate.offer.multiple,
        expected=brief.on + timedelta(days=candidate.arrival),
    )


def _extras(order: Order, brief: Brief[PurchasingSettings]) -> Iterator[Message]:
    currency = brief.company.currency
    if order.below_minimum:
        yield say(
            "{missing} below the supplier's minimum of {minimum}, but urgent",
            missing=amount(order.below_minimum, currency),
            minimum=amount(order.terms.minimum_order, currency),
        )
    if order.carriage:
        yield say(
            "{carriage} of carriage as the order is below {free}",
            carriage=amount(order.carriage, currency),
            free=amount(order.terms.free_carriage, currency),
        )
    extra = [line for line in order.lines if line.top_up]
    if extra:
        yield say.counted(
            "{count} line due soon was added to reach the supplier's threshold",
            "{count} lines due soon were added to reach the supplier's threshold",
            len(extra),
        )


def _facts(line: Line, ordered: Ordered) -> Iterator[Fact]:
    """What the kind's guards compare with before the order is written: other orders of tonight
    for the same item may be placed before it.
    """
    item, position = line.case.item, line.case.position
    source = item_ref(item)
    outstanding = sum(entry.quantity for entry in (*position.incoming, *position.lost))
    outstanding += sum(units for _, units in ordered) - line.option.units
    for name, value, label in (
        (known_outstanding(item.id), outstanding, say("{item}: on order", item=title(item))),
        (known_on_hand(item.id), position.on_hand, say("{item}: on hand", item=title(item))),
    ):
        yield Fact(name=name, value=quantity(value, item.unit, 6), source=source, label=label)


def _evidence(line: Line) -> Iterator[RecordRef]:
    yield item_ref(line.case.item)
    for entry in line.case.position.incoming:
        yield entry.order.ref()


def confidence(line: Line) -> Decimal:
    """0.95 less what makes the figures doubtful; the deductions are listed in the docs."""
    outlook, lead = line.case.outlook, line.option.candidate.lead
    sure = SURE
    if line.case.regime == "forecast" and (outlook is None or outlook.used_weeks < FEW_USES):
        sure -= Decimal("0.20")
    if lead.learned is None:
        sure -= Decimal("0.10")
    if line.drafts:
        sure -= Decimal("0.10")
    if line.late:
        sure -= Decimal("0.15")
    if line.option.excess:
        sure -= Decimal("0.10")
    return max(sure, LEAST_SURE)


def sale_proposal(entries: Sequence[Endangered], brief: Brief[PurchasingSettings]) -> Proposal:
    """A note on a sale that can't be delivered on its day, worded in the company's language."""
    sale = entries[0].source
    sentences = [_missing(entry) for entry in entries]
    text = " ".join(word(sentence, brief.company.locale) for sentence in sentences)
    arguments = TellSales(about=sale, topic="late_delivery", text=text)
    return Proposal(
        kind="tell_sales",
        arguments=arguments.model_dump(mode="json"),
        reason=say(
            "{sale} can't be delivered in full on {day}",
            sale=record(sale),
            day=day(min(entry.need.date for entry in entries)),
        ),
        details=tuple(sentences),
        evidence=(sale, *(item_ref(entry.case.item) for entry in entries)),
        decide_by=max(min(entry.need.date for entry in entries), brief.on),
        confidence=Decimal("0.80"),
    )


def _missing(entry: Endangered) -> Message:
    item, position = entry.case.item, entry.case.position
    known: dict[str, str | Quantity | Message] = {
        "item": title(item),
        "missing": quantity(entry.missing, item.unit),
    }
    wanted = day(entry.need.date)
    if position.overdrawn:
        return say(
            "{missing} of {item} missing on {day} by the ERP's figures: {reserved} reserved, "
            "{on_hand} in stock, which is to be counted.",
            day=wanted,
            reserved=quantity(position.reserved, item.unit),
            on_hand=quantity(position.on_hand, item.unit),
            **known,
        )
    if entry.available is None:
        return say(
            "{missing} of {item} missing on {day}; no delivery in sight.", day=wanted, **known
        )
    return say(
        "{missing} of {item} missing on {day}; expected on {available}.",
        day=wanted,
        available=day(entry.available),
        **known,
    )


def stake_of(entries: Sequence[Endangered], currency: str) -> Money | None:
    """Sales value of what is missing, as far as prices are known."""
    stakes = [entry.stake for entry in entries if entry.stake is not None]
    return Money(amount=sum(stakes, Decimal(0)), currency=currency) if stakes else None
