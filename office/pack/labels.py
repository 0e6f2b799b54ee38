"""The pack's own words, shared by all its forms."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from regisseur.office.pack.model import Pack, Rates
from regisseur.tools.records import (
    Day,
    Message,
    Money,
    Number,
    Percent,
    Quantity,
    Rough,
    Speaker,
    Value,
)

say = Speaker("regisseur.office.pack")

AMOUNT = say("Amount")
AUDIT_HEAD = say("Audit head")
AT_ONCE = say("Watch out")
BY = say("By")
BY_ITSELF = say("carried out by itself")
DATA = say("Data")
DONE = say("Done")
FIGURES = say("Figures")
HELD = say("Held")
IF_YOU_WAIT = say("If you wait")
IN_THE_INBOX = say("Open the inbox")
MADE = say("Pack made")
MORNING_PACK = say("Morning pack")
NIGHT_RUNNING = say("the night is still running")
NOT_JUDGED = say("Not judged")
NOT_READ = say("ERP not read")
NOTHING = say("Nothing to decide.")
NOTHING_JUDGED = say("Nothing was judged: the ERP could not be read.")
OTHER_REASONS = say("other reasons")
PAGES = say("Agent by agent")
RATES = say("Rates")
SAVED = say("Saved")
TOGETHER = say("To be seen together")
TO_DECIDE = say("To decide")
TO_SETTLE = say("To settle")
WHAT = say("What")
WHOLE_PACK = say("The whole pack")

ENDED = {
    "done": say("carried out"),
    "rejected": say("rejected"),
    "failed": say("failed"),
    "expired": say("expired"),
    "superseded": say("replaced"),
    "withdrawn": say("no longer needed"),
}
"""What became of actions since the pack before, by their status."""


def kind_counted(kind: str, count: int) -> Message:
    """Actions of a kind that is no longer installed."""
    return say("{count} × {kind}", kind=kind, count=count)


def braked(why: str) -> Message:
    """A brake that is on."""
    return say("Nothing is written for now: {why}", why=why)


def clock(hour: int, minute: int) -> Message:
    """An hour of the day."""
    if not minute:
        return say("{hour}:00", hour=f"{hour:02}")
    return say("{hour}:{minute}", hour=f"{hour:02}", minute=f"{minute:02}")


def on_day(day: str, clock: str) -> Message:
    """An hour of another day than the night's."""
    return say("{day} {clock}", day=day, clock=clock)


def finished(moment: str) -> Message:
    """When the last agent had told everything."""
    return say("night ended {moment}", moment=moment)


def erp(moment: str) -> Message:
    """How old the ERP's data is."""
    return say("ERP {moment}", moment=moment)


def silent(agent: Value) -> Message:
    """An agent that should have told something."""
    return say("{agent} has told nothing about this night.", agent=agent)


def failed(agent: Value) -> Message:
    """A mission that came to no conclusion."""
    return say("{agent} could not work this night.", agent=agent)


def decisions(pack: Pack) -> Message:
    """How many, and how long they take to read and decide."""
    return say("{count} ({minutes} min)", count=pack.waiting, minutes=pack.minutes_to_decide)


def whole(cost: Money) -> Money | Rough:
    """An estimate: without cents from ten units on."""
    return Rough(amount=cost.amount, currency=cost.currency) if abs(cost.amount) >= 10 else cost


def per_day(cost: Money) -> Message:
    """What one more day costs."""
    return say("{cost} a day", cost=whole(cost))


def if_waiting(otherwise: str, cost: str) -> Message:
    """What happens, and what it costs."""
    return say("{otherwise}: {cost}", otherwise=otherwise, cost=cost)


def before(moment: str) -> Message:
    """Until when it can be decided."""
    return say("by {moment}", moment=moment)


def more(count: int) -> Message:
    """Decisions that are not on the first screen."""
    return say.counted("… and {count} more", "… and {count} more", count)


def for_others(count: int) -> Message:
    """What this reader may not decide."""
    return say.counted("{count} waits for others", "{count} wait for others", count)


def in_shadow(count: int) -> Message:
    """What is shown and never written."""
    return say.counted(
        "{count} shown in shadow, nothing is written",
        "{count} shown in shadow, nothing is written",
        count,
    )


def by_hand(count: int) -> Message:
    """What is left of it for a person's hand."""
    return say.counted("{count} left to do by hand", "{count} left to do by hand", count)


def since(pack: Pack) -> Message:
    """Since which night."""
    before = pack.compared_with
    if before is None or (pack.on - before).days == 1:
        return say("Since yesterday")
    return say("Since {day}", day=Day(date=before))


def new(count: int) -> Message:
    """Proposed since the pack before."""
    return say.counted("{count} new", "{count} new", count)


