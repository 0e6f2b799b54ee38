"""How long a step takes, how far that may be off, and what it rests on: past cycles (``habits``) or
the company's own table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from regisseur.agents.planning.habits import Habit, Work
from regisseur.agents.planning.words import say
from regisseur.graphs.agent import Settings
from regisseur.tools.records import Cycle, Message, Percent

Minutes = Annotated[Decimal, Field(ge=0)]
Level = Literal["item", "routing", "operation"]
LEVELS: tuple[Level, ...] = ("operation", "routing", "item")
"""From far to near."""


class StepTime(Settings):
    """One row of the company's own table: what an operation takes."""

    operation: str = Field(min_length=1)
    """Name or id, as in the ERP."""
    item: str = ""
    """Code or id of the item, where the row is only for it."""
    routing: str = ""
    """Name or id of the routing, where the row is only for it."""
    fixed: Minutes = Decimal(0)
    """Minutes for each order, whatever its quantity, without set-up."""
    per_piece: Minutes = Decimal(0)
    """Minutes for each unit."""
    setup: Minutes | None = None
    """Minutes to set up after another item. Where the company has change-overs by family for the
    operation (``[agents.planning.setups]``), those hold."""
    wins: bool = False
    """Take this row even where past cycles are known."""

    @model_validator(mode="after")
    def _takes_time(self) -> StepTime:
        if not self.timed and (self.wins or self.setup is None):
            raise ValueError(f"{self.operation}: write fixed or per_piece, in minutes")
        return self

    @property
    def timed(self) -> bool:
        """Does it say how long the work takes, and not only its set-up?"""
        return bool(self.fixed or self.per_piece)

    @property
    def nearness(self) -> int:
        """The nearer of two rows that both apply is the one to take."""
        return 2 * bool(self.item) + bool(self.routing)

    @property
    def level(self) -> Level:
        """For what it is written."""
        return LEVELS[min(self.nearness, 2)]


class TimesSettings(Settings):
    """Where times come from: the table ``[agents.planning.times]``."""

    table: tuple[StepTime, ...] = ()
    table_wins: bool = False
    """Take the table wherever it has a row, even where past cycles are known."""
    table_range: float = Field(default=0.3, ge=0, lt=1)
    """How far off times of the table are reckoned to be: 0.3 for ±30 %."""
    least_cycles: int = Field(default=3, ge=1)
    """Past cycles below which nothing is learned of an operation."""
    half_life_days: int = Field(default=180, ge=7)
    """A cycle counts half after so many days, a quarter after twice as many."""

    @model_validator(mode="after")
    def _once(self) -> TimesSettings:
        seen = set()
        for row in self.table:
            key = tuple(text.casefold() for text in (row.operation, row.item, row.routing))
            if key in seen:
                raise ValueError(f"table: {row.operation} is there twice; keep one row")
            seen.add(key)
        return self


@dataclass(frozen=True)
class Task:
    """What is to be timed: a step for a quantity, in the item's stock unit."""

    operation_id: str
    operation: str
    item_id: str
    item: str
    """Code, or code and name."""
    quantity: float
    routing_id: str | None = None
    routing: str = ""
    centre_id: str | None = None
    """Where it is to be done; ``None`` where that is still open."""

    @property
    def work(self) -> Work:
        """By what its past is told apart."""
        return Work(self.routing_id, self.item_id, self.centre_id)


@dataclass(frozen=True)
class Estimate:
    """Minutes of work. Set-ups come on top; reported times are taken to be without them."""

    source: Literal["history", "table"]
    minutes: float
    """In the mean."""
    low: float
    """One time in ten it takes less …"""
    high: float
    """… and one time in ten more."""
    cycles: int = 0
    """Past cycles of ``level``; other ones of the operation count too, but less."""
    level: Level = "operation"
    """The nearest for which there is something."""
    setup: float = 0
    """Minutes of set-up by the company's table, whatever the source of the rest."""

    @property
    def spread(self) -> float:
        """Half the range as a share of the minutes: 0.18 for ±18 %."""
        return (self.high - self.low) / (2 * self.minutes)

    def told(self) -> Message:
        """What it rests on: ``from 14 cycles of this item, ±18 %``."""
        spread = Percent(value=Decimal(f"{self.spread:.4f}"))
        if self.source == "table":
            return say("from the company's table, ±{spread}", spread=spread)
        if self.level == "item":
            return say.counted(
                "from {count} cycle of this item, ±{spread}",
                "from {count} cycles of this item, ±{spread}",
                self.cycles,
                spread=spread,
            )
        if self.level == "routing":
            return say.counted(
                "from {count} cycle of other items on this routing, ±{spread}",
                "from {count} cycles of other items on this routing, ±{spread}",
                self.cycles,
                spread=spread,
            )
        return say.counted(
            "from {count} cycle of this operation on other routings, ±{spread}",
            "from {count} cycles of this operation on other routings, ±{spread}",
            self.cycles,
            spread=spread,
        )


