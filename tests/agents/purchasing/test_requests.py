"""A whole night on a Tryton that counts: requests grow with pages, never with records."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_tryton import FakeTryton, settings

from regisseur import Company, Office
from regisseur.tools.erp.tryton import Tryton

MODELS = (
    "stock.location",
    "product.product",
    "purchase.product_supplier",
    "purchase.purchase",
    "purchase.line",
    "party.party",
    "stock.move",
    "sale.line",
    "stock.inventory.line",
    "stock.order_point",
)
UNIT = {"id": 1, "symbol": "u", "category": 1, "rate": 1, "factor": 1, "digits": 0}
Row = dict[str, Any]
ALL = 10_000
"""A page that holds everything."""


class CountingTryton:
    """So many items, all bought, sold, counted, ordered and received; notes how it is asked."""

    def __init__(self, items: int, on: date) -> None:
        self.items, self.on = items, on
        self.asked: Counter[str] = Counter()
        reads = {
            f"model.{model}.search_read".replace(".", "__"): self._read(model) for model in MODELS
        }
        self.answering = FakeTryton(
            **reads,
            common__server__version="8.2",
            model__ir__date__today=on,
            model__company__company__read=[{"party.": {"name": "A"}, "currency.": {"code": "EUR"}}],
            model__product__product__fields_get={"purchasable": {}},
            model__purchase__product_supplier__fields_get={},
            model__stock__move__fields_get={},
            model__sale__line__fields_get={"moves": {}},
        )

    def _read(self, model: str) -> Callable[[list[Any]], list[Row]]:
        def answer(params: list[Any]) -> list[Row]:
            domain, _, limit, _, fields, _ = params
            after = domain[0][2] if len(domain) > 1 else 0
            if model == "stock.location":
                return [self._place(domain[-1])]
            numbers: Sequence[int] = range(after + 1, self.items + 1)
            if domain[-1][0][:2] == ["id", "in"]:
                self.asked["by number"] += 1
                numbers = [number for number in domain[-1][0][2] if number > after]
            else:
                self.asked["further page" if after else "first page"] += 1
            row = getattr(self, "_" + model.replace(".", "_"))
            return [{"id": number, **row(number, fields)} for number in numbers[:limit]]

        return answer

    def _place(self, domain: list[Any]) -> Row:
        if domain[0][2] == "warehouse":
            return {"id": 1, "name": "Store", "code": ""}
        return {"id": 9, "type": "customer"}

    def _product_product(self, number: int, fields: list[str]) -> Row:
        money = {"cost_price": Decimal(5), "list_price_used": Decimal(9)}
        names = {"code": f"I{number}", "name": f"Item {number}", "default_uom.": UNIT}
        return {**names, **money, "purchasable": True, "quantity": Decimal(2)}

    def _purchase_product_supplier(self, number: int, fields: list[str]) -> Row:
        price = {"id": number, "quantity": 0, "unit_price": Decimal(5), "sequence": None}
        return {
            "product": number,
            "party": number,
            "code": None,
            "sequence": None,
            "currency.": {"code": "EUR"},
            "lead_time_used": timedelta(days=7),
            "prices.": [price],
            "unit.": UNIT,
        }

    def _purchase_purchase(self, number: int, fields: list[str]) -> Row:
        return {
            "number": str(number),
            "reference": None,
            "party": number,
            "warehouse": 1,
            "currency.": {"code": "EUR"},
            "state": "processing",
            "shipment_state": "waiting",
            "purchase_date": self.on - timedelta(days=3),
            "create_uid": 1,
            "write_uid": None,
            "_timestamp": "1",
            "line_lines.": [],
        }

    def _purchase_line(self, number: int, fields: list[str]) -> Row:
        ordered = self.on - timedelta(days=60)
        return {"purchase.": {"party": number, "purchase_date": ordered}}

    def _party_party(self, number: int, fields: list[str]) -> Row:
        named = {"name": f"Supplier {number}", "code": str(number), "email": None}
        return {**named, "active": True, "lang.": None}

    def _stock_move(self, number: int, fields: list[str]) -> Row:
        day = self.on - timedelta(days=10 + 7 * (number % 50))
        move = {"product": number, "internal_quantity": Decimal(3), "effective_date": day}
        if "to_location" in fields:
            return {**move, "from_location": 1, "to_location": 9}
        if "shipment" not in fields:
            return {**move, "origin": f"purchase.line,{number}"}
        return {
            **move,
            "planned_date": self.on + timedelta(days=5),
            "state": "draft",
            "origin": f"sale.line,{number}",
            "to_location.": {"type": "customer"},
        }

    def _sale_line(self, number: int, fields: list[str]) -> Row:
        sale = {"id": number, "number": str(number), "reference": None, "state": "processing"}
        return {"sale.": sale, "moves": [number]}

    def _stock_inventory_line(self, number: int, fields: list[str]) -> Row:
        return {"product": number, "inventory.": {"date": self.on - timedelta(days=30)}}

    def _stock_order_point(self, number: int, fields: list[str]) -> Row:
        return {"product": number, "min_quantity": Decimal(4), "target_quantity": Decimal(9)}


@pytest.fixture
def asked(on: date, tmp_path: Path) -> Callable[[int, int], Counter[str]]:
    """What a night on so many items asks for in pages of this size."""

    def night(items: int, page: int) -> Counter[str]:
        tryton = CountingTryton(items, on)
        erp = Tryton(settings(page_size=page), httpx.MockTransport(tryton.answering))
        place = f"sqlite:///{tmp_path}/{items}-{page}.db"
        with Office.open(company=Company(id="a", name="A"), database=place, erp=erp) as office:
            mission = office.run("purchasing", on=on)
            assert mission.status == "waiting", mission
            kinds = Counter(action.kind for action in office.inbox())
        assert kinds == {"place_purchase_order": items, "tell_sales": items}
        assert erp.requests == len(tryton.answering.asked)
        tryton.asked["all"] = erp.requests
        return tryton.asked

    return night


def test_twenty_times_the_records_on_the_same_pages_take_the_same_requests(
    asked: Callable[[int, int], Counter[str]],
) -> None:
    few = asked(5, ALL)
    assert asked(100, ALL) == few
    assert few["all"] <= 35
    assert few["further page"] == 0


def test_each_read_takes_a_request_more_for_each_page_more(
    asked: Callable[[int, int], Counter[str]],
) -> None:
    once, paged = asked(50, ALL), asked(50, 20)
    more = 2
    assert paged["first page"] == once["first page"]
    assert paged["further page"] == more * once["first page"]
    assert paged["by number"] == once["by number"] * (1 + more)
    assert paged["all"] == once["all"] + more * (once["first page"] + once["by number"])
