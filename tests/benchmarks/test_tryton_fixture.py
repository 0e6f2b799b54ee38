"""The larger company of the Tryton benchmark: each copy stands on its own records."""

import importlib
import sqlite3
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def fixture(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that copies."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("tryton_fixture")


@pytest.fixture
def database(fixture: ModuleType) -> sqlite3.Connection:
    """Two records in each table, described as Tryton describes its models."""
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE ir_model_field (model, name, ttype, relation)")
    for model in fixture.COPIED:
        table = model.replace(".", "_")
        made.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, code, product, unit, origin)")
        fields = [
            (model, "product", "many2one", "product.product"),
            (model, "unit", "many2one", "product.uom"),
            (model, "origin", "reference", None),
        ]
        made.executemany("INSERT INTO ir_model_field VALUES (?, ?, ?, ?)", fields)
        rows = [(1, "A", 2, 7, "sale.line,1"), (2, None, 1, 7, "stock.location,3")]
        made.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", rows)
    return made


def test_a_copy_points_at_its_own_records_and_shares_the_rest(
    fixture: ModuleType, database: sqlite3.Connection
) -> None:
    fixture.enlarge(database, 3)
    for model in fixture.COPIED:
        table = model.replace(".", "_")
        assert database.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() == [
            (1, "A", 2, 7, "sale.line,1"),
            (2, None, 1, 7, "stock.location,3"),
            (100_001, "A-1", 100_002, 7, "sale.line,100001"),
            (100_002, None, 100_001, 7, "stock.location,3"),
            (200_001, "A-2", 200_002, 7, "sale.line,200001"),
            (200_002, None, 200_001, 7, "stock.location,3"),
        ]


def test_more_records_than_fit_between_copies_are_refused(
    fixture: ModuleType, database: sqlite3.Connection
) -> None:
    database.execute("INSERT INTO stock_move (id) VALUES (100000)")
    with pytest.raises(RuntimeError, match=r"stock\.move"):
        fixture.enlarge(database, 2)


def test_copies_of_a_supplier_have_its_terms(fixture: ModuleType) -> None:
    one, three = fixture.terms(1), fixture.terms(3)
    assert three.count("minimum_order") == 3 * one.count("minimum_order") > 0
    assert three.count("-2]") == one.count("[company.agents.purchasing.suppliers.")
