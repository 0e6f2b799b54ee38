"""Words of the audit trail's page."""

from regisseur.office.web.words.common import say
from regisseur.tools.records import Message

LEDE = say(
    "Everything that was proposed, decided and done, each entry sealed with the one before it: what "
    "is changed or removed later does not go unnoticed."
)
NUMBER, EVENT, ABOUT = say("No."), say("Event"), say("About")
VERIFY = say("Check the whole trail")
HEAD = say("Head printed in a report")
HEAD_HELP = say("Optional: is this head still in the trail?")
CHECK = say("Check")
EXPORT = say("Download as JSON lines")
SEAL = say("Seal")
HEAD_IS = say("Its head is")


def intact(count: int) -> Message:
    """That the chain holds."""
    return say.counted(
        "Intact: {count} entry, none changed, none missing.",
        "Intact: {count} entries, none changed, none missing.",
        count,
    )


def broken(sequence: int, why: str) -> Message:
    """Where it does not."""
    return say("Broken at entry {n}: {why}", n=sequence, why=why)


ACTORS = {
    "mission": say("the mission"),
    "policy": say("the policy"),
    "worker": say("a worker"),
    "office": say("the office"),
    "person": say("somebody whose record was erased"),
}
EVENTS: dict[str, Message] = {
    "started": say("mission started"),
    "running": say("running"),
    "waiting": say("waits for decisions"),
    "closed": say("mission closed"),
    "failed": say("mission failed"),
    "withdrawn": say("no longer holds"),
    "entered": say("told by somebody"),
    "asked": say("question asked"),
    "answered": say("question answered"),
    "regretted": say("said to have been wrong"),
    "stopped": say("brake pulled"),
    "released": say("brake released"),
    "person added": say("person added"),
    "membership changed": say("membership changed"),
    "person removed": say("person taken out"),
    "password changed": say("password changed"),
    "person deactivated": say("person may not sign in any more"),
    "token made": say("token made"),
    "token revoked": say("token revoked"),
    "policy proposed": say("policy proposed"),
    "policy active": say("policy put into force"),
    "policy past": say("policy replaced"),
    "policy refused": say("policy refused"),
    "policy withdrawn": say("policy withdrawn"),
    "bank file read": say("bank statement read"),
    "hook given up": say("message to a program given up"),
    "found restored": say("database found restored"),
    "restore looked up": say("restored database looked up"),
}
"""What happened to all but actions, whose events are among the labels that pages share."""
