"""The plan as people read it: who does what, where and when. It is kept as one of the mission's
papers, drawn in the report, printed as work lists, and compared with the next night's.

Times are local, as the workshop's clocks show them, without a zone.
"""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from regisseur.tools.records import Quantity, Record, RecordRef, SaleLine


class Slot(Record):
    """One step of an order in the plan."""

    order_id: str
    sequence: int
    """Position of the step in its order, from 0."""
    operation: str
    step_id: str | None = None
    """``None`` while the ERP has not made the steps of the order."""
    centre_id: str
    erp_centre_id: str | None = None
    """Where the ERP has it."""
    family: str = ""
    """What the work centre must be set up for."""
    setup_minutes: int = 0
    """Minutes of change-over right before it."""
    start: datetime
    end: datetime
    minutes: int
    """Of work; fewer than from start to end where it pauses."""
    started: bool = False
    fixed: bool = False
    """Stays where the last plan had it, because it has started or starts soon."""
    how_known: str = "history"
    """``history`` or ``table``: where its duration comes from."""


class Planned(Record):
    """One order in the plan."""

    id: str
    label: str
    """Its number, or its item where it has none."""
    item_id: str
    item: str
    quantity: Quantity
    state: str
    start: datetime
    """Of what is still to do."""
    end: datetime
    due: date | None = None
    """Last day on which its end is in time; ``None`` where only other orders wait for it."""
    late_days: int = Field(default=0, ge=0)
    """Calendar days after ``due`` on which it ends."""
    weight: int = 1
    erp_start: date | None = None
    erp_end: date | None = None
    customers: tuple[SaleLine, ...] = ()
    """Lines that wait for it, soonest first."""
    after: tuple[str, ...] = ()
    """Ids of the orders whose output it needs."""
    released: date | None = None
    """First day on which its material is there, where it waits for some."""
    waits_for: tuple[RecordRef, ...] = ()
    """Purchase orders that its material comes with."""
    requested: bool = False
    """The ERP only wishes for it."""
    unreported: bool = False
    """It runs, and nothing was reported on it for too long."""
    url: str | None = None


class Centre(Record):
    """A work centre, and when it is open in the weeks shown."""

    id: str
    name: str
    group: str | None = None
    """Of those that can do each other's work, as the ERP has it."""
    open: tuple[tuple[datetime, datetime], ...] = ()
    outside: bool = False
    """A subcontractor: does any number of orders at once."""


class Load(Record):
    """How full a work centre is in a week."""

    centre_id: str
    week: date
    """Its Monday."""
    open_minutes: int
    work_minutes: int
    setup_minutes: int = 0

    @property
    def share(self) -> float:
        """Work and change-overs as a share of open time; nothing where it is closed."""
        busy = self.work_minutes + self.setup_minutes
        return busy / self.open_minutes if self.open_minutes else 0.0


class Timetable(Record):
    """A whole plan."""

    on: date
    unit_minutes: int
    orders: tuple[Planned, ...] = ()
    """By start."""
    slots: tuple[Slot, ...] = ()
    """By work centre, then by start."""
    centres: tuple[Centre, ...] = ()
    loads: tuple[Load, ...] = ()
    solver: str = ""
    """What found it: solver, version, seed and budget, so that it can be found again."""

    def order(self, order_id: str) -> Planned:
        """One order of the plan."""
        return next(one for one in self.orders if one.id == order_id)

    def late(self) -> list[Planned]:
        """Orders that end after their day, dearest first."""
        late = [one for one in self.orders if one.late_days]
        return sorted(late, key=lambda one: (-one.weight * one.late_days, one.end, one.id))
