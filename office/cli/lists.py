"""One action in a list: what it is and why, until when, and what waiting costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from regisseur.office.cli import labels, paper
from regisseur.office.cli.voice import Voice
from regisseur.office.reports.labels import STATUSES
from regisseur.office.views import Action
from regisseur.tools.records import Message, Money

LEAST = 8
"""Characters of an id that are shown; fewer can't be told apart in a few years' actions."""


def entry(voice: Voice, action: Action) -> tuple[str, RenderableType, str]:
    """Its name for the next command, its body, its deadline."""
    mark = f"{action.id[:LEAST]}@{action.revision}"
    parts: list[RenderableType] = [
        Text(voice(action.summary), style="bold"),
        Text(voice(action.reason)),
    ]
    for change in action.line.changed:
        told = f"{voice(change.name)}: {voice(change.was)} → {voice(change.now)}"
        parts.append(Text(told, style="yellow"))
    if action.line.to_check is not None:
        parts.append(Text(voice(action.line.to_check), style="yellow"))
    if about := " · ".join(_about(voice, action)):
        parts.append(paper.aside(about))
    return mark, paper.stack(*parts), voice.near(action.decide_by)


def _about(voice: Voice, action: Action) -> Iterable[str]:
    if action.status != "proposed":
        yield voice(STATUSES.get(action.status, action.status))
    if action.line.veto_until:
        yield voice(labels.unless_refused(voice.moment(action.line.veto_until)))
    if action.amount is not None:
        yield voice(action.amount)
    if action.cost_of_waiting is not None:
        yield voice(labels.costs(voice(action.cost_of_waiting)))
    if action.assignee is not None:
        yield f"{voice(labels.ASSIGNEE)} {voice(action.assignee)}"


def total(voice: Voice, actions: Sequence[Action]) -> Message:
    """How many there are, and what they come to in each currency."""
    sums: dict[str, Money] = {}
    for amount in (one.amount for one in actions if one.amount is not None):
        known = sums.get(amount.currency)
        sums[amount.currency] = amount if known is None else known + amount
    if not sums:
        return labels.waiting(len(actions))
    return labels.at_stake(len(actions), " + ".join(map(voice, sums.values())))
