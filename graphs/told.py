"""What people told an agent, in forms of its own: promises, disputes, pauses, what came of a call.

A form is a small typed model. What was entered stands until it is withdrawn; every night reads it
anew, and an action about the same party that was decided on before comes back to the inbox
(``performing`` looks for what was told since).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput
from regisseur.graphs.desk import Desk
from regisseur.storage import entries
from regisseur.storage.ledger import Who
from regisseur.storage.tables import ActionRow, EntryRow
from regisseur.tools.actions.base import Difference
from regisseur.tools.records import Day, Message, Record, Speaker

say = Speaker("regisseur.graphs")


class Form(BaseModel, ABC):
    """Parent of all forms; unknown names are refused.

    A field ``X_named`` is how people know what ``X`` names by its id: ``Agent.understand`` fills it
    in, readers see it in place of ``X``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    @abstractmethod
    def subject(self) -> str:
        """The party it is about, as the kinds of action name their counterparty; empty for all."""

    @classmethod
    def filled_in(cls, values: Mapping[str, Any]) -> Form:
        """A form from JSON; raises InvalidInput naming the first wrong field."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or cls.__name__
            raise InvalidInput(first["msg"].removeprefix("Value error, "), field=field) from error


class Told(Record):
    """One filled-in form, as an agent reads it: part of its observation."""

    id: str
    form: str
    subject: str
    body: dict[str, Any]
    by: str
    at: datetime


class Asked(Record):
    """Something that an agent would like to be told, in one of its forms."""

    form: str
    title: Message
    details: tuple[Message, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)
    """What of the form is known already; the rest is for a person to fill in."""
    urgent: bool = False
    """Without an answer something stands still."""


async def told(desk: Desk, agent: str) -> tuple[Told, ...]:
    """All that people told an agent of the company and did not withdraw, oldest first."""
    return await desk.database.in_read(_told, desk.company.id, agent)


def _told(session: Session, company_id: str, agent: str) -> tuple[Told, ...]:
    return tuple(
        Told(id=row.id, form=row.form, subject=row.subject, body=row.body, by=row.actor, at=row.at)
        for row in entries.standing(session, company_id, agent)
    )


async def note_once(desk: Desk, agent: str, form: str, filled: Form, mail: str, who: Who) -> None:
    """Keep what was read in a mail, unless that mail was ever kept in this form: an entry that
    people withdrew doesn't come back.
    """
    await desk.database.in_write(
        entries.add_once,
        desk.company.id,
        agent,
        form,
        filled.subject,
        filled.model_dump(mode="json"),
        ("mail", mail),
        who,
        desk.now(),
    )


async def told_since(desk: Desk, row: ActionRow) -> list[Difference]:
    """What somebody told the agent about an action's party after the action was worked out."""
    return [_news(desk, one) for one in await desk.database.in_read(entries.since, row)]


def _news(desk: Desk, entry: EntryRow) -> Difference:
    day = Day(date=desk.local_day(entry.at))
    told = say("{form}, {who}", form=entry.form, who=entry.actor)
    return Difference(name=say("told on {day}", day=day), was="", now=told)
