"""Plans by rule, at once: due-date order with gap filling, and apparent tardiness cost.

Due-date order is what the planner of an ERP does: the most urgent job first, each of its operations
in the first gap. The apparent tardiness cost rule with set-ups (ATCS: Lee, Bhaskaran and Pinedo
1997) looks at all machines at once and takes the operation with the best index

    weight / duration * exp(-slack / (k1 * P)) * exp(-setup / (k2 * S))

where P is the mean duration and S the mean set-up. The logarithm is taken here: same order, faster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product
from math import log
from statistics import fmean as mean
from typing import NamedTuple

from regisseur.agents.planning.engine.problem import At, Plan
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop, least_work
from regisseur.agents.planning.engine.timing import Step, Timetable

WEIGHTLESS = 0.01
"""What a job that nobody waits for weighs in the index, so that its logarithm exists."""


class Setting(NamedTuple):
    """What the rule can be tuned by."""

    patience: float
    """k1: the larger, the less slack matters."""
    thrift: float
    """k2: the larger, the less set-ups matter."""
    bucket: int
    """Starts that differ by less (in units) count as the same."""


GRID = tuple(map(Setting._make, product((0.5, 1, 2, 4, 8), (0.2, 0.5, 1, 3), (1, 4, 8))))


def by_due_date(shop: Shop) -> Iterator[Plan]:
    """Plan job after job, the first to be due first, each operation in the first gap.

    Raises CannotBePlanned if there is not enough time.
    """
    yield filled(shop, Timetable(shop))


def filled(shop: Shop, timetable: Timetable) -> Plan:
    """Fill the gaps of a timetable with what is not in it yet, by due date."""
    for number in jobs_in_turn(shop):
        for position in range(len(shop.problem.jobs[number].operations)):
            if At(number, position) not in timetable.placed:
                timetable.fill(At(number, position))
    return timetable.plan()


def jobs_in_turn(shop: Shop) -> Iterator[int]:
    """Jobs by due date, but none before one that it is built from."""
    waiting = sorted(shop.order, key=lambda number: (shop.due[number], number))
    planned: set[int] = set()
    while waiting:
        ready = (j for j in waiting if planned.issuperset(shop.problem.jobs[j].after))
        number = next(ready)
        waiting.remove(number)
        planned.add(number)
        yield number


def by_known(shop: Shop) -> Iterator[Plan]:
    """If people know a plan, leave operations where people know them, as far as that is possible; the others in gaps.

    Raises CannotBePlanned if there is not enough time.
    """
    timetable, before = Timetable(shop), shop.problem.before
    for at in sorted(before, key=lambda at: (before[at].start, at)):
        machines = {option.machine for option in shop.operation(at).options}
        ready = timetable.placed.keys() >= set(shop.predecessors(at))
        if ready and at not in timetable.placed and before[at].machine in machines:
            timetable.append(Step(at, before[at].machine, before[at].start))
    if before:
        yield filled(shop, timetable)


class Prospect(NamedTuple):
    """What the index of an operation on one of its machines is made of, in working time of that."""

    machine: int
    latest: int
    """Last start that lets its job end in time, if nothing waits from there on."""
    worth: float
    """Logarithm of weight by duration."""
    family: str


Prospects = Mapping[At, Sequence[Prospect]]


def prospects(shop: Shop) -> Prospects:
    """What doesn't change from one run of the rule to the next."""
    found = {}
    for at in shop.operations:
        operation, job = shop.operation(at), shop.problem.jobs[at.job]
        rest, weight = least_work(job, at.operation), max(shop.weight[at.job], WEIGHTLESS)
        found[at] = [
            Prospect(
                machine,
                shop.calendars[machine].done(shop.due[at.job]) - rest,
                log(weight / duration),
                operation.family,
            )
            for machine, duration in operation.options
        ]
    return found


