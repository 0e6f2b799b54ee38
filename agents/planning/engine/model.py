"""A plan, or a window of it, as a model of CP-SAT.

Each operation is modelled in the working time of its machine, where pauses don't exist. The clock
is written down only where two calendars meet and where lateness counts: as working time plus the
closing times that have been passed, with one literal for each. Set-ups take one literal for each
pair of free operations on a machine. Crews are counted during pauses too, hence the model can be
stricter than the truth; ``timing`` puts that right.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from math import ceil
from typing import Any, NamedTuple

from ortools.sat.python import cp_model

from regisseur.agents.planning.engine.budget import Limits
from regisseur.agents.planning.engine.freedom import Freedom, Window, horizon
from regisseur.agents.planning.engine.problem import (
    At,
    Option,
    Plan,
    cost,
    lateness,
)
from regisseur.agents.planning.engine.shop import Shop
from regisseur.agents.planning.engine.timing import Heads, Step
from regisseur.agents.planning.engine.working import WorkingTime

Linear = Any
"""A linear expression of the solver, which ships no types; or a number."""


class Answer(NamedTuple):
    """What the solver has found."""

    order: list[Step] | None
    """To be placed again; ``None``: nothing."""
    spent: float
    """Deterministic seconds."""
    bound: int
    """No plan that the model allows costs less."""
    optimal: bool


class Way(NamedTuple):
    """An operation on one of the machines that the model lets it have."""

    option: Option
    start: Linear
    """Working time of the machine before it."""
    end: Linear
    chosen: Any
    """Literal; ``None`` if there is no other way."""


class Model:
    """Builds and solves it. What the present plan has is the hint, and the horizon."""

    def __init__(self, shop: Shop, plan: Plan, window: Window) -> None:
        self.shop = shop
        self.plan = plan
        self.window = window
        self.cp = cp_model.CpModel()
        freedom = Freedom(shop, plan, window)
        self.now, self.sequence, self.free = freedom.now, freedom.sequence, freedom.free
        self.horizon = horizon(shop, plan)
        self.ways = {at: self._ways(at) for at in self.sequence if at in freedom.touched}
        self.strict = False
        """Does it forbid what is possible? Then its bound says nothing."""
        self.clocks: dict[tuple[At, WorkingTime, bool], Linear] = {}
        self._follow()
        for machine in range(len(shop.problem.machines)):
            if not shop.problem.machines[machine].unlimited:
                self._line(machine)
        for crew in range(len(shop.problem.crews)):
            self._crew(crew)
        self.stays = self._stays()
        self._objective()

    def _literal(self, hint: bool) -> Any:
        literal = self.cp.new_bool_var("")
        self.cp.add_hint(literal, hint)
        return literal

    def _number(self, low: int, high: int, hint: int) -> Any:
        number = self.cp.new_int_var(low, high, "")
        self.cp.add_hint(number, hint)
        return number

    def _ways(self, at: At) -> list[Way]:
        machine, clock, _ = self.now(at)
        options = [
            option
            for option in self.shop.operation(at).options
            if option.machine == machine
            or (at in self.free and option.machine in self.window.machines)
        ]
        starts: dict[WorkingTime, Any] = {}
        ways = []
        for option in options:
            calendar = self.shop.calendars[option.machine]
            if calendar not in starts:
                starts[calendar] = self._number(
                    0, calendar.done(self.horizon), calendar.done(clock)
                )
            chosen = self._literal(option.machine == machine) if len(options) > 1 else None
            start = starts[calendar]
            way = Way(option, start, start + option.duration, chosen)
            self._only(self._domain(at, way), chosen)
            ways.append(way)
        if len(ways) > 1:
            self.cp.add_exactly_one(way.chosen for way in ways)
        return ways

    def _domain(self, at: At, way: Way) -> Any:
        """After its release, before the horizon, and where it fits without a pause if it must."""
        calendar = self.shop.calendars[way.option.machine]
        low = calendar.done(self.shop.release(at))
        high = max(calendar.done(self.horizon), calendar.done(self.now(at).end))
        spans = [(low, high - way.option.duration)]
        if not self.shop.operation(at).may_pause:
            spans = [
                (max(low, before), min(high, before + end - begin) - way.option.duration)
                for before, begin, end in zip(
                    calendar.done_before, calendar.begins, calendar.ends, strict=True
                )
            ]
        kept = cp_model.Domain.from_intervals([list(s) for s in spans if s[0] <= s[1]])
        return self.cp.add_linear_expression_in_domain(way.start, kept)

    def _only(self, constraint: Any, *literals: Any) -> None:
        """Let a constraint hold only if all the literals do (``None`` always does)."""
        condition = [literal for literal in literals if literal is not None]
        if condition:
            constraint.only_enforce_if(condition)

    def _follow(self) -> None:
        """Operations after those that they wait for."""
        for at in self.ways:
            for earlier in self.shop.predecessors(at):
                self._precede(earlier, at)

    def _precede(self, earlier: At, at: At) -> None:
        ways = self.ways[at]
        if earlier not in self.ways:
            for way in ways:
                ready = self.shop.calendars[way.option.machine].done(self.now(earlier).end)
                self.cp.add(way.start >= ready)
            return
        calendars = {self.shop.calendars[w.option.machine] for w in (*ways, *self.ways[earlier])}
        if len(calendars) == 1:
            for way in self.ways[earlier]:
                self._only(self.cp.add(way.end <= ways[0].start), way.chosen)
            return
        common = self.shop.union(calendars)
        self.cp.add(self._clock(earlier, common, True) <= self._clock(at, common, False))

    def _clock(self, at: At, common: WorkingTime, end: bool) -> Linear:
        """Start or end of an operation, in the working time of another, wider calendar.

        At most the true start, or at least the true end: what a comparison needs.
        """
        key = (at, common, end)
        if key not in self.clocks:
            ways = self.ways[at]
            spans = [self._span(at, way, common, end) for way in ways]
            if len(ways) == 1:
                self.clocks[key] = spans[0]
            else:
                edge = self.now(at).end if end else self.now(at).start
                time = self._number(0, common.done(self.horizon), common.done(edge))
                for way, span in zip(ways, spans, strict=True):
                    self._only(self.cp.add(time >= span if end else time <= span), way.chosen)
                self.clocks[key] = time
        return self.clocks[key]

    def _span(self, at: At, way: Way, common: WorkingTime, end: bool, since: int = 0) -> Linear:
        """``since``: what comes before this clock time may be taken to come at it."""
        calendar = self.shop.calendars[way.option.machine]
        first = calendar.interval(calendar.done(max(since, self.shop.release(at))), end)
        time = way.end if end else way.start
        now = calendar.done(self.now(at).end if end else self.now(at).start)
        shift = common.done(calendar.begins[first]) - calendar.done_before[first]
        terms = [time + shift]
        for place in range(first + 1, len(calendar.begins)):
            if calendar.begins[place] > self.horizon:
                break
            pause = common.done(calendar.begins[place]) - common.done(calendar.ends[place - 1])
            if pause:
                before = calendar.done_before[place]
                passed = self._literal(now > before if end else now >= before)
                if end:
                    self.cp.add(time <= before).only_enforce_if(passed.negated())
                else:
                    self.cp.add(time >= before).only_enforce_if(passed)
                terms.append(pause * passed)
        return sum(terms)

    def _line(self, machine: int) -> None:
        """One operation at a time on a machine, with the set-ups between."""
        here = [at for at in self.sequence if self.now(at).machine == machine]
        block = sorted(at for at in self.free if self._way(at, machine) is not None)
        before, after = here, list[At]()
        if machine in self.window.machines:
            block += [at for at in here if at in self.shop.fixed and self.window.has(self.now(at))]
            before = [at for at in here if self.now(at).start < self.window.begin]
            after = [at for at in here if self.now(at).start >= self.window.end]
        before = self._without_dominated(before)
        for first, second in pairwise([*before, *after]):
            self._link(machine, first, second)
        for at in block:
            for first in before[-1:]:
                self._link(machine, first, at)
            for second in after[:1]:
                self._link(machine, at, second)
        if not before:
            for at in (*block, *after[:1]):
                self._from_beginning(machine, at)
        self._any_order(machine, block)

    def _way(self, at: At, machine: int) -> Way | None:
        return next((w for w in self.ways.get(at, ()) if w.option.machine == machine), None)

    def _without_dominated(self, line: list[At]) -> list[At]:
        """Leave out started operations that end before an earlier one does."""
        kept: list[At] = []
        for at in line:
            if not (kept and at not in self.ways and self.now(kept[-1]).end > self.now(at).end):
                kept.append(at)
        return kept

    def _link(self, machine: int, first: At, second: At, ordered: Any = None) -> None:
        """Let one come after the other, if both are on the machine."""
        calendar = self.shop.calendars[machine]
        one, two = self._way(first, machine), self._way(second, machine)
        if one is None and two is None:
            return
        setup = self._setup(machine, self.shop.operation(first).family, second)
        end = one.end if one else calendar.done(self.now(first).end)
        start = two.start if two else calendar.done(self.now(second).start)
        literals = [way.chosen for way in (one, two) if way]
        self._only(self.cp.add(end + setup <= start), ordered, *literals)

    def _from_beginning(self, machine: int, at: At) -> None:
        family, way = self.shop.problem.machines[machine].family, self._way(at, machine)
        if family is not None and way is not None:
            self._only(self.cp.add(way.start >= self._setup(machine, family, at)), way.chosen)

    def _setup(self, machine: int, family: str, at: At) -> int:
        setups = self.shop.least_setups[machine].get(family, {})
        return setups.get(self.shop.operation(at).family, 0)

    def _any_order(self, machine: int, block: list[At]) -> None:
        """Operations whose order on a machine is open."""
        intervals = []
        for at in block:
            if way := self._way(at, machine):
                size = way.option.duration
                intervals.append(
                    self.cp.new_fixed_size_interval_var(way.start, size, "")
                    if way.chosen is None
                    else self.cp.new_optional_fixed_size_interval_var(
                        way.start, size, way.chosen, ""
                    )
                )
        if len(intervals) > 1:
            self.cp.add_no_overlap(intervals)
        for first, second in combinations(block, 2):
            facts = [at for at in (first, second) if at not in self.ways]
            if len(facts) == 1 or (not facts and self.shop.setups[machine]):
                ordered = self._literal(self.now(first).start < self.now(second).start)
                self._link(machine, first, second, ordered)
                self._link(machine, second, first, ordered.negated())

    def _crew(self, number: int) -> None:
        """No more operations at once than there are people for them."""
        mine = [at for at in self.sequence if self.shop.operation(at).crew == number]
        needs = {at: self.shop.operation(at).heads for at in mine if self.shop.operation(at).heads}
        movable = [at for at in needs if at in self.ways]
        if not movable:
            return
        common = self.shop.union(
            {self.shop.calendars[w.option.machine] for at in movable for w in self.ways[at]}
        )
        heads = Heads(self.shop.problem.crews[number])
        for at in needs.keys() - self.ways.keys():
            machine, start, end = self.now(at)
            calendar = self.shop.calendars[machine]
            heads.take(calendar.parts(calendar.done(start), calendar.done(end)), needs[at])
        most = max(heads.free)
        intervals = [self._presence(at, common) for at in movable]
        demands = [needs[at] for at in movable]
        ends = [*heads.times[1:], max(self.horizon, heads.times[-1]) + 1]
        for begin, end, free in zip(heads.times, ends, heads.free, strict=True):
            first, size = common.done(begin), common.done(end) - common.done(begin)
            if size and free < most:
                intervals.append(self.cp.new_fixed_size_interval_var(first, size, ""))
                demands.append(most - max(free, 0))
        self.cp.add_cumulative(intervals, demands, most)

    def _presence(self, at: At, common: WorkingTime) -> Any:
        """The time in which an operation needs its crew, in a common working time."""
        ways, now = self.ways[at], self.now(at)
        if len(ways) == 1 and self.shop.calendars[ways[0].option.machine] is common:
            return self.cp.new_fixed_size_interval_var(ways[0].start, ways[0].option.duration, "")
        self.strict = True
        last = common.done(max(self.horizon, now.end))
        begin = self._number(0, last, common.done(now.start))
        end = self._number(0, last, common.done(now.end))
        self.cp.add(begin == self._clock(at, common, False))
        self.cp.add(end == self._clock(at, common, True))
        size = self._number(1, last, common.done(now.end) - common.done(now.start))
        return self.cp.new_interval_var(begin, size, end, "")

    def _stays(self) -> dict[At, Any]:
        """For each operation that people know the start of: a literal, true if it stays there."""
        stays: dict[At, Any] = {}
        if not self.shop.problem.move_cost:
            return stays
        for at, was in self.shop.problem.before.items():
            way = self._way(at, was.machine)
            calendar = self.shop.calendars[was.machine]
            work = calendar.done(was.start)
            if way is None or calendar.clock(work) != was.start:
                continue
            stays[at] = self._literal(self.now(at)[:2] == was[:2])
            self.cp.add(way.start == work).only_enforce_if(stays[at])
            if way.chosen is not None:
                self.cp.add_implication(stays[at], way.chosen)
        return stays

    def _objective(self) -> None:
        """Lateness and moves; ``rest`` is the cost of what the model can't change."""
        terms: list[Linear] = []
        self.rest = cost(self.shop.problem, self.plan)
        for number, job in enumerate(self.shop.problem.jobs):
            at = At(number, len(job.operations) - 1)
            if job.weight and at in self.ways:
                terms.append(job.weight * self._late(at, job.due))
                self.rest -= job.weight * lateness(job, self.plan[number])
        for at, stays in self.stays.items():
            terms.append(-self.shop.problem.move_cost * stays)
            if self.now(at)[:2] == self.shop.problem.before[at][:2]:
                self.rest += self.shop.problem.move_cost
        self.cp.minimize(sum(terms))

    def _late(self, at: At, due: int) -> Any:
        end = self.now(at).end
        late = self._number(0, max(0, max(self.horizon, end) - due), max(0, end - due))
        for way in self.ways[at]:
            span = self._span(at, way, self.shop.clock, True, due)
            self._only(self.cp.add(late >= span - due), way.chosen)
        return late

    def solve(self, limits: Limits, light: bool = False) -> Answer:
        """Look for a better plan. ``light``: without the preparations that pay in long searches."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = limits.workers
        solver.parameters.random_seed = limits.seed
        solver.parameters.max_deterministic_time = limits.effort
        if limits.seconds is None:
            solver.parameters.interleave_search = limits.workers > 1
        else:
            solver.parameters.max_time_in_seconds = limits.seconds
        if light:
            solver.parameters.cp_model_probing_level = 0
            solver.parameters.symmetry_level = 0
            solver.parameters.linearization_level = 0
        status = solver.solve(self.cp)
        found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        return Answer(
            self._order(solver) if found else None,
            solver.response_proto.deterministic_time,
            self.rest + ceil(solver.best_objective_bound - 1e-6),
            status == cp_model.OPTIMAL,
        )

    def _order(self, solver: Any) -> list[Step]:
        """Read the order in which the solution starts the operations."""
        order: list[tuple[int, Step]] = []
        for at in self.sequence:
            machine, start, _ = self.now(at)
            was = self.shop.problem.before.get(at)
            stays = was is not None and was[:2] == (machine, start)
            if at in self.ways:
                way = self._chosen(solver, self.ways[at])
                machine = way.option.machine
                start = self.shop.calendars[machine].start(solver.value(way.start))
                stays = at in self.stays and solver.boolean_value(self.stays[at])
            order.append((start, Step(at, machine, start if stays else 0)))
        return [step for _, step in sorted(order)]

    def _chosen(self, solver: Any, ways: list[Way]) -> Way:
        if len(ways) == 1:
            return ways[0]
        return next(way for way in ways if solver.boolean_value(way.chosen))
