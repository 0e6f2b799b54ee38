"""A night on any records that an ERP may hold: it never fails, names what it leaves out, and asks for
nothing that contradicts itself.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regisseur import Company
from regisseur.agents.planning import PlanningAgent
from regisseur.agents.planning.checker import check
from regisseur.agents.planning.night import Night
from regisseur.agents.planning.observation import Observation, Workshop
from regisseur.agents.planning.planned import planned
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.graphs.agent import Brief
from regisseur.graphs.told import Told
from regisseur.tools.actions import (
    expedite_purchase,
    move_operation,
    propose_new_date,
    propose_overtime,
    reschedule_production,
)
from regisseur.tools.records import (
    BillOfMaterials,
    Component,
    Item,
    Offer,
    ProductionInput,
    ProductionOrder,
    ProductionState,
    ProductionStep,
    PurchaseOrder,
    PurchaseOrderLine,
    Routing,
    RoutingStep,
    SaleLine,
    StepState,
    StockLevel,
    Unit,
    WorkCentre,
)

ON = date(2026, 11, 23)
COMPANY = Company(id="atelier", name="Atelier", locale="en_GB")
PIECE = Unit(id="u", symbol="u", category="unit", factor=Decimal(1))
DOZEN = Unit(id="dz", symbol="dz", category="unit", factor=Decimal(12))
KILO = Unit(id="kg", symbol="kg", category="weight", factor=Decimal(1), digits=3)
NOTHING = Unit(id="0", symbol="0", category="unit", factor=Decimal(0))
KINDS = {
    one.KIND.name: one.KIND
    for one in (
        expedite_purchase, move_operation, propose_new_date, propose_overtime,
        reschedule_production,
    )
}  # fmt: skip
CENTRES = tuple(
    WorkCentre(id=f"c{n}", name=name, group=group, active=active)
    for n, (name, group, active) in enumerate(
        [("Saw", "saws", True), ("Old saw", "saws", False), ("Saw 2", "saws", True),
         ("Press", "presses", True), ("Paint", "paint", True), ("Galvaniser", "outside", True),
         ("Attic", None, True)]
    )
)  # fmt: skip
OPERATIONS = {"cut": "saws", "bend": "presses", "paint": "paint", "zinc": "outside", "odd": None}
ODD_CENTRES = [*(one.id for one in CENTRES), None, "gone"]
ROUTINGS = tuple(
    Routing(id=f"r{n}", name=f"R{n}", steps=tuple(
        RoutingStep(operation_id=one, operation=one, group=OPERATIONS[one]) for one in steps
    ))
    for n, steps in enumerate([("cut", "bend"), ("cut", "paint", "zinc"), ("odd",), ()])
)  # fmt: skip
SETTINGS: dict[str, Any] = {
    "budget": 0,
    "days_to_ship": 1,
    "not_pausing": ["paint"],
    "skills": {"bender": ["bend"], "ghost": ["cut"]},
    "setups": {"paint": {"minutes": 30, "families": {"I1": "red", "I2": "blue"}}},
    "times": {"table": [
        {"operation": "cut", "per_piece": 7, "setup": 20},
        {"operation": "bend", "fixed": 20, "per_piece": 12},
        {"operation": "paint", "fixed": 60, "per_piece": 3},
        {"operation": "zinc", "fixed": 60},
    ]},
    "calendars": {
        "weeks": 3,
        "outside": {"Galvaniser": 3},
        "shifts": [
            {"name": "day", "hours": ["08:00-12:00", "13:00-17:00"], "people": {"bender": 1},
             "centres": ["saws", "presses", "paint"]},
            {"name": "night", "days": "mon-thu", "hours": ["22:00-06:00"], "centres": ["Press"]},
        ],
    },
}  # fmt: skip

STATES: list[ProductionState] = ["request", "draft", "waiting", "waiting", "ready", "running"]
STEP_STATES: list[StepState] = ["to_do", "to_do", "to_do", "to_do", "to_do", "running", "done"]
days = st.one_of(
    st.none(),
    st.integers(-12, 40).map(lambda n: ON + timedelta(days=n)),
    st.sampled_from([date.min, date(1970, 1, 1), date(9999, 12, 31)]),
)
amounts = st.sampled_from(
    [Decimal(text) for text in ("8", "1", "12", "30", "40", "5", "0.5", "900", "0", "-3")]
)
units = st.sampled_from([PIECE, PIECE, PIECE, PIECE, DOZEN, KILO, NOTHING])
warehouses = st.sampled_from(["w1", "w1", "w2", None])
items = st.sampled_from([f"i{n}" for n in range(6)])


@st.composite
def steps(draw: st.DrawFn, routing: Routing) -> tuple[ProductionStep, ...]:
    return tuple(
        ProductionStep(
            id=f"s{n}",
            sequence=n,
            operation_id=one.operation_id,
            operation=one.operation,
            group=one.group,
            work_centre_id=draw(
                st.sampled_from([x.id for x in CENTRES if x.group == one.group] * 4 + ODD_CENTRES)
            ),
            state=draw(st.sampled_from(STEP_STATES)),
            spent=draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(10), Decimal(99999)])),
        )
        for n, one in enumerate(routing.steps)
    )


@st.composite
def orders(draw: st.DrawFn, number: int) -> ProductionOrder:
    routing = draw(st.sampled_from([*ROUTINGS[:2] * 4, *ROUTINGS, None]))
    state = draw(st.sampled_from(STATES))
    released = state not in ("request", "draft")
    return ProductionOrder(
        id=f"o{number}",
        number=draw(st.sampled_from([f"MO{number}", None])),
        item_id=draw(items),
        item_label="",
        quantity=draw(amounts),
        unit=draw(units),
        warehouse_id=draw(warehouses),
        state=state,
        planned_start=draw(days),
        planned_end=draw(days),
        started_on=draw(days),
        reported_at=draw(days),
        routing_id=routing and routing.id,
        steps=draw(steps(routing)) if routing and released else (),
        inputs=tuple(
            ProductionInput(
                item_id=draw(items), quantity=draw(amounts), assigned=draw(st.booleans())
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
    )


@st.composite
def workshops(draw: st.DrawFn) -> Workshop:
    stocked = {n: draw(units) for n in range(5)}
    made = tuple(draw(orders(n)) for n in range(draw(st.integers(0, 8))))
    return Workshop(
        centres=CENTRES,
        routings=ROUTINGS,
        bills=tuple(
            BillOfMaterials(
                id=f"b{n}",
                item_id=draw(items),
                components=(Component(item_id=draw(items), quantity=Decimal(2)),),
                routing_id="r0",
            )
            for n in range(draw(st.integers(0, 2)))
        ),
        orders=made,
        items=tuple(
            Item(id=f"i{n}", code=f"I{n}", name="", unit=unit) for n, unit in stocked.items()
        ),
        stock=tuple(
            StockLevel(
                item_id=draw(items),
                warehouse_id=draw(st.sampled_from(["w1", "w2"])),
                on_hand=draw(amounts),
                reserved=draw(amounts),
            )
            for _ in range(draw(st.integers(0, 4)))
        ),
        purchases=tuple(
            PurchaseOrder(
                id=f"p{n}",
                number=draw(st.sampled_from([f"PO{n}", None])),
                key=None,
                supplier_id="x",
                warehouse_id=draw(warehouses),
                currency="EUR",
                state=draw(st.sampled_from(["draft", "quoted", "confirmed", "confirmed"])),
                ordered_on=ON,
                lines=tuple(
                    PurchaseOrderLine(
                        id=f"p{n}l{place}",
                        item_id=draw(items),
                        quantity=Decimal(9),
                        outstanding=draw(amounts),
                        unit=draw(st.sampled_from([PIECE, DOZEN, KILO, NOTHING])),
                        unit_price=Decimal(1),
                        expected=draw(days),
                    )
                    for place in range(draw(st.integers(0, 2)))
                ),
            )
            for n in range(draw(st.integers(0, 3)))
        ),
        offers=tuple(
            Offer(
                id=f"f{n}",
                item_id=draw(items),
                supplier_id="x",
                unit=PIECE,
                currency="EUR",
                lead_time=draw(st.sampled_from([None, -4, 0, 5, 10**8])),
            )
            for n in range(draw(st.integers(0, 5)))
        ),
        sales=tuple(
            SaleLine(
                id=f"l{n}",
                sale_id=f"so{n % 2}",
                number=None,
                customer_id="k",
                customer_name="Garage",
                item_id=draw(items),
                outstanding=draw(amounts),
                requested=draw(days),
                confirmed=draw(days),
            )
            for n in range(draw(st.integers(0, 4)))
        ),
        buys=draw(st.booleans()),
        dates_change_in=draw(st.sampled_from([(), ("draft", "request"), ("draft", "ready")])),
    )


@st.composite
def stories(draw: st.DrawFn) -> tuple[Told, ...]:
    def told(form: str, body: dict[str, Any]) -> Told:
        at = datetime.combine(ON, datetime.min.time())
        return Told(id="t", form=form, subject="", body=body, by="chief", at=at)

    order = st.sampled_from([f"o{n}" for n in range(7)] + ["gone"])
    return (
        tuple(
            told(
                "progress",
                {
                    "order": draw(order),
                    "step": draw(st.integers(1, 4)),
                    "state": draw(
                        st.sampled_from(["done", "in_progress", "in_progress", "blocked"])
                    ),
                    "remaining": draw(st.sampled_from([None, 0, 30, 100000])),
                    "at": f"2026-11-{draw(st.integers(10, 30))}T12:00:00",
                },
            )
            for _ in range(draw(st.integers(0, 3)))
        )
        + tuple(
            told("expected", {"order": f"p{n}", "on": (draw(days) or ON).isoformat()})
            for n in range(draw(st.integers(0, 1)))
        )
        + tuple(
            told(
                "subcontracted",
                {"order": draw(order), "step": draw(st.integers(1, 4)), "purchase": "p0"},
            )
            for _ in range(draw(st.integers(0, 2)))
        )
    )


def brief(on: date, **more: Any) -> Brief[PlanningSettings]:
    chosen = PlanningSettings.model_validate(SETTINGS | more)
    return Brief(company=COMPANY, on=on, settings=chosen)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(workshops(), workshops(), st.booleans(), stories(), st.booleans(), st.integers(0, 4))
def test_any_night_is_judged(
    shop: Workshop,
    another: Workshop,
    same: bool,
    told: tuple[Told, ...],
    wishes: bool,
    ago: int,
) -> None:
    earlier = Observation(workshop=shop if same else another)
    before = PlanningAgent().judge(earlier, brief(ON - timedelta(days=ago)))
    seen = Observation(workshop=shop, told=told, before=before.papers)
    asked = brief(ON, plan_requests=wishes)
    night = Night(seen, asked)
    found = planned(night)
    assert check(found.built.problem, found.plan) == ()

    judgement = PlanningAgent().judge(seen, asked)
    assert judgement == PlanningAgent().judge(seen, asked)
    held = {one.subject for one in judgement.held if one.subject is not None}
    in_plan = {one.id for one in found.timetable.orders}
    assert {one.id for one in night.orders} == in_plan | {one.order.id for one in found.doubts} | {
        one.subject for one in judgement.held if one.tag == "all_done"
    }
    assert in_plan.isdisjoint(one.order.id for one in found.doubts)

    subjects = []
    for one in judgement.proposals:
        arguments = KINDS[one.kind].parse(one.arguments)
        subjects.append((one.kind, KINDS[one.kind].subject(arguments)))
        if one.kind in ("reschedule_production", "move_operation"):
            assert arguments.order_id in in_plan
            assert arguments.order_id not in held
        if one.kind == "reschedule_production":
            assert arguments.start_after >= ON
    assert len(subjects) == len(set(subjects))
    moved = {
        one.arguments["order_id"] for one in judgement.proposals if one.kind == "move_operation"
    }
    days = {
        one.arguments["order_id"]
        for one in judgement.proposals
        if one.kind == "reschedule_production"
    }
    assert moved.isdisjoint(days)
