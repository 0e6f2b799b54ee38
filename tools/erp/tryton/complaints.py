"""Open complaints in Tryton (module ``sale_complaint``), by what they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.values import model_and_id

MODEL = "sale.complaint"
_OPEN = ("draft", "waiting", "approved")
_WHOLE = {
    "account.invoice.line": ("account.invoice", "invoice"),
    "sale.line": ("sale.sale", "sale"),
}
"""What a line that somebody complains about is a part of, and the field that says so."""


@dataclass(frozen=True)
class Complaints:
    """What customers complain about, by model and number of the record."""

    texts: Mapping[tuple[str, int], Sequence[str]]

    def about(self, invoice: int, sales: Iterable[int]) -> str | None:
        """What is written about an invoice or the sales that it bills."""
        places = [("account.invoice", invoice), *(("sale.sale", sale) for sale in sales)]
        return "\n".join(text for place in places for text in self.texts.get(place, ())) or None


async def complaints(client: Client) -> Complaints:
    """All open ones; none where the module is not there."""
    if not await client.known(MODEL, "origin"):
        return Complaints({})
    company = (await client.session()).company
    rows = await client.read_all(
        MODEL,
        [["company", "=", company], ["state", "in", list(_OPEN)]],
        ["origin", "description", "reference", "number", "type.name"],
    )
    origins = [model_and_id(row["origin"]) for row in rows]
    wholes = await _wholes(client, origins)
    texts: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for origin, row in zip(origins, rows, strict=True):
        texts[wholes.get(origin, origin)].append(_text(row))
    return Complaints(texts)


async def _wholes(
    client: Client, origins: Sequence[tuple[str, int]]
) -> Mapping[tuple[str, int], tuple[str, int]]:
    wholes = {}
    for model, (whole, field) in _WHOLE.items():
        if ids := [number for origin, number in origins if origin == model]:
            for row in await client.read_ids(model, "id", ids, [], [field]):
                wholes[model, row["id"]] = (whole, row[field])
    return wholes


def _text(row: Row) -> str:
    kind = (row["type."] or {}).get("name")
    said = (row["description"] or "").strip() or row["reference"] or row["number"]
    return ": ".join(part for part in (kind, said) if part) or str(row["id"])
