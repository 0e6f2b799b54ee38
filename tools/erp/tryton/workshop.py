"""Where and how things are made, and how long it took: Tryton's work centres, routings, bills of
materials and finished cycles.

Tryton keeps no times of operations, no capacity and no calendars of work centres: only how long
each finished cycle of work took.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from regisseur.tools.erp.together import together
from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.values import converted, factor, place, quantity
from regisseur.tools.records import (
    BillOfMaterials,
    Component,
    Cycle,
    Routing,
    RoutingStep,
    WorkCentre,
)

CENTRE = "production.work.center"
_CYCLE_FIELDS = (
    "duration",
    "create_date",
    "write_date",
    "work.work_center",
    "work.operation.name",
    "work.production.product",
    "work.production.quantity",
    "work.production.routing",
    "work.production.effective_start_date",
    "work.production.effective_date",
    "work.production.unit.rate",
    "work.production.unit.factor",
    "work.production.product.default_uom.rate",
    "work.production.product.default_uom.factor",
)
_Parts = defaultdict[int, Decimal]


class TrytonWorkshop:
    """The part of the port ``Production`` that does not change from day to day."""

    client: Client

    async def work_centres(self) -> Sequence[WorkCentre]:
        """Active work centres without others below them; a group is a category, by its name."""
        company = (await self.client.session()).company
        rows = await self.client.read_all(
            CENTRE, [["company", "=", company]], ["name", "children", "category.name"]
        )
        return [
            WorkCentre(
                id=str(row["id"]),
                name=row["name"],
                group=name_of(row["category."]),
                url=self.client.link(CENTRE, row["id"]),
            )
            for row in rows
            if not row["children"]
        ]

    async def routings(self) -> Sequence[Routing]:
        """Active routings; a step's group is the category of its operation."""
        rows = await self.client.read_all(
            "production.routing",
            [],
            [
                "name",
                "steps.sequence",
                "steps.operation.name",
                "steps.operation.work_center_category.name",
            ],
        )
        return [
            Routing(
                id=str(row["id"]),
                name=row["name"],
                steps=tuple(
                    RoutingStep(
                        operation_id=str(step["operation."]["id"]),
                        operation=step["operation."]["name"],
                        group=name_of(step["operation."]["work_center_category."]),
                    )
                    for step in sorted(row["steps."], key=place)
                ),
            )
            for row in rows
        ]

    async def bills(self) -> Sequence[BillOfMaterials]:
        """Active bills, one for each product that they make; a product's usual bill comes first.

        Phantoms are replaced by what they hold. The routing is the one chosen for the product,
        else the only one that the bill allows.
        """
        async with together() as reads:
            bills = reads.create_task(self._bills())
            usual = reads.create_task(
                self.client.read_all(
                    "product.product-production.bom", [], ["product", "bom", "routing", "sequence"]
                )
            )
        phantoms = {row["id"]: row for row in bills.result() if row["phantom"]}
        chosen = {
            (row["product"], row["bom"]): (rank, row["routing"])
            for rank, row in enumerate(sorted(usual.result(), key=place))
        }
        ranked = [
            (chosen.get((product, row["id"]), (len(chosen), None)), row["id"], row, product, made)
            for row in bills.result()
            if not row["phantom"]
            for product, made in _made(row).items()
        ]
        return [
            _bill(row, product, made, routing, phantoms)
            for (_, routing), _, row, product, made in sorted(ranked, key=_rank)
        ]

    async def _bills(self) -> list[Row]:
        line = ["product", "quantity", "unit.rate", "unit.factor"]
        line += ["product.default_uom.rate", "product.default_uom.factor"]
        return await self.client.read_all(
            "production.bom",
            [],
            [
                "phantom",
                "phantom_quantity",
                "phantom_unit.rate",
                "phantom_unit.factor",
                "routings",
                "inputs.phantom_bom",
                *(f"inputs.{name}" for name in line),
                *(f"outputs.{name}" for name in line),
            ],
        )

    async def cycles(self, since: date) -> Sequence[Cycle]:
        """Finished cycles of orders that were not cancelled.

        Tryton writes down when a cycle was entered, not when the work was done: the day is that of
        its last change, but within the days between which the order was made.
        """
        company = (await self.client.session()).company
        async with together() as reads:
            rows = reads.create_task(
                self.client.read_all(
                    "production.work.cycle",
                    [
                        ["company", "=", company],
                        ["state", "=", "done"],
                        ["work.work_center", "!=", None],
                        ["work.production.state", "!=", "cancelled"],
                        ["work.production.product", "!=", None],
                        [
                            "OR",
                            ["work.production.effective_date", "=", None],
                            ["work.production.effective_date", ">=", since],
                        ],
                    ],
                    _CYCLE_FIELDS,
                )
            )
            today = reads.create_task(self.client.read("model.ir.date.today"))
        found = [_cycle(row, today.result()) for row in rows.result()]
        return sorted((one for one in found if one.on >= since), key=_day)


