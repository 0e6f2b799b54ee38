"""Leave orders on the days and the work centres that people know, where nothing is lost by it.

A search for the least lateness starts everything as soon as it can, wherever it can. People know
other days and places: those of the last plan, or of the ERP. An order is held back to them wherever
the plan gets no worse, so that only what has to move is moved, and nothing is made weeks before it
is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from regisseur.agents.planning.building import Built
from regisseur.agents.planning.engine.problem import At, Plan, cost
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop
from regisseur.agents.planning.engine.timing import Step, timed
from regisseur.agents.planning.night import Night

K = TypeVar("K")
Starts = Mapping[At, int]
"""Not before which unit operations start."""


def steadied(night: Night, made: Built, plan: Plan) -> Plan:
    """The plan with as many orders left where they are as it takes without harm."""
    plan = _Steadier(made, plan).in_their_places()
    known = _known_starts(night, made)
    plan = _Steadier(made, plan).held_back(known)
    return _Steadier(made, plan).begun_later(known)


def _known_starts(night: Night, made: Built) -> dict[int, int]:
    """By job: the unit at which people know it to start."""
    found = {}
    for number, work in enumerate(made.works):
        known = made.problem.before.get(At(number, 0))
        if known is not None:
            found[number] = known.start
        elif work.order.planned_start is not None:
            midnight = datetime.combine(work.order.planned_start, datetime.min.time())
            found[number] = night.units.floor(midnight)
    return found


class _Steadier:
    def __init__(self, made: Built, plan: Plan) -> None:
        self.made, self.problem, self.plan = made, made.problem, plan
        self.shop = Shop(made.problem)
        self._least = cost(made.problem, plan)
        self._machines = {
            At(number, position): placed.machine
            for number, job in enumerate(plan)
            for position, placed in enumerate(job)
        }

    def in_their_places(self) -> Plan:
        """Steps on the work centres that the ERP has them on."""
        numbers = {centre: number for number, centre in enumerate(self.made.centres)}
        wanted = {}
        for at, machine in self._machines.items():
            there = numbers.get(self.made.task(at).erp_centre or "")
            options = {one.machine for one in self.shop.operation(at).options}
            if there is not None and there != machine and there in options:
                wanted[at] = there

        def placed(chosen: Mapping[At, int]) -> Plan:
            return timed(self.shop, self._order({}, self._machines | {**chosen}))

        return self._most(wanted, placed)

    def held_back(self, known: Mapping[int, int]) -> Plan:
        """Whole orders, with all their steps and what is built from them."""
        wanted = {number: start for number, start in known.items() if self._early(number, start)}

        def held(chosen: Mapping[int, int]) -> Plan:
            first = {At(number, 0): start for number, start in chosen.items()}
            return timed(self.shop, self._order(first, self._machines, self._shifts(chosen)))

        return self._most(wanted, held)

    def begun_later(self, known: Mapping[int, int]) -> Plan:
        """First steps alone, where the next one has to wait anyway."""
        early = {number: start for number, start in known.items() if self._early(number, start)}
        wanted = {
            At(number, position): start
            for number, start in early.items()
            for position in range(len(self.plan[number]) - 1)
        }

        def begun(chosen: Starts) -> Plan:
            holds = {at: unit for one in early.items() for at, unit in self._latest(*one, chosen)}
            return timed(self.shop, self._order(holds, self._machines))

        return self._most(wanted, begun)

    def _early(self, number: int, start: int) -> bool:
        fixed = self.problem.jobs[number].operations[0].fixed
        return fixed is None and start > self.plan[number][0].start

    def _latest(self, number: int, start: int, chosen: Starts) -> Iterator[tuple[At, int]]:
        """From the last step but one backwards: the chosen ones as late as the next step, held back
        or not, allows; none later than ``start``.
        """
        placed = self.plan[number]
        following = placed[-1].start
        for position in range(len(placed) - 2, -1, -1):
            at, here = At(number, position), placed[position]
            calendar = self.shop.calendars[here.machine]
            work = calendar.done(here.end) - calendar.done(here.start)
            latest = calendar.start(max(calendar.done(following) - work, 0))
            following = here.start
            if at in chosen and min(latest, start) > here.start:
                following = min(latest, start)
                yield at, following

    def _shifts(self, holds: Mapping[int, int]) -> dict[int, int]:
        """By how much each job moves: those that are held, and those that are built from them."""
        shifts: dict[int, int] = {}
        for number in self.shop.order:
            first = self.plan[number][0].start
            waits = (shifts[earlier] for earlier in self.problem.jobs[number].after)
            shifts[number] = max(holds.get(number, first) - first, *waits, 0)
        return shifts

    def _order(
        self, holds: Starts, machines: Mapping[At, int], shifts: Mapping[int, int] | None = None
    ) -> Sequence[Step]:
        """The order of work: by the starts of the plan, moved where something is held back. Nothing
        starts sooner than in the plan, or what one round has held back would slide to its front.
        """
        rank = {number: place for place, number in enumerate(self.shop.order)}
        starts = {at: self.plan[at.job][at.operation].start for at in machines}
        keyed = sorted(
            (max(start + (shifts or {}).get(at.job, 0), holds.get(at, 0)), rank[at.job], at)
            for at, start in starts.items()
        )
        return [Step(at, machines[at], max(starts[at], holds.get(at, 0))) for _, _, at in keyed]

    def _most(self, wanted: Mapping[K, int], tried: Callable[[Mapping[K, int]], Plan]) -> Plan:
        """As much of what is wanted as leaves the plan no worse: all at once, or by halves."""
        kept: dict[K, int] = {}
        best = self.plan
        groups = [sorted(wanted, key=lambda one: -wanted[one])] if wanted else []
        while groups:
            group = groups.pop()
            more = kept | {one: wanted[one] for one in group}
            plan = self._no_worse(tried, more)
            if plan is not None:
                kept, best = more, plan
            elif len(group) > 1:
                half = len(group) // 2
                groups += [group[half:], group[:half]]
        return best

    def _no_worse(
        self, tried: Callable[[Mapping[K, int]], Plan], chosen: Mapping[K, int]
    ) -> Plan | None:
        try:
            plan = tried(chosen)
        except CannotBePlanned:
            return None
        return plan if cost(self.problem, plan) <= self._least else None
