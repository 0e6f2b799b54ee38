"""An agent of somebody else, installed as a package: it orders whatever has run low.

``installed(folder)`` puts its distribution into a folder, to be added to ``sys.path`` or
``PYTHONPATH`` for a test that goes through the command line.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from regisseur.graphs.agent import Agent, Brief, Settings, Tell
from regisseur.graphs.judgement import Finding, Judgement, Proposal
from regisseur.tools.actions.base import Fact
from regisseur.tools.records import (
    Day,
    Item,
    Money,
    Offer,
    Quantity,
    Record,
    RecordRef,
    Speaker,
    StockLevel,
    Supplier,
)

say = Speaker("clerk")


class Seen(Record):
    items: tuple[Item, ...]
    levels: tuple[StockLevel, ...]
    offers: tuple[Offer, ...]
    suppliers: tuple[Supplier, ...]
    warehouse: str


class ClerkSettings(Settings):
    least: Decimal = Decimal(10)
    bug: bool = False
    """Fail as only one's own mistake can."""
    words: tuple[str, ...] = ()


class Clerk(Agent[Seen, ClerkSettings]):
    name, title = "clerk", say("Clerk")
    requires, kinds = ("inventory", "purchasing"), ("place_purchase_order",)
    settings, observation = ClerkSettings, Seen

    async def observe(self, erp: Any, brief: Brief[ClerkSettings], tell: Tell) -> Seen:
        (warehouse, *_) = await erp.warehouses()
        tell(say("Reading stock"))
        return Seen(
            items=tuple(await erp.items()),
            levels=tuple(await erp.stock(warehouse.id)),
            offers=tuple(await erp.offers()),
            suppliers=tuple(await erp.suppliers()),
            warehouse=warehouse.id,
        )

    def judge(self, observation: Seen, brief: Brief[ClerkSettings]) -> Judgement:
        if brief.settings.bug:
            raise LookupError("the clerk has lost his glasses")
        low = {x.item_id: x for x in observation.levels if 0 <= x.on_hand < brief.settings.least}
        held = [
            Finding(tag="to_count", message=say("{n} on hand: count it.", n=int(level.on_hand)))
            for level in observation.levels
            if level.on_hand < 0
        ]
        orders = tuple(
            _order(observation, offer, low[offer.item_id], brief)
            for offer in observation.offers
            if offer.item_id in low
        )
        headline = say.counted("{count} order to place.", "{count} orders to place.", len(orders))
        return Judgement(headline=headline, proposals=orders, held=tuple(held))


def _order(seen: Seen, offer: Offer, level: StockLevel, brief: Brief[ClerkSettings]) -> Proposal:
    item = next(one for one in seen.items if one.id == offer.item_id)
    supplier = next(one for one in seen.suppliers if one.id == offer.supplier_id)
    quantity = max(offer.minimum_quantity, Decimal(100))
    line = {
        "item_id": item.id,
        "item_code": item.code,
        "item_name": item.name,
        "offer_id": offer.id,
        "unit": offer.unit.model_dump(mode="json"),
        "quantity": str(quantity),
        "unit_price": str(offer.price_for(quantity)),
        "breaks": [one.model_dump(mode="json") for one in offer.breaks],
        "minimum_quantity": str(offer.minimum_quantity),
        "multiple": str(offer.multiple),
        "expected": str(brief.on + timedelta(days=offer.lead_time or 0)),
    }
    return Proposal(
        kind="place_purchase_order",
        arguments={
            "supplier_id": supplier.id,
            "supplier_name": supplier.name,
            "warehouse_id": seen.warehouse,
            "currency": offer.currency,
            "on": str(brief.on),
            "lines": [line],
        },
        reason=say(
            "Only {left} of {item} are left and the next delivery comes on {day} at the earliest.",
            left=Quantity(value=level.on_hand, unit=item.unit.symbol),
            item=item.name,
            day=Day(date=brief.on + timedelta(days=offer.lead_time or 0)),
        ),
        details=(say("{item}: {n}", item=item.name, n=Quantity(value=quantity)),),
        facts=(Fact(name=f"on_hand:{item.id}", value=Quantity(value=level.on_hand)),),
        evidence=(RecordRef(model="item", id=item.id, label=item.code),),
        cost_of_waiting=Money.of("4.20", brief.company.currency),
        decide_by=brief.on + timedelta(days=1),
    )


AGENT = Clerk()


def installed(folder: Path) -> Path:
    """Write a distribution that offers the clerk, and this module as its code."""
    about = folder / "clerk-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: clerk\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[regisseur.agents]\nclerk = clerk\n")
    (folder / "clerk.py").write_text(Path(__file__).read_text())
    return folder
