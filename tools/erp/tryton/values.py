"""Small translations from Tryton's values to ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from regisseur.errors import VendorRefused
from regisseur.tools.records import Unit

UNIT_FIELDS = ("symbol", "category", "rate", "factor", "digits")


def unit_fields(name: str) -> list[str]:
    """What to ask for so that ``unit`` can read the field ``name`` of the answer."""
    return [f"{name}.{field}" for field in UNIT_FIELDS]


def unit(row: Mapping[str, Any] | None) -> Unit:
    """A unit of measure from its dotted fields; one without a symbol where a line has none."""
    if row is None:
        return Unit(id="", symbol="", category="", factor=Decimal(1))
    return Unit(
        id=str(row["id"]),
        symbol=row["symbol"] or "",
        category=str(row["category"]),
        factor=factor(row),
        digits=row["digits"] or 0,
    )


def factor(row: Mapping[str, Any]) -> Decimal:
    """Reference units in one of this unit, from the more exact of Tryton's two figures.

    Tryton keeps ``factor`` and its inverse ``rate``, both rounded, and itself computes with the
    greater of the two (``select_accurate_field``): a dozenth is 1/12 and not 0.083333333333.
    """
    direct, inverse = quantity(row["factor"]), quantity(row["rate"])
    return direct if direct >= inverse else Decimal(1) / inverse


def converted(amount: Decimal, given: Mapping[str, Any], wanted: Mapping[str, Any]) -> Decimal:
    """The amount in another unit of the same category, to the millionth."""
    one, other = factor(given), factor(wanted)
    return amount if one == other else (amount * one / other).quantize(Decimal("0.000001"))


def quantity(value: Any) -> Decimal:
    """A float of Tryton's as the decimal that people write (20, not 20.0); an empty one is zero."""
    return Decimal(f"{Decimal(str(value)).normalize():f}") if value is not None else Decimal(0)


def days(span: timedelta | None) -> int | None:
    """Whole days, a begun one counts."""
    return None if span is None else ceil(span / timedelta(days=1))


def number(record_id: str) -> int:
    """Tryton's number in one of our ids; raises VendorRefused where it can't be one."""
    found = numbered(record_id)
    if found is None:
        raise VendorRefused(f"Tryton has no record {record_id!r}: its records have numbers.")
    return found


def numbered(record_id: str) -> int | None:
    """Tryton's number in one of our ids, ``None`` where it can't be one."""
    return int(record_id) if record_id.isascii() and record_id.isdecimal() else None


def place(row: Mapping[str, Any]) -> tuple[bool, int, int]:
    """Tryton's order among rows with a ``sequence``: by it, those without one first."""
    sequence = row["sequence"]
    return (sequence is not None, sequence or 0, row["id"])


def model_and_id(reference: str | None) -> tuple[str, int]:
    """``("sale.line", 87)`` from ``"sale.line,87"``; ``("", 0)`` where it points nowhere."""
    model, _, number = (reference or "").partition(",")
    return (model, int(number)) if number.isdecimal() else ("", 0)
