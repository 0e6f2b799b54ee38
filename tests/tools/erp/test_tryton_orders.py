"""How orders are confirmed and offers are understood, whatever this Tryton holds."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fake_tryton import Answer, FakeTryton, error, settings

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.erp.tryton.catalogue import _breaks, _offers
from regisseur.tools.erp.tryton.orders import MODEL
from regisseur.tools.erp.tryton.values import factor
from regisseur.tools.records import PurchaseOrder

ORDER = PurchaseOrder(
    id="40",
    number=None,
    key="k",
    supplier_id="2",
    warehouse_id="5",
    currency="EUR",
    state="draft",
    ordered_on=None,
    lines=(),
    stamp="1.5",
)


def row(state: str) -> dict[str, Any]:
    return {
        "id": 40,
        "number": None,
        "reference": "k",
        "party": 2,
        "warehouse": 5,
        "currency.": {"code": "EUR"},
        "state": state,
        "shipment_state": "none",
        "purchase_date": None,
        "create_uid": 2,
        "write_uid": None,
        "_timestamp": "1.5",
        "line_lines.": [],
    }


def confirming(state: str, **buttons: Answer) -> FakeTryton:
    answers: Mapping[str, Answer] = {f"model__purchase__purchase__{k}": buttons[k] for k in buttons}
    return FakeTryton(model__purchase__purchase__search_read=[row(state)], **answers)


def confirm(fake: FakeTryton) -> list[str]:
    """The buttons pressed."""
    asyncio.run(Tryton(settings(), httpx.MockTransport(fake)).confirm_order(ORDER))
    pressed = [method.removeprefix(f"model.{MODEL}.") for method in fake.asked]
    return [name for name in pressed if name in ("quote", "confirm")]


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("draft", ["quote", "confirm"]),
        ("quotation", ["confirm"]),
        ("confirmed", []),
        ("processing", []),
        ("done", []),
    ],
)
def test_confirming_goes_on_from_what_is_there(state: str, buttons: list[str]) -> None:
    assert confirm(confirming(state, quote=None, confirm=None)) == buttons


def test_a_cancelled_order_is_not_confirmed() -> None:
    with pytest.raises(VendorRefused, match="cancelled"):
        confirm(confirming("cancelled"))


def test_a_warning_that_nobody_weighed_stops_the_confirmation() -> None:
    fake = confirming("draft", quote=error("UserWarning", ["a1b2.late", "Very late", ""]))
    with pytest.raises(VendorRefused, match="Very late"):
        confirm(fake)
    assert fake.asked[-1] == f"model.{MODEL}.quote"


def test_a_harmless_warning_is_confirmed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "regisseur.tools.erp.tryton.ordering.HARMLESS_WARNINGS", frozenset({"late"})
    )
    left = [error("UserWarning", ["a1b2.late", "Very late", ""])]
    skipped: list[Any] = []
    fake = confirming("draft", quote=lambda params: left.pop() if left else None, confirm=None)
    fake.answers["model.res.user.warning.skip"] = lambda params: skipped.append(params[:2])
    assert confirm(fake) == ["quote", "quote", "confirm"]
    assert skipped == [["a1b2.late", False]]


def price(number: int, minimum: int, amount: str, sequence: int | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "quantity": Decimal(minimum),
        "unit_price": Decimal(amount),
        "sequence": sequence,
    }


def test_prices_are_those_that_tryton_itself_would_take() -> None:
    """The last line of the list that matches, as sorted by hand."""
    rising = _breaks([price(1, 0, "1.35"), price(2, 100, "1.28"), price(3, 500, "1.21")])
    assert [(int(one.minimum), str(one.unit_price)) for one in rising] == [
        (0, "1.35"),
        (100, "1.28"),
        (500, "1.21"),
    ]
    by_hand = _breaks([price(1, 500, "1.21", 1), price(2, 0, "1.35", 2)])
    assert {str(one.unit_price) for one in by_hand} == {"1.35"}
    assert _breaks([]) == ()


def test_an_offer_for_all_variants_holds_for_each_after_its_own() -> None:
    def supplied(number: int, product: int | None, sequence: int | None) -> dict[str, Any]:
        metre = {"id": 1, "symbol": "m", "category": 1, "rate": 1, "factor": 1, "digits": 2}
        return {
            "id": number,
            "product": product,
            "template.": {"products": [7, 8]},
            "party": 2,
            "code": None,
            "sequence": sequence,
            "currency.": {"code": "EUR"},
            "lead_time_used": timedelta(days=2, hours=1),
            "prices.": [],
            "unit.": metre,
        }

    offers = _offers([supplied(1, None, 1), supplied(2, 7, 9), supplied(3, 7, None)], None)
    assert [(o.item_id, o.id, o.rank) for o in offers] == [
        ("7", "3", 0),
        ("7", "2", 1),
        ("7", "1:7", 2),
        ("8", "1:8", 0),
    ]
    assert offers[0].lead_time == 3
    assert [o.id for o in _offers([supplied(1, None, 1)], {8})] == ["1:8"]


@pytest.mark.parametrize(
    ("row", "one"),
    [
        ({"factor": Decimal("0.001"), "rate": Decimal(1000)}, Decimal("0.001")),
        ({"factor": Decimal(100), "rate": Decimal("0.01")}, Decimal(100)),
        ({"factor": Decimal("0.083333333333"), "rate": Decimal(12)}, Decimal(1) / 12),
    ],
)
def test_a_unit_counts_as_tryton_counts_it(row: dict[str, Decimal], one: Decimal) -> None:
    assert factor(row) == one
