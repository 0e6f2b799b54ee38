"""The form to edit an action, made from its kind's schema, and what is read from it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from desk import KINDS
from hypothesis import given
from hypothesis import strategies as st

from regisseur.errors import InvalidInput
from regisseur.office.web.differences import changes
from regisseur.office.web.editing import changed, groups, typed
from regisseur.tools.actions import propose_overtime, send_reminder
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.records import Quantity

ORDER = KINDS["place_purchase_order"]
ARGUMENTS: dict[str, Any] = {
    "supplier_name": "Mill",
    "lines": [
        {
            "item_code": f"TOL-{number}",
            "item_name": "Steel sheet",
            "unit": {"symbol": "kg"},
            "quantity": "100.000",
            "expected": "2026-12-07",
            "unit_price": "1.35",
        }
        for number in range(12)
    ],
}


def sent(**changes: str) -> dict[str, str]:
    """The form as it was, with some fields typed anew."""
    fields = [one for group in groups(ORDER, ARGUMENTS) for one in group.fields]
    before = {one.path: one.value for one in fields}
    return before | {name.replace("__", "."): text for name, text in changes.items()}


def test_each_row_has_its_fields_as_what_they_are() -> None:
    rows = groups(ORDER, ARGUMENTS)
    assert [row.name for row in rows] == [f"TOL-{n} Steel sheet (kg)" for n in range(12)]
    assert [(one.path, one.type, one.value) for one in rows[10].fields] == [
        ("lines.10.quantity", "number", "100.000"),
        ("lines.10.expected", "date", "2026-12-07"),
    ]


def test_what_was_not_touched_is_no_change() -> None:
    assert changed(ORDER, ARGUMENTS, sent()) is None
    assert changed(ORDER, ARGUMENTS, sent(lines__0__quantity="100")) is None
    assert changed(ORDER, ARGUMENTS, {}) is None


@pytest.mark.parametrize("text", ["1 234,5", "1234.5", " 1\N{NARROW NO-BREAK SPACE}234,50 "])
def test_a_number_as_people_type_it(text: str) -> None:
    after = changed(ORDER, ARGUMENTS, sent(lines__1__quantity=text))
    assert after is not None
    assert Decimal(after["lines"][1]["quantity"]) == Decimal("1234.5")
    assert after["lines"][0] == ARGUMENTS["lines"][0]
    assert ARGUMENTS["lines"][1]["quantity"] == "100.000"


@pytest.mark.parametrize(("text", "why"), [("many", "write a number"), ("", "is empty")])
def test_what_is_no_number_is_named(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        changed(ORDER, ARGUMENTS, sent(lines__1__quantity=text))
    assert refused.value.field == "lines.1.quantity"
    again = typed(groups(ORDER, ARGUMENTS), sent(lines__1__quantity=text))
    assert again[1].fields[0].value == text


def test_what_may_not_be_edited_is_not_read() -> None:
    assert changed(ORDER, ARGUMENTS, sent(lines__0__unit_price="0.01", supplier_name="Me")) is None


def test_texts_boxes_and_hours() -> None:
    kind: AnyKind = send_reminder.KIND
    arguments = {"title": "Rappel", "text": "Bonjour,\n\n…\n", "attach_invoices": True}
    found = {one.path: one.type for group in groups(kind, arguments) for one in group.fields}
    assert found == {"title": "line", "text": "text", "attach_invoices": "yes"}
    unticked = {"has.attach_invoices": "yes", "title": "Rappel", "text": "Bonjour,\r\n\r\n…"}
    assert changed(kind, arguments, unticked) == arguments | {"attach_invoices": False}
    overtime = {"text": "", "ends": "20:00:00"}
    (group,) = groups(propose_overtime.KIND, overtime)
    assert [one.type for one in group.fields] == ["line", "time"]
    assert changed(propose_overtime.KIND, overtime, {"ends": "20:00"}) is None
    assert changed(propose_overtime.KIND, overtime, {"ends": "21:00"}) == overtime | {
        "ends": "21:00"
    }


@given(
    quantity=st.decimals(min_value=0, max_value=10**6, places=3),
    day=st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 1, 1)),
)
def test_what_is_typed_is_what_is_read(quantity: Decimal, day: date) -> None:
    form = sent(lines__3__quantity=str(quantity).replace(".", ","), lines__3__expected=str(day))
    after = changed(ORDER, ARGUMENTS, form) or ARGUMENTS
    assert Decimal(after["lines"][3]["quantity"]) == quantity
    assert after["lines"][3]["expected"] == str(day)


def test_what_would_change_is_told_row_by_row() -> None:
    line = {
        "item_label": "TOL-20 Steel",
        "unit": {"symbol": "kg"},
        "quantity_before": "100",
        "quantity_after": "160.000",
        "expected_before": "2026-12-01",
        "expected_after": None,
    }
    moved = {"operation": "Fold", "before": {"id": "1", "name": "Press 1"}, "after": {"name": "2"}}
    same = {"start_before": "2026-12-01", "start_after": "2026-12-01"}
    found = changes({"supplier_name": "Mill", "lines": [line], "step": moved, **same})
    assert [(one.row, one.before, one.after) for one in found] == [
        ("TOL-20 Steel", kg("100"), kg("160.000")),
        ("Mill", "Press 1", "2"),
    ]


def kg(value: str) -> Quantity:
    return Quantity(value=Decimal(value), unit="kg")
