"""The commands about actions: ``inbox``, ``show``, ``decide``, ``resolve``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regisseur.errors import InvalidInput, RegisseurError
from regisseur.office.cli import codes, labels, machine, paper
from regisseur.office.cli.desk import author, opened, voice_of
from regisseur.office.cli.edits import edited
from regisseur.office.cli.lists import LEAST, entry, total
from regisseur.office.cli.sheet import sheet
from regisseur.office.cli.voice import Voice
from regisseur.office.faces import Office
from regisseur.office.reports.commands import telling
from regisseur.office.reports.labels import STATUSES
from regisseur.office.views import Outcome

APPROVING = ("approve", "edit")


@dataclass(frozen=True)
class Ref:
    """An action as it is typed: ``3f9c`` or, bound to the revision that was looked at, ``3f9c@2``."""

    id: str
    revision: int | None

    @classmethod
    def read(cls, office: Office, text: str, company: str | None) -> Ref:
        """Complete what was typed; raises NotFound or InvalidInput."""
        beginning, at, number = text.partition("@")
        if not beginning or (at and not number.isdigit()):
            raise InvalidInput(f"{text!r} is not of the form 3f9c or 3f9c@2", field="id")
        return cls(office.find(beginning, company=company), int(number) if at else None)


def inbox(given: Namespace) -> int:
    """List what waits, most urgent first."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        actions = office.inbox(company=given.company)
    if given.json:
        machine.put({"actions": actions})
    elif actions:
        paper.put(paper.entries([entry(voice, one) for one in actions]))
        paper.put(voice(total(voice, actions)), paper.aside(voice(labels.SEE_ONE)))
    else:
        paper.put(voice(labels.NOTHING_WAITS))
    return codes.NEEDS_PERSON if actions and given.exit_code else codes.FINE


def show(given: Namespace) -> int:
    """Everything about one action."""
    with opened(given) as office:
        ref = Ref.read(office, given.id, given.company)
        action = office.action(ref.id)
        history = office.history(ref.id)
        kind = office.opened.core.house.desk(action.company).kinds.get(action.kind)
        voice = voice_of(office, action.company)
    if given.json:
        machine.put({"action": action, "history": history})
    else:
        paper.put(*sheet(voice, action, history, kind))
    return codes.FINE


def decide(given: Namespace) -> int:
    """Decide on each action by itself; one that can't be decided keeps no other from it."""
    _fitting(given)
    with opened(given) as office:
        refs = [Ref.read(office, one, given.company) for one in dict.fromkeys(given.ids)]
        if len({ref.id for ref in refs}) < len(refs):
            raise InvalidInput("the same action is named twice", field="id")
        settled = [_decided(given, office, ref) for ref in refs]
        if given.json:
            machine.put({"outcomes": [one.document() for one in settled]})
        else:
            for one in settled:
                one.tell(office, given)
    if len(settled) == 1 and settled[0].error is not None and not given.json:
        raise settled[0].error
    return codes.worst(one.code(given.verdict) for one in settled)


def _fitting(given: Namespace) -> None:
    """Options that belong to another verdict are refused instead of being forgotten."""
    if given.changes and given.verdict == "approve":
        given.verdict = "edit"
    belonging = {
        "--set": ("edit", bool(given.changes)),
        "--until": ("snooze", given.until is not None),
        "--assignee": ("reassign", given.assignee is not None),
        "--reason": ("reject", given.reason is not None),
    }
    for option, (verdict, present) in belonging.items():
        if present and given.verdict != verdict:
            raise InvalidInput(f"goes with {verdict}, not with {given.verdict}", field=option)
        if not present and given.verdict == verdict:
            raise InvalidInput(f"{verdict} needs it", field=option)
    if len(given.ids) > 1 and given.verdict == "edit":
        raise InvalidInput("edit one action at a time", field="--set")


