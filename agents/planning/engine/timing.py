"""Exact times: where the next operation goes on its machine, and when it starts and ends.

Every stage of planning ends here, so that a plan is exact whatever its model has simplified. A
stage says in which order operations are placed, and on which machine; each then starts as early as
it can. Operations that are placed in the order of their starts never start later than they did.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from regisseur.agents.planning.engine.problem import (
    At,
    Crew,
    Interval,
    Operation,
    Option,
    Placed,
    Plan,
)
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop
from regisseur.agents.planning.engine.working import TooShort


class Step(NamedTuple):
    """An operation to be placed."""

    at: At
    machine: int
    earliest: int = 0
    """Not before, to stay where people know it."""


class Heads:
    """How many people of a crew are free, as a function of time."""

    def __init__(self, crew: Crew) -> None:
        self.times = [0]
        self.free = [0]
        for begin, end, heads in crew.heads:
            self.take(((begin, end),), -heads)

    def cut(self, time: int) -> int:
        """Let a piece begin at a time; say which."""
        place = bisect_left(self.times, time)
        if place == len(self.times) or self.times[place] != time:
            self.times.insert(place, time)
            self.free.insert(place, self.free[place - 1])
        return place

    def take(self, parts: Iterable[Interval], heads: int) -> None:
        """Keep people busy (or add some, if negative)."""
        for begin, end in parts:
            first = self.cut(begin)
            for place in range(first, self.cut(end)):
                self.free[place] -= heads

    def wait(self, parts: Iterable[Interval], heads: int) -> int | None:
        """Until when to wait at least because too few are free; ``None``: they are.

        Raises TooShort if there will never be enough.
        """
        for begin, end in parts:
            place = bisect_right(self.times, begin) - 1
            while place < len(self.times) and self.times[place] < end:
                if self.free[place] < heads:
                    return self._enough(place, heads)
                place += 1
        return None

    def _enough(self, place: int, heads: int) -> int:
        for later in range(place + 1, len(self.times)):
            if self.free[later] >= heads:
                return self.times[later]
        raise TooShort


class Line:
    """What a machine does, one operation after the other, in its working time."""

    __slots__ = ("ends", "families", "settled", "starts")

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.families: list[str] = []
        self.settled = 0
        """Operations before this place have been passed: the next is appended behind them."""

    def add(self, place: int, start: int, end: int, family: str) -> None:
        """Put an operation at a place. Started ones may overlap: the last to end counts."""
        if place and self.ends[place - 1] > end:
            end, family = self.ends[place - 1], self.families[place - 1]
        self.starts.insert(place, start)
        self.ends.insert(place, end)
        self.families.insert(place, family)


class Spot(NamedTuple):
    """Where an operation fits."""

    option: Option
    place: int
    """Its place in the line of the machine."""
    work: int
    """Working time of the machine before its start."""

    @property
    def until(self) -> int:
        """Working time of the machine before its end."""
        return self.work + self.option.duration


class Timetable:
    """A plan in the making. Fixed operations are in it from the beginning."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.lines = [Line() for _ in shop.problem.machines]
        self.crews = [Heads(crew) for crew in shop.problem.crews]
        self.placed: dict[At, Placed] = {}
        for at, placed in sorted(shop.fixed.items(), key=lambda item: (item[1].start, item[0])):
            calendar = shop.calendars[placed.machine]
            spot = Spot(
                Option(placed.machine, calendar.done(placed.end) - calendar.done(placed.start)),
                len(self.lines[placed.machine].starts),
                calendar.done(placed.start),
            )
            self._put(at, spot, placed)

    def ready(self, at: At) -> int:
        """When an operation can start at the earliest, wherever; those before it are placed."""
        ends = [self.placed[earlier].end for earlier in self.shop.predecessors(at)]
        return max(self.shop.release(at), *ends) if ends else self.shop.release(at)

    def append(self, step: Step) -> Placed:
        """Place an operation behind those of its machine that were placed before.

        Raises CannotBePlanned if there is not enough time.
        """
        line = self.lines[step.machine]
        if step.at in self.placed:
            start = self.shop.calendars[step.machine].done(self.placed[step.at].start)
            line.settled = max(line.settled, bisect_right(line.starts, start))
            return self.placed[step.at]
        option = next(o for o in self.shop.operation(step.at).options if o.machine == step.machine)
        ready = max(self.ready(step.at), step.earliest)
        return self._append(step.at, self._find(step.at, option, ready, line.settled))

    def append_soonest(self, at: At) -> Placed:
        """Append an operation on the machine on which it ends first.

        Raises CannotBePlanned if there is not enough time.
        """
        ready = self.ready(at)
        spots = (
            self._find(at, option, ready, self.lines[option.machine].settled)
            for option in self.shop.operation(at).options
        )
        return self._append(at, min(spots, key=self._end))

    def fill(self, at: At) -> Placed:
        """Place an operation in the first gap, on the machine on which it ends first.

        Raises CannotBePlanned if there is not enough time.
        """
        ready = self.ready(at)
        spots = (
            self._find(at, option, ready, bisect_right(self.lines[option.machine].starts, work))
            for option in self.shop.operation(at).options
            for work in (self.shop.calendars[option.machine].done(ready),)
        )
        return self._put(at, min(spots, key=self._end))

    def plan(self) -> Plan:
        """The plan, once all is placed."""
        return tuple(
            tuple(self.placed[At(number, position)] for position in range(len(job.operations)))
            for number, job in enumerate(self.shop.problem.jobs)
        )

    def _end(self, spot: Spot) -> int:
        return self.shop.calendars[spot.option.machine].end(spot.until)

    def _append(self, at: At, spot: Spot) -> Placed:
        if not self.shop.problem.machines[spot.option.machine].unlimited:
            self.lines[spot.option.machine].settled = spot.place + 1
        return self._put(at, spot)

    def _find(self, at: At, option: Option, ready: int, place: int) -> Spot:
        operation, machine = self.shop.operation(at), option.machine
        line, family, setup = self.lines[machine], operation.family, self.shop.setup
        work = self.shop.calendars[machine].done(ready)
        first = self.shop.problem.machines[machine].family
        try:
            while True:
                since = work
                if place:
                    change = setup(machine, line.families[place - 1], family)
                    since = max(work, line.ends[place - 1] + change)
                elif first is not None:
                    since = max(work, setup(machine, first, family))
                spot = Spot(option, place, self._begin(operation, option, since))
                if place == len(line.starts):
                    return spot
                if spot.until + setup(machine, family, line.families[place]) <= line.starts[place]:
                    return spot
                place += 1
        except TooShort:
            name = self.shop.problem.machines[machine].name
            raise CannotBePlanned(at, f"finds no time on {name}") from None

    def _begin(self, operation: Operation, option: Option, work: int) -> int:
        calendar = self.shop.calendars[option.machine]
        while True:
            if not operation.may_pause:
                work = calendar.unbroken(work, option.duration)
            until = work + option.duration
            if until > calendar.total:
                raise TooShort
            if operation.crew is None or not operation.heads:
                return work
            crew = self.crews[operation.crew]
            wait = crew.wait(calendar.parts(work, until), operation.heads)
            if wait is None:
                return work
            work = calendar.done(wait)

    def _put(self, at: At, spot: Spot, fixed: Placed | None = None) -> Placed:
        operation, machine = self.shop.operation(at), spot.option.machine
        calendar = self.shop.calendars[machine]
        placed = fixed or Placed(machine, calendar.start(spot.work), calendar.end(spot.until))
        if not self.shop.problem.machines[machine].unlimited:
            self.lines[machine].add(spot.place, spot.work, spot.until, operation.family)
        if operation.crew is not None and operation.heads:
            parts = calendar.parts(spot.work, spot.until)
            self.crews[operation.crew].take(parts, operation.heads)
        self.placed[at] = placed
        return placed


def steps(shop: Shop, plan: Plan, hold: bool = False) -> list[Step]:
    """The order in which a plan can be placed again.

    ``hold``: what starts when people know it to start doesn't move up.
    """
    placed = sorted((plan[at.job][at.operation].start, at) for at in shop.operations)
    before = shop.problem.before if hold else {}
    order = []
    for start, at in placed:
        machine = plan[at.job][at.operation].machine
        stays = at in before and before[at][:2] == (machine, start)
        order.append(Step(at, machine, start if stays else 0))
    return order


def timed(shop: Shop, order: Iterable[Step]) -> Plan:
    """Place operations in an order in which each comes after those that it waits for.

    Raises CannotBePlanned if there is not enough time.
    """
    timetable = Timetable(shop)
    for step in order:
        timetable.append(step)
    return timetable.plan()
