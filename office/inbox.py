"""A page of what waits for people, read in the order in which it should be decided.

The database sorts (``ix_action_inbox``): by deadline, then by what one more day costs. Only the
rows that are shown are read, with everything about them in a few questions, however many wait.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import anyio
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from regisseur.errors import InvalidInput, NotFound
from regisseur.graphs.desk import Desk
from regisseur.graphs.stalled import TOO_LONG
from regisseur.graphs.telling import alarm_about, to_do_after
from regisseur.office import people
from regisseur.office.core import Core
from regisseur.office.views import Action
from regisseur.storage import ledger
from regisseur.storage.house_tables import RemarkRow
from regisseur.storage.tables import ActionRow, DecisionRow, EffectRow

View = Literal["to_decide", "shadow", "asleep"]
VIEWS: tuple[View, ...] = ("to_decide", "shadow", "asleep")
"""What can be decided, what is only shown, and what was put off."""
LIMIT = 50


@dataclass(frozen=True)
class Waiting:
    """An action with all that helps to decide on it."""

    action: Action
    confidence: Decimal | None
    """The agent's own, from 0 to 1."""
    quorum: int
    """How many different people must approve it."""
    approved_by: tuple[str, ...]
    """Who approved it as it stands, where that is not enough yet."""
    deadline: datetime | None
    """The hour at which the policy settles it."""
    questions: int
    """Asked about it and not answered."""
    deciders: tuple[str, ...] | None
    """Ids of those who may decide; ``None`` where the company has no members."""

    def is_for(self, person: str) -> bool:
        """May this person decide on it?"""
        return self.deciders is None or person in self.deciders


@dataclass(frozen=True)
class InboxPage:
    """Some of what waits, and how much there is of it."""

    waiting: tuple[Waiting, ...]
    counts: Mapping[View, int]
    by_agent: Mapping[str, int]
    """How many there are in this view, by agent."""
    next: str | None
    """Where the next page begins, ``None`` at the end."""


