"""Stock that can't be right is counted before anything is bought on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from regisseur.agents.purchasing.history import Outlook
from regisseur.agents.purchasing.observation import MONTH
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.words import day, quantity, say, title
from regisseur.tools.records import Item, Message, StockLevel

SLACK_DAYS = 31
"""A never counted item must have moved for the time allowed, give or take a month of history."""


def counts_known(levels: Iterable[StockLevel]) -> bool:
    """Does this ERP record counts at all?"""
    return any(level.last_counted is not None for level in levels)


def doubt(
    item: Item,
    level: StockLevel | None,
    outlook: Outlook | None,
    on: date,
    settings: PurchasingSettings,
    *,
    counted_here: bool,
) -> Message | None:
    """Why the stock of an item should be counted, ``None`` if nothing speaks against it."""
    name = title(item)
    if level is None:
        return None
    if level.on_hand < 0:
        return say(
            "{item}: the stock is negative ({on_hand}): to be counted",
            item=name,
            on_hand=quantity(level.on_hand, item.unit),
        )
    if level.reserved > level.on_hand:
        return say(
            "{item}: {reserved} reserved but only {on_hand} on hand: to be counted",
            item=name,
            reserved=quantity(level.reserved, item.unit),
            on_hand=quantity(level.on_hand, item.unit),
        )
    if item.unit.digits == 0 and level.on_hand != level.on_hand.to_integral_value():
        return say(
            "{item}: {on_hand} on hand of something counted in whole units: to be counted",
            item=name,
            on_hand=quantity(level.on_hand, item.unit, 3),
        )
    if counted_here and settings.count_after_months and outlook is not None:
        return _uncounted(item, level, outlook, on, settings)
    return None


def _uncounted(
    item: Item, level: StockLevel, outlook: Outlook, on: date, settings: PurchasingSettings
) -> Message | None:
    allowed = settings.count_after_months * MONTH
    if (on - outlook.last_use).days > settings.stop_after_months * MONTH:
        return None
    if level.last_counted is None:
        if outlook.weeks * 7 < allowed - SLACK_DAYS:
            return None
        return say(
            "{item}: in use for {months} months and never counted: to be counted",
            item=title(item),
            months=int(outlook.weeks * 7 // MONTH),
        )
    if (on - level.last_counted).days <= allowed:
        return None
    return say(
        "{item}: last counted on {day} and in use since: to be counted",
        item=title(item),
        day=day(level.last_counted),
    )
