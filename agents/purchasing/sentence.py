"""One sentence per line, with the numbers that a buyer would ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from regisseur.agents.purchasing.choice import Option
from regisseur.agents.purchasing.leadtime import closed_from
from regisseur.agents.purchasing.line import Line
from regisseur.agents.purchasing.position import TINY
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.supply import Candidate
from regisseur.agents.purchasing.words import (
    amount,
    day,
    days,
    joined,
    number,
    quantity,
    rate,
    rough,
    say,
    title,
)
from regisseur.graphs.agent import Brief
from regisseur.tools.records import Message, Value

PRICE_DIGITS = 4
LEAST_SEASON = 0.05
"""A season that moves demand by less is not worth a word."""
LEAST_TOLD = 1
"""Costs of waiting below this are called small, company currency."""


def explained(line: Line, brief: Brief[PurchasingSettings]) -> Message:
    """Stock, demand, dates, quantity, price and the cost of not buying."""
    currency = brief.company.currency
    return say(
        "{state}; {quantity}: {why}; {price}, {alternative}; {waiting}",
        state=_state(line, brief),
        quantity=quantity(line.option.quantity, line.option.candidate.offer.unit),
        why=joined(_why(line, brief)),
        price=price(line.option, currency),
        alternative=_alternative(line, currency),
        waiting=_waiting(line, currency),
    )


def redrafted(
    line: Line, was: Value, now: Value, on: date, brief: Brief[PurchasingSettings]
) -> Message:
    """The same for a draft that is changed."""
    return say(
        "{state}; {was} in draft become {now} for {day}: {why}; {waiting}",
        state=_state(line, brief),
        was=was,
        now=now,
        day=day(on),
        why=joined(_why(line, brief)[:1]),
        waiting=_waiting(line, brief.company.currency),
    )


def _state(line: Line, brief: Brief[PurchasingSettings]) -> Message:
    return say(
        "{item}: {stock}, {rate} a day{season}; {stock_out}, {lead}{order_by}",
        item=title(line.case.item),
        stock=_stock(line),
        rate=rate(line.case.rate, line.case.item.unit),
        season=_season(line),
        stock_out=_stock_out(line),
        lead=_lead(line, brief),
        order_by=_order_by(line, brief.on),
    )


def _waiting(line: Line, currency: str) -> Message:
    if line.waiting_review < LEAST_TOLD:
        return _little(currency)
    per_review = amount(line.waiting_review, currency)
    if line.waiting_day < LEAST_TOLD:
        return say("not buying costs {per_review} until the next review", per_review=per_review)
    return say(
        "not buying costs {per_day} a day, {per_review} until the next review",
        per_day=amount(line.waiting_day, currency),
        per_review=per_review,
    )


@lru_cache(maxsize=8)
def _little(currency: str) -> Message:
    """Most lines end with this."""
    least = amount(LEAST_TOLD, currency, 0)
    return say("not buying costs less than {least} until the next review", least=least)


def price(option: Option, currency: str) -> Message:
    """Unit price and amount."""
    return say(
        "{price} {currency}/{unit}, {amount} in all",
        price=number(float(option.unit_price), PRICE_DIGITS),
        currency=currency,
        unit=option.candidate.offer.unit.symbol,
        amount=amount(option.amount, currency),
    )


def _stock(line: Line) -> Value:
    position, unit = line.case.position, line.case.item.unit
    on_hand = quantity(position.on_hand, unit)
    if position.reserved <= TINY and position.on_order <= TINY:
        return say("{on_hand} on hand, none reserved or on order", on_hand=on_hand)
    parts = [
        say(
            "{on_hand} on hand ({reserved} reserved)",
            on_hand=on_hand,
            reserved=quantity(position.reserved, unit),
        ),
        say("{on_order} on order", on_order=quantity(position.on_order, unit)),
    ]
    late = sum(entry.quantity for entry in line.late)
    draft = sum(entry.quantity for entry in line.drafts)
    if late > TINY:
        parts.append(say("{late} of it late", late=quantity(late, unit)))
    if draft > TINY:
        parts.append(say("{draft} of it not confirmed yet", draft=quantity(draft, unit)))
    return joined(parts)


def _season(line: Line) -> Value:
    outlook, cover = line.case.outlook, line.option.candidate.cover
    if line.case.regime != "forecast" or outlook is None or outlook.season is None or not cover:
        return ""
    factor = outlook.mean(cover) / (outlook.rate * cover) if outlook.rate > 0 else 1.0
    if abs(factor - 1) < LEAST_SEASON:
        return ""
    return say(" (season: × {factor})", factor=number(factor, 2))


def _stock_out(line: Line) -> Message:
    if line.bridge is None:
        return _runs_out(line.stock_out, line.stock_out_without_late)
    return say(
        "with {units} from {supplier} {stock_out}",
        units=quantity(line.bridge.quantity, line.bridge.candidate.offer.unit),
        supplier=line.bridge.candidate.supplier.name,
        stock_out=_runs_out(line.stock_out, line.stock_out_without_late),
    )


@lru_cache(maxsize=1024)
def _runs_out(out: int | None, bare: int | None) -> Message:
    """Days until then, with late orders and without."""
    if out is None:
        if bare is None:
            return say("no stock-out in sight")
        return say("no stock-out in sight if late orders come, else in {days}", days=days(bare))
    if bare is not None and bare < out:
        return say(
            "out of stock in {days}, in {bare} if late orders don't come",
            days=days(out),
            bare=days(bare),
        )
    return say("out of stock in {days}", days=days(out)) if out else say("out of stock today")


def _lead(line: Line, brief: Brief[PurchasingSettings]) -> Message:
    """Days to delivery and where they come from; what a closure ahead would make of them."""
    candidate = line.option.candidate
    later = candidate.cover - brief.settings.review_days
    closing = closed_from(brief.on, candidate.terms.closures, candidate.cover)
    if closing is None or later <= max(candidate.arrival, candidate.lead.days):
        return _lead_time(candidate)
    return say(
        "{lead} (closed from {day}: {later} if the next review is waited for)",
        lead=_lead_time(candidate),
        day=day(closing),
        later=days(later),
    )


def _lead_time(candidate: Candidate) -> Message:
    lead = candidate.lead
    if candidate.arrival > lead.days:
        return say(
            "{days} to delivery, supplier closed for {closed} of them",
            days=days(candidate.arrival),
            closed=candidate.arrival - lead.days,
        )
    if lead.learned is None:
        return say("{days} to delivery as agreed", days=days(lead.days))
    if lead.agreed is None or lead.learned > lead.agreed:
        return say(
            "{days} to delivery as {count} receipts show",
            days=days(lead.days),
            count=lead.receipts,
        )
    return say(
        "{days} to delivery as agreed ({learned} by {count} receipts)",
        days=days(lead.days),
        learned=lead.learned,
        count=lead.receipts,
    )


def _order_by(line: Line, on: date) -> Value:
    """The last day to order, and why today where that day is far."""
    if line.order_by is None:
        return say(", ordered now to keep the safety stock") if line.lacking > TINY else ""
    if line.order_by < on:
        return say(", should have been ordered by {day}", day=day(line.order_by))
    if line.order_by == on:
        return say(", today is the last day to order in time")
    if line.urgent or line.lacking <= TINY:
        return say(", to be ordered by {day}", day=day(line.order_by))
    return say(
        ", ordered now to keep the safety stock, by {day} at the latest to avoid the stock-out",
        day=day(line.order_by),
    )


def _why(line: Line, brief: Brief[PurchasingSettings]) -> list[Message]:
    """What the quantity comes from, from the need to the supplier's conditions."""
    option, unit = line.option, line.case.item.unit
    offer, minimum = option.candidate.offer, option.candidate.minimum
    weeks = brief.settings.coverage_weeks
    reasons = [_need(line)]
    if option.capped:
        reasons.append(say("cut to {weeks} weeks of use", weeks=weeks))
    if option.at_break:
        reasons.append(say("raised to the cheaper price break"))
    if option.units > option.wanted + TINY and option.quantity == minimum:
        reasons.append(say("least quantity {minimum}", minimum=quantity(minimum, offer.unit)))
    if offer.multiple > 1:
        reasons.append(say("packs of {pack}", pack=quantity(offer.multiple, offer.unit)))
    elif option.units < rough(option.wanted, unit).value:
        reasons.append(say("rounded down to whole units"))
    if option.excess:
        reasons.append(
            say(
                "{excess} more than {weeks} weeks of use",
                excess=rough(option.excess, unit),
                weeks=weeks,
            )
        )
    return reasons


