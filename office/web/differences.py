"""What an action would change, told as before and after.

Kinds that change something keep what was there in arguments called ``…_before`` beside ``…_after``:
told here for every such kind alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from regisseur.office.web import labels
from regisseur.office.web.editing import called
from regisseur.tools.records import Day, Message, Quantity, Value

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Change:
    """One value, as it is and as it would be."""

    row: str
    """What it belongs to, where there are several."""
    label: Message | str
    before: Value | None
    after: Value | None


def changes(arguments: Mapping[str, Any]) -> list[Change]:
    """All that would differ afterwards, in the order of the arguments."""
    return [one for one in _within(arguments, "") if one.before != one.after]


def _within(place: Any, row: str) -> Iterator[Change]:
    if isinstance(place, list):
        for part in place:
            yield from _within(part, row)
    elif isinstance(place, Mapping):
        row = called(place) or row
        for name, after in place.items():
            if name == AFTER or name.endswith(f"_{AFTER}"):
                stem = name.removesuffix(AFTER)
                if after is not None and f"{stem}{BEFORE}" in place:
                    before = place[f"{stem}{BEFORE}"]
                    yield _change(row, stem.strip("_"), before, after, place)
            elif isinstance(after, list | dict):
                yield from _within(after, row)


def _change(row: str, name: str, before: Any, after: Any, place: Mapping[str, Any]) -> Change:
    label = labels.CHANGING.get(name, name.replace("_", " ").capitalize())
    unit = place.get("unit")
    symbol = str(unit.get("symbol", "")) if isinstance(unit, dict) else ""
    return Change(row, label, _value(before, symbol), _value(after, symbol))


def _value(value: Any, unit: str) -> Value | None:
    """A value of JSON as what people write: a day, a quantity, a name."""
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("label") or value.get("id") or "")
    if not isinstance(value, str):
        return None if value is None else str(value)
    with suppress(ValueError):
        return Day(date=date.fromisoformat(value))
    with suppress(InvalidOperation):
        return Quantity(value=Decimal(value), unit=unit)
    return value
