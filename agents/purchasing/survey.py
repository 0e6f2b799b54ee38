"""From what was read to cases that can be decided, and to what can't be judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from regisseur.agents.purchasing.case import Case
from regisseur.agents.purchasing.doubts import counts_known, doubt
from regisseur.agents.purchasing.history import Outlook, outlooks
from regisseur.agents.purchasing.leadtime import LeadTimes
from regisseur.agents.purchasing.observation import Observation, Site
from regisseur.agents.purchasing.position import (
    coming,
    counted,
    greater_of,
    needs_path,
    position,
)
from regisseur.agents.purchasing.regime import Regime, regime
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.supply import Candidate, Market, Refused
from regisseur.agents.purchasing.words import item_ref, say, title
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Finding
from regisseur.tools.records import (
    Item,
    Message,
    PurchaseOrder,
    ReorderRule,
    Requirement,
    StockLevel,
)

USUAL_LEAD = 14
"""Days taken for an undated order of something that no offer tells the lead time of."""


@dataclass(frozen=True)
class Surveyed:
    """One warehouse, item by item."""

    cases: tuple[Case, ...]
    """Items to buy by needs or forecast; all have at least one candidate."""
    stopped: tuple[Case, ...]
    """Items not to be bought any more."""
    watched: tuple[Case, ...]
    """Items that can't be judged: their orders and sales are looked at all the same."""
    held: tuple[Finding, ...]
    counts_known: bool


class Surveyor:
    """Reads the night's observation once, then surveys each warehouse."""

    def __init__(self, seen: Observation, brief: Brief[PurchasingSettings]) -> None:
        self.on, self.settings = seen.on, brief.settings
        self.replanned = seen.replanned
        self._weeks = seen.weeks
        self._first = min(seen.sites, key=lambda site: site.warehouse.id, default=None)
        self._used = {use.item_id for site in seen.sites for use in site.uses}
        self._items = sorted(seen.items, key=lambda item: (item.code, item.id))
        self._orders = _orders_by_item(seen.orders)
        self._received = _earliest((r.item_id, r.received_on) for r in seen.receipts)
        self.suppliers = {supplier.id: supplier for supplier in seen.suppliers}
        self.market = Market(
            seen.offers,
            self.suppliers,
            LeadTimes(seen.receipts, brief.settings),
            brief.settings,
            seen.on,
            brief.company.currency,
        )

    def survey(self, site: Site) -> Surveyed:
        """Every item that has anything to do with this warehouse."""
        view = _View.of(site, self)
        cases: list[Case] = []
        stopped: list[Case] = []
        watched: list[Case] = []
        held: list[Finding] = []
        for item in self._items:
            case, finding = self._item(item, view)
            if finding is not None:
                held.append(finding)
            if case is not None:
                kind = stopped if case.regime == "stop" else cases
                (kind if finding is None else watched).append(case)
        return Surveyed(
            tuple(cases), tuple(stopped), tuple(watched), tuple(held), view.counts_known
        )

    def known_since(self, site: Site) -> dict[str, date]:
        """First day on which an item was surely there: a receipt or a count."""
        counts = ((s.item_id, s.last_counted) for s in site.stock if s.last_counted is not None)
        return _earliest([*self._received.items(), *counts])

    def outlooks(self, site: Site) -> dict[str, Outlook]:
        """Expected demand by item."""
        return outlooks(site.uses, self.known_since(site), self._weeks, self.on, self.settings)

    def _item(self, item: Item, view: _View) -> tuple[Case | None, Finding | None]:
        """The case of an item, and why it isn't judged."""
        level, outlook = view.stock.get(item.id), view.outlooks.get(item.id)
        candidates, refused = self.market.of(item)
        needs = tuple(n for n in view.needs.get(item.id, ()) if counted(n, self.settings))
        reserved = level is not None and level.reserved > 0
        found = regime(
            outlook,
            max(((n.date - self.on).days for n in needs), default=0 if reserved else None),
            _cover(candidates),
            self.on,
            self.settings,
            in_stock=level is not None and level.on_hand > 0,
        )
        if found == "unknown":
            return None, self._unknown(item, outlook, view)
        if found != "stop" and not self.market.known(item) and item.producible:
            return None, None
        try:
            case = self._case(item, view, found, tuple(candidates), tuple(refused), needs)
        except ValueError:
            text = say("{item}: on order in a unit that doesn't convert", item=title(item))
            return None, _held("unit_mismatch", item, view.site, text)
        why = doubt(item, level, outlook, self.on, self.settings, counted_here=view.counts_known)
        if why is not None:
            return case, _held("to_be_counted", item, view.site, why)
        if found != "stop" and not candidates:
            return case, _not_judged(item, view.site, refused)
        return case, None

    def _unknown(self, item: Item, outlook: Outlook | None, view: _View) -> Finding | None:
        """Without history: told where a rule asks for it, or once if somebody offers it."""
        if outlook is not None:
            text = say.counted(
                "{item}: in use for {count} week only, decide by hand",
                "{item}: in use for {count} weeks only, decide by hand",
                outlook.weeks,
                item=title(item),
            )
            return _held("no_history", item, view.site, text)
        offered = view.site is self._first and self.market.known(item)
        if item.id in self._used or not (offered or item.id in view.rules):
            return None
        text = say("{item}: no use known, decide by hand", item=title(item))
        return _held("no_history", item, view.site, text)

    def _case(
        self,
        item: Item,
        view: _View,
        found: Regime,
        candidates: tuple[Candidate, ...],
        refused: tuple[Refused, ...],
        needs: tuple[Requirement, ...],
    ) -> Case:
        """Raises ValueError where an order's unit doesn't convert."""
        stock, outlook = view.stock.get(item.id), view.outlooks.get(item.id)
        earliest = min((c.arrival for c in candidates), default=USUAL_LEAD)
        here = view.site.warehouse
        orders = self._orders.get(item.id, ())
        incoming = coming(orders, item, here.id, self.on, earliest, self.settings)
        horizon = max(_cover(candidates), 1) + 7 * self.settings.coverage_weeks + 7
        reserved = float(stock.reserved) if stock else 0.0
        asked = needs_path(needs, reserved, self.on, horizon - 1)
        expected = asked
        if found == "forecast" and outlook is not None:
            firm = max(self.settings.firm_horizon_days, _cover(candidates))
            expected = greater_of(outlook.path(horizon), asked, firm)
        return Case(
            item=item,
            warehouse=here,
            regime=found,
            position=position(stock, incoming, asked, expected, self.settings),
            outlook=outlook,
            candidates=candidates,
            refused=refused,
            needs=needs,
            rule=view.rules.get(item.id),
        )


