"""A company with as many mixed actions as a test wants: orders large and small, changes of drafts
and notes to sales, by two agents, on the in-memory ERP, which carries all of them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from desk import ON, order_arguments

from regisseur import MemoryERP
from regisseur.graphs.agent import Agent, Brief, Settings, Tell
from regisseur.graphs.judgement import Judgement, Proposal
from regisseur.tools.actions.base import Fact
from regisseur.tools.records import Day, Money, Quantity, Record, RecordRef, Speaker

say = Speaker("tests")

GOODS = (
    ("TOL-20", "Tôle acier DC01 2,0 mm", "kg", "1.35", "Aciers du Rhône"),
    ("TUB-40", "Tube carré 40 × 40 × 2", "m", "4.05", "Métaux et Négoce du Forez"),
    ("POU-7016", "Poudre époxy gris anthracite RAL 7016", "kg", "6.20", "Peintures Poudrex"),
    ("ROU-125F", "Roulette pivotante à frein 125 mm", "u", "5.80", "Manutex Import"),
    ("TIG-M10", "Tige filetée M10, barre de 1 m", "u", "2.20", "Visserie Lyonnaise"),
    ("CHF-3KW", "Chauffage soufflant d'atelier 3 kW", "u", "53", "Thermique du Dauphiné"),
)
CUSTOMERS = ("Leroy Agencement", "Bati-Sud", "Cuisines Perrin", "Mairie de Givors")
URL = "https://erp.example/purchase/"


class Nothing(Record):
    """What these agents observe."""


class Fixed(Agent[Nothing, Settings]):
    """Proposes what it was made with."""

    requires: ClassVar[tuple[str, ...]] = ()
    settings, observation = Settings, Nothing
    proposals: ClassVar[tuple[Proposal, ...]] = ()

    async def observe(self, erp: Any, brief: Brief[Settings], tell: Tell) -> Nothing:
        return Nothing()

    def judge(self, observation: Nothing, brief: Brief[Settings]) -> Judgement:
        number = len(self.proposals)
        return Judgement(headline=say("{n} propositions.", n=number), proposals=self.proposals)


def agent(name: str, title: str, proposals: Sequence[Proposal]) -> Fixed:
    """An agent of that name with these proposals."""
    kinds = tuple(sorted({one.kind for one in proposals}))
    body = {"name": name, "title": say(title), "kinds": kinds, "proposals": tuple(proposals)}
    made: Fixed = type(name.title(), (Fixed,), body)()
    return made


@dataclass(frozen=True)
class Mixed:
    """An ERP, and the agents that found so much in it."""

    erp: MemoryERP
    agents: tuple[Fixed, ...]

    @classmethod
    def of(cls, count: int) -> Mixed:
        """So many actions: of five, three are orders, one changes a draft, one is a note."""
        erp = MemoryERP(today=ON, company="Atelier Martin")
        buying = [n for n in range(count) if n % 5 != 4]
        orders = [(_change if n % 5 == 3 else _order)(erp, n) for n in buying]
        notes = [_note(erp, n) for n in range(count) if n % 5 == 4]
        return cls(erp, (agent("buyer", "Achats", orders), agent("sales", "Ventes", notes)))


def _order(erp: MemoryERP, number: int) -> Proposal:
    """Every ninth for far more than is decided in bulk."""
    code, name, unit, price, mill = GOODS[number % len(GOODS)]
    item = erp.item(f"{code}-{number}", name=name, unit=unit, on_hand=9)
    supplier = erp.supplier(mill)
    offer = erp.offer(item, supplier, price=price, lead_time=14)
    quantity = 2000 if number % 9 == 0 else 40 + number
    left = Quantity(value=Decimal(9), unit=unit)
    due = _due(number)
    short = due + timedelta(days=7)
    return Proposal(
        kind="place_purchase_order",
        arguments=order_arguments(
            item, supplier, offer, quantity, warehouse=erp.records.warehouses[0].id
        ),
        reason=say(
            "{item} : rupture dans 7 jours, 14 jours de délai constaté sur 5 réceptions.", item=name
        ),
        details=(
            say("{left} en stock, rien en commande, 1,3 par jour.", left=left),
            say("Pas d’autre fournisseur en dessous de 30 jours."),
        ),
        facts=(Fact(name=f"on_hand:{item.id}", value=left, label=say("En stock")),),
        evidence=(RecordRef(model="item", id=item.id, label=item.code, url=URL + item.id),),
        cost_of_waiting=Money(amount=Decimal(number * 37 % 230) / 10, currency="EUR"),
        otherwise=say("{item} en rupture le {day}", item=code, day=Day(date=short)),
        decide_by=due,
        confidence=Decimal("0.85"),
    )


def _due(number: int) -> date:
    return ON + timedelta(days=number * 7 % 6 - 1)


def _change(erp: MemoryERP, number: int) -> Proposal:
    code, name, unit, price, mill = GOODS[number % len(GOODS)]
    item, supplier = erp.item(f"{code}-{number}", name=name, unit=unit), erp.supplier(mill)
    erp.offer(item, supplier, price=price, lead_time=14)
    order = erp.order(supplier, [(item, 100)], state="draft")
    line = order.lines[0]
    changed = {
        "line_id": line.id,
        "item_label": f"{code} {name}",
        "unit": line.unit.model_dump(mode="json"),
        "quantity_before": str(line.quantity),
        "quantity_after": "160",
    }
    arguments = {
        "order_id": order.id,
        "order_label": f"n° {order.id}",
        "supplier_id": supplier.id,
        "supplier_name": mill,
        "lines": [changed],
    }
    reason = say("Il en faudra 160 d’ici la prochaine livraison.")
    return Proposal(
        kind="change_draft_order", arguments=arguments, reason=reason, decide_by=_due(number)
    )


def _note(erp: MemoryERP, number: int) -> Proposal:
    sale = erp.record("sale").model_copy(update={"label": f"V-2026-{number:03}"})
    customer = CUSTOMERS[number % len(CUSTOMERS)]
    note = {
        "about": sale.model_dump(),
        "topic": "delay",
        "text": f"{customer} : il manquera 8 tapis le 2 décembre, livraison possible le 9.",
    }
    return Proposal(
        kind="tell_sales",
        arguments=note,
        reason=say("{customer} attend pour le 2 décembre ce qui arrive le 9.", customer=customer),
        evidence=(sale,),
        decide_by=None if number % 2 else _due(number),
    )
