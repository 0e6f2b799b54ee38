"""Production and sales of the demo company, over HTTP, with SQL on its tables as second opinion;
and what happens when somebody in the workshop is a moment quicker.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
import pytest
from erp_contract import YEAR, Subject, subject
from production_contract import *
from production_contract import again, movable
from tryton_erp import connection, near, rows
from tryton_server import TrytonServer

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.records import ProductionOrder, Record

pytestmark = pytest.mark.tryton


class Meanwhile(httpx.AsyncHTTPTransport):
    """Lets somebody else act between our looking and our writing."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, Callable[[], Awaitable[object]]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        hook = self.before.pop(json.loads(request.content)["method"], None)
        if hook is not None:
            await hook()
        return await super().handle_async_request(request)


@pytest.fixture
def meanwhile(writing: Subject) -> Iterator[tuple[Tryton, Meanwhile]]:
    """A second connection of the agent's, on which others can be quicker."""
    erp, transport = writing.erp, Meanwhile()
    assert isinstance(erp, Tryton)
    slow = Tryton(erp.client.settings, transport)
    yield slow, transport
    writing.ask(slow.close())


def waiting(writing: Subject) -> ProductionOrder:
    """The first order that waits and on which nobody works; those of the contract are the last."""
    orders = writing.ask(writing.erp.open_production())
    return next(
        order
        for order in orders
        if order.state == "waiting" and all(step.state == "to_do" for step in order.steps)
    )


async def press(admin: Tryton, order: ProductionOrder, *buttons: str) -> None:
    for button in buttons:
        await admin.client.write(f"model.production.{button}", [int(order.id)])


async def begin(admin: Tryton, step_id: str) -> int:
    """Somebody starts to work; the number of the cycle."""
    model = "model.production.work.cycle"
    (cycle,) = await admin.client.write(f"{model}.create", [{"work": int(step_id)}])
    await admin.client.write(f"{model}.run", [cycle])
    return int(cycle)


def test_steps_and_what_is_outstanding_are_those_of_the_tables(
    reading: Subject, tryton: TrytonServer
) -> None:
    works = "SELECT production, count(*) FROM production_work GROUP BY 1"
    expected = {str(order): count for order, count in rows(tryton, works)}
    orders = reading.ask(reading.erp.open_production())
    assert {one.id: len(one.steps) for one in orders if one.steps}.items() <= expected.items()
    query = """
        SELECT sale_line.id, sum(internal_quantity)
        FROM stock_move JOIN sale_line ON origin = 'sale.line,' || sale_line.id
            JOIN product_product product ON product.id = sale_line.product
            JOIN product_template template ON template.id = product.template
        WHERE stock_move.state IN ('staging', 'draft', 'assigned') AND template.type = 'goods'
        GROUP BY 1
    """
    moved = {str(line): total for line, total in rows(tryton, query)}
    lines = {one.id: one.outstanding for one in reading.ask(reading.erp.open_sales())}
    assert lines.keys() == moved.keys()
    assert all(near(lines[one], moved[one]) for one in moved)


def test_requests_grow_with_pages_and_not_with_records(tryton: TrytonServer) -> None:
    counts: dict[int, Counter[str]] = {}
    answers: dict[int, list[Any]] = {}
    for size in (10_000, 10):
        erp = connection(tryton.url, tryton.user, tryton.password, page_size=size)
        with subject(erp) as made:
            reads: dict[str, Callable[[], Coroutine[Any, Any, Sequence[Record]]]] = {
                "work_centres": erp.work_centres,
                "routings": erp.routings,
                "bills": erp.bills,
                "open_production": erp.open_production,
                "cycles": partial(erp.cycles, made.today - 2 * YEAR),
                "open_sales": erp.open_sales,
            }
            counts[size], answers[size] = Counter(), []
            for name, read in reads.items():
                before = erp.requests
                answers[size].append(sorted(map(str, made.ask(read()))))
                counts[size][name] = erp.requests - before
    assert answers[10_000] == answers[10]
    assert max(counts[10_000].values()) <= 3
    for name, found in zip(counts[10], answers[10], strict=True):
        assert counts[10][name] <= counts[10_000][name] + 2 * (1 + len(found) // 10)


def test_begun_work_is_seen_and_keeps_the_order_as_it_is(writing: Subject, admin: Tryton) -> None:
    """The order's own stamp says nothing of it."""
    order = waiting(writing)
    step, elsewhere = movable(writing, order)
    cycle = writing.ask(begin(admin, step.id))
    begun = again(writing, order)
    assert (begun.state, begun.stamp, begun.reported_at) == (
        "waiting",
        order.stamp,
        writing.today,
    )
    assert begun.steps[step.sequence].state == "running"
    with pytest.raises(VendorRefused, match="has begun"):
        writing.ask(writing.erp.reopen(order))
    with pytest.raises(VendorRefused, match="has started"):
        writing.ask(writing.erp.move_step(order, step.id, elsewhere))
    assert again(writing, order) == begun
    model = "model.production.work.cycle"
    spent = {"duration": timedelta(minutes=95)}
    writing.ask(admin.client.write(f"{model}.write", [cycle], spent))
    writing.ask(admin.client.write(f"{model}.do", [cycle]))
    done = again(writing, order).steps[step.sequence]
    assert (done.state, done.spent) == ("done", Decimal(95))
    (timed,) = [one for one in writing.ask(writing.erp.cycles(writing.today)) if one.minutes == 95]
    assert (timed.order_id, timed.operation, timed.on) == (order.id, step.operation, writing.today)
    assert (timed.quantity, timed.work_centre_id) == (order.quantity, step.work_centre_id)


def test_a_step_that_starts_at_that_moment_stays_where_it_is(
    writing: Subject, admin: Tryton, meanwhile: tuple[Tryton, Meanwhile]
) -> None:
    erp, transport = meanwhile
    order = waiting(writing)
    step, elsewhere = movable(writing, order)
    transport.before["model.production.work.write"] = partial(begin, admin, step.id)
    with pytest.raises(VendorRefused, match="changed"):
        writing.ask(erp.move_step(order, step.id, elsewhere))
    now = again(writing, order).steps[step.sequence]
    assert (now.work_centre_id, now.state) == (step.work_centre_id, "running")


def test_an_order_that_starts_at_that_moment_goes_on(
    writing: Subject, admin: Tryton, meanwhile: tuple[Tryton, Meanwhile]
) -> None:
    """Tryton's own button would take it back to waiting, with its material used up."""
    erp, transport = meanwhile
    order = waiting(writing)
    transport.before["model.production.draft"] = partial(press, admin, order, "assign_force")
    with pytest.raises(VendorRefused):
        writing.ask(erp.reopen(order))
    ready = again(writing, order)
    assert (ready.state, {part.assigned for part in ready.inputs}) == ("ready", {True})
    writing.ask(press(admin, order, "wait"))
    writing.ask(erp.reopen(order))
    started = partial(press, admin, order, "wait", "assign_force", "run")
    transport.before["model.production.wait"] = started
    with pytest.raises(VendorRefused, match="changed"):
        writing.ask(erp.release(order))
    running = again(writing, order)
    assert (running.state, running.started_on, running.inputs) == ("running", writing.today, ())
