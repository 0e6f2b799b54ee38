"""Notes with typed arguments: what each of them rests on, and what it says of itself."""

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from regisseur.errors import InvalidInput
from regisseur.tools.actions import expedite_purchase, propose_new_date, propose_overtime
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.actions.noting import Noting
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import Money
from regisseur.tools.texts import check, plain_spaces, word

TODAY = date(2026, 11, 23)
SOON, LATE = date(2026, 12, 1), date(2026, 12, 15)


class Shop:
    """One of each: a sale, a purchase order and a late production order."""

    def __init__(self) -> None:
        self.erp = MemoryERP(today=TODAY)
        steel = self.erp.item("STEEL", unit="kg")
        frame = self.erp.item("FRAME")
        mill = self.erp.supplier("Steel mill")
        self.sale = self.erp.sell(
            frame, self.erp.customer("Leroy"), 10, requested=SOON, confirmed=SOON
        )
        self.purchase = self.erp.order(mill, [(steel, 100)], state="confirmed", expected=LATE)
        self.order = self.erp.produce(frame, 10, start=SOON, end=SOON, number="MO-7")
        self.made = {"model": "production", "id": self.order.id, "label": "MO-7"}

    def new_date(self, **more: Any) -> dict[str, Any]:
        line = {
            "line_id": self.sale.id,
            "item_label": "Frame",
            "outstanding": "10",
            "unit": "u",
            "requested": "2026-12-01",
            "confirmed": "2026-12-01",
            "expected": "2026-12-15",
        }
        return {
            "about": {"model": "sale", "id": self.sale.sale_id, "label": "SO-1"},
            "text": "The frames are expected on 15 December.",
            "customer_id": self.sale.customer_id,
            "customer_name": "Leroy",
            "cause": "steel comes late",
            "lines": [line | more],
        }

    def expedite(self, **more: Any) -> dict[str, Any]:
        (line,) = self.purchase.lines
        return {
            "about": {"model": "purchase_order", "id": self.purchase.id, "label": "PO-1"},
            "text": "Steel is needed on 1 December.",
            "supplier_id": self.purchase.supplier_id,
            "supplier_name": "Steel mill",
            "line_id": line.id,
            "item_id": line.item_id,
            "item_label": "Steel",
            "quantity": "100",
            "unit": line.unit.model_dump(mode="json"),
            "expected": "2026-12-15",
            "needed": "2026-12-01",
            "waiting": [self.made],
            "cost_of_waiting": Money.of(300, "EUR").model_dump(mode="json"),
        } | more

    def overtime(self, **more: Any) -> dict[str, Any]:
        return {
            "about": self.made,
            "text": "Two hours more on the saw, please.",
            "work_centre_id": "7",
            "work_centre_name": "Saw",
            "day": "2026-11-24",
            "starts": "17:00",
            "ends": "19:30",
            "heads": 2,
            "daily_hours": "9.5",
            "weekly_hours": "41.5",
            "hourly_cost": Money.of("31.25", "EUR").model_dump(mode="json"),
            "saves": [{"order": self.made, "days": 2}],
        } | more

    def drift(self, kind: AnyKind, arguments: dict[str, Any]) -> list[str]:
        port = Noting[Any](self.erp, self.erp)
        found = asyncio.run(kind.drift(port, "k", kind.parse(arguments), []))
        return [plain_spaces(word(one.name, "en_GB")) for one in found]


