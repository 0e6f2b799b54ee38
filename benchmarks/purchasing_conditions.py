"""Replay what the literature figures leave out, each against the honest alternative.

    python benchmarks/purchasing_conditions.py [--data FILE ...] [--items 120] [--output FILE]

The product's own code decides each week (``purchasing_shop.py``), at its default settings, on the
products of ``benchmarks/data`` or any file in their layout; a month is taken as four weeks, its units
spread over them by chance. Conditions:

* *lead times*: drawn for each order from a gamma distribution around a mean that may not be the
  agreed one: what past receipts teach, against the agreed days and against knowing the distribution;
* *quantities*: price breaks, minimum and packs drawn for each item;
* *season*: known factors by calendar month put into the series, or none;
* *cash*: 30 or 60 % of what a night proposes; the rest waits for the next review.

Costs are those of an item and week, in weeks of mean demand held; of *quantities* also what goods
cost above their basic price. Differences are to the product, paired by item (cash: by night), with
their standard error. Series for *quantities* and *season* are drawn from blocks of four weeks of the
real ones, as a year and a half of history is needed and cycles are long.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from purchasing import SAMPLE, machine
from purchasing_cash import LIMITS, RULES, nights
from purchasing_records import FIRST_NIGHT, Terms
from purchasing_replay import Series, read_series
from purchasing_shop import (
    CYCLE,
    WEEK,
    Believe,
    Decide,
    Night,
    Outcome,
    Shop,
    live,
    ordered,
    product,
)

from regisseur.agents.purchasing.forecast import Floats
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.supply import Candidate

RESULTS = Path(__file__).parent / "results" / "purchasing_conditions.json"
SEED = 11
MONTHS_AS_WEEKS = 4
KNOWN, WEEKS = 78, 130
"""Weeks of history, and in all, of drawn series."""
BLOCK = 4
LEAST_USED = 10
"""Weeks of the history with demand below which a drawn series is left out."""
AGREED = 14
REALLY = {"agreed is right": 1.0, "agreed too short": 1.5, "agreed too long": 0.7}
"""Mean lead time of a supplier, in times of the agreed one."""
ITEMS_OF_SUPPLIER = 6
PAST_ORDERS = 9
"""One every four weeks."""
Row = dict[str, Any]


def main() -> None:
    """Run, print, and write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", default=[SAMPLE], metavar="FILE")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--items", type=int, default=120, help="most of each set")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    results = json.loads(options.output.read_text()) if options.output.exists() else {}
    for file in options.data:
        series = some(read_series(file), options.items)
        demand, history = weekly(series)
        rows = []
        for row in conditions(demand, history):
            print(text(row), flush=True)
            rows.append(row)
        about = {"date": options.date, "machine": machine(), "items": len(demand)}
        results[series.name] = about | {"rows": rows}
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n")


def some(series: Series, most: int) -> Series:
    """At most so many items, evenly from all of them."""
    places = np.unique(np.linspace(0, len(series.demand) - 1, most).astype(np.int64))
    return replace(series, demand=series.demand[places])


def weekly(series: Series) -> tuple[Floats, int]:
    """Demand by weeks, and how many of them are history."""
    if series.lead_time > 1:
        return series.demand, series.history
    random = np.random.default_rng(SEED)
    shares = np.full(MONTHS_AS_WEEKS, 1 / MONTHS_AS_WEEKS)
    weeks = random.multinomial(series.demand.astype(np.int64), shares).astype(np.float64)
    return weeks.reshape(len(weeks), -1), MONTHS_AS_WEEKS * series.history


def conditions(demand: Floats, history: int) -> Iterator[Row]:
    """All of them."""
    yield from lead_times(demand, history)
    yield from quantities(demand)
    yield from season(demand)
    yield from cash(demand, history)


def lead_times(demand: Floats, history: int) -> Iterator[Row]:
    """Each item is bought from a supplier of each sort."""
    for variation in (0.3, 0.6):
        random = np.random.default_rng(SEED)
        shop, mean = suppliers(demand, history, variation, random)
        drawn = taken(mean, variation, random, shop.nights)

        def takes(item: int, week: int, days: Floats = drawn) -> int:
            return int(days[item, week])

        runs = {
            "the product": product,
            "agreed days": unlearned,
            "longer of agreed and 80 % point": by_belief(by_point),
            "distribution known": by_belief(known(mean, variation)),
        }
        outcomes = {name: live(shop, run, takes) for name, run in runs.items()}
        for place, sort in enumerate(REALLY):
            rows = slice(place * len(demand), (place + 1) * len(demand))
            case = f"variation {variation}, {sort}"
            yield from compared("lead times", case, outcomes, rows)


