"""The command line's own words; those it shares with reports are in ``office.reports.labels``."""

from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.cli")

NOTHING_WAITS = say("Nothing waits for you.")
SEE_ONE = say("One in full: regisseur show ID · to decide: regisseur decide ID approve")
APPROVE, REJECT, SNOOZE, EDIT = say("approve"), say("reject"), say("put off"), say("change")
WAS_DONE, NOT_DONE = say("it was done"), say("it was not done")
REASON, DETAILS, FACTS = say("Reason"), say("Details"), say("Rests on")
EVIDENCE, CHANGED, EDITABLE = say("Evidence"), say("Changed since"), say("May be edited")
HISTORY, SETTLE = say("History"), say("What you can do")
WHAT, WAS, IS = say("What"), say("Was"), say("Is")
WHEN, WHO, COMMENT = say("When"), say("Who"), say("Comment")
TO_DECIDE = say("To decide")
ACTION = say("Action")
DONE, TO_SETTLE, HELD = say("Done"), say("To settle"), say("Held back")
NIGHT = say("Night")
NO_PACK = say("No pack is kept yet; make one: regisseur pack")
NO_REPORT = say("There is no report yet; run an agent: regisseur run AGENT")
NOTHING_RAN = say("No agent is enabled.")
NOTHING_TO_SWEEP = say("Nothing had been left lying.")
RELEASED = say("The brake is released.")
NOT_PULLED = say("The brake was not pulled.")
CAME_BACK = say("not carried out: the facts have changed, look at it again")
AGREED = say("approved by you; another person has to agree before it is carried out")
QUEUED = say("approved, not carried out yet; regisseur sweep goes on with it")
NEXT = say("Next: regisseur inbox · regisseur report")
NEXT_AFTER_FAILURE = say("Next: regisseur doctor")
READY, NOT_READY = say("ready"), say("not ready")
HEALTHY = say("Everything is connected and ready.")
UNHEALTHY = say("Something needs mending, see above.")
ERP, DATABASE, PORTS = say("ERP"), say("Database"), say("Offers")
SIGNED_IN, THEIR_DATE = say("Signed in"), say("Its date")
BESIDE = {"mail": say("Mail"), "mailbox": say("Mailbox"), "post": say("Letters")}
PROPOSALS, NOT_JUDGED = say("Would propose"), say("Could not judge")
PROBLEM, MISSING = say("Problem"), say("The ERP does not offer")
INTACT = say("Intact")
BROKEN = say("Broken")
HEAD = say("Head")
OTHER_CHAIN = say("The head given is not in this chain: rewritten since, or another company's.")
DECIDE_BY = say("Decide by")
AMOUNT, WAITING = say("Amount"), say("One more day costs")
NO_RULE_MATCHED = say("no rule matched")
ASSIGNEE, ASLEEP, KEY, RULE = say("Assigned to"), say("Asleep until"), say("Key"), say("Rule")
NUMBER, CHECK = say("Number in the ERP"), say("To check")

NOTHING_TOLD = say("Nothing that was told still holds.")
WITHDRAWN = say("No longer holds:")

MISSIONS = {
    "running": say("running"),
    "waiting": say("waits for decisions"),
    "closed": say("closed"),
    "failed": say("failed"),
}

EVENTS = {
    "proposed": say("proposed"),
    "revised": say("recomputed"),
    "approved": say("approved"),
    "approved in part": say("approved by one of several"),
    "rejected": say("rejected"),
    "snoozed": say("put off"),
    "reassigned": say("reassigned"),
    "performing": say("being carried out"),
    "taken over": say("taken over from a worker that died"),
    "done": say("done"),
    "failed": say("failed"),
    "unknown": say("outcome unknown"),
    "expired": say("expired"),
    "superseded": say("superseded"),
    "withdrawn": say("no longer proposed"),
    "ruled anew": say("held tighter by the policy"),
    "vetoed": say("stopped before its hour"),
    "regretted": say("regretted"),
}

SWEPT = {
    "let_through": say("not refused in time, approved by policy"),
    "expired": say("deadline passed"),
    "recovered": say("taken over from a worker that died"),
    "performed": say("carried out"),
    "resumed": say("missions gone on with"),
}


def held_mission(mission: str, agent: str, since: str) -> Message:
    """A mission that somebody has been running for too long."""
    return say(
        "A process has been running mission {mission} of {agent} since {since}. If it no longer "
        "works, end it: the mission is then gone on with at once.",
        mission=mission,
        agent=agent,
        since=since,
    )


def waiting(count: int) -> Message:
    """How many things wait."""
    return say.counted("{count} to decide", "{count} to decide", count)


def at_stake(count: int, amount: str) -> Message:
    """How many things wait, and for how much money."""
    return say("{waiting}, {amount} in all", waiting=waiting(count), amount=amount)


def costs(amount: str) -> Message:
    """What a day of waiting costs."""
    return say("{amount} a day of waiting", amount=amount)


def unless_refused(time: str) -> Message:
    """When the policy carries it out by itself."""
    return say("carried out on {time} unless refused", time=time)


def done_as(reference: str) -> Message:
    """The number that the ERP gave."""
    return say("done, number {reference} in the ERP", reference=reference)


def put_off(time: str) -> Message:
    """Snoozed."""
    return say("put off until {time}", time=time)


def reassigned(who: str) -> Message:
    """Given to somebody else."""
    return say("reassigned to {who}", who=who)


def stopped(name: str) -> Message:
    """The brake is on for an agent."""
    return say(
        "Nothing more is written by {name}. To release: regisseur go --agent {name}", name=name
    )


STOPPED = say("Nothing more is written for the company. To release: regisseur go")


def days_apart(days: int) -> Message:
    """The ERP's clock and the company's differ."""
    return say.counted(
        "{count} day from the company's date", "{count} days from the company's date", days
    )


def chain(entries: int) -> Message:
    """How long the audit chain is."""
    return say.counted("{count} entry", "{count} entries", entries)


def broken(at: int, why: str) -> Message:
    """Where the audit chain no longer holds."""
    return say("at entry {at}: {why}", at=at, why=why)


def take_back(entry: str) -> Message:
    """How to undo what was told."""
    return say("To take it back: regisseur withdraw {entry}", entry=entry)


def movements(count: int) -> Message:
    """Lines of a bank's file."""
    return say.counted("{count} movement", "{count} movements", count)


def new_ones(count: int) -> Message:
    """Lines that were not known yet."""
    return say.counted("{count} new", "{count} new", count)


def known_until(day: str) -> Message:
    """How far the bank's file goes."""
    return say("Payments are known until {day}.", day=day)


def left_out(count: int) -> Message:
    """Announced by the bank, and not booked."""
    return say.counted(
        "{count} movement is announced and not booked yet: left out.",
        "{count} movements are announced and not booked yet: left out.",
        count,
    )
