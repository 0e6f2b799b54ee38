"""The whole plan as one model: the best there is for few operations, sometimes with proof."""

from __future__ import annotations

from typing import NamedTuple

from regisseur.agents.planning.engine.budget import Limits
from regisseur.agents.planning.engine.freedom import Window, horizon
from regisseur.agents.planning.engine.model import Model
from regisseur.agents.planning.engine.problem import Plan
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop
from regisseur.agents.planning.engine.timing import timed


class Found(NamedTuple):
    """What came out."""

    plan: Plan | None
    bound: int
    """No plan costs less; zero if that isn't known."""
    spent: float
    """Deterministic seconds."""


def search(shop: Shop, plan: Plan, limits: Limits) -> Found:
    """Look for a better plan than the present one with all operations free."""
    machines = frozenset(range(len(shop.problem.machines)))
    model = Model(shop, plan, Window(machines, 0, horizon(shop, plan)))
    answer = model.solve(limits)
    bound = 0 if model.strict else max(0, answer.bound)
    try:
        better = timed(shop, answer.order) if answer.order is not None else None
    except CannotBePlanned:
        better = None
    return Found(better, bound, answer.spent)
