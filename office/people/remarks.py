"""Questions about actions, and answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotFound
from regisseur.graphs.authority import require
from regisseur.office.core import Actor, Core, who_is
from regisseur.office.people.views import Remark
from regisseur.storage import ledger, people
from regisseur.storage.house_tables import RemarkRow

LONGEST = 2000
"""Characters of a remark."""


async def ask(
    core: Core, action: str, text: str, *, by: Actor, company: str | None = None
) -> Remark:
    """Ask something about an action; it changes nothing else. Needs the right ``tell``.

    Raises NotFound, NotAllowed, InvalidInput for an empty or endless text.
    """
    chosen = None if company is None else core.house.desk(company).company.id
    row = await core.house.database.in_write(
        _asked, action, chosen, _fit(text), who_is(by), core.house.clock()
    )
    return Remark.of(row)


async def answer(
    core: Core, remark: str, text: str, *, by: Actor, company: str | None = None
) -> Remark:
    """Answer a question, by its id. Needs the right ``tell``. Raises as ``ask``."""
    chosen = None if company is None else core.house.desk(company).company.id
    row = await core.house.database.in_write(
        _answered, remark, chosen, _fit(text), who_is(by), core.house.clock()
    )
    return Remark.of(row)


async def remarks(core: Core, action: str, *, company: str | None = None) -> list[Remark]:
    """All that was asked about an action and answered, oldest first."""
    chosen = None if company is None else core.house.desk(company).company.id
    return [Remark.of(row) for row in await core.house.database.in_read(_on, action, chosen)]


def _fit(text: str) -> str:
    if not 0 < len(text.strip()) <= LONGEST:
        raise InvalidInput(f"write 1 to {LONGEST} characters", field="text")
    return text.strip()


def _asked(
    session: Session, action_id: str, company: str | None, text: str, who: ledger.Who, now: datetime
) -> RemarkRow:
    row = ledger.get(session, action_id)
    if company not in (None, row.company_id):
        raise NotFound(f"there is no action {action_id} in company {company}")
    require(session, row.company_id, who, "tell")
    return people.add_remark(session, row, text, None, who, now)


def _answered(
    session: Session, remark_id: str, company: str | None, text: str, who: ledger.Who, now: datetime
) -> RemarkRow:
    asked = people.remark(session, remark_id)
    if company not in (None, asked.company_id):
        raise NotFound(f"there is no question {remark_id} in company {company}")
    if asked.answers is not None:
        raise InvalidInput("that is an answer itself; answer the question", field="remark")
    require(session, asked.company_id, who, "tell")
    row = ledger.get(session, asked.action_id)
    return people.add_remark(session, row, text, asked.id, who, now)


def _on(session: Session, action_id: str, company: str | None) -> list[RemarkRow]:
    if company not in (None, ledger.get(session, action_id).company_id):
        raise NotFound(f"there is no action {action_id} in company {company}")
    return people.remarks_on(session, action_id)
