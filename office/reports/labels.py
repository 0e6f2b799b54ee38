"""The report's own words, shared by the page and the terminal."""

from regisseur.graphs.report import Report
from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.reports")

AMOUNT = say("Amount")
AT_STAKE = say("at stake")
A_DAY = say("/day")
APPROVE = say("to approve")
AUDIT_HEAD = say("Audit head")
BY = say("By")
COST_OF_WAITING = say("One more day costs")
DATA_AS_OF = say("Data as of")
DECIDED = say("Decided since")
DETAILS = say("Details and evidence")
DONE = say("Done without asking")
FINDINGS = say("Worth knowing")
HELD = say("Held back, and why")
IN_SHADOW = say("In shadow")
IS_NOW = say("is now")
MISSION = say("Mission")
NO_DATE = say("no date")
NO_LONGER = say("No longer as it was when it was approved")
NO_RULE_MATCHED = say("no rule matched")
NO_PICTURE = say("The picture itself could not be drawn.")
NOT_DONE = say("if it was not done")
NOT_PROPOSED = say("These are not proposals: nothing will be written for them.")
NOT_READ = say("ERP not read")
NOTHING_TO_DECIDE = say("Nothing to decide.")
NOTHING_JUDGED = say("Nothing was judged: the ERP could not be read.")
NUMBER = say("number in the ERP")
ONE_BY_ONE = say("One by one")
REFUSE = say("to refuse")
RULE = say("Rule")
SAVED = say("of clerical work saved")
SHADOW = say("Shadow")
SOURCE = say("Source")
TELL_IT = say("to tell it")
TODAY = say("today")
TOGETHER = say("Together")
TOMORROW = say("tomorrow")
TO_CHECK = say("To check")
TO_DECIDE = say("To decide")
TO_DO = say("Left to do")
TO_SETTLE = say("To settle")
WAS_DONE = say("if it was done")
WAS = say("was")
WHAT = say("What")

IN_SHORT = {
    "done": say("done"),
    "decided": say("decided since"),
    "unsettled": say("to settle"),
    "shadow": say("in shadow"),
    "held": say("held back"),
    "findings": say("worth knowing"),
}
"""Names of the report's lists where only their number is told."""

STATUSES = {
    "proposed": say("to be decided"),
    "approved": say("approved"),
    "performing": say("being carried out"),
    "done": say("done"),
    "failed": say("failed"),
    "unknown": say("outcome unknown"),
    "rejected": say("rejected"),
    "expired": say("expired"),
    "superseded": say("superseded"),
    "withdrawn": say("withdrawn"),
}

MODES = {
    "shadow": say("nothing is written"),
    "ask": say("asks first"),
    "veto": say("carried out unless refused"),
    "auto": say("carried out, then told"),
}


def overdue(day: str) -> Message:
    """A deadline that has passed."""
    return say("overdue, {day}", day=day)


def unless_refused(time: str) -> Message:
    """When the policy carries it out by itself."""
    return say("carried out at {time} unless refused", time=time)


def erp_read(time: str) -> Message:
    """How fresh the data is."""
    return say("ERP read {time}", time=time)


def made(time: str) -> Message:
    """When the report was made."""
    return say("report made {time}", time=time)


def revision(number: int) -> Message:
    """Which version of the action this is."""
    return say("revision {number}", number=number)


def nothing_written(count: int) -> Message:
    """What shadow means, for this many actions."""
    return say.counted(
        "{count} action is shown as it would have been proposed. Nothing is written to the ERP.",
        "{count} actions are shown as they would have been proposed. "
        "Nothing is written to the ERP.",
        count,
    )


def nothing(report: Report) -> Message:
    """What an empty agenda means: a night without data is no quiet night."""
    return NOTHING_TO_DECIDE if report.data_as_of else NOTHING_JUDGED


def counted(name: str, count: int) -> Message:
    """A heading with the number of its entries."""
    return say("{name}: {count}", name=name, count=count)


def told(name: Message, text: str) -> Message:
    """A name and what it names."""
    return say("{name}: {text}", name=name, text=text)
