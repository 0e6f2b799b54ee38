"""Trying: the same plan with one thing changed, timed anew.

Work centres keep their order of work; only what is changed, and what follows from it, moves. So the
difference is the effect of that one thing, and not of another search.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from regisseur.agents.planning.building import Built
from regisseur.agents.planning.engine.problem import (
    At,
    Operation,
    Plan,
    Problem,
    weighted_tardiness,
)
from regisseur.agents.planning.engine.shop import CannotBePlanned, Shop
from regisseur.agents.planning.engine.timing import Step, steps, timed
from regisseur.agents.planning.engine.timing import Timetable as Timeline
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.planned import Schedule, ended_on
from regisseur.agents.planning.shifts import Opening
from regisseur.agents.planning.timetable import Timetable
from regisseur.agents.planning.works import Work

FAR = 10**6
"""Days late of what finds no place in the calendar at all."""


@dataclass(frozen=True)
class Trial:
    """What became late, and by how much."""

    late: Mapping[str, int]
    """By order: calendar days, only for those that are."""
    cost: int
    """Weighted tardiness, in units of the plan times weights."""

    def earlier(self, other: Trial) -> dict[str, int]:
        """By order: how many days less late it is in the other one."""
        gained = {key: days - other.late.get(key, 0) for key, days in self.late.items()}
        return {key: days for key, days in gained.items() if days > 0}


class Trials:
    """All that can be tried with a plan."""

    def __init__(self, night: Night, found: Schedule) -> None:
        self.night, self.made, self.plan = night, found.built, found.plan
        self.timetable: Timetable = found.timetable
        self._order = steps(Shop(self.made.problem), self.plan)

    @cached_property
    def base(self) -> Trial:
        """Nothing changed."""
        return self.with_problem(self.made.problem)

    def with_problem(self, problem: Problem, order: Iterable[Step] | None = None) -> Trial:
        """Another problem with the same jobs, in the same order of work."""
        try:
            plan = timed(Shop(problem), self._order if order is None else order)
        except CannotBePlanned:
            return Trial({work.order.id: FAR for work in self.made.works}, FAR)
        return self._trial(plan)

    def released(self, releases: Mapping[str, int]) -> Trial:
        """These orders find their material at these units, and go where others leave room."""
        jobs = tuple(
            replace(job, release=releases.get(work.order.id, job.release))
            for work, job in zip(self.made.works, self.made.problem.jobs, strict=True)
        )
        numbers = {self.made.number(one) for one in releases}
        try:
            plan = self._fitted(Shop(replace(self.made.problem, jobs=jobs)), numbers)
        except CannotBePlanned:
            return self.base
        return self._trial(plan)

    def _fitted(self, shop: Shop, chosen: set[int]) -> Plan:
        """All others in their order; then the chosen jobs, and what is built from them, in gaps."""
        later = set(chosen)
        for number in shop.order:
            if later & {*self.made.problem.jobs[number].after}:
                later.add(number)
        table = Timeline(shop)
        for step in self._order:
            if step.at.job not in later:
                table.append(step)
        for number in shop.order:
            if number in later:
                for position in range(len(shop.problem.jobs[number].operations)):
                    at = At(number, position)
                    if at not in table.placed:
                        table.fill(at)
        return table.plan()

    def without_limit(self, centre_id: str, order_ids: Iterable[str]) -> Trial:
        """This work centre does everything at once, and needs nobody's hands; these orders go where
        others leave room.
        """
        machine = self.made.centres.index(centre_id)
        machines = list(self.made.problem.machines)
        machines[machine] = replace(machines[machine], unlimited=True)
        jobs = tuple(
            replace(
                job,
                operations=tuple(
                    replace(one, crew=None, heads=0) if placed.machine == machine else one
                    for one, placed in zip(job.operations, where, strict=True)
                ),
            )
            for job, where in zip(self.made.problem.jobs, self.plan, strict=True)
        )
        shop = Shop(replace(self.made.problem, machines=tuple(machines), jobs=jobs))
        try:
            plan = self._fitted(shop, {self.made.number(one) for one in order_ids})
        except CannotBePlanned:
            return self.base
        return self._trial(plan)

    def with_overtime(self, openings: Iterable[Opening]) -> Trial:
        """Work centres are open longer."""
        calendar = self.night.calendar.with_openings(openings)
        machines = tuple(
            replace(machine, open=calendar.open(self.night.centres[centre]))
            for centre, machine in zip(self.made.centres, self.made.problem.machines, strict=True)
        )
        problem = replace(self.made.problem, machines=machines, crews=calendar.crews())
        return self.with_problem(problem)

    def alone(self, order_ids: Iterable[str], *, waiting: bool = True) -> int:
        """Days late of the last of these orders in a workshop that is empty otherwise; the others
        are those that it is built from. ``waiting``: for their material, which is there at once if
        not.
        """
        chosen = [*order_ids]
        numbers = sorted(self.made.number(one) for one in chosen)
        jobs = [self.made.problem.jobs[number] for number in numbers]
        inside = {number: place for place, number in enumerate(numbers)}
        alone = replace(
            self.made.problem,
            jobs=tuple(
                replace(
                    job,
                    after=tuple(inside[n] for n in job.after if n in inside),
                    release=job.release if waiting else 0,
                    operations=job.operations if waiting else _unreleased(job.operations),
                )
                for job in jobs
            ),
            before={},
        )
        order = [
            step._replace(at=At(inside[step.at.job], step.at.operation))
            for step in self._order
            if step.at.job in inside
        ]
        try:
            plan = timed(Shop(alone), order)
        except CannotBePlanned:
            return FAR
        works = [self.made.works[number] for number in numbers]
        late = self._late(works, plan)
        return late.get(chosen[-1], 0)

    def _trial(self, plan: Plan) -> Trial:
        late = self._late(self.made.works, plan)
        return Trial(late, weighted_tardiness(self.made.problem, plan))

    def _late(self, works: Iterable[Work], plan: Plan) -> dict[str, int]:
        found = {}
        for work, placed in zip(works, plan, strict=True):
            due = self.timetable.order(work.order.id).due
            if due is not None:
                days = (ended_on(self.night.units.moment(placed[-1].end)) - due).days
                if days > 0:
                    found[work.order.id] = days
        return found


def _unreleased(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    return tuple(replace(one, release=0) for one in operations)


def built_from(made: Built, order_id: str) -> list[str]:
    """An order and all those that it is built from; itself last."""
    works = {work.order.id: work for work in made.works}
    found: list[str] = []

    def add(one: str) -> None:
        for earlier in works[one].material.after:
            if earlier in works and earlier not in found:
                add(earlier)
        found.append(one)

    add(order_id)
    return found
