"""From what a night's missions told to the parts of its pack. Pure; every number comes from a
report or from the ledger.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from math import ceil

from regisseur.graphs.judgement import Finding
from regisseur.graphs.report import ActionLine, Report
from regisseur.graphs.telling import FAR, urgency
from regisseur.office.pack.model import Change, Decision, Group, KeyFigure, Overlap, Pack
from regisseur.storage.packs import Moved
from regisseur.tools.records import Message, Money, RecordRef
from regisseur.tools.texts import word

Counted = Callable[[str, int], Message]
"""So many actions of a kind, in words."""

WORDS_A_MINUTE = 200
"""Read with care, by an adult (Brysbaert 2019: 238 for easy prose)."""
SECONDS_TO_DECIDE = 20
"""To make up one's mind on one action and to say so."""
CONCERNED = ("customer", "sale", "purchase_order", "production")
"""Records about which two agents can get into each other's way. An item is none of them: that one
buys what the other makes something of is how it should be."""


def in_order(decisions: Iterable[Decision], timezone: str) -> tuple[Decision, ...]:
    """By deadline, then by what one more day costs, never by amount.

    Of those of the same day, what lapses or is done by itself at an hour comes first.
    """

    def key(one: Decision) -> tuple[date, datetime, Decimal, str]:
        _, cost, name = urgency(one.line)
        return (
            one.last_day(timezone) or FAR,
            one.until or datetime.max.replace(tzinfo=UTC),
            cost,
            name,
        )

    return tuple(sorted(decisions, key=key))


def minutes_to_decide(decisions: Sequence[Decision], locale: str) -> int:
    """To read summary, reason and details of each, and to decide; whole minutes, rounded up."""
    words = sum(
        len(re.findall(r"\w+", word(text, locale)))
        for one in decisions
        for text in (one.line.summary, one.line.reason, *one.line.details)
    )
    return ceil(words / WORDS_A_MINUTE + len(decisions) * SECONDS_TO_DECIDE / 60)


def slim(decision: Decision) -> Decision:
    """Without the details, which are on the agent's own page."""
    return decision.model_copy(update={"line": decision.line.model_copy(update={"details": ()})})


def done(reports: Iterable[Report], counted: Counted) -> tuple[Message, ...]:
    """What was carried out without asking, each kind counted, the most frequent first."""
    kinds = Counter(line.kind for report in reports for line in report.done)
    return tuple(counted(kind, count) for kind, count in _most_first(kinds))


def by_hand(reports: Iterable[Report]) -> int:
    """Of what was carried out, what is left to do by hand."""
    lines = (line for one in reports for line in (*one.done, *one.decided))
    return sum(line.to_do is not None for line in lines)


def groups(reports: Iterable[Report], *, unjudged: bool) -> tuple[Group, ...]:
    """What was held back, or not judged at all, counted by agent and reason."""
    return tuple(
        group
        for report in reports
        for group in _groups(report, (one for one in report.held if one.unjudged == unjudged))
    )


def _groups(report: Report, held: Iterable[Finding]) -> Iterator[Group]:
    """By what is at stake, then by number; what has no short reason comes last."""
    reasons: dict[str, list[Finding]] = defaultdict(list)
    for one in held:
        reasons[one.why.model_dump_json() if one.why else ""].append(one)
    found = [
        Group(
            agent=report.agent,
            title=report.title,
            why=ones[0].why,
            count=sum(one.count for one in ones),
            stake=_stake(ones),
        )
        for ones in reasons.values()
    ]
    yield from sorted(found, key=_weight)


def _stake(held: Sequence[Finding]) -> Money | None:
    """What is at stake in all; nothing where that is in several currencies."""
    stakes = [one.stake for one in held if one.stake is not None]
    if not stakes or len({one.currency for one in stakes}) > 1:
        return None
    return Money(
        amount=sum((one.amount for one in stakes), Decimal(0)), currency=stakes[0].currency
    )


def _weight(group: Group) -> tuple[bool, Decimal, int]:
    return group.why is None, -(group.stake.amount if group.stake else Decimal(0)), -group.count


def figures(reports: Iterable[Report], before: Pack | None) -> tuple[KeyFigure, ...]:
    """Each agent's figures, beside those of the pack before."""
    known = {(one.agent, one.figure.tag): one.figure for one in (before.figures if before else ())}
    return tuple(
        KeyFigure(agent=report.agent, figure=one, before=known.get((report.agent, one.tag)))
        for report in reports
        for one in report.figures
    )


def changes(moved: Iterable[Moved], counted: Counted) -> tuple[Change, ...]:
    """What came to an end since the pack before, by status, each kind counted."""
    return tuple(
        Change(status=status, what=tuple(counted(one.kind, one.number) for one in ones))
        for status, ones in groupby(moved, key=lambda one: one.status)
    )


def overlaps(decisions: Iterable[Decision], timezone: str) -> tuple[Overlap, ...]:
    """Actions of several agents that concern the same customer or order, the most urgent first.

    What rests on several common records (a sale and its customer) is told once.
    """
    concerned: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    names: dict[tuple[str, str], str] = {}
    for decision in in_order(decisions, timezone):
        for ref in _concerned(decision.line):
            key = ref.model, ref.id
            concerned[key].append(decision)
            names[key] = names.get(key) or ref.label
    told: set[tuple[str, ...]] = set()
    found = []
    for key, ones in concerned.items():
        ids = tuple(one.line.id for one in ones)
        if len({one.agent for one in ones}) > 1 and ids not in told:
            told.add(ids)
            found.append(Overlap(about=names[key] or key[1], actions=tuple(map(slim, ones))))
    return tuple(found)


def _concerned(line: ActionLine) -> list[RecordRef]:
    """Each record once, customers first."""
    refs = {(ref.model, ref.id): ref for ref in line.evidence if ref.model in CONCERNED}
    return sorted(refs.values(), key=lambda ref: (CONCERNED.index(ref.model), ref.id))


def notices(reports: Iterable[Report], other_than: str) -> tuple[Message, ...]:
    """What went wrong in the night, each once; without the template that is told anew as things
    stand now.
    """
    found = {
        one.model_dump_json(): one
        for report in reports
        for one in report.notices
        if one.text != other_than
    }
    return tuple(found.values())


def _most_first(kinds: Counter[str]) -> list[tuple[str, int]]:
    return sorted(kinds.items(), key=lambda entry: (-entry[1], entry[0]))
