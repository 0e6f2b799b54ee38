"""The company as written down in ``data/*.toml``: parties, items, bills of materials, documents."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "data"
ANCHOR = date(2026, 11, 23)
SEED = 2026
FIRST_DAY = date(2025, 5, 26)


@dataclass(frozen=True)
class Supplier:
    """Who sells to us. ``lead_days`` are calendar days; amounts are EUR."""

    code: str
    name: str
    city: str
    zip: str
    lead_days: int
    minimum_order: int = 0
    free_carriage: int = 0
    closures: tuple[str, ...] = ()
    archived: bool = False


@dataclass(frozen=True)
class Customer:
    """Who buys from us; ``term`` is a payment term of the settings."""

    code: str
    name: str
    city: str
    zip: str
    street: str = "rue des Métiers"
    country: str = "FR"
    language: str = "fr"
    siren: str = ""
    vat: str = ""
    email: bool = True
    phone: bool = True
    term: str = "30"


@dataclass(frozen=True)
class Offer:
    """What a supplier asks for an item: quantities and prices are per buying unit."""

    party: str
    prices: tuple[tuple[float, float], ...]
    lead_days: int | None = None
    at_least: float | None = None
    pack: float | None = None


@dataclass(frozen=True)
class Demand:
    """Mean weekly demand of an item of its own, and the shape of it."""

    mean: float = 0.0
    shape: str = "steady"


@dataclass(frozen=True)
class Item:
    """One product. Quantities are in ``unit``, money in EUR per ``unit``."""

    code: str
    name: str
    family: str
    cost: float
    unit: str = "u"
    buy_unit: str | None = None
    price: float | None = None
    demand: Demand = Demand()
    stock: float | None = None
    minimum: float | Literal[False] | None = None
    lot: float | None = None
    offers: tuple[Offer, ...] = ()
    documents: int = 0
    orders: int = 0
    counted: str = "yearly"

    @property
    def made(self) -> bool:
        """Whether the workshop makes it."""
        return self.family in ("finished", "semi")

    @property
    def sold(self) -> bool:
        """Whether customers buy it."""
        return self.family in ("finished", "resale")


@dataclass(frozen=True)
class Bom:
    """What a batch of ``makes`` pieces eats."""

    product: str
    inputs: dict[str, float]
    routing: str
    makes: int = 1


@dataclass(frozen=True)
class Line:
    """A line of a document, in stock units."""

    item: str
    quantity: float


@dataclass(frozen=True)
class Document:
    """A purchase or a sale that goes through the ERP's own chain.

    ``promised`` is the shipping day of a sale; Tryton works out a purchase's from the lead times.
    ``reserve`` picks the goods of an open sale: what is there (``try``), or all of it (``force``).
    ``paid_on`` is the day of the payment where it is not the usual one.
    """

    party: str
    day: date
    lines: tuple[Line, ...]
    fate: str
    reference: str = ""
    note: str = ""
    done_on: date | None = None
    promised: date | None = None
    reserve: str = ""
    paid_on: date | None = None


@dataclass(frozen=True)
class OldInvoice:
    """An invoice that a customer paid ``days`` after it was due (before it, where negative)."""

    party: str
    day: date
    days: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Cycle:
    """What the workshop typed in of an operation ``at`` a time (UTC, as Tryton keeps it): that it
    is done and took so many minutes, or without minutes that it has begun.
    """

    operation: str
    at: datetime
    minutes: int | None = None


@dataclass(frozen=True)
class Order:
    """A production order.

    ``number`` is empty for what the ERP does not number; ``bare`` has neither routing nor centre;
    ``centres`` are machines by operation, where the dice of the ERP are not to decide.
    """

    product: str
    quantity: int
    start: date
    end: date
    state: str
    number: str = ""
    reference: str = ""
    bare: bool = False
    centres: dict[str, str] = field(default_factory=dict)
    cycles: tuple[Cycle, ...] = ()


@dataclass(frozen=True)
class Company:
    """Everything that is written down."""

    suppliers: dict[str, Supplier]
    customers: dict[str, Customer]
    items: dict[str, Item]
    boms: dict[str, Bom]
    purchases: tuple[Document, ...] = ()
    sales: tuple[Document, ...] = ()
    productions: tuple[Order, ...] = ()
    old_invoices: tuple[OldInvoice, ...] = ()


def load() -> Company:
    """Read the TOML files. A key that no field knows is a ``TypeError``."""
    parties, documents = _toml("parties"), _toml("documents")
    return Company(
        suppliers={c: _supplier(c, t) for c, t in parties["suppliers"].items()},
        customers={c: Customer(code=c, **t) for c, t in parties["customers"].items()},
        items={c: _item(c, t) for c, t in _toml("items").items()},
        boms={c: Bom(product=c, **t) for c, t in _toml("boms").items()},
        purchases=tuple(_document(t) for t in documents["purchase"]),
        sales=tuple(_document(t) for t in documents["sale"]),
        productions=tuple(_orders(documents["production"])),
        old_invoices=tuple(_old_invoice(t) for t in documents["invoice"]),
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _supplier(code: str, table: dict[str, Any]) -> Supplier:
    closures = tuple(table.pop("closures", ()))
    return Supplier(code=code, closures=closures, **table)


def _item(code: str, table: dict[str, Any]) -> Item:
    offers = tuple(_offer(offer) for offer in table.pop("suppliers", ()))
    demand = Demand(**table.pop("demand", {}))
    return Item(code=code, offers=offers, demand=demand, **table)


def _offer(table: dict[str, Any]) -> Offer:
    prices = tuple((float(quantity), float(price)) for quantity, price in table.pop("prices"))
    return Offer(prices=prices, **table)


def _document(table: dict[str, Any]) -> Document:
    return Document(lines=_lines(table.pop("lines")), **table)


def _old_invoice(table: dict[str, Any]) -> OldInvoice:
    return OldInvoice(lines=_lines(table.pop("lines")), **table)


def _lines(table: dict[str, float]) -> tuple[Line, ...]:
    return tuple(Line(item, quantity) for item, quantity in table.items())


def _orders(tables: list[dict[str, Any]]) -> Iterator[Order]:
    """Tryton numbers an order when it is given to the workshop."""
    numbers = count(1)
    for table in tables:
        cycles = tuple(Cycle(**cycle) for cycle in table.pop("cycles", ()))
        number = "" if table["state"] in ("request", "draft") else str(next(numbers))
        yield Order(number=number, cycles=cycles, **table)
