"""A draft that is already in the ERP is changed rather than joined by a second order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from regisseur.agents.purchasing.case import Case
from regisseur.agents.purchasing.line import Line
from regisseur.agents.purchasing.position import TINY, Incoming
from regisseur.agents.purchasing.proposals import out_of_stock
from regisseur.agents.purchasing.sentence import redrafted
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.supply import Candidate
from regisseur.agents.purchasing.words import amount, day, days, item_ref, quantity, say, title
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Proposal
from regisseur.tools.actions.change_draft_order import ChangedLine, ChangeDraftOrder
from regisseur.tools.records import Message, Supplier


@dataclass(frozen=True)
class Change:
    """One line of a draft order, as it should be."""

    case: Case
    entry: Incoming
    supplier: Supplier
    quantity: Decimal
    expected: date | None
    """``None`` leaves the date alone."""
    line: Line | None
    """The order that would be placed otherwise, if the quantity isn't enough."""
    stock_out: int | None

    @property
    def added(self) -> tuple[int, float] | None:
        """Days until the draft's added stock units are there, and how many; ``None`` if none."""
        drafted = self.entry.line
        units = (self.quantity - drafted.quantity) * drafted.unit.factor
        if self.line is None or not units:
            return None
        return self.line.option.candidate.arrival, float(units / self.case.item.unit.factor)


def _changeable(case: Case) -> list[Incoming]:
    """Drafts of people; our own half-written ones belong to whoever is performing them."""
    return [
        entry
        for entry in case.position.incoming
        if entry.order.state == "draft" and not entry.order.ours_untouched
    ]


def raised(line: Line, on: date) -> Change | None:
    """A line that is due goes onto the draft to the same supplier, if there is one.

    A draft that comes after the time to cover is brought forward first, and raised only by what is
    then still missing.
    """
    candidate = line.option.candidate
    for entry in _changeable(line.case):
        if entry.order.supplier_id != line.supplier.id or entry.line.unit != candidate.offer.unit:
            continue
        in_time = entry.day <= candidate.cover
        expected = _sooner(entry, candidate, line.stock_out if in_time else -1, on)
        missing = line.option.wanted - (0.0 if in_time else entry.quantity)
        quantity_after = entry.line.quantity
        if missing > TINY:
            total = candidate.rounded_up(entry.quantity + missing)
            quantity_after += total - entry.line.outstanding
        if expected is not None or quantity_after > entry.line.quantity:
            return Change(
                line.case, entry, line.supplier, quantity_after, expected, line, line.stock_out
            )
    return None


def pulled(case: Case, on: date) -> Change | None:
    """Enough is in draft but it comes after the stock-out, and the supplier can be faster."""
    out = case.position.stock_out()
    by_supplier = {c.supplier.id: c for c in reversed(case.candidates)}
    for entry in _changeable(case):
        candidate = by_supplier.get(entry.order.supplier_id)
        sooner = None if candidate is None else _sooner(entry, candidate, out, on)
        if candidate is not None and sooner is not None:
            return Change(case, entry, candidate.supplier, entry.line.quantity, sooner, None, out)
    return None


def _sooner(entry: Incoming, candidate: Candidate, out: int | None, on: date) -> date | None:
    """The earliest day, where the draft's own comes after the stock-out and later than need be."""
    planned = entry.line.expected
    earliest = on + timedelta(days=candidate.arrival)
    if out is None or planned is None or planned <= earliest or entry.day <= out:
        return None
    return earliest


def change_proposals(changes: Sequence[Change], brief: Brief[PurchasingSettings]) -> list[Proposal]:
    """One proposal a draft order."""
    orders: dict[str, list[Change]] = defaultdict(list)
    for change in sorted(changes, key=lambda c: (c.entry.order.id, c.entry.line.id)):
        orders[change.entry.order.id].append(change)
    return [_proposal(orders[order], brief) for order in sorted(orders)]


def _proposal(changes: list[Change], brief: Brief[PurchasingSettings]) -> Proposal:
    order, supplier = changes[0].entry.order, changes[0].supplier
    label = order.number or order.key or order.id
    lines = [change.line for change in changes if change.line is not None]
    arguments = ChangeDraftOrder(
        order_id=order.id,
        order_label=label,
        supplier_id=supplier.id,
        supplier_name=supplier.name,
        lines=tuple(_changed(change) for change in changes),
    )
    return Proposal(
        kind="change_draft_order",
        arguments=arguments.model_dump(mode="json"),
        reason=say.counted(
            "{count} line of draft {order} is too little or too late",
            "{count} lines of draft {order} are too little or too late",
            len(changes),
            order=label,
        ),
        details=tuple(_detail(change, brief) for change in changes),
        evidence=(order.ref(), *(item_ref(change.case.item) for change in changes)),
        cost_of_waiting=amount(sum(line.waiting_day for line in lines), brief.company.currency),
        otherwise=out_of_stock(lines, brief),
        decide_by=min(
            (max(line.order_by, brief.on) for line in lines if line.order_by), default=None
        ),
        confidence=Decimal("0.75"),
    )


def _changed(change: Change) -> ChangedLine:
    line = change.entry.line
    return ChangedLine(
        line_id=line.id,
        item_label=title(change.case.item),
        unit=line.unit,
        quantity_before=line.quantity,
        quantity_after=change.quantity,
        expected_before=line.expected,
        expected_after=change.expected,
    )


def _detail(change: Change, brief: Brief[PurchasingSettings]) -> Message:
    line, unit = change.entry.line, change.entry.line.unit
    if change.line is not None and change.quantity != line.quantity:
        return redrafted(
            change.line,
            quantity(line.quantity, unit),
            quantity(change.quantity, unit),
            change.expected or line.expected or brief.on,
            brief,
        )
    dates = {"was": day(line.expected or brief.on), "now": day(change.expected or brief.on)}
    item = title(change.case.item)
    if change.stock_out is None:
        return say("{item}: the draft, expected on {was}, is needed by {now}", item=item, **dates)
    return say(
        "{item}: out of stock in {days}; the draft is expected on {was} and can come on {now}",
        item=item,
        days=days(change.stock_out),
        **dates,
    )
