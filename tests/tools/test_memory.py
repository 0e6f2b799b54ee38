"""The in-memory ERP keeps the rules of a real one, and misbehaves when told to."""

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from regisseur.errors import Misconfigured, OutcomeUnknown, RetryLater, VendorRefused
from regisseur.tools.erp.memory import ADAPTER, UNITS, MemoryERP, MemorySettings
from regisseur.tools.erp.ports import Connection, Inventory, Notes, Purchasing
from regisseur.tools.records import Company, DraftOrder, DraftOrderLine, Item, PurchaseOrder

TODAY = date(2026, 11, 23)
LATER = date(2026, 12, 7)


class Shop:
    """An ERP with one item, one supplier and one offer."""

    def __init__(self, file: Path | None = None) -> None:
        self.erp = MemoryERP(today=TODAY, file=file)
        self.steel = self.erp.item("STEEL", unit="kg", on_hand=40, counted=date(2026, 1, 2))
        self.mill = self.erp.supplier("Steel mill")
        self.offer = self.erp.offer(
            self.steel, self.mill, price="1.35", breaks={100: "1.28"}, lead_time=14
        )
        self.warehouse_id = self.erp.records.warehouses[0].id

    def draft(self, key: str = "k", quantity: int = 50) -> PurchaseOrder:
        line = DraftOrderLine(
            item_id=self.steel.id,
            offer_id=self.offer.id,
            quantity=Decimal(quantity),
            unit=self.offer.unit,
            unit_price=Decimal("1.35"),
            expected=LATER,
        )
        order = DraftOrder(
            supplier_id=self.mill.id,
            warehouse_id=self.warehouse_id,
            currency="EUR",
            on=TODAY,
            lines=(line,),
        )
        return self.read(asyncio.run(self.erp.draft_order(key, order)))

    def confirm(self, order: PurchaseOrder) -> PurchaseOrder:
        asyncio.run(self.erp.confirm_order(order))
        return self.read(order.id)

    def read(self, order_id: str) -> PurchaseOrder:
        order = asyncio.run(self.erp.read_order(order_id))
        assert order is not None
        return order

    def keyed(self, key: str = "k") -> list[str]:
        return [order.state for order in asyncio.run(self.erp.find_orders(key))]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_it_serves_every_port(shop: Shop) -> None:
    for port in (Connection, Inventory, Purchasing, Notes):
        assert isinstance(shop.erp, port)


def test_stock_and_demand_follow_the_moves(shop: Shop) -> None:
    other = shop.erp.warehouse("Other")
    shop.erp.move(shop.steel, -12, date(2026, 11, 20), use="sale")
    shop.erp.move(shop.steel, 5, date(2026, 11, 21))
    shop.erp.move(shop.steel, -9, date(2026, 11, 21), use="production", warehouse=other)
    shop.erp.used(shop.steel, 3, TODAY)

    [level] = asyncio.run(shop.erp.stock(shop.warehouse_id))
    [elsewhere] = asyncio.run(shop.erp.stock(other.id))
    demand = asyncio.run(shop.erp.demand(shop.warehouse_id, date(2026, 11, 20), TODAY))

    assert (level.on_hand, level.last_counted) == (Decimal(33), date(2026, 1, 2))
    assert elsewhere.on_hand == -9
    assert [(one.quantity, one.use) for one in demand] == [(Decimal(12), "sale")]


def test_an_offer_has_its_breaks_in_order(shop: Shop) -> None:
    assert [step.minimum for step in shop.offer.breaks] == [0, 100]
    assert shop.offer.price_for(Decimal(99)) == Decimal("1.35")
    assert shop.offer.unit == UNITS["kg"]


def test_an_order_gets_its_number_when_it_is_confirmed(shop: Shop) -> None:
    draft = shop.draft()
    confirmed = shop.confirm(draft)

    assert (draft.state, draft.number, draft.ours_untouched) == ("draft", None, True)
    assert (confirmed.state, confirmed.number) == ("confirmed", "PO-1")
    assert shop.confirm(shop.draft("other")).number == "PO-2"
    assert [write.operation for write in shop.erp.writes][:2] == ["draft_order", "confirm_order"]


