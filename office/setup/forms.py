"""Forms made from the settings that a plug-in declares."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from regisseur.office.setup import words
from regisseur.tools.records import Message

Control = Literal["text", "url", "password", "number", "date", "checkbox"]


@dataclass(frozen=True)
class Field:
    """One setting as a form asks for it."""

    name: str
    label: Message | str
    help: Message | str | None
    control: Control
    required: bool
    value: str = ""
    """What was typed before; of a secret never more than that there is one."""
    typed: bool = False
    """A secret was given before and is kept while the field is left empty."""

    @property
    def secret(self) -> bool:
        """Never sent back to the browser, never logged."""
        return self.control == "password"


def fields_of(model: type[BaseModel], given: Mapping[str, str]) -> list[Field]:
    """What an adapter wants to know, with what was typed so far; tables aside."""
    return [
        _field(name, info, given.get(name, ""))
        for name, info in model.model_fields.items()
        if not _is_table(info.annotation)
    ]


def _field(name: str, info: FieldInfo, typed: str) -> Field:
    control = _control(name, info)
    label, usual_help = words.SETTINGS.get(name, (name.replace("_", " ").capitalize(), None))
    return Field(
        name=name,
        label=label,
        help=usual_help or info.description,
        control=control,
        required=info.is_required(),
        value="" if control == "password" else typed,
        typed=control == "password" and bool(typed),
    )


def _control(name: str, info: FieldInfo) -> Control:
    wanted = _plain(info.annotation)
    if wanted is SecretStr:
        return "password"
    if wanted is bool:
        return "checkbox"
    if wanted in (int, float):
        return "number"
    if wanted is date:
        return "date"
    return "url" if name == "url" else "text"


def _plain(annotation: Any) -> Any:
    """The type behind ``X | None``."""
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [one for one in get_args(annotation) if one is not type(None)]
        return kinds[0] if len(kinds) == 1 else str
    return annotation


def _is_table(annotation: Any) -> bool:
    plain = _plain(annotation)
    return isinstance(plain, type) and issubclass(plain, BaseModel)


def filled(
    fields: list[Field], form: Mapping[str, str], before: Mapping[str, str]
) -> dict[str, str]:
    """What was typed, without what was left empty; a secret left empty is the one given before."""
    told: dict[str, str] = {}
    for one in fields:
        text = form.get(one.name, "")
        text = text if one.secret else text.strip()
        text = text or (before.get(one.name, "") if one.secret else "")
        if text:
            told[one.name] = text
    return told
