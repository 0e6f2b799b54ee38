"""The alarm about a worker that lives, holds an action, and doesn't come to an end with it.

Nobody takes from it what it carries out (design, law 4): only a person can tell whether it is slow
or frozen. Until they end it, it may also hold the lock of its ERP, and nothing else is written there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from regisseur.graphs.desk import Desk
from regisseur.storage import ledger
from regisseur.storage.locks import Fate, Owner
from regisseur.storage.tables import ActionRow
from regisseur.tools.records import Day, Message, Speaker

say = Speaker("regisseur.graphs")

TOO_LONG = timedelta(minutes=15)
"""How long carrying out one action may take before a person is told. It takes seconds, and some
minutes where the ERP hardly answers."""


@dataclass(frozen=True)
class Stalled:
    """An action that a living process has been carrying out for too long."""

    id: str
    """Of the action."""
    summary: Message
    machine: str
    process: int
    """Its number on that machine."""
    since: datetime

    def told(self, timezone: str) -> Message:
        """What a person should do about it, with the hour on the clocks of a time zone."""
        local = self.since.astimezone(ZoneInfo(timezone))
        return say(
            "Process {process} on {machine} has been carrying this out since {hour} on {day}. "
            "If it no longer works, end it: this is then taken over at once.",
            process=str(self.process),
            machine=self.machine,
            hour=f"{local:%H:%M}",
            day=Day(date=local.date()),
        )

    def announced(self, timezone: str) -> Message:
        """The same for a place where the action itself isn't shown."""
        return say("{action}: {alarm}", action=self.summary, alarm=self.told(timezone))


def stalled(desk: Desk, row: ActionRow) -> Stalled | None:
    """The alarm about one action, ``None`` if there is no reason for it. Blocks."""
    overdue = row.status == "performing" and row.updated_at <= desk.now() - TOO_LONG
    if not overdue or row.performer is None:
        return None
    owner = Owner.parse(row.performer)
    with desk.locks.fate_of(owner) as fate:
        works = fate is Fate.ALIVE and (row.performer != desk.owner or row.id in desk.running)
    if not works:
        return None  # whoever sweeps next takes it over
    summary = Message.model_validate(row.presented["summary"])
    return Stalled(row.id, summary, owner.machine, owner.pid, row.updated_at)


def all_stalled(desk: Desk) -> list[Stalled]:
    """Every alarm of the company, oldest first. Blocks."""
    with desk.database.read() as session:
        rows = ledger.performing_since(session, desk.company.id, desk.now() - TOO_LONG)
    return [one for one in (stalled(desk, row) for row in rows) if one is not None]
