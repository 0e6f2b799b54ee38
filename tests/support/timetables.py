"""Sample plans: a metal workshop with 6 orders, or with 60 over four weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random

from regisseur.agents.planning.calendar import Span, WorkshopCalendar
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.timetable import Centre, Load, Planned, Slot, Timetable
from regisseur.tools.records import Quantity, RecordRef, SaleLine, WorkCentre

ON = date(2026, 11, 23)
"""A Monday."""
WEEKS, WEEK = 4, timedelta(weeks=1)
CENTRES = (
    ("1", "Scie à ruban", "sciage"),
    ("2", "Centre d’usinage 5 axes DMG", "fraisage"),
    ("3", "Tour CN Mazak", "tournage"),
    ("4", "Poste de soudure TIG", "soudage"),
    ("5", "Cabine de peinture", "peinture"),
    ("6", "Montage", "montage"),
    ("7", "Contrôle", "contrôle"),
    ("8", "Zingage Durand (sous-traitant)", "zingage"),
)
ITEMS = ("BRD-40 Bride inox Ø 40", "SUP-2 Support moteur", "CAR-7 Carter alu", "AXE-12 Axe trempé")
CUSTOMERS = (
    "Mécanique du Rhône",
    "Alstom Villeurbanne",
    "Laiterie des Dombes",
    "SNCF Technicentre",
)
FAMILIES = ("inox", "acier", "alu")
SETTINGS = PlanningSettings.model_validate(
    {
        "calendars": {
            "shifts": [
                {"name": "Matin", "hours": ["06:00-10:00", "10:20-13:30"]},
                {"name": "Après-midi", "hours": ["13:30-17:00", "17:20-20:30"]},
                {
                    "name": "Journée",
                    "hours": ["08:00-12:00", "13:00-17:00"],
                    "centres": [name for _, name, _ in CENTRES[3:7]],
                },
            ],
            "outside": {CENTRES[7][1]: 4},
        }
    }
)


class Workshop:
    """Puts steps one after the other where they find room: no good plan, but one that is kept."""

    def __init__(self, orders: int, seed: int = 1) -> None:
        self.random = Random(seed)
        self.calendar = WorkshopCalendar(SETTINGS.calendars, ON)
        self.open = {one[0]: self._hours(one) for one in CENTRES}
        self.free = dict.fromkeys(self.open, datetime.combine(ON, datetime.min.time()))
        self.family = dict.fromkeys(self.open, "inox")
        self.slots: list[Slot] = []
        self.orders: list[Planned] = []
        for number in range(1, orders + 1):
            self.orders.append(self._order(number))

    def timetable(self) -> Timetable:
        """All of it."""
        return Timetable(
            on=ON,
            unit_minutes=15,
            orders=tuple(sorted(self.orders, key=lambda one: (one.start, one.id))),
            slots=tuple(sorted(self.slots, key=lambda one: (one.centre_id, one.start))),
            centres=tuple(map(self._centre, CENTRES)),
            loads=tuple(self._loads()),
            solver="CP-SAT 9.15, seed 0, 30 s",
        )

    def _hours(self, one: tuple[str, str, str]) -> list[tuple[datetime, datetime]]:
        units = self.calendar.units
        there = WorkCentre(id=one[0], name=one[1])
        return [(units.moment(a), units.moment(b)) for a, b in self.calendar.open(there)]

    def _centre(self, one: tuple[str, str, str]) -> Centre:
        """As far as hours are shown."""
        last = self.calendar.units.start + WEEKS * WEEK
        spans = tuple((a, min(b, last)) for a, b in self.open[one[0]] if a < last)
        return Centre(id=one[0], name=one[1], open=spans, outside=one[0] == "8")

    def _order(self, number: int) -> Planned:
        pick = self.random
        order_id, running = str(100 + number), number in (1, 2)
        waiting = number % 7 == 3
        ready = datetime.combine(ON + timedelta(days=1 if waiting else 0), datetime.min.time())
        if number == 5:
            ready = self.orders[3].end
        chosen = sorted(pick.sample(range(7), 3 + number % 2))
        if number % 9 == 0:
            chosen.insert(-1, 7)
        steps = []
        for sequence, at in enumerate(chosen):
            steps.append(
                self._step(order_id, sequence, at, ready, started=running and not sequence)
            )
            ready = steps[-1].end
        self.slots += steps
        due = ON + timedelta(days=7 + number // 3 + pick.randint(0, 5))
        late = max((steps[-1].end.date() - due).days, 0)
        return Planned(
            id=order_id,
            label=f"OF-2026-{number:04}",
            item_id=str(number % 4),
            item=ITEMS[number % 4],
            quantity=Quantity(value=Decimal(5 * number), unit="u"),
            state="running" if running else "ready",
            start=steps[0].start,
            end=steps[-1].end,
            due=due,
            late_days=late,
            weight=8 if number % 4 else 2,
            customers=(self._line(number, due),) if number % 4 else (),
            after=("104",) if number == 5 else (),
            released=ON + timedelta(days=1) if waiting else None,
            waits_for=(RecordRef(model="purchase", id="7", label="CA-0117"),) if waiting else (),
            unreported=number == 1,
        )

    def _line(self, number: int, due: date) -> SaleLine:
        return SaleLine(
            id=str(number),
            sale_id=str(number),
            number=f"CC-{number:03}",
            customer_id=str(number % 4),
            customer_name=CUSTOMERS[number % 4],
            item_id=str(number % 4),
            outstanding=Decimal(5),
            requested=due - timedelta(days=2),
            confirmed=due + timedelta(days=1),
        )

    def _step(
        self, order_id: str, sequence: int, at: int, ready: datetime, *, started: bool
    ) -> Slot:
        centre, _, operation = CENTRES[at]
        minutes = 4 * 1440 if at == 7 else 15 * self.random.randint(4, 20)
        family = self.random.choice(FAMILIES) if at in (1, 2, 4) else ""
        setup = 45 if family not in ("", self.family[centre]) else 0
        earliest = ready if at == 7 else max(ready, self.free[centre])
        begins = self._after(centre, earliest, setup)
        start = self._at(centre, begins)
        end = self._after(centre, start, minutes)
        self.free[centre], self.family[centre] = end, family or self.family[centre]
        return Slot(
            order_id=order_id,
            sequence=sequence,
            operation=operation,
            centre_id=centre,
            family=family,
            setup_minutes=setup,
            start=start,
            end=end,
            minutes=minutes,
            started=started,
            fixed=started or start < datetime.combine(ON + timedelta(days=1), datetime.min.time()),
        )

    def _at(self, centre: str, moment: datetime) -> datetime:
        """Then, or when it opens next."""
        return next(max(a, moment) for a, b in self.open[centre] if b > moment)

    def _after(self, centre: str, moment: datetime, minutes: int) -> datetime:
        """When so much open time has passed."""
        left = timedelta(minutes=minutes)
        for begins, ends in self.open[centre]:
            there = ends - max(begins, moment)
            if there >= left > timedelta(0):
                return max(begins, moment) + left
            left -= max(there, timedelta(0))
        return moment

    def _loads(self) -> Iterable[Load]:
        for centre, spans in self.open.items():
            if centre == "8":
                continue
            slots = [one for one in self.slots if one.centre_id == centre]
            shown = [one for one in spans if one[0] < self.calendar.units.start + WEEKS * WEEK]
            weeks = groupby(shown, key=lambda one: one[0].date() - timedelta(one[0].weekday()))
            for monday, those in weeks:
                parts = [Span(*one) for one in those]
                worked = sum(
                    max((min(b, one.end) - max(a, one.start)) / timedelta(minutes=1), 0)
                    for one in slots
                    for a, b in parts
                )
                setups = sum(
                    x.setup_minutes for x in slots if monday <= x.start.date() < monday + WEEK
                )
                yield Load(
                    centre_id=centre,
                    week=monday,
                    open_minutes=int(sum(one.hours for one in parts) * 60),
                    work_minutes=int(worked),
                    setup_minutes=setups,
                )


def timetable(orders: int) -> Timetable:
    """The same plan for the same number of orders."""
    return Workshop(orders).timetable()
