"""Words of the pages on which people sign in and decide, and those that all pages share."""

from collections.abc import Mapping
from decimal import Decimal

from regisseur.tools.records import Message, Percent, Speaker

say = Speaker("regisseur.office.web")

PAGES = say("Pages")
SIGN_OUT = say("Sign out")
SKIP = say("Skip to the content")
HOME = say("Back to the start")

# --- signing in ---
SIGN_IN = say("Sign in")
LOGIN, PASSWORD = say("Name to sign in with"), say("Password")
BY_PROVIDER = say("Sign in with your company's account")
REFUSED = say("This name and password don't go together.")
NOT_KNOWN_HERE = say("That account may not sign in here; ask an administrator.")
COMPANIES = say("Your companies")
NO_COMPANY = say("You are in no company yet; ask an administrator.")

# --- the inbox ---
INBOX = say("To decide")
VIEWS: Mapping[str, Message] = {
    "to_decide": say("To decide"),
    "shadow": say("In shadow"),
    "asleep": say("Put off"),
}
VIEW, ALL_AGENTS = say("Show"), say("All agents")
NOTHING = say("Nothing waits for you.")
NOTHING_SHADOW = say("Nothing is in shadow.")
NOTHING_ASLEEP = say("Nothing was put off.")
EMPTY = {"to_decide": NOTHING, "shadow": NOTHING_SHADOW, "asleep": NOTHING_ASLEEP}
SHADOW_MEANS = say("These are not proposals: nothing will be written for them.")
SHADOW = say("Shadow: nothing is written")
PAGER = say("Pages of the list")
NEXT_PAGE, FIRST_PAGE = say("Next"), say("From the beginning")
KEY_NAMES = (
    ("j k", say("next, previous")),
    ("a", say("approve")),
    ("e", say("edit")),
    ("r", say("reject")),
    ("s", say("later")),
    ("1 … 6", say("which reason")),
    ("x", say("select")),
)
SELECT, SELECT_ALL = say("Select"), say("Select all")
SELECTED = say("Selected")
APPROVE_SELECTED, REJECT_SELECTED = say("Approve those selected"), say("Reject those selected")
WHY_REJECTED = say("Why they are rejected")
BULK_RESULT = say("What became of those selected")
NOTHING_SELECTED = say("Nothing was selected; tick what you want to decide on.")
NO_ANSWER = say("No answer came: look at what waits again before you repeat it.")
BACK_TO_INBOX = say("Back to what waits")

# --- deciding ---
APPROVE, EDIT, REJECT, SNOOZE = say("Approve"), say("Edit"), say("Reject"), say("Later")
APPROVE_NOW, STOP = say("Approve now"), say("Stop it")
EDIT_AND_APPROVE = say("Approve with these changes")
CANCEL = say("Cancel")
COMMENT = say("A word about it (optional)")
REASONS: Mapping[str, Message] = {
    "wrong_amount": say("Wrong amount"),
    "wrong_date": say("Wrong date"),
    "wrong_party": say("Wrong party"),
    "not_needed": say("Not needed"),
    "not_now": say("Not now"),
    "other": say("Other"),
}
WHY = say("Why?")
UNTIL = say("Until when?")
TOMORROW, NEXT_WEEK = say("tomorrow"), say("next Monday")
ON_DAY, PUT_OFF = say("On this day"), say("Put it off")
REASSIGN, TO_WHOM, HAND_OVER = say("Give to somebody"), say("To whom?"), say("Give")
OTHERWISE = say("If you wait:")
WAS_DONE, NOT_DONE = say("It was done"), say("It was not done")
NUMBER = say("Number in the ERP (if it has one)")
TOLD_BUTTON = say("It is done: tell it")