def suppliers(
    demand: Floats, history: int, variation: float, random: Generator
) -> tuple[Shop, Floats]:
    """The shop, and the mean days that each item's supplier takes."""
    items = len(demand)
    mean = AGREED * np.repeat(list(REALLY.values()), items)
    past = taken(mean, variation, random, PAST_ORDERS)
    days = [-WEEK * CYCLE * (PAST_ORDERS - n) for n in range(PAST_ORDERS)]
    receipts = tuple(
        (item, day, int(took))
        for item, row in enumerate(past)
        for day, took in zip(days, row, strict=True)
        if day + took < 0
    )
    terms = tuple(Terms(f"s{item // ITEMS_OF_SUPPLIER}", AGREED) for item in range(len(mean)))
    return Shop(np.tile(demand, (len(REALLY), 1)), history, terms, receipts=receipts), mean


def taken(mean: Floats, variation: float, random: Generator, orders: int) -> Floats:
    """Days that so many orders of each item take, at least one."""
    shape = 1 / variation**2
    days = random.gamma(shape, mean[:, None] / shape, (len(mean), orders))
    return np.maximum(np.round(days), 1)


def reckoned(candidate: Candidate, mean: float, variance: float) -> Candidate:
    """A supplier whose lead times are believed to have these moments."""
    lead = replace(candidate.lead, mean=mean, variance=variance)
    return replace(candidate, lead=lead, usual_cover=round(mean) + WEEK)


def known(mean: Floats, variation: float) -> Believe:
    """Mean and variance as they are drawn from."""

    def believe(item: int, candidate: Candidate) -> Candidate:
        days = float(mean[item])
        return reckoned(candidate, days, (variation * days) ** 2)

    return believe


def by_point(item: int, candidate: Candidate) -> Candidate:
    """The rule by which goods are promised."""
    return reckoned(candidate, candidate.lead.days, 0.0)


def by_belief(believe: Believe) -> Decide:
    """Order as the product with these suppliers."""
    return lambda night: ordered(night.lines(believe))


def unlearned(night: Night) -> Mapping[int, tuple[float, int]]:
    """Order by the agreed days alone."""
    return product(replace(night, state=replace(night.state, receipts=[])))


def quantities(demand: Floats) -> Iterator[Row]:
    """Two sorts of suppliers: with breaks, and with a minimum and packs as well."""
    for sort, steps in (("breaks", False), ("breaks, minimum, packs", True)):
        random = np.random.default_rng(SEED)
        drawn = resampled(demand, random)
        terms = tuple(offered(float(mean), random, steps) for mean in drawn[:, :KNOWN].mean(axis=1))
        shop = Shop(drawn, KNOWN, terms)
        cautious = replace(shop, settings=PurchasingSettings(break_weeks=12))
        outcomes = {
            "the product": live(shop, product),
            "breaks within 12 weeks only": live(cautious, product),
            "breaks ignored": live(shop, blind),
            "next break always": live(shop, next_break),
            "textbook quantity, uncapped": live(shop, textbook),
        }
        yield from compared("quantities", sort, outcomes)


