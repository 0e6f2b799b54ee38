"""The night's judgement, from what was read to what is proposed, told and held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from regisseur.agents.purchasing.batch import HeldLine, Order, affordable, batched
from regisseur.agents.purchasing.case import Case, Level, levels
from regisseur.agents.purchasing.drafts import Change, change_proposals, pulled, raised
from regisseur.agents.purchasing.findings import Teller
from regisseur.agents.purchasing.limits import limited
from regisseur.agents.purchasing.line import Buyer, Line
from regisseur.agents.purchasing.observation import Observation
from regisseur.agents.purchasing.position import TINY
from regisseur.agents.purchasing.proposals import order_proposal, sale_proposal, stake_of
from regisseur.agents.purchasing.report import figures, headline, minutes_saved, sections
from regisseur.agents.purchasing.sales import Endangered, by_source, endangered
from regisseur.agents.purchasing.sentence import explained
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.survey import Surveyed, Surveyor
from regisseur.agents.purchasing.words import amount, item_ref, say
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Finding, Judgement, Proposal
from regisseur.tools.records import Message


@dataclass
class _Night:
    """What the warehouses add up to before orders are made."""

    surveys: list[Surveyed] = field(default_factory=list)
    usual: list[tuple[Case, Level]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    spares: dict[tuple[str, str], list[tuple[float, Line]]] = field(default_factory=dict)

    def spares_of(self, supplier: str, warehouse: str) -> Sequence[tuple[float, Line]]:
        """Items next due, soonest first."""
        found = self.spares.get((supplier, warehouse), [])
        return sorted(found, key=lambda entry: (round(entry[0], 6), entry[1].sort_key()))


def judge(observation: Observation, brief: Brief[PurchasingSettings]) -> Judgement:
    """Conclude. Neither the order of the records nor anything outside them matters."""
    surveyor = Surveyor(observation, brief)
    buyer, night = Buyer(brief.on, brief.settings), _Night()
    for site in sorted(observation.sites, key=lambda site: site.warehouse.id):
        survey = surveyor.survey(site)
        night.surveys.append(survey)
        for case, levels_of in zip(survey.cases, levels(survey.cases, brief.settings), strict=True):
            _decide(case, levels_of, buyer, night)
    kept, cut, cash = affordable(night.lines, brief.settings.cash_limit)
    orders, small = batched(kept, night.spares_of, cash, brief.settings)
    return _Conclusion(surveyor, brief, night, orders, [*cut, *small]).judgement()


def _decide(case: Case, levels_of: Sequence[Level], buyer: Buyer, night: _Night) -> None:
    """A new line, a change of a draft, a spare to fill up an order, or nothing."""
    usual = buyer.usual(case, levels_of)
    night.usual.append((case, usual))
    if buyer.due(case, usual):
        for line in buyer.lines(case, levels_of):
            change = raised(line, buyer.on)
            if change is None:
                night.lines.append(line)
            else:
                night.changes.append(change)
        return
    change = pulled(case, buyer.on)
    if change is not None:
        night.changes.append(change)
    slack = buyer.slack(case, usual)
    welcome = slack <= buyer.settings.top_up_days and usual.candidate.terms.thresholds
    spare = buyer.spare(case, usual) if welcome else None
    if spare is not None:
        key = spare.supplier.id, case.warehouse.id
        night.spares.setdefault(key, []).append((slack, spare))


@dataclass
class _Conclusion:
    surveyor: Surveyor
    brief: Brief[PurchasingSettings]
    night: _Night
    orders: list[Order]
    unplaced: list[HeldLine]

    @cached_property
    def ordered(self) -> dict[str, list[tuple[int, float]]]:
        """What tonight's proposals bring by ``Case.key``: days until it is there, and units."""
        found: dict[str, list[tuple[int, float]]] = {}
        for line in self._lines():
            found.setdefault(line.case.key, []).append(line.arrives)
        for change in self.night.changes:
            if change.added:
                found.setdefault(change.case.key, []).append(change.added)
        return found

    def judgement(self) -> Judgement:
        missing = self._endangered()
        sales = by_source(missing, "sale")
        changes = change_proposals(self.night.changes, self.brief)
        lines = sorted(self._lines(), key=Line.sort_key)
        held = self._held()
        changed = [change.line for change in self.night.changes if change.line is not None]
        urgent = len({ln.case.key for ln in (*self.night.lines, *changed) if ln.urgent})
        settings = self.brief.settings
        return Judgement(
            headline=headline(
                self.orders, len(changes), urgent, len(held), self.brief.company.currency
            ),
            figures=figures(self._below_point(), urgent),
            findings=limited(self._findings(missing), settings),
            proposals=(*self._proposals(), *changes, *self._notes(sales)),
            held=limited(held, settings),
            sections=sections(lines, self._regimes(), self.brief, self._remarks()),
            minutes_saved=minutes_saved(self.orders, len(changes), len(sales)),
        )

    def _below_point(self) -> int:
        """Items for which less is in stock and on order than their reorder point."""
        return len(
            {case.key for case, usual in self.night.usual if Buyer.lacking(case, usual) > TINY}
        )

    def _proposals(self) -> list[Proposal]:
        """Orders, dearest to wait for first."""
        orders = sorted(self.orders, key=_dearest)
        return [order_proposal(order, self.ordered, self.brief) for order in orders]

    def _lines(self) -> list[Line]:
        """All lines of tonight's orders."""
        return [line for order in self.orders for line in order.lines]

    def _endangered(self) -> list[Endangered]:
        """Sales and production orders that tonight's orders can't serve in time."""
        horizon = self.brief.settings.firm_horizon_days
        return [
            entry
            for case in (*self._cases(), *self._unjudged_stock_known())
            for entry in endangered(case, self.ordered.get(case.key, ()), self.brief.on, horizon)
        ]

    def _notes(self, sales: list[list[Endangered]]) -> list[Proposal]:
        return [sale_proposal(entries, self.brief) for entries in sales]

    def _cases(self) -> list[Case]:
        return [case for case, _ in self.night.usual]

    def _watched(self) -> list[Case]:
        return [case for survey in self.night.surveys for case in survey.watched]

    def _unjudged_stock_known(self) -> list[Case]:
        """Items that nobody can deliver, but whose stock is not in doubt; or of which more is
        reserved than the ERP itself has.
        """
        return [case for case in self._watched() if not case.candidates or case.position.overdrawn]

    def _findings(self, missing: list[Endangered]) -> list[Finding]:
        teller = Teller(self.brief, self.surveyor.suppliers)
        stopped = [case for survey in self.night.surveys for case in survey.stopped]
        cases, currency = self._cases(), self.brief.company.currency
        changed = {change.entry.line.id for change in self.night.changes}
        relief = {key: min(day for day, _ in bought) for key, bought in self.ordered.items()}
        found = list(teller.orders([*cases, *self._watched()], relief))
        for entries in by_source(missing, "sale"):
            stake = stake_of(entries, currency)
            found.append(teller.sale(entries, None if stake is None else float(stake.amount)))
        found += [teller.production(entries) for entries in by_source(missing, "production")]
        found += teller.drafts(self.night.usual, changed)
        found += teller.rules(self.night.usual)
        found += teller.fading(cases)
        found += teller.surplus([*cases, *stopped])
        found += teller.not_compared([line.case for line in self.night.lines])
        return found

    def _held(self) -> list[Finding]:
        """What was due and is not proposed, and what could not be judged."""
        found = [self._unplaced(entry) for entry in self.unplaced]
        return found + [finding for survey in self.night.surveys for finding in survey.held]

    def _unplaced(self, entry: HeldLine) -> Finding:
        line, currency = entry.line, self.brief.company.currency
        missing = amount(entry.missing, currency)
        if entry.reason == "below_minimum":
            why = say(
                "held: {missing} missing to the minimum order of {supplier}",
                missing=missing,
                supplier=line.supplier.name,
            )
        else:
            why = say("held: {missing} missing in tonight's cash limit", missing=missing)
        return Finding(
            tag=entry.reason,
            message=say("{why}; {line}", why=why, line=explained(line, self.brief)),
            evidence=(item_ref(line.case.item),),
            stake=amount(line.waiting_review, currency),
            subject=line.case.key,
            why=_held_for(entry.reason),
        )

    def _regimes(self) -> dict[str, int]:
        counted: Counter[str] = Counter(case.regime for case in self._cases())
        counted.update(c.regime for survey in self.night.surveys for c in survey.stopped)
        return dict(counted)

    def _remarks(self) -> list[Message]:
        told = []
        if replanned := self.surveyor.replanned:
            told.append(
                say.counted(
                    "{count} need of production is taken on the day of tonight's plan, not the ERP's.",
                    "{count} needs of production are taken on the day of tonight's plan, not the "
                    "ERP's.",
                    replanned,
                )
            )
        if self.brief.settings.count_after_months and not any(
            survey.counts_known for survey in self.night.surveys
        ):
            told.append(say("The ERP knows no stock count, so the age of counts was not checked."))
        return told


def _held_for(reason: str) -> Message:
    below = reason == "below_minimum"
    return say("below the supplier's minimum") if below else say("over tonight's cash limit")


def _dearest(order: Order) -> tuple[float, str, str]:
    first = order.lines[0]
    cost = sum(line.waiting_review for line in order.lines)
    return -round(cost, 2), first.supplier.name, first.case.warehouse.id
