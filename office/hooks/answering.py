"""Answering: a receiver decides with the token of one message, once, for the person it answers for."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, Literal

from regisseur.errors import InvalidInput, NotAllowed, NotDecidable
from regisseur.office.core import Core
from regisseur.office.hook_settings import HookSettings
from regisseur.office.hooks.signing import digest_of
from regisseur.office.views import Outcome
from regisseur.storage import hooks
from regisseur.storage.house_tables import DeliveryRow
from regisseur.storage.ledger import Who

Answered = Literal["approve", "edit", "reject"]


class WrongToken(NotAllowed):
    """Nothing is answered by this token: it is wrong, or its hook may no longer answer."""


class AnsweredBefore(NotDecidable):
    """The token was used: the first answer counts."""


async def answer(
    core: Core,
    delivery_id: str,
    token: str,
    verdict: Answered,
    *,
    arguments: Mapping[str, Any] | None = None,
    reason: str | None = None,
    comment: str | None = None,
) -> Outcome:
    """Decide on exactly what a message told of, through the door that all decisions take.

    Raises WrongToken, AnsweredBefore, and what ``Core.decide`` raises. A refusal that decides
    nothing (a missing reason, a right that is missing) leaves the token as it was.
    """
    row = await core.house.database.in_read(hooks.find, delivery_id)
    hook = None if row is None else _hook(core, row)
    if row is None or hook is None or not _fits(row, token):
        raise WrongToken("there is nothing to answer with this token")
    now = core.house.clock()
    if not await core.house.database.in_write(hooks.answer_once, row.id, now):
        raise AnsweredBefore(f"{row.action_id} was answered with this token before")
    try:
        return await core.decide(
            str(row.action_id),
            verdict,
            by=Who(str(hook.answers_as), person=True, asserted=False),
            revision=row.revision,
            seen=row.body["action"]["seen"],
            arguments=arguments,
            reason=reason,
            comment=comment,
            company=row.company_id,
        )
    except (InvalidInput, NotAllowed):
        await core.house.database.in_write(hooks.not_answered, row.id)
        raise


def _hook(core: Core, row: DeliveryRow) -> HookSettings | None:
    """The hook that a message went to, if it still is one and may answer."""
    for company in core.house.settings.all():
        for one in company.hooks:
            if (company.id, one.name) == (row.company_id, row.hook) and one.answers_as:
                return one
    return None


def _fits(row: DeliveryRow, token: str) -> bool:
    return row.response_digest is not None and hmac.compare_digest(
        digest_of(token), row.response_digest
    )