def resampled(demand: Floats, random: Generator) -> Floats:
    """Longer series of the same items, from blocks of weeks drawn with replacement."""
    items, weeks = demand.shape
    first = random.integers(0, weeks - BLOCK + 1, (items, -(-WEEKS // BLOCK)))
    places = (first[:, :, None] + np.arange(BLOCK)).reshape(items, -1)[:, :WEEKS]
    drawn = np.take_along_axis(demand, places, axis=1)
    used: Floats = drawn[(drawn[:, :KNOWN] > 0).sum(axis=1) >= LEAST_USED]
    return used


def offered(weekly_use: float, random: Generator, steps: bool) -> Terms:
    """Two breaks between 1.2 and 12 economic quantities, each 0.5 to 6 % cheaper."""
    lot = CYCLE * weekly_use
    first = int(np.ceil(lot * random.uniform(1.2, 4)))
    second = int(np.ceil(first * random.uniform(1.5, 3)))
    cheaper, cheapest = np.cumprod(1 - random.uniform(0.005, 0.06, 2))
    pack = lot * random.choice([0.05, 0.25, 0.5])
    least = lot * random.choice([0, 0, 1, 2])
    return Terms(
        "s",
        AGREED,
        minimum=round(least) if steps else 0,
        multiple=max(round(pack), 1) if steps else 1,
        breaks=((0, 1.0), (first, float(cheaper)), (second, float(cheapest))),
    )


def blind(night: Night) -> Mapping[int, tuple[float, int]]:
    """Order as if there were no breaks."""
    terms = tuple(replace(terms, breaks=terms.breaks[:1]) for terms in night.shop.terms)
    return product(replace(night, shop=replace(night.shop, terms=terms)))


def next_break(night: Night) -> Mapping[int, tuple[float, int]]:
    """Raise every order to the next break."""

    def raised(terms: Terms, units: float) -> float:
        return next((float(least) for least, _ in terms.breaks if least > units), units)

    return {
        item: (packed(night.shop.terms[item], raised(night.shop.terms[item], units)), days)
        for item, (units, days) in blind(night).items()
    }


def textbook(night: Night) -> Mapping[int, tuple[float, int]]:
    """Raise every order to the quantity with the lowest yearly cost, by the mean of all history."""
    shop = night.shop

    def best(item: int) -> float:
        terms, mean = shop.terms[item], float(shop.mean[item])

        def cost(units: float) -> float:
            price = terms.price(units)
            ordering = CYCLE**2 / 2 / (units / mean)
            return price / shop.held_a_week + ordering + price * units / mean / 2

        sizes = [CYCLE * mean, *(least for least, _ in terms.breaks[1:])]
        return min((packed(terms, max(size, terms.minimum, 1)) for size in sizes), key=cost)

    return {item: (max(units, best(item)), days) for item, (units, days) in blind(night).items()}


def packed(terms: Terms, units: float) -> float:
    """Whole packs."""
    return float(np.ceil(units / terms.multiple - 1e-9) * terms.multiple)


def season(demand: Floats) -> Iterator[Row]:
    """Demand swings with the year, each item with a peak of its own; or it does not."""
    for sort, swing in (("none", 0.0), ("± 25 %", 0.25), ("± 60 %", 0.6)):
        random = np.random.default_rng(SEED)
        drawn = swung(resampled(demand, random), swing, random)
        shop = Shop(drawn, KNOWN, tuple(Terms("s", AGREED) for _ in drawn))
        without = replace(shop, settings=PurchasingSettings(seasonality=False))
        outcomes = {"the product": live(shop, product), "no season": live(without, product)}
        yield from compared("season", sort, outcomes)


def swung(demand: Floats, swing: float, random: Generator) -> Floats:
    """Multiply by the factor of the month; broken units are rounded by chance."""
    weeks = [FIRST_NIGHT + timedelta(weeks=week - KNOWN, days=3) for week in range(WEEKS)]
    month = np.array([day.month for day in weeks])
    peak = random.uniform(0, 12, (len(demand), 1))
    wanted = demand * (1 + swing * np.cos(2 * np.pi * (month - peak) / 12))
    whole: Floats = np.floor(wanted) + (random.random(wanted.shape) < wanted % 1)
    return whole


def cash(demand: Floats, history: int) -> Iterator[Row]:
    """Share of a night's avoidable shortage cost that is avoided within its limit."""
    avoided, total = nights(demand, history, np.random.default_rng(SEED))
    for limit in LIMITS:
        ours = avoided[limit, "the product"]
        for name in RULES:
            found = avoided[limit, name]
            difference = found - ours
            error = difference.std(ddof=1) * np.sqrt(len(found))
            yield {
                "condition": "cash",
                "case": f"{limit:.0%} of what is proposed",
                "policy": name,
                "avoided": round(float(found.sum() / total), 4),
                "difference": round(float(difference.sum() / total), 4),
                "error": round(float(error / total), 4),
            }


def compared(
    condition: str,
    case: str,
    outcomes: Mapping[str, Outcome],
    rows: slice = slice(None),
) -> Iterator[Row]:
    """Rows of one case, the product first; ``rows`` are the items that count."""
    usual = outcomes["the product"].cost[rows]
    for name, outcome in outcomes.items():
        difference = outcome.cost[rows] - usual
        yield {
            "condition": condition,
            "case": case,
            "policy": name,
            "cost": round(float(outcome.cost[rows].mean()), 4),
            "difference": round(float(difference.mean()), 4),
            "error": round(float(difference.std(ddof=1) / np.sqrt(len(difference))), 4),
            "fill": round(float(outcome.served[rows].sum() / outcome.asked[rows].sum()), 4),
            "stock": round(float(outcome.holding[rows].mean()), 4),
        }


def text(row: Row) -> str:
    """Lay out one row."""
    start = f"{row['condition']:<11} {row['case']:<32} {row['policy']:<32}"
    error = f"{row['difference']:+6.2f} ± {row['error']:4.2f}"
    if "avoided" in row:
        return f"{start} avoided {row['avoided']:6.1%}  {error}"
    return f"{start} cost {row['cost']:6.2f}  {error}  fill {row['fill']:.1%}  stock {row['stock']:.1f}"


if __name__ == "__main__":
    main()
