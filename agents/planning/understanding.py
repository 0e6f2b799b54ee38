"""Numbers and names that people know, turned into the ids that the ERP knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from regisseur.errors import InvalidInput
from regisseur.graphs.desk import Desk
from regisseur.tools.erp.ports import Production, Purchasing
from regisseur.tools.records import ProductionOrder, WorkCentre

MOST_NAMED = 8
"""Possibilities that an error names."""


async def identified(desk: Desk, values: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, by ids; raises InvalidInput naming the field that means nothing.

    A form with a day (``expected``) names a purchase order, one with a centre a work centre, all
    others a production order; ``purchase`` is one too.
    """
    found = dict(values)
    if found.get("centre"):
        centre = _centre(await desk.port(Production).work_centres(), str(found["centre"]))
        return found | {"centre": centre.id, "centre_named": centre.name}
    if not found.get("order"):
        return found
    text = str(found["order"])
    if "on" in found:
        return found | await _purchase(desk, text, "order")
    if found.get("purchase"):
        found |= await _purchase(desk, str(found["purchase"]), "purchase")
    orders = await desk.port(Production).open_production()
    order = _order(orders, text)
    _step(order, found.get("step"))
    return found | {"order": order.id, "order_named": order.number or order.item_label}


async def _purchase(desk: Desk, text: str, field: str) -> dict[str, str]:
    """An open purchase order, by its id, and what people call it."""
    purchases = await desk.port(Purchasing).open_orders()
    known = {one.id: (one.number or one.key or one.id) for one in purchases}
    chosen = one_of(text, known, field)
    return {field: chosen, f"{field}_named": known[chosen]}


def _order(orders: Sequence[ProductionOrder], text: str) -> ProductionOrder:
    chosen = one_of(text, {one.id: one.number or one.id for one in orders}, "order")
    return next(one for one in orders if one.id == chosen)


def _step(order: ProductionOrder, value: Any) -> None:
    """A position beyond the last step is a slip of the pen."""
    if value is None or not order.steps or not str(value).isdecimal():
        return
    if not 1 <= int(value) <= len(order.steps):
        steps = ", ".join(f"{n} {one.operation}" for n, one in enumerate(order.steps, start=1))
        raise InvalidInput(f"there is no step {value}, only {steps}", field="step")


def _centre(centres: Iterable[WorkCentre], text: str) -> WorkCentre:
    there = {one.id: one for one in centres if one.active}
    return there[one_of(text, {key: one.name for key, one in there.items()}, "centre")]


def one_of(text: str, known: Mapping[str, str], field: str) -> str:
    """By number or name, else by id."""
    wanted = text.casefold()
    named = [key for key, name in known.items() if name.casefold() == wanted]
    candidates = named or [key for key in known if key == text]
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise InvalidInput(f"{text!r} may be {', '.join(candidates)}; write its id", field=field)
    some = ", ".join(sorted(known.values())[:MOST_NAMED])
    more = " …" if len(known) > MOST_NAMED else ""
    raise InvalidInput(f"there is no {text!r}, only {some}{more}", field=field)
