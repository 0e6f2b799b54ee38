"""The in-memory ERP takes disputes, write-offs and corrected contacts as the contract says."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from amending_contract import *
from amending_contract import contested, reachable, rest, undisputed
from erp_contract import Subject, new_key, subject

from regisseur.errors import VendorRefused
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import Address

TODAY = date(2026, 11, 23)


def filled(file: Path | None) -> MemoryERP:
    erp = MemoryERP(today=TODAY, file=file)
    place = Address(lines=("1 rue Basse",), postcode="69001", city="Lyon", country="FR")
    garage = erp.customer("Garage", email="compta@garage.example", address=place)
    erp.pay(erp.invoice(garage, 1200, due=date(2026, 8, 31)), "1197.50", date(2026, 9, 30))
    for amount in (80, 90):
        erp.invoice(erp.customer("Town hall"), amount, due=date(2026, 9, 30))
    return erp


@pytest.fixture(params=["memory", "file"])
def amending(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    file = tmp_path / "erp.json" if request.param == "file" else None
    with subject(filled(file)) as made:
        yield made


def test_it_can_be_told_to_refuse() -> None:
    erp = filled(None)
    with erp.editing() as records:
        records.may_amend = False
    with subject(erp) as narrow:
        for may in (erp.may_open_disputes, erp.may_write_off, erp.may_change_contacts):
            assert narrow.ask(may()) is False
        invoice, (customer, _) = undisputed(narrow), reachable(narrow)
        for refused in (
            erp.open_dispute(new_key(), contested(narrow, invoice)),
            erp.write_off(new_key(), rest(narrow, invoice)),
            erp.add_contact(customer.id, "email", "a@x.example"),
        ):
            with pytest.raises(VendorRefused):
                narrow.ask(refused)
    assert list(erp.writes) == []