def archived(shop: Shop, order: PurchaseOrder) -> PurchaseOrder:
    shop.erp.change(shop.mill, active=False)
    return order


def touched(shop: Shop, order: PurchaseOrder) -> PurchaseOrder:
    shop.erp.change(order, currency="USD")
    return order


def received(shop: Shop, order: PurchaseOrder) -> PurchaseOrder:
    return shop.erp.receive(shop.confirm(order), TODAY)


def gone(shop: Shop, order: PurchaseOrder) -> PurchaseOrder:
    asyncio.run(shop.erp.discard_draft(order))
    return order


@pytest.mark.parametrize(
    ("meanwhile", "message"),
    [
        (archived, "archived"),
        (touched, "changed by somebody else"),
        (received, "received; this needs draft or quoted"),
        (gone, "there is no order"),
    ],
)
def test_a_confirmation_is_refused(
    shop: Shop, meanwhile: Callable[[Shop, PurchaseOrder], PurchaseOrder], message: str
) -> None:
    order = meanwhile(shop, shop.draft())
    before = shop.erp.records.model_copy(deep=True)

    with pytest.raises(VendorRefused, match=message):
        shop.confirm(order)

    assert shop.erp.records == before


def test_a_confirmed_order_can_be_neither_discarded_nor_changed(shop: Shop) -> None:
    order = shop.confirm(shop.draft())

    with pytest.raises(VendorRefused, match="this needs draft"):
        asyncio.run(shop.erp.discard_draft(order))
    with pytest.raises(VendorRefused, match="this needs draft"):
        asyncio.run(
            shop.erp.change_line(order, order.lines[0].id, quantity=Decimal(1), expected=None)
        )


def test_a_line_of_a_draft_is_changed(shop: Shop) -> None:
    order = shop.draft()
    line = order.lines[0]
    asyncio.run(shop.erp.change_line(order, line.id, quantity=Decimal(60), expected=None))

    changed = shop.read(order.id)

    assert (changed.lines[0].quantity, changed.lines[0].expected) == (Decimal(60), LATER)
    assert changed.stamp != order.stamp


def test_received_goods_are_on_hand_and_teach_the_lead_time(shop: Shop) -> None:
    order = shop.confirm(shop.draft(quantity=50))
    shop.erp.receive(order, LATER)

    [level] = asyncio.run(shop.erp.stock(shop.warehouse_id))
    [receipt] = asyncio.run(shop.erp.receipts(TODAY))

    assert level.on_hand == 90
    assert (receipt.ordered_on, receipt.received_on) == (TODAY, LATER)
    assert asyncio.run(shop.erp.open_orders()) == []


def test_a_note_is_found_by_its_record_and_key(shop: Shop) -> None:
    sale = shop.erp.record("sale", "SO-7")
    asyncio.run(shop.erp.add_note(sale, "late", "k"))

    [note] = asyncio.run(shop.erp.find_notes(sale, "k"))

    assert note.text == "late"
    assert asyncio.run(shop.erp.find_notes(sale, "other")) == []
    with pytest.raises(VendorRefused, match="no sale 999"):
        asyncio.run(shop.erp.add_note(sale.model_copy(update={"id": "999"}), "late", "k"))


def test_a_planned_error_changes_nothing_and_comes_once(shop: Shop) -> None:
    shop.erp.fail_next("draft_order", RetryLater("away"))

    with pytest.raises(RetryLater, match="away"):
        shop.draft()

    assert shop.keyed() == []
    assert shop.draft().state == "draft"


def test_a_lost_answer_hides_what_was_done(shop: Shop) -> None:
    shop.erp.lose_answer_of("draft_order")

    with pytest.raises(OutcomeUnknown):
        shop.draft()

    assert shop.keyed() == ["draft"]