def _need(line: Line) -> Message:
    unit = line.case.item.unit
    wanted = rough(line.option.wanted, unit)
    point = rough(line.level.point, unit)
    if line.option.bridge is not None:
        return say(
            "{wanted} needed before {supplier} can deliver",
            wanted=wanted,
            supplier=line.option.bridge.supplier.name,
        )
    if line.top_up:
        return say("it is due soon and fills up the order, reorder point {point}", point=point)
    if line.case.regime == "needs":
        return say(
            "{point} are needed by known orders, {wanted} wanted", point=point, wanted=wanted
        )
    expected = rough(line.level.expected + line.level.surplus, unit)
    return say(
        "reorder point {point} ({expected} of use in {days} and {safety} of safety), "
        "{wanted} wanted",
        point=point,
        expected=expected,
        days=days(line.option.candidate.usual_cover),
        safety=rough(float(point.value - expected.value), unit),
        wanted=wanted,
    )


def _alternative(line: Line, currency: str) -> Message:
    other = line.alternative
    if other is None:
        return say("no other supplier")
    return say(
        "else {supplier} in {days} at {price} {currency}/{unit}",
        supplier=other.candidate.supplier.name,
        days=days(other.candidate.arrival),
        price=number(float(other.unit_price), PRICE_DIGITS),
        currency=currency,
        unit=other.candidate.offer.unit.symbol,
    )


