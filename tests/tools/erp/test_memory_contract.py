"""The shipped in-memory ERP keeps the contract, in memory and in a file."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from erp_contract import *
from erp_contract import Subject, subject
from receivables_contract import *

from regisseur.tools.erp.memory import MemoryERP

TODAY = date(2026, 11, 23)


def filled(file: Path | None) -> MemoryERP:
    erp = MemoryERP(today=TODAY, file=file)
    steel = erp.item("STEEL", unit="kg", on_hand=40, reserved=12, counted=date(2026, 1, 2))
    bolt = erp.item("BOLT", cost="0.2", on_hand=-3)
    mill, shop = erp.supplier("Steel mill"), erp.supplier("Bolts & Co")
    erp.supplier("Gone Ltd", active=False)
    erp.offer(steel, mill, price="1.35", breaks={100: "1.28"}, lead_time=14, multiple=5)
    erp.offer(bolt, shop, price="0.25", lead_time=3)
    for day in (1, 1, 8, 15, 20):
        erp.move(steel, -2, date(2026, 11, day), use="production")
    erp.need(steel, 12, date(2026, 11, 25), reserved=True)
    erp.need(bolt, 5, date(2026, 12, 1), use="production", firm=False)
    erp.rule(steel, 20, 60)
    erp.order(mill, [(steel, 50)], ordered_on=date(2026, 11, 2), expected=date(2026, 11, 30))
    erp.receipt(mill, steel, 30, date(2026, 9, 1), date(2026, 9, 16))
    erp.receipt(shop, bolt, 10, date(2026, 10, 1), date(2026, 10, 5))
    owing(erp)
    return erp


def owing(erp: MemoryERP) -> None:
    garage = erp.customer("Garage", email="compta@garage.example", kind="business", language="fr")
    town = erp.customer("Town hall", phone="+33 4 65 71 00 00", kind="public")
    erp.customer("Gone Ltd", active=False)
    first = erp.invoice(garage, 1200, due=date(2026, 9, 30), parts=[(date(2026, 8, 31), 400)])
    erp.pay(first, 500, date(2026, 10, 2))
    disputed = erp.invoice(town, "99.90", due=date(2026, 10, 31), dispute="Two are scratched")
    paid = erp.invoice(garage, 600, due=date(2026, 9, 1))
    erp.pay(paid, 350, date(2026, 9, 10))
    erp.apply(erp.credit_note(garage, 300, issued=date(2026, 9, 12)), paid, date(2026, 9, 12))
    erp.invoice(town, 80, due=date(2026, 12, 15))
    erp.payment(town, 80, date(2026, 11, 20), text="TRANSFER TOWN")
    erp.reminder(garage, [first], date(2026, 10, 20))
    erp.reminder(town, [disputed], date(2026, 11, 12), step="level_2", channel="letter")


@pytest.fixture
def reading() -> Iterator[Subject]:
    with subject(filled(None)) as made:
        yield made


@pytest.fixture(params=["memory", "file"])
def writing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    file = tmp_path / "erp.json" if request.param == "file" else None
    with subject(filled(file)) as made:
        yield made