@dataclass(frozen=True)
class _View:
    """One warehouse, indexed by item."""

    site: Site
    stock: Mapping[str, StockLevel]
    needs: Mapping[str, list[Requirement]]
    rules: Mapping[str, ReorderRule]
    outlooks: Mapping[str, Outlook]
    counts_known: bool

    @classmethod
    def of(cls, site: Site, surveyor: Surveyor) -> _View:
        needs: dict[str, list[Requirement]] = defaultdict(list)
        for need in sorted(site.requirements, key=_need_order):
            needs[need.item_id].append(need)
        return cls(
            site=site,
            stock={level.item_id: level for level in site.stock},
            needs=needs,
            rules={rule.item_id: rule for rule in site.rules},
            outlooks=surveyor.outlooks(site),
            counts_known=counts_known(site.stock),
        )


def _cover(candidates: Iterable[Candidate]) -> int:
    return max((candidate.cover for candidate in candidates), default=USUAL_LEAD)


def _need_order(need: Requirement) -> tuple[date, str, str, str]:
    return need.date, need.source.model, need.source.id, str(need.quantity)


def _orders_by_item(orders: Iterable[PurchaseOrder]) -> dict[str, list[PurchaseOrder]]:
    found: dict[str, list[PurchaseOrder]] = defaultdict(list)
    for order in sorted(orders, key=lambda o: o.id):
        for item in sorted({line.item_id for line in order.lines if line.item_id}):
            found[item].append(order)
    return found


def _earliest(days: Iterable[tuple[str, date]]) -> dict[str, date]:
    found: dict[str, date] = {}
    for key, day in days:
        found[key] = min(found.get(key, day), day)
    return found


def _held(tag: str, item: Item, site: Site, message: Message) -> Finding:
    return Finding(
        tag=tag,
        message=message,
        evidence=(item_ref(item),),
        subject=f"{item.id}/{site.warehouse.id}",
        why=WHY[tag],
        unjudged=True,
    )


def _not_judged(item: Item, site: Site, refused: list[Refused]) -> Finding:
    reason = refused[0].reason if refused else "no_supplier"
    return _held(reason, item, site, say("{item}: {why}", item=title(item), why=refusal(reason)))


WHY = {
    "no_supplier": say("without supplier"),
    "inactive_supplier": say("supplier archived"),
    "unit_mismatch": say("unit that doesn't convert"),
    "unknown_rate": say("exchange rate not known"),
    "no_price": say("without price"),
    "no_lead_time": say("without lead time"),
    "to_be_counted": say("to be counted"),
    "no_history": say("use not known"),
}
"""Why an item is not judged, where only the number of such items is told."""


def refusal(reason: str) -> Message:
    """Why an offer can't be judged, and what to enter."""
    words = {
        "no_supplier": say("no supplier, enter an offer"),
        "inactive_supplier": say("its supplier or offer is archived"),
        "unit_mismatch": say("offered in a unit that doesn't convert to the stock unit"),
        "unknown_rate": say("offered in a foreign currency without a known rate"),
        "no_price": say("no price, enter the supplier's"),
        "no_lead_time": say("no lead time, enter the supplier's"),
    }
    return words[reason]
