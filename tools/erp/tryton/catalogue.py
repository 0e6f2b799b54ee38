"""Suppliers and what they offer, as Tryton knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from regisseur.tools.erp.tryton.client import Client, Domain, Row
from regisseur.tools.erp.tryton.values import days, number, quantity, unit, unit_fields
from regisseur.tools.records import Offer, PriceBreak, Supplier

_OFFER_FIELDS = (
    "product",
    "template.products",
    "party",
    "code",
    "sequence",
    "currency.code",
    "lead_time_used",
    "prices.quantity",
    "prices.unit_price",
    "prices.sequence",
)


class TrytonCatalogue:
    """The part of the port ``Purchasing`` about suppliers and offers."""

    client: Client

    async def suppliers(self) -> Sequence[Supplier]:
        """Every party that offers something or was ever ordered from.

        Tryton marks no party as a supplier, so these two are what makes one.
        """
        company = (await self.client.session()).company
        ours = [["company", "=", company]]
        offering = await self.client.read_all("purchase.product_supplier", ours, ["party"])
        ordered = await self.client.read_all("purchase.purchase", ours, ["party"])
        parties = await self.client.read_ids(
            "party.party",
            "id",
            [row["party"] for row in offering + ordered],
            [["active", "in", [True, False]]],
            ["name", "code", "active", "email", "lang.code"],
        )
        return [self._supplier(row) for row in parties]

    def _supplier(self, row: Row) -> Supplier:
        language = row["lang."]
        return Supplier(
            id=str(row["id"]),
            name=row["name"] or row["code"] or str(row["id"]),
            code=row["code"] or "",
            active=bool(row["active"]),
            email=row["email"] or None,
            language=language["code"] if language else None,
            url=self.client.link("party.party", row["id"]),
        )

    async def offers(self, item_ids: Sequence[str] | None = None) -> Sequence[Offer]:
        """Tryton's supplier prices; one given for a product with variants holds for each of them.

        The rank is Tryton's own order of preference within the item.
        """
        company = (await self.client.session()).company
        optional = await self.client.known(
            "purchase.product_supplier", "quantity_minimal", "quantity_rounding"
        )
        fields = [*_OFFER_FIELDS, *unit_fields("unit"), *optional]
        ours: list[Domain] = [["company", "=", company]]
        if item_ids is None:
            rows = await self.client.read_all("purchase.product_supplier", ours, fields)
            return _offers(rows, None)
        ids = [number(item_id) for item_id in item_ids]
        model = "purchase.product_supplier"
        rows = await self.client.read_ids(model, "product", ids, ours, fields)
        common = [*ours, ["product", "=", None]]
        rows += await self.client.read_ids(model, "template.products", ids, common, fields)
        return _offers({row["id"]: row for row in rows}.values(), set(ids))


def _offers(rows: Iterable[Row], wanted: set[int] | None) -> list[Offer]:
    by_item: defaultdict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=_preference):
        items = [row["product"]] if row["product"] else row["template."]["products"]
        for item in items:
            if wanted is None or item in wanted:
                by_item[item].append(row)
    return [
        _offer(row, item, rank)
        for item, offered in sorted(by_item.items())
        for rank, row in enumerate(offered)
    ]


def _preference(row: Row) -> tuple[bool, bool, int, int]:
    """Tryton's order: the variant's own prices first, then by sequence, those without one first."""
    sequence = row["sequence"]
    return (row["product"] is None, sequence is not None, sequence or 0, row["id"])


def _offer(row: Row, item: int, rank: int) -> Offer:
    own = row["product"] is not None
    return Offer(
        id=str(row["id"]) if own else f"{row['id']}:{item}",
        item_id=str(item),
        supplier_id=str(row["party"]),
        unit=unit(row["unit."]),
        currency=row["currency."]["code"],
        breaks=_breaks(row["prices."]),
        lead_time=days(row["lead_time_used"]),
        minimum_quantity=quantity(row.get("quantity_minimal")),
        multiple=quantity(row.get("quantity_rounding")),
        code=row["code"] or "",
        rank=rank,
    )


def offer_number(offer_id: str) -> int:
    """Tryton's number of the supplier price behind an offer."""
    return number(offer_id.partition(":")[0])


def _breaks(prices: Iterable[Row]) -> tuple[PriceBreak, ...]:
    """The price from each quantity on. Tryton takes the last matching line of the list as sorted
    by hand, which need not be the one with the greatest minimum.
    """

    def place(price: Row) -> tuple[bool, int, int]:
        sequence = price["sequence"]
        return (sequence is not None, sequence or 0, price["id"])

    lines = [
        PriceBreak(minimum=quantity(price["quantity"]), unit_price=price["unit_price"])
        for price in sorted(prices, key=place)
    ]

    def price_from(minimum: Decimal) -> Decimal:
        return [line for line in lines if line.minimum <= minimum][-1].unit_price

    minimums = sorted({line.minimum for line in lines})
    return tuple(PriceBreak(minimum=one, unit_price=price_from(one)) for one in minimums)
