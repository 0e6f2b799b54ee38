"""Moving a step: one call, by value; one that started stays where it is."""

import asyncio
from datetime import date

import pytest

from regisseur.errors import InvalidInput, VendorRefused
from regisseur.tools.actions.move_operation import KIND, MoveOperation
from regisseur.tools.actions.workshop import Place, PlacedStep
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import ProductionOrder
from regisseur.tools.texts import check, word

TODAY = date(2026, 11, 23)


class Shop:
    def __init__(self) -> None:
        self.erp = MemoryERP(today=TODAY)
        self.saws = [self.erp.work_centre(f"Saw {n}", group="saws") for n in (1, 2, 3)]
        way = self.erp.routing("Frame", ("sawing", "saws"))
        self.erp.produce(self.erp.item("FRAME"), 10, routing=way, number="MO-7")
        first, second, _ = (Place(id=one.id, name=one.name) for one in self.saws)
        self.arguments = MoveOperation(
            order_id=self.order.id,
            order_label="MO-7",
            item_label="Frame",
            step=PlacedStep(sequence=0, operation="sawing", before=first, after=second),
        )

    @property
    def order(self) -> ProductionOrder:
        return self.erp.records.productions[0]

    def look_up(self) -> str:
        return asyncio.run(KIND.look_up(self.erp, "k", self.arguments)).state

    def advance(self) -> None:
        found = asyncio.run(KIND.look_up(self.erp, "k", self.arguments))
        asyncio.run(KIND.advance(self.erp, "k", self.arguments, found))

    def drift(self) -> list[str]:
        found = asyncio.run(KIND.drift(self.erp, "k", self.arguments, []))
        return [str(getattr(one.now, "text", one.now)) for one in found]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_one_call_moves_it(shop: Shop) -> None:
    before = shop.look_up()
    shop.advance()
    shop.advance()

    assert (before, shop.look_up(), shop.drift()) == ("nothing", "done", [])
    assert shop.order.steps[0].work_centre_id == shop.saws[1].id
    assert len(shop.erp.writes) == 1
    assert KIND.subject(shop.arguments) == f"{shop.order.id}/0"
    summary = KIND.summary(shop.arguments)
    assert word(summary, "en_GB") == "MO-7 (Frame): sawing on Saw 2 instead of Saw 1"
    check(summary)
    check(KIND.to_check("k", shop.arguments))


def test_a_step_of_a_running_order_that_has_not_started_can_still_be_moved(shop: Shop) -> None:
    shop.erp.start(shop.order, TODAY)
    shop.advance()

    assert (shop.look_up(), shop.drift()) == ("done", [])


@pytest.mark.parametrize("event", ["started", "called off", "moved", "gone"])
def test_what_is_different_now_is_left_alone(shop: Shop, event: str) -> None:
    now = event
    if event == "started":
        shop.erp.report(shop.order, 0, 20, TODAY, state="running")
        now = "started elsewhere"
    elif event == "called off":
        shop.erp.change(shop.order, state="cancelled")
    elif event == "moved":
        asyncio.run(shop.erp.move_step(shop.order, shop.order.steps[0].id, shop.saws[2].id))
        now = "another work centre"
    else:
        shop.erp.records.productions.clear()
        now = "gone from the ERP"
    written = len(shop.erp.writes)

    assert shop.drift() == [now]
    with pytest.raises(VendorRefused, match="left as it is"):
        shop.advance()
    assert len(shop.erp.writes) == written
    assert shop.look_up() == "nothing"


def test_a_step_that_is_there_already_is_no_proposal(shop: Shop) -> None:
    data = shop.arguments.model_dump(mode="json")
    data["step"]["after"] = data["step"]["before"]

    with pytest.raises(InvalidInput, match="there already"):
        KIND.parse(data)
