"""Words of the agents' page."""

from decimal import Decimal

from regisseur.office.web.words.common import say
from regisseur.tools.records import Message, Money, Percent

LEDE = say("What each agent has earned: how often people took what it proposed as it was.")
UNASKED, FAILED = say("Done unasked"), say("Failed or regretted")
NOTHING_DECIDED = say("Nothing was decided yet.")
KIND, AMOUNT, DECIDED = say("Kind of action"), say("Amount"), say("Decided")
AGREEMENT, DAYS = say("As proposed"), say("Days")
NO_AMOUNT = say("no amount")
BY_KIND = say("By kind and amount")
MINUTES = say("Time saved")
MISSIONS = say("Its missions")
NOT_ENABLED = say("does not run here")
STOP, GO = say("Stop it"), say("Let it go on")
STOP_ALL = say("Stop all agents")
STOP_HELP = say("Nothing more is written until somebody lets it go on.")
REASON = say("Why")
STOPPED, RELEASED = say("Stopped: nothing more is written."), say("It goes on.")
BRAKE = say("Brake")
WHY_REJECTED = say("Rejected because:")


def unedited(count: int) -> Message:
    """What people took as it was."""
    return say.counted("{count} approved as proposed", "{count} approved as proposed", count)


def unasked(count: int) -> Message:
    """What the policy let through."""
    return say.counted("{count} done unasked", "{count} done unasked", count)


def edited(count: int) -> Message:
    """What people changed first."""
    return say.counted("{count} edited", "{count} edited", count)


def rejected(count: int) -> Message:
    """What people refused."""
    return say.counted("{count} rejected", "{count} rejected", count)


def expired(count: int) -> Message:
    """What nobody answered in time."""
    return say.counted("{count} expired", "{count} expired", count)


def failed(count: int) -> Message:
    """What could not be carried out."""
    return say.counted("{count} failed", "{count} failed", count)


def regretted(count: int) -> Message:
    """What should not have been done."""
    return say.counted("{count} regretted", "{count} regretted", count)


def only_shown(count: int) -> Message:
    """What was proposed in shadow."""
    return say.counted("{count} only shown", "{count} only shown", count)


def since(day: str) -> Message:
    """From when on the record counts."""
    return say("Since {day}.", day=day)


def stopped_by(who: str, reason: str) -> Message:
    """That the brake is pulled."""
    return say("Stopped by {who}: {reason}", who=who, reason=reason)


def agreement(share: Decimal) -> Message:
    """The share of proposals that was taken as it was."""
    return say("{share} as proposed", share=Percent(value=share))


def share(part: Decimal | None) -> Percent | None:
    """The same in a column; nothing where nothing was decided."""
    return None if part is None else Percent(value=part)


def band(above: Decimal | None, up_to: Decimal | None, currency: str) -> Message:
    """The amounts that are counted together."""
    if above is not None and up_to is not None:
        return say("{low} to {high}", low=_money(above, currency), high=_money(up_to, currency))
    if up_to is not None:
        return say("up to {amount}", amount=_money(up_to, currency))
    return NO_AMOUNT if above is None else say("above {amount}", amount=_money(above, currency))


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount=amount, currency=currency)
