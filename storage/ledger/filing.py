"""Filing what a night proposes: recomputed in place, never piled up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal, NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from regisseur.storage.ledger.changes import become, revise, tell
from regisseur.storage.ledger.reading import locked
from regisseur.storage.ledger.values import Draft, Who, new_id
from regisseur.storage.tables import (
    OPEN,
    ActionRow,
    CompanyRow,
    JsonObject,
    MissionRow,
    ObservationRow,
    RevisionRow,
)

Material = Callable[[JsonObject, JsonObject], bool]

_LAPSED = ("superseded", "withdrawn", "expired")
"""Ended without anybody having decided: what was rejected before still counts."""


@dataclass(frozen=True)
class Filed:
    """What became of a draft."""

    row: ActionRow
    """The action that stands for it now."""
    outcome: Literal["new", "unchanged", "revised", "kept", "suppressed"]
    """``kept``: somebody approved it already, or another agent proposes it; ``suppressed``: rejected
    before, nothing new, or carried out since the draft's mission read what it rests on."""

    @property
    def action_id(self) -> str:
        """Its id."""
        return self.row.id


def one_at_a_time(session: Session, company_id: str) -> None:
    """Let one transaction at a time file for a company, whatever the database; to be asked first.

    Else two nights would both find a subject free, or both spend what is left for tonight.
    """
    query = select(CompanyRow.id).where(CompanyRow.id == company_id)
    session.execute(query.with_for_update(key_share=True))


@contextmanager
def intake(
    session: Session, mission: MissionRow, drafts: Iterable[Draft], now: datetime
) -> Iterator[Intake]:
    """File a mission's drafts: what there is about their subjects is read at once, and what is new
    is written at the end, in a few statements however many they are.
    """
    one_at_a_time(session, mission.company_id)
    opened = Intake(session, mission, now)
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for draft in drafts:
        by_kind[draft.kind].append(draft.subject)
    for kind, subjects in by_kind.items():
        opened.look_up(kind, subjects)
    yield opened
    session.flush()  # a revision refers to its action
    session.add_all(opened.revisions)


class Intake:
    """Drafts of one mission on their way into the ledger; made by ``intake``."""

    def __init__(self, session: Session, mission: MissionRow, now: datetime) -> None:
        self.session, self.mission, self.now = session, mission, now
        self.who = Who(f"mission:{mission.id}", person=False)
        self.open: dict[tuple[str, str], ActionRow] = {}
        """What is open, by kind and subject; ours until the transaction ends."""
        self.past: dict[tuple[str, str], _Past] = {}
        """What there was about subjects of which nothing is open."""
        self.revisions: list[RevisionRow] = []
        """To be written when their actions are."""

    def look_up(self, kind: str, subjects: Sequence[str]) -> None:
        """Read what the ledger has about these."""
        company = self.mission.company_id
        found = {row.subject: row for row in _open_on(self.session, company, kind, subjects)}
        free = [one for one in subjects if one not in found]
        self.open |= {(kind, subject): row for subject, row in found.items()}
        past = dict.fromkeys(free, _Past(0, None)) | dict(_past(self.session, company, kind, free))
        self.past |= {(kind, subject): one for subject, one in past.items()}

    def file(self, draft: Draft, material: Material) -> Filed:
        """Upsert a draft: a new night recomputes what is proposed and never piles up.

        ``material(before, after)`` says whether arguments differ enough to ask again about
        something that was rejected.
        """
        current = self.open.get((draft.kind, draft.subject))
        if current is None:
            return self._file_new(draft, material)
        if current.status != "proposed" or current.agent != draft.agent:
            return Filed(current, "kept")
        return self._refile(current, draft)

    def _file_new(self, draft: Draft, material: Material) -> Filed:
        last, ruled = self.past[draft.kind, draft.subject]
        if ruled is not None and (
            (ruled.status == "rejected" and not material(ruled.arguments, draft.arguments))
            or (ruled.status == "done" and self._read_before(ruled.updated_at))
        ):
            return Filed(ruled, "suppressed")
        occurrence = last + 1
        row = ActionRow(
            id=new_id(),
            company_id=draft.company_id,
            kind=draft.kind,
            subject=draft.subject,
            occurrence=occurrence,
            key=f"{draft.kind}:{draft.company_id}:{draft.subject}:{occurrence}",
            status="proposed",
            revision=0,
            created_at=self.now,
        )
        _take_over(row, draft)
        self.session.add(row)
        self.open[draft.kind, draft.subject] = row
        self._revise(row, draft, "proposed")
        return Filed(row, "new")

    def _read_before(self, moment: datetime) -> bool:
        """Had the mission read what it judged before this moment?"""
        return self._as_of is not None and self._as_of < moment

    @cached_property
    def _as_of(self) -> datetime | None:
        query = select(ObservationRow.as_of).where(ObservationRow.mission_id == self.mission.id)
        return self.session.scalars(query).one_or_none()

    def _refile(self, row: ActionRow, draft: Draft) -> Filed:
        unchanged = (row.arguments, row.presented) == (draft.arguments, draft.presented)
        moved = row.arguments != draft.arguments
        running_veto = row.veto_until if row.mode == draft.mode and not moved else draft.veto_until
        deadline = draft.deadline
        if not moved and deadline is not None and row.deadline is not None:
            deadline = min(deadline, row.deadline)
        _take_over(row, draft)
        row.veto_until, row.deadline = running_veto, deadline
        row.updated_at = self.now
        if unchanged:
            return Filed(row, "unchanged")
        if moved:
            row.snoozed_until = None
        row.drift = None
        self._revise(row, draft, "revised")
        return Filed(row, "revised")

    def _revise(self, row: ActionRow, draft: Draft, event: str) -> None:
        revision = revise(row, draft.arguments, draft.presented, cause="night", now=self.now)
        self.revisions.append(revision)
        tell(self.session, row, event, self.who, self.now)