class Dispatch:
    """One run of the rule."""

    def __init__(self, shop: Shop, known: Prospects, scale: Scale, setting: Setting) -> None:
        self.shop = shop
        self.known = known
        self.timetable = Timetable(shop)
        self.per_slack = 1 / (setting.patience * scale.duration)
        self.per_setup = 1 / (setting.thrift * scale.setup)
        self.bucket = setting.bucket
        machines = range(len(shop.problem.machines))
        self.waiting: list[dict[At, tuple[int, Prospect]]] = [{} for _ in machines]
        self.best: list[tuple[int, float, At] | None] = [None for _ in machines]
        self.changed: set[int] = set()
        self.missing = [len(job.after) for job in shop.problem.jobs]

    def run(self) -> Plan:
        """Place all. Raises CannotBePlanned if there is not enough time."""
        for number in self.shop.order:
            if not self.shop.problem.jobs[number].after:
                self._offer(At(number, 0))
        while (at := self._choose()) is not None:
            for prospect in self.known[at]:
                del self.waiting[prospect.machine][at]
                self.changed.add(prospect.machine)
            self.timetable.append_soonest(at)
            self._offer(At(at.job, at.operation + 1))
        return self.timetable.plan()

    def _offer(self, at: At) -> None:
        """Let an operation compete for its machines; after the last, the jobs built from its."""
        while at in self.timetable.placed:
            at = At(at.job, at.operation + 1)
        if at not in self.known:
            for later in self.shop.built_into[at.job]:
                self.missing[later] -= 1
                if not self.missing[later]:
                    self._offer(At(later, 0))
            return
        ready = self.timetable.ready(at)
        for prospect in self.known[at]:
            work = self.shop.calendars[prospect.machine].done(ready)
            self.waiting[prospect.machine][at] = work, prospect
            self.changed.add(prospect.machine)

    def _choose(self) -> At | None:
        for machine in self.changed:
            self.best[machine] = self._best_on(machine)
        self.changed.clear()
        found = [best for best in self.best if best is not None]
        return min(found)[-1] if found else None

    def _best_on(self, machine: int) -> tuple[int, float, At] | None:
        """Bucket of the start by the clock, index with its sign changed, operation."""
        free, setups = self._behind(machine)
        best, start, bucket = None, 0, self.bucket
        for at, (ready, (_, latest, worth, family)) in self.waiting[machine].items():
            change = setups.get(family, 0)
            work = max(free + change, ready)
            index = worth - change * self.per_setup
            if work < latest:
                index -= (latest - work) * self.per_slack
            key = (work // bucket, -index, at)
            if best is None or key < best:
                best, start = key, work
        if best is None:
            return None
        return self.shop.calendars[machine].clock(start) // bucket, best[1], best[2]

    def _behind(self, machine: int) -> tuple[int, Mapping[str, int]]:
        """From when the machine is free, and the set-ups from its family then."""
        line, setups = self.timetable.lines[machine], self.shop.setups[machine]
        if line.settled:
            last = line.settled - 1
            return line.ends[last], setups.get(line.families[last], {})
        family = self.shop.problem.machines[machine].family
        return 0, {} if family is None else setups.get(family, {})


class Scale(NamedTuple):
    """Means that make slack and set-ups comparable from one shop to the next."""

    duration: float
    setup: float


def scale(shop: Shop) -> Scale:
    """Mean duration of the options, mean of the set-ups that take time."""
    durations = [o.duration for at in shop.operations for o in shop.operation(at).options]
    setups = [time for m in shop.problem.machines for time in m.setups.values() if time]
    return Scale(mean(durations or [1]), mean(setups or [1]))


def by_index(shop: Shop) -> Iterator[Plan]:
    """The plans of the rule, one for each setting of the grid that finds time for all."""
    known, means = prospects(shop), scale(shop)
    for setting in GRID:
        with suppress(CannotBePlanned):
            yield Dispatch(shop, known, means, setting).run()
