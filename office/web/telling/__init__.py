"""Telling agents something on a page: their forms as fields, and what was sent as values."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic.fields import FieldInfo

from regisseur.errors import InvalidInput
from regisseur.graphs.told import Form
from regisseur.office.web.telling import words
from regisseur.tools.records import Message

NAMED = "_named"
Control = Literal["text", "words", "number", "date", "moment", "choice", "list", "tick"]


@dataclass(frozen=True)
class Choice:
    """One of the values that a field may have."""

    value: str
    label: Message | str


@dataclass(frozen=True)
class Field:
    """One field of a form, as the page asks for it."""

    name: str
    label: Message | str
    control: Control
    required: bool
    choices: tuple[Choice, ...] = ()


def fields_of(form: type[Form]) -> list[Field]:
    """What a person fills in; names that are looked up by the agent aside."""
    return [
        _field(name, info)
        for name, info in form.model_fields.items()
        if not name.endswith(NAMED) and name != "mail"
    ]


def _field(name: str, info: FieldInfo) -> Field:
    wanted = _plain(info.annotation)
    choices = get_args(wanted) if get_origin(wanted) is Literal else ()
    return Field(
        name, _label(name), _control(name, wanted), info.is_required(), tuple(map(_choice, choices))
    )


def _choice(value: str) -> Choice:
    return Choice(
        value, words.CHOICES[value] if value in words.CHOICES else value.replace("_", " ")
    )


def _label(name: str) -> Message | str:
    """What people call a field; its own name where it is not ours."""
    return words.FIELDS[name] if name in words.FIELDS else name.replace("_", " ").capitalize()


def _control(name: str, wanted: Any) -> Control:
    if get_origin(wanted) is Literal:
        return "choice"
    if get_origin(wanted) is tuple:
        return "list"
    controls: dict[Any, Control] = {
        int: "number",
        Decimal: "number",
        float: "number",
        date: "date",
        datetime: "moment",
        bool: "tick",
    }
    return controls.get(wanted, "words" if name == "comment" else "text")


def _plain(annotation: Any) -> Any:
    """The type behind ``X | None`` and ``Annotated[X, …]``."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [one for one in get_args(annotation) if one is not type(None)]
        return _plain(kinds[0]) if len(kinds) == 1 else str
    aware = getattr(annotation, "__name__", "") == "AwareDatetime"
    return datetime if aware else annotation


def sent(form: type[Form], given: Mapping[str, str], timezone: str) -> dict[str, Any]:
    """Values by field, of what was typed; what was left empty is left out.

    Raises InvalidInput naming a field that the form doesn't have.
    """
    known = {one.name: one for one in fields_of(form)}
    for name in given:
        if name not in known:
            raise InvalidInput("there is no such field", field=name)
    return dict(_values(form, known, given, timezone))


def _values(
    form: type[Form], known: Mapping[str, Field], given: Mapping[str, str], timezone: str
) -> Iterator[tuple[str, Any]]:
    for name, text in given.items():
        typed = text.strip()
        if not typed:
            continue
        control = known[name].control
        if control == "list":
            yield name, [part.strip() for part in typed.split(",") if part.strip()]
        elif control == "number":
            yield name, typed.replace(" ", "").replace("\u202f", "").replace(",", ".")
        elif control == "moment" and _aware(form, name):
            yield name, _moment(typed, name).replace(tzinfo=ZoneInfo(timezone)).isoformat()
        else:
            yield name, typed


def _aware(form: type[Form], name: str) -> bool:
    """Does the form want the zone too, or the time as the company's clocks show it?"""
    return _plain_name(form.model_fields[name].annotation) == "AwareDatetime"


def _plain_name(annotation: Any) -> str:
    names = [getattr(one, "__name__", "") for one in (annotation, *get_args(annotation))]
    return "AwareDatetime" if "AwareDatetime" in names else ""


def _moment(text: str, name: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("write a day and a time", field=name) from error
