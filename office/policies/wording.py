"""A policy in sentences, for those who have to approve it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from functools import reduce

from regisseur.graphs.policy import Policy, Rule
from regisseur.tools.records import Company, Message, Money, Speaker

say = Speaker("regisseur.office.policies")


def sentences(policy: Policy, company: Company) -> tuple[Message, ...]:
    """The rules in the order in which they are tried, then what no rule speaks about, then the
    night's caps.
    """
    return (
        *(sentence(rule, company) for rule in policy.rules),
        say("Whatever no rule speaks about asks a person."),
        say(
            "At most {n} actions and {amount} a night are done without asking.",
            n=policy.auto_count,
            amount=Money(amount=policy.auto_amount, currency=company.currency),
        ),
    )


def sentence(rule: Rule, company: Company) -> Message:
    """One rule, by its name."""
    return say(
        "{name}: {scope} – {course}",
        name=rule.name,
        scope=_joined(_scope(rule, company)),
        course=_joined(_course(rule)),
    )


def _joined(parts: Iterator[Message]) -> Message:
    return reduce(lambda one, other: say("{one}, {other}", one=one, other=other), parts)


def _scope(rule: Rule, company: Company) -> Iterator[Message]:
    kind = say("everything") if rule.kind is None else say("{kind}", kind=rule.kind)
    yield kind
    if rule.agent is not None:
        yield say("by {agent}", agent=rule.agent)
    if rule.counterparty is not None:
        yield say("with party {party}", party=rule.counterparty)
    if rule.above is not None:
        yield say("above {amount}", amount=Money(amount=rule.above, currency=company.currency))
    if rule.up_to is not None:
        yield say("up to {amount}", amount=Money(amount=rule.up_to, currency=company.currency))


def _course(rule: Rule) -> Iterator[Message]:
    yield _mode(rule)
    if rule.four_eyes:
        yield say("never by whoever asked for it or edited it")
    if rule.answer_within is not None:
        yield say.counted("within {count} hour", "within {count} hours", rule.answer_within)
        if rule.at_expiry == "hold":
            yield say("after which those above are asked too")
        else:
            yield say("after which it expires")


def _mode(rule: Rule) -> Message:
    if rule.mode == "shadow":
        return say("nothing is written")
    if rule.mode == "auto":
        return say("done, then told")
    if rule.mode == "veto":
        return say("done at {hour} unless refused", hour=hour(rule.veto_until))
    return say.counted("asks {count} person", "asks {count} people", rule.quorum)


def hour(at: time | None) -> str:
    """As it is written in the settings."""
    return "" if at is None else at.strftime("%H:%M")
