"""Where a new rule belongs among those that are tried one after the other."""

from __future__ import annotations

from regisseur.graphs.policy import Policy, Rule

_CONDITIONS = ("agent", "kind", "counterparty", "up_to", "above")


def placed(policy: Policy, rule: Rule, *, before: str) -> Policy:
    """The policy with a rule put just before the one of that name, so that all exceptions which are
    tried earlier still win; at the end where there is none. A rule on the very same conditions
    gives way to it.
    """
    names = [one.name for one in policy.rules]
    at = names.index(before) if before in names else len(names)
    rest = policy.rules[at:]
    if rest and all(getattr(rest[0], one) == getattr(rule, one) for one in _CONDITIONS):
        rest = rest[1:]
    return policy.model_copy(update={"rules": (*policy.rules[:at], rule, *rest)})


def unique_name(policy: Policy, wanted: str) -> str:
    """The name, with a number after it where another rule has it."""
    names = {one.name for one in policy.rules}
    numbered = (f"{wanted} ({number})" for number in range(2, len(names) + 2))
    return wanted if wanted not in names else next(one for one in numbered if one not in names)
