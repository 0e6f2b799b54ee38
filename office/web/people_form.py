"""What is typed about somebody's membership."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import get_args

from pydantic import ValidationError
from starlette.datastructures import FormData

from regisseur.errors import InvalidInput
from regisseur.graphs.authority import Limit, Role

MOST = 50


def roles_of(form: FormData) -> list[Role]:
    """The roles that were ticked; raises InvalidInput for one that there isn't."""
    told: list[Role] = []
    for name in form.getlist("roles"):
        role = next((one for one in get_args(Role) if one == name), None)
        if role is None:
            raise InvalidInput(f"choose among {', '.join(get_args(Role))}", field="roles")
        told.append(role)
    return told


def limits_of(form: FormData) -> list[Limit]:
    """The limits that were typed; an empty one that was not there before is none."""
    return list(_limits(form))


def _limits(form: FormData) -> Iterable[Limit]:
    for number in range(1, MOST + 1):
        start = f"limit-{number}-"
        if f"{start}up_to" not in form:
            return
        typed = {
            "up_to": str(form.get(f"{start}up_to", "")).strip() or None,
            "kinds": tuple(str(one) for one in form.getlist(f"{start}kinds")),
            "agents": tuple(str(one) for one in form.getlist(f"{start}agents")),
        }
        if form.get(f"{start}remove") == "yes" or not any(typed.values()):
            continue
        try:
            yield Limit.model_validate(typed)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InvalidInput(first["msg"], field=f"limit {number}") from None


def day_of(form: Mapping[str, object], name: str) -> date | None:
    """A day, or none; raises InvalidInput for what is no day."""
    text = str(form.get(name, "") or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("write a date", field=name) from error


def text_of(form: Mapping[str, object], name: str) -> str | None:
    """What was typed, or ``None`` where nothing was."""
    return str(form.get(name, "") or "").strip() or None
