"""Tryton's JSON: dates, decimals, durations and bytes travel as marked objects.

Measured on 8.2: quantities are JSON floats and money is a marked decimal; both are decimals here.
Booleans may come as 1 and 0 where the database is SQLite.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

_NESTED = (dict, list)
_DATE = ("year", "month", "day")
_TIME = ("hour", "minute", "second", "microsecond")


def encode(value: Any) -> bytes:
    """A request body; raises TypeError on a value that Tryton has no form for."""
    return json.dumps(value, default=_marked, ensure_ascii=False, allow_nan=False).encode()


def decode(value: Any) -> Any:
    """Plain Python values for an answer, marked objects included.

    Nine values in ten are plain, so they are not worth a call.
    """
    if isinstance(value, list):
        return [decode(one) if isinstance(one, _NESTED) else one for one in value]
    if not isinstance(value, dict):
        return value
    match value.get("__class__"):
        case None:
            return {
                name: decode(one) if isinstance(one, _NESTED) else one
                for name, one in value.items()
            }
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case "datetime":
            return datetime(*(value[part] for part in _DATE + _TIME))  # noqa: DTZ001 - naive UTC
        case "timedelta":
            return timedelta(seconds=float(value["seconds"]))
        case "bytes":
            return base64.b64decode(value["base64"])
        case other:
            raise ValueError(f"Tryton sent a value of an unknown kind: {other}")


def _marked(value: Any) -> Any:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case datetime():
            parts = {part: getattr(value, part) for part in _DATE + _TIME}
            return {"__class__": "datetime", **parts}
        case date():
            return {"__class__": "date", **{part: getattr(value, part) for part in _DATE}}
        case timedelta():
            return {"__class__": "timedelta", "seconds": value.total_seconds()}
        case bytes():
            return {"__class__": "bytes", "base64": base64.b64encode(value).decode()}
    raise TypeError(f"Tryton has no form for {type(value).__name__}")