class StepTimes:
    """Times steps by what was learned and by the company's table."""

    def __init__(
        self,
        cycles: Iterable[Cycle],
        settings: TimesSettings,
        on: date,
        *,
        unfinished: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Cycles of ``unfinished`` (order id, operation id) are not looked at: more will come."""
        self._settings = settings
        worked: dict[str, list[Cycle]] = defaultdict(list)
        for cycle in _steps(cycles, frozenset(unfinished)):
            worked[cycle.operation_id].append(cycle)
        self._habits = {
            operation: Habit(known, on, settings.half_life_days)
            for operation, known in worked.items()
            if len(known) >= settings.least_cycles
        }

    def of(self, task: Task) -> Estimate | None:
        """The company's table where it is nearer or shall win, else past cycles; ``None`` where
        neither knows, or the quantity is none.
        """
        if task.quantity <= 0:
            return None
        rows = [row for row in self._settings.table if _applies(row, task)]
        estimate = self._timed(task, _nearest(row for row in rows if row.timed))
        setting = _nearest(row for row in rows if row.setup is not None)
        if estimate is None or setting is None or setting.setup is None:
            return estimate
        return replace(estimate, setup=float(setting.setup))

    def _timed(self, task: Task, row: StepTime | None) -> Estimate | None:
        habit = self._habits.get(task.operation_id)
        if row is not None and (habit is None or self._preferred(row, habit, task)):
            return self._tabled(row, task)
        return _learned(habit, task) if habit else None

    def _preferred(self, row: StepTime, habit: Habit, task: Task) -> bool:
        """Past cycles of as near a level go before the table, unless the company says otherwise."""
        least = self._settings.least_cycles
        nearest = max(n for n, count in enumerate(habit.counts(task.work)) if count >= least)
        return row.wins or self._settings.table_wins or LEVELS.index(row.level) > nearest

    def _tabled(self, row: StepTime, task: Task) -> Estimate:
        minutes = float(row.fixed) + float(row.per_piece) * task.quantity
        off = minutes * self._settings.table_range
        return Estimate("table", minutes, minutes - off, minutes + off, level=row.level)


def _learned(habit: Habit, task: Task) -> Estimate:
    counts = habit.counts(task.work)
    nearest = max(n for n, count in enumerate(counts) if count)
    minutes, low, high = habit.reckon(task.work, task.quantity)
    return Estimate("history", minutes, low, high, counts[nearest], LEVELS[nearest])


def _steps(cycles: Iterable[Cycle], unfinished: frozenset[tuple[str, str]]) -> list[Cycle]:
    """One cycle for each step, oldest first: work on it may have been reported in parts."""
    whole: dict[tuple[str, str], Cycle] = {}
    for cycle in cycles:
        key = cycle.order_id, cycle.operation_id
        if key in unfinished:
            continue
        if key in whole:
            minutes, on = whole[key].minutes + cycle.minutes, max(whole[key].on, cycle.on)
            cycle = cycle.model_copy(update={"minutes": minutes, "on": on})
        whole[key] = cycle
    done = (one for one in whole.values() if one.minutes > 0 and one.quantity > 0)
    return sorted(done, key=lambda one: (one.on, one.order_id))


def _nearest(rows: Iterable[StepTime]) -> StepTime | None:
    return max(rows, key=lambda row: row.nearness, default=None)


def _applies(row: StepTime, task: Task) -> bool:
    return (
        _named(row.operation, task.operation_id, task.operation)
        and (not row.item or _named(row.item, task.item_id, task.item))
        and (not row.routing or _named(row.routing, task.routing_id or "", task.routing))
    )


def _named(text: str, identity: str, label: str) -> bool:
    """Is this its id, its label or the code with which its label begins?"""
    text, label = text.casefold(), label.casefold()
    return text in (identity.casefold(), label) or label.startswith((f"{text} ", f"[{text}]"))
