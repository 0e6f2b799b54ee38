"""From the audit chain to messages: what of it is told, and in which words.

A message holds no secret, no arguments and no text of an ERP beyond what a person reads in a list:
whoever needs more asks the API with a token of its own.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from regisseur.graphs.desk import Desk
from regisseur.graphs.stalled import Stalled
from regisseur.office.hook_settings import EventName, HookSettings
from regisseur.office.hooks.signing import digest_of, response_token
from regisseur.storage import ledger
from regisseur.storage.house_tables import DeliveryRow
from regisseur.storage.tables import (
    ActionRow,
    AuditPersonRow,
    AuditRow,
    JsonObject,
    MissionRow,
    RevisionRow,
)
from regisseur.tools.records import Message
from regisseur.tools.texts import word

FORMAT = "regisseur.event/1"
"""Raised when a receiver written for the form before would misread this one."""

OF_ACTIONS: dict[str, EventName] = {
    "proposed": "action.proposed",
    "revised": "action.proposed",
    "approved": "action.decided",
    "approved in part": "action.decided",
    "rejected": "action.decided",
    "snoozed": "action.decided",
    "reassigned": "action.decided",
    "done": "action.done",
    "failed": "action.failed",
    "unknown": "action.unknown",
    "expired": "action.closed",
    "withdrawn": "action.closed",
    "superseded": "action.closed",
}
OF_MISSIONS = ("waiting", "closed", "failed")
"""A mission's report is ready when it first waits, or ends without having waited."""


def message_of(
    session: Session, desk: Desk, hook: HookSettings, link: AuditRow, site: str
) -> DeliveryRow | None:
    """What a hook is told of one link of the chain; ``None`` where it isn't told of it.

    ``site`` is the address of our pages.
    """
    if link.event == "alarm":
        return _message(session, desk, hook, link, ("alarm", {"alarm": link.detail}))
    if link.event in OF_ACTIONS and (row := session.get(ActionRow, link.subject)) is not None:
        given_back = link.event == "approved" and link.actor.startswith("worker:")
        name = OF_ACTIONS[link.event]
        if given_back or name not in hook.events:
            return None
        about = _about_action(session, desk, row, link, site)
        delivery = _message(session, desk, hook, link, (name, about))
        return delivery and _answerable(delivery, hook, row, link)
    if link.event in OF_MISSIONS and (run := session.get(MissionRow, link.subject)) is not None:
        if not _is_first(session, link):
            return None
        return _message(
            session, desk, hook, link, ("report.ready", _about_mission(run, link, site))
        )
    return None


def alarm_of(desk: Desk, hook: HookSettings, stalled: Stalled, now: datetime) -> DeliveryRow | None:
    """What a hook is told of a worker that lives and doesn't come to an end: once for each."""
    if "alarm" not in hook.events:
        return None
    since = stalled.since.astimezone(UTC).isoformat()
    told = word(stalled.announced(desk.company.timezone), desk.company.locale)
    identity = _identity(hook, "alarm", f"{stalled.id} {since}")
    about = {"alarm": {"action": stalled.id, "message": told}}
    body = _body(desk, identity, ("alarm", about), now, by="office", sequence=None)
    return _row(desk, hook, identity, "alarm", body, now)


def _message(
    session: Session,
    desk: Desk,
    hook: HookSettings,
    link: AuditRow,
    told: tuple[EventName, JsonObject],
) -> DeliveryRow | None:
    name, _ = told
    if name not in hook.events:
        return None
    identity = _identity(hook, name, link.digest, link.sequence)
    by = _who(session, link)
    body = _body(desk, identity, told, link.at, by=by, sequence=link.sequence)
    return _row(desk, hook, identity, name, body, link.at)


def _identity(hook: HookSettings, event: str, what: str, sequence: int = 0) -> str:
    """The same for the same event however often it is worked out, and sorted as things happened."""
    digest = hashlib.sha256(f"{hook.name} {event} {what}".encode()).hexdigest()
    return f"{sequence:08x}{digest[:24]}"


