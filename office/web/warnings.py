"""What the pages on which a day begins tell first: no finished report, mails that didn't go out, a
policy that waits to be settled, and actions that nobody may decide on.
"""

from __future__ import annotations

from dataclasses import dataclass

from regisseur.office import nights, people, policies
from regisseur.office.web import labels
from regisseur.office.web.visits import Visit
from regisseur.tools.records import Message


@dataclass(frozen=True)
class Banner:
    """Something to be seen before anything else."""

    message: Message
    why: Message | None = None
    red: bool = False
    """The night has no finished report."""


async def warnings(visit: Visit) -> list[Banner]:
    """The alarm first, in red; then what else is to be known."""
    company = visit.here.id
    alarm = await visit.do(nights.alarm, company)
    others = [
        *await visit.do(nights.notices, company),
        *await visit.do(policies.notices, company),
    ]
    red = [] if alarm is None else [Banner(alarm.message, alarm.why, red=True)]
    return [*red, *map(Banner, others)]


async def unowned(visit: Visit) -> list[Banner]:
    """For administrators: how many actions wait that nobody may decide on."""
    if not visit.may("manage"):
        return []
    found = await visit.do(people.unowned_actions, visit.here.id)
    return [Banner(labels.unowned(len(found)))] if found else []
