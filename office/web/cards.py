"""What an action's card shows beside the action itself, and the forms it offers this visitor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from regisseur.errors import InvalidInput
from regisseur.office import people
from regisseur.office.inbox import Waiting
from regisseur.office.web import editing
from regisseur.office.web.differences import Change, changes
from regisseur.office.web.outcomes import Told
from regisseur.office.web.pages import Visit
from regisseur.tools.records import Message

MORNING = time(6)
"""When what was put off comes back, by the company's clocks."""


@dataclass(frozen=True)
class Card:
    """An action as it is put before a visitor."""

    waiting: Waiting
    decidable: bool
    """May this visitor decide on it, as it stands?"""
    editable: bool
    deciders: tuple[str, ...]
    """Names of those who may."""
    agent: Message | str
    changes: tuple[Change, ...] = ()
    """What would differ afterwards."""
    note: Told | None = None
    """What has just become of it."""
    form: tuple[editing.Group, ...] = ()
    """The form to edit it, where that was asked for."""
    wrong: tuple[str, str] | None = None
    """The field of the form that can't be used, and why."""

    @property
    def wrong_elsewhere(self) -> bool:
        """Is what can't be used none of the fields, so that it has to be told beside them?"""
        paths = {field.path for group in self.form for field in group.fields}
        return self.wrong is not None and self.wrong[0] not in paths


@dataclass(frozen=True)
class Desk:
    """Makes the cards of one visit."""

    visit: Visit
    names: Mapping[str, str]
    """Of the company's members, by their ids."""

    @classmethod
    async def of(cls, visit: Visit) -> Desk:
        """Asks for the names once."""
        members = await visit.do(people.members, visit.here.id)
        return cls(visit, {one.person.id: one.person.name for one in members})

    def card(
        self,
        one: Waiting,
        *,
        note: Told | None = None,
        form: Iterable[editing.Group] = (),
        wrong: tuple[str, str] | None = None,
    ) -> Card:
        """One card."""
        house, action = self.visit.office.opened.core.house, one.action
        desk = house.desk(action.company)
        kind = desk.kinds.get(action.kind)
        open_to_them = action.status == "proposed" and one.is_for(self.visit.someone.person.id)
        return Card(
            waiting=one,
            decidable=open_to_them and self.visit.may("decide"),
            editable=kind is not None and bool(kind.editable) and action.mode != "shadow",
            deciders=tuple(self.names.get(name, name) for name in one.deciders or ()),
            agent=desk.titles.get(action.agent, action.agent),
            changes=tuple(changes(action.arguments)),
            note=note,
            form=tuple(form),
            wrong=wrong,
        )


def morning_of(day: date, timezone: str) -> datetime:
    """When what was put off to a day comes back."""
    return datetime.combine(day, MORNING, tzinfo=ZoneInfo(timezone))


def day_chosen(chosen: str, typed: str, today: date) -> date:
    """Until when: ``tomorrow``, ``monday``, or the day that was typed; raises InvalidInput."""
    if chosen == "tomorrow":
        return today + timedelta(days=1)
    if chosen == "monday":
        return today + timedelta(days=7 - today.weekday())
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise InvalidInput("choose a day", field="until") from error
