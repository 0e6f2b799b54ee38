"""The judgement as a whole: pure, whatever the order of the records, and sane on any data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regisseur.agents.purchasing import AGENT, PurchasingAgent
from regisseur.agents.purchasing.observation import Observation, Site
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.errors import Misconfigured
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Judgement, Picture
from regisseur.office.reports.charts import to_svg
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.actions.change_draft_order import KIND as CHANGE
from regisseur.tools.actions.place_purchase_order import KIND as PLACE
from regisseur.tools.actions.tell_sales import KIND as TELL
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import Company, Item
from regisseur.tools.texts import check, word

ON = date(2026, 11, 23)
KINDS: dict[str, AnyKind] = {kind.name: kind for kind in (PLACE, CHANGE, TELL)}
BRIEF: Brief[PurchasingSettings] = Brief(
    company=Company(id="atelier", name="Atelier"), on=ON, settings=PurchasingSettings()
)


def fill(erp: MemoryERP, random: Random, items: int) -> None:
    """A company without rhyme or reason."""
    suppliers = [
        erp.supplier(f"S{n}", code=f"S{n}", active=random.random() > 0.1) for n in range(3)
    ]
    south = erp.warehouse("South")
    for number in range(items):
        item = erp.item(
            f"A{number}",
            unit=random.choice(["u", "kg"]),
            cost=random.choice([None, "0.02", 3, 250]),
            sale_price=random.choice([None, 1, 400]),
            on_hand=random.choice([None, -2, 0, 5, 60, 4000]),
            reserved=random.choice([0, 0, 3]),
            counted=random.choice([None, ON, ON - timedelta(days=700)]),
            producible=random.random() < 0.1,
        )
        size, chance = random.choice([1, 8, 90]), random.random()
        use: Literal["sale", "production"] = random.choice(["sale", "production"])
        for week in range(random.choice([0, 2, 20, 78])):
            if random.random() < chance:
                day = ON - timedelta(days=7 * week + random.randint(1, 7))
                erp.used(item, random.randint(1, size), day, use=use)
        for supplier in random.sample(suppliers, random.randint(0, 3)):
            erp.offer(
                item,
                supplier,
                breaks=random.choice([{}, {0: 5}, {0: 5, 100: 4}, {10: 2, 500: 1}]),
                lead_time=random.choice([None, 0, 4, 60]),
                minimum=random.choice([0, 0, 25]),
                multiple=random.choice([0, 0, 12]),
                currency=random.choice(["EUR", "EUR", "EUR", "USD"]),
                rank=random.randint(0, 2),
            )
            for taken in range(random.choice([0, 6])):
                start = ON - timedelta(days=200 - 20 * taken)
                erp.receipt(supplier, item, 5, start, start + timedelta(days=taken))
            if random.random() < 0.4:
                erp.order(
                    supplier,
                    [(item, random.randint(1, 50))],
                    state=random.choice(["draft", "quoted", "confirmed"]),
                    expected=random.choice([None, ON + timedelta(days=random.randint(-200, 90))]),
                )
        for _ in range(random.choice([0, 0, 3])):
            erp.need(
                item,
                random.randint(1, 40),
                ON + timedelta(days=random.randint(-5, 80)),
                use=random.choice(["sale", "production"]),
                firm=random.random() < 0.7,
                warehouse=random.choice([None, south]),
            )
        if random.random() < 0.3:
            erp.rule(item, random.randint(0, 200), 300)


def shuffled(seen: Observation, random: Random) -> Observation:
    """The same records in another order."""

    def mixed(records: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(records, len(records)))

    sites = tuple(
        Site(
            warehouse=site.warehouse,
            stock=mixed(site.stock),
            uses=mixed(site.uses),
            requirements=mixed(site.requirements),
            rules=mixed(site.rules),
        )
        for site in seen.sites
    )
    return seen.model_copy(
        update={
            "items": mixed(seen.items),
            "suppliers": mixed(seen.suppliers),
            "offers": mixed(seen.offers),
            "orders": mixed(seen.orders),
            "receipts": mixed(seen.receipts),
            "sites": mixed(sites),
        }
    )


See = Callable[..., Observation]


def seen_by(random: Random, items: int) -> Observation:
    import asyncio

    erp = MemoryERP(today=ON)
    fill(erp, random, items)
    return asyncio.run(AGENT.observe(erp, BRIEF, lambda message: None))


TERMS: dict[str, Any] = {
    "S0": {"minimum_order": 900, "closures": [{"first": "2026-11-25", "last": "2026-12-20"}]},
    "S1": {"free_carriage": 700, "carriage": 25},
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), cash=st.integers(1, 5000))
def test_cash_and_thresholds_hold_for_any_company(seed: int, cash: int) -> None:
    random = Random(seed)
    chosen = PurchasingSettings.model_validate({"suppliers": TERMS, "cash_limit": cash})
    brief = BRIEF.model_copy(update={"settings": chosen})
    seen = seen_by(random, 12)
    judgement = AGENT.judge(seen, brief)
    assert AGENT.judge(shuffled(seen, random), brief) == judgement
    _sane(judgement, seen)
    orders = [
        (p, PLACE.parse(p.arguments))
        for p in judgement.proposals
        if p.kind == "place_purchase_order"
    ]
    assert sum((order.total.amount for _, order in orders), Decimal(0)) <= cash
    for proposal, order in orders:
        if order.supplier_name == "S0":
            assert order.total.amount >= 900 or "but urgent" in word(proposal.reason, "en_GB")
            closed = date(2026, 11, 25), date(2026, 12, 20)
            assert not any(closed[0] <= line.expected <= closed[1] for line in order.lines)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6))
def test_any_company_is_judged_sanely_and_the_order_of_records_does_not_matter(seed: int) -> None:
    random = Random(seed)
    seen = seen_by(random, 12)
    judgement = AGENT.judge(seen, BRIEF)
    again = AGENT.judge(shuffled(seen, random), BRIEF)
    assert again.model_dump_json() == judgement.model_dump_json()
    _sane(judgement, seen)


def _sane(judgement: Judgement, seen: Observation) -> None:
    subjects = set()
    offers = {offer.id: offer for offer in seen.offers}
    for proposal in judgement.proposals:
        kind = KINDS[proposal.kind]
        arguments = kind.parse(proposal.arguments)
        assert kind.after_edit(arguments) == arguments, "prices and packs follow the offer"
        subject = (proposal.kind, kind.subject(arguments))
        assert subject not in subjects, "one open action a subject"
        subjects.add(subject)
        check(proposal.reason)
        for detail in proposal.details:
            check(detail)
            assert word(detail, "fr_FR") != word(detail, "en_GB")
    for line in (
        line
        for proposal in judgement.proposals
        if proposal.kind == "place_purchase_order"
        for line in PLACE.parse(proposal.arguments).lines
    ):
        offer = offers[line.offer_id]
        assert line.quantity >= offer.minimum_quantity
        assert not offer.multiple or line.quantity % offer.multiple == 0
        assert line.unit_price == offer.price_for(line.quantity)
    ordered = [
        (PLACE.parse(p.arguments).warehouse_id, line.item_id)
        for p in judgement.proposals
        if p.kind == "place_purchase_order"
        for line in PLACE.parse(p.arguments).lines
    ]
    assert max(Counter(ordered).values(), default=0) <= 2, "once, or twice with a bridge"
    for finding in (*judgement.findings, *judgement.held):
        check(finding.message)


def test_the_same_night_gives_the_same_bytes_also_from_storage() -> None:
    seen = seen_by(Random(5), 40)
    first = AGENT.judge(seen, BRIEF).model_dump_json()
    assert AGENT.judge(seen, BRIEF).model_dump_json() == first
    stored = Observation.model_validate_json(seen.model_dump_json())
    assert AGENT.judge(stored, BRIEF).model_dump_json() == first


def test_nothing_at_all_is_a_quiet_night() -> None:
    judgement = AGENT.judge(Observation(on=ON, weeks=78), BRIEF)
    assert word(judgement.headline, "fr_FR") == "Rien à commander cette nuit."
    assert not judgement.proposals


def test_the_number_of_requests_does_not_grow_with_the_records(see: See, erp: MemoryERP) -> None:
    fill(erp, Random(1), 3)
    before = erp.requests
    see()
    few = erp.requests - before
    fill(erp, Random(2), 30)
    before = erp.requests
    see(warehouses=tuple(w.id for w in erp.records.warehouses[:2]))
    assert erp.requests - before == few == 6 + 4 * 2


def test_only_the_chosen_warehouses_and_bought_items_are_read(see: See, erp: MemoryERP) -> None:
    south = erp.warehouse("South")
    made = erp.item("MADE", on_hand=3, purchasable=False)
    bought = erp.item("BOUGHT", on_hand=3, warehouse=south)
    for item in (made, bought):
        erp.used(item, 5, ON - timedelta(days=3), warehouse=south)
    seen = see(warehouses=(south.id,))
    assert [site.warehouse.name for site in seen.sites] == ["South"]
    assert [item.code for item in seen.items] == ["BOUGHT"]
    assert [use.item_id for use in seen.sites[0].uses] == [bought.id]
    assert seen.sites[0].uses[0].sold[-1] == 5


def test_an_unknown_warehouse_is_named(see: See) -> None:
    with pytest.raises(Misconfigured, match=r"agents\.purchasing\.warehouses\[0\].*'attic'"):
        see(warehouses=("attic",))


def test_the_agent_says_what_it_needs() -> None:
    assert isinstance(AGENT, PurchasingAgent)
    assert AGENT.requires == ("inventory", "purchasing")
    assert set(AGENT.kinds) == set(KINDS)
    assert word(AGENT.title, "fr_FR") == "Achats"


def _picture(erp: MemoryERP, steady: Callable[..., Item], see: See) -> Picture:
    item = steady("NUT", 70, on_hand=45, cost=2)
    erp.offer(item, erp.supplier("Mill"), price=2, lead_time=10)
    (picture,) = AGENT.judge(see(), BRIEF).sections[1].pictures
    return picture


@pytest.mark.parametrize("width", [640, 343])
def test_an_urgent_item_is_drawn_in_the_reader_s_language(
    erp: MemoryERP, steady: Callable[..., Item], see: See, width: int
) -> None:
    picture = _picture(erp, steady, see)
    drawn = to_svg(picture, "fr_FR", "light", width=width)
    for text in ("rupture le 27 nov. 2026", "livraison le 3 déc. 2026", "seuil de commande 181"):
        assert text in drawn.replace("\N{NO-BREAK SPACE}", " ")
    alternative = word(picture.alternative, "en_GB").replace("\N{NO-BREAK SPACE}", " ")
    assert alternative.startswith("Stock is 45 u, the reorder point 181 u; out of stock on 27 Nov")


def test_a_picture_holds_its_data_and_is_not_interactive(
    erp: MemoryERP, steady: Callable[..., Item], see: See
) -> None:
    def keys(node: Any) -> set[str]:
        if isinstance(node, list):
            return set().union(*map(keys, node))
        if isinstance(node, dict):
            return set(node) | keys(list(node.values()))
        return set()

    picture = _picture(erp, steady, see)
    assert not keys(picture.spec) & {"params", "selection", "tooltip", "href", "url", "color"}
    bare, fed = (layer["data"]["values"] for layer in picture.spec["layer"][:2])
    assert [point["stock"] for point in bare[:5]] == [45, 35, 25, 15, 5]
    assert Decimal(str(fed[-1]["stock"])) > 0
