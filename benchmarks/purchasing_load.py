"""How long a night of 10,000 items takes to judge, and how much memory.

    python benchmarks/purchasing_load.py [--items 10000] [--weeks 25]

The company is invented from one seed, as observed: 78 weeks of use of every item, a third of them
used seldom, one to three offers, stock for one to ``--weeks`` weeks (25 make a fifth of the items
due, 10 half of them), open orders for a fifth, receipts,
minimum rules, and known needs for a fifth. Prints CPU seconds of the judgement alone, and the
greatest memory of the process, imports and what was observed included, as one line of JSON.
``benchmarks/purchasing.py`` starts it in a process of its own.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.random import Generator

from regisseur.agents.purchasing import AGENT
from regisseur.agents.purchasing.forecast import Floats
from regisseur.agents.purchasing.observation import Observation, Site, Use, history_weeks
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.graphs.agent import Brief
from regisseur.tools.records import (
    Company,
    Item,
    Offer,
    PriceBreak,
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    RecordRef,
    ReorderRule,
    Requirement,
    StockLevel,
    Supplier,
    Unit,
    Warehouse,
)

ON = date(2026, 11, 23)
SEED = 3
SUPPLIERS = 150
PIECE = Unit(id="u", symbol="u", category="unit", factor=Decimal(1))
HERE = Warehouse(id="1", name="Main")
SETTINGS = PurchasingSettings()
WEEKS = history_weeks(SETTINGS)


def main() -> None:
    """Invent the company, judge it, print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--weeks", type=int, default=25, help="most weeks of use in stock")
    options = parser.parse_args()
    seen = company(options.items, options.weeks)
    brief: Brief[PurchasingSettings] = Brief(
        company=Company(id="c", name="Company"), on=ON, settings=SETTINGS
    )
    began = time.process_time()
    judgement = AGENT.judge(seen, brief)
    seconds = time.process_time() - began
    figures = {
        "items": options.items,
        "lines": sum(
            len(p.details) for p in judgement.proposals if p.kind == "place_purchase_order"
        ),
        "cpu_seconds": round(seconds, 2),
        "peak_megabytes": peak_megabytes(),
    }
    print(json.dumps(figures))


