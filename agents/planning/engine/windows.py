"""Window search: free a few dozen operations, let the solver order them anew, keep what is better.

Large neighbourhood search. Windows are sized by the number of operations, since a share of the time
frees too many of a long plan at once, and grow while the solver proves them quickly. Most are
consecutive operations on all machines, the others on two of them, which reach further in time.

A round solves as many windows of the same plan as there are workers, one thread each: the solver
works outside of Python's lock. All that is better is kept, the second on top of the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from typing import NamedTuple

from regisseur.agents.planning.engine.budget import Budget, Limits
from regisseur.agents.planning.engine.freedom import Window
from regisseur.agents.planning.engine.merging import merged
from regisseur.agents.planning.engine.model import Answer, Model
from regisseur.agents.planning.engine.problem import Plan, cost
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop
from regisseur.agents.planning.engine.timing import timed

SMALLEST, FIRST, LARGEST = 12, 36, 80
"""Operations in a window."""
NARROW = 0.4
"""Share of the windows that are on two machines."""
EFFORT = 0.4
"""Deterministic seconds for one window, about one second of a processor."""
LEAST_EFFORT, LEAST_EFFORT_EACH = 0.01, 0.0002
"""What a window is charged at least, for the work around the solver's: once, and for each operation
of the plan."""


class Result(NamedTuple):
    """A window, and what became of it."""

    narrow: bool
    model: Model
    answer: Answer


class Windows:
    """Chooses windows, and learns how large they may be."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.random = Random(seed)
        self.sizes = {False: FIRST, True: FIRST}

    def choose(self, plan: Plan) -> tuple[bool, Window]:
        """Somewhere in the plan; where it begins and ends as often as elsewhere."""
        machines = range(len(self.shop.problem.machines))
        narrow = len(machines) > 2 and self.random.random() < NARROW
        chosen = frozenset(self.random.sample(machines, 2) if narrow else machines)
        here = (plan[at.job][at.operation] for at in self.shop.operations)
        starts = sorted(placed.start for placed in here if placed.machine in chosen)
        if not starts:
            return narrow, Window(chosen, 0, 1)
        size = min(self.sizes[narrow], len(starts))
        middle = self.random.randrange(len(starts))
        first = max(0, min(middle - size // 2, len(starts) - size))
        return narrow, Window(chosen, starts[first], starts[first + size - 1] + 1)

    def limits(self, budget: Budget) -> Limits:
        """How hard to search in the next one."""
        return budget.limits(1.0, 1, self.random.randrange(2**31), EFFORT)

    def learn(self, result: Result) -> None:
        """Larger next time if it was easy, smaller if it was too much."""
        size, answer = self.sizes[result.narrow], result.answer
        if not answer.optimal:
            self.sizes[result.narrow] = max(SMALLEST, size - 2)
        elif answer.spent < EFFORT / 2:
            more = 4 if answer.spent < EFFORT / 10 else 1
            self.sizes[result.narrow] = min(LARGEST, size + more)


def search(shop: Shop, plan: Plan, budget: Budget, seed: int, workers: int) -> Iterator[Plan]:
    """Yield each better plan, until the budget is spent."""
    windows, least = Windows(shop, seed), cost(shop.problem, plan)
    charge = LEAST_EFFORT + LEAST_EFFORT_EACH * len(shop.operations)
    with ThreadPoolExecutor(workers) as threads:
        while least and budget.left > 0:
            # All is settled before a thread begins, lest the plan depend on which is faster.
            tasks = [
                partial(solved, shop, plan, *windows.choose(plan), windows.limits(budget))
                for _ in range(workers)
            ]
            for future in [threads.submit(task) for task in tasks]:
                result = future.result()
                budget.charge(max(charge, result.answer.spent))
                windows.learn(result)
                found = replaced(shop, plan, result)
                if found is None or cost(shop.problem, found) > least:
                    continue
                plan, was, least = found, least, cost(shop.problem, found)
                if least < was:
                    yield plan


def solved(shop: Shop, plan: Plan, narrow: bool, window: Window, limits: Limits) -> Result:
    """Look for a better order in a window."""
    model = Model(shop, plan, window)
    return Result(narrow, model, model.solve(limits, light=True))


def replaced(shop: Shop, plan: Plan, result: Result) -> Plan | None:
    """The plan with what was found for a window of it, or of the plan that it was a moment ago."""
    order = result.answer.order
    if order is not None and plan is not result.model.plan:
        order = merged(shop, plan, order, result.model.free)
    if order is None:
        return None
    try:
        return timed(shop, order)
    except CannotBePlanned:
        return None
