"""One spelling of a JSON value, so that equal content has equal hashes on every machine."""

import hashlib
import json
from typing import Any


def canonical(value: Any) -> str:
    """JSON with sorted names and no spaces; floats are refused, they have no one spelling."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("write amounts and quantities as decimals in text, not as floats")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)
