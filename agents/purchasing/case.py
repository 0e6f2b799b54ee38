"""One item in one warehouse, with all that its decision rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regisseur.agents.purchasing.forecast import Floats, expected_short, quantile
from regisseur.agents.purchasing.history import Outlook
from regisseur.agents.purchasing.position import TINY, Position
from regisseur.agents.purchasing.regime import Regime
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.supply import Candidate, Refused
from regisseur.tools.records import Item, ReorderRule, Requirement, Warehouse


@dataclass(frozen=True)
class Case:
    """What is known of one item in one warehouse tonight."""

    item: Item
    warehouse: Warehouse
    regime: Regime
    position: Position
    outlook: Outlook | None
    candidates: tuple[Candidate, ...]
    refused: tuple[Refused, ...]
    needs: tuple[Requirement, ...]
    rule: ReorderRule | None

    @property
    def key(self) -> str:
        """Item and warehouse."""
        return f"{self.item.id}/{self.warehouse.id}"

    @property
    def horizon(self) -> int:
        """Days that the paths reach."""
        return len(self.position.demand) - 1

    @property
    def rate(self) -> float:
        """Units a day: forecast, or known needs spread over the days to the last of them."""
        if self.regime == "forecast" and self.outlook is not None:
            return self.outlook.rate
        needs = self.position.needs
        last = int(np.argmax(needs >= needs[-1] - TINY))
        return float(needs[-1]) / max(last, 1)

    @property
    def value(self) -> float:
        """Worth of one stock unit: its cost, or else the cheapest price at the least quantity."""
        if self.item.cost:
            return float(self.item.cost)
        return min((c.stock_price(c.minimum) for c in self.candidates), default=0.0)

    @property
    def production_share(self) -> float:
        """Share of use that goes into production: of past use, or else of the known needs."""
        if self.outlook is not None:
            return self.outlook.production_share
        asked = sum(float(need.quantity) for need in self.needs)
        made = sum(float(need.quantity) for need in self.needs if need.use == "production")
        return made / asked if asked else 0.0

    @property
    def margin(self) -> float:
        """Margin on one unit of average use, nothing for what goes into production."""
        if self.item.sale_price is None:
            return 0.0
        margin = max(float(self.item.sale_price) - self.value, 0.0)
        return margin * (1 - self.production_share)

    def forecast_path(self) -> Floats:
        """Forecast alone before day 0, 1 …; nothing where only known needs are bought."""
        if self.regime == "forecast" and self.outlook is not None:
            return self.outlook.path(self.horizon)
        return np.zeros(self.horizon + 1)

    def short(self, days: Sequence[int], extra: float = 0.0) -> Floats:
        """Units expected to be missing at the start of each of these days if ``extra`` units are
        there and nothing else is ordered.
        """
        at = np.minimum(np.asarray(days, dtype=np.int64), self.horizon)
        supply = self.position.on_hand + np.concatenate([[0.0], np.cumsum(self.position.arrivals)])
        mean = self.forecast_path()[at]
        surplus_of_needs = self.position.demand[at] - mean
        variance = np.array([self.variance(int(day)) for day in at])
        return expected_short(mean, variance, supply[at] + extra - surplus_of_needs)

    def expected(self, days: int) -> float:
        """Forecast use of the next days."""
        if self.regime == "forecast" and self.outlook is not None:
            return self.outlook.mean(days)
        return 0.0

    def variance(self, days: int) -> float:
        """Error variance of the forecast of the next days."""
        if self.regime == "forecast" and self.outlook is not None:
            return self.outlook.variance(days)
        return 0.0


@dataclass(frozen=True)
class Level:
    """How much stock a candidate's lead time calls for."""

    candidate: Candidate
    expected: float
    """Forecast use until goods of the next review would be there."""
    known: float
    """Known needs in the same time."""
    quantile: float
    """Use not exceeded with the set probability."""

    @property
    def point(self) -> float:
        """Reorder point: the quantile, raised by what known needs exceed the forecast."""
        return self.quantile + max(self.known - self.expected, 0.0)

    @property
    def safety(self) -> float:
        """Part of it above what is expected."""
        return self.quantile - self.expected


def levels(cases: Sequence[Case], settings: PurchasingSettings) -> list[tuple[Level, ...]]:
    """Reorder points of every case and candidate, in one computation."""
    pairs = [(case, candidate) for case in cases for candidate in case.candidates]
    mean = np.array([case.expected(c.cover) for case, c in pairs])
    variance = np.array([case.variance(c.cover) for case, c in pairs])
    points = iter(quantile(mean, variance, settings.service_level).tolist()) if pairs else iter(())
    found = []
    for case in cases:
        found.append(
            tuple(
                Level(
                    candidate=c,
                    expected=case.expected(c.cover),
                    known=float(case.position.needs[min(c.cover, case.horizon)]),
                    quantile=next(points),
                )
                for c in case.candidates
            )
        )
    return found
