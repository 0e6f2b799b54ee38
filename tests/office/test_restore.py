"""A backup that is put back does no harm: what was done since is found in the ERP, not repeated."""

import json
import shutil
from pathlib import Path

import pytest
from shop import ON, Shop

from regisseur import Office
from regisseur.errors import NeedsPerson
from regisseur.office.watermark import Watermark

BUYER = "buyer@atelier.example"


@pytest.fixture
def restored(night: Shop) -> Shop:
    """One of two orders was placed after the backup that has now been put back."""
    backup = night.folder / "backup.db"
    with Office.open() as office:
        office.sweep()
    shutil.copy(night.folder / "regisseur.db", backup)
    with Office.open() as office:
        assert office.decide(office.inbox()[0], "approve", by=BUYER).status == "done"
    for leftover in night.folder.glob("regisseur.db-*"):
        leftover.unlink()
    shutil.copy(backup, night.folder / "regisseur.db")
    return night


def test_an_order_placed_since_the_backup_is_not_placed_again(restored: Shop) -> None:
    before = len(restored.erp.records.orders)
    with Office.open() as office:
        first = office.inbox()[0]
        assert office.decide(first, "approve", by=BUYER).status == "queued"
        assert len(restored.erp.records.orders) == before

        office.sweep()

        after = office.action(first.id)
        assert after.status == "unknown"
        assert after.effect is not None
        assert after.effect.reference == "PO-1"
        outcome = office.resolve(first.id, "done", by=BUYER, reference="PO-1")
        assert outcome.status == "done"
    assert len(restored.erp.records.orders) == before


def test_once_all_is_looked_up_work_goes_on(restored: Shop) -> None:
    with Office.open() as office:
        office.sweep()
        (waiting,) = [one for one in office.inbox() if one.status == "proposed"]
        assert office.decide(waiting, "approve", by=BUYER).status == "done"
        assert office.audit_verify().intact
    with Office.open() as office:
        assert office.sweep()[0].recovered == ()


def test_a_database_that_only_grew_is_not_held_back(night: Shop) -> None:
    for _ in range(2):
        with Office.open() as office:
            office.run("clerk", on=ON)
    with Office.open() as office:
        assert office.decide(office.inbox()[0], "approve", by=BUYER).status == "done"


def test_a_damaged_watermark_is_no_silent_yes(night: Shop) -> None:
    (night.folder / "regisseur.db.watermark").write_text("{")
    with pytest.raises(NeedsPerson, match="is damaged"):
        Office.open()


def test_the_mark_never_goes_back_by_itself(tmp_path: Path) -> None:
    mark = Watermark(tmp_path / "mark")
    mark.raise_to("a", 5)
    mark.raise_to("a", 3)
    mark.raise_to("b", 1)
    assert (mark.of("a"), mark.of("b"), mark.of("c")) == (5, 1, 0)
    assert mark.path is not None
    assert json.loads(mark.path.read_text()) == {"a": 5, "b": 1}
