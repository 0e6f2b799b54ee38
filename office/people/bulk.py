"""Deciding on many actions at once, each by its id, with a verdict for each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from regisseur.errors import InvalidInput, Misconfigured, RegisseurError
from regisseur.graphs.desk import Desk
from regisseur.office.core import Actor, Core, who_is
from regisseur.office.people.views import Choice, Verdict
from regisseur.storage import ledger
from regisseur.storage.errors import StorageError
from regisseur.storage.tables import ActionRow
from regisseur.tools.records import Message, Money, Speaker
from regisseur.tools.texts import word

say = Speaker("regisseur.office.people")

MOST = 500
"""Actions decided on at once."""
WEIGHTY = ("approve", "edit", "reject")
"""Verdicts that settle something; putting off and passing on don't."""


async def decide_many(
    core: Core, choices: Sequence[Choice], *, by: Actor, company: str
) -> list[Verdict]:
    """Decide on each action as its choice says; a verdict for each, in the same order.

    One that is refused stops no other. Approving, editing and rejecting is left out where much is
    at stake: more than the company's ``bulk_up_to``, an amount in another currency, a kind that
    always asks, or more than one person needed. These are for being looked at one by one.
    Raises InvalidInput for more than 500 at once, and for a ``by`` that is nobody.
    """
    who, desk = who_is(by), core.house.desk(company)
    if len(choices) > MOST:
        raise InvalidInput(f"decide on {MOST} at once at most", field="choices")
    most = next(one.bulk_up_to for one in core.house.settings.all() if one.id == desk.company.id)
    return [await _verdict(core, desk, one, who, most) for one in choices]


async def _verdict(
    core: Core, desk: Desk, choice: Choice, who: ledger.Who, most: Decimal
) -> Verdict:
    try:
        stake = await _high_stakes(core, desk, choice, most)
        if stake is not None:
            why = word(stake, desk.company.locale)
            return Verdict(choice.action, "left_out", why=why, message=stake)
        outcome = await core.decide(
            choice.action,
            choice.verdict,
            by=who,
            arguments=choice.arguments,
            reason=choice.reason,
            comment=choice.comment,
            until=choice.until,
            assignee=choice.assignee,
            revision=choice.revision,
            seen=choice.seen,
            company=desk.company.id,
        )
    except (RegisseurError, StorageError) as error:
        wrong = error.field if isinstance(error, InvalidInput) else None
        name = type(error).__name__
        return Verdict(choice.action, "refused", why=str(error), error=name, wrong=wrong)
    return Verdict(choice.action, "done", outcome=outcome)


async def _high_stakes(core: Core, desk: Desk, choice: Choice, most: Decimal) -> Message | None:
    """Why an action is not for being decided among many, if it isn't."""
    if choice.verdict not in WEIGHTY:
        return None
    row = await core.house.database.in_read(ledger.get, choice.action)
    if row.company_id != desk.company.id or row.status != "proposed":
        return None  # there is nothing at stake any more: the decision itself is refused
    return _alone(desk, row) or _too_much(desk, row, choice, most)


def _alone(desk: Desk, row: ActionRow) -> Message | None:
    kind = desk.kinds.get(row.kind)
    if kind is None or kind.always_asks:
        return say("Actions of this kind are decided one by one.")
    if row.quorum > 1:
        return say("It needs {n} people, so it is decided by itself.", n=row.quorum)
    return None


def _too_much(desk: Desk, row: ActionRow, choice: Choice, most: Decimal) -> Message | None:
    limit = Money(amount=most, currency=desk.company.currency)
    for amount in _amounts(desk, row, choice):
        if amount.currency != limit.currency:
            return say("{amount} is in another currency: look at it by itself.", amount=amount)
        if abs(amount.amount) > most:
            return say(
                "{amount} is at stake; above {limit} it is decided by itself.",
                amount=amount,
                limit=limit,
            )
    return None


def _amounts(desk: Desk, row: ActionRow, choice: Choice) -> list[Money]:
    """What is at stake, before and after an edit; an edit that is wrong is refused later."""
    found = []
    if row.amount is not None and row.currency is not None:
        found.append(Money(amount=row.amount, currency=row.currency))
    if choice.verdict == "edit" and choice.arguments is not None:
        try:
            kind = desk.kind(row.kind)
            edited = kind.amount(kind.parse({**row.arguments, **choice.arguments}))
        except (InvalidInput, Misconfigured):
            return found
        found += [edited] if edited is not None else []
    return found