def _open_on(
    session: Session, company_id: str, kind: str, subjects: Sequence[str]
) -> list[ActionRow]:
    query = select(ActionRow).where(
        ActionRow.company_id == company_id,
        ActionRow.kind == kind,
        ActionRow.subject.in_(subjects),
        ActionRow.status.in_(OPEN),
    )
    return list(session.scalars(locked(query.order_by(ActionRow.id))))


class _Past(NamedTuple):
    last: int
    """Occurrence of the last one, 0 if there was none."""
    ruled: ActionRow | None
    """The last one that didn't lapse."""


def _past(
    session: Session, company_id: str, kind: str, subjects: Sequence[str]
) -> Iterator[tuple[str, _Past]]:
    same = (ActionRow.company_id == company_id, ActionRow.kind == kind)
    ruled = func.max(ActionRow.occurrence).filter(ActionRow.status.not_in(_LAPSED))
    numbers = (
        select(
            ActionRow.subject, func.max(ActionRow.occurrence).label("last"), ruled.label("ruled")
        )
        .where(*same, ActionRow.subject.in_(subjects))
        .group_by(ActionRow.subject)
        .subquery()
    )
    of_that_number = (ActionRow.subject == numbers.c.subject) & (
        ActionRow.occurrence == numbers.c.ruled
    )
    query = select(numbers.c.subject, numbers.c.last, ActionRow).outerjoin_from(
        numbers, ActionRow, and_(*same, of_that_number)
    )
    for subject, last, row in session.execute(query):
        yield subject, _Past(last, row)


def _take_over(row: ActionRow, draft: Draft) -> None:
    for name in (
        "mission_id",
        "agent",
        "amount",
        "currency",
        "counterparty",
        "mode",
        "rule",
        "quorum",
        "veto_until",
        "deadline",
    ):
        setattr(row, name, getattr(draft, name))


def withdraw_others(
    session: Session, mission: MissionRow, keep: Sequence[str], now: datetime
) -> list[str]:
    """Withdraw what earlier missions of an agent proposed and this one, having judged everything,
    no longer does. What the same mission filed before stays: it may file more than once.
    """
    query = select(ActionRow).where(
        ActionRow.company_id == mission.company_id,
        ActionRow.agent == mission.agent,
        ActionRow.mission_id != mission.id,
        ActionRow.status == "proposed",
        ActionRow.id.not_in(keep),
    )
    gone = list(session.scalars(locked(query.order_by(ActionRow.id))))
    for row in gone:
        become(session, row, "withdrawn", Who(f"mission:{mission.id}", person=False), now)
    return [row.id for row in gone]