# --- one action ---
DETAILS, EVIDENCE, RESTS_ON = say("In detail"), say("Evidence"), say("What it rests on")
TEXT = say("What is written")
AGENT, RULE, MODE, REVISION = say("Agent"), say("Rule"), say("Mode"), say("Revision")
CONFIDENCE, KEY = say("The agent's confidence"), say("Key")
ASSIGNEE, ASLEEP = say("Given to"), say("Put off until")
DEADLINE, WHO_DECIDES = say("Settled by the policy on"), say("Who may decide")
APPROVED_BY = say("Approved by")
NOBODY = say("nobody: an administrator has to give somebody the right")
HISTORY, QUESTIONS = say("What happened"), say("Questions")
ASK, ASK_LABEL = say("Ask"), say("A question about it")
ANSWER, ANSWER_LABEL = say("Answer"), say("Your answer")
MAKE_RULE = say("Make this a rule")
RULE_ABOUT = say(
    "Proposes that what is like this runs without asking from now on. An administrator has to "
    "approve the proposal before anything changes."
)
RULE_MODE, RULE_AUTO, RULE_VETO = say("How"), say("Do it and tell"), say("Do it unless refused by")
RULE_CEILING, RULE_ANYONE = say("Up to this amount"), say("Also for other parties")
RULE_HOUR = say("Hour")
PROPOSE = say("Propose the rule")
RULE_PROPOSED = say("The rule is proposed; an administrator has to approve it.")
ASKED, ANSWERED = say("Your question stands with the proposal."), say("Your answer stands there.")
TOLD = say("It is told.")

EVENTS: Mapping[str, Message] = {
    "proposed": say("proposed"),
    "revised": say("worked out anew"),
    "approved": say("approved"),
    "approved in part": say("approved by one of several"),
    "rejected": say("rejected"),
    "snoozed": say("put off"),
    "reassigned": say("given to somebody else"),
    "vetoed": say("stopped"),
    "ruled anew": say("ruled anew by another policy"),
    "asked": say("asked something"),
    "answered": say("answered"),
    "regretted": say("told to have been a mistake"),
    "performing": say("being carried out"),
    "taken over": say("taken over from a worker that died"),
    "done": say("done"),
    "failed": say("failed"),
    "unknown": say("outcome unknown"),
    "expired": say("expired"),
    "superseded": say("superseded"),
    "withdrawn": say("no longer proposed"),
    "returned": say("came back: the facts had changed"),
    "released": say("given back untouched"),
    "resolved": say("settled by a person"),
}

ARGUMENTS: Mapping[str, Message] = {
    "quantity": say("Quantity"),
    "quantity_after": say("New quantity"),
    "expected": say("Delivery on"),
    "expected_after": say("New delivery on"),
    "text": say("Text"),
    "title": say("Title"),
    "attach_invoices": say("Attach the invoices"),
    "ends": say("Until"),
}
"""What people call the arguments that can be edited; a plug-in's other names stay as they are."""
CHANGING: Mapping[str, Message] = {
    "": say("Where"),
    "quantity": say("Quantity"),
    "expected": say("Delivery on"),
    "start": say("Start"),
    "end": say("End"),
}
"""What people call the values that an action changes."""
BEFORE_AND_AFTER = say("What would change")
BEFORE, AFTER = say("before"), say("after")


PROCESSES: Mapping[str, Message] = {
    "mission": say("the agent"),
    "policy": say("the policy"),
    "worker": say("Régisseur"),
    "sweeper": say("Régisseur"),
}
"""Who does things beside people: what comes before the colon of an actor."""


def counted(count: int) -> Message:
    """How many wait."""
    return say.counted("{count} decision waits", "{count} decisions wait", count)


def asked(count: int) -> Message:
    """How many questions are open."""
    return say.counted("{count} open question", "{count} open questions", count)


def and_more(count: int) -> Message:
    """Of what there is no room for."""
    return say.counted("and {count} more", "and {count} more", count)


def people_needed(had: int, needed: int) -> Message:
    """How many have approved."""
    return say("{had} of {needed} approvals", had=had, needed=needed)


def share(confidence: Decimal) -> Message:
    """How sure the agent is."""
    return say("{share}", share=Percent(value=confidence))


def others_decide(names: str) -> Message:
    """For whoever may not."""
    return say("{names} may decide on this.", names=names)


def wait_a_while(minutes: int) -> Message:
    """Too many attempts to sign in."""
    return say.counted(
        "Too many attempts. Wait {count} minute, then try again.",
        "Too many attempts. Wait {count} minutes, then try again.",
        minutes,
    )


def unowned(count: int) -> Message:
    """For administrators: what nobody may decide on."""
    return say.counted(
        "{count} action waits that nobody may decide on: give somebody the role or the limit.",
        "{count} actions wait that nobody may decide on: give somebody the role or the limit.",
        count,
    )
