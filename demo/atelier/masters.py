# SPDX-License-Identifier: GPL-3.0-or-later
"""Parties, products, supplier prices, bills of materials, work centres and order points."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from atelier.data import Company, Customer, Item, Offer, Supplier
from atelier.erp import Erp
from atelier.plan import Plan
from atelier.settings import Settings

WORK_CENTRES = (
    ("Découpe", ("Laser 2 kW", "Cisaille guillotine"), 42),
    ("Pliage", ("Plieuse 100 t", "Plieuse 50 t"), 38),
    ("Soudage", ("Poste de soudage 1", "Poste de soudage 2", "Robot de soudage"), 45),
    ("Peinture", ("Cabine de poudrage",), 50),
    ("Montage", ("Montage 1", "Montage 2"), 32),
    ("Câblage", ("Poste de câblage",), 36),
)
ROUTINGS = {
    "sheet": ("Tôlerie", ("Découpe", "Pliage", "Soudage", "Peinture")),
    "profile": ("Profilés", ("Découpe", "Peinture")),
    "welding": ("Mécano-soudure", ("Découpe", "Soudage", "Peinture")),
    "assembly": ("Montage", ("Montage",)),
    "electric": ("Montage électrique", ("Montage", "Câblage")),
}
PEOPLE = ("Achats", "Comptabilité")


@dataclass(frozen=True)
class Masters:
    """Ids of what documents refer to, by the codes of the TOML files."""

    parties: dict[str, int]
    products: dict[str, int]
    boms: dict[str, int]
    routings: dict[str, int]
    machines: dict[str, int]
    workshop: int
    warehouse: int


def write_masters(erp: Erp, settings: Settings, company: Company, plan: Plan) -> Masters:
    """Write all master data."""
    with erp.transaction():
        warehouse = erp.xml_id("stock", "location_warehouse")
        parties = _parties(erp, settings, company)
        units = _units(erp)
        products = _products(erp, settings, company, units)
        _offers(erp, settings, company, parties, products)
        workshop, machines, routings = _workshop(erp, settings, warehouse)
        boms = _boms(erp, company, products, routings, units)
        _order_points(erp, company, plan, products, warehouse)
    return Masters(parties, products, boms, routings, machines, workshop, warehouse)


def archive_suppliers(erp: Erp, company: Company, masters: Masters) -> None:
    """Done last: Tryton still needs them active while their offers are written."""
    gone = [masters.parties[s.code] for s in company.suppliers.values() if s.archived]
    with erp.transaction():
        Party = erp.model("party.party")
        Party.write(Party.browse(gone), {"active": False})


def _parties(erp: Erp, settings: Settings, company: Company) -> dict[str, int]:
    languages = {one.code: one for one in erp.model("ir.lang").search([])}
    countries = _countries(erp)
    parties: dict[str, Any] = {}
    for supplier in company.suppliers.values():
        party = _party(erp, supplier, languages["fr"], countries["FR"])
        party.identifiers = [_number(erp, "fr_siren", _siren(supplier.code))]
        party.contact_mechanisms = [_mailbox(erp, supplier, "commandes")]
        party.supplier_payment_term = settings.terms["30"]
        party.supplier_lead_time = timedelta(days=supplier.lead_days)
        parties[supplier.code] = party
    for customer in company.customers.values():
        party = _party(erp, customer, languages[customer.language], countries[customer.country])
        party.identifiers = [_registration(erp, customer)]
        party.contact_mechanisms = _contacts(erp, customer)
        party.customer_payment_term = settings.terms[customer.term]
        parties[customer.code] = party
    erp.save(list(parties.values()))
    return {code: party.id for code, party in parties.items()}


def _countries(erp: Erp) -> dict[str, Any]:
    """The two that somebody here is in; Tryton starts without any."""
    Country = erp.model("country.country")
    countries = [
        Country(name="France", code="FR", code3="FRA", code_numeric="250"),
        Country(name="Irlande", code="IE", code3="IRL", code_numeric="372"),
    ]
    Country.save(countries)
    return {country.code: country for country in countries}


def _party(erp: Erp, who: Supplier | Customer, language: Any, country: Any) -> Any:
    Party, Address = erp.model("party.party"), erp.model("party.address")
    street = who.street if isinstance(who, Customer) else "rue des Métiers"
    address = Address(
        street=f"{len(who.name)} {street}",
        postal_code=who.zip,
        city=who.city,
        country=country,
    )
    return Party(name=who.name, code=who.code, lang=language, addresses=[address])


def _mailbox(erp: Erp, who: Supplier | Customer, name: str) -> Any:
    Mechanism = erp.model("party.contact_mechanism")
    return Mechanism(type="email", value=f"{name}@{_slug(who.name)}.example")


def _contacts(erp: Erp, customer: Customer) -> list[Any]:
    """A general mailbox first, the one for invoices, and a telephone that is kept for stories
    (ARCEP gives no subscriber a number that begins with 04 65 71).
    """
    contacts = []
    if customer.email:
        contacts = [_mailbox(erp, customer, "contact"), _mailbox(erp, customer, "comptabilite")]
        contacts[1].name, contacts[1].invoice = "Comptabilité", True
    if customer.phone:
        Mechanism = erp.model("party.contact_mechanism")
        value = f"+33 4 65 71 {customer.code[1:]} {customer.code[1:]}"
        contacts.append(Mechanism(type="phone", value=value, name="Standard"))
    return contacts


def _registration(erp: Erp, customer: Customer) -> Any:
    if customer.vat:
        return _number(erp, "eu_vat", customer.vat)
    return _number(erp, "fr_siren", customer.siren or _siren(customer.code))


def _number(erp: Erp, kind: str, code: str) -> Any:
    return erp.model("party.identifier")(type=kind, code=code)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    return "-".join(word for word in words if len(word) > 2)


def _siren(code: str) -> str:
    """Nine digits that pass the Luhn test and begin as a company's do, derived from the code."""
    base = f"8{sum(ord(c) * 131**i for i, c in enumerate(code)) % 10**7:07d}"
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(base))
    total = sum(d - 9 if d > 9 else d for d in doubled)
    return base + str(-total % 10)


