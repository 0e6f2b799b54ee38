"""The form in which an action is edited: its kind's editable arguments, each as what it is.

Which fields there are comes from ``Kind.editable`` and their types from the JSON schema of the
kind's arguments, so that a plug-in's kind has its form without a line of ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from regisseur.errors import InvalidInput
from regisseur.office.web import labels
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.records import Message

Input = Literal["number", "date", "time", "yes", "choice", "line", "text"]
LONG = 100
"""Characters from which a text has several lines."""
NAMING = ("_label", "_code", "_name")
"""Ends of the arguments by which people know a row."""
SPACES = re.compile(r"[\s\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}]")


@dataclass(frozen=True)
class Field:
    """One argument that may be changed."""

    path: str
    """``lines.0.quantity``; also the name in the form."""
    label: Message | str
    type: Input
    value: str
    """As it stands; ``yes`` or empty for a box."""
    unit: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Group:
    """Fields that belong together: those of one row, with what people call it."""

    name: str
    fields: tuple[Field, ...]


def groups(kind: AnyKind, arguments: Mapping[str, Any]) -> list[Group]:
    """The form for an action's arguments; empty where nothing of them may be changed."""
    schema = kind.arguments.model_json_schema()
    found: dict[str, list[Field]] = {}
    for path, place in _paths(kind, arguments):
        found.setdefault(path.rpartition(".")[0], []).append(_field(path, place, schema))
    return [Group(_row(arguments, where), tuple(fields)) for where, fields in found.items()]


def changed(
    kind: AnyKind, arguments: Mapping[str, Any], sent: Mapping[str, str]
) -> dict[str, Any] | None:
    """The arguments with what was typed; ``None`` where nothing differs.

    Raises InvalidInput naming the first field that can't be read.
    """
    after = deepcopy(dict(arguments))
    schema = kind.arguments.model_json_schema()
    for path, before in _paths(kind, arguments):
        field = _field(path, before, schema)
        if f"has.{path}" not in sent and path not in sent:
            continue
        value = _read(field, before, sent.get(path, ""))
        if not _same(before, value):
            _put(after, path, value)
    return None if after == dict(arguments) else after


def typed(found: list[Group], sent: Mapping[str, str]) -> list[Group]:
    """The form as somebody filled it in, to be shown again with what is wrong in it."""
    return [
        Group(group.name, tuple(_refilled(field, sent) for field in group.fields))
        for group in found
    ]


def _refilled(field: Field, sent: Mapping[str, str]) -> Field:
    value = sent.get(field.path, "")
    return Field(
        field.path, field.label, field.type, value, field.unit, field.choices, field.required
    )


def _paths(kind: AnyKind, arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What may be changed, in the order in which it stands in the arguments."""
    yield from _within(dict(arguments), "", "", kind.editable)


def _within(
    value: Any, path: str, pattern: str, editable: Collection[str]
) -> Iterator[tuple[str, Any]]:
    if pattern in editable:
        yield path, value
        return
    parts: Iterable[tuple[str, str, Any]] = ()
    if isinstance(value, dict):
        parts = ((name, name, part) for name, part in value.items())
    elif isinstance(value, list):
        parts = ((str(number), "*", part) for number, part in enumerate(value))
    for name, generally, part in parts:
        yield from _within(
            part, f"{path}.{name}".lstrip("."), f"{pattern}.{generally}".lstrip("."), editable
        )


def _field(path: str, value: Any, schema: dict[str, Any]) -> Field:
    name = path.rpartition(".")[2]
    options = list(_options(_at(schema, path.split(".")), schema))
    kind, choices = _input(options, value)
    told = "yes" if value is True else "" if value in (None, False) else str(value)
    return Field(
        path=path,
        label=labels.ARGUMENTS.get(name, name.replace("_", " ").capitalize()),
        type=kind,
        value=told,
        choices=choices,
        required=kind != "yes" and not any(one.get("type") == "null" for one in options),
    )


def _at(schema: dict[str, Any], way: list[str]) -> dict[str, Any]:
    """The schema of the argument at the end of a way through objects and rows."""
    here = schema
    for part in way:
        for option in _options(here, schema):
            inside = (
                option.get("items") if part.isdigit() else option.get("properties", {}).get(part)
            )
            if inside is not None:
                here = inside
                break
    return here


def _options(place: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What may stand there: references followed, alternatives one by one."""
    if "$ref" in place:
        name = place["$ref"].rpartition("/")[2]
        yield from _options(schema["$defs"][name], schema)
    elif "anyOf" in place:
        for one in place["anyOf"]:
            yield from _options(one, schema)
    else:
        yield place


def _input(options: list[dict[str, Any]], value: Any) -> tuple[Input, tuple[str, ...]]:
    for one in options:
        if "enum" in one:
            return "choice", tuple(str(choice) for choice in one["enum"])
        if one.get("type") == "boolean":
            return "yes", ()
        if one.get("type") in ("number", "integer"):
            return "number", ()
        if one.get("format") in ("date", "time"):
            return ("date" if one["format"] == "date" else "time"), ()
    long = isinstance(value, str) and (len(value) > LONG or "\n" in value)
    return ("text" if long else "line"), ()


def _row(arguments: Mapping[str, Any], where: str) -> str:
    """What people call the row that a way leads to."""
    place: Any = arguments
    for part in filter(None, where.split(".")):
        place = place[int(part)] if isinstance(place, list) else place[part]
    if not where or not isinstance(place, dict):
        return ""
    unit = place.get("unit")
    symbol = unit.get("symbol", "") if isinstance(unit, dict) else ""
    return called(place) + (f" ({symbol})" if symbol else "")


def called(row: Mapping[str, Any]) -> str:
    """What people call a row: its label, code and name, as far as it has them."""
    names = [
        value
        for end in NAMING
        for name, value in row.items()
        if name.endswith(end) and isinstance(value, str) and value
    ]
    return " ".join(dict.fromkeys(names))


def _read(field: Field, before: Any, text: str) -> Any:
    if field.type == "yes":
        return text == "yes"
    if field.type in ("line", "text"):
        return text.replace("\r\n", "\n").strip() if field.type == "text" else text.strip()
    text = text.strip()
    if not text:
        if field.required:
            raise InvalidInput("is empty", field=field.path)
        return None
    if field.type == "number":
        return _number(text, field.path, whole=isinstance(before, int))
    return text


def _number(text: str, path: str, *, whole: bool) -> str | int:
    """A number as people type it: with a comma or a point, and spaces between thousands."""
    plain = SPACES.sub("", text).replace(",", ".")
    try:
        value = Decimal(plain)
        return int(plain) if whole else str(value)
    except (InvalidOperation, ValueError) as error:
        raise InvalidInput("write a number", field=path) from error


def _same(before: Any, after: Any) -> bool:
    """Is it what stood there? Two ways to write a number, a time or a text are."""
    if before == after:
        return True
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    if before.strip() == after or before == f"{after}:00":
        return True
    try:
        return Decimal(before) == Decimal(after)
    except InvalidOperation:
        return False


def _put(arguments: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    place: Any = arguments
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[int(last) if isinstance(place, list) else last] = value
