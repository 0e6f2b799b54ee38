"""How long a search may last: by the clock, or by the work that the solver counts."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import NamedTuple


class Limits(NamedTuple):
    """How hard the solver searches in one model."""

    seconds: float | None
    """By the clock; ``None``: without such a limit."""
    effort: float
    """Deterministic seconds: as the solver counts its work, the same on every computer."""
    workers: int
    seed: int


class Budget:
    """Seconds by the clock since it was made, or deterministic seconds of the solver."""

    def __init__(
        self, seconds: float, deterministic: bool, clock: Callable[[], float] = monotonic
    ) -> None:
        self.seconds = seconds
        self.deterministic = deterministic
        self._clock = clock
        self._began = clock()
        self._charged = 0.0

    @property
    def left(self) -> float:
        """What remains."""
        spent = self._charged if self.deterministic else self.elapsed
        return self.seconds - spent

    @property
    def elapsed(self) -> float:
        """Seconds by the clock."""
        return self._clock() - self._began

    def charge(self, effort: float) -> None:
        """Note deterministic seconds that the solver has spent."""
        self._charged += effort

    def limits(self, share: float, workers: int, seed: int, effort: float = 1e9) -> Limits:
        """Limits for one model: a share of what remains, and an effort."""
        some = max(0.0, self.left * share)
        if self.deterministic:
            return Limits(None, min(effort, some), workers, seed)
        return Limits(some, effort, workers, seed)
