"""What was told to other programs, for those who look after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from regisseur.office.core import Core
from regisseur.storage import hooks
from regisseur.storage.house_tables import DeliveryRow


@dataclass(frozen=True)
class Delivery:
    """A message to another program."""

    id: str
    hook: str
    event: str
    action: str | None
    state: str
    """``waiting``, ``taken`` or ``given_up``."""
    attempts: int
    next_at: datetime
    """When it is tried next, if it waits."""
    error: str | None
    """Why it wasn't taken the last time."""
    answered_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: DeliveryRow) -> Delivery:
        """From the row."""
        return cls(
            id=row.id,
            hook=row.hook,
            event=row.event,
            action=row.action_id,
            state=row.state,
            attempts=row.attempts,
            next_at=row.next_at,
            error=row.error,
            answered_at=row.answered_at,
            created_at=row.created_at,
        )


async def deliveries(
    core: Core,
    company: str,
    *,
    states: Sequence[str] = ("waiting", "given_up"),
    limit: int = 100,
) -> list[Delivery]:
    """Messages of a company in these states, newest first."""
    desk = core.house.desk(company)
    rows = await core.house.database.in_read(hooks.listed, desk.company.id, states, limit)
    return [Delivery.of(row) for row in rows]


async def send_again(core: Core, delivery: str, *, company: str) -> Delivery:
    """Have a message that was given up tried again, from the next round on; raises NotFound."""
    desk = core.house.desk(company)
    row = await core.house.database.in_write(hooks.try_again, desk.company.id, delivery, desk.now())
    return Delivery.of(row)
