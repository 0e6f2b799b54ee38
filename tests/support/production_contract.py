"""What every adapter promises about production and sales, as tests; see ``erp_contract`` for the
fixtures.

Both ERPs have a draft, a running order, a waiting one on which nobody works yet and whose step can
go to another centre of its group, finished cycles of more than one day, and customers who wait.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from erp_contract import YEAR, Subject, floats_in

from regisseur.errors import VendorRefused
from regisseur.tools.erp.ports import Production, Sales
from regisseur.tools.records import ProductionOrder, ProductionState, ProductionStep, Record

NOBODY = ("987654321", "no number", "")
PREPARED = ("request", "draft")


def one_that_is(subject: Subject, state: ProductionState) -> ProductionOrder:
    """The last order in this state."""
    found = subject.ask(subject.erp.open_production())
    return next(order for order in reversed(found) if order.state == state)


def again(subject: Subject, order: ProductionOrder) -> ProductionOrder:
    read = subject.ask(subject.erp.read_production(order.id))
    assert read is not None
    return read


def movable(writing: Subject, order: ProductionOrder) -> tuple[ProductionStep, str]:
    """A step, and another work centre of its group."""
    centres = writing.ask(writing.erp.work_centres())
    for step in order.steps:
        for centre in centres:
            if step.group == centre.group and step.work_centre_id != centre.id:
                return step, centre.id
    raise AssertionError("no step can be moved")


def test_it_implements_production_and_sales(reading: Subject) -> None:
    assert isinstance(reading.erp, Production)
    assert isinstance(reading.erp, Sales)
    assert reading.erp.dates_change_in


def test_what_is_made_is_never_a_float(reading: Subject) -> None:
    erp = reading.erp
    everything: list[Record] = [
        *reading.ask(erp.work_centres()),
        *reading.ask(erp.routings()),
        *reading.ask(erp.bills()),
        *reading.ask(erp.open_production()),
        *reading.ask(erp.cycles(reading.today - 2 * YEAR)),
        *reading.ask(erp.open_sales()),
    ]
    assert {type(one).__name__ for one in everything} == {
        "BillOfMaterials",
        "Cycle",
        "ProductionOrder",
        "Routing",
        "SaleLine",
        "WorkCentre",
    }
    assert floats_in(everything) == []


def test_what_is_made_points_at_records_that_are_there(reading: Subject) -> None:
    erp = reading.erp
    items = {item.id for item in reading.ask(erp.items())}
    centres = {centre.id: centre.group for centre in reading.ask(erp.work_centres())}
    routings = {routing.id: routing for routing in reading.ask(erp.routings())}
    bills = reading.ask(erp.bills())
    assert all(bill.item_id in items for bill in bills)
    assert all(bill.routing_id in (None, *routings) for bill in bills)
    assert {part.item_id for bill in bills for part in bill.components} <= items
    assert all(part.quantity > 0 for bill in bills for part in bill.components)
    for order in reading.ask(erp.open_production()):
        assert order.item_id in items
        assert {part.item_id for part in order.inputs} <= items
        assert order.bill_id in {None, *(bill.id for bill in bills)}
        if order.steps:
            assert order.routing_id is not None
            wanted = [(one.operation_id, one.group) for one in routings[order.routing_id].steps]
            assert [(one.operation_id, one.group) for one in order.steps] == wanted
        for step in order.steps:
            assert step.work_centre_id is None or centres[step.work_centre_id] == step.group
    for cycle in reading.ask(erp.cycles(reading.today - 2 * YEAR)):
        assert cycle.work_centre_id in centres
        assert cycle.item_id in items
    for line in reading.ask(erp.open_sales()):
        assert line.item_id in items
        customer = reading.ask(erp.read_customer(line.customer_id))
        assert customer is not None
        assert customer.name == line.customer_name


def test_open_orders_have_steps_once_they_are_released(reading: Subject) -> None:
    orders = reading.ask(reading.erp.open_production())
    assert {"draft", "waiting", "running"} <= {order.state for order in orders}
    assert not {"done", "cancelled"} & {order.state for order in orders}
    for order in orders:
        assert bool(order.steps) == (order.state not in PREPARED and order.routing_id is not None)
        assert [step.sequence for step in order.steps] == list(range(len(order.steps)))
        assert (order.started_on is not None) == (order.state == "running")
        assert all(part.quantity > 0 for part in order.inputs)
        assert all(step.state == "to_do" or step.spent >= 0 for step in order.steps)
    assert any(order.inputs for order in orders if order.state == "waiting")


def test_one_order_reads_like_all_of_them(reading: Subject) -> None:
    orders = reading.ask(reading.erp.open_production())
    for order in (orders[0], orders[-1]):
        assert again(reading, order) == order
    for nobody in NOBODY:
        assert reading.ask(reading.erp.read_production(nobody)) is None


def test_what_orders_still_take_is_among_the_needs(reading: Subject) -> None:
    needs = reading.ask(reading.erp.requirements(reading.warehouse))
    named = {(need.source.model, need.source.id, need.item_id) for need in needs}
    for order in reading.ask(reading.erp.open_production()):
        for part in order.inputs:
            assert (order.ref().model, order.id, part.item_id) in named


def test_cycles_start_with_the_day_asked_for_oldest_first(reading: Subject) -> None:
    cycles = reading.ask(reading.erp.cycles(reading.today - 2 * YEAR))
    assert all(one.on <= other.on for one, other in pairwise(cycles))
    assert all(one.minutes >= 0 and one.quantity > 0 for one in cycles)
    last = cycles[-1].on
    assert cycles[0].on < last <= reading.today
    assert {one.on for one in reading.ask(reading.erp.cycles(last))} == {last}
    assert list(reading.ask(reading.erp.cycles(last + timedelta(days=1)))) == []


def test_customers_wait_for_what_is_not_delivered(reading: Subject) -> None:
    lines = reading.ask(reading.erp.open_sales())
    assert len({line.id for line in lines}) == len(lines)
    assert all(line.outstanding > 0 and line.number for line in lines)
    assert any(line.requested and line.confirmed and line.value for line in lines)


def test_a_drafts_dates_are_written_unless_somebody_was_there_before(writing: Subject) -> None:
    erp, order = writing.erp, one_that_is(writing, "draft")
    start = writing.today + timedelta(days=40)
    end = start + timedelta(days=3)
    writing.ask(erp.set_planned(order, start, end))
    now = again(writing, order)
    assert (now.planned_start, now.planned_end, now.state) == (start, end, "draft")
    with pytest.raises(VendorRefused, match="changed"):
        writing.ask(erp.set_planned(order, start, start))
    with pytest.raises(VendorRefused, match="before it starts"):
        writing.ask(erp.set_planned(now, end, start))
    assert again(writing, order) == now


def test_a_waiting_order_is_rescheduled_in_three_calls(writing: Subject) -> None:
    erp, order = writing.erp, one_that_is(writing, "waiting")
    start = writing.today + timedelta(days=30)
    if "waiting" not in erp.dates_change_in:
        with pytest.raises(VendorRefused, match="waiting"):
            writing.ask(erp.set_planned(order, start, start))
    with pytest.raises(VendorRefused, match="draft"):
        writing.ask(erp.release(order))
    writing.ask(erp.reopen(order))
    draft = again(writing, order)
    assert (draft.state, draft.steps, draft.number) == ("draft", (), order.number)
    with pytest.raises(VendorRefused, match="waiting"):
        writing.ask(erp.reopen(order))
    writing.ask(erp.set_planned(draft, start, start))
    writing.ask(erp.release(draft))
    now = again(writing, order)
    assert (now.state, now.planned_start, now.planned_end) == ("waiting", start, start)
    assert [(one.operation_id, one.group, one.state) for one in now.steps] == [
        (one.operation_id, one.group, "to_do") for one in order.steps
    ]
    assert not {one.id for one in now.steps} & {one.id for one in order.steps}
    assert all(one.work_centre_id for one in now.steps if one.group)
    assert now.inputs == order.inputs


def test_a_step_moves_within_its_group(writing: Subject) -> None:
    erp, order = writing.erp, one_that_is(writing, "waiting")
    step, elsewhere = movable(writing, order)
    centres = writing.ask(erp.work_centres())
    foreign = next(one.id for one in centres if one.group != step.group)
    for step_id, centre_id in (
        (step.id, foreign),
        (step.id, NOBODY[0]),
        (NOBODY[0], elsewhere),
    ):
        with pytest.raises(VendorRefused):
            writing.ask(erp.move_step(order, step_id, centre_id))
    assert again(writing, order) == order
    writing.ask(erp.move_step(order, step.id, elsewhere))
    wanted = {one.id: one.work_centre_id for one in order.steps} | {step.id: elsewhere}
    assert {one.id: one.work_centre_id for one in again(writing, order).steps} == wanted


def test_what_runs_is_left_alone(writing: Subject) -> None:
    erp, order = writing.erp, one_that_is(writing, "running")
    for call in (
        erp.reopen(order),
        erp.release(order),
        erp.set_planned(order, writing.today, writing.today),
    ):
        with pytest.raises(VendorRefused, match="running"):
            writing.ask(call)
    assert again(writing, order) == order


def test_an_order_that_is_not_there_is_refused(writing: Subject) -> None:
    erp = writing.erp
    gone = one_that_is(writing, "draft").model_copy(update={"id": NOBODY[0]})
    for call in (
        erp.reopen(gone),
        erp.release(gone),
        erp.move_step(gone, NOBODY[0], NOBODY[0]),
        erp.set_planned(gone, date(2027, 1, 4), date(2027, 1, 5)),
    ):
        with pytest.raises(VendorRefused):
            writing.ask(call)