def _units(erp: Erp) -> dict[str, Any]:
    Uom = erp.model("product.uom")
    names = {"u": "unit", "kg": "kilogram", "g": "gram", "m": "meter"}
    units = {symbol: Uom(erp.xml_id("product", f"uom_{name}")) for symbol, name in names.items()}
    box = Uom(
        name="Boîte de 100",
        symbol="bte 100",
        category=units["u"].category,
        factor=100.0,
        rate=0.01,
        rounding=1.0,
        digits=0,
    )
    box.save()
    return units | {"b100": box}


def _products(
    erp: Erp, settings: Settings, company: Company, units: dict[str, Any]
) -> dict[str, int]:
    templates = [_template(erp, settings, item, units) for item in company.items.values()]
    erp.save(templates)
    products = [template.products[0] for template in templates]
    for product, item in zip(products, company.items.values(), strict=True):
        product.cost_price = Decimal(str(item.cost))
    erp.save(products)
    return {code: product.id for code, product in zip(company.items, products, strict=True)}


def _template(erp: Erp, settings: Settings, item: Item, units: dict[str, Any]) -> Any:
    kind = "made" if item.made else "resale" if item.family == "resale" else "material"
    template = erp.model("product.template")(
        name=item.name,
        code=item.code,
        type="goods",
        default_uom=units[item.unit],
        list_price=Decimal(str(item.price or 0)),
        cost_price_method="fixed",
        account_category=settings.categories[kind],
        purchasable=not item.made,
        salable=item.sold,
        producible=item.made,
        consumable=False,
    )
    if not item.made:
        template.purchase_uom = units[item.buy_unit or item.unit]
    if item.sold:
        template.sale_uom = units[item.unit]
        template.lead_time = timedelta()
    template.products = [erp.model("product.product")()]
    return template


