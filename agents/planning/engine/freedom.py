"""What a window of a plan lets be changed.

Operations that start in the window on its machines are free: any order, any of these machines.
Elsewhere the machines keep their order; what the window can't touch keeps its times.
"""

from __future__ import annotations

from dataclasses import dataclass

from regisseur.agents.planning.engine.problem import At, Placed, Plan
from regisseur.agents.planning.engine.shop import Shop


@dataclass(frozen=True, slots=True)
class Window:
    """Part of a plan: what starts from one time to before another, on some machines."""

    machines: frozenset[int]
    begin: int
    end: int

    def has(self, placed: Placed) -> bool:
        """Does it start in it?"""
        return placed.machine in self.machines and self.begin <= placed.start < self.end


class Freedom:
    """The operations of a plan in the order of their starts, and which of them can change."""

    def __init__(self, shop: Shop, plan: Plan, window: Window) -> None:
        self.shop = shop
        self.plan = plan
        self.window = window
        self.sequence = sorted(shop.operations, key=lambda at: (self.now(at).start, at))
        self.free = {
            at for at in self.sequence if window.has(self.now(at)) and at not in shop.fixed
        }
        self.touched = self._touched()

    def now(self, at: At) -> Placed:
        """Where the plan has an operation."""
        return self.plan[at.job][at.operation]

    def _touched(self) -> set[At]:
        """What can get another time: what is free, and what comes after that in any way."""
        touched: set[At] = set()
        behind: set[int] = set()
        for at in self.sequence:
            machine, start, _ = self.now(at)
            if start >= self.window.end:
                behind |= self.window.machines
            crew = self.shop.operation(at).crew is not None and start >= self.window.begin
            waits = any(earlier in touched for earlier in self.shop.predecessors(at))
            if at not in self.shop.fixed and (
                at in self.free or machine in behind or waits or crew
            ):
                touched.add(at)
                if not self.shop.problem.machines[machine].unlimited:
                    behind.add(machine)
        return touched


def horizon(shop: Shop, plan: Plan) -> int:
    """The clock time at which a better plan will have ended: a tenth after this, and the known one."""
    ends = [placed.end for row in plan for placed in row]
    known = [placed.end for placed in shop.problem.before.values()]
    return max((*ends, *known), default=0) * 11 // 10 + 1
