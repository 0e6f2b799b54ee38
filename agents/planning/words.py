"""Small helpers to put figures into messages."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from regisseur.tools.records import (
    Day,
    Item,
    Message,
    Number,
    Quantity,
    Speaker,
    Unit,
    Value,
)

say = Speaker("regisseur.agents.planning")


def decimal(value: float | Decimal, digits: int) -> Decimal:
    """Rounded to ``digits`` decimals, halves away from zero."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def number(value: float | Decimal, digits: int = 0) -> Number:
    """A plain number."""
    return Number(value=decimal(value, digits), digits=digits)


def quantity(value: Decimal, unit: Unit) -> Quantity:
    """A number of units, as precise as the unit is."""
    return Quantity(value=decimal(value, unit.digits), unit=unit.symbol)


def day(value: date) -> Day:
    """A calendar day."""
    return Day(date=value)


def known(value: date | None) -> Message:
    """A day, or that there is none."""
    return say("no day") if value is None else say("{day}", day=day(value))


def days(count: int) -> Message:
    """A number of days."""
    return say.counted("{count} day", "{count} days", count)


def hours(value: float | Decimal) -> Message:
    """A number of hours, to the quarter."""
    return say("{n} h", n=Number(value=decimal(value, 2).normalize(), digits=2))


def clock(moment: datetime) -> str:
    """A time of day, as a workshop writes it."""
    return f"{moment:%H:%M}"


def moment(value: datetime) -> Message:
    """A day and a time of day."""
    return say("{day} at {time}", day=day(value.date()), time=clock(value))


def item_title(item: Item) -> str:
    """Code and name as the ERP has them: data, never a template."""
    return f"{item.code} {item.name}".strip()


def joined(parts: Sequence[Message | str]) -> Value:
    """Parts separated by commas."""
    first, *rest = parts
    return say("{first}, {rest}", first=first, rest=joined(rest)) if rest else first


def to_report(order: str, step: int, on: date) -> str:
    """What to type to report a step (1 is the first), with room for what only the workshop knows."""
    return (
        f"regisseur tell progress order={shlex.quote(order)} step={step} state=____ "
        f"at={on.isoformat()}T__:__ remaining=____"
    )


def shortened(text: str, most: int) -> str:
    """So many characters at most."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
