"""Finds a good plan, in three stages that always leave a valid one.

Rules give a plan at once: never worse than due-date order, since that is one of them. A model of
the whole plan is tried where there are few operations; windows of it until the budget is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import NamedTuple

from regisseur.agents.planning.engine import rules
from regisseur.agents.planning.engine.budget import Budget
from regisseur.agents.planning.engine.problem import Plan, Problem, cost
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop

SMALL = 120
"""Up to so many operations, the whole plan is tried as one model."""
SMALL_WITHOUT_SETUPS = 1000
"""The same where no machine has set-ups, and the model needs no literal for each pair."""
SHARE = 0.7
"""Share of the budget for that."""


RULES: Mapping[str, Callable[[Shop], Iterable[Plan]]] = {
    "due dates": rules.by_due_date,
    "known plan": rules.by_known,
    "index rule": rules.by_index,
}


class Stage(NamedTuple):
    """What the best plan costs at the end of a step of the work."""

    name: str
    cost: int
    seconds: float
    """By the clock, since the beginning."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan, and how it was found."""

    plan: Plan
    cost: int
    stages: tuple[Stage, ...]
    optimal: bool
    """Proved: no plan costs less, of those that are at most a tenth longer than that of the
    rules or the known one."""
    bound: int
    """None of these costs less than this; zero says nothing."""
    solver: str
    """Its name and version; empty if it was not asked."""
    parameters: Mapping[str, object]
    """What to ask again with, to get the same."""


def schedule(
    problem: Problem,
    budget: float = 30.0,
    seed: int = 0,
    workers: int = 2,
    deterministic: bool = False,
    tell: Callable[[Stage], None] | None = None,
) -> Outcome:
    """Plan within a budget in seconds by the clock, or in deterministic seconds of the solver.

    With the latter, the same seed and workers give the same plan on every computer. A budget of
    zero gives the plan of the rules, without the solver. ``tell`` hears of each better plan.

    Raises CannotBePlanned, with the operation, if there is no time for one.
    """
    work = Work(Shop(problem), Budget(budget, deterministic), tell)
    work.by_rules()
    if budget > 0 and work.cost:
        work.search(seed, workers)
    asked = {"budget": budget, "seed": seed, "workers": workers, "deterministic": deterministic}
    return Outcome(
        plan=work.best,
        cost=work.cost,
        stages=tuple(work.stages),
        optimal=work.cost <= work.bound,
        bound=work.bound,
        solver=work.solver,
        parameters=asked,
    )


class Work:
    """The best plan so far, and how it came about."""

    def __init__(self, shop: Shop, budget: Budget, tell: Callable[[Stage], None] | None) -> None:
        self.shop = shop
        self.budget = budget
        self.tell = tell or (lambda stage: None)
        self.plan: Plan | None = None
        self.bound = 0
        self.solver = ""
        self.stages: list[Stage] = []

    @property
    def best(self) -> Plan:
        """The plan, which there is once the rules have found one."""
        assert self.plan is not None
        return self.plan

    @property
    def cost(self) -> int:
        """What it costs."""
        return cost(self.shop.problem, self.best)

    def by_rules(self) -> None:
        """Keep the best plan of the rules. Raises CannotBePlanned if none finds time for all."""
        failed: list[CannotBePlanned] = []
        for name, rule in RULES.items():
            found = False
            try:
                for plan in rule(self.shop):
                    found = True
                    self._keep(name, plan)
            except CannotBePlanned as error:
                failed.append(error)
            if found:
                self._end(name)
        if self.plan is None:
            raise failed[0]

    def search(self, seed: int, workers: int) -> None:
        """Spend the budget on a better one, unless there can't be any."""
        from regisseur.agents.planning.engine import pairwise, windows

        self.solver = f"OR-tools CP-SAT {version('ortools')}"
        small = SMALL if any(self.shop.setups) else SMALL_WITHOUT_SETUPS
        if len(self.shop.operations) <= small:
            limits = self.budget.limits(SHARE, 1 if self.budget.deterministic else workers, seed)
            found = pairwise.search(self.shop, self.best, limits)
            self.budget.charge(found.spent)
            self.bound = max(0, found.bound)
            if found.plan is not None:
                self._keep("whole", found.plan)
            self._end("whole")
        if self.cost > self.bound:
            for plan in windows.search(self.shop, self.best, self.budget, seed, workers):
                self._keep("windows", plan)
            self._end("windows")

    def _keep(self, name: str, plan: Plan) -> None:
        if self.plan is None or cost(self.shop.problem, plan) < self.cost:
            self.plan = plan
            self.tell(Stage(name, self.cost, self.budget.elapsed))

    def _end(self, name: str) -> None:
        self.stages.append(Stage(name, self.cost, self.budget.elapsed))
