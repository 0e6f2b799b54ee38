"""Done when: a night on a real Tryton, from an empty database to a confirmed order and back."""

from datetime import date
from pathlib import Path

import pytest
from tryton_api import Tryton
from tryton_server import TrytonServer

from regisseur import Action, Office
from regisseur.errors import AlreadyDecided, InvalidInput

pytestmark = [pytest.mark.tryton, pytest.mark.xdist_group("tryton-night")]

NIGHT = date(2026, 11, 23)
BUYER = "buyer@atelier.example"


@pytest.fixture
def config(fresh_tryton: TrytonServer, tmp_path: Path) -> Path:
    """The demo company's settings, as a person would write them."""
    file = tmp_path / "regisseur.toml"
    file.write_text(f"""
        [company]
        id = "atelier-martin"
        name = "Atelier Martin"
        [company.erp]
        vendor = "tryton"
        url = "{fresh_tryton.url}"
        database = "{fresh_tryton.database}"
        user = "{fresh_tryton.user}"
        password = "{fresh_tryton.password}"
    """)
    return file


def _orders(office: Office) -> list[Action]:
    return [one for one in office.inbox() if one.kind == "place_purchase_order"]


def test_an_approved_order_is_confirmed_in_tryton_and_the_night_repeats_nothing(
    fresh_tryton: TrytonServer, config: Path
) -> None:
    admin = Tryton(fresh_tryton, "admin", fresh_tryton.admin_password)
    with Office.open(config) as office:
        mission = office.run("purchasing", on=NIGHT)
        assert mission.status == "waiting"
        assert mission.report is not None
        before = office.inbox()
        action = _orders(office)[0]
        assert admin.orders(action.key) == []

        outcome = office.decide(action, "approve", by=BUYER)

        assert outcome.status == "done"
        (order,) = admin.orders(action.key)
        assert order["state"] == "processing"
        assert outcome.effect is not None
        assert outcome.effect.reference == order["number"]
        approved = {line["item_code"]: line["quantity"] for line in action.arguments["lines"]}
        placed = {line["product."]["code"]: line["quantity"] for line in order["lines."]}
        assert {code: float(quantity) for code, quantity in approved.items()} == placed

        with pytest.raises(AlreadyDecided, match=BUYER):
            office.decide(action, "approve", by="somebody.else@atelier.example")

    with Office.open(config) as office:
        again = office.run("purchasing", on=NIGHT)
        assert again.id == mission.id
        assert {one.id for one in office.inbox()} == {one.id for one in before} - {action.id}
        assert len(admin.orders(action.key)) == 1

        anew = office.run("purchasing", on=NIGHT, again=True)
        assert anew.id != mission.id
        ordered = {line["item_id"] for line in action.arguments["lines"]}
        still = {line["item_id"] for one in _orders(office) for line in one.arguments["lines"]}
        assert not ordered & still
        assert office.audit_verify().intact


def test_a_supplier_archived_after_the_approval_brings_the_order_back(
    fresh_tryton: TrytonServer, config: Path
) -> None:
    admin = Tryton(fresh_tryton, "admin", fresh_tryton.admin_password)
    with Office.open(config) as office:
        office.run("purchasing", on=NIGHT)
        action = _orders(office)[0]
        admin.archive_party(int(action.arguments["supplier_id"]))

        outcome = office.decide(action, "approve", by=BUYER)

        assert outcome.status == "proposed"
        assert outcome.action.line.changed
        assert outcome.action.revision == action.revision + 1
        assert admin.orders(action.key) == []


def test_an_edited_quantity_is_what_is_ordered(fresh_tryton: TrytonServer, config: Path) -> None:
    admin = Tryton(fresh_tryton, "admin", fresh_tryton.admin_password)
    with Office.open(config) as office:
        office.run("purchasing", on=NIGHT)
        action = next(one for one in _orders(office) if len(one.arguments["lines"]) == 1)
        (line,) = action.arguments["lines"]
        with pytest.raises(InvalidInput, match=r"lines\.0\.quantity"):
            office.decide(
                action, "edit", by=BUYER, arguments={"lines": [{**line, "quantity": "-1"}]}
            )
        doubled = str(2 * float(line["quantity"]))

        outcome = office.decide(
            action, "edit", by=BUYER, arguments={"lines": [{**line, "quantity": doubled}]}
        )

        assert outcome.status == "done"
        (order,) = admin.orders(action.key)
        assert [one["quantity"] for one in order["lines."]] == [float(doubled)]
