"""What of a plan is made known: which orders leave their days, and which plans nobody may rely on."""

from __future__ import annotations

from itertools import pairwise

from regisseur.agents.planning.planned import ended_on
from regisseur.agents.planning.timetable import Planned, Timetable
from regisseur.tools.records import ProductionOrder


def leaves_its_days(planned: Planned, order: ProductionOrder) -> bool:
    """Does it start before the ERP's days, or end after them, or have none there?"""
    if order.planned_start is None or order.planned_end is None:
        return True
    return planned.start.date() < order.planned_start or ended_on(planned.end) > order.planned_end


def withheld(table: Timetable) -> set[str]:
    """Orders whose plan is not published: those of which nothing was reported, those that are built
    from them, at any depth, and those that come next on a work centre after them.
    """
    silent = {one.id for one in table.orders if one.unreported}
    found = set(silent)
    while more := {one.id for one in table.orders if found & {*one.after}} - found:
        found |= more
    outside = {one.id for one in table.centres if one.outside}
    slots = [one for one in table.slots if one.centre_id not in outside]
    ordered = sorted(slots, key=lambda one: (one.centre_id, one.start))
    for before, after in pairwise(ordered):
        if before.centre_id == after.centre_id and before.order_id in silent:
            found.add(after.order_id)
    return found
