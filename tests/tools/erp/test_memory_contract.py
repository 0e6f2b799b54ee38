"""The shipped in-memory ERP keeps the contract."""

from collections.abc import Iterator
from datetime import date

import pytest
from erp_contract import *
from erp_contract import Subject, subject

from regisseur.tools.erp.memory import MemoryERP

TODAY = date(2026, 11, 23)


def filled() -> MemoryERP:
    erp = MemoryERP(today=TODAY)
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
    return erp


@pytest.fixture
def reading() -> Iterator[Subject]:
    with subject(filled()) as made:
        yield made


@pytest.fixture
def writing() -> Iterator[Subject]:
    with subject(filled()) as made:
        yield made
