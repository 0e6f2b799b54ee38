"""The form in which a policy is changed: each rule a group of fields, two empty ones at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from regisseur.errors import InvalidInput
from regisseur.graphs.policy import Policy, Rule

TEXTS = (
    "name",
    "mode",
    "agent",
    "kind",
    "counterparty",
    "above",
    "up_to",
    "veto_until",
    "quorum",
    "answer_within",
    "at_expiry",
)
BLANK = 2
MOST = 200


@dataclass(frozen=True)
class RuleFields:
    """One rule as it is typed."""

    number: int
    place: str
    four_eyes: bool
    typed: Mapping[str, str]
    new: bool = False


@dataclass(frozen=True)
class PolicyFields:
    """The whole form."""

    rules: tuple[RuleFields, ...]
    auto_count: str
    auto_amount: str
    cause: str = ""


def fields_of(policy: Policy) -> PolicyFields:
    """The form filled with what is in force."""
    told = [_fields(number, rule) for number, rule in enumerate(policy.rules, start=1)]
    return PolicyFields(
        (*told, *_blank(len(told))), str(policy.auto_count), f"{policy.auto_amount:f}"
    )


def _fields(number: int, rule: Rule) -> RuleFields:
    plain = rule.model_dump(mode="json", exclude_none=True)
    typed = {name: str(plain[name]) for name in TEXTS if name in plain}
    if rule.veto_until is not None:
        typed["veto_until"] = rule.veto_until.strftime("%H:%M")
    return RuleFields(number, str(number), rule.four_eyes, typed)


def _blank(after: int) -> Iterable[RuleFields]:
    return (
        RuleFields(after + one, str(after + one), False, {}, new=True)
        for one in range(1, BLANK + 1)
    )


def fields_again(form: Mapping[str, Any]) -> PolicyFields:
    """The form as it was sent, to be corrected."""
    return PolicyFields(
        tuple(_sent(form)),
        str(form.get("auto_count", "")),
        str(form.get("auto_amount", "")),
        str(form.get("cause", "")),
    )


def _sent(form: Mapping[str, Any]) -> Iterable[RuleFields]:
    for number in range(1, MOST + 1):
        start = f"rule-{number}-"
        if f"{start}name" not in form:
            return
        yield RuleFields(
            number,
            str(form.get(f"{start}place", number)),
            form.get(f"{start}four_eyes") == "yes",
            {name: str(form.get(f"{start}{name}", "")).strip() for name in TEXTS},
            new=form.get(f"{start}new") == "yes",
        )


def policy_of(form: Mapping[str, Any]) -> Policy:
    """The policy that was typed; raises InvalidInput naming the rule and field that is wrong."""
    kept = [
        one
        for one in _sent(form)
        if one.typed["name"] and form.get(f"rule-{one.number}-remove") != "yes"
    ]
    ordered = sorted(kept, key=lambda one: (_place(one), one.number))
    rules = [{k: v for k, v in one.typed.items() if v} | _care(one) for one in ordered]
    whole: dict[str, Any] = {"rules": rules}
    whole |= {name: form.get(name) for name in ("auto_count", "auto_amount") if form.get(name)}
    try:
        return Policy.model_validate(whole)
    except ValidationError as error:
        raise _named(error, ordered) from None


def _care(one: RuleFields) -> dict[str, Any]:
    return {"four_eyes": True} if one.four_eyes else {}


def _place(one: RuleFields) -> float:
    try:
        return float(one.place.replace(",", "."))
    except ValueError as error:
        raise InvalidInput("write a number", field=f"{one.typed['name']}, place") from error


def _named(error: ValidationError, ordered: list[RuleFields]) -> InvalidInput:
    """The first fault, by the name of its rule."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = [str(part) for part in first["loc"]]
    if len(where) > 1 and where[0] == "rules":
        where = [ordered[int(where[1])].typed["name"], *where[2:]]
    return InvalidInput(first["msg"].removeprefix("Value error, "), field=", ".join(where) or None)