NEW_DATE, EXPEDITE, OVERTIME = (
    one.KIND for one in (propose_new_date, expedite_purchase, propose_overtime)
)
Words = Callable[[Shop], dict[str, Any]]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.mark.parametrize(
    ("kind", "words", "summary"),
    [
        (NEW_DATE, Shop.new_date, "Leroy: SO-1 is expected on 15 Dec 2026 (steel comes late)"),
        (
            EXPEDITE,
            Shop.expedite,
            "Steel mill: 100 kg of Steel (PO-1) needed on 1 Dec 2026, expected: 15 Dec 2026",
        ),
        (
            OVERTIME,
            Shop.overtime,
            "Saw: overtime on 24 Nov 2026 from 17:00 to 19:30, people: 2; 1 order is ready earlier",
        ),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_what_it_is_about_and_that_one_step_makes_the_note(
    shop: Shop, kind: AnyKind, words: Words, summary: str
) -> None:
    arguments = kind.parse(words(shop))
    port = Noting[Any](shop.erp, shop.erp)
    before = asyncio.run(kind.look_up(port, "k", arguments))
    asyncio.run(kind.advance(port, "k", arguments, before))

    assert (before.state, asyncio.run(kind.look_up(port, "k", arguments)).state) == (
        "nothing",
        "done",
    )
    assert [one.text for one in shop.erp.records.notes] == [arguments.text]
    assert plain_spaces(word(kind.summary(arguments), "en_GB")) == summary
    check(kind.summary(arguments))
    assert type(kind).drift is type(NEW_DATE).drift, "one stands for all in the crash matrix"
    assert shop.drift(kind, words(shop)) == []


def test_a_date_that_sales_changed_meanwhile(shop: Shop) -> None:
    shop.erp.change(shop.sale, confirmed=LATE)
    assert shop.drift(NEW_DATE, shop.new_date()) == ["confirmed date of Frame"]

    shop.erp.change(shop.sale, outstanding=Decimal(0))
    assert shop.drift(NEW_DATE, shop.new_date()) == ["line Frame"]


def test_goods_that_came_or_got_another_date_meanwhile(shop: Shop) -> None:
    (line,) = shop.purchase.lines
    shop.erp.change(shop.purchase, lines=(line.model_copy(update={"expected": SOON}),))
    assert shop.drift(EXPEDITE, shop.expedite()) == ["date of Steel"]

    shop.erp.receive(shop.purchase, TODAY)
    assert shop.drift(EXPEDITE, shop.expedite()) == ["still to come of Steel"]

    shop.erp.change(shop.purchase, state="cancelled")
    assert shop.drift(EXPEDITE, shop.expedite()) == ["line Steel"]


def test_an_order_that_needs_no_overtime_any_more(shop: Shop) -> None:
    shop.erp.start(shop.order, TODAY)
    assert shop.drift(OVERTIME, shop.overtime()) == []

    shop.erp.finish(shop.order)
    assert shop.drift(OVERTIME, shop.overtime()) == ["production order MO-7"]


def test_overtime_costs_what_it_costs_and_may_end_on_the_next_day(shop: Shop) -> None:
    arguments = OVERTIME.parse(shop.overtime())
    night = OVERTIME.parse(shop.overtime(starts="22:00", ends="00:30", hourly_cost=None))

    assert OVERTIME.always_asks
    assert OVERTIME.amount(arguments) == Money.of("156.25", "EUR")
    assert OVERTIME.amount(night) is None
    assert night.minutes == arguments.minutes == 150
    assert [f"{one:%d %H:%M}" for one in night.span] == ["24 22:00", "25 00:30"]


def test_overtime_may_be_shortened_and_nothing_else(shop: Shop) -> None:
    arguments = OVERTIME.parse(shop.overtime())
    shorter = OVERTIME.edit(arguments, shop.overtime(ends="18:30"))

    assert (shorter.minutes, shorter.daily_hours, shorter.weekly_hours) == (
        90,
        Decimal("8.5"),
        Decimal("40.5"),
    )
    for change, field in (({"ends": "20:00"}, "ends"), ({"starts": "16:00"}, "starts")):
        with pytest.raises(InvalidInput) as caught:
            OVERTIME.edit(arguments, shop.overtime(**change))
        assert caught.value.field == field


def test_other_words_are_no_reason_to_ask_again(shop: Shop) -> None:
    for kind, words in ((NEW_DATE, shop.new_date), (EXPEDITE, shop.expedite)):
        before = kind.parse(words())
        assert not kind.material(before, before.model_copy(update={"text": "Other words"}))
    new = NEW_DATE.parse(shop.new_date())
    assert NEW_DATE.material(new, NEW_DATE.parse(shop.new_date(expected="2026-12-16")))