def name_of(row: Row | None) -> str | None:
    """The name in a dotted answer, ``None`` where it points nowhere."""
    return row["name"] if row else None


def minutes(span: timedelta | None) -> Decimal:
    """Of working time, to the hundredth; none is zero."""
    return quantity(round((span or timedelta()) / timedelta(minutes=1), 2))


def reported_on(cycle: Row, production: Row, today: date) -> date:
    """The day of a cycle's last change, within those between which its order was made."""
    entered: date = (cycle["write_date"] or cycle["create_date"]).date()
    first = production["effective_start_date"] or date.min
    last = production["effective_date"] or today
    return max(first, min(entered, last))


def _cycle(row: Row, today: date) -> Cycle:
    work, production = row["work."], row["work."]["production."]
    amount = quantity(production["quantity"])
    if production["unit."]:
        stock_unit = production["product."]["default_uom."]
        amount = quantity(converted(amount, production["unit."], stock_unit))
    return Cycle(
        order_id=str(production["id"]),
        item_id=str(production["product."]["id"]),
        quantity=amount,
        routing_id=str(production["routing"]) if production["routing"] else None,
        operation_id=str(work["operation."]["id"]),
        operation=work["operation."]["name"],
        work_centre_id=str(work["work_center"]),
        minutes=minutes(row["duration"]),
        on=reported_on(row, production, today),
    )


def _day(cycle: Cycle) -> date:
    return cycle.on


def _made(bill: Row) -> Mapping[int, Decimal]:
    """What a bill makes, in each product's stock unit."""
    made: _Parts = defaultdict(Decimal)
    for line in bill["outputs."]:
        if line["product."] and line["quantity"]:
            made[line["product."]["id"]] += _stocked(line)
    return made


def _rank(entry: tuple[tuple[int, int | None], int, Any, int, Any]) -> tuple[int, int, int]:
    (rank, _), bill, _, product, _ = entry
    return rank, bill, product


def _bill(
    row: Row, product: int, made: Decimal, routing: int | None, phantoms: Mapping[int, Row]
) -> BillOfMaterials:
    if routing is None and len(row["routings"]) == 1:
        (routing,) = row["routings"]
    needed: _Parts = defaultdict(Decimal)
    _add(needed, row["inputs."], Decimal(1), phantoms, frozenset())
    return BillOfMaterials(
        id=str(row["id"]),
        item_id=str(product),
        components=tuple(
            Component(item_id=str(part), quantity=_rounded(amount / made))
            for part, amount in needed.items()
            if amount
        ),
        routing_id=str(routing) if routing else None,
    )


def _add(
    needed: _Parts,
    lines: Iterable[Row],
    times: Decimal,
    phantoms: Mapping[int, Row],
    inside: frozenset[int],
) -> None:
    """Add the components of these lines; a phantom within itself is passed over."""
    for line in lines:
        phantom = phantoms.get(line["phantom_bom"] or 0)
        if line["product."]:
            needed[line["product."]["id"]] += times * _stocked(line)
        elif phantom and phantom["id"] not in inside and phantom["phantom_quantity"]:
            asked = quantity(line["quantity"]) * factor(line["unit."])
            whole = quantity(phantom["phantom_quantity"]) * factor(phantom["phantom_unit."])
            within = inside | {phantom["id"]}
            _add(needed, phantom["inputs."], times * asked / whole, phantoms, within)


def _stocked(line: Row) -> Decimal:
    """The quantity of a line in its product's stock unit."""
    stock_unit = line["product."]["default_uom."]
    return quantity(line["quantity"]) * factor(line["unit."]) / factor(stock_unit)


def _rounded(amount: Decimal) -> Decimal:
    return quantity(amount.quantize(Decimal("0.000001")))