@dataclass(frozen=True)
class _Settled:
    """How deciding on one action ended."""

    id: str
    outcome: Outcome | None = None
    error: RegisseurError | None = None

    def document(self) -> Mapping[str, Any]:
        error = None if self.error is None else codes.described(self.error)
        if self.outcome is None:
            return {"id": self.id, "status": None, "action": None, "effect": None, "error": error}
        told: dict[str, Any] = machine.plain(self.outcome)
        return {"id": self.id, **told, "error": error}

    def code(self, verdict: str) -> int:
        if self.outcome is None:
            return codes.UNEXPECTED if self.error is None else codes.of_error(type(self.error))
        return codes.of_outcome(self.outcome.status, came_back=_came_back(verdict, self.outcome))

    def tell(self, office: Office, given: Namespace) -> None:
        if self.outcome is not None:
            voice = voice_of(office, self.outcome.action.company)
            tell_outcome(voice, self.outcome, verdict=given.verdict)
        elif len(given.ids) > 1:
            paper.put(paper.line((self.id[:LEAST], "cyan"), f"  {self.error}"))


def _decided(given: Namespace, office: Office, ref: Ref) -> _Settled:
    try:
        action = office.action(ref.id)
        until = given.until
        outcome = office.decide(
            action.id,
            given.verdict,
            by=author(given),
            arguments=edited(action.arguments, given.changes) if given.changes else None,
            reason=given.reason,
            comment=given.comment,
            until=None if until is None else voice_of(office, action.company).local(until),
            assignee=given.assignee,
            revision=action.revision if ref.revision is None else ref.revision,
        )
    except RegisseurError as error:
        return _Settled(ref.id, error=error)
    return _Settled(ref.id, outcome)


def _came_back(verdict: str, outcome: Outcome) -> bool:
    """Approved, and back in the inbox because the facts had changed."""
    return (
        verdict in APPROVING and outcome.status == "proposed" and bool(outcome.action.line.changed)
    )


def resolve(given: Namespace) -> int:
    """Settle an unknown outcome."""
    with opened(given) as office:
        ref = Ref.read(office, given.id, given.company)
        outcome = office.resolve(
            ref.id,
            given.outcome,
            by=author(given),
            reference=given.reference,
            comment=given.comment,
        )
        if given.json:
            machine.put({"outcomes": [_Settled(ref.id, outcome).document()]})
        else:
            tell_outcome(voice_of(office, outcome.action.company), outcome)
    return codes.FINE


def tell_outcome(voice: Voice, outcome: Outcome, *, verdict: str = "") -> None:
    """What became of it, by which verdict if by one, and what to look at where a person has to."""
    action = outcome.action
    paper.put(
        paper.line((f"{action.id[:LEAST]}  ", "cyan"), (voice(action.summary), "bold")),
        paper.indented(_became(voice, outcome, verdict)),
    )
    effect = outcome.effect
    error = effect.error if effect is not None and outcome.status in ("failed", "unknown") else None
    for more in (outcome.held_back, error, action.line.to_check):
        if more is not None:
            paper.put(paper.indented(voice(more)))
    if action.line.to_do is not None:
        paper.put(paper.indented(voice(action.line.to_do.what)))
        paper.put(paper.command(telling(action.line.to_do), indent=10))


def _became(voice: Voice, outcome: Outcome, verdict: str) -> str:
    action, effect = outcome.action, outcome.effect
    if verdict in APPROVING and outcome.status == "proposed":
        return voice(labels.CAME_BACK if _came_back(verdict, outcome) else labels.AGREED)
    if outcome.status == "queued":
        return voice(labels.QUEUED)
    if outcome.status == "done" and effect is not None and effect.reference:
        return voice(labels.done_as(effect.reference))
    if outcome.status == "proposed" and action.snoozed_until is not None:
        return voice(labels.put_off(voice.moment(action.snoozed_until)))
    if outcome.status == "proposed" and action.assignee is not None:
        return voice(labels.reassigned(action.assignee))
    return voice(STATUSES.get(outcome.status, outcome.status))
