"""More than the demo company's agent may: what writing off takes, set up by its administrator."""

from __future__ import annotations

from typing import Any

from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.erp.tryton.writing_off import LINE, METHOD

READERS = "Lecture des comptes clients"
"""The group of the demo company's agent."""


async def let_write_off(admin: Tryton) -> None:
    """A write-off method, and the right to write lines of the books."""
    client = admin.client
    company = (await client.session()).company
    journals = await client.read_all("account.journal", [["type", "=", "write-off"]], ["name"])
    ids = [
        (await client.read_all("account.account", _accounts(code, company), ["code"]))[0]["id"]
        for code in ("658", "758")
    ]
    method = {
        "name": "Écarts de règlement",
        "company": company,
        "journal": journals[0]["id"],
        "debit_account": ids[0],
        "credit_account": ids[1],
    }
    await client.write(f"model.{METHOD}.create", [method])
    rights = [["model", "=", LINE], ["group.name", "=", READERS]]
    (access,) = await client.read_all("ir.model.access", rights, ["model"])
    await client.write("model.ir.model.access.write", [access["id"]], {"perm_write": True})


def _accounts(code: str, company: int) -> list[Any]:
    usable = [["type", "!=", None], ["closed", "!=", True], ["company", "=", company]]
    return [["code", "like", f"{code}%"], *usable]
