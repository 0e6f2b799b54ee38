"""The knobs of the purchasing agent: the table ``[agents.purchasing]`` of ``regisseur.toml``."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from regisseur.graphs.agent import Settings

ClosureDay = Annotated[str, StringConstraints(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")]
"""``2026-08-03`` for one year, ``08-03`` for every year."""
Positive = Annotated[Decimal, Field(gt=0)]


class Closure(Settings):
    """Days on which nothing is made or shipped, both ends included."""

    first: ClosureDay
    last: ClosureDay

    @model_validator(mode="after")
    def _sensible(self) -> Closure:
        if len(self.first) != len(self.last):
            raise ValueError("write both days with the year or both without it")
        for text in (self.first, self.last):
            date.fromisoformat(text if len(text) > 5 else f"2024-{text}")
        if len(self.first) > 5 and self.first > self.last:
            raise ValueError("the last day comes before the first")
        return self

    def covers(self, day: date) -> bool:
        """Is this day closed? A yearly closure may run over New Year (12-24 to 01-02)."""
        text = day.isoformat()[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= text <= self.last
        return text >= self.first or text <= self.last


class Terms(Settings):
    """What a supplier asks beyond prices; amounts in company currency, before tax."""

    minimum_order: Decimal = Field(default=Decimal(0), ge=0)
    """Orders below this are refused or surcharged; 0 for none."""
    free_carriage: Decimal = Field(default=Decimal(0), ge=0)
    """From this amount on carriage is free; 0 where it always is or never matters."""
    carriage: Decimal = Field(default=Decimal(0), ge=0)
    """Carriage charged below ``free_carriage``."""
    closures: tuple[Closure, ...] = ()

    @property
    def thresholds(self) -> bool:
        """Is there an amount to which an order may have to be filled up?"""
        return bool(self.minimum_order or self.free_carriage)


class PurchasingSettings(Settings):
    """Every default is explained in ``docs/agents/purchasing.md``."""

    warehouses: tuple[str, ...] = ()
    """Ids of the warehouses to replenish; empty for all."""
    history_months: int = Field(default=18, ge=3, le=60)
    """Months of past use that are read."""
    method: Literal["tsb", "ses", "sba"] = "tsb"
    """How demand is forecast."""
    alpha: float = Field(default=0.1, gt=0, lt=1)
    """Weight of the newest period in the forecast."""
    seasonality: bool = True
    """Use a cautious factor by calendar month where history shows one."""
    sparse_share: float = Field(default=0.25, ge=0, le=1)
    """Items used in a smaller share of weeks are forecast by periods of four weeks."""
    minimum_history_weeks: int = Field(default=8, ge=1)
    """Weeks since the first use below which nothing is forecast: only known needs are bought."""

    service_level: float = Field(default=0.95, gt=0.5, lt=1)
    """Critical ratio q = p/(p + h): a unit missing costs q/(1 - q) times a unit held. It comes to the
    share of time in which stock is there; it is not the fill rate (share of units served at once).
    """
    holding_rate: float = Field(default=0.20, gt=0, le=1)
    """Cost of holding stock for a year, as a share of its value."""
    lost_sales: float = Field(default=0.5, ge=0, le=1)
    """Share of sales that are lost, with their margin, when the item is missing on the day."""
    stopped_production: float = Field(default=10.0, ge=1)
    """Value that a missing component holds up, as a multiple of its own; 1 counts itself only."""
    order_cost: float = Field(default=20.0, ge=0)
    """Cost of placing and receiving one order line, company currency."""
    review_days: int = Field(default=7, ge=1, le=90)
    """Days between two times at which orders are decided."""
    coverage_weeks: int = Field(default=12, ge=1, le=104)
    """Never buy for more weeks than this, unless the supplier's minimum forces it."""
    break_weeks: int = Field(default=26, ge=1, le=104)
    """The same for a higher price break, where its price saves more than holding costs."""
    cash_limit: Positive | None = None
    """Most that one night may propose to spend, company currency; none by default."""

    firm_horizon_days: int = Field(default=28, ge=0)
    """Known needs count this far ahead, and always to the end of lead time + review period."""
    planned_production: bool = True
    """Count needs of production orders that are only planned."""
    planned_sales: bool = False
    """Count needs of sales that are not confirmed."""
    dependent_share: float = Field(default=0.8, gt=0, le=1)
    """From this share of use in production on, an item follows the production orders."""
    stop_after_months: int = Field(default=6, ge=1)
    """Stop buying what was not used for so long and is not needed."""

    lead_time_receipts: int = Field(default=5, ge=2)
    """Receipts needed before a lead time is learned."""
    lead_time_quantile: float = Field(default=0.8, gt=0, le=1)
    """Share of past receipts that the learned lead time covers."""
    late_order_days: int = Field(default=7, ge=1)
    """Days within which a late order is assumed to arrive."""
    late_order_limit_days: int = Field(default=90, ge=1)
    """Lateness after which an order no longer counts as coming."""
    count_after_months: int = Field(default=18, ge=0)
    """Ask for a count of moving items not counted for so long; 0 never asks."""

    suppliers: dict[str, Terms] = Field(default_factory=dict)
    """Terms by supplier id or code."""
    closures: tuple[Closure, ...] = ()
    """Closures of all suppliers."""
    top_up_days: int = Field(default=28, ge=0)
    """A small order may be filled up with items that fall due within so many days."""

    rule_factor: float = Field(default=2.0, gt=1)
    """The ERP's minimum is called wrong when it is so many times too high or too low."""
    surplus_weeks: int = Field(default=52, ge=1)
    """Stock beyond so many weeks of demand is surplus."""
    surplus_value: Decimal = Field(default=Decimal(100), ge=0)
    """Surplus worth less than this is not told, company currency."""
    most_findings: int = Field(default=20, ge=1)
    """Most findings told of each sort, dearest first; the rest is counted."""
    most_rules: int = Field(default=5, ge=1)
    """The same for the ERP's own minimum, most wrong first."""

    @model_validator(mode="after")
    def _open_some_day(self) -> PurchasingSettings:
        year = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
        for name, own in ({"closures": Terms()} | self.suppliers).items():
            yearly = [c for c in own.closures + self.closures if len(c.first) == 5]
            if all(any(closure.covers(day) for closure in yearly) for day in year):
                raise ValueError(f"{name}: closed all year round")
        return self

    def terms(self, supplier_id: str, code: str) -> Terms:
        """Terms of a supplier, known by id or code, with the closures of all added."""
        own = self.suppliers.get(supplier_id) or self.suppliers.get(code) or Terms()
        return own.model_copy(update={"closures": own.closures + self.closures})
