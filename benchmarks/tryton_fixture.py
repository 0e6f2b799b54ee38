"""A demo company many times larger: the rows of its Tryton database copied under new numbers.

Items, parties, offers, stock moves, counts and documents are copied, each copy pointing at its own
company's records; units, accounts, warehouses, the books and recipes are shared. What points where
is read from Tryton's own description of its models. Copies of codes and numbers end in ``-1``,
``-2`` and so on, so the larger company decides as the demo does, item by item.

Standard library only, as ``demo/launch.py``.
"""

import hashlib
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "demo"))

import launch
from atelier import cache

COPIED = (
    "party.party",
    "party.address",
    "party.contact_mechanism",
    "party.party.lang",
    "party.party.supplier_lead_time",
    "product.template",
    "product.product",
    "product.cost_price",
    "product.cost_price_method",
    "product.list_price",
    "product.lead_time",
    "purchase.product_supplier",
    "purchase.product_supplier.price",
    "purchase.purchase",
    "purchase.line",
    "sale.sale",
    "sale.line",
    "stock.order_point",
    "stock.inventory.line",
    "stock.shipment.in",
    "stock.shipment.out",
    "stock.move",
    "production",
)
NUMBERED = ("code", "number")
"""Columns whose copies must differ, or that people tell records apart by."""
STEP = 100_000
"""Between a record and its next copy; more than any table of the demo has records."""


def enlarged(times: int) -> Path:
    """The folder of the company so many times larger, built once; of the demo itself for 1."""
    original: Path = launch.ensure_built(progress=lambda line: print(line, file=sys.stderr))
    if times == 1:
        return original
    source = hashlib.sha256(Path(__file__).read_bytes() + original.name.encode())
    folder: Path = cache.cache_folder() / f"enlarged-{times}-{source.hexdigest()[:16]}"
    with cache.lock(folder.parent):
        if not cache.is_built(folder):
            for stale in folder.parent.glob(f"enlarged-{times}-*"):
                shutil.rmtree(stale)
            with cache.under_construction(folder) as site:
                cache.copy_snapshot(original, site)
                with closing(sqlite3.connect(site / cache.DATABASE_FILE)) as database:
                    enlarge(database, times)
    return folder


def enlarge(database: sqlite3.Connection, times: int) -> None:
    """Copy the rows ``times - 1`` times, in one transaction."""
    with database:
        statements = [_statement(database, model) for model in COPIED]
        for copy in range(1, times):
            for statement in statements:
                database.execute(statement, {"copy": copy, "shift": copy * STEP})


def terms(times: int) -> str:
    """The suppliers' terms of ``demo/purchasing.toml``, for the copies too."""
    text = (ROOT / "demo" / "purchasing.toml").read_text(encoding="utf-8")
    ours = text.replace("[agents.", "[company.agents.")
    copies = (re.sub(r"suppliers\.(\w+)\]", rf"suppliers.\1-{n}]", ours) for n in range(1, times))
    return "\n".join([ours, *copies])


def _statement(database: sqlite3.Connection, model: str) -> str:
    """Copies the demo's own rows of a model; ``:copy`` counts from 1, ``:shift`` is its distance."""
    table = _table(model)
    points = dict(
        database.execute(
            "SELECT name, CASE ttype WHEN 'reference' THEN '' ELSE relation END FROM ir_model_field"
            " WHERE model = ? AND ttype IN ('many2one', 'reference')",
            (model,),
        )
    )
    columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
    (highest,) = database.execute(f'SELECT max(id) FROM "{table}"').fetchone()
    if (highest or 0) >= STEP:
        raise RuntimeError(f"{model} has too many records to be copied {STEP} apart")
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(_value(name, points) for name in columns)
    return f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" WHERE id < {STEP}'


def _value(column: str, points: dict[str, str]) -> str:
    if column == "id" or points.get(column) in COPIED:
        return f'"{column}" + :shift'
    if points.get(column) == "":
        return _shifted_reference(column)
    return f"\"{column}\" || '-' || :copy" if column in NUMBERED else f'"{column}"'


def _shifted_reference(column: str) -> str:
    """Tryton writes such a pointer as ``sale.line,87``."""
    number = f'CAST(substr("{column}", instr("{column}", \',\') + 1) AS INTEGER)'
    model = f'substr("{column}", 1, instr("{column}", \',\') - 1)'
    copied = ", ".join(f"'{name}'" for name in COPIED)
    return (
        f"CASE WHEN {model} IN ({copied}) AND {number} > 0 "
        f"THEN {model} || ',' || ({number} + :shift) ELSE \"{column}\" END"
    )


def _table(model: str) -> str:
    return model.replace(".", "_")
