"""What our user may do in Tryton, by model."""

from __future__ import annotations

from regisseur.tools.erp.tryton.client import Client


async def allowed(client: Client, model: str, *wanted: str) -> bool:
    """May our user do all of this (``write``, ``create`` …) to the records of a model?"""
    found = await client.read("model.ir.model.access.get_access", [model])
    return all(found[model][one] for one in wanted)