def order_reason(
    lines: Sequence[Line], extras: Sequence[Message], brief: Brief[PurchasingSettings]
) -> Message:
    """Why the order as a whole: its worst item, how many more there are, and what was added."""
    due = [line for line in lines if not line.top_up]
    urgent = [line for line in due if line.urgent]
    if urgent:
        worst = min(urgent, key=lambda line: (line.order_by or date.max, line.sort_key()))
        reasons = [_urgent(worst, brief), *_others(len(urgent) - 1)]
    else:
        worst = min(due, key=lambda line: (line.order_by or date.max, line.sort_key()))
        reasons = [_not_urgent(worst)]
    below = len(due) - max(len(urgent), 1)
    if below:
        reasons.append(
            say.counted(
                "{count} more item is below its reorder point",
                "{count} more items are below their reorder points",
                below,
            )
        )
    return say("{reasons}", reasons=joined([*reasons, *extras]))


def _urgent(line: Line, brief: Brief[PurchasingSettings]) -> Message:
    return say(
        "{item}: {stock_out}, {lead}{order_by}",
        item=title(line.case.item),
        stock_out=_stock_out(line),
        lead=_lead(line, brief),
        order_by=_order_by(line, brief.on),
    )


def _not_urgent(line: Line) -> Message:
    """Below its reorder point, and when it becomes urgent."""
    unit = line.case.item.unit
    below = say(
        "{item}: {stock} in stock and on order, below the reorder point of {point}",
        item=title(line.case.item),
        stock=rough(line.level.point - line.lacking, unit),
        point=rough(line.level.point, unit),
    )
    if line.order_by is None:
        return say("{below}, no stock-out in sight", below=below)
    return say("{below}, urgent from {day}", below=below, day=day(line.order_by))


def _others(count: int) -> list[Message]:
    if not count:
        return []
    return [
        say.counted(
            "{count} more item will be out of stock before a later delivery",
            "{count} more items will be out of stock before a later delivery",
            count,
        )
    ]
