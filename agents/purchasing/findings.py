"""What is worth telling besides the orders themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

import numpy as np

from regisseur.agents.purchasing.case import Case, Level
from regisseur.agents.purchasing.choice import Costs
from regisseur.agents.purchasing.forecast import Floats, cumulative
from regisseur.agents.purchasing.history import RECENT
from regisseur.agents.purchasing.leadtime import closed_from
from regisseur.agents.purchasing.position import TINY, Incoming
from regisseur.agents.purchasing.sales import Endangered
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.survey import refusal
from regisseur.agents.purchasing.words import (
    amount,
    day,
    days,
    item_ref,
    joined,
    order_name,
    quantity,
    record,
    rough,
    say,
    title,
)
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Finding
from regisseur.tools.records import Message, RecordRef, Supplier, Value

FALSE_ALARMS = 0.05
"""Share of false ones among the falls that are told (Benjamini and Hochberg)."""
FALL = 0.5
"""Use must have fallen to this share of what was expected."""
FOUR_WEEKS = 28
"""Days over which a shortage that nobody has ended yet is priced."""
LEAST_KNOWN_WEEKS = 26
"""History from which the ERP's own rule is judged."""


class Teller:
    """Words findings for one company and night."""

    def __init__(self, brief: Brief[PurchasingSettings], suppliers: dict[str, Supplier]) -> None:
        self._settings: PurchasingSettings = brief.settings
        self._on, self._currency = brief.on, brief.company.currency
        self._suppliers, self._costs = suppliers, Costs(brief.settings)

    def _found(
        self,
        tag: str,
        message: Message,
        case: Case,
        stake: float | None = None,
        more: Sequence[RecordRef] = (),
    ) -> Finding:
        return Finding(
            tag=tag,
            message=message,
            evidence=(item_ref(case.item), *more),
            stake=amount(stake, self._currency) if stake else None,
            subject=case.key,
        )

    def orders(self, cases: Iterable[Case], relief: Mapping[str, int]) -> Iterator[Finding]:
        """Order lines that are late, lost, never sent, or come after the stock-out.

        ``relief`` holds the days until tonight's orders arrive, by ``Case.key``.
        """
        for case in cases:
            for entry in case.position.incoming:
                if entry.days_late:
                    yield self._late(case, entry)
                elif not entry.draft and self._too_late(case, entry, relief.get(case.key)):
                    yield self._after_stock_out(case, entry)
            for entry in case.position.lost:
                yield self._found(
                    "stale_order",
                    say(
                        "{supplier}, {order}: {quantity} of {item} {late} late and no longer "
                        "counted, close it or get a new date",
                        **self._about(case, entry),
                    ),
                    case,
                    more=(entry.order.ref(),),
                )

    def _late(self, case: Case, entry: Incoming) -> Finding:
        if entry.draft:
            text = say(
                "{supplier}, {order}: {quantity} of {item} planned for {expected} and never sent",
                **self._about(case, entry),
            )
            return self._found("late_draft", text, case, more=(entry.order.ref(),))
        about = self._about(case, entry)
        path = case.position.path(with_late=False)
        text = say(
            "{supplier}, {order}: {quantity} of {item} expected on {expected}, {late} late; "
            "{without}: chase it{closed}",
            **about,
            without=self._without(case.position.stock_out(with_late=False)),
            closed=self._closed(entry.order.supplier_id),
        )
        return self._found("late_order", text, case, self._short(case, path), (entry.order.ref(),))

    def _short(self, case: Case, path: Floats) -> float:
        """Shortage cost of four weeks of this stock."""
        missing = float(np.maximum(-path[:FOUR_WEEKS], 0).sum())
        return missing * self._costs.shortage(case)

    def _without(self, out: int | None) -> Message:
        if out is None:
            return say("no stock-out without it")
        return say("without it out of stock on {day}", day=day(self._on + timedelta(days=out)))

    def _closed(self, supplier_id: str) -> Value:
        supplier = self._suppliers.get(supplier_id)
        if supplier is None:
            return ""
        closures = self._settings.terms(supplier.id, supplier.code).closures
        closing = closed_from(self._on, closures, FOUR_WEEKS)
        return "" if closing is None else say(" (closed from {day})", day=day(closing))

    def drafts(
        self, pairs: Iterable[tuple[Case, Level]], changed: Collection[str]
    ) -> Iterator[Finding]:
        """Drafts of people without which an item would be due; ``changed`` are the ids of lines
        that tonight's proposals change anyway.
        """
        for case, level in pairs:
            cover = min(level.candidate.cover, case.horizon)
            lacking = level.point - case.position.supply(cover)
            for entry in case.position.incoming:
                ours = entry.order.ours_untouched or entry.line.id in changed
                if entry.order.state != "draft" or ours or entry.days_late:
                    continue
                if lacking + entry.quantity > TINY:
                    yield self._to_send(case, entry)

    def _to_send(self, case: Case, entry: Incoming) -> Finding:
        without = case.position.path()
        without[entry.day :] -= entry.quantity
        out, short = case.position.stock_out(), np.flatnonzero(without < -TINY)
        about = self._about(case, entry)
        if out is not None and out < entry.day:
            text = say(
                "{supplier}, {order}: {quantity} of {item} are in draft only, so no second order; "
                "out of stock on {out}, sent today it is there on {arrival}",
                **about,
                out=day(self._on + timedelta(days=out)),
                arrival=day(self._on + timedelta(days=entry.day)),
            )
        else:
            text = say(
                "{supplier}, {order}: {quantity} of {item} are in draft only, so no second order; "
                "send it, {without}",
                **about,
                without=self._without(int(short[0]) if len(short) else None),
            )
        stake = self._short(case, without)
        return self._found("draft_to_send", text, case, stake, (entry.order.ref(),))

    @staticmethod
    def _too_late(case: Case, entry: Incoming, relief: int | None) -> bool:
        out = case.position.stock_out()
        return out is not None and out < entry.day and (relief is None or out < relief)

    def _after_stock_out(self, case: Case, entry: Incoming) -> Finding:
        out = case.position.stock_out() or 0
        text = say(
            "{supplier}, {order}: {quantity} of {item} expected on {expected}, after the "
            "stock-out of {out}: ask to bring it forward",
            **self._about(case, entry),
            out=day(self._on + timedelta(days=out)),
        )
        return self._found("order_after_stock_out", text, case, more=(entry.order.ref(),))

    def _about(self, case: Case, entry: Incoming) -> dict[str, Value]:
        supplier = self._suppliers.get(entry.order.supplier_id)
        expected = entry.line.expected or self._on + timedelta(days=entry.day)
        return {
            "order": order_name(entry.order),
            "supplier": supplier.name if supplier else entry.order.supplier_id,
            "quantity": quantity(entry.line.outstanding, entry.line.unit),
            "item": title(case.item),
            "late": days(entry.days_late),
            "expected": day(expected),
        }

    def sale(self, entries: Sequence[Endangered], stake: float | None) -> Finding:
        """A sale that can't be delivered on its day."""
        first = entries[0]
        return self._found(
            "endangered_sale",
            say(
                "{sale}, due on {day}: {missing}",
                sale=record(first.source),
                day=day(first.need.date),
                missing=joined([_lacking(entry) for entry in entries]),
            ),
            first.case,
            stake,
            (first.source,),
        ).model_copy(update={"subject": f"{first.source.model}/{first.source.id}"})

    def production(self, entries: Sequence[Endangered]) -> Finding:
        """A production order that can't start on its day."""
        first = entries[0]
        stakes = [
            entry.missing * self._costs.shortage(entry.case) * self._days_late(entry)
            for entry in entries
        ]
        return self._found(
            "endangered_production",
            say(
                "{order} of {day}: {missing}",
                order=record(first.source),
                day=day(first.need.date),
                missing=joined([_lacking(entry) for entry in entries]),
            ),
            first.case,
            sum(stakes),
            (first.source,),
        ).model_copy(update={"subject": f"{first.source.model}/{first.source.id}"})

    def _days_late(self, entry: Endangered) -> int:
        start = max(entry.need.date, self._on)
        return FOUR_WEEKS if entry.available is None else (entry.available - start).days

    def rules(self, pairs: Iterable[tuple[Case, Level]]) -> Iterator[Finding]:
        """The ERP's own minimum where it is clearly wrong, most wrong first."""
        factor = self._settings.rule_factor
        for case, level in sorted(pairs, key=_wrongness):
            rule, outlook = case.rule, case.outlook
            if rule is None or case.regime != "forecast" or outlook is None:
                continue
            minimum, unit = float(rule.minimum), case.item.unit
            if outlook.weeks < LEAST_KNOWN_WEEKS or abs(minimum - level.point) < 1:
                continue
            values: dict[str, Value] = {
                "item": title(case.item),
                "minimum": quantity(minimum, unit),
                "point": rough(level.point, unit),
            }
            if minimum * factor < level.point:
                text = say(
                    "{item}: the ERP's minimum of {minimum} is too low, {point} needed", **values
                )
                yield self._found("rule_too_low", text, case)
            elif minimum > level.point * factor:
                text = say(
                    "{item}: the ERP's minimum of {minimum} is too high, {point} is enough",
                    **values,
                )
                idle = (minimum - level.point) * case.value * self._settings.holding_rate
                yield self._found("rule_too_high", text, case, idle)

    def surplus(self, cases: Iterable[Case]) -> Iterator[Finding]:
        """Stock beyond a year of demand, dead stock, and orders for what is not used any more."""
        weeks = self._settings.surplus_weeks
        for case in cases:
            known = float(case.position.needs[-1])
            use = (
                known
                if case.regime != "forecast" or case.outlook is None
                else max(case.outlook.mean(7 * weeks), known)
            )
            extra = case.position.on_hand - use
            values: dict[str, Value] = {
                "item": title(case.item),
                "extra": rough(max(extra, 0), case.item.unit),
            }
            worth = extra * case.value
            if extra > TINY and worth >= float(self._settings.surplus_value):
                values["worth"] = amount(worth, self._currency)
                if case.regime == "stop":
                    text = say("{item}: {extra} no longer used, worth {worth}", **values)
                    yield self._found("dead_stock", text, case, worth)
                elif case.regime == "forecast":
                    text = say(
                        "{item}: {extra} more than {weeks} weeks of use, worth {worth}",
                        weeks=weeks,
                        **values,
                    )
                    yield self._found("surplus", text, case, worth)
            if case.regime == "stop":
                yield from self._unneeded(case)
                yield from self._useless_rule(case)

    def _useless_rule(self, case: Case) -> Iterator[Finding]:
        minimum = 0.0 if case.rule is None else float(case.rule.minimum)
        if minimum > max(case.position.on_hand, 0.0):
            text = say(
                "{item}: no longer used, yet the ERP's minimum of {minimum} asks for more: "
                "set it to 0",
                item=title(case.item),
                minimum=quantity(minimum, case.item.unit),
            )
            idle = minimum * case.value * self._settings.holding_rate
            yield self._found("rule_too_high", text, case, idle)

    def _unneeded(self, case: Case) -> Iterator[Finding]:
        for entry in case.position.incoming:
            text = say(
                "{supplier}, {order}: {quantity} of {item}, which is no longer used: cancel it?",
                **self._about(case, entry),
            )
            yield self._found("unneeded_order", text, case, more=(entry.order.ref(),))

    def fading(self, cases: Sequence[Case]) -> Iterator[Finding]:
        """Items whose use of the last 13 weeks has at least halved beyond chance."""
        tested = [
            (c, c.outlook)
            for c in cases
            if c.outlook is not None
            and c.outlook.earlier
            and c.outlook.season is None
            and c.outlook.earlier[0] > 0
        ]
        if not tested:
            return
        moments = np.array([outlook.earlier for _, outlook in tested]) * RECENT
        recent = np.array([outlook.recent for _, outlook in tested])
        chance = cumulative(moments[:, 0], moments[:, 1], recent)
        for n in np.flatnonzero(false_discovery(chance) & (recent <= FALL * moments[:, 0])):
            case = tested[n][0]
            yield self._found(
                "fading",
                say(
                    "{item}: {recent} used in the last 13 weeks, {before} were usual",
                    item=title(case.item),
                    recent=rough(float(recent[n]), case.item.unit),
                    before=rough(float(moments[n, 0]), case.item.unit),
                ),
                case,
            )

    def not_compared(self, cases: Iterable[Case]) -> Iterator[Finding]:
        """Offers that were left out of a comparison."""
        for case in cases:
            for entry in case.refused:
                supplier = self._suppliers.get(entry.offer.supplier_id)
                if entry.reason == "inactive_supplier":
                    continue
                yield self._found(
                    "offer_not_compared",
                    say(
                        "{item}: the offer of {supplier} was not compared: {why}",
                        item=title(case.item),
                        supplier=supplier.name if supplier else entry.offer.supplier_id,
                        why=refusal(entry.reason),
                    ),
                    case,
                )


def false_discovery(
    chance: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which are significant when so many were tested (Benjamini and Hochberg 1995)."""
    order = np.argsort(chance, kind="stable")
    limits = FALSE_ALARMS * np.arange(1, len(chance) + 1) / len(chance)
    passed = np.flatnonzero(chance[order] <= limits)
    found = np.zeros(len(chance), dtype=np.bool_)
    if len(passed):
        found[order[: passed[-1] + 1]] = True
    return found


def _wrongness(pair: tuple[Case, Level]) -> tuple[float, str, str]:
    """Most times too low or too high first."""
    case, level = pair
    minimum = 0.0 if case.rule is None else float(case.rule.minimum)
    times = (level.point + 1) / (minimum + 1)
    return -round(max(times, 1 / times), 6), case.item.code, case.key


def _lacking(entry: Endangered) -> Message:
    item = entry.case.item
    missing = rough(entry.missing, item.unit)
    if entry.available is None:
        return say("{missing} of {item} missing, none in sight", missing=missing, item=title(item))
    return say(
        "{missing} of {item} missing until {available}",
        missing=missing,
        item=title(item),
        available=day(entry.available),
    )
