"""Small helpers to put figures into messages."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from regisseur.agents.purchasing.observation import say
from regisseur.tools.records import (
    Day,
    Item,
    Message,
    Money,
    Number,
    PurchaseOrder,
    Quantity,
    RecordRef,
    Unit,
    Value,
)

__all__ = [
    "amount",
    "day",
    "days",
    "item_ref",
    "joined",
    "number",
    "order_name",
    "quantity",
    "rate",
    "record",
    "rough",
    "say",
    "title",
]


def decimal(value: float | Decimal, digits: int) -> Decimal:
    """Rounded to ``digits`` decimals, halves away from zero."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def quantity(value: float | Decimal, unit: Unit, digits: int | None = None) -> Quantity:
    """A number of units, as precise as the unit is unless told otherwise."""
    digits = unit.digits if digits is None else digits
    return _quantity(decimal(value, digits), digits, unit.symbol)


@lru_cache(maxsize=4096)
def _quantity(value: Decimal, digits: int, unit: str) -> Quantity:
    """Small numbers are told again and again; ``digits`` tells 1 from 1.0."""
    return Quantity(value=value, unit=unit)


def rough(value: float, unit: Unit) -> Quantity:
    """A computed number of units: no more decimals than make sense at its size."""
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return quantity(value, unit, min(digits, unit.digits))


def rate(value: float, unit: Unit) -> Quantity:
    """Units a day: three significant digits at most, as more would pretend."""
    digits = 2 if value < 1 else 1 if value < 100 else 0
    return _quantity(decimal(value, digits), digits, unit.symbol)


def amount(value: float | Decimal, currency: str, digits: int = 2) -> Money:
    """Money, to the cent by default."""
    return Money(amount=decimal(value, digits), currency=currency)


def number(value: float, digits: int = 0) -> Number:
    """A plain number."""
    return Number(value=decimal(value, digits), digits=digits)


@lru_cache(maxsize=1024)
def day(value: date) -> Day:
    """A calendar day; the same few are told of many items."""
    return Day(date=value)


@lru_cache(maxsize=1024)
def days(count: int) -> Message:
    """A number of days; the same few are told of many items."""
    return say.counted("{count} day", "{count} days", count)


def title(item: Item) -> str:
    """Code and name as the ERP has them: data, never a template."""
    return f"{item.code} {item.name}".strip()


def order_name(order: PurchaseOrder) -> Message:
    """How people find an order: by its number, its reference or its date."""
    if order.number or order.key:
        return say("order {number}", number=order.number or order.key or "")
    if order.ordered_on is not None:
        return say("draft of {day}", day=day(order.ordered_on))
    return say("order {number}", number=order.id)


def record(ref: RecordRef) -> Message:
    """A sale, delivery or production order as people call it; drafts often have no number."""
    number = ref.label or ref.id
    if ref.model == "production":
        planned = say("Planned production order")
        return say("Production order {number}", number=number) if ref.label else planned
    if ref.model == "delivery":
        return say("Delivery {number}", number=number)
    return say("Sale {number}", number=number)


def item_ref(item: Item) -> RecordRef:
    """A link to the item."""
    return RecordRef(model="item", id=item.id, label=title(item), url=item.url)


def joined(parts: Sequence[Message | str]) -> Value:
    """Parts separated by commas."""
    first, *rest = parts
    return say("{first}, {rest}", first=first, rest=joined(rest)) if rest else first
