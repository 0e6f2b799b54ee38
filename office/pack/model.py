"""The one model that every form of the pack is written from: values and messages, no sentences."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from regisseur.graphs.judgement import Figure
from regisseur.graphs.report import ActionLine
from regisseur.tools.records import Company, Message, Money, Record


class Decision(Record):
    """One action that a person looks at: to decide on it, or to settle it."""

    agent: str
    title: Message | str
    """What people call the agent; its name where it is no longer installed."""
    counterparty: str | None = None
    """The id of the party that it concerns."""
    assignee: str | None = None
    deadline: AwareDatetime | None = None
    """The moment at which it lapses undecided."""
    line: ActionLine
    """Without the details, which the agent's own page has."""

    @property
    def until(self) -> datetime | None:
        """The moment from which a person comes too late: it lapses, or is done by itself."""
        return min(filter(None, (self.deadline, self.line.veto_until)), default=None)

    def last_day(self, timezone: str) -> date | None:
        """The last day on which deciding is in time."""
        until = self.until
        known = until and until.astimezone(ZoneInfo(timezone)).date()
        return min(filter(None, (known, self.line.decide_by)), default=None)


class AgentNight(Record):
    """How one agent's mission went."""

    agent: str
    title: Message | str
    mission_id: str
    status: str
    """``running``, ``waiting``, ``closed`` or ``failed``."""
    headline: Message | None = None
    """``None`` while there is no report."""
    data_as_of: AwareDatetime | None = None
    made_at: AwareDatetime | None = None
    """When it last told something."""


class Group(Record):
    """So many of one agent that were left for the same reason."""

    agent: str
    title: Message | str
    why: Message | None
    """``None`` where the agent gives no short reason."""
    count: int
    stake: Money | None = None
    """What is at stake in all, where the agent tells."""


class KeyFigure(Record):
    """A figure of one agent, beside the one of the pack before."""

    agent: str
    figure: Figure
    before: Figure | None = None


class Overlap(Record):
    """Actions of several agents that concern the same customer or order: to be seen together."""

    about: str
    """What people call it; data."""
    actions: tuple[Decision, ...]


class Change(Record):
    """What became of actions since the pack before, by status, each kind counted."""

    status: str
    """A final status of the ledger."""
    what: tuple[Message, ...]


class Rates(Record):
    """How people judged the proposals of the last days."""

    days: int
    approved: int
    """As they were proposed."""
    edited: int
    rejected: int
    failed: int
    """Carried out and refused by the ERP."""

    @property
    def decided(self) -> int:
        """All that people decided."""
        return self.approved + self.edited + self.rejected


class Pack(Record):
    """A company's night over all missions. All lists are in the order of reading."""

    company: Company
    on: date
    made_at: AwareDatetime
    agents: tuple[AgentNight, ...] = ()
    silent: tuple[Message | str, ...] = ()
    """Agents that should have told something and have not."""
    freshness: tuple[Message, ...] = ()
    notices: tuple[Message, ...] = ()
    """What went wrong or is stale."""
    overlaps: tuple[Overlap, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """By deadline, then by what one more day costs, never by amount; the most urgent ones, where
    there are very many."""
    waiting: int = 0
    """All that wait for this reader, listed or not."""
    others: int = 0
    """What waits for other people and is not listed."""
    unsettled: tuple[Decision, ...] = ()
    """Failed, or nobody knows."""
    shadow: int = 0
    """Shown by the agents as what would have been proposed."""
    done: tuple[Message, ...] = ()
    """Carried out without asking, each kind counted."""
    by_hand: int = 0
    """Of what was carried out, what is left for a person's hand."""
    held: tuple[Group, ...] = ()
    unjudged: tuple[Group, ...] = ()
    figures: tuple[KeyFigure, ...] = ()
    compared_with: date | None = None
    """The night of the pack before."""
    new: int = 0
    """Of what waits, what was not there at the pack before."""
    changes: tuple[Change, ...] = ()
    rates: Rates | None = None
    minutes_to_decide: int = Field(default=0, ge=0)
    minutes_saved: int = Field(default=0, ge=0)
    audit_head: str | None = None

    @property
    def judged(self) -> bool:
        """Has any agent read the ERP? A night without data is no quiet night."""
        return self.data_as_of is not None

    @property
    def finished_at(self) -> AwareDatetime | None:
        """When the last agent had told everything."""
        return max((one.made_at for one in self.agents if one.made_at), default=None)

    @property
    def data_as_of(self) -> AwareDatetime | None:
        """The oldest reading of the ERP that the pack rests on."""
        return min((one.data_as_of for one in self.agents if one.data_as_of), default=None)

    def sums(self, of: str) -> tuple[Money, ...]:
        """Total of ``amount`` or ``cost_of_waiting`` of what is listed, one sum per currency."""
        totals: dict[str, Money] = {}
        for decision in self.decisions:
            found: Money | None = getattr(decision.line, of)
            if found is not None:
                before = totals.get(found.currency)
                totals[found.currency] = found if before is None else before + found
        return tuple(totals.values())

    @property
    def pressing(self) -> int:
        """Listed decisions whose last day is the night's, or has passed."""
        due = (decision.last_day(self.company.timezone) for decision in self.decisions)
        return sum(day is not None and day <= self.on for day in due)
