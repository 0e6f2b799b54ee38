"""Placing an order: exactly one confirmed order under the key, and only if it is still wanted."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regisseur.errors import InvalidInput, OutcomeUnknown, RetryLater, VendorRefused
from regisseur.tools.actions.base import Difference, Fact, Found
from regisseur.tools.actions.place_purchase_order import (
    KIND,
    OrderedItem,
    PlacePurchaseOrder,
    known_on_hand,
    known_outstanding,
)
from regisseur.tools.erp.memory import UNITS, MemoryERP
from regisseur.tools.records import Item, Money, Number, Offer, PurchaseOrder, Quantity
from regisseur.tools.texts import check, plain_spaces, word

TODAY = date(2026, 11, 23)
LATER = date(2026, 12, 7)
KEY = "regisseur:place_purchase_order:atelier:1"


class Shop:
    """Two items from one mill, and the approved order for both: 200 kg of steel, 40 u of bolts."""

    def __init__(self) -> None:
        self.erp = MemoryERP(today=TODAY)
        self.steel = self.erp.item("STEEL", unit="kg", on_hand=40)
        self.bolts = self.erp.item("BOLT", unit="u", on_hand=10)
        self.mill = self.erp.supplier("Steel mill")
        self.steel_offer = self.erp.offer(
            self.steel, self.mill, price="1.35", breaks={100: "1.2825"}, minimum=50, multiple=10
        )
        self.bolt_offer = self.erp.offer(self.bolts, self.mill, price="0.10")
        self.arguments = PlacePurchaseOrder(
            supplier_id=self.mill.id,
            supplier_name=self.mill.name,
            warehouse_id=self.erp.records.warehouses[0].id,
            currency="EUR",
            on=TODAY,
            lines=(
                line(self.steel, self.steel_offer, 200),
                line(self.bolts, self.bolt_offer, 40),
            ),
        )
        self.facts = [
            fact(known_outstanding(self.steel.id), 0),
            fact(known_on_hand(self.steel.id), 40),
        ]

    def drift(self, *, key: str = KEY, facts: list[Fact] | None = None) -> list[str]:
        known = self.facts if facts is None else facts
        return told(asyncio.run(KIND.drift(self.erp, key, self.arguments, known)))

    def look_up(self) -> Found:
        return asyncio.run(KIND.look_up(self.erp, KEY, self.arguments))

    def advance(self, found: Found | None = None) -> None:
        asyncio.run(KIND.advance(self.erp, KEY, self.arguments, found or self.look_up()))

    def draft(self) -> PurchaseOrder:
        """One more draft under the key, as a late commit leaves it."""
        order_id = asyncio.run(self.erp.draft_order(KEY, self.arguments.draft()))
        return next(order for order in self.erp.records.orders if order.id == order_id)

    def confirm(self, order: PurchaseOrder) -> PurchaseOrder:
        asyncio.run(self.erp.confirm_order(order))
        return next(now for now in self.erp.records.orders if now.id == order.id)

    def converge(self) -> Found:
        """What the performer does: look and step in turn, whatever the answers were."""
        for _ in range(60):
            found = self.look_up()
            if found.state in ("done", "conflict"):
                return found
            try:
                self.advance(found)
            except (OutcomeUnknown, RetryLater, VendorRefused):
                continue
        raise AssertionError(f"does not converge: {self.look_up()}")

    def states(self) -> list[str]:
        return [order.state for order in self.erp.records.orders if order.key == KEY]

    def data(self) -> dict[str, Any]:
        return self.arguments.model_dump(mode="json")


def line(item: Item, offer: Offer, quantity: int) -> OrderedItem:
    price = offer.price_for(Decimal(quantity))
    assert price is not None
    return OrderedItem(
        item_id=item.id,
        item_code=item.code,
        item_name=item.name,
        offer_id=offer.id,
        unit=offer.unit,
        quantity=Decimal(quantity),
        unit_price=price,
        breaks=offer.breaks,
        minimum_quantity=offer.minimum_quantity,
        multiple=offer.multiple,
        expected=LATER,
    )


def fact(name: str, value: int | str) -> Fact:
    return Fact(name=name, value=Quantity(value=Decimal(value), unit="kg"))


def told(differences: list[Difference] | tuple[Difference, ...]) -> list[str]:
    """Each difference as a person reads it."""
    texts = []
    for difference in differences:
        check(difference.name)
        was, now = ("{was}", "{now}")
        sentence = difference.name.model_copy(
            update={
                "text": f"{difference.name.text}: {was} / {now}",
                "values": difference.name.values | {"was": difference.was, "now": difference.now},
            }
        )
        texts.append(plain_spaces(word(sentence, "en_GB")))
    return texts


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_what_it_is_about(shop: Shop) -> None:
    arguments = shop.arguments

    assert KIND.subject(arguments) == f"{shop.mill.id}/{arguments.warehouse_id}/EUR"
    assert KIND.amount(arguments) == Money.of("260.50", "EUR")
    assert KIND.counterparty(arguments) == shop.mill.id
    assert word(KIND.summary(arguments), "en_GB") == "Steel mill: STEEL, BOLT"
    french = plain_spaces(word(KIND.summary(arguments), "fr_FR"))
    assert french == "Steel mill : STEEL, BOLT"
    check(KIND.summary(arguments))
    check(KIND.to_check(KEY, arguments))


def test_arguments_survive_json(shop: Shop) -> None:
    assert KIND.parse(shop.data()) == shop.arguments


class TestEditing:
    def test_a_quantity_is_priced_by_its_break(self, shop: Shop) -> None:
        changed = shop.data()
        changed["lines"][0]["quantity"] = "60"

        after = KIND.edit(shop.arguments, changed)

        assert [one.unit_price for one in after.lines] == [Decimal("1.35"), Decimal("0.10")]
        assert KIND.amount(after) == Money.of("85.00", "EUR")

    def test_a_date_may_change(self, shop: Shop) -> None:
        changed = shop.data()
        changed["lines"][1]["expected"] = "2026-12-24"

        assert KIND.edit(shop.arguments, changed).lines[1].expected == date(2026, 12, 24)

    def test_a_line_may_be_left_out(self, shop: Shop) -> None:
        changed = shop.data()
        del changed["lines"][0]

        assert KIND.edit(shop.arguments, changed).lines == shop.arguments.lines[1:]

    def test_equal_figures_written_otherwise_are_no_change(self, shop: Shop) -> None:
        changed = shop.data()
        changed["lines"][0] |= {"unit_price": 1.28250, "quantity": "200.0"}

        assert KIND.edit(shop.arguments, changed) == shop.arguments

    @pytest.mark.parametrize(
        ("position", "values", "field"),
        [
            (0, {"quantity": "-5"}, "lines.0.quantity"),
            (0, {"quantity": "0"}, "lines.0.quantity"),
            (0, {"quantity": "many"}, "lines.0.quantity"),
            (0, {"quantity": "NaN"}, "lines.0.quantity"),
            (0, {"quantity": "40"}, "lines.0.quantity"),
            (0, {"quantity": "55"}, "lines.0.quantity"),
            (1, {"expected": "2026-11-22"}, "lines.1.expected"),
            (1, {"unit_price": "0.01"}, "lines.1.unit_price"),
            (1, {"item_name": "Gold"}, "lines.1.item_name"),
            (1, {"item_id": "77"}, "lines.1"),
            (1, {"discount": "1"}, "lines.1.discount"),
        ],
    )
    def test_a_wrong_line_is_named(
        self, shop: Shop, position: int, values: dict[str, str], field: str
    ) -> None:
        changed = shop.data()
        changed["lines"][position] |= values

        with pytest.raises(InvalidInput) as caught:
            KIND.edit(shop.arguments, changed)

        assert caught.value.field == field

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"supplier_id": "9"}, "supplier_id"),
            ({"currency": "USD"}, "currency"),
            ({"on": "2026-11-24"}, "on"),
            ({"lines": []}, "lines"),
        ],
    )
    def test_the_order_itself_stays(
        self, shop: Shop, values: dict[str, object], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as caught:
            KIND.edit(shop.arguments, shop.data() | values)

        assert caught.value.field == field

    def test_an_item_is_on_one_line_only(self, shop: Shop) -> None:
        changed = shop.data()
        changed["lines"].append(changed["lines"][0])

        with pytest.raises(InvalidInput, match="one line only"):
            KIND.edit(shop.arguments, changed)

    @given(packs=st.integers(min_value=5, max_value=1000))
    def test_any_allowed_quantity_costs_what_the_offer_says(self, packs: int) -> None:
        shop = Shop()
        changed = shop.data()
        changed["lines"][0]["quantity"] = packs * 10

        after = KIND.edit(shop.arguments, changed)

        assert after.lines[0].unit_price == shop.steel_offer.price_for(Decimal(packs * 10))


class TestAskingAgainAfterARejection:
    @pytest.mark.parametrize(
        ("values", "material"),
        [
            ({"expected": date(2026, 12, 24)}, False),
            ({"quantity": Decimal(240)}, False),
            ({"quantity": Decimal(241)}, True),
            ({"quantity": Decimal(159)}, True),
            ({"unit_price": Decimal("1.30")}, False),
            ({"unit_price": Decimal("1.35")}, True),
            ({"item_id": "77"}, True),
            ({"unit": UNITS["g"]}, True),
        ],
    )
    def test_only_what_a_buyer_would_think_about_counts(
        self, shop: Shop, values: dict[str, object], material: bool
    ) -> None:
        first, *others = shop.arguments.lines
        lines = (first.model_copy(update=values), *others)
        tonight = shop.arguments.model_copy(update={"on": LATER, "lines": lines})

        assert KIND.material(shop.arguments, tonight) is material

    def test_one_line_less_counts(self, shop: Shop) -> None:
        less = shop.arguments.model_copy(update={"lines": shop.arguments.lines[:1]})

        assert KIND.material(shop.arguments, less)


class TestConverging:
    def test_draft_then_confirmation(self, shop: Shop) -> None:
        assert shop.look_up() == Found(state="nothing")

        shop.advance()
        drafted = shop.look_up()
        shop.advance()
        done = shop.look_up()

        assert (drafted.state, drafted.reference) == ("partial", None)
        assert (done.state, done.reference) == ("done", "PO-1")
        assert done.record is not None
        assert done.record.label == "PO-1"
        writes = [(write.operation, write.key) for write in shop.erp.writes]
        assert writes == [("draft_order", KEY), ("confirm_order", KEY)]

    def test_doing_it_again_does_nothing(self, shop: Shop) -> None:
        done = shop.converge()
        writes = len(shop.erp.writes)

        shop.advance(done)

        assert len(shop.erp.writes) == writes

    def test_a_quoted_order_of_ours_is_confirmed(self, shop: Shop) -> None:
        shop.erp.change(shop.draft(), state="quoted")

        assert shop.converge().state == "done"

    def test_a_received_order_is_done(self, shop: Shop) -> None:
        shop.erp.receive(shop.confirm(shop.draft()), LATER)

        assert shop.look_up().state == "done"

    def test_surplus_drafts_are_discarded_one_a_step(self, shop: Shop) -> None:
        first = shop.draft()
        shop.draft()
        shop.draft()

        assert shop.look_up().state == "partial"
        shop.advance()
        assert shop.states() == ["draft", "draft"]
        assert shop.converge().state == "done"
        assert [(order.id, order.state) for order in shop.erp.records.orders] == [
            (first.id, "confirmed")
        ]

    def test_the_order_that_binds_us_wins_over_an_earlier_draft(self, shop: Shop) -> None:
        shop.draft()
        bound = shop.confirm(shop.draft())

        assert shop.look_up().state == "partial"
        assert shop.converge().reference == bound.number
        assert shop.states() == ["confirmed"]

    @pytest.mark.parametrize("fate", ["touched", "confirmed", "quoted", "cancelled"])
    def test_surplus_that_is_more_than_a_draft_of_ours_is_a_conflict(
        self, shop: Shop, fate: str
    ) -> None:
        shop.confirm(shop.draft())
        extra = shop.draft()
        if fate == "touched":
            shop.erp.change(extra)
        elif fate == "confirmed":
            shop.confirm(extra)
        else:
            shop.erp.change(extra, state=fate, ours_untouched=True)

        found = shop.look_up()
        shop.advance(found)

        assert found.state == "conflict"
        assert told(found.differences) == ["orders with this reference: 1 / 2"]
        assert len(shop.states()) == 2

    @pytest.mark.parametrize(
        ("values", "difference"),
        [
            ({"state": "cancelled"}, "order: wanted / cancelled"),
            ({"supplier_id": "9"}, "supplier: Steel mill / supplier number 9"),
            ({"warehouse_id": "9"}, "warehouse: 1 / 9"),
            ({"currency": "USD"}, "currency: EUR / USD"),
            ({"ordered_on": LATER}, "order date: 23 Nov 2026 / 7 Dec 2026"),
            ({"line": {"quantity": Decimal(201)}}, "quantity of STEEL Steel: 200 kg / 201 kg"),
            ({"line": {"unit": UNITS["g"]}}, "quantity of STEEL Steel: 200 kg / 200 g"),
            (
                {"line": {"unit_price": Decimal("1.29")}},
                "price of STEEL Steel: 1.2825 EUR/kg / 1.29 EUR/kg",
            ),
            ({"line": {"expected": TODAY}}, "date of STEEL Steel: 7 Dec 2026 / 23 Nov 2026"),
            ({"lines": 1}, "BOLT Bolt: 40 u / not on the order"),
            ({"lines": 3}, "item number 2: not ordered / 200 kg"),
        ],
    )
    def test_what_differs_from_the_approved_order_is_never_adopted(
        self, shop: Shop, values: dict[str, Any], difference: str
    ) -> None:
        order = shop.draft()
        first, *others = order.lines
        if "line" in values:
            values = {"lines": (first.model_copy(update=values["line"]), *others)}
        elif "lines" in values:
            values = {"lines": (*order.lines, first)[: values["lines"]]}
        shop.erp.change(order, **values)

        found = shop.look_up()
        shop.advance(found)

        assert found.state == "conflict"
        assert told(found.differences) == [difference]
        assert len(shop.erp.writes) == 1

    def test_what_the_vendor_does_not_say_is_not_compared(self, shop: Shop) -> None:
        order = shop.draft()
        lines = tuple(one.model_copy(update={"expected": None}) for one in order.lines)
        shop.erp.change(order, warehouse_id=None, ordered_on=None, lines=lines)

        assert shop.converge().state == "done"

    def test_nothing_is_done_on_what_was_found_before(self, shop: Shop) -> None:
        found = shop.look_up()
        shop.draft()

        shop.advance(found)

        assert shop.states() == ["draft"]

    def test_a_change_between_reading_and_confirming_is_refused(self, shop: Shop) -> None:
        order = shop.draft()
        shop.erp.before("confirm_order", lambda: shop.erp.change(order, currency="USD"))

        with pytest.raises(VendorRefused, match="changed by somebody else"):
            shop.advance()

        assert shop.look_up().state == "conflict"

    def test_a_confirmation_that_came_late_is_found_after_the_refusal(self, shop: Shop) -> None:
        shop.draft()
        shop.erp.commit_late("confirm_order", unseen_by=2)
        with pytest.raises(OutcomeUnknown):
            shop.advance()
        found = shop.look_up()
        assert found.state == "partial"

        with pytest.raises(VendorRefused, match="is confirmed"):
            shop.advance(found)

        assert shop.look_up().state == "done"

    def test_an_abandoned_draft_is_gone_and_a_touched_one_stays(self, shop: Shop) -> None:
        shop.draft()
        kept = shop.erp.change(shop.draft(), currency="EUR")

        asyncio.run(KIND.abandon(shop.erp, KEY, shop.arguments, shop.look_up()))

        assert shop.erp.records.orders == [kept]

    @given(
        faults=st.lists(
            st.tuples(
                st.sampled_from(["draft_order", "confirm_order", "discard_draft"]),
                st.sampled_from(["away", "lost", "late 0", "late 1", "late 3"]),
            ),
            max_size=12,
        )
    )
    def test_whatever_goes_wrong_there_is_one_order_in_the_end(
        self, faults: list[tuple[str, str]]
    ) -> None:
        shop = Shop()
        for operation, fault in faults:
            plan(shop.erp, operation, fault)

        shop.converge()
        for _ in range(5):
            shop.look_up()

        assert shop.converge().state == "done"
        assert shop.states() == ["confirmed"]
        confirmed = [write for write in shop.erp.writes if write.operation == "confirm_order"]
        assert len(confirmed) == 1

    @pytest.mark.parametrize(("moment", "left"), [("before", []), ("after", ["draft"])])
    def test_a_process_that_dies_leaves_what_the_next_one_finishes(
        self, shop: Shop, tmp_path: Path, moment: str, left: list[str]
    ) -> None:
        file, arguments = tmp_path / "erp.json", tmp_path / "arguments.json"
        shop.erp.dump(file)
        arguments.write_text(shop.arguments.model_dump_json())

        died = subprocess.run(
            [sys.executable, "-c", DYING, file, arguments, KEY, moment], check=False
        )
        shop.erp = MemoryERP(file=file)

        assert died.returncode == 9
        assert shop.states() == left
        assert shop.converge().state == "done"
        assert shop.states() == ["confirmed"]


DYING = """
import asyncio, os, sys
from pathlib import Path
from regisseur.tools.actions.place_purchase_order import KIND, PlacePurchaseOrder
from regisseur.tools.erp.memory import MemoryERP

