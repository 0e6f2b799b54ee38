"""Changing a draft: convergence by value, one line a step."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regisseur.errors import InvalidInput, OutcomeUnknown, RetryLater, VendorRefused
from regisseur.tools.actions.base import Found
from regisseur.tools.actions.change_draft_order import KIND, ChangedLine, ChangeDraftOrder
from regisseur.tools.erp.memory import UNITS, MemoryERP
from regisseur.tools.records import PurchaseOrder
from regisseur.tools.texts import check, plain_spaces, word

TODAY = date(2026, 11, 23)
SOON, LATER = date(2026, 12, 1), date(2026, 12, 15)


class Shop:
    """A draft with two lines: the first gets more, the second comes earlier."""

    def __init__(self) -> None:
        self.erp = MemoryERP(today=TODAY)
        mill = self.erp.supplier("Steel mill")
        steel, bolts = self.erp.item("STEEL", unit="kg"), self.erp.item("BOLT")
        lines = [(steel, 100), (bolts, 40)]
        self.order = self.erp.order(mill, lines, state="draft", expected=LATER)
        first, second = self.order.lines
        self.arguments = ChangeDraftOrder(
            order_id=self.order.id,
            order_label="draft 7",
            supplier_id=mill.id,
            supplier_name=mill.name,
            lines=(
                ChangedLine(
                    line_id=first.id,
                    item_label="STEEL Steel",
                    unit=first.unit,
                    quantity_before=Decimal(100),
                    quantity_after=Decimal(150),
                ),
                ChangedLine(
                    line_id=second.id,
                    item_label="BOLT Bolt",
                    unit=second.unit,
                    quantity_before=Decimal(40),
                    quantity_after=Decimal(40),
                    expected_before=LATER,
                    expected_after=SOON,
                ),
            ),
        )

    def now(self) -> PurchaseOrder:
        return self.erp.records.orders[0]

    def change_line(self, position: int, **values: Any) -> None:
        lines = list(self.now().lines)
        lines[position] = lines[position].model_copy(update=values)
        self.erp.change(self.order, lines=tuple(lines))

    def look_up(self) -> Found:
        return asyncio.run(KIND.look_up(self.erp, "k", self.arguments))

    def advance(self) -> None:
        asyncio.run(KIND.advance(self.erp, "k", self.arguments, self.look_up()))

    def drift(self) -> list[tuple[str, str]]:
        differences = asyncio.run(KIND.drift(self.erp, "k", self.arguments, []))
        assert list(self.look_up().differences) == differences
        assert (self.look_up().state == "conflict") == bool(differences)
        return [
            (
                word(one.name, "en_GB"),
                plain_spaces(
                    word(
                        one.name.model_copy(
                            update={
                                "text": "{was} / {now}",
                                "values": {"was": one.was, "now": one.now},
                            }
                        ),
                        "en_GB",
                    )
                ),
            )
            for one in differences
        ]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_what_it_is_about(shop: Shop) -> None:
    assert KIND.subject(shop.arguments) == shop.order.id
    assert KIND.counterparty(shop.arguments) == shop.arguments.supplier_id
    assert KIND.amount(shop.arguments) is None
    assert word(KIND.summary(shop.arguments), "en_GB") == (
        "Steel mill: change 2 lines of draft draft 7"
    )
    check(KIND.summary(shop.arguments))
    check(KIND.to_check("k", shop.arguments))


def test_one_line_a_step_until_all_are_changed(shop: Shop) -> None:
    states = [shop.look_up().state]
    for _ in range(2):
        shop.advance()
        states.append(shop.look_up().state)

    assert states == ["nothing", "partial", "done"]
    first, second = shop.now().lines
    assert (first.quantity, first.expected) == (Decimal(150), LATER)
    assert (second.quantity, second.expected) == (Decimal(40), SOON)
    assert shop.look_up().reference == "draft 7"


def test_doing_it_again_does_nothing(shop: Shop) -> None:
    for _ in range(4):
        shop.advance()

    assert len(shop.erp.writes) == 2


def test_an_order_that_was_confirmed_with_the_new_values_is_done(shop: Shop) -> None:
    shop.advance()
    shop.advance()
    shop.erp.change(shop.order, state="confirmed")

    assert shop.look_up().state == "done"


def test_an_order_that_was_cancelled_with_the_new_values_is_not(shop: Shop) -> None:
    shop.advance()
    shop.advance()
    shop.erp.change(shop.order, state="cancelled")

    assert shop.look_up().state == "conflict"


def test_nothing_changed(shop: Shop) -> None:
    assert shop.drift() == []


@pytest.mark.parametrize("state", ["quoted", "confirmed", "received", "cancelled"])
def test_an_order_that_is_no_draft_any_more(shop: Shop, state: str) -> None:
    shop.erp.change(shop.order, state=state)

    assert shop.drift() == [("order draft 7", f"draft / {state}")]
    shop.advance()
    assert not shop.erp.writes


def test_an_order_that_is_gone(shop: Shop) -> None:
    shop.erp.records.orders.clear()

    assert shop.drift() == [("order draft 7", "draft / no longer in the ERP")]
    shop.advance()
    assert not shop.erp.writes


@pytest.mark.parametrize(
    ("position", "values", "difference"),
    [
        (0, {"quantity": Decimal(120)}, ("line STEEL Steel", "100 kg / 120 kg on 15 Dec 2026")),
        (0, {"unit": UNITS["g"]}, ("line STEEL Steel", "100 kg / 100 g on 15 Dec 2026")),
        (
            1,
            {"expected": TODAY},
            ("line BOLT Bolt", "40 u on 15 Dec 2026 / 40 u on 23 Nov 2026"),
        ),
        (1, {"expected": None}, ("line BOLT Bolt", "40 u on 15 Dec 2026 / 40 u")),
    ],
)
def test_a_line_that_somebody_else_changed(
    shop: Shop, position: int, values: dict[str, Any], difference: tuple[str, str]
) -> None:
    shop.change_line(position, **values)

    assert shop.drift() == [difference]
    shop.advance()
    assert not shop.erp.writes


def test_a_line_that_is_gone(shop: Shop) -> None:
    shop.erp.change(shop.order, lines=shop.order.lines[1:])

    assert shop.drift() == [("line STEEL Steel", "100 kg / no longer on the order")]


def test_a_date_that_is_not_to_be_changed_may_be_any(shop: Shop) -> None:
    shop.change_line(0, expected=SOON)

    assert shop.drift() == []


@given(faults=st.lists(st.sampled_from(["lost", "late 0", "late 1", "late 3"]), max_size=8))
def test_whatever_goes_wrong_the_lines_get_their_values(faults: list[str]) -> None:
    shop = Shop()
    for fault in faults:
        if fault == "lost":
            shop.erp.lose_answer_of("change_line")
        else:
            shop.erp.commit_late("change_line", unseen_by=int(fault[-1]))

    for _ in range(40):
        try:
            shop.advance()
        except (OutcomeUnknown, RetryLater, VendorRefused):
            continue

    assert shop.look_up().state == "done"


class TestEditing:
    def test_new_quantities_and_dates_may_change(self, shop: Shop) -> None:
        changed = shop.arguments.model_dump(mode="json")
        changed["lines"][0] |= {"quantity_after": "130", "expected_after": "2026-12-02"}

        after = KIND.edit(shop.arguments, changed)

        assert after.lines[0].quantity_after == 130
        assert after.lines[0].expected_after == date(2026, 12, 2)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"quantity_after": "-1"}, "lines.0.quantity_after"),
            ({"quantity_after": "100"}, "lines.0.quantity_after"),
            ({"quantity_before": "90"}, "lines.*.quantity_before"),
            ({"line_id": "77"}, "lines.*.line_id"),
        ],
    )
    def test_a_wrong_value_is_named(self, shop: Shop, values: dict[str, str], field: str) -> None:
        changed = shop.arguments.model_dump(mode="json")
        changed["lines"][0] |= values

        with pytest.raises(InvalidInput) as caught:
            KIND.edit(shop.arguments, changed)

        assert caught.value.field == field

    def test_a_line_is_changed_once_only(self, shop: Shop) -> None:
        data = shop.arguments.model_dump(mode="json")
        data["lines"].append(data["lines"][0])

        with pytest.raises(InvalidInput, match="changed once only"):
            KIND.parse(data)
