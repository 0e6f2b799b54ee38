"""Words of the people's pages."""

from decimal import Decimal

from regisseur.office.web.words.common import say
from regisseur.tools.records import Message, Money

LEDE = say("Who may see, run and decide here, up to which amounts, and who stands in for whom.")
ROLES = {
    "viewer": say("reader"),
    "operator": say("operator"),
    "approver": say("approver"),
    "administrator": say("administrator"),
}
ROLES_HELP = {
    "viewer": say("sees everything here"),
    "operator": say("also starts missions and tells agents things"),
    "approver": say("also decides, within limits"),
    "administrator": say("looks after people and the policy; decides only as approver too"),
}
ADD = say("Add somebody")
LOGIN, NAME, EMAIL = say("Login"), say("Name"), say("E-mail")
LOGIN_HELP = say("What they sign in with, for example the beginning of their address.")
PASSWORD = say("First password")
PASSWORD_HELP = say("Hand it over yourself; they can change it. Empty: no sign-in by password.")
NEW_PASSWORD = say("New password")
SET_PASSWORD = say("Set the password")
PASSWORD_SET = say("The password is set, and whoever was signed in with the old one is signed out.")
WHICH_ROLES = say("Roles")
ADD_NOW = say("Add")
ADDED, CHANGED, REMOVED = say("Added."), say("Changed."), say("Removed.")
INACTIVE = say("may not sign in")
NO_LIMIT = say("decides everything")
LIMITS = say("What they may decide")
LIMITS_HELP = say(
    "Only for approvers. Without any limit: everything. With several: what any one of them covers."
)
LIMIT_NEW = say("Another limit")
UP_TO = say("Up to")
KINDS, AGENTS = say("Kinds of action"), say("Agents")
NONE_IS_ALL = say("None ticked: all.")
REMOVE_LIMIT = say("Remove this limit")
ABSENCE = say("Absence")
SUBSTITUTE = say("Who stands in")
NOBODY = say("nobody")
ABSENT_FROM, ABSENT_UNTIL = say("First day away"), say("Last day away")
SUPERIOR = say("Who is asked once a deadline has passed")
DIGEST = say("Gets the morning pack by e-mail")
REMOVE = say("Take out of this company")
REMOVE_HELP = say("They keep what they did in the audit trail, and can't come in any more.")
YOU = say("you")
WRONG = say("Not saved")


def may_decide_up_to(amount: Decimal, currency: str) -> Message:
    """A limit by amount."""
    return say("up to {amount}", amount=Money(amount=amount, currency=currency))


def limit(number: int) -> Message:
    """The legend of a limit in the form."""
    return say("Limit {n}", n=number)


def away(first: Message | str, last: Message | str) -> Message:
    """When somebody is absent."""
    return say("away {first} to {last}", first=first, last=last)


def stands_in(name: str) -> Message:
    """Who decides in their place meanwhile."""
    return say("{name} stands in", name=name)


def asked_next(name: str) -> Message:
    """Who is asked when a deadline has passed."""
    return say("then {name}", name=name)
