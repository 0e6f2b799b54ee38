"""What Tryton has no field for: the terms of suppliers, as Régisseur's own settings take them."""

from __future__ import annotations

from atelier.data import Company, Supplier

HEADER = """\
# Terms of Atelier Martin's suppliers that Tryton has no field for: minimum order and free-carriage
# threshold in EUR before tax, and closures. Part of regisseur.toml for the demo company.
# Written by `company.py terms > purchasing.toml` from atelier/data/parties.toml: change them there.
# Minimum quantities and packs per item are in Tryton itself (module purchase_product_quantity).
"""


def terms(company: Company) -> str:
    """The TOML text of ``demo/purchasing.toml``."""
    tables = [_table(s) for s in company.suppliers.values() if not s.archived]
    return "\n".join([HEADER, *tables])


def _table(supplier: Supplier) -> str:
    closures = ", ".join(
        f'{{ first = "{first}", last = "{last}" }}'
        for first, last in (closure.split("/") for closure in supplier.closures)
    )
    return (
        f"[agents.purchasing.suppliers.{supplier.code}]  # {supplier.name}\n"
        f"minimum_order = {supplier.minimum_order}\n"
        f"free_carriage = {supplier.free_carriage}\n"
        f"closures = [{closures}]\n"
    )
