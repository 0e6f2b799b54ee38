"""An action in full, as ``regisseur show`` prints it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase

from rich.console import RenderableType

from regisseur.graphs.policy import NO_RULE
from regisseur.office.cli import labels, paper
from regisseur.office.cli.edits import leaves
from regisseur.office.cli.lists import LEAST
from regisseur.office.cli.voice import Voice
from regisseur.office.history import Event
from regisseur.office.reports.commands import telling
from regisseur.office.reports.labels import MODES, STATUSES, TO_DO
from regisseur.office.views import Action
from regisseur.tools.actions.base import AnyKind, Fact


def sheet(
    voice: Voice, action: Action, history: Sequence[Event], kind: AnyKind | None
) -> Iterator[RenderableType]:
    """Everything that a decision may rest on, then how to decide."""
    yield paper.line((voice(action.summary), "bold"))
    yield paper.pairs(list(_about(voice, action)))
    yield paper.head(voice(labels.REASON))
    yield voice(action.reason)
    yield from _changed(voice, action)
    if action.details:
        yield paper.head(voice(labels.DETAILS))
        yield paper.bullets([voice(one) for one in action.details])
    yield from _foundations(voice, action)
    yield paper.head(voice(labels.HISTORY))
    yield _history(voice, history)
    yield from _ways(voice, action, kind)


def _about(voice: Voice, action: Action) -> Iterator[tuple[str, str]]:
    state = voice(STATUSES.get(action.status, action.status))
    yield (
        f"{action.id}@{action.revision}",
        f"{state} · {voice(MODES.get(action.mode, action.mode))}",
    )
    if action.amount is not None:
        yield voice(labels.AMOUNT), voice(action.amount)
    if action.decide_by is not None:
        yield voice(labels.DECIDE_BY), voice.day(action.decide_by)
    if action.cost_of_waiting is not None:
        yield voice(labels.WAITING), voice(action.cost_of_waiting)
    if action.assignee is not None:
        yield voice(labels.ASSIGNEE), voice(action.assignee)
    if action.snoozed_until is not None:
        yield voice(labels.ASLEEP), voice.moment(action.snoozed_until)
    if action.effect is not None and action.effect.reference:
        yield voice(labels.NUMBER), voice(action.effect.reference)
    if action.effect is not None and action.effect.error:
        yield voice(labels.PROBLEM), voice(action.effect.error)
    if action.line.to_check is not None:
        yield voice(labels.CHECK), voice(action.line.to_check)
    yield (
        voice(labels.RULE),
        voice(labels.NO_RULE_MATCHED if action.rule == NO_RULE else action.rule),
    )
    yield voice(labels.KEY), voice(action.key)


def _changed(voice: Voice, action: Action) -> Iterator[RenderableType]:
    if action.line.changed:
        yield paper.head(voice(labels.CHANGED))
        yield paper.table(
            [voice(one) for one in (labels.WHAT, labels.WAS, labels.IS)],
            [[voice(one.name), voice(one.was), voice(one.now)] for one in action.line.changed],
        )


def _foundations(voice: Voice, action: Action) -> Iterator[RenderableType]:
    if action.facts:
        yield paper.head(voice(labels.FACTS))
        yield paper.pairs([(_called(voice, one), voice(one.value)) for one in action.facts])
    if action.evidence:
        yield paper.head(voice(labels.EVIDENCE))
        records = [
            f"{voice(one.label) or voice(one.id)} ({voice(one.model)})"
            + (f" {voice(one.url)}" if one.url else "")
            for one in action.evidence
        ]
        yield paper.bullets(records)


def _called(voice: Voice, fact: Fact) -> str:
    """By its label; one without is called by its name, and the record that it is from."""
    if fact.label is not None:
        return voice(fact.label)
    name = fact.name.partition(":")[0].replace("_", " ")
    return " ".join(filter(None, (name, fact.source.label if fact.source else "")))


def _history(voice: Voice, history: Sequence[Event]) -> RenderableType:
    rows = []
    for one in history:
        said = " · ".join(voice(text) for text in (one.reason, one.comment) if text)
        rows.append(
            [
                voice.moment(one.at),
                voice(labels.EVENTS.get(one.what, one.what)),
                voice(one.by.partition("-")[0] if one.by.startswith("worker:") else one.by),
                said,
            ]
        )
    titles = (labels.WHEN, labels.WHAT, labels.WHO, labels.COMMENT)
    return paper.table([voice(one) for one in titles], rows)


def _ways(voice: Voice, action: Action, kind: AnyKind | None) -> Iterator[RenderableType]:
    """Commands to paste, bound to what was shown; then what an edit may touch."""
    name = f"{action.id[:LEAST]}@{action.revision}"
    if action.line.to_do is not None:
        yield paper.head(voice(TO_DO))
        yield voice(action.line.to_do.what)
        yield paper.command(telling(action.line.to_do))
    ways = {
        "proposed": (
            (labels.APPROVE, f"regisseur decide {name} approve"),
            (labels.REJECT, f"regisseur decide {name} reject --reason not_needed"),
            (labels.SNOOZE, f"regisseur decide {name} snooze --until {_week_after(action)}"),
        ),
        "unknown": (
            (labels.WAS_DONE, f"regisseur resolve {name} done"),
            (labels.NOT_DONE, f"regisseur resolve {name} not_done"),
        ),
    }.get(action.status)
    if ways is None:
        return
    if action.mode == "shadow":
        ways = ways[1:]
    editable = [] if action.status != "proposed" or kind is None else _editable(action, kind)
    if editable and action.mode != "shadow":
        path, value = editable[0]
        change = shlex.quote(f"{path}={value}")
        ways = (*ways, (labels.EDIT, f"regisseur decide {name} edit --set {change}"))
    yield paper.head(voice(labels.SETTLE))
    yield paper.pairs([(voice(way), command) for way, command in ways])
    if editable:
        yield paper.head(voice(labels.EDITABLE))
        yield paper.pairs(editable)


def _editable(action: Action, kind: AnyKind) -> list[tuple[str, str]]:
    return [
        (path, "" if value is None else str(value))
        for path, value in leaves(action.arguments)
        if any(fnmatchcase(path, pattern) for pattern in kind.editable)
    ]


def _week_after(action: Action) -> date:
    """A day to begin with; the reader puts in their own."""
    return action.updated_at.date() + timedelta(days=7)
