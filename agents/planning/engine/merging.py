"""Joins what two windows of the same plan have found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from regisseur.agents.planning.engine.problem import At, Plan
from regisseur.agents.planning.engine.shop import Shop
from regisseur.agents.planning.engine.timing import Step, steps


def merged(
    shop: Shop, plan: Plan, order: Sequence[Step], free: Collection[At]
) -> list[Step] | None:
    """Give the free operations of a plan the sequence that an order for another plan gives them.

    On each machine they come where the first of them was, or last if there was none. ``None`` if
    the two don't go together: operations would wait for each other in a circle.
    """
    present = steps(shop, plan, hold=True)
    moving = [step for step in order if step.at in free]
    taken = {step.at: step for step in (*present, *moving)}
    waits = {step.at: shop.predecessors(step.at) for step in present}
    for number, machine in enumerate(shop.problem.machines):
        line = [step.at for step in present if step.machine == number]
        block = [step.at for step in moving if step.machine == number]
        place = next((index for index, at in enumerate(line) if at in free), len(line))
        line = [*line[:place], *block, *(at for at in line[place:] if at not in free)]
        if not machine.unlimited:
            for first, second in pairwise(line):
                waits[second].append(first)
    try:
        return [taken[at] for at in TopologicalSorter(waits).static_order()]
    except CycleError:
        return None
