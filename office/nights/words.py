"""What is told about nights that did not go as they should."""

from __future__ import annotations

from datetime import date, time

from regisseur.tools.records import Day, Message, Speaker

say = Speaker("regisseur.office.nights")

NOT_BEGUN = say("It was not begun.")
UNDER_WAY = say("It is still under way.")
TO_DO = say(
    "See the log of `regisseur serve` and try `regisseur doctor`; `regisseur nightly` runs the "
    "night again."
)


def no_report(on: date, hour: time) -> Message:
    """The alarm."""
    return say(
        "There is no finished report of the night of {day}, due at {hour}.",
        day=Day(date=on),
        hour=f"{hour:%H:%M}",
    )


def ended(error: str) -> Message:
    """Why there is none, in the words of an error."""
    return say("What happened: {error}", error=error)


def tried_again(error: str) -> Message:
    """Why a night has not come to its end yet."""
    return say("It is tried again; the last time: {error}", error=error)


def missed(on: date) -> Message:
    """Nobody was there for a night."""
    return say("The night of {day} was missed: nothing was running.", day=Day(date=on))


def no_post(error: str) -> Message:
    """Nobody can be sent anything."""
    return say("The pack can't be mailed: {error}", error=error)


def not_mailed(person: str, error: str) -> Message:
    """A mail that did not reach somebody."""
    return say("No mail went to {person}: {error}", person=person, error=error)


def too_late_for(person: str) -> Message:
    """A pack that was finished after the last hour for mails."""
    return say("No mail went to {person}: the pack was finished too late.", person=person)


def subject(company: str, on: date) -> Message:
    """Of the mail that tells the alarm."""
    return say("{company}: no report of the night of {day}", company=company, day=Day(date=on))


def look(address: str) -> Message:
    """Where the page is."""
    return say("The page: {address}", address=address)
