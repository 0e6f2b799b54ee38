"""One item in one warehouse, with all that its decision rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from regisseur.agents.purchasing.forecast import (
    Floats,
    economic_quantity,
    expected_short,
    quantile,
)
from regisseur.agents.purchasing.history import Outlook
from regisseur.agents.purchasing.position import TINY, Position
from regisseur.agents.purchasing.regime import Regime
from regisseur.agents.purchasing.reorder import Ahead, reorder_points
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.supply import Candidate, Refused
from regisseur.tools.records import Item, ReorderRule, Requirement, Warehouse

YEAR = 365


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

    def short(self, first: int, last: int, extra: float = 0.0) -> Floats:
        """Units expected to be missing at the start of each day from ``first`` to before ``last``
        if ``extra`` units are there and nothing else is ordered.
        """
        if not extra and last <= len(self._short):
            return self._short[first:last]
        return self._missing(np.arange(first, last), extra)

    @cached_property
    def _short(self) -> Floats:
        """Without anything ordered, as long as suppliers are waited for: asked for each of them."""
        return self._missing(np.arange(max(c.cover for c in self.candidates) + 2), 0.0)

    def _missing(self, days: NDArray[np.int64], extra: float) -> Floats:
        at = np.minimum(days, self.horizon)
        supply = self.position.on_hand + np.concatenate([[0.0], np.cumsum(self.position.arrivals)])
        mean = self.forecast_path()[at]
        surplus_of_needs = self.position.demand[at] - mean
        return expected_short(mean, self.variances(at), supply[at] + extra - surplus_of_needs)

    def expected(self, days: int) -> float:
        """Forecast use of the next days."""
        if self.regime == "forecast" and self.outlook is not None:
            return self.outlook.mean(days)
        return 0.0

    def surplus(self, days: int) -> float:
        """What known needs of the next days exceed the forecast by."""
        known = float(self.position.needs[min(days, self.horizon)])
        return max(known - self.expected(days), 0.0)

    def variances(self, days: NDArray[np.int64]) -> Floats:
        """Error variance of the forecast of the next so many days."""
        if self.regime == "forecast" and self.outlook is not None:
            return self.outlook.variances(days)
        return np.zeros(len(days))

    def lot(self, candidate: Candidate, settings: PurchasingSettings) -> float:
        """Economic order quantity in stock units, by the price of the least quantity."""
        holding = settings.holding_rate * candidate.stock_price(candidate.minimum)
        return economic_quantity(self.rate * YEAR, settings.order_cost, holding)


@dataclass(frozen=True)
class Level:
    """How much stock a candidate's lead time calls for."""

    candidate: Candidate
    expected: float
    """Forecast use until goods of the next review would usually be there."""
    forecast_point: float
    """Reorder point where only the forecast is asked for."""
    surplus: float
    """What known needs exceed the forecast by until goods of the next review are there."""

    @property
    def point(self) -> float:
        """Reorder point, raised by what known needs exceed the forecast."""
        return self.forecast_point + self.surplus

    @property
    def safety(self) -> float:
        """Part of it above what is expected."""
        return self.forecast_point - self.expected


def levels(cases: Sequence[Case], settings: PurchasingSettings) -> list[tuple[Level, ...]]:
    """Reorder points of every case and candidate, in one computation."""
    pairs = [(case, candidate) for case in cases for candidate in case.candidates]
    points = iter(_points(pairs, settings)) if pairs else iter(())
    found = []
    for case in cases:
        found.append(
            tuple(
                Level(
                    candidate=c,
                    expected=case.expected(c.usual_cover),
                    forecast_point=next(points),
                    surplus=case.surplus(c.cover),
                )
                for c in case.candidates
            )
        )
    return found


def _points(
    pairs: Sequence[tuple[Case, Candidate]], settings: PurchasingSettings
) -> Sequence[float]:
    """By the lot that an order usually brings: the economic quantity within the coverage cap, or the
    supplier's minimum. Days by which a supplier varies vary the demand until it delivers.
    """
    review = settings.review_days
    variance = np.array([case.variances(np.array([c.usual_cover, review])) for case, c in pairs])
    mean = np.array([case.expected(c.usual_cover) for case, c in pairs])
    daily = mean / np.array([c.usual_cover for _, c in pairs])
    ahead = Ahead(
        mean=mean,
        variance=variance[:, 0] + daily**2 * np.array([c.lead.variance for _, c in pairs]),
        review_mean=np.array([case.expected(review) for case, _ in pairs]),
        review_variance=variance[:, 1],
    )
    cap = [case.expected(c.arrival + 7 * settings.coverage_weeks) for case, c in pairs]
    room = np.array(cap) - quantile(ahead.mean, ahead.variance, settings.service_level)
    economic = np.array([case.lot(c, settings) for case, c in pairs])
    least = np.array([c.units(c.minimum) for _, c in pairs])
    lot = np.maximum(np.minimum(economic, room), least)
    points: list[float] = reorder_points(ahead, lot, settings.service_level).tolist()
    return points