def _body(
    desk: Desk,
    identity: str,
    told: tuple[EventName, JsonObject],
    at: datetime,
    *,
    by: str,
    sequence: int | None,
) -> JsonObject:
    name, about = told
    return {
        "format": FORMAT,
        "id": identity,
        "event": name,
        "company": desk.company.id,
        "at": at.astimezone(UTC).isoformat(),
        "by": by,
        "sequence": sequence,
        **about,
    }


def _row(
    desk: Desk, hook: HookSettings, identity: str, event: str, body: JsonObject, at: datetime
) -> DeliveryRow:
    return DeliveryRow(
        id=identity,
        company_id=desk.company.id,
        hook=hook.name,
        event=event,
        revision=0,
        body=body,
        state="waiting",
        attempts=0,
        next_at=at,
        created_at=at,
    )


def _answerable(
    delivery: DeliveryRow, hook: HookSettings, row: ActionRow, link: AuditRow
) -> DeliveryRow:
    """With the digest of what answers it, where there is something to answer and somebody for whom."""
    delivery.action_id, delivery.revision = row.id, link.detail["revision"]
    asked = row.status == "proposed" and row.mode in ("ask", "veto")
    current = row.revision == delivery.revision
    if delivery.event == "action.proposed" and asked and current and hook.answers_as:
        token = response_token(hook.secret.get_secret_value(), delivery.id)
        delivery.response_digest = digest_of(token)
    return delivery


def _about_action(
    session: Session, desk: Desk, row: ActionRow, link: AuditRow, site: str
) -> JsonObject:
    """The action as it stood at that moment, in the company's language."""
    revision = session.get_one(RevisionRow, (row.id, link.detail["revision"]))
    shown, same = revision.presented, revision.revision == row.revision
    amount = row.amount if same else None
    about: JsonObject = {
        "id": row.id,
        "agent": row.agent,
        "kind": row.kind,
        "revision": revision.revision,
        "seen": revision.seen_hash,
        "mode": row.mode,
        "rule": row.rule,
        "summary": word(Message.model_validate(shown["summary"]), desk.company.locale),
        "reason": word(Message.model_validate(shown["reason"]), desk.company.locale),
        "amount": None if amount is None else {"amount": str(amount), "currency": row.currency},
        "decide_by": shown.get("decide_by"),
        "url": f"{site}/{row.company_id}/actions/{row.id}",
    }
    happened: JsonObject = {"what": link.event, "reason": link.detail.get("reason")}
    if link.event in ("done", "failed", "unknown"):
        effect = ledger.effect_of(session, row.id)
        happened |= {
            "reference": effect.reference if effect else None,
            "error": effect.error if effect else None,
        }
    return {"action": about, "happened": happened}


def _about_mission(run: MissionRow, link: AuditRow, site: str) -> JsonObject:
    return {
        "mission": {
            "id": run.id,
            "agent": run.agent,
            "on": run.on_date.isoformat(),
            "status": link.event,
            "url": f"{site}/{run.company_id}/missions/{run.id}",
        }
    }


def _is_first(session: Session, link: AuditRow) -> bool:
    """Was the mission's report not ready before this link?"""
    query = select(AuditRow.sequence).where(
        AuditRow.company_id == link.company_id,
        AuditRow.subject == link.subject,
        AuditRow.event.in_(OF_MISSIONS),
        AuditRow.sequence < link.sequence,
    )
    return session.scalars(query.limit(1)).one_or_none() is None


def _who(session: Session, link: AuditRow) -> str:
    """A process of ours as it is called, a person by name; who was erased stays a digest."""
    digest = link.actor.removeprefix("person:")
    person: Any = session.get(AuditPersonRow, (link.company_id, digest))
    return link.actor if person is None else str(person.value)