file, arguments, key, moment = sys.argv[1:]
erp = MemoryERP(file=Path(file))
getattr(erp, moment)("draft_order", lambda: os._exit(9))
order = PlacePurchaseOrder.model_validate_json(Path(arguments).read_text())
found = asyncio.run(KIND.look_up(erp, key, order))
asyncio.run(KIND.advance(erp, key, order, found))
"""


def plan(erp: MemoryERP, operation: str, fault: str) -> None:
    if fault == "away":
        erp.fail_next(operation, RetryLater("away"))
    elif fault == "lost":
        erp.lose_answer_of(operation)
    else:
        erp.commit_late(operation, unseen_by=int(fault[-1]))


class TestStillTrue:
    def test_nothing_changed(self, shop: Shop) -> None:
        assert shop.drift() == []

    def test_an_archived_supplier(self, shop: Shop) -> None:
        shop.erp.change(shop.mill, active=False)

        assert shop.drift() == ["supplier Steel mill: active / archived"]

    @pytest.mark.parametrize("gone", ["inactive", "removed", "no price", "other supplier"])
    def test_a_withdrawn_offer(self, shop: Shop, gone: str) -> None:
        changes: dict[str, Callable[[], object]] = {
            "inactive": lambda: shop.erp.change(shop.steel_offer, active=False),
            "removed": lambda: shop.erp.records.offers.remove(shop.steel_offer),
            "no price": lambda: shop.erp.change(shop.steel_offer, breaks=()),
            "other supplier": lambda: shop.erp.change(shop.steel_offer, supplier_id="9"),
        }
        changes[gone]()

        assert shop.drift() == ["offer for STEEL Steel: 1.2825 EUR/kg / withdrawn"]

    @pytest.mark.parametrize(
        ("price", "drift"),
        [
            ("1.00", []),
            ("1.30815", []),
            ("1.30816", ["price of STEEL Steel: 1.2825 EUR/kg / 1.30816 EUR/kg"]),
        ],
    )
    def test_a_price_may_rise_by_two_per_cent(
        self, shop: Shop, price: str, drift: list[str]
    ) -> None:
        base, _ = shop.steel_offer.breaks
        step = base.model_copy(update={"minimum": Decimal(100), "unit_price": Decimal(price)})
        shop.erp.change(shop.steel_offer, breaks=(base, step))

        assert shop.drift() == drift

    def test_the_price_at_another_quantity_does_not_matter(self, shop: Shop) -> None:
        base, step = shop.steel_offer.breaks
        dear = base.model_copy(update={"unit_price": Decimal(9)})
        shop.erp.change(shop.steel_offer, breaks=(dear, step))

        assert shop.drift() == []

    @pytest.mark.parametrize(
        ("values", "drift"),
        [
            ({"currency": "USD"}, "currency of the offer for STEEL Steel: EUR / USD"),
            ({"unit": UNITS["g"]}, "unit of the offer for STEEL Steel: kg / g"),
        ],
    )
    def test_an_offer_in_other_terms(self, shop: Shop, values: dict[str, Any], drift: str) -> None:
        shop.erp.change(shop.steel_offer, **values)

        assert shop.drift() == [drift]

    @pytest.mark.parametrize(
        ("values", "drift"),
        [
            ({"active": False}, "STEEL Steel: active / archived"),
            ({"purchasable": False}, "STEEL Steel: purchased / no longer purchased"),
            ({"unit": UNITS["u"]}, "stock unit of STEEL Steel: kg / u"),
        ],
    )
    def test_an_item_that_is_not_bought_any_more(
        self, shop: Shop, values: dict[str, Any], drift: str
    ) -> None:
        shop.erp.change(shop.steel, **values)

        assert shop.drift() == [drift]

    @pytest.mark.parametrize(
        ("quantity", "drift"),
        [(20, []), (21, ["on order of STEEL Steel: 0 kg / 21 kg"])],
    )
    def test_a_tenth_may_have_been_ordered_elsewhere(
        self, shop: Shop, quantity: int, drift: list[str]
    ) -> None:
        shop.erp.order(shop.erp.supplier("Other"), [(shop.steel, quantity)], state="draft")

        assert shop.drift() == drift

    def test_orders_in_another_unit_are_converted(self, shop: Shop) -> None:
        in_grams = shop.steel.model_copy(update={"unit": UNITS["g"]})
        shop.erp.order(shop.mill, [(in_grams, 30_000)])

        assert shop.drift() == ["on order of STEEL Steel: 0 kg / 30 kg"]

    def test_orders_in_a_unit_that_does_not_convert_are_told(self, shop: Shop) -> None:
        in_pieces = shop.steel.model_copy(update={"unit": UNITS["u"]})
        shop.erp.order(shop.mill, [(in_pieces, 1)])

        assert shop.drift() == ["unit in which STEEL Steel is on order: kg / u"]

    def test_what_was_on_order_already_is_known(self, shop: Shop) -> None:
        shop.erp.order(shop.mill, [(shop.steel, 500)])
        known = [fact(known_outstanding(shop.steel.id), 500)]

        assert shop.drift(facts=known) == []

    def test_orders_for_another_warehouse_do_not_count(self, shop: Shop) -> None:
        other = shop.erp.warehouse("Other")
        shop.erp.order(shop.mill, [(shop.steel, 500)], warehouse=other)

        assert shop.drift() == []

    def test_a_fact_that_is_not_there_is_not_guarded(self, shop: Shop) -> None:
        shop.erp.order(shop.mill, [(shop.steel, 500)])
        shop.erp.move(shop.steel, 500, TODAY)

        assert shop.drift(facts=[]) == []
        assert shop.drift(facts=[fact("weather", 1)]) == []

    def test_a_fact_that_is_no_quantity_is_refused(self, shop: Shop) -> None:
        wrong = Fact(name=known_outstanding(shop.steel.id), value="many")

        with pytest.raises(InvalidInput, match="must be a quantity"):
            shop.drift(facts=[wrong])

    @pytest.mark.parametrize("value", [Number(value=Decimal(0)), 0])
    def test_a_fact_may_be_any_number(self, shop: Shop, value: Number | int) -> None:
        shop.erp.order(shop.mill, [(shop.steel, 500)])

        assert shop.drift(facts=[Fact(name=known_outstanding(shop.steel.id), value=value)])

    @pytest.mark.parametrize(
        ("moved", "drift"),
        [(100, []), (101, ["on hand and on order of STEEL Steel: 40 kg / 141 kg"])],
    )
    def test_a_need_that_has_vanished(self, shop: Shop, moved: int, drift: list[str]) -> None:
        shop.erp.move(shop.steel, moved, TODAY)

        assert shop.drift() == drift

    def test_a_receipt_of_what_was_on_order_is_no_surprise(self, shop: Shop) -> None:
        order = shop.erp.order(shop.mill, [(shop.steel, 500)])
        known = [
            fact(known_outstanding(shop.steel.id), 500),
            fact(known_on_hand(shop.steel.id), 40),
        ]
        shop.erp.receive(order, TODAY)

        assert shop.drift(facts=known) == []

    def test_our_own_draft_is_no_drift(self, shop: Shop) -> None:
        shop.draft()

        assert shop.drift() == []
        assert shop.drift(key="another") == ["on order of STEEL Steel: 0 kg / 200 kg"]

    def test_an_order_that_binds_us_needs_no_guard(self, shop: Shop) -> None:
        shop.confirm(shop.draft())
        shop.draft()
        shop.erp.change(shop.mill, active=False)

        assert shop.drift() == []

    def test_the_requests_do_not_grow_with_the_lines(self, shop: Shop) -> None:
        shop.drift()
        both = shop.erp.requests
        shop.arguments = shop.arguments.model_copy(update={"lines": shop.arguments.lines[:1]})
        shop.drift()

        assert shop.erp.requests == 2 * both