def _offers(
    erp: Erp,
    settings: Settings,
    company: Company,
    parties: dict[str, int],
    products: dict[str, int],
) -> None:
    Product = erp.model("product.product")
    erp.save(
        [
            _offer(
                erp,
                settings,
                offer,
                company.suppliers[offer.party],
                parties[offer.party],
                Product(products[item.code]),
            )
            for item in company.items.values()
            for offer in item.offers
        ]
    )


def _offer(
    erp: Erp, settings: Settings, offer: Offer, supplier: Supplier, party: int, product: Any
) -> Any:
    Price = erp.model("purchase.product_supplier.price")
    days = offer.lead_days or supplier.lead_days
    return erp.model("purchase.product_supplier")(
        template=product.template,
        product=product,
        party=party,
        company=settings.company,
        currency=settings.currency,
        code=f"{supplier.code}-{product.code}",
        lead_time=timedelta(days=days),
        quantity_minimal=offer.at_least,
        quantity_rounding=offer.pack,
        prices=[Price(quantity=q, unit_price=Decimal(str(p))) for q, p in offer.prices],
    )


def _workshop(
    erp: Erp, settings: Settings, warehouse: int
) -> tuple[int, dict[str, int], dict[str, int]]:
    """Ids of the workshop itself, of its machines by name and of the routings by key."""
    Category, Centre = (
        erp.model("production.work.center.category"),
        erp.model("production.work.center"),
    )
    Operation, Routing, Step = (
        erp.model("production.routing.operation"),
        erp.model("production.routing"),
        erp.model("production.routing.step"),
    )
    common = {"company": settings.company, "warehouse": warehouse}
    workshop = Centre(name="Atelier", **common)
    workshop.save()
    operations, centres = {}, []
    for name, machines, hourly in WORK_CENTRES:
        category = Category(name=name)
        category.save()
        operations[name] = Operation(name=name, work_center_category=category)
        centres += [
            Centre(
                name=machine,
                parent=workshop,
                category=category,
                cost_method="hour",
                cost_price=Decimal(hourly),
                **common,
            )
            for machine in machines
        ]
    erp.save(centres)
    erp.save(list(operations.values()))
    routings = {
        key: Routing(name=name, steps=[Step(operation=operations[o]) for o in names])
        for key, (name, names) in ROUTINGS.items()
    }
    erp.save(list(routings.values()))
    machines = {centre.name: centre.id for centre in centres}
    return workshop.id, machines, {key: routing.id for key, routing in routings.items()}


def _boms(
    erp: Erp,
    company: Company,
    products: dict[str, int],
    routings: dict[str, int],
    units: dict[str, Any],
) -> dict[str, int]:
    Bom, Input, Output = (
        erp.model("production.bom"),
        erp.model("production.bom.input"),
        erp.model("production.bom.output"),
    )
    boms = {}
    for code, bom in company.boms.items():
        inputs = [
            Input(product=products[c], unit=units[company.items[c].unit], quantity=q)
            for c, q in bom.inputs.items()
        ]
        output = Output(product=products[code], unit=units["u"], quantity=bom.makes)
        boms[code] = Bom(name=company.items[code].name, code=code, inputs=inputs, outputs=[output])
        boms[code].routings = [routings[bom.routing]]
    erp.save(list(boms.values()))
    Link, LeadTime = erp.model("product.product-production.bom"), erp.model("production.lead_time")
    links, lead_times = [], []
    for code, bom in company.boms.items():
        routing = routings[bom.routing]
        days = 2 if bom.routing == "assembly" else 3
        common = {"product": products[code], "bom": boms[code], "routing": routing}
        links.append(Link(**common))
        lead_times.append(LeadTime(lead_time=timedelta(days=days), **common))
    erp.save(links)
    erp.save(lead_times)
    return {code: bom.id for code, bom in boms.items()}


def _order_points(
    erp: Erp, company: Company, plan: Plan, products: dict[str, int], warehouse: int
) -> None:
    OrderPoint = erp.model("stock.order_point")
    erp.save(
        [
            OrderPoint(
                type="production" if company.items[code].made else "purchase",
                product=products[code],
                location=warehouse,
                min_quantity=float(minimum),
                target_quantity=float(target),
            )
            for code, (minimum, target) in plan.order_points.items()
        ]
    )
