"""Three policies to begin with, in words that a manager understands.

*observer* writes nothing; *prudent* does by itself what binds nobody; *confiant* adds reminders that
can be stopped in time and small orders. Whatever no rule of them speaks about asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from regisseur.graphs.policy import Policy, Rule
from regisseur.tools.records import Message, Speaker
from regisseur.tools.texts import word

say = Speaker("regisseur.graphs")


@dataclass(frozen=True)
class Preset:
    """A policy before it is a company's: its rules get their names in the company's language."""

    name: str
    title: Message
    about: Message
    """What it means, in one sentence."""
    rules: tuple[tuple[Message, Mapping[str, Any]], ...]
    """Each rule's name and the rest of it."""
    auto_count: int = 50
    auto_amount: Decimal = Decimal(5000)

    def policy(self, locale: str) -> Policy:
        """As a company with this language would have it."""
        named = tuple(Rule(name=word(name, locale), **rest) for name, rest in self.rules)
        return Policy(rules=named, auto_count=self.auto_count, auto_amount=self.auto_amount)


_OBSERVER = ((say("look on only"), {"mode": "shadow"}),)

_PRUDENT = (
    (say("notes to sales"), {"kind": "tell_sales", "mode": "auto"}),
    (say("new dates, told to sales"), {"kind": "propose_new_date", "mode": "auto"}),
    (say("needed earlier, told to the buyer"), {"kind": "expedite_purchase", "mode": "auto"}),
    (say("calls to be made"), {"kind": "prepare_call", "mode": "auto"}),
    (say("draft orders"), {"kind": "change_draft_order", "mode": "auto"}),
)

_CONFIANT = (
    *_PRUDENT,
    (
        say("reminders, unless refused in time"),
        {"kind": "send_reminder", "mode": "veto", "veto_until": time(10)},
    ),
    (say("small orders"), {"kind": "place_purchase_order", "mode": "auto", "up_to": Decimal(500)}),
)

PRESETS: Mapping[str, Preset] = {
    one.name: one
    for one in (
        Preset(
            "observer",
            say("Observer"),
            say("Nothing is written anywhere: you see what would have been proposed."),
            _OBSERVER,
        ),
        Preset(
            "prudent",
            say("Prudent"),
            say(
                "Internal notes, calls to be made and draft orders are done by themselves; "
                "everything else asks you."
            ),
            _PRUDENT,
        ),
        Preset(
            "confiant",
            say("Confident"),
            say(
                "As prudent, and reminders go out at 10 o'clock unless somebody refuses them, and "
                "orders of up to 500 are placed; everything else asks you."
            ),
            _CONFIANT,
        ),
    )
}
"""By name, from the one that trusts least. ``prudent`` is what a new company begins with."""
