"""What a decision led to, in a sentence for whoever decided."""

from __future__ import annotations

from dataclasses import dataclass

from regisseur.office.people import Verdict
from regisseur.office.views import Outcome
from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.web")


@dataclass(frozen=True)
class Told:
    """A sentence, and how it is marked."""

    message: Message
    tone: str
    """``done``, ``waiting``, ``failed`` or ``unknown``."""
    settled: bool = True
    """Is it off the list of what waits?"""


def of_decision(outcome: Outcome, verdict: str, *, until: str = "", to: str = "") -> Told:
    """For one decision; ``until`` and ``to`` as people read them."""
    match outcome.status:
        case "done":
            return Told(_done(outcome), "done")
        case "failed":
            why = outcome.effect.error if outcome.effect and outcome.effect.error else "–"
            return Told(say("It failed: {why}", why=why), "failed")
        case "unknown":
            return Told(
                say("Nobody knows whether it was done: look, then say so."), "unknown", False
            )
        case "queued":
            return Told(_queued(outcome), "waiting")
        case "rejected":
            return Told(say("Rejected"), "done")
        case "proposed":
            return _still_waiting(outcome, verdict, until, to)
        case _:
            return Told(say("It is now: {status}", status=outcome.status), "waiting")


def _done(outcome: Outcome) -> Message:
    number = outcome.effect.reference if outcome.effect else None
    if number is None:
        return say("Approved and done")
    return say("Approved and done: {number}", number=number)


def _queued(outcome: Outcome) -> Message:
    if outcome.held_back:
        return say("Approved, not carried out yet: {why}", why=outcome.held_back)
    return say("Approved; it is carried out as soon as it can be")


def _still_waiting(outcome: Outcome, verdict: str, until: str, to: str) -> Told:
    if verdict == "snooze":
        return Told(say("Put off until {day}", day=until), "waiting")
    if verdict == "reassign":
        return Told(say("Given to {who}", who=to), "waiting", False)
    if verdict == "veto":
        return Told(say("Stopped: it waits for somebody to decide"), "waiting", False)
    if outcome.action.line.changed:
        changed = say("Not carried out: the facts have changed. Look at it again.")
        return Told(changed, "failed", False)
    return Told(say("Approved by you; somebody else has to approve it too"), "waiting")


def of_many(verdict: Verdict, chosen: str) -> Told:
    """For one of many decisions."""
    if verdict.outcome is not None:
        return of_decision(verdict.outcome, chosen)
    if verdict.state == "left_out":
        why: Message | str = verdict.message or verdict.why
        return Told(say("Left out, to be decided by itself: {why}", why=why), "waiting", False)
    known = REFUSALS.get(verdict.error or "")
    return Told(known or say("Refused: {why}", why=verdict.why), "failed", False)


REFUSALS = {
    "AlreadyDecided": say("Somebody was faster: it is decided already"),
    "ChangedSince": say("It has changed since you saw it: look at it again"),
    "NotAllowed": say("You may not decide on this one"),
    "NotFound": say("There is no such proposal any more"),
}


def resolved(outcome: Outcome) -> Told:
    """After somebody looked and said what had become of it."""
    done = outcome.status == "done"
    message = say("Settled: it was done") if done else say("Settled: it was not done")
    return Told(message, "done" if done else "waiting")


def about(summary: Message, told: Message) -> Message:
    """The same on a page that doesn't show the action."""
    return say("{what}: {told}", what=summary, told=told)
