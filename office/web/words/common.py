"""Words that several of these pages share."""

from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.web.words")

OLDER, NEWEST = say("Older"), say("Newest")
PAGER = say("Pages of the list")
SAVE, CANCEL = say("Save"), say("Cancel")
NOTHING_YET = say("Nothing yet.")
WHEN, WHO = say("When"), say("Who")
TITLES: dict[str, Message] = {
    "missions": say("Missions"),
    "reports": say("Reports"),
    "audit": say("Audit trail"),
    "policy": say("Policy"),
    "people": say("People"),
    "agents": say("Agents"),
}
MISSIONS = {
    "running": say("running"),
    "waiting": say("waits for decisions"),
    "closed": say("closed"),
    "failed": say("failed"),
}
