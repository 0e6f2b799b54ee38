"""What past cycles say of one operation.

Minutes are explained by a curve of the operation (a fixed part and so much a piece) times factors of
the routing, of the item on it and of the work centre. Each factor is drawn towards 1 as far as it
rests on little: n cycles that scatter by s, around factors that scatter by t, count for
n t² / (n t² + s²) of it (empirical Bayes: s and t are learned from all cycles of the operation).
Logarithms, medians and clipped deviations keep a forgotten clock from weighing more than a cycle.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regisseur.tools.records import Cycle

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Members = dict[Hashable, Rows]
"""Positions of the cycles of each group, oldest first."""

SHARES = np.linspace(0.0, 1.0, 21)
"""Shares of the time of a usual order that may grow with its quantity."""
USUAL_SHARE, STUBBORN = 0.8, 1.0
"""Share that is taken where quantities tell nothing, and how far cycles must speak against it."""
USUAL_NOISE, NOISE_PRIOR = 0.25, 5
"""Scatter of repeated work (a standard deviation of logarithms), and pairs that it counts for."""
USUAL_FACTOR, FACTOR_PRIOR = 0.3, 3
"""Scatter of factors, and factors that it counts for."""
LEAST_NOISE = 0.05
LEAST_WEIGHT = 1e-6
ROUTING, ITEM = 0, 1
"""Places of two of the three sorts of factors."""
ROUNDS = 4
"""More of them move estimates by less than 1 % in the mean (measured on synthetic cycles)."""
REACH = 2.5
"""Standard deviations beyond which a cycle counts no further."""
MAD = 1.4826
"""Makes a standard deviation of a median absolute deviation."""
NINETIETH = 1.2816
"""The 90 % quantile of the normal distribution: 80 % lie between minus and plus of it."""


class Work(NamedTuple):
    """By what past work is told apart."""

    routing: str | None
    item: str
    centre: str | None
    """``None`` where that is still open."""

    @property
    def groups(self) -> tuple[Hashable, ...]:
        """One of each sort of factors."""
        return self.routing, (self.routing, self.item), self.centre


class Habit:
    """What past cycles, one for each step, oldest first, say of one operation."""

    def __init__(self, cycles: Sequence[Cycle], on: date, half_life: int) -> None:
        """A cycle counts half after ``half_life`` days."""
        quantities = np.array([float(one.quantity) for one in cycles])
        logs = np.log([float(one.minutes) for one in cycles])
        ages = np.array([max((on - one.on).days, 0) for one in cycles])
        weights = np.maximum(0.5 ** (ages / half_life), LEAST_WEIGHT)
        groups = [Work(one.routing_id, one.item_id, one.work_centre_id).groups for one in cycles]
        self._members = [_members(sort) for sort in zip(*groups, strict=True)]
        self._usual = _median(quantities, weights)
        effects = np.zeros((len(self._members), len(cycles)))
        for _ in range(ROUNDS):
            self._level, self._share = self._curve(quantities, logs - effects.sum(0), weights)
            left = logs - self._level - np.log(self._shape(quantities, self._share))
            self._noise = _noise(left - effects.sum(0), self._members[ITEM])
            self._factors: list[Factor] = []
            for sort, members in enumerate(self._members):
                others = effects.sum(0) - effects[sort]
                factor = Factor(left - others, weights, members, self._noise)
                for group, rows in members.items():
                    effects[sort][rows] = factor.effect[group]
                self._factors.append(factor)
        self._rest = self._noise / max(float(weights.sum()), 1.0)
        self._count = len(cycles)

    def counts(self, work: Work) -> tuple[int, int, int]:
        """Cycles of the operation, of the routing, and of the item there."""
        routing, item, _ = work.groups
        members = self._members
        return (
            self._count,
            len(members[ROUTING].get(routing, ())),
            len(members[ITEM].get(item, ())),
        )

    def reckon(self, work: Work, quantity: float) -> tuple[float, float, float]:
        """Minutes in the mean, and the range in which four of five times lie."""
        effect, doubt = 0.0, 0.0
        for sort, (factor, group) in enumerate(zip(self._factors, work.groups, strict=True)):
            if sort == ITEM:  # what the item itself tells doesn't hang on its routing
                doubt *= factor.doubted(group) ** 2
            effect += factor.effect.get(group, 0.0)
            doubt += factor.doubted(group) * factor.between
        shape = float(np.log(self._shape(quantity, self._share)))
        middle = math.exp(self._level + effect + shape)
        reach = math.exp(NINETIETH * math.sqrt(self._noise + doubt + self._rest))
        return middle * math.exp(min(self._noise, 1.0) / 2), middle / reach, middle * reach

    def _curve(self, quantities: Floats, logs: Floats, weights: Floats) -> tuple[float, float]:
        """The level and the share by quantity that leave the smallest absolute deviations."""
        best = (math.inf, 0.0, USUAL_SHARE)
        for share in map(float, SHARES):
            apart = logs - np.log(self._shape(quantities, share))
            level = _median(apart, weights)
            cost = float((weights * np.abs(apart - level)).sum())
            cost += STUBBORN * (share - USUAL_SHARE) ** 2
            best = min(best, (cost, level, share))
        return best[1], best[2]

    def _shape(self, quantity: Floats | float, share: float) -> Floats:
        """Time of a quantity, as a multiple of that of the usual one; never quite nothing."""
        return np.maximum((1 - share) + share * np.asarray(quantity) / self._usual, 1e-9)


class Factor:
    """Factors of groups of cycles, as logarithms, each drawn towards none (0)."""

    def __init__(self, left: Floats, weights: Floats, members: Members, noise: float) -> None:
        self.between = _between(left, weights, members, noise)
        """Variance of the factors."""
        self.effect: dict[Hashable, float] = {}
        self._trust: dict[Hashable, float] = {}
        for group, rows in members.items():
            own = float(weights[rows].sum()) * self.between
            self._trust[group] = own / (own + noise)
            mean = _centre(left[rows], weights[rows], noise, self.between)
            self.effect[group] = self._trust[group] * mean

    def doubted(self, group: Hashable) -> float:
        """What the group's own cycles leave open, of 1; all of it where it has none, and where no
        group is named, as any may come.
        """
        return 1 - self._trust.get(group, 0.0)


def _members(groups: Iterable[Hashable]) -> Members:
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        rows[group].append(row)
    return {group: np.array(found) for group, found in rows.items()}


def _noise(left: Floats, items: Members) -> float:
    """Variance of repeated work, from each cycle of an item and the one before it."""
    steps = [np.abs(np.diff(left[rows])) for rows in items.values() if len(rows) > 1]
    pairs = np.concatenate(steps) if steps else np.zeros(0)
    seen = float((MAD * np.median(pairs)) ** 2 / 2) if len(pairs) else 0.0
    prior = NOISE_PRIOR * USUAL_NOISE**2
    return max((len(pairs) * seen + prior) / (len(pairs) + NOISE_PRIOR), LEAST_NOISE**2)


def _between(left: Floats, weights: Floats, members: Members, noise: float) -> float:
    """Variance of factors: what their groups' medians scatter more than chance makes them."""
    middles = [_median(left[rows], weights[rows]) for rows in members.values()]
    chance = float(np.median([noise / len(rows) for rows in members.values()]))
    seen = max((MAD * float(np.median(np.abs(middles)))) ** 2 - chance, 0.0)
    prior = FACTOR_PRIOR * USUAL_FACTOR**2
    return (len(members) * seen + prior) / (len(members) + FACTOR_PRIOR)


def _centre(values: Floats, weights: Floats, noise: float, between: float) -> float:
    """Weighted mean of deviations, clipped around their median, or around none where there are too
    few to tell which of them is off.
    """
    if len(values) > 2:
        middle, reach = _median(values, weights), REACH * math.sqrt(noise)
    else:
        middle, reach = 0.0, REACH * math.sqrt(noise + between)
    clipped = np.clip(values, middle - reach, middle + reach)
    return float(np.average(clipped, weights=weights))


def _median(values: Floats, weights: Floats) -> float:
    """The weighted median; of two in the middle, their mean."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    reached = np.cumsum(weights[order])
    half = reached[-1] / 2
    low = int(np.searchsorted(reached, half * (1 - 1e-9)))
    high = int(np.searchsorted(reached, half * (1 + 1e-9), side="right"))
    return float(ranked[low] + ranked[min(high, len(ranked) - 1)]) / 2
