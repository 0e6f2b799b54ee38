"""Words of the reports' pages."""

from datetime import date

from regisseur.office.web.words.common import say
from regisseur.tools.records import Day, Message

LEDE = say("Each night in one report over all agents, the newest first.")
OPEN = say("Open on a page of its own")
PDF, TEXT, JSON = say("PDF"), say("Text"), say("JSON")
SINCE = say("What changed since then")
FIGURE, THEN, NOW = say("Figure"), say("Then"), say("Now")
OF_AGENTS = say("Each agent's own report")
NIGHT_BEFORE = say("The night before")
PACK = say("Morning pack")
NO_CHANGE = say("Nothing that would have to be told.")


def compared_with(day: date) -> Message:
    """What the pack is beside."""
    return say("Compared with {day}", day=Day(date=day))


def to_decide(count: int) -> Message:
    """How much of a night waits."""
    return say.counted("{count} decision", "{count} decisions", count)
