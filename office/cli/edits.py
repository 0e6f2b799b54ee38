"""``--set lines.0.quantity=120``: arguments with a person's changes, typed as they were."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from regisseur.errors import InvalidInput


def edited(arguments: dict[str, Any], changes: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The arguments with each path set; raises InvalidInput for a path that isn't there."""
    after = deepcopy(arguments)
    for path, text in changes:
        *way, last = path.split(".")
        place: Any = after
        for part in way:
            place = _within(place, part, path)
        before = _within(place, last, path)
        place[_key(place, last)] = _typed(before, text, path)
    return after


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every path to a plain value, with the value."""
    named: Iterator[tuple[object, Any]] | None = None
    if isinstance(value, dict):
        named = iter(value.items())
    elif isinstance(value, list):
        named = iter(enumerate(value))
    if named is None:
        yield path, value
        return
    for name, part in named:
        yield from leaves(part, f"{path}.{name}".lstrip("."))


def _key(place: Any, part: str) -> str | int:
    return int(part) if isinstance(place, list) and part.isdigit() else part


def _within(place: Any, part: str, path: str) -> Any:
    try:
        return place[_key(place, part)]
    except (KeyError, IndexError, TypeError):
        known = range(len(place)) if isinstance(place, list) else place
        there = ", ".join(map(str, known)) if isinstance(place, dict | list) else "nothing"
        raise InvalidInput(f"there is no {part}, only {there}", field=path) from None


def _typed(before: Any, text: str, path: str) -> Any:
    """Text where there was text (decimals and dates are), else what JSON makes of it."""
    if isinstance(before, str) or before is None:
        return text
    if isinstance(before, dict | list):
        raise InvalidInput("name the value to change, not what holds it", field=path)
    try:
        return json.loads(text)
    except ValueError:
        return text
