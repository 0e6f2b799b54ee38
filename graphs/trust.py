"""Trust is measured: records of what people made of proposals, and what mode they would earn.

Pure: counts come in, suggestions go out. A suggestion is a proposal to an administrator; no agent
grants itself anything (design, section 8).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from regisseur.graphs.policy import Mode


class TrustSettings(BaseModel):
    """When a record speaks for more trust, and when for less (``[company.trust]``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int = Field(default=60, ge=1)
    """How far back is looked."""
    least: int = Field(default=20, ge=1)
    """Decisions that a promotion needs."""
    least_days: int = Field(default=5, ge=1)
    """Different days on which they were taken: twenty in one click are one opinion."""
    unedited: Decimal = Field(default=Decimal("0.95"), gt=0, le=1)
    """Share of them that took the proposal as it was, at least; and no failure and no regret."""
    demote_below: Decimal = Field(default=Decimal("0.80"), ge=0, le=1)
    """What runs unasked is to ask again once fewer than this share were taken as they were."""
    demote_least: int = Field(default=5, ge=1)
    """Decisions that this needs; one regret, or two failures, need none."""
    bands: tuple[Decimal, ...] = (Decimal(500), Decimal(2000), Decimal(10000))
    """Upper ends of the amount bands, company currency; what is above the last is never promoted."""
    veto_until: time = time(10)
    """The hour that a suggested veto window ends at."""

    @field_validator("bands")
    @classmethod
    def _rising(cls, value: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        if list(value) != sorted(set(value)) or any(one <= 0 for one in value):
            raise ValueError("write amounts above 0, each more than the one before")
        return value


@dataclass(frozen=True)
class Band:
    """Amounts that are counted together, company currency."""

    above: Decimal | None = None
    up_to: Decimal | None = None
    """Both ``None``: no money moves, or in another currency."""


Outcome = Literal["unedited", "edited", "rejected", "unopposed", "unasked", "shadow", "expired"]


@dataclass(frozen=True)
class Case:
    """One action that came to an end, or was only looked at."""

    agent: str
    kind: str
    amount: Decimal | None
    """In company currency; ``None`` where no money moves, or in another currency."""
    money: bool
    """Money moves, in whatever currency."""
    outcome: Outcome
    mode: Mode
    """In which it ran."""
    day: date
    reason: str = ""
    """Of a rejection."""
    failed: bool = False
    regretted: bool = False


@dataclass(frozen=True)
class Record:
    """How what an agent proposed of one kind and size fared; every action is counted once."""

    agent: str
    kind: str
    """Empty for all kinds together."""
    band: Band = Band()
    unedited: int = 0
    """A person approved it as it was."""
    edited: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    """By the reason that was named."""
    unopposed: int = 0
    """Nobody refused it before its window ended."""
    unasked: int = 0
    """Done automatically."""
    shadow: int = 0
    """Proposed only to be looked at."""
    expired: int = 0
    failed: int = 0
    """Of those approved, by whomever: it could not be carried out."""
    regretted: int = 0
    """Of those done: somebody said afterwards that it should not have been."""
    days: int = 0
    """Different days on which these came to their end."""

    @property
    def refused(self) -> int:
        """How many were rejected, for whatever reason."""
        return sum(self.rejected.values())

    @property
    def decided(self) -> int:
        """How many a person decided."""
        return self.unedited + self.edited + self.refused

    @property
    def agreement(self) -> Decimal | None:
        """Share of the decided that was approved as it was; ``None`` where nothing was decided."""
        return Decimal(self.unedited) / self.decided if self.decided else None

    @property
    def taken(self) -> Decimal | None:
        """The same share, what nobody opposed in time counted as approved."""
        judged = self.decided + self.unopposed
        return Decimal(self.unedited + self.unopposed) / judged if judged else None


def tally(agent: str, kind: str, cases: Iterable[Case], band: Band = Band()) -> Record:
    """The record that these make; the band is only named."""
    counted = list(cases)
    outcomes = Counter(one.outcome for one in counted)
    refused = Counter(one.reason for one in counted if one.outcome == "rejected")
    return Record(
        agent=agent,
        kind=kind,
        band=band,
        unedited=outcomes["unedited"],
        edited=outcomes["edited"],
        rejected=dict(sorted(refused.items())),
        unopposed=outcomes["unopposed"],
        unasked=outcomes["unasked"],
        shadow=outcomes["shadow"],
        expired=outcomes["expired"],
        failed=sum(one.failed for one in counted),
        regretted=sum(one.regretted for one in counted),
        days=len({one.day for one in counted}),
    )


def band_of(case: Case, bands: Sequence[Decimal]) -> Band:
    """The band that an action's amount falls into."""
    if case.amount is None:
        return Band()
    size = abs(case.amount)
    above = max((one for one in bands if one < size), default=None)
    return Band(above, next((one for one in bands if size <= one), None))


def records(cases: Iterable[Case], bands: Sequence[Decimal]) -> list[Record]:
    """By agent, kind and band, in this order."""
    grouped: defaultdict[tuple[str, str, Band], list[Case]] = defaultdict(list)
    for one in cases:
        grouped[one.agent, one.kind, band_of(one, bands)].append(one)
    ordered = sorted(
        grouped.items(),
        key=lambda item: (*item[0][:2], item[0][2].above or 0, item[0][2] != Band()),
    )
    return [tally(agent, kind, found, band) for (agent, kind, band), found in ordered]


def promoted(
    agent: str, kind: str, mode: Mode, cases: Sequence[Case], settings: TrustSettings
) -> Advice | None:
    """What the cases that ran in ``mode`` have earned, ``None`` where nothing.

    From shadow to asking for all amounts; from there on only up to the end of the highest band that
    the record bears, or without a ceiling where no money ever moves.
    """
    ran = [one for one in cases if one.mode == mode]
    if mode == "shadow":
        record = tally(agent, kind, ran)
        return Advice("ask", None, record) if _looked_right(record, settings) else None
    if mode == "auto":
        return None
    now: Mode = "veto" if mode == "ask" else "auto"
    if not any(one.money for one in cases):
        record = tally(agent, kind, ran)
        return Advice(now, None, record) if _earned(record, mode, settings) else None
    ceiling = _ceiling(agent, kind, mode, ran, settings)
    if ceiling is None:
        return None
    within = (one for one in ran if one.amount is not None and abs(one.amount) <= ceiling)
    return Advice(now, ceiling, tally(agent, kind, within, Band(None, ceiling)))


def demoted(
    agent: str, kind: str, mode: Mode, cases: Sequence[Case], settings: TrustSettings
) -> Advice | None:
    """Does what runs unasked have to ask again? One regret, two failures, or too little agreement."""
    if mode not in ("veto", "auto"):
        return None
    record = tally(agent, kind, cases)
    judged = record.decided + record.unopposed
    disliked = (
        record.taken is not None
        and judged >= settings.demote_least
        and record.taken < settings.demote_below
    )
    if disliked or record.regretted or record.failed >= 2:
        return Advice("ask", None, record)
    return None


@dataclass(frozen=True)
class Advice:
    """Another mode, up to what amount, and the record that speaks for it."""

    mode: Mode
    up_to: Decimal | None
    record: Record


def _ceiling(
    agent: str, kind: str, mode: Mode, ran: Sequence[Case], settings: TrustSettings
) -> Decimal | None:
    """The end of the highest band such that all up to it together have earned it, and that no band
    among them was taken less often than it must be.
    """
    found: Decimal | None = None
    below: list[Case] = []
    for end in settings.bands:
        band = [one for one in ran if band_of(one, settings.bands).up_to == end]
        if not band:
            continue
        share = tally(agent, kind, band).taken
        if share is None or share < settings.unedited:
            break
        below += band
        if _earned(tally(agent, kind, below), mode, settings):
            found = end
    return found


def _earned(record: Record, mode: Mode, settings: TrustSettings) -> bool:
    """Often enough, on enough days, nearly always taken as it was, and nothing went wrong."""
    agreed = record.unopposed if mode == "veto" else record.decided
    return (
        agreed >= settings.least
        and record.days >= settings.least_days
        and record.taken is not None
        and record.taken >= settings.unedited
        and not record.failed
        and not record.regretted
    )


def _looked_right(record: Record, settings: TrustSettings) -> bool:
    """What was only looked at: seldom enough rejected to be asked about from now on."""
    seen = record.shadow + record.refused
    return (
        seen >= settings.least
        and record.days >= settings.least_days
        and Decimal(record.shadow) / seen >= settings.unedited
    )