def peak_megabytes() -> int:
    """Greatest memory of this program; on Linux ``ru_maxrss`` would count whoever started it too."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (x for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
        return round(int(line.split()[1]) / 2**10)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))


def company(count: int, weeks: int) -> Observation:
    """All that a night would observe."""
    random = np.random.default_rng(SEED)
    ids = [str(n) for n in range(count)]
    rate = random.lognormal(1.0, 1.2, count)
    price = np.round(random.lognormal(1.5, 1.2, count), 2) + 0.05
    return Observation(
        on=ON,
        weeks=WEEKS,
        items=tuple(
            Item(id=n, code=f"A{n}", name="Thing", unit=PIECE, cost=_decimal(worth))
            for n, worth in zip(ids, price, strict=True)
        ),
        suppliers=tuple(Supplier(id=str(n), name=f"Supplier {n}") for n in range(SUPPLIERS)),
        offers=tuple(_offers(ids, price, random)),
        orders=tuple(_orders(ids, rate, random)),
        receipts=tuple(_receipts(ids, random)),
        sites=(
            Site(
                warehouse=HERE,
                stock=tuple(_stock(ids, rate, weeks, random)),
                uses=tuple(_uses(ids, rate, random)),
                requirements=tuple(_needs(ids, rate, random)),
                rules=tuple(_rules(ids, rate, random)),
            ),
        ),
    )


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


def _day(days: int) -> date:
    return ON + timedelta(days=days)


def _offers(ids: Sequence[str], price: Floats, random: Generator) -> Iterator[Offer]:
    for n, worth in zip(ids, price, strict=True):
        for rank in range(random.integers(1, 4)):
            paid = worth * (1 + 0.05 * rank)
            breaks = [PriceBreak(minimum=Decimal(0), unit_price=_decimal(paid))]
            if random.random() < 0.3:
                breaks.append(PriceBreak(minimum=Decimal(100), unit_price=_decimal(0.95 * paid)))
            yield Offer(
                id=f"{n}-{rank}",
                item_id=n,
                supplier_id=str(random.integers(SUPPLIERS)),
                unit=PIECE,
                currency="EUR",
                breaks=tuple(breaks),
                lead_time=int(random.integers(2, 40)),
                multiple=Decimal(int(random.choice([0, 10, 25]))),
                rank=rank,
            )


def _stock(ids: Sequence[str], rate: Floats, weeks: int, random: Generator) -> Iterator[StockLevel]:
    for n, weekly in zip(ids, rate, strict=True):
        there = Decimal(int(weekly * random.uniform(1, weeks)))
        yield StockLevel(item_id=n, warehouse_id=HERE.id, on_hand=there, last_counted=_day(-90))


def _uses(ids: Sequence[str], rate: Floats, random: Generator) -> Iterator[Use]:
    for n, weekly in zip(ids, rate, strict=True):
        seldom = random.random() < 1 / 3
        used = random.poisson(weekly * random.gamma(2, 0.5, WEEKS))
        used = np.where(random.random(WEEKS) < (0.15 if seldom else 0.85), used, 0)
        weeks = np.flatnonzero(used)
        if not len(weeks):
            continue
        first, last = (_day(-7 * (WEEKS - int(week)) + 3) for week in (weeks[0], weeks[-1]))
        yield Use(item_id=n, first=first, last=last, sold=tuple(used.tolist()))


def _orders(ids: Sequence[str], rate: Floats, random: Generator) -> Iterator[PurchaseOrder]:
    for n, weekly in zip(ids, rate, strict=True):
        if random.random() < 0.2:
            some = Decimal(max(int(4 * weekly), 1))
            line = PurchaseOrderLine(
                id=f"l{n}",
                item_id=n,
                quantity=some,
                outstanding=some,
                unit=PIECE,
                unit_price=Decimal(1),
                expected=_day(int(random.integers(-5, 30))),
            )
            yield PurchaseOrder(
                id=f"o{n}",
                number=f"P{n}",
                key=None,
                supplier_id=str(random.integers(SUPPLIERS)),
                warehouse_id=HERE.id,
                currency="EUR",
                state="confirmed",
                ordered_on=_day(-20),
                lines=(line,),
            )


def _receipts(ids: Sequence[str], random: Generator) -> Iterator[Receipt]:
    for n in ids:
        for _ in range(random.integers(0, 4)):
            ordered = int(random.integers(-400, -60))
            yield Receipt(
                supplier_id=str(random.integers(SUPPLIERS)),
                item_id=n,
                ordered_on=_day(ordered),
                received_on=_day(ordered + int(random.integers(2, 50))),
                quantity=Decimal(10),
            )


def _needs(ids: Sequence[str], rate: Floats, random: Generator) -> Iterator[Requirement]:
    for n, weekly in zip(ids, rate, strict=True):
        if random.random() < 0.2:
            yield Requirement(
                item_id=n,
                warehouse_id=HERE.id,
                date=_day(int(random.integers(1, 40))),
                quantity=Decimal(max(int(2 * weekly), 1)),
                use="sale",
                firm=True,
                source=RecordRef(model="sale", id=f"s{n}", label=f"S{n}"),
            )


def _rules(ids: Sequence[str], rate: Floats, random: Generator) -> Iterator[ReorderRule]:
    for n, weekly in zip(ids, rate, strict=True):
        if random.random() < 0.5:
            least = Decimal(int(weekly * random.uniform(0, 8)))
            yield ReorderRule(
                item_id=n, warehouse_id=HERE.id, minimum=least, target=least + Decimal(10)
            )


if __name__ == "__main__":
    main()
