"""How often somebody may ask: a count per person or address, begun anew every minute."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from regisseur.errors import RetryLater

MINUTE = 60.0


class TooOften(RetryLater):
    """Too many requests: wait a little."""


class Pace:
    """Counts requests; kept in memory, so that each serving process counts its own."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = per_minute, clock
        self._began, self._counted = clock(), Counter[str]()

    def count(self, who: str) -> None:
        """One more; raises RetryLater with the seconds to wait where it is too many."""
        passed = self._clock() - self._began
        if passed >= MINUTE:
            self._began, passed = self._clock(), 0.0
            self._counted.clear()
        self._counted[who] += 1
        if self._counted[who] > self._most:
            raise TooOften("that is too many requests; wait a minute", after=MINUTE - passed)