def unedited(rates: Rates) -> Message:
    """Of what people decided, what they approved as it was."""
    share = Percent(value=Decimal(rates.approved) / rates.decided)
    return say("{share} approved unchanged in {days} days", share=share, days=rates.days)


def errors(count: int) -> Message:
    """Carried out and refused by the ERP."""
    return say.counted("{count} error", "{count} errors", count)


def saved(duration: str) -> Message:
    """Clerical work that the night replaced."""
    return say("{duration} of clerical work", duration=duration)


def reason(why: Message | None, count: int) -> Message:
    """How many were left for a reason."""
    return say("{why} ({count})", why=why or OTHER_REASONS, count=count)


def named(name: Value, value: Value) -> Message:
    """A name and what it names."""
    return say("{name}: {value}", name=name, value=value)


def beside(name: Value, value: Value) -> Message:
    """A figure's name and the figure."""
    return say("{name} {value}", name=name, value=value)


def in_a_week(change: str) -> Message:
    """Change of a figure over seven days."""
    return say("{change} in 7 days", change=change)


def since_before(change: str, pack: Pack) -> Message:
    """Change of a figure since the pack before."""
    before = pack.compared_with
    if before is None or (pack.on - before).days == 1:
        return say("{change} since yesterday", change=change)
    return say("{change} since {day}", change=change, day=Day(date=before))


def counted_list(parts: Sequence[Value]) -> Value:
    """Parts separated by commas."""
    first, *rest = parts
    return say("{first}, {rest}", first=first, rest=counted_list(rest)) if rest else first


def difference(now: Value, before: Value | None) -> tuple[Value, int] | None:
    """By how much a figure changed, without its sign, and the sign; ``None`` where that can't be
    told: it did not, there was none before, or it was of another sort.
    """
    pair = _number(now), None if before is None else _number(before)
    if pair[0] is None or pair[1] is None or type(now) is not type(before):
        return None
    change = pair[0] - pair[1]
    size = _like(now, abs(change), before)
    return None if size is None or not change else (size, 1 if change > 0 else -1)


def _number(value: Value) -> Decimal | None:
    match value:
        case Money() | Rough():
            return value.amount
        case Quantity() | Number() | Percent():
            return value.value
        case int():
            return Decimal(value)
        case Message(count=int(count)):
            return Decimal(count)
        case _:
            return None


def _like(value: Value, size: Decimal, before: Value | None) -> Value | None:
    """A difference in the manner of what differs; nothing between two currencies or units."""
    match value, before:
        case ((Money() | Rough()), (Money() | Rough())) if value.currency == before.currency:
            return value.model_copy(update={"amount": size})
        case Quantity(), Quantity() if value.unit == before.unit:
            return value.model_copy(update={"value": size})
        case Number(), Number():
            return value.model_copy(update={"value": size})
        case Percent(), Percent():
            return say.counted("{count} point", "{count} points", round(size * 100))
        case ((int() | Message()), _):
            return int(size)
        case _:
            return None


def headline(pack: Pack) -> tuple[Message, Message | None]:
    """The night in two sentences: what waits, and what matters most of it."""
    return _first(pack), _second(pack)


def _first(pack: Pack) -> Message:
    if not pack.waiting:
        nothing = say("Nothing waits for a decision this morning.")
        return nothing if pack.judged else NOTHING_JUDGED
    costs = [whole(one) for one in pack.sums("cost_of_waiting")]
    total = counted_list(costs) if sum(one.amount for one in costs) else None
    if not pack.pressing:
        first = say.counted(
            "{count} decision waits, none of them for today",
            "{count} decisions wait, none of them for today",
            pack.waiting,
        )
    else:
        first = say.counted(
            "{count} decision waits, {pressing} for today",
            "{count} decisions wait, {pressing} for today",
            pack.waiting,
            pressing=pack.pressing,
        )
    if total is None:
        return say("{first}.", first=first)
    return say("{first}; one more day costs {cost}.", first=first, cost=total)


def _second(pack: Pack) -> Message | None:
    """What keeps the night from being whole, else what comes first."""
    missing = [*pack.silent, *(one.title for one in pack.agents if one.status == "failed")]
    if missing:
        return say("No result from: {agents}.", agents=counted_list(missing))
    if pack.unsettled:
        return say.counted(
            "{count} action has to be settled by hand.",
            "{count} actions have to be settled by hand.",
            len(pack.unsettled),
        )
    if pack.decisions:
        line = pack.decisions[0].line
        if line.otherwise is not None:
            return say(
                "First: {summary} ({otherwise}).", summary=line.summary, otherwise=line.otherwise
            )
        return say("First: {summary}.", summary=line.summary)
    if pack.done:
        return say("Done without asking: {done}.", done=counted_list(pack.done))
    return None


def night_of(company: str, day: str) -> Message:
    """Subject of the mail, before the headline."""
    return say("{company}, {day}", company=company, day=day)
