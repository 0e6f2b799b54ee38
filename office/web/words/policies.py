"""Words of the policy's pages."""

from regisseur.office.web.words.common import say
from regisseur.tools.records import Message

LEDE = say(
    "In which cases somebody is asked before anything is written. Rules are tried from the top; the "
    "first that fits decides, and where none fits, somebody is asked."
)
IN_FORCE = say("In force")
WAITING = say("Waits for an administrator")
SUGGESTED = say("What the record suggests")
SUGGESTED_HELP = say("Nothing changes by itself: each is a proposal that an administrator settles.")
HISTORY = say("Versions")
CHANGE = say("Propose a change")
APPROVE, REFUSE = say("Put into force"), say("Refuse")
PROPOSE_THIS = say("Propose this")
GO_BACK = say("Propose going back to this")
UNREADABLE = say("The policy can't be read, so everything asks.")
DIFFERENCES = say("What would change")
CHANGED = say("What changed")
NO_DIFFERENCE = say("It says the same in other words.")
ADDED, REMOVED = say("new:"), say("no longer:")
PROPOSED, APPROVED_BY, REFUSED_BY = say("Proposed by"), say("put into force by"), say("refused by")
FROM_SETTINGS = say("From the settings file.")
IT_IS_PROPOSED = say("Proposed. An administrator has to put it into force.")
IT_IS_IN_FORCE = say("It is in force from now on.")
IT_IS_REFUSED = say("Refused; nothing has changed.")
STATUSES = {
    "proposed": say("proposed"),
    "active": say("in force"),
    "past": say("past"),
    "refused": say("refused"),
    "withdrawn": say("withdrawn"),
}
PROMOTE, DEMOTE = say("more trust"), say("less trust")

PRESETS = say("Begin with a preset")
PRESETS_HELP = say("A preset replaces all rules; it too is only proposed.")
RULES = say("Rules")
RULE_NEW = say("Another rule")
RULE_NAME, MODE = say("Name"), say("What happens")
MODES = {
    "ask": say("somebody is asked"),
    "veto": say("done unless refused by an hour"),
    "auto": say("done and told"),
    "shadow": say("nothing is written, only shown"),
}
AGENT, KIND = say("Agent"), say("Kind of action")
ANY = say("any")
COUNTERPARTY = say("Supplier or customer")
COUNTERPARTY_HELP = say("Its number in the ERP; empty: any.")
ABOVE, UP_TO = say("Above"), say("Up to")
VETO_UNTIL = say("May be refused until")
QUORUM = say("How many people must approve")
FOUR_EYES = say("Not by whoever had the mission run or edited the action")
ANSWER_WITHIN = say("Hours until it is asked of the superior")
AT_EXPIRY = say("And if nobody answers then")
EXPIRIES = {"hold": say("it goes on waiting"), "expire": say("it is recorded as expired")}
PLACE = say("Place")
REMOVE = say("Remove this rule")
CONDITIONS = say("Which actions it is about")
CARE = say("How carefully")
CAPS = say("Most in one night without asking")
CAPS_HELP = say("What goes beyond is asked, whatever the rules say.")
AUTO_COUNT, AUTO_AMOUNT = say("Actions"), say("Sum of money")
WHY_CHANGE = say("Why")
WHY_HELP = say("One sentence for whoever settles it.")
SEND = say("Propose")
CHANGED_BY_HAND = say("Changed on the page.")


def amount_help(currency: str) -> Message:
    """In which money a limit is meant."""
    return say("In {currency}; empty: any amount.", currency=currency)


def wrong(why: str) -> Message:
    """What keeps a form from being proposed."""
    return say("This can't be proposed as it is: {why}", why=why)


def version(number: int) -> Message:
    """The title of a version."""
    return say("Version {n}", n=number)


def rule(number: int) -> Message:
    """The legend of a rule in the form."""
    return say("Rule {n}", n=number)