async def inbox_page(
    core: Core,
    company: str,
    *,
    view: View = "to_decide",
    agent: str | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> InboxPage:
    """A page of what waits; ``after`` is the ``next`` of the page before.

    What is of unknown outcome or hangs comes first. Raises InvalidInput for an ``after`` that no
    page gave.
    """
    desk = core.house.desk(company)
    place = None if after is None else Place.parse(after)
    rows, counted = await core.house.database.in_read(
        _read, company, desk.now(), view, agent, place, limit
    )
    shown = rows[:limit]
    return InboxPage(
        waiting=tuple(await about(core, desk, shown)),
        counts=counted.views,
        by_agent=counted.agents,
        next=str(Place.of(shown[-1])) if len(rows) > limit else None,
    )


async def waiting(core: Core, action_id: str, *, company: str) -> Waiting:
    """One action, whatever its status; raises NotFound also for another company's."""
    found = await several(core, [action_id], company=company)
    if not found:
        raise NotFound(f"there is no action {action_id} in company {company}")
    return found[0]


async def several(core: Core, action_ids: Sequence[str], *, company: str) -> list[Waiting]:
    """Those of these actions that are the company's, whatever their status, in this order."""
    desk = core.house.desk(company)
    rows = await core.house.database.in_read(_these, company, action_ids)
    return await about(core, desk, rows)


def _these(session: Session, company: str, ids: Sequence[str]) -> list[ActionRow]:
    query = select(ActionRow).where(ActionRow.id.in_(ids), ActionRow.company_id == company)
    found = {row.id: row for row in session.scalars(query)}
    return [found[one] for one in ids if one in found]


async def about(core: Core, desk: Desk, rows: Sequence[ActionRow]) -> list[Waiting]:
    """Everything about these rows, each thing asked once for all of them."""
    read = await core.house.database.in_read(_beside, desk, rows)
    alarms = await anyio.to_thread.run_sync(
        lambda: {row.id: alarm_about(desk, row) for row in rows if row.status == "performing"}
    )
    ids = [row.id for row in rows if row.status == "proposed"]
    deciders = await people.deciders_of(core, ids, company=desk.company.id) if ids else {}
    found = []
    for row in rows:
        action = Action.of(
            row,
            read.effects.get(row.id),
            desk.company.locale,
            alarms.get(row.id),
            read.left[row.id],
        )
        told = row.presented.get("confidence")
        found.append(
            Waiting(
                action=action,
                confidence=None if told is None else Decimal(told),
                quorum=row.quorum,
                approved_by=read.approvals.get(row.id, ()),
                deadline=row.deadline,
                questions=read.questions.get(row.id, 0),
                deciders=None if deciders is None else deciders.get(row.id, ()),
            )
        )
    return found


LARGEST = 2**63 - 1
"""What a database takes for a whole number."""


@dataclass(frozen=True)
class Place:
    """Where one page ends and the next begins: what the rows are sorted by."""

    settles: bool
    """Among those of unknown outcome, which come first."""
    decide_by: date | None
    cost_rank: int
    id: str

    @classmethod
    def of(cls, row: ActionRow) -> Place:
        """After this row."""
        return cls(row.status != "proposed", row.decide_by, row.cost_rank, row.id)

    def __str__(self) -> str:
        day = None if self.decide_by is None else self.decide_by.isoformat()
        text = json.dumps([self.settles, day, self.cost_rank, self.id])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Place:
        """From an address; raises InvalidInput."""
        try:
            padded = text + "=" * (-len(text) % 4)
            settles, day, rank, name = json.loads(base64.urlsafe_b64decode(padded))
            on = None if day is None else date.fromisoformat(day)
            found = cls(bool(settles), on, int(rank), str(name))
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise InvalidInput("no page begins there", field="after") from error
        if abs(found.cost_rank) > LARGEST or "\0" in found.id:
            raise InvalidInput("no page begins there", field="after")
        return found


@dataclass(frozen=True)
class _Counted:
    views: Mapping[View, int]
    agents: Mapping[str, int]


def _read(
    session: Session,
    company: str,
    now: datetime,
    view: View,
    agent: str | None,
    place: Place | None,
    limit: int,
) -> tuple[list[ActionRow], _Counted]:
    """One more row than a page holds, so that it is known whether there is a next."""
    rows: list[ActionRow] = []
    for query in _in_order(company, now, view, place):
        if agent is not None:
            query = query.where(ActionRow.agent == agent)
        if len(rows) <= limit:
            rows += session.scalars(query.limit(limit + 1 - len(rows)))
    return rows, _count(session, company, now, view)


def _in_order(
    company: str, now: datetime, view: View, place: Place | None
) -> list[Select[ActionRow]]:
    """Stretches of the index one after the other: what is to be settled, what has a deadline, what
    has none (which databases sort before or after, each as it likes).
    """
    own = select(ActionRow).where(ActionRow.company_id == company)
    by_rank = (ActionRow.cost_rank, ActionRow.id)
    by_day = (ActionRow.decide_by, *by_rank)
    proposed = own.where(ActionRow.status == "proposed", _seen_in(view, now))
    dated, undated = ActionRow.decide_by.is_not(None), ActionRow.decide_by.is_(None)
    queries = []
    if view == "to_decide" and (place is None or place.settles):
        settling = own.where(_to_settle(now)).order_by(ActionRow.id)
        queries.append(settling if place is None else settling.where(ActionRow.id > place.id))
    behind = None if place is None or place.settles else place
    if behind is None or behind.decide_by is not None:
        query = proposed.where(dated).order_by(*by_day)
        if behind is not None:
            mark = (behind.decide_by, behind.cost_rank, behind.id)
            query = query.where(tuple_(*by_day) > tuple_(*mark))
        queries.append(query)
    query = proposed.where(undated).order_by(*by_rank)
    if behind is not None and behind.decide_by is None:
        query = query.where(tuple_(*by_rank) > tuple_(behind.cost_rank, behind.id))
    return [*queries, query]


def _seen_in(view: View, now: datetime) -> ColumnElement[bool]:
    """Which of those proposed a view shows."""
    awake = or_(ActionRow.snoozed_until.is_(None), ActionRow.snoozed_until <= now)
    if view == "shadow":
        return ActionRow.mode == "shadow"
    return and_(ActionRow.mode != "shadow", awake if view == "to_decide" else ~awake)


def _to_settle(now: datetime) -> ColumnElement[bool]:
    hanging = and_(ActionRow.status == "performing", ActionRow.updated_at <= now - TOO_LONG)
    own = ActionRow.status.in_(("unknown", "performing"))  # which the index finds, unlike an or
    return and_(own, or_(ActionRow.status == "unknown", hanging))


def _count(session: Session, company: str, now: datetime, view: View) -> _Counted:
    settling, views = _to_settle(now), {name: _seen_in(name, now) for name in VIEWS}
    where = case(
        (settling, "to_decide"),
        (ActionRow.status != "proposed", ""),
        *((condition, name) for name, condition in views.items()),
        else_="",
    ).label("view")
    rows = session.execute(
        select(where, ActionRow.agent, func.count())
        .where(
            ActionRow.company_id == company,
            ActionRow.status.in_(("proposed", "unknown", "performing")),
        )
        .group_by(where, ActionRow.agent)
    ).all()
    counts: dict[View, int] = {
        name: sum(n for seen, _, n in rows if seen == name) for name in VIEWS
    }
    return _Counted(counts, {agent: n for seen, agent, n in rows if seen == view})


@dataclass(frozen=True)
class _Beside:
    effects: Mapping[str, EffectRow]
    questions: Mapping[str, int]
    approvals: Mapping[str, tuple[str, ...]]
    left: Mapping[str, Any]


def _beside(session: Session, desk: Desk, rows: Sequence[ActionRow]) -> _Beside:
    ids = [row.id for row in rows]
    return _Beside(
        effects=ledger.effects_of(session, ids),
        questions=_open_questions(session, ids),
        approvals=_approvals(session, rows),
        left={row.id: to_do_after(session, desk, row) for row in rows},
    )


def _open_questions(session: Session, ids: Sequence[str]) -> dict[str, int]:
    reply = aliased(RemarkRow)
    answered = select(reply.id).where(reply.answers == RemarkRow.id).exists()
    rows = session.execute(
        select(RemarkRow.action_id, func.count())
        .where(RemarkRow.action_id.in_(ids), RemarkRow.answers.is_(None), ~answered)
        .group_by(RemarkRow.action_id)
    )
    return dict(rows.all())


def _approvals(session: Session, rows: Sequence[ActionRow]) -> dict[str, tuple[str, ...]]:
    """Who approved what now stands: the present revision, or the edit that made it."""
    shared = {row.id: row for row in rows if row.quorum > 1}
    query = select(DecisionRow).where(
        DecisionRow.action_id.in_(shared), DecisionRow.verdict.in_(("approve", "edit"))
    )
    found: dict[str, tuple[str, ...]] = {}
    for one in session.scalars(query.order_by(DecisionRow.at)):
        row, before = shared[one.action_id], found.get(one.action_id, ())
        made = row.revision - (one.verdict == "edit")
        if (one.revision, one.decided_hash) == (made, row.arguments_hash):
            found[row.id] = before if one.actor in before else (*before, one.actor)
    return found
