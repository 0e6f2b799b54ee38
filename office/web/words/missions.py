"""Words of the missions' pages."""

from datetime import date

from regisseur.office.web.words.common import say
from regisseur.tools.records import Day, Message

LEDE = say("Each time an agent works for a night. The newest come first.")
START = say("Start a mission")
START_HELP = say(
    "What it finds comes into the inbox; nothing is carried out that the policy does not allow."
)
AGENT, NIGHT = say("Agent"), say("Night")
WHOLE_NIGHT = say("All agents, as at night")
AGAIN = say("Again, although this night was run")
START_NOW = say("Start")
STARTED = say("Started.")
RUN_BEFORE = say("This night was run before; tick “again” to run it once more.")
ASKED_BY = say("Asked for by")
BY_THE_CLOCK = say("By the clock")
STEPS = say("What it is doing")
NO_STEPS = say("Another process runs it. This page looks again by itself.")
WAITING_FIRST = say("It is about to begin.")
WHY_FAILED = say("Why it failed")
REPORT = say("Report")
NO_REPORT = say("There is no report yet.")
OPEN_REPORT = say("Open on a page of its own")
TO_INBOX = say("Decide on them")
STARTED_AT, ENDED_AT = say("Started"), say("Ended")
THEN, NOW = say("Then"), say("Now")
PROPOSED, HELD = say("Proposed"), say("Held")
MINUTES = say("Minutes saved")
NEW_SINCE, GONE_SINCE = say("New since then"), say("No longer there")
NOTHING_NEW = say("The same is waiting as then.")


def night_of(agent: Message | str, day: Day) -> Message:
    """The title of one mission's page."""
    return say("{agent}, night of {day}", agent=agent, day=day)


def repetition(count: int) -> Message:
    """Which of the deliberate repetitions of a night this is."""
    return say("repetition {n}", n=count)


def night_before(day: date) -> Message:
    """What the night is compared with."""
    return say("Compared with {day}", day=Day(date=day))
