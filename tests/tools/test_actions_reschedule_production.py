"""Rescheduling an order: whatever happens in between, it is released and nobody's work is undone."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from desk import Workshop as Desk
from desk import say
from hypothesis import given
from hypothesis import strategies as st
from tryton_erp import connection
from tryton_server import TrytonServer

from regisseur.errors import (
    InvalidInput,
    NeedsPerson,
    OutcomeUnknown,
    RetryLater,
    VendorRefused,
)
from regisseur.graphs.judgement import Proposal
from regisseur.tools.actions.base import Found
from regisseur.tools.actions.reschedule_production import KIND, RescheduleProduction, Workshop
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.records import ProductionOrder, ProductionState
from regisseur.tools.texts import check, plain_spaces, shown, word

TODAY = date(2026, 11, 23)
OLD, NEW = (date(2026, 11, 25), date(2026, 11, 27)), (date(2026, 12, 1), date(2026, 12, 3))
WRITES = ("add_note", "reopen", "set_planned", "release", "move_step")


Place = tuple[str, str]


def arguments_for(
    order: ProductionOrder, dates: tuple[date, date], places: list[tuple[Place, Place]]
) -> RescheduleProduction:
    """Other dates, and where its steps are and shall be: ids and names of work centres."""
    return RescheduleProduction.model_validate(
        {
            "order_id": order.id,
            "order_label": order.number,
            "item_label": order.item_label,
            "quantity": order.quantity,
            "unit": order.unit.model_dump(),
            "state_before": order.state,
            "start_before": order.planned_start,
            "end_before": order.planned_end,
            "start_after": dates[0],
            "end_after": dates[1],
            "steps": [
                {
                    "sequence": step.sequence,
                    "operation": step.operation,
                    "before": {"id": before[0], "name": before[1]},
                    "after": {"id": after[0], "name": after[1]},
                }
                for step, (before, after) in zip(order.steps, places, strict=True)
            ],
            "text": "Steel comes later.",
            "retraction": "It stays where it was after all.",
        }
    )


class Shop:
    """An order of two steps: the first stays on the second saw, the other moves."""

    def __init__(self, state: ProductionState = "waiting") -> None:
        self.erp = MemoryERP(today=TODAY)
        saws = [self.erp.work_centre(f"Saw {n}", group="saws") for n in (1, 2)]
        benches = [self.erp.work_centre(f"Bench {n}", group="benches") for n in (1, 2)]
        way = self.erp.routing("Frame", ("sawing", "saws"), ("welding", "benches"))
        frame = self.erp.item("FRAME")
        made = self.erp.produce(
            frame,
            10,
            start=OLD[0],
            end=OLD[1],
            state=state,
            routing=way,
            number="MO-7",
            item_label="Frame",
        )
        self.order_id = made.id
        places = ((saws[1], saws[1]), (benches[0], benches[1]))
        if made.steps:
            first = made.steps[0].model_copy(update={"work_centre_id": saws[1].id})
            made = self.erp.change(made, steps=(first, made.steps[1]))
        self.arguments = arguments_for(
            made,
            NEW,
            [
                ((before.id, before.name), (after.id, after.name))
                for _, (before, after) in zip(made.steps, places, strict=False)
            ],
        )
        self.port = Workshop(self.erp, self.erp)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(work)

    @property
    def order(self) -> ProductionOrder:
        return self.erp.records.productions[0]

    @property
    def dates(self) -> tuple[date | None, date | None]:
        return self.order.planned_start, self.order.planned_end

    @property
    def places(self) -> list[str | None]:
        names = {one.id: one.name for one in self.erp.records.work_centres}
        return [names.get(step.work_centre_id or "") for step in self.order.steps]

    @property
    def notes(self) -> list[str]:
        return [one.text for one in self.erp.records.notes]

    @property
    def written(self) -> list[str]:
        return [one.operation for one in self.erp.writes]

    def look_up(self) -> Found:
        found: Found = self.run(KIND.look_up(self.port, "k", self.arguments))
        return found

    def advance(self) -> None:
        self.run(KIND.advance(self.port, "k", self.arguments, self.look_up()))

    def abandon(self) -> None:
        self.run(KIND.abandon(self.port, "k", self.arguments, self.look_up()))

    def drift(self) -> list[tuple[str, ...]]:
        differences = self.run(KIND.drift(self.port, "k", self.arguments, []))
        return [
            tuple(plain_spaces(shown(value, "en_GB")) for value in (one.name, one.was, one.now))
            for one in differences
        ]

    def wait_a_while(self) -> None:
        """Whatever was to come late has come."""
        for _ in range(6):
            self.run(self.erp.read_production(self.order_id))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_what_it_is_about(shop: Shop) -> None:
    assert KIND.subject(shop.arguments) == shop.order_id
    assert KIND.amount(shop.arguments) is None
    assert word(KIND.summary(shop.arguments), "en_GB") == (
        "MO-7 (Frame): 1 Dec 2026 to 3 Dec 2026 instead of 25 Nov 2026 to 27 Nov 2026"
    )
    check(KIND.summary(shop.arguments))
    check(KIND.to_check("k", shop.arguments))


def test_a_released_order_is_taken_back_dated_released_and_its_steps_placed(shop: Shop) -> None:
    states = [shop.look_up().state]
    while states[-1] != "done":
        shop.advance()
        states.append(shop.look_up().state)

    assert shop.written == ["add_note", "reopen", "set_planned", "release", *["move_step"] * 2]
    assert states == ["nothing", *["partial"] * 5, "done"]
    assert (shop.order.state, shop.dates) == ("waiting", NEW)
    assert shop.places == ["Saw 2", "Bench 2"]
    assert shop.notes == ["Steel comes later."]


@pytest.mark.parametrize("state", ["request", "draft"])
def test_an_order_that_takes_dates_as_it_stands_is_not_reopened(state: ProductionState) -> None:
    shop = Shop(state)
    for _ in range(3):
        shop.advance()

    assert shop.written == ["add_note", "set_planned"]
    assert (shop.look_up().state, shop.order.state, shop.dates) == ("done", state, NEW)


@given(
    faults=st.lists(
        st.tuples(st.sampled_from(WRITES), st.sampled_from(["lost", "late 0", "late 1", "late 3"])),
        max_size=6,
    )
)
def test_whatever_gets_no_answer_it_ends_as_approved(faults: list[tuple[str, str]]) -> None:
    shop = Shop()
    for operation, fault in faults:
        if fault == "lost":
            shop.erp.lose_answer_of(operation)
        else:
            shop.erp.commit_late(operation, unseen_by=int(fault[-1]))

    for _ in range(40):
        try:
            if shop.look_up().state == "done":
                break
            shop.advance()
        except RetryLater:
            shop.wait_a_while()
        except OutcomeUnknown:
            continue
    shop.wait_a_while()

    assert shop.look_up().state == "done"
    assert (shop.order.state, shop.dates) == ("waiting", NEW)
    assert shop.notes == ["Steel comes later."]


@pytest.mark.parametrize("steps", range(5))
def test_what_started_is_never_touched_again(shop: Shop, steps: int) -> None:
    for _ in range(steps):
        shop.advance()
    if shop.order.state == "draft":
        shop.run(shop.erp.release(shop.order))
    shop.erp.start(shop.order, TODAY)
    started = shop.order

    assert shop.drift()
    with pytest.raises(VendorRefused, match="left as it is"):
        shop.advance()
    shop.abandon()

    assert shop.order == started
    assert shop.notes[-1:] != ["Steel comes later."] or shop.dates == NEW


def test_what_was_started_is_told(shop: Shop) -> None:
    shop.erp.report(shop.order, 1, 20, TODAY, state="running")
    assert shop.drift()[0] == ("production order MO-7", "waiting", "started")

    shop.erp.start(shop.order, TODAY)
    assert shop.drift() == [("production order MO-7", "waiting", "started")]
    assert shop.look_up().state == "nothing"


@pytest.mark.parametrize(
    ("values", "difference"),
    [
        ({"quantity": Decimal(12)}, ("quantity of Frame", "10 u", "12 u")),
        ({"planned_end": TODAY}, ("planned dates of MO-7", "25 Nov 2026 to 27 Nov 2026", "25 Nov")),
        ({"state": "draft"}, ("production order MO-7", "waiting", "draft")),
        ({"state": "ready"}, ("production order MO-7", "waiting", "material put aside")),
        ({"state": "cancelled"}, ("production order MO-7", "waiting", "called off")),
    ],
)
def test_what_somebody_changed_is_left_alone(
    shop: Shop, values: dict[str, Any], difference: tuple[str, str, str]
) -> None:
    shop.erp.change(shop.order, **values)
    changed = shop.order

    name, was, now = shop.drift()[0]
    assert name == difference[0]
    assert difference[1] in was
    assert difference[2] in now
    with pytest.raises(VendorRefused):
        shop.advance()
    assert (shop.order, shop.written) == (changed, [])


def test_a_draft_of_ours_is_told_from_a_person_s(shop: Shop) -> None:
    ours, theirs = shop, Shop()
    for _ in range(2):
        ours.advance()
    theirs.run(theirs.erp.reopen(theirs.order))

    assert ours.order.state == theirs.order.state == "draft"
    assert (ours.drift(), ours.look_up().state) == ([], "partial")
    assert theirs.drift()[0] == ("production order MO-7", "waiting", "draft")


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_an_order_that_goes_back_to_the_inbox_is_released_as_it_was(shop: Shop, steps: int) -> None:
    for _ in range(steps):
        shop.advance()
    shop.abandon()

    assert (shop.order.state, shop.dates) == ("waiting", OLD)
    assert shop.places == ["Saw 2", "Bench 1"]
    assert shop.notes == ["Steel comes later.", "It stays where it was after all."]
    assert shop.look_up().state == "nothing"
    assert shop.drift() == []


def test_a_person_s_draft_is_not_ours_because_of_an_older_attempt(shop: Shop) -> None:
    shop.advance()
    shop.abandon()
    shop.run(shop.erp.reopen(shop.order))

    assert shop.drift()[0] == ("production order MO-7", "waiting", "draft")


def test_a_draft_of_ours_on_which_somebody_works_is_theirs(shop: Shop) -> None:
    for _ in range(2):
        shop.advance()
    shop.erp.change(shop.order, quantity=Decimal(12))
    shop.abandon()

    assert (shop.order.state, shop.order.quantity) == ("draft", Decimal(12))
    assert [one[0] for one in shop.drift()] == ["production order MO-7", "quantity of Frame"]


def test_an_order_whose_material_is_put_aside_is_not_taken_back() -> None:
    assert Shop("ready").drift() == [
        ("production order MO-7", "can be moved", "material put aside")
    ]


def test_a_draft_that_can_t_be_released_again_is_a_person_s_task(shop: Shop) -> None:
    for _ in range(2):
        shop.advance()
    shop.erp.fail_next("release", VendorRefused("not today"))

    with pytest.raises(NeedsPerson, match="has to be released again"):
        shop.abandon()


def test_a_step_that_can_t_be_placed_is_a_person_s_task(shop: Shop) -> None:
    for _ in range(4):
        shop.advance()

    with pytest.raises(NeedsPerson, match="its work centre"):
        shop.abandon()


def test_new_dates_may_be_edited(shop: Shop) -> None:
    changed = shop.arguments.model_dump(mode="json")

    assert KIND.edit(shop.arguments, changed | {"end_after": "2026-12-08"}).end_after.day == 8
    with pytest.raises(InvalidInput, match="before it starts"):
        KIND.edit(shop.arguments, changed | {"end_after": "2026-11-30"})
    with pytest.raises(InvalidInput, match="can't be changed"):
        KIND.edit(shop.arguments, changed | {"order_id": "9"})


def test_other_words_are_no_reason_to_ask_again(shop: Shop) -> None:
    other = shop.arguments.model_copy(update={"text": "Steel comes even later."})

    assert not KIND.material(shop.arguments, other)
    assert KIND.material(shop.arguments, other.model_copy(update={"end_after": date(2026, 12, 4)}))


def performed_by(desk: Desk) -> tuple[Shop, Proposal]:
    """The same order, in the ERP of a worker who can do this."""
    shop = Shop()
    desk.erp = shop.erp
    agents = dict.fromkeys(desk.desk.proposes, (KIND.name,))
    desk.desk = replace(desk.desk, erp=shop.erp, kinds={KIND.name: KIND}, proposes=agents)
    arguments = shop.arguments.model_dump(mode="json")
    return shop, Proposal(kind=KIND.name, arguments=arguments, reason=say("It is late."))


@pytest.mark.anyio
async def test_an_order_that_starts_between_two_of_our_steps_is_told(workshop: Desk) -> None:
    shop, proposal = performed_by(workshop)

    async def started_meanwhile() -> None:
        await shop.erp.release(shop.order)
        shop.erp.start(shop.order, TODAY)

    shop.erp.before("set_planned", started_meanwhile)
    row = await workshop.perform((await workshop.approved(proposal)).id)
    effect = workshop.effect(row.id)

    assert (row.status, shop.order.state, shop.dates) == ("failed", "running", OLD)
    assert "left as it is" in (effect.error or "")
    assert effect.answer is not None
    assert [one["now"]["text"] for one in effect.answer["differences"]] == ["started"]
    assert shop.notes[-1] == "It stays where it was after all."


@pytest.mark.anyio
async def test_an_erp_that_goes_away_leaves_it_to_be_done_later(workshop: Desk) -> None:
    shop, proposal = performed_by(workshop)
    shop.erp.fail_next("release", RetryLater("the ERP restarts"))
    action = await workshop.approved(proposal)
    away = await workshop.perform(action.id)
    state = shop.order.state
    workshop.clock.forward(hours=1)

    assert (away.status, state) == ("approved", "draft")
    assert (await workshop.perform(action.id)).status == "done"
    assert (shop.order.state, shop.dates, shop.places) == ("waiting", NEW, ["Saw 2", "Bench 2"])


@pytest.mark.tryton
@pytest.mark.anyio
async def test_in_tryton_back_and_forth(fresh_tryton: TrytonServer) -> None:
    """Tryton picks the work centres of a released order at random, each time anew."""
    erp = connection(fresh_tryton.url, fresh_tryton.user, fresh_tryton.password)
    port = Workshop(erp, erp)
    arguments, before, after = await _planned_anew(erp, fresh_tryton.on)

    async def steps(most: int) -> None:
        for _ in range(most):
            found = await KIND.look_up(port, "k", arguments)
            if found.state != "done":
                await KIND.advance(port, "k", arguments, found)

    await steps(3)
    assert (await _stands(erp, arguments))[0] == "draft"
    await KIND.abandon(port, "k", arguments, Found(state="partial"))
    assert await _stands(erp, arguments) == before
    assert await KIND.drift(port, "k", arguments, []) == []
    await steps(10)
    assert await _stands(erp, arguments) == after
    await erp.close()


async def _planned_anew(erp: Tryton, on: date) -> tuple[RescheduleProduction, Any, Any]:
    """The waiting order with most steps, on which nobody works: a month later, the first of its
    steps that can be done elsewhere there. With how it stands, and how it shall.
    """
    names = {one.id: one.name for one in await erp.work_centres()}
    groups: dict[str | None, list[str]] = {}
    for one in await erp.work_centres():
        groups.setdefault(one.group, []).append(one.id)
    order = max(
        (
            one
            for one in await erp.open_production()
            if one.state == "waiting" and all(step.state == "to_do" for step in one.steps)
        ),
        key=lambda one: max((len(groups.get(step.group, ())) for step in one.steps), default=0),
    )
    here = [step.work_centre_id or "" for step in order.steps]
    there = [*here]
    moved = next(n for n, step in enumerate(order.steps) if len(groups[step.group]) > 1)
    there[moved] = next(one for one in groups[order.steps[moved].group] if one != here[moved])
    dates = on + timedelta(days=30), on + timedelta(days=33)
    places = [((a, names[a]), (b, names[b])) for a, b in zip(here, there, strict=True)]
    old = order.planned_start, order.planned_end
    planned = arguments_for(order, dates, places)
    return planned, ("waiting", old, here), ("waiting", dates, there)


async def _stands(erp: Tryton, arguments: RescheduleProduction) -> Any:
    order = await erp.read_production(arguments.order_id)
    assert order is not None
    places = [step.work_centre_id for step in order.steps]
    return order.state, (order.planned_start, order.planned_end), places