def test_a_late_commit_is_not_there_when_one_looks_at_once(shop: Shop) -> None:
    shop.erp.commit_late("draft_order")

    with pytest.raises(OutcomeUnknown):
        shop.draft()

    assert [shop.keyed(), shop.keyed(), shop.keyed()] == [[], ["draft"], ["draft"]]


def test_a_late_commit_that_is_refused_is_heard_of_by_nobody(shop: Shop) -> None:
    order = shop.draft()
    shop.erp.commit_late("confirm_order", unseen_by=0)

    with pytest.raises(OutcomeUnknown):
        asyncio.run(shop.erp.confirm_order(order))
    shop.erp.change(shop.mill, active=False)

    assert shop.keyed() == ["draft"]


def test_hooks_run_before_the_work_and_after_it(shop: Shop) -> None:
    order = shop.draft()
    seen: list[str] = []

    async def look() -> None:
        seen.append(shop.erp.records.orders[0].state)

    shop.erp.before("confirm_order", look)
    shop.erp.after("confirm_order", lambda: seen.append(shop.erp.records.orders[0].state))
    shop.confirm(order)

    assert seen == ["draft", "confirmed"]


def test_a_fault_for_an_operation_that_is_none_is_an_error(shop: Shop) -> None:
    with pytest.raises(ValueError, match="no such operation: confirm_oder"):
        shop.erp.fail_next("confirm_oder", RetryLater("away"))


def test_requests_are_counted(shop: Shop) -> None:
    shop.draft()

    assert shop.erp.requests == 2


def test_what_is_dumped_can_be_loaded(shop: Shop, tmp_path: Path) -> None:
    shop.confirm(shop.draft())
    shop.erp.dump(tmp_path / "erp.json")

    loaded = MemoryERP.load(tmp_path / "erp.json")

    assert loaded.records == shop.erp.records


def test_two_connections_share_one_file(tmp_path: Path) -> None:
    file = tmp_path / "erp.json"
    shop, other = Shop(file), MemoryERP(file=file)

    shop.draft()
    [order] = asyncio.run(other.find_orders("k"))
    asyncio.run(other.confirm_order(order))

    assert shop.keyed() == ["confirmed"]
    assert shop.erp.identity == other.identity
    assert {path.name for path in tmp_path.iterdir()} <= {"erp.json", "erp.json.lock"}


def test_a_write_that_is_refused_leaves_the_file_alone(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "erp.json")
    order = shop.confirm(shop.draft())
    before = (tmp_path / "erp.json").read_bytes()

    with pytest.raises(VendorRefused):
        shop.confirm(order)

    assert (tmp_path / "erp.json").read_bytes() == before


class TestAdapter:
    company = Company(id="atelier", name="Atelier")

    def test_it_opens_a_file(self, shop: Shop, tmp_path: Path) -> None:
        shop.erp.dump(tmp_path / "erp.json")
        settings = MemorySettings(file=tmp_path / "erp.json")

        items = asyncio.run(ADAPTER.open(settings, self.company).items())

        assert [item.code for item in items] == ["STEEL"]

    def test_it_opens_empty_on_a_day(self) -> None:
        erp = ADAPTER.open(MemorySettings(today=TODAY), self.company)

        probe = asyncio.run(erp.probe())

        assert (probe.vendor, probe.company, probe.today) == ("memory", "Atelier", TODAY)

    @pytest.mark.parametrize(
        ("content", "message"), [(None, "there is no"), ("{}", "can't be read as records")]
    )
    def test_a_file_that_is_none_of_ours_is_named(
        self, tmp_path: Path, content: str | None, message: str
    ) -> None:
        file = tmp_path / "erp.json"
        if content is not None:
            file.write_text(content)

        with pytest.raises(Misconfigured, match=message):
            ADAPTER.open(MemorySettings(file=file), self.company)

    def test_without_a_file_it_needs_a_day(self) -> None:
        with pytest.raises(Misconfigured, match="a date as today"):
            ADAPTER.open(MemorySettings(), self.company)


def test_inactive_items_are_not_listed(shop: Shop) -> None:
    item: Item = shop.erp.change(shop.steel, active=False)

    assert item not in asyncio.run(shop.erp.items())
